// store.js is the only module that changes the page's state. Views read it and draw.

import { align, difference, future, indexAt, lower, past } from 'lab/history.js'

export const speeds = [1 / 1000, 1 / 100, 1 / 32, 1 / 8, 1 / 2, 1]
const listeners = []

export const store = {
  h: null,          // the history of the run that is stepped
  runs: [],         // {name, h, add, document, flags, parent, verified}: the run of the page and its forks
  active: 0,        // the one that is stepped
  two: null,        // two runs side by side: [earlier, later]
  differs: -1,      // the first event in which the two differ, and when, in µs
  differsAt: -1,
  pos: 0,           // number of events that have happened
  t: 0,             // µs
  u: 0,             // the same moment on the axis
  view: { a: 0, b: 1 },
  playing: false,
  speed: 3,
  filter: 'key',
  who: '',          // the node to which the list of events is limited
  search: '',
  selected: '',     // a node
  message: 0,       // the number of a message that was picked, or 0
  apart: [],        // the nodes on the other side of a split that is being made
  drag: null,       // a node that a pointer pulls: {id, dx, dy, over}
  bets: true,       // play stops at the questions of the trace
  bet: null,        // the question on screen: {ask, choice}
  causes: '',       // '', past or future
  chain: null,      // the events of past or future
  tab: '',
  blame: undefined, // the event at which a check breaks
  trouble: null,    // a banner: {kind, title, text}
  verified: false,  // all hashes of the trace agree with this page's states
  hidden: false,    // they do not: no state is shown
  version: 0,       // grows with every change
}

export const onChange = f => listeners.push(f)

export function set(change) {
  Object.assign(store, change)
  store.version++
  for (const f of listeners) f()
}

// ---- runs ----

// first makes the run of the page the only one.
export const first = (h, add) => Object.assign(store, { runs: [{ name: 'Run 1', h, add, parent: -1 }], active: 0, two: null, differs: -1 })

// nameFor is the name of the next fork of a run: Run 1.1, then Run 1.2.
export function nameFor(parent) {
  const under = store.runs.filter(r => r.parent === parent)
  return `${store.runs[parent].name}.${under.length + 1}`
}

// add adds a run and shows it beside the one that it differs from, at the moment on screen.
export function add(run) {
  store.runs.push(run)
  beside(run.parent, store.runs.length - 1)
  const next = run.h.events.find(e => e.t > store.t && e.key === 'leader') // it should be in view, unless it is far
  const w = Math.min(4 * width(), Math.max(width(), next ? (run.h.U(next.t) - store.u) * 1.6 : 0)), a = Math.max(-w * .04, store.u - w * .4) // most of the view is the future
  store.view = { a, b: a + w }
  activate(store.runs.length - 1)
}

// replace puts another run in the place of one, for a text that is being written.
export function replace(i, run) {
  store.runs[i] = run
  beside(run.parent, i)
  activate(i, true)
}

// compare shows another run below the one of the page: the same plan on another engine. at is the time
// of the plan's first fault.
export function compare(h, names, at) {
  store.runs[0].name = names[0]
  store.runs.push({ name: names[1], h, add: [], parent: 0, other: true, at, verified: false })
  beside(0, 1)
}

// drop takes a fork and its own forks away.
export function drop(i) {
  const gone = new Set([i])
  store.runs.forEach((r, k) => { if (gone.has(r.parent)) gone.add(k) })
  const parent = store.runs[i].parent, keep = store.runs.filter((r, k) => !gone.has(k)), to = store.runs[parent]
  for (const r of keep) r.parent = keep.indexOf(store.runs[r.parent])
  store.runs = keep
  const at = keep.indexOf(to), up = keep[at].parent
  if (up >= 0) beside(up, at)
  else alone()
  activate(at)
}

// beside shows two runs on one axis, with the first event in which they differ.
function beside(a, b) {
  rescale(() => align([store.runs[a].h, store.runs[b].h]), store.runs[a].h)
  const list = [store.runs[a].h, store.runs[b].h], at = store.runs[b].at
  const differs = at === undefined ? difference(...list) : indexAt(list[0], at) - 1
  const differsAt = at ?? Math.min(...list.map(h => h.events[differs]?.t ?? Infinity))
  Object.assign(store, { two: [a, b], differs, differsAt: differs < 0 ? -1 : differsAt })
}

function alone() {
  rescale(() => align([store.runs[0].h]), store.runs[0].h)
  Object.assign(store, { two: null, differs: -1 })
}

// rescale changes the axis, and keeps the times that are in view.
function rescale(change, h) {
  const from = store.h, { a, b } = store.view, [ta, tb] = [from.T(a), from.T(b)]
  change()
  store.u = h.U(store.t)
  const w = Math.max(2000, h.U(tb) - h.U(ta))
  store.view = { a: h.U(ta), b: h.U(ta) + w }
}

