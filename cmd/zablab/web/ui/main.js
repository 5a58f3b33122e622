// main.js opens the trace that the page carries, or one that is dropped on it, and draws what the
// store holds, at most once a frame.

import { html, nothing, render, svg } from 'lit-html'
import { Bad, canonical, endHash, read } from 'lab/trace.js'
import { build, precise, seconds, verify } from 'lab/history.js'
import * as s from 'lab/store.js'
import { attach, drawSpacetime, label } from 'lab/spacetime.js'
import { attachStage, drawStage } from 'lab/stage.js'
import { drawMinimap } from 'lab/minimap.js'
import { chip, events, eventTools, judged, logs, now, rowsNow, scrollToNow, tree, verdict } from 'lab/panels.js'
import { drawing } from 'lab/drawing.js'
import { help, listen } from 'lab/keys.js'
import * as engine from 'lab/engine.js'
import { unlzma } from 'lab/lzma.js'
import * as whatif from 'lab/whatif.js'
import * as writing from 'lab/text.js'
import { brief, epochWord, paint, palette, size, styles, whenSized } from 'lab/words.js'

const { store } = s
const $ = id => document.getElementById(id)
const small = matchMedia('(max-width: 820px)')
const narrow = () => small.matches
const still = matchMedia('(prefers-reduced-motion: reduce)')
const stats = [], title = document.title

// ---- opening ----

const isPacked = bytes => bytes[0] === 0x1f && bytes[1] === 0x8b

// unpacking is a stream of the unpacked bytes.
const unpacking = bytes => isPacked(bytes) ? new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')) : bytes

async function unpack(bytes) {
  return isPacked(bytes) ? new Uint8Array(await new Response(unpacking(bytes)).arrayBuffer()) : bytes
}

// unpackedSize is how many bytes there are when they are unpacked: gzip ends with that.
const unpackedSize = bytes => isPacked(bytes) && bytes.length > 4 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true) : bytes.length

function embedded(id) {
  const text = $(id).textContent
  if (!text) return null
  return text.startsWith('lzma:') ? unlzma(engine.undense(text.slice(5))) : unbase(text)
}

function unbase(text) {
  const raw = atob(text), bytes = new Uint8Array(raw.length)
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i)
  return bytes
}

// readSource reads the document of the run, with which the engine can play it again.
async function readSource() {
  const packed = embedded('source')
  if (packed) engine.offer(JSON.parse(new TextDecoder().decode(await unpack(packed))), engineBytes)
}

let sourceRead = null, sources = null // of the runs to choose from
let turn = 0, begun = 0               // of two runs that are read at once, the one that was asked for later stays

// picks offers runs to begin with, on a page without a trace. A link to one of them plays it at once.
async function picks() {
  sources ??= JSON.parse(new TextDecoder().decode(await unpack(embedded('source'))))
  for (const id of ['app', 'bar', 'chip', 'seed', 'load', 'runs', 'choose']) $(id).hidden = true
  Object.assign(store, { h: null, runs: [], active: 0 })
  document.title = $('title').textContent = title
  offerPicks()
  playLinked()
}

function offerPicks(playing, fault) {
  $('banner').className = 'full picks'
  $('banner').setAttribute('role', 'main') // until there is a run
  $('banner').hidden = false
  render(html`<h2>Choose a run</h2><p>Step through it, ask what led to what, crash a server, or write the drawing anew.</p>
    ${fault ? html`<p role="alert"><strong>${fault.title}</strong> ${fault.text}</p>${fault.report ? html`<pre tabindex="0">${fault.report}</pre>` : nothing}` : nothing}
    <div>${options().picks.map((x, i) => html`<button data-pick=${i} ?disabled=${playing} @click=${() => { location.hash = ''; playPick(i) }}><b>${x.title}</b><span>${x.promise}</span></button>`)}</div>
    <p>Or drop a trace on this page: the file of zablab replay --trace, .ndjson or .ndjson.gz.</p>`, $('banner'))
}

