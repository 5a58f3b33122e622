// panels.js has the panels of text: now, the list of events, logs, tree, verdict.

import { html, nothing } from 'lit-html'
import { isPing, lower, seconds } from 'lab/history.js'
import { paths } from 'lab/trace.js'
import { set, store } from 'lab/store.js'
import { brief, epochOf, epochVar, icon, isBad, isWatch, plural, size, span } from 'lab/words.js'

// ---- now ----

const told = e => e && (e.key || e.why) && e.say && e.k !== 'check'

// question is the bet on what comes: the answer is shown after the reader has given one.
function question({ ask, choice }, h) {
  return html`<div class="k"><span class="mono">${seconds(h.events[ask.at].t)} s</span><span>${choice ? 'your bet' : 'place your bet'}</span><span class="sp"></span><button class="pill" data-act="bets" title="Play does not stop for bets (p)">No bets</button></div>
    <h2>${ask.q}</h2>
    ${choice ? html`<p><strong class=${choice === ask.answer ? 'ok' : 'bad'}>${choice === ask.answer ? '✓' : '✗'} ${ask.answer}</strong>, at ${seconds(h.events[ask.i].t)} s. ${choice === ask.answer ? 'That was your bet.' : `You bet on: ${choice}.`}</p>
      <div class="go"><button class="on" data-act="on"><span>▶</span> Watch how</button><button data-go=${ask.i}><span>Then</span> ${h.events[ask.i].say}</button></div>`
    : html`<p>The run stops here until you say what you expect.</p><div class="go ask">${ask.options.map((o, i) => html`<button data-choose=${o}><span class="mono">${i + 1}</span> ${o}</button>`)}<button class="on" data-act="on"><span>▶</span> Play on without a bet</button></div>`}`
}

export function now() {
  if (store.bet) return question(store.bet, store.h)
  const { h, pos, t } = store, why = h.run.header.why
  let i = pos - 1
  for (let k = 0; store.playing && i > 0 && !told(h.events[i]) && k < 400; k++) i--
  const e = h.events[Math.max(0, i)], begun = pos > 0
  const ago = t - e.t, at = lower(h.keys, pos)
  const next = h.keys[at], before = h.keys[at - 1] === i ? h.keys[at - 2] : h.keys[at - 1]
  const cause = h.events[pos - 1]?.c
  const here = (h.run.end?.broken ?? []).filter(b => b.i === pos - 1)
  const step = begun ? `step ${pos - 1}` : ''
  const m = begun && h.byNumber.get(e.m), end = m && m.i === i && m.end >= 0 && m.end !== next ? m.end : undefined
  return html`<div class="k"><span class="mono">${seconds(begun ? e.t : 0)} s</span>${ago > 999 ? html`<span>${span(ago)} ago</span>` : nothing}<span class="sp"></span><span class="mono">${step}</span></div>
    <h2 dir="auto">${begun ? e.say : h.servers.length ? 'The run starts' : 'The history starts'}</h2>
    ${here.map(b => html`<p class="bad"><strong>⚑ ${b.name} breaks here.</strong></p>`)}
    ${m ? html`<p class="ms" dir="auto">${describe(m)}</p>` : nothing}
    <p>${begun ? why[e.why] ?? '' : 'Step with the arrow keys, or go from key moment to key moment with [ and ].'}</p>
    <div class="go">${before !== undefined ? html`<button data-go=${before}><span>Before</span> ${h.events[before].say}</button>` : nothing}
    ${next !== undefined ? html`<button data-go=${next}><span>Next</span> ${h.events[next].say}</button>` : nothing}
    ${begun && cause !== undefined && cause !== before && h.events[cause] ? html`<button data-go=${cause}><span>Cause</span> ${h.events[cause].say}</button>` : nothing}
    ${end !== undefined ? html`<button data-go=${end}><span>End</span> ${h.events[end].say}</button>` : nothing}</div>`
}

// describe says what a message is.
export function describe(m) {
  const { bytes } = m, end = m.lost ? 'lost' : m.end < 0 ? 'not arrived at the end of the run' : `arrives at ${seconds(m.at)} s`
  return `${m.kind}${m.z ? ' ' + m.z : ''}, ${m.from} → ${m.to}${bytes ? `, ${plural(bytes, 'byte')}` : ''}. Sent at ${seconds(m.sent)} s, ${end}.`
}

// ---- events ----

