// whatif.js changes a run: a fault or a call at the moment on screen. The engine plays the document
// again with it, and both runs stay, side by side.

import { html, nothing } from 'lit-html'
import { build, compare, follow, seconds } from 'lab/history.js'
import { Bad, find, read } from 'lab/trace.js'
import { activate, add, addedIn, nameFor, pick, picked, seek, set, side, store } from 'lab/store.js'
import * as engine from 'lab/engine.js'
import { brief } from 'lab/words.js'

let page = { toast() {}, options: {} }
export const begin = p => { page = p }

// moment is the time at which a change happens: just after all events of the moment on screen, and
// later by some seconds.
const moment = (later = 0) => `${((store.pos ? store.h.events[store.pos - 1].t + 1 : 1) / 1e6 + later).toFixed(6)}s`

// ---- the strip under the stage ----

const isClient = id => store.h.kind(id) === 'client'

// apart is the fault that cuts a group off from all others.
function apart(group) {
  const all = store.h.nodes.filter(n => n.kind !== 'resource').map(n => n.id), there = all.filter(id => group.includes(id)), rest = all.filter(id => !group.includes(id))
  return rest.length && there.length ? `split ${rest.join(' ')} | ${there.join(' ')}` : ''
}

// subject is the node that a change is about: the selected one, the leader, or the first server.
function subject() {
  const { h, pos } = store, s = h.stateAt(pos)
  if (store.selected && h.kind(store.selected) !== 'resource') return find(s, store.selected)
  return h.servers.map(n => find(s, n.id)).find(n => n.role === 'leading') ?? find(s, h.servers[0]?.id)
}

function choices() {
  const { h, pos } = store, s = h.stateAt(pos), n = subject()
  if (!n) return { id: '', list: [] }
  const { id } = n, down = n.role === 'down', list = []
  if (down) list.push(['↻ Restart', `restart ${id}`])
  else {
    list.push(['✕ Crash', `crash ${id}`])
    if (!isClient(id)) list.push(['↯ Power off', `power ${id}`])
    list.push(['❚❚ Pause 10 s', `pause ${id} 10s`])
    if (apart([id])) list.push(['≠ Cut off', apart([id])])
    if (isClient(id)) list.push(['○ Expire', `expire ${id}`])
  }
  if (s.groups.length) list.push(['= Heal', 'heal'])
  return { id, list }
}

// ofMessage are the changes to a message on its way. A connection loses no message alone and doubles
// none, as TCP does not: a message is lost with its connection, or waits with those behind it.
function ofMessage(m) {
  const way = `${m.from} > ${m.to}`
  return [['✕ Lose', `reset ${m.from} ${m.to}`, 'The connection breaks, and the messages on it are lost'],
    ['◷ Delay 1 s', `cut ${way};+1s mend ${way}`, 'It waits, and what is sent after it waits behind it'],
    ['❚❚ Hold', `hold ${way} ${m.kind}`, 'It waits, and what is sent after it waits behind it, until “release”']]
}

const pill = ([name, what, title = what]) => html`<button class="pill" data-fork=${what} title=${title} ?disabled=${!!store.busy}>${name}</button>`

// more are the changes that gestures prepare: to a message, and the split that is being made.
function more() {
  const m = picked(), { apart } = store, split = apartIn(apart)
  return html`${m ? html`<div class="wb"><span class="wm" dir="auto">${brief(`${m.kind}${m.z ? ' ' + m.z : ''}`, 24)} <span class="mono">${m.from} → ${m.to}</span></span>${ofMessage(m).map(pill)}</div>` : nothing}
    ${apart.length ? html`<div class="wb"><span class="wm">Other side: <span class="mono">${apart.join(' ')}</span></span>${split ? pill(['≠ Split them', split]) : nothing}<button class="pill" data-act="together">Cancel</button></div>` : nothing}`
}

const apartIn = list => list.length ? apart(list) : ''

// strip is the template of the strip.
export function strip() {
  if (!engine.can()) {
    return html`<p class="none">${page.options.whyNot ? `This page cannot change its run. ${page.options.whyNot}` : 'This page has no engine: it shows the run, and cannot change it.'}</p>`
  }
  const { id, list } = choices()
  return html`<div class="wi"><b>What if</b> <span class="mono">${seconds(store.t)} s</span> <span>${id}</span><span class="sp"></span>
    <button class="pill" data-act="seed" title="The same document with the next seed" ?disabled=${!!store.busy}>⚄ Seed ${nextSeed()}</button>
    <button class="pill" data-act="hunt" title="Play one seed after another, until a check or a line of the drawing fails" ?disabled=${!!store.busy}>⚑ One that fails</button></div>
    <div class="wb">${list.map(pill)}</div>${more()}
    <form class="wf" @submit=${own}><input id="own" aria-label="Another fault or call at this moment" placeholder="another fault or call" list="forms" autocomplete="off" spellcheck="false">
    <button class="pill" ?disabled=${!!store.busy}>Play it</button></form>
    <datalist id="forms">${examples().map(x => html`<option value=${x}></option>`)}</datalist>`
}