// playLinked plays the run that the link names, if it is one of those to choose from.
function playLinked() {
  const p = new URLSearchParams(location.hash.slice(1).replaceAll('+', '%2B'))
  const i = sources?.findIndex(x => x.name.replace(/\.md$/, '') === p.get('s')) ?? -1
  if (i >= 0) playPick(i, p.get('seed'))
}

async function playPick(i, seed) {
  const mine = ++turn
  engine.stop()
  engine.offer(seed ? { ...sources[i], seed } : sources[i], engineBytes)
  whatif.begin({ toast, options: options(), verifyLater: later })
  offerPicks(true)
  $('load').hidden = false
  try {
    const { answer, trace } = await engine.play({})
    if (mine < begun) return
    if (answer.problems) throw new Bad('This cannot be played', answer.problems[0].message)
    await openBytes(await engine.bytesOf(trace), { filter: options().picks[i].filter }, mine)
  } catch (err) {
    if (!(err instanceof engine.Stopped) && mine === turn) offerPicks(false, whatif.faultOf(err))
  } finally {
    if (mine === turn) $('load').hidden = true
  }
}

// engineBytes is the compressed engine: of this page, or of the site that the page belongs to.
function engineBytes() {
  const address = options().engine
  if (address) return engine.fetched(address)
  const text = $('engine').textContent
  return text ? engine.undense(text) : null
}

const options = () => JSON.parse($('options').textContent || '{}')

// openBytes reads a trace, and shows it unless one that was asked for later is shown.
async function openBytes(packed, given, mine = ++turn) {
  $('load').hidden = true
  const slow = setTimeout(() => { $('load').hidden = false }, 150)
  try {
    const size = unpackedSize(packed), parts = [], others = []
    let done = 0
    const run = await read(unpacking(packed), part => {
      parts.push(part)
      $('load').querySelector('progress').value = Math.min(1, (done += part.length) / size)
    })
    const h = await build(run)
    const other = given.names && embedded('beside')
    if (other) given.second = await build(await read(unpacking(other), part => others.push(part)))
    await sourceRead
    if (mine < begun) return
    begun = mine
    if (given.dropped) { // the engine is that of another run
      engine.stop()
      engine.offer(null, null)
      whatif.begin({ toast, options: { whyNot: given.dropped }, verifyLater: later })
    }
    store.h = null
    begin(h, given)
    later(h, parts)
    if (other) later(given.second, others)
  } catch (err) {
    if (mine < begun) return
    if (mine === begun) store.h = null // half of it is on screen
    fail(err, packed)
  } finally {
    clearTimeout(slow)
    $('load').hidden = true
  }
}

// begin shows a run at the moment that the link, the page or the verdict names.
function begin(h, given) {
  const { header, end } = h.run
  const { allowed } = judged(h.run) // nobody promises them: the run begins at its start
  const broken = (end?.broken ?? []).filter(b => !allowed.some(c => c.name === b.name)), blame = given.step ?? broken.find(b => b.i >= 0)?.i ?? (broken.length ? h.events.length - 1 : undefined)
  const loud = h.messages.filter(m => m.cls !== 'ping').length
  const w = Math.min(h.size * 1.06, Math.max(50_000, Math.min(260_000, h.size * 50 / Math.max(50, loud)))) * (narrow() ? .6 : 1)
  s.first(h, [])
  $('banner').setAttribute('role', 'alert')
  s.set({
    h, pos: 0, t: 0, u: 0, view: { a: -w * .04, b: w * .96 }, filter: given.filter ?? 'key', who: '', search: '', selected: '',
    causes: '', chain: null, playing: false, hidden: false, verified: false, blame: broken.length ? blame : undefined, odds: given.odds ?? [], oddsWord: given.oddsWord ?? 'odds here:',
    tab: narrow() ? 'p-space' : '', pair: end?.drawn?.length ? 'p-drawn' : 'p-events', trouble: null,
    fault: null, busy: '', apart: [], message: 0, bet: null,
  })
  $('choose').hidden = !sources
  if (given.second) s.compare(given.second, given.names, given.at)
  document.body.classList.toggle('nostate', !h.servers.length)
  precise(h.end < 100_000 ? 6 : 3)
  if (!h.servers.length) {
    document.querySelector('.hint').textContent = 'every box is an operation; time runs right'
    s.whole()
  }
  legend()
  document.title = header.title + ' · zablab'
  const tone = heading(h), bug = broken[0], blamed = broken.find(b => b.i === blame)
  if (h.run.cutOff) s.set({ trouble: { kind: 'warn', title: 'This file was cut off.', text: `You see the ${h.events.length.toLocaleString('en-US')} events before the cut; there is no verdict.` } })
  else if (tone === 'bad') s.set({ trouble: { kind: 'bad', title: `${bug?.name ?? 'A check'} is broken.`, text: brief(bug?.text ?? '', 220), step: blame, of: blamed && blamed !== bug ? `${blamed.name} breaks at step ${blame}` : '' } })
  for (const id of ['app', 'bar']) $(id).hidden = false
  const other = location.hash.length > 1 ? s.open(location.hash) : ''
  if (location.hash.length <= 1) {
    if (blame !== undefined && h.events[blame]) s.seek(h.events[blame].t, { step: blame, centre: true })
    else s.seek(0)
  }
  if (other) toast(other)
  else whatif.fromLink(location.hash, given)
}