export const filters = { key: 'Key moments', protocol: 'Protocol', all: 'Every event' }
const passes = {
  key: e => e.key,
  protocol: (e, h) => e.key || e.k === 'drop' || (e.k !== 'sync' && e.k !== 'timer.fire' && e.k !== 'timer.set' && e.k !== 'check' &&
    !((e.k === 'send' || e.k === 'recv') && isPing(e.msg?.kind ?? h.byNumber.get(e.m)?.kind))),
  all: () => true,
}

let rows = [], made = ''

// rowsNow are the events that the filters let through.
export function rowsNow() {
  const { h, filter, who, search } = store, name = JSON.stringify([filter, who, search])
  if (made === name && rows.h === h) return rows
  const words = search.toLowerCase()
  rows = []
  h.events.forEach((e, i) => {
    if (passes[filter](e, h) && (!who || e.n === who || e.msg?.to === who) && (!words || (e.say ?? '').toLowerCase().includes(words) || e.n.toLowerCase() === words)) rows.push(i)
  })
  rows.h = h
  made = name
  return rows
}

const small = matchMedia('(max-width: 820px)')
export const rowHeight = () => small.matches ? 40 : 30

// events draws the part of the list that can be seen.
export function events(box) {
  const { h, pos } = store, list = rowsNow(), tall = rowHeight()
  const on = Math.max(0, lower(list, pos) - 1)
  const a = Math.max(0, Math.floor(box.scrollTop / tall) - 3), b = Math.min(list.length, a + Math.ceil((size(box)[1] || 400) / tall) + 7)
  const out = []
  for (let k = a; k < b; k++) {
    const i = list[k], e = h.events[i], future = i >= pos
    const colour = isBad(e) ? 'var(--bad)' : isWatch(e) ? 'var(--watch)' : epochVar(e.msg?.ep || e.d?.ep || epochOf(e.d?.com ?? e.d?.log?.z ?? ''))
    const chain = store.chain ? (store.chain.has(i) ? ' in' : ' out') : ''
    out.push(html`<div class=${`r${future ? ' fut' : ''}${e.key ? ' key' : ''}${k === on && pos ? ' sel' : ''}${chain}`} data-go=${i} role="option" id=${'ev' + i}
      aria-selected=${k === on} aria-setsize=${list.length} aria-posinset=${k + 1} style=${`top:${k * tall}px;height:${tall}px`}>
      <time class="mono">${seconds(e.t)}</time><em style=${future ? nothing : `color:${colour}`}>${icon(e)} ${e.n === 'net' ? '' : brief(e.n, 5)}</em><span dir="auto" title=${brief(e.say ?? e.k, 300)}>${brief(e.say ?? e.k, 200)}</span></div>`)
  }
  return html`<div role="presentation" style=${`height:${Math.min(list.length * tall, 8e6)}px`}>${list.length ? out : html`<p class="none">No event passes these filters.</p>`}</div>`
}

export function scrollToNow(box) {
  const list = rowsNow(), tall = rowHeight(), y = Math.max(0, lower(list, store.pos) - 1) * tall
  if (y < box.scrollTop + tall || y > box.scrollTop + size(box)[1] - 2 * tall) box.scrollTop = y - size(box)[1] * .45
}

export function eventTools() {
  const { filter, who, h, search } = store
  return html`${Object.entries(filters).map(([k, name]) => html`<button data-filter=${k} aria-pressed=${filter === k}>${name}</button>`)}
    ${who ? html`<button data-who="" aria-pressed="true" aria-label=${`Only ${who}: show all nodes`}>${who} ✕</button>` : nothing}
    <input type="search" id="search" placeholder="Search" aria-label="Search in the events" .value=${search} @input=${e => set({ search: e.target.value })}>
    <small>${rowsNow().length.toLocaleString('en-US')} of ${h.events.length.toLocaleString('en-US')}</small>`
}

// ---- logs ----