// activate makes a run the one that is stepped, at the same time. If it is of no pair on screen, it is
// shown beside the run that it was made from.
export function activate(i, same = false) {
  if (i === store.active && !same) return set({})
  const { h } = store.runs[i], { pos, t } = store
  if (store.two && !store.two.includes(i) && store.runs[i].parent >= 0) beside(store.runs[i].parent, i)
  const known = pos > 0 && store.h.events[pos - 1], same2 = known && h.events[pos - 1]?.t === known.t && h.events[pos - 1]?.n === known.n
  const at = same2 ? pos : indexAt(h, t)
  set({ h, active: i, pos: at, t: Math.min(t, h.end), u: h.U(Math.min(t, h.end)), causes: '', chain: null, playing: false, bet: null, message: same2 ? store.message : 0, drag: null, apart: [], who: '', trouble: null, hidden: false, verified: !!store.runs[i].verified, ...store.runs[i].wrong })
}

// momentOf is what a picture of a run shows: the run that is stepped where it is, another at the same time.
export function momentOf(i) {
  const { h, name } = store.runs[i], on = i === store.active
  return { h, pos: on ? store.pos : indexAt(h, store.t), u: store.u, chain: on ? store.chain : null, name: store.two ? name : '', on, differsAt: store.two ? store.differsAt : -1, aligned: !!store.two && store.runs[store.two[1]].at !== undefined }
}

// width is the length of the view, in µs of the axis.
const width = () => store.view.b - store.view.a

// seek goes to a time. step, if given, is the event to show; events at the same time may follow it.
export function seek(t, { step, centre = false, u } = {}) {
  const h = store.h
  t = Math.max(0, Math.min(h.end, t))
  const pos = step !== undefined ? step + 1 : indexAt(h, t)
  u ??= h.U(t)
  const change = { t, u, pos, view: follow(u, centre) }
  if (pos !== store.pos) change.bet = null
  if (store.causes && pos !== store.pos) change.chain = chainOf(store.causes, pos)
  set(change)
}

// follow moves the view so that the moment u is in it.
function follow(u, centre) {
  const { a, b } = store.view, w = b - a
  if (!centre && u >= a + w * .1 && u <= b - w * .2) return store.view
  const at = Math.max(-w * .04, Math.min(store.h.size - w * .9, u - w * .55))
  return { a: at, b: at + w }
}

export const go = i => store.h.events[i] && seek(store.h.events[i].t, { step: i, centre: false })

export const step = by => go(Math.max(0, Math.min(store.h.events.length - 1, store.pos - 1 + by)))

// stepOn goes to the next or the previous event of the same node.
export function stepOn(by) {
  const { h, pos } = store
  const n = h.events[Math.max(0, pos - 1)].n
  for (let i = pos - 1 + by; i >= 0 && i < h.events.length; i += by) if (h.events[i].n === n) return go(i)
}

export function key(by) {
  const { h, pos } = store, at = lower(h.keys, pos)
  const k = by > 0 ? at : h.keys[at - 1] === pos - 1 ? at - 2 : at - 1
  if (h.keys[k] !== undefined) go(h.keys[k])
}

export function play(on = !store.playing) {
  if (on && store.pos >= store.h.events.length) seek(0)
  set({ playing: on, bet: on ? null : store.bet })
}

// advance moves the clock by the time of a frame, in ms.
export function advance(ms) {
  const { h, u, speed } = store
  const to = Math.min(h.size, u + ms * 1000 * speeds[speed]), ask = asked(store.pos, indexAt(h, h.T(to)))
  if (ask) {
    seek(h.events[ask.at].t, { step: ask.at })
    return set({ playing: false, bet: { ask, choice: '' } })
  }
  seek(h.T(to), { u: to })
  if (to >= h.size) set({ playing: false, pos: h.events.length, t: h.end })
}

// nextKey is the next key moment, for readers who want no movement.
export function advanceByKey() {
  const before = store.pos
  key(1)
  if (store.pos === before) return set({ playing: false })
  const ask = asked(before, store.pos)
  if (ask && ask.i >= store.pos) set({ playing: false, bet: { ask, choice: '' } })
}

// asked is the first question between two positions, unless the reader wants none.
function asked(from, to) {
  if (!store.bets) return undefined
  return (store.h.run.end?.asks ?? []).find(a => a.at >= from && a.at < to && store.h.events[a.i])
}

// choose answers the question on screen. Only now is the answer shown; nobody counts.
export function choose(choice) {
  if (store.bet && !store.bet.choice && store.bet.ask.options.includes(choice)) set({ bet: { ask: store.bet.ask, choice } })
}

// side puts a node on the other side of the split that is being made, or back.
export function side(id) {
  if (!store.h.nodes.some(n => n.id === id && n.kind !== 'resource')) return
  set({ apart: store.apart.includes(id) ? store.apart.filter(x => x !== id) : [...store.apart, id] })
}

// flying are the messages on their way at the moment on screen, and those that were lost less than
// some µs of the axis ago.
export function flying(ago = 0) {
  const { h, u, pos } = store, list = []
  const show = m => { if (m.i < pos && (!(m.end >= 0 ? m.end < pos : m.u1 < u) || m.lost && u - m.u1 < ago)) list.push(m) }
  for (let i = lower(h.messages, u - h.longest - ago, m => m.u0); i < h.messages.length && h.messages[i].u0 <= u; i++) show(h.messages[i])
  for (const m of h.long) if (m.u0 <= u) show(m)
  return list
}