// heading shows the title, the seed and the verdict of a run. It returns the tone of the verdict.
function heading(h) {
  const { header } = h.run
  $('title').textContent = brief(header.title, 200)
  $('seed').textContent = 'seed ' + header.seed
  $('seed').hidden = !h.servers.length || 'seedless' in header.config
  $('word').textContent = epochWord(h)
  const [tone, text, more] = chip(h.run)
  render(html`${text}<span>${more}</span>`, $('chip'))
  $('chip').className = 'chip ' + tone
  $('chip').hidden = false
  return tone
}

// later verifies the trace after the first frame: the hash of each check, and that of the file.
async function later(h, parts) {
  await new Promise(done => setTimeout(done, 60))
  const here = () => store.runs.some(r => r.h === h), say = trouble => { if (store.h === h) s.set(trouble) }
  const bad = change => { // also if the run is shown later
    store.runs.find(r => r.h === h).wrong = change
    say(change)
  }
  const wrong = await verify(h)
  if (!here()) return
  if (wrong >= 0) return bad({ hidden: true, trouble: { kind: 'bad', title: 'This page would show a wrong state.', text: `At event ${wrong} the state differs from the state of the run. The states are hidden; the events are as in the file.` } })
  const sum = h.run.cutOff ? '' : await endHash(new Uint8Array(await new Blob(parts).arrayBuffer()))
  if (!here()) return
  if (sum && h.run.end.sha256 && sum !== h.run.end.sha256) return bad({ trouble: { kind: 'bad', title: 'This trace was changed.', text: 'The SHA-256 in its end line is not that of its bytes.' } })
  store.runs.find(r => r.h === h).verified = true
  say({ verified: true })
}

function fail(err, bytes) {
  const bad = err instanceof Bad ? err : new Bad('This file cannot be shown', err.message)
  if (store.h) return s.set({ fault: whatif.faultOf(bad) }) // the run on screen, and its forks, stay
  $('choose').hidden = !sources
  for (const id of ['app', 'bar', 'chip', 'seed', 'load']) $(id).hidden = true
  render(html`<strong>${bad.title}.</strong> ${bad.message}${bad.text ? html`<pre dir="auto">${bad.text}</pre>` : nothing}
    ${bytes?.length ? html`<button class="ib" @click=${() => asText(bytes)}>Show it as text</button>` : nothing} <span>Or drop another trace, .ndjson or .ndjson.gz, on this page.</span>`, $('banner'))
  $('banner').className = 'bad full'
  $('banner').setAttribute('role', 'alert')
  $('banner').hidden = false
}

async function asText(bytes) {
  const text = new TextDecoder().decode((await unpack(bytes).catch(() => bytes)).subarray(0, 200_000))
  render(html`<strong>The file as text, its first ${text.length.toLocaleString('en-US')} characters</strong><pre dir="auto" tabindex="0">${text}</pre>`, $('banner'))
}

// ---- drawing ----

let asked = false, frameAt = 0, panelsAt = -1, last = {}