function examples() {
  const { h } = store, [a, b, c] = h.servers.map(n => n.id), who = h.others.find(n => n.kind === 'client')?.id
  return [a && b && `cut ${a} > ${b}`, c && `split ${a} ${b} | ${c}`, 'heal', a && b && `delay ${a} ${b} 40ms`, a && b && `bandwidth ${a} ${b} 1Mbit`, a && `wipe ${a}`, a && `fsync ${a} 80ms`,
    who && `expire ${who}`, who && `${who} create /mine (ephemeral)`, who && `${who} get /leader`, who && `${who} sync /`].filter(Boolean)
}

function own(e) {
  e.preventDefault()
  const input = e.target.querySelector('input'), text = input.value.trim()
  if (!text) return
  fork([text]).then(done => { if (done) input.value = '' })
}

// line is an addition as a "%% lab:" line has it.
function line(text) {
  if (/^(fault|call)=/.test(text)) return text
  const later = /^\+([\d.]+)s /.exec(text)
  if (later) return `fault=${moment(+later[1])} ${text.slice(later[0].length)}`
  return isClient(text.split(/\s/)[0]) ? `call=${moment()} ${text}` : `fault=${moment()} ${text}`
}

// ---- playing ----

// slow calls f after a while, unless the promise is settled before.
async function slow(promise, f) {
  const timer = setTimeout(f, 300)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

// played plays a changed run of from. It returns the answer, and if this has no problems, the history,
// the first event that differs, and the parts of the trace. It compares each part with from while the
// engine still writes the next one.
async function played(change, from) {
  const { answer, trace } = await engine.play(change, from.h.events.length), parts = []
  if (answer.problems) return { answer, h: null }
  let same = 0
  const run = await read(trace, (part, events) => {
    parts.push(part)
    same = follow(from.h, events, same)
  })
  const h = await build(run)
  return { answer, h, parts, d: await compare(from.h, h, same) }
}

// fork plays the run that is stepped with more faults or calls, and shows both. It returns true if
// there is a new run.
export async function fork(texts, { at, flags, parent = store.active } = {}) {
  if (store.busy) return false
  const from = store.runs[parent], pos = store.pos, adds = texts.map(line)
  set({ busy: flags ?? adds.map(x => x.replace(/^\w+=\S+ /, '')).join('; '), slow: false, fault: null })
  try {
    const change = { ...from.change, add: [...from.add, ...adds] }
    if (flags) Object.assign(change, overrides(flags))
    const { answer, h, parts, d } = await slow(played(change, from), () => set({ slow: true }))
    parent = store.runs.indexOf(from)
    if (parent < 0) return false // it was closed, or the page shows another trace
    if (!h) {
      set({ fault: { title: 'This cannot be played.', text: answer.problems[0].message } })
      return false
    }
    if (d >= 0 && at === undefined && d < Math.min(pos, from.h.events.length)) {
      set({ fault: { title: 'The engine plays another past.', text: `Its run differs from event ${d} on, before the moment on screen: the page and its engine are of different versions. Write the page again.` } })
      return false
    }
    const run = { name: nameFor(parent), h, add: change.add, change: { ...change, add: undefined }, flags: flags ?? from.flags ?? '', answer, parent, verified: false }
    store.busy = ''
    store.apart = []
    add(run)
    page.verifyLater?.(h, parts)
    if (flags && d >= 0) actions.differ()
    page.toast(outcome(from.h, h, d))
    return true
  } catch (err) {
    if (store.runs.includes(from)) failed(err)
    return false
  } finally {
    set({ busy: '', slow: false })
  }
}

// outcome says what a change led to: another leader, or where the runs part.
function outcome(before, after, d) {
  if (d < 0) return 'Nothing differs: the change had no effect.'
  const leads = h => h.keys.map(i => h.events[i]).filter(e => e.i >= d && e.key === 'leader')
  const had = leads(before)[0], has = leads(after)[0]
  if (has && (had?.n !== has.n || had.t !== has.t)) return `${has.say}, at ${seconds(has.t)} s.`
  return `The runs differ from ${seconds(Math.min(after.events[d]?.t ?? after.end, before.events[d]?.t ?? before.end))} s on.`
}

// failed shows what the engine said when it could not finish a run.
export function failed(err) {
  if (!(err instanceof engine.Stopped)) set({ fault: faultOf(err) })
}

// faultOf says what is wrong with a trace or, for any other error, has the report of a bug.
export function faultOf(err) {
  if (err instanceof Bad) return { title: err.title + '.', text: err.message, report: err.text }
  const report = err instanceof engine.Panic ? `${err.said}\n\n${brief(err.request, 20_000)}` : String(err.stack ?? err)
  return { title: 'The engine failed.', text: 'This is a bug of zablab. Copy the report below into an issue.', report }
}

// fromLink plays what a link changes: faults and calls, or flags of zablab replay. Then it goes to the
// moment of the link.
export async function fromLink(hash) {
  if (!engine.can() || hash.length < 2) return
  const p = new URLSearchParams(hash.replace(/^#/, '').replaceAll('+', '%2B')), list = addedIn(hash), flags = p.get('o')
  const known = store.runs.findIndex(r => r.parent >= 0 && !r.draft && (flags || list?.length) && (r.flags ?? '') === (flags ?? '') && r.add.join(';') === (list ?? []).join(';'))
  if (known >= 0) activate(known)
  else if (flags || list?.length) {
    if (store.active) activate(0)
    if (!await fork(list ?? [], { at: 0, flags })) return
  }
  const e = Number(p.get('e') ?? NaN)
  if (p.has('e') && store.h.events[e]) seek(store.h.events[e].t, { step: e, centre: true })
}

// settings are the flags of zablab replay that override a document's setting.
const settings = ['servers', 'observers', 'session-timeout', 'expiry', 'sync', 'client']

// overrides is the change to the source that flags make, or null if a flag means nothing here.
export function overrides(flags, source = engine.source) {
  const words = [...flags.matchAll(/'([^']*)'|(\S+)/g)].map(m => m[1] ?? m[2]), change = { set: [...source.set ?? []], plan: [...source.plan ?? []] }
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i].replace(/^--/, ''), value = words[i + 1]
    if (!words[i].startsWith('--') || value === undefined) return null
    if (settings.includes(name)) change.set.push([name, value])
    else if (name === 'fault') change.plan.push(value)
    else if (name === 'seed' || name === 'flaw') change[name] = value
    else if (name === 'reads') change.reads = value === 'linearizable'
    else return null
  }
  return change
}

// ---- seeds ----

const seedOf = run => BigInt(run.h.run.header.seed)
const nextSeed = (by = 1n) => '0x' + (BigInt.asUintN(64, seedOf(store.runs[store.active]) + by)).toString(16)

// withSeed are the flags of the run that is stepped, with another seed.
const withSeed = seed => `${(store.runs[store.active].flags ?? '').replace(/--seed \S+ ?/, '')} --seed ${seed}`.trim()

// wrongIn says what a run shows that its document and its engine do not promise, or ''.
export function wrongIn(end) {
  const bug = end.broken?.find(b => !end.invariants.some(c => c.name === b.name && c.allowed))
  if (bug) return `${bug.name} is broken`
  const open = end.invariants.find(c => c.result !== 'ok' && c.result !== 'broken')
  if (open) return `${open.name} is undecided`
  for (const d of end.drawn ?? []) {
    const row = d.rows.find(r => (r.verdict === 'different' || r.verdict === 'never') && r.expect !== r.verdict)
    if (row) return `line ${row.line} plays otherwise: ${brief(row.text, 60)}`
  }
  return ''
}

// endOf reads the end line of a trace alone.
function endOf(trace) {
  const tail = new TextDecoder().decode(trace), at = tail.lastIndexOf('\n{"end":')
  return JSON.parse(tail.slice(at + 1).split('\n', 1)[0])
}

// hunt plays one seed after another until a run fails, and shows that run.
async function hunt() {
  if (store.busy) return
  const from = store.runs[store.active], flags = withSeed('0x0')
  if (!overrides(flags)) return page.toast('The flags of this run are unknown here: no other seed can be played with them.')
  let found = null
  try {
    for (let n = 1n; !found && store.runs.includes(from); n++) {
      const seed = nextSeed(n)
      set({ busy: `seed ${seed}: ${n - 1n} played, none fails`, slow: true, fault: null })
      const { answer, trace } = await engine.play({ ...from.change, add: from.add, ...overrides(flags.replace('0x0', seed)) }, from.h.events.length)
      if (answer.problems) return set({ fault: { title: 'This cannot be played.', text: answer.problems[0].message } })
      const why = wrongIn(endOf(await engine.bytesOf(trace)))
      if (why) found = { seed, why, n }
    }
  } catch (err) {
    failed(err)
  } finally {
    set({ busy: '', slow: false })
  }
  if (!found) return
  const parent = store.runs.indexOf(from)
  if (parent < 0) return page.toast('The run was closed meanwhile.')
  if (await fork([], { flags: flags.replace('0x0', found.seed), at: 0, parent })) page.toast(`Seed ${found.seed}: ${found.why}. Seeds played before it: ${found.n - 1n}.`)
}

// ---- the bar of runs ----

const told = r => r.parent < 0 || r.other ? '' : r.draft ? 'as written' : r.flags && r.flags !== (store.runs[r.parent].flags ?? '') ? r.flags : r.add[r.add.length - 1].replace(/^\w+=/, '').replace(/^([\d.]+)s /, (_, t) => `${(+t).toFixed(3)} s `)

// odds says how many of the runs that are the same up to the moment on screen have the outcome.
function odds() {
  const known = store.active === 0 && store.odds?.findLast(([step]) => step < Math.max(store.pos, store.odds[0][0] + 1))
  return known ? html`<span class="odds">${store.oddsWord} <b>${known[1]} of ${known[2]}</b></span>` : nothing
}

// runs is the template of the bar.
export function runs() {
  const { fault } = store
  const pair = store.two, e = pair && store.differs >= 0
  return html`<div class="rt">${store.runs.map((r, i) => html`<span class="run"><button class="rb" data-run=${i} aria-pressed=${i === store.active}><b>${r.name}</b> <span dir="auto">${brief(told(r), 60)}</span></button>${i && !r.other ? html`<button class="ib x" data-drop=${i} aria-label=${'Close ' + r.name}>✕</button>` : nothing}</span>`)}</div>
    ${store.busy ? html`<span class="busy" role="status">${store.slow ? html`<progress aria-label="Playing"></progress>` : nothing} ${brief(store.busy, 50)} … <button class="pill" data-act="halt">Stop</button></span>` : nothing}
    ${e && pair && store.runs[pair[1]].at !== undefined ? html`<button class="pill" data-act="differ" title="Go to the first fault of the plan">⚑ first fault at ${seconds(store.differsAt)} s</button><span>one plan, one axis of time</span>` : e && !store.busy ? html`<button class="pill" data-act="differ" title="Go to the first event in which the two runs differ">≠ differ from ${seconds(store.differsAt)} s on</button>` : pair && !store.busy ? html`<span>no difference</span>` : nothing}
    ${odds()}
    ${store.active && !store.busy && !store.runs[store.active].other ? html`<button class="pill" data-act="document" title="Markdown that zablab replay plays to the same run">Copy as document</button>` : nothing}
    ${fault ? html`<div class="fault" role="alert"><strong class="bad">${fault.title}</strong> <span dir="auto">${fault.text}</span>${fault.report ? html`<pre tabindex="0">${fault.report}</pre>` : nothing}<button class="ib x" data-act="forgive" aria-label="Close this message">✕</button></div>` : nothing}`
}

// asDocument is the document of the run that is stepped, as Markdown or whatever it was.
export function asDocument() {
  const { answer } = store.runs[store.active], name = engine.source.name
  const flags = (answer.flags ?? []).map(x => /^[\w.=-]+$/.test(x) ? x : `'${x}'`).join(' ')
  if (!flags) return answer.document
  const note = `zablab replay ${flags} ${name}`
  return answer.document.replace(/\n*$/, '\n') + (/\.(md|markdown|mdx)$/.test(name) ? `\n<!-- Play it: ${note} -->\n` : '')
}

// able calls f, or says why nothing can be changed here.
const able = f => engine.can() ? f() : page.toast('This page has no engine: it cannot change its run.')

export const actions = {
  seed: () => fork([], { flags: withSeed(nextSeed()), at: 0 }),
  hunt,
  together: () => set({ apart: [] }),
  crash: () => able(() => { const n = subject(); if (n) fork([`${n.role === 'down' ? 'restart' : 'crash'} ${n.id}`]) }),
  isolate: () => able(() => { const n = subject(); if (n && apart([n.id])) fork([apart([n.id])]) }),
  heal: () => able(() => fork(['heal'])),
  message: () => able(() => { if (!pick()) page.toast('No message is on its way now.') }),
  lose: () => able(() => { const m = picked(); m ? fork([ofMessage(m)[0][1]]) : page.toast('No message is on its way here: press m to pick one.') }),
  side: () => able(() => { const n = subject(); if (n) side(n.id) }),
  split: () => able(() => apartIn(store.apart) ? fork([apart(store.apart)]) : page.toast('Nothing is on the other side: press s for each node that goes there.')),
  halt: () => engine.stop(),
  forgive: () => set({ fault: null }),
  differ: () => store.runs[store.two?.[1]]?.other ? seek(store.differsAt, { centre: true }) : store.h.events[store.differs] && seek(store.h.events[store.differs].t, { step: store.differs, centre: true }),
  async document() {
    const text = asDocument(), flags = store.runs[store.active].answer.flags ?? []
    try {
      await navigator.clipboard.writeText(text)
      page.toast(`The document is in the clipboard. Save it and play it: zablab replay ${[...flags, 'FILE'].join(' ')}`)
    } catch {
      set({ fault: { title: 'The browser does not let this page use the clipboard.', text: 'Copy the document from here.', report: text } })
    }
  },
}