// picked is the message that a change is about: the one that was picked, or that of the event on
// screen, while it is on its way between two machines.
export function picked() {
  const { h, pos, message } = store
  const on = n => {
    const m = h.byNumber.get(n)
    return m && m.i < pos && (m.end < 0 || m.end >= pos) && h.kind(m.to) !== 'resource' ? m : undefined
  }
  return on(message) ?? on(h.events[pos - 1]?.m)
}

// pick goes from one message on its way to the next: proposals and votes first, then pings.
export function pick() {
  const all = flying().filter(m => store.h.kind(m.to) !== 'resource'), loud = all.filter(m => m.cls !== 'ping'), list = loud.length ? loud : all
  const at = list.findIndex(m => m === picked()), to = list[(at + 1) % list.length]
  if (to) set({ message: store.h.events[to.i].m })
  return Boolean(to)
}

export function zoom(factor, u = store.u) {
  const w = Math.min(store.h.size * 1.1, Math.max(Math.min(2000, store.h.size * .2), width() * factor))
  const r = (u - store.view.a) / width()
  set({ view: { a: u - w * r, b: u - w * r + w } })
}

export function pan(share) {
  const w = width()
  let a = store.view.a + share * w
  a = Math.max(-w * .5, Math.min(store.h.size - w * .5, a))
  set({ view: { a, b: a + w } })
}

export const whole = () => set({ view: { a: -store.h.size * .02, b: store.h.size * 1.04 } })

function chainOf(causes, pos) {
  if (!causes || pos < 1) return null
  return causes === 'past' ? past(store.h, pos - 1) : future(store.h, pos - 1)
}

export function show(causes) {
  const c = store.causes === causes ? '' : causes
  set({ causes: c, chain: chainOf(c, store.pos) })
}

// ---- links ----

// link is the part of the address that leads back to this moment. s, seed and a name the run.
export function link() {
  const { t, pos, filter } = store, { header } = store.runs[0].h.run
  const parts = [['s', header.scenario], ...'seedless' in header.config ? [] : [['seed', header.seed]]]
  const added = store.runs[store.active]?.add ?? []
  if (header.actions.length + added.length) parts.push(['a', [...header.actions, ...added.map(x => x.replace(/^fault=/, ''))].join(';')])
  if (store.runs[store.active]?.flags) parts.push(['o', store.runs[store.active].flags])
  if (store.runs[store.active]?.other) parts.push(['r', store.active])
  parts.push(['t', (t / 1e6).toFixed(6)], ['e', pos - 1])
  const round = Math.round
  parts.push(['v', `${round(store.view.a)}:${round(store.view.b)}`])
  if (filter !== 'key') parts.push(['f', filter])
  return '#' + parts.map(([k, v]) => k + '=' + encodeURIComponent(v)).join('&')
}

// addedIn returns the faults and calls that a link adds to the page's run, or null if the link is not
// of this run.
export function addedIn(hash) {
  const p = new URLSearchParams(hash.replace(/^#/, '').replaceAll('+', '%2B')), { header } = store.runs[0].h.run
  const list = (p.get('a') ?? '').split(';').filter(Boolean)
  if ((p.has('s') && p.get('s') !== header.scenario) || (p.has('seed') && p.get('seed') !== header.seed)) return null
  if (header.actions.some((x, i) => list[i] !== x)) return null
  return list.slice(header.actions.length).map(x => /^(fault|call)=/.test(x) ? x : 'fault=' + x)
}

// open goes to the moment that a link names. It returns a sentence if the link is of another run.
export function open(hash) {
  const p = new URLSearchParams(hash.replace(/^#/, '').replaceAll('+', '%2B')), r = Number(p.get('r') ?? 0)
  if (store.runs[1]?.other && (r === 0 || r === 1)) activate(r)
  const h = store.h
  const v = /^(-?\d+):(-?\d+)$/.exec(p.get('v') ?? '')
  if (v && +v[2] > +v[1]) set({ view: { a: +v[1], b: +v[2] } })
  if (['key', 'protocol', 'all'].includes(p.get('f'))) set({ filter: p.get('f') })
  const e = p.get('e') === null || p.get('e') === '' ? NaN : Number(p.get('e')), t = parseFloat(p.get('t') ?? '')
  if (Number.isInteger(e) && h.events[e]) seek(h.events[e].t, { step: e })
  else if (e === -1) seek(0, { step: -1 })
  else if (t >= 0) seek(t * 1e6, { centre: !v })
  const { header } = store.runs[0].h.run
  if ((p.has('s') && p.get('s') !== header.scenario) || (p.has('seed') && p.get('seed') !== header.seed)) {
    return `This link is for ${p.get('s') ?? 'another run'}, seed ${p.get('seed') ?? '?'}. This file has ${header.scenario}, seed ${header.seed}.`
  }
  return ''
}