function ask() {
  if (asked) return
  asked = true
  requestAnimationFrame(frame)
}

function frame(ms) {
  asked = false
  const dt = Math.min(60, ms - frameAt)
  frameAt = ms
  if (!store.h) return
  if (store.playing) {
    if (still.matches) stepSlowly(ms)
    else s.advance(dt)
  }
  const began = performance.now()
  draw()
  stats.push(performance.now() - began)
  lab.first ||= performance.now()
  if (stats.length > 4000) stats.splice(0, 2000)
  if (store.playing) ask()
}

let slowAt = 0
function stepSlowly(ms) {
  if (ms - slowAt < 1500) return
  slowAt = ms
  s.advanceByKey()
}

const visible = id => narrow() ? store.tab === id : !$(id).closest('.pair') || store.pair === id

function draw() {
  const tab = visible('p-space')
  $('now').setAttribute('aria-live', store.playing ? 'off' : 'polite')
  if (last.heading !== store.h) {
    heading(store.h)
    legend()
    last.heading = store.h
  }
  $('space2').hidden = !store.two
  if (tab && !store.hidden) {
    drawSpacetime($('space'), s.momentOf(store.two ? store.two[0] : store.active))
    if (store.two) drawSpacetime($('space2'), s.momentOf(store.two[1]))
  }
  if (!store.hidden) drawStage($('stage'))
  drawMinimap($('mm').querySelector('canvas'))
  render(now(), $('now'))
  if (store.bet !== last.bet && store.bet && narrow()) $('now').scrollIntoView({ block: 'center' })
  last.bet = store.bet
  const scrubbing = performance.now() - panelsAt < 40 && last.pos !== store.pos
  if (scrubbing) setTimeout(ask, 45)
  else panels()
  furniture()
  if (!scrubbing || !store.playing) strips()
}

// panels draws the panels of text, at most every 40 ms.
function panels() {
  panelsAt = performance.now()
  document.body.classList.toggle('untrue', store.hidden)
  if (visible('p-logs')) render(logs(size($('logs'))[0]), $('logs'))
  if (visible('p-tree')) render(tree(), $('tree'))
  if (visible('p-verdict') && last.run !== store.h) render(verdict(), $('verdict'))
  if (visible('p-drawn')) {
    render(drawing(size($('drawn'))[0]), $('drawn'))
    const lit = $('drawn').querySelector('.lit')
    if (lit !== last.lit) intoView($('drawn'), lit)
    last.lit = lit
  }
  if (visible('p-text')) writing.draw($('p-text'))
  if (visible('p-events')) {
    render(eventTools(), $('tools'))
    list()
    if (last.pos !== store.pos || last.filter !== store.filter + store.who + store.search) {
      scrollToNow($('events'))
      list()
    }
  }
  last = { bet: store.bet, lit: last.lit, heading: last.heading, pos: store.pos, filter: store.filter + store.who + store.search, run: visible('p-verdict') ? store.h : last.run }
}

// intoView scrolls a box so that an element in it has room above and below.
function intoView(box, el) {
  if (!el) return
  const b = box.getBoundingClientRect(), e = el.getBoundingClientRect()
  if (e.top < b.top + 40 || e.bottom > b.bottom - 60) box.scrollTop += e.top - b.top - b.height * .4
}

function list() {
  render(events($('events')), $('events'))
  const on = $('events').querySelector('.sel')
  if (on) $('events').setAttribute('aria-activedescendant', on.id)
  else $('events').removeAttribute('aria-activedescendant')
}

const speedNames = ['1/1000', '1/100', '1/32', '1/8', '1/2', '1']