export function logs(width) {
  const { h, pos } = store, s = h.stateAt(pos), e = h.events[pos - 1]
  const all = new Set(), servers = s.nodes.filter(n => h.isServer(n.id))
  const room = Math.max(3, Math.floor((width - 56) / 44))
  for (const n of servers) for (let k = Math.max(0, n.len - room); k < n.len; k++) all.add(n.log[k].z)
  const gone = new Map()
  if (e?.d?.trunc !== undefined) {
    const n = s.nodes[s.index.get(e.n)]
    for (let k = n.len; k < Math.min(n.log.length, n.len + room); k++) {
      all.add(n.log[k].z)
      gone.set(n.log[k].z, n.log[k])
    }
  }
  const zs = [...all].sort((a, b) => zxidOrder(a, b)).slice(-room)
  if (!zs.length) return html`<p class="none">No server has a change in its log yet.</p>`
  return servers.map(n => {
    const has = new Map()
    for (let k = Math.max(0, n.len - 4 * room); k < n.len; k++) has.set(n.log[k].z, n.log[k])
    const end = n.len ? n.log[n.len - 1].z : n.base, far = end && zxidOrder(end, zs[0]) < 0 // all of its log is to the left
    return html`<div class="lr"><b style=${`color:${n.role === 'down' ? 'var(--bad)' : n.role === 'looking' ? 'var(--ink3)' : epochVar(n.ep)}`}>${n.id}</b>${far ? html`<span class="snap">ends at ${end}</span>` : zs.map(z => {
      const r = has.get(z), cut = !r && n.id === e?.n && gone.get(z), covered = !r && n.base && zxidOrder(z, n.base) <= 0
      if (!r && !cut) return html`<i class=${covered ? 'snap' : ''} title=${covered ? `${z} is in the snapshot` : ''}>${covered ? '▤' : ''}</i>`
      const state = cut ? 'truncated' : n.com && zxidOrder(z, n.com) <= 0 ? 'committed' : n.durable && zxidOrder(z, n.durable) <= 0 ? 'on disk' : 'in the log'
      const c = epochVar(epochOf(z))
      return html`<i class=${state === 'committed' ? 'c' : cut ? 'u cut' : state === 'on disk' ? 'u' : 'u wet'} style=${`--e:${c}`} title=${`${z} ${(r ?? cut).op}: ${state} at ${n.id}`}>${z}</i>`
    })}</div>`
  })
}

function zxidOrder(a, b) {
  const [ae, ac] = a.split('/').map(Number), [be, bc] = b.split('/').map(Number)
  return ae - be || ac - bc
}

// ---- tree ----

const mostRows = 200

export function tree() {
  const { h, pos } = store, s = h.stateAt(pos), servers = s.nodes.filter(n => h.isServer(n.id))
  const all = new Map()
  for (const n of servers) {
    for (const p of paths(n)) {
      const v = n.tree.get(p), key = `${v.d ?? ''}\u0000${v.own ?? ''}`
      if (!all.has(p)) all.set(p, new Map())
      const by = all.get(p)
      if (!by.has(key)) by.set(key, { v, have: new Set() })
      by.get(key).have.add(n.id)
    }
  }
  const watchers = new Map()
  for (const n of servers) {
    for (const w of n.watch) {
      const k = w.lastIndexOf(' '), p = w.slice(0, k)
      watchers.set(p, (watchers.get(p) ?? new Set()).add(w.slice(k + 1)))
    }
  }
  for (const p of watchers.keys()) if (!all.has(p)) all.set(p, new Map([['', { v: null, have: new Set() }]]))
  const list = [...all.keys()].sort().slice(0, mostRows)
  if (!list.length) return html`<p class="none">${servers.some(n => n.com) ? 'The trees are empty: no client has made a node, or all are gone.' : 'No server has a tree yet.'}</p>`
  return html`<div role="tree" aria-label="Znodes">${list.map(p => {
    const depth = p === '/' ? 0 : p.split('/').length - 1
    return [...all.get(p).values()].map(({ v, have }) => html`<div class="t" role="treeitem" aria-level=${depth + 1} style=${`padding-left:${depth * 14}px`}>
      <span class="mono pa" title=${brief(p, 400)}>${p === '/' ? '/' : brief(p.slice(p.lastIndexOf('/')), 60)}</span>
      ${v?.d || v && all.get(p).size > 1 ? html`<span class="v" dir="auto" title=${brief(v.d, 400)}>“${brief(v.d, 120)}”</span>` : nothing}
      ${v ? nothing : html`<span class="v">does not exist</span>`}
      <span class="d" aria-label=${have.size ? 'on ' + [...have].join(', ') : 'on no server'} role="img">${v ? servers.map(n => html`<i class=${have.has(n.id) ? 'y' : ''} style=${have.has(n.id) ? `--e:${n.ep && n.role !== 'looking' ? epochVar(n.ep) : 'var(--ink3)'}` : nothing}>${n.id.replace(/^S(?=\d)/, '')}</i>`) : nothing}</span>
      ${v?.own || watchers.has(p) ? html`<span class="eph">${v?.own ? `ephemeral, ${brief(v.own, 20)}` : ''}${v?.own && watchers.has(p) ? ' · ' : ''}${watchers.has(p) ? html`<b>☆ watched by ${brief([...watchers.get(p)].join(', '), 60)}</b>` : nothing}</span>` : nothing}</div>`)
  })}</div>${all.size > mostRows ? html`<p class="none">${plural(all.size - mostRows, 'more path')}</p>` : nothing}`
}