function furniture() {
  const { h, t, pos, u } = store
  $('zoom').textContent = label()
  for (const b of document.querySelectorAll('[data-act=past],[data-act=future]')) b.setAttribute('aria-pressed', store.causes === b.dataset.act)
  const clock = $('clk')
  clock.querySelector('b').textContent = seconds(t) + ' s'
  clock.querySelector('small').textContent = narrow() ? `${pos} / ${h.events.length}` : `event ${pos.toLocaleString('en-US')} of ${h.events.length.toLocaleString('en-US')}`
  const range = $('mm').querySelector('input')
  range.max = Math.ceil(h.size)
  range.value = u
  range.setAttribute('aria-valuetext', `${seconds(t)} seconds, event ${pos} of ${h.events.length}`)
  const button = document.querySelector('.play')
  button.textContent = store.playing ? '❚❚' : '▶'
  button.setAttribute('aria-label', store.playing ? 'Stop' : 'Play')
  document.querySelector('.speed').textContent = speedNames[store.speed] + '×'
  document.querySelector('.speed').setAttribute('aria-label', `Speed: ${speedNames[store.speed]} of virtual time`)
  const b = store.trouble
  $('banner').hidden = !b
  if (b) {
    $('banner').className = b.kind
    render(html`<strong>${b.title}</strong> <span dir="auto">${b.text}</span> ${b.step >= 0 ? html`<button class="lk" data-go=${b.step}>${b.of || `Go to step ${b.step}`}</button>` : nothing}<button class="ib x" data-act="dismiss" aria-label="Close this message">✕</button>`, $('banner'))
  }
}

// strips draws what changes with what the reader does, and hardly with the moment. While a run plays, it
// is called as often as panels.
function strips() {
  render(whatif.strip(), $('whatif'))
  render(whatif.runs(), $('runs'))
  $('runs').hidden = store.runs.length < 2 && !store.busy && !store.fault && !store.odds.length
  tabs()
}

function tabs() {
  const drawn = store.h.run.end?.drawn?.length
  const all = [...document.querySelectorAll('.tab')].filter(p => (p.id !== 'p-drawn' || drawn) && (p.id !== 'p-text' || engine.can()) && (store.h.servers.length || p.id !== 'p-logs' && p.id !== 'p-tree'))
  const order = ['p-space', 'p-drawn', 'p-events', 'p-text', 'p-tree', 'p-logs', 'p-verdict']
  const button = (p, on, act) => html`<button role="tab" id=${act + p.id} data-show=${p.id} data-in=${act} aria-selected=${on} aria-controls=${p.id} tabindex=${on ? 0 : -1}>${p.dataset.name}</button>`
  if (narrow()) {
    if (!store.tab) store.tab = 'p-space'
    render(order.map(id => all.find(p => p.id === id)).filter(Boolean).map(p => button(p, p.id === store.tab, 't')), $('tabs'))
  }
  render(all.filter(p => p.closest('.pair')).map(p => button(p, p.id === store.pair, 's')), $('seg'))
  for (const p of document.querySelectorAll('.tab')) {
    const inPair = p.closest('.pair')
    const on = narrow() ? p.id === store.tab : !inPair || p.id === store.pair
    if (p.classList.contains('on') !== on) {
      p.classList.toggle('on', on)
      ask()
      last = {}
    }
  }
}

function legend() {
  const c = palette, runs = store.runs.map(r => r.h), any = f => !store.h || runs.some(f)
  const used = new Set(runs.flatMap(h => [...h.classes]))
  const shown = [[runs.some(h => !h.run.header.why.raft) ? 'proposal' : 'append', 'prop', c.e1], ['ack', 'ack', c.e1], ['commit', 'com', c.e1], ['vote', 'vote', c.ink3], ['sync', 'sync', c.e1], ['client', 'cli', c.ink3], ['watch event', 'watch', c.watch], ['write', 'write', c.ink], ['lost', 'lost', c.bad]].filter(([, k]) => !store.h || used.has(k))
  render(html`${shown.map(([name, k, colour]) => {
    const st = styles[k] ?? { width: 1.3, dash: [] }
    const end = k === 'lost' ? svg`<path d="M15 1.5l7 7m0-7l-7 7" stroke=${colour} stroke-width="1.6"/>` : k === 'watch' ? svg`<text x="15" y="9.5" font-size="11" fill=${colour}>★</text>` : svg`<path d="M25 5l-6-2.6v5.2z" fill=${colour}/>`
    return html`<span><svg viewBox="0 0 26 10" aria-hidden="true"><line x1="0" y1="5" x2=${k === 'lost' ? 18 : 21} y2="5" stroke=${colour} stroke-width=${st.width} stroke-dasharray=${st.dash.join(' ') || nothing} />${end}</svg>${name}</span>`
  })}${any(h => h.applied.length) ? html`<span><svg viewBox="0 0 26 10" aria-hidden="true"><rect x="8" y="0.5" width="9" height="9" rx="2" fill=${c.e1}/></svg>applied</span>` : nothing}
  ${any(h => h.ops.length) ? html`<span><svg viewBox="0 0 26 10" aria-hidden="true"><rect x="1" y="1.5" width="24" height="8" rx="3" fill="none" stroke=${c.ink} stroke-width="1.5"/><path d="M13 -1l4 4-4 4-4-4z" fill=${c.ink}/></svg>${store.h && !store.h.servers.length ? 'call to answer; ◆ where one order that explains the answers has it' : 'call to answer, first applied at ◆'}</span>` : nothing}
  ${any(h => h.gaps.length) ? html`<span><svg viewBox="0 0 26 10" aria-hidden="true"><rect width="26" height="10" fill=${c.soft}/><path d="M0 10L10 0M8 10L18 0M16 10L26 0" stroke=${c.bar}/></svg>quiet time, shortened</span>` : nothing}`, $('legend'))
}

// ---- actions ----

let toastAt = 0
function toast(text) {
  const d = $('toast')
  d.textContent = text
  d.hidden = false
  clearTimeout(toastAt)
  toastAt = setTimeout(() => { d.hidden = true }, 5000)
}

function theme(name) {
  const now = document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')
  document.documentElement.dataset.theme = name ?? (now === 'dark' ? 'light' : 'dark')
  paint()
  legend()
  ask()
}

function address() {
  if (!store.h) return ''
  const link = s.link()
  try {
    history.replaceState(null, '', link)
  } catch { /* some viewers do not allow it: the copied link still works */ }
  return location.href.replace(/#.*$/, '') + link
}

const actions = {
  play: () => s.play(), ne: () => s.step(1), pe: () => s.step(-1), nk: () => s.key(1), pk: () => s.key(-1),
  past: () => s.show('past'), future: () => s.show('future'),
  speed: by => s.set({ speed: by === undefined ? (store.speed + 1) % s.speeds.length : Math.max(0, Math.min(s.speeds.length - 1, store.speed + by)) }),
  select: i => {
    const n = store.h.lanes[i]
    if (n) s.set({ selected: store.selected === n.id ? '' : n.id })
  },
  search: () => {
    showPanel('p-events')
    requestAnimationFrame(() => requestAnimationFrame(() => $('search')?.focus()))
  },
  async copy() {
    const link = address()
    if (!link) return toast('There is no run yet.')
    try {
      await navigator.clipboard.writeText(link)
      toast('The link to this moment is in the clipboard.')
    } catch {
      toast(link)
    }
  },
  theme: () => theme(),
  choose: () => {
    engine.stop()
    location.hash = ''
    picks()
  },
  help: () => {
    if ($('help').open) return $('help').close()
    render(help(rows, engine.can()), $('help'))
    $('help').showModal()
  },
  bets: () => {
    s.set({ bets: !store.bets, bet: null })
    toast(store.bets ? 'Play stops for a bet before an election and a write.' : 'Play does not stop for bets.')
  },
  on: () => s.play(true),
  close: () => $('help').close(),
  dismiss: () => s.set({ trouble: null }),
  ...whatif.actions,
  escape: () => s.set({ selected: '', message: 0, apart: [], who: '', causes: '', chain: null }),
}

function showPanel(id) {
  if (narrow()) s.set({ tab: id })
  else if ($(id).closest('.pair')) s.set({ pair: id })
}

function click(e) {
  const b = e.target.closest('[data-act],[data-go],[data-fork],[data-run],[data-drop],[data-show],[data-filter],[data-who],[data-choose],#chip')
  if (!b) return
  const d = b.dataset
  if (b.id === 'chip') {
    showPanel('p-verdict')
    $('p-verdict').scrollIntoView({ block: 'nearest' })
    $('verdict').focus()
  } else if (d.act) actions[d.act]()
  else if (d.go) s.go(+d.go)
  else if (d.fork) whatif.fork(d.fork.split(';'))
  else if (d.choose) {
    s.choose(d.choose)
    requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector('#now .on')?.focus()))
  }
  else if (d.run) s.activate(+d.run)
  else if (d.drop) s.drop(+d.drop)
  else if (d.show) showPanel(d.show)
  else if (d.filter) s.set({ filter: d.filter })
  else if (d.who !== undefined) s.set({ who: d.who })
}