// ---- verdict ----

// judged sorts the checks of a run: what holds, what is broken, what nobody decided.
export function judged(run) {
  const list = run.end?.invariants ?? []
  const of = f => list.filter(f)
  return {
    any: list.length > 0,
    ok: of(c => c.result === 'ok' && !c.idle),
    idle: of(c => c.idle && c.result === 'ok'),
    broken: of(c => c.result === 'broken' && !c.allowed),
    allowed: of(c => c.bad || (c.result === 'broken' && c.allowed)),
    open: of(c => c.result !== 'ok' && c.result !== 'broken'),
  }
}

// chip is the verdict in a few words: [tone, text, more text if there is room].
export function chip(run) {
  const j = judged(run), bug = run.end?.broken?.find(b => !j.allowed.some(c => c.name === b.name))
  if (run.cutOff) return ['warn', '? no verdict', ': the file is cut off']
  if (j.broken.length || bug) return ['bad', `✗ ${brief(bug?.name ?? j.broken[0].name, 34)}`, ' is broken']
  if (j.open.length) return ['warn', `? ${plural(j.open.length, 'check')} undecided`, '']
  if (!j.ok.length) return ['warn', '? nothing was checked', '']
  const bad = j.allowed.length
    ? `, ${j.allowed.length} with an unwanted result that ZooKeeper allows` : ''
  return [bad ? 'warn' : 'ok', `${bad ? '!' : '✓'} ${plural(j.ok.length, 'check')}`, ` ${j.ok.length === 1 ? 'holds' : 'hold'}${bad}`]
}

// ordered says how far a checker came that did not decide.
function ordered(run) {
  const v = run.verdict, n = v?.longest?.length
  if (!n || v.result === 'ok' || v.result === 'broken') return ''
  return `: not decided${v.ms ? ` in ${span(v.ms * 1000)}` : ''}, ${n} of ${plural(run.end.ops.length, 'operation')} ordered`
}

export function verdict() {
  const { run } = store.h, j = judged(run), end = run.end
  if (run.cutOff) return html`<p class="none">The file ends before its verdict. What you see is the part that arrived.</p>`
  const names = list => list.map(c => c.name).join(', ')
  const unknown = end.ops.filter(o => o.st === 'unknown').length
  return html`<dl>
    ${(end.broken ?? []).map(b => ({ ...b, may: j.allowed.some(c => c.name === b.name) })).map(b => html`<dt class=${b.may ? 'warn' : 'bad'}>${b.may ? '! Broken' : '✗ Broken'}</dt><dd><strong class=${b.may ? 'warn' : 'bad'}>${b.name}</strong>${b.may ? ' (ZooKeeper does not promise it)' : ''} ${brief(b.text, 600)}
      ${b.i >= 0 ? html`<button class="lk" data-go=${b.i}>go to step ${b.i}</button>` : nothing}</dd>`)}
    ${j.open.length ? html`<dt>? Undecided</dt><dd>${names(j.open)}${ordered(run)}</dd>` : nothing}
    ${j.allowed.filter(c => c.bad).map(c => html`<dt class="warn">! Allowed</dt><dd><strong class="warn">${c.name}</strong> ${brief(c.text ?? '', 300)}</dd>`)}
    ${j.ok.length ? html`<dt class="ok">✓ Hold</dt><dd><details><summary>${plural(j.ok.length, 'check')}</summary>${names(j.ok)}</details></dd>` : nothing}
    ${j.idle.length ? html`<dt>· Idle</dt><dd><details><summary>${plural(j.idle.length, 'check')}: nothing to check</summary>${names(j.idle)}</details></dd>` : nothing}
    ${unknown ? html`<dt>Unknown</dt><dd>${plural(unknown, 'operation')} without an answer: each may have happened or not</dd>` : nothing}
    ${store.h.servers.length && !run.header.why.raft ? html`<dt>Reads</dt><dd>A ZooKeeper read is local and may be stale: only the order within each session is promised.</dd>` : nothing}
    ${store.h.servers.length ? html`<dt>Run</dt><dd class="mono">${end.fingerprint}</dd>` : html`<dt>Shown</dt><dd>What clients said: calls, answers, watch events and beliefs. A history has no servers and no states.</dd>`}
    ${run.header.actions.length ? html`<dt>Faults</dt><dd>${run.header.actions.join('; ')}</dd>` : nothing}
  </dl>`
}