// tabKeys moves the focus within a list of tabs, or within the list of events.
function tabKeys(e) {
  const t = e.target.closest?.('[role=tab]')
  if (t && (e.key === 'ArrowRight' || e.key === 'ArrowLeft')) {
    const all = [...t.parentNode.querySelectorAll('[role=tab]')], k = all.indexOf(t) + (e.key === 'ArrowRight' ? 1 : -1)
    const to = all[(k + all.length) % all.length]
    showPanel(to.dataset.show)
    to.focus()
    e.preventDefault()
  }
  if (e.target.id === 'events' && (e.key === 'ArrowDown' || e.key === 'ArrowUp')) {
    const list = rowsNow(), at = list.findLastIndex(i => i < store.pos) + (e.key === 'ArrowDown' ? 1 : -1)
    if (list[at] !== undefined) s.go(list[at])
    e.preventDefault()
  }
}

let linkAt = 0, rows = []
function start() {
  paint()
  legend()
  s.onChange(() => {
    ask()
    if (!store.playing && store.h) {
      clearTimeout(linkAt)
      linkAt = setTimeout(address, 250)
    }
  })
  rows = listen(actions)
  attachStage($('stage'), engine.can)
  document.addEventListener('click', click)
  document.addEventListener('keydown', tabKeys)
  const range = $('mm').querySelector('input')
  range.addEventListener('input', () => {
    store.playing = false
    s.seek(store.h.T(+range.value), { u: +range.value })
  })
  range.addEventListener('keydown', e => { // the keys of the page step by events, not by pixels
    if (e.key.startsWith('Arrow') || e.key === 'Home' || e.key === 'End') e.preventDefault()
  })
  $('events').addEventListener('scroll', () => { if (store.h) list() })
  const tip = (text, x, y) => {
    $('tip').hidden = !text
    if (!text) return
    $('tip').textContent = text
    $('tip').style.left = Math.max(8, Math.min(innerWidth - 330, x + 12)) + 'px'
    $('tip').style.top = Math.min(innerHeight - 70, y + 14) + 'px'
  }
  attach($('space'), tip, () => { if (store.two) s.activate(store.two[0]) })
  attach($('space2'), tip, () => s.activate(store.two[1]))
  whatif.begin({ toast, options: options(), verifyLater: later })
  const resized = () => { last = {}; ask() }
  whenSized(resized)
  addEventListener('resize', resized)
  addEventListener('hashchange', () => {
    if (!store.h) return playLinked()
    if (location.hash === s.link()) return
    const w = s.open(location.hash)
    if (w) toast(w)
    else whatif.fromLink(location.hash)
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { paint(); legend(); ask() })
  addEventListener('dragover', e => e.preventDefault())
  addEventListener('drop', async e => {
    e.preventDefault()
    const f = e.dataTransfer.files[0]
    if (!f) return
    const mine = ++turn
    try {
      await openBytes(new Uint8Array(await f.arrayBuffer()), { dropped: 'The trace was dropped on the page. To change a run, write its page with zablab replay --html.' }, mine)
    } catch (err) { // it is a folder
      fail(err)
    }
  })
  const bytes = embedded('trace')
  const given = options()
  if (!given.picks) sourceRead = readSource()
  if (bytes) openBytes(bytes, given)
  else if (given.picks && $('source').textContent) picks()
  else fail(new Bad('Nothing to show', 'This page has no trace.'), new Uint8Array())
}

// For the tests and for the console: the run, the state at a position, the times of the frames.
globalThis.lab = { store, stats, state: i => canonical(store.h.stateAt(i)), open: openBytes, seek: s.seek, go: s.go, draw, whole: s.whole, first: 0, engine }
start()
