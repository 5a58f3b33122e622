// history.js gives the state at every position of a run, and the indexes that the pictures need:
// messages, bands on the lanes, splits, key moments. It uses no DOM.

import { apply, canonical, copy, find, hash, newState, pauses } from 'lab/trace.js'

const mostKept = 1_500_000 // entries of trees in all keyframes

// lower is the first index of list whose value is at least x.
export function lower(list, x, value = v => v) {
  let a = 0, b = list.length
  while (a < b) {
    const m = (a + b) >> 1
    value(list[m]) < x ? a = m + 1 : b = m
  }
  return a
}

const classes = {
  NOTIFICATION: 'vote', PROPOSAL: 'prop', INFORM: 'com', ACK: 'ack', COMMIT: 'com', PING: 'ping', EVENT: 'watch',
  REQUEST: 'cli', REPLY: 'cli', CONNECT: 'cli', CONNECTED: 'cli', WRITE: 'write',
  APPEND: 'prop', 'APPEND-REPLY': 'ack', 'COMMIT-REPLY': 'ack', HEARTBEAT: 'ping', 'HEARTBEAT-REPLY': 'ping', VOTE: 'vote', 'VOTE-REPLY': 'vote',
  PREVOTE: 'vote', 'PREVOTE-REPLY': 'vote', // of Raft
}

// isPing says whether messages of a kind only say that their sender is there.
export const isPing = kind => classes[kind] === 'ping'

// build makes the history of a run that trace.read returned. It gives up the thread now and then.
export async function build(run) {
  const { header, events } = run
  const h = {
    run, events, nodes: header.nodes, end: events[events.length - 1].t, keys: [], messages: [], long: [], splits: [],
    bands: new Map(), held: new Map(), beliefs: new Map(), byNumber: new Map(), applied: [], checks: [],
    drops: new Map(), heard: new Map(), strange: false,
  }
  for (const n of header.nodes) {
    h.bands.set(n.id, [])
    h.held.set(n.id, [])
    h.beliefs.set(n.id, [])
  }
  const kind = new Map(header.nodes.map(n => [n.id, n.kind]))
  h.kind = id => kind.get(id) ?? 'net'
  h.isServer = id => kind.get(id) === 'server' || kind.get(id) === 'observer'
  h.servers = header.nodes.filter(n => h.isServer(n.id))
  h.others = header.nodes.filter(n => !h.isServer(n.id))
  h.lanes = [...h.others.filter(n => n.kind === 'client'), ...h.others.filter(n => n.kind !== 'client'), ...h.servers]
  const rest = pauses()
  await keyframes(h, rest)
  for (let i = 0; i < events.length; i++) {
    index(h, events[i], i)
    if ((i & 1023) === 0) await rest()
  }
  await rest()
  for (const list of [...h.bands.values(), ...h.held.values(), ...h.beliefs.values(), [...h.splits]]) {
    for (const b of list) b.b ??= h.end
  }
  h.classes = new Set(h.messages.flatMap(m => m.lost || m.refused ? [m.cls, 'lost'] : [m.cls]))
  h.patience = patience(h)
  h.loud = events.filter(e => loud(h, e)).map(e => e.t)
  await rest()
  align([h])
  return h
}

// align gives histories one axis: what happens in one of them is not quiet in the others.
export function align(list) {
  const times = list.length > 1 ? list.flatMap(h => h.loud).sort((a, b) => a - b) : list[0].loud
  const end = Math.max(...list.map(h => h.end)), axis = fold(times, end)
  for (const h of list) {
    if (h.gaps && sameAxis(h, axis)) continue // placed on it already
    Object.assign(h, axis)
    place(h)
  }
}

// sameAxis compares two axes: the quiet times say all of them.
const sameAxis = (x, y) => x.size === y.size && x.gaps.length === y.gaps.length && x.gaps.every((g, i) => g.a === y.gaps[i].a && g.b === y.gaps[i].b)

// place puts on the axis what the pictures look up by its place.
function place(h) {
  h.longest = 0
  h.long = []
  for (const m of h.messages) {
    m.u0 = h.U(m.sent)
    m.u1 = h.U(m.at)
    if (m.u1 - m.u0 > 300_000) h.long.push(m)
    else h.longest = Math.max(h.longest, m.u1 - m.u0)
  }
  h.sentBy = new Map(h.nodes.map(n => [n.id, []]))
  for (const m of h.messages) if (m.cls !== 'ping') h.sentBy.get(m.from)?.push(m.u0)
  ops(h)
}

const compared = new WeakMap() // by a run: another one, and where the two differ

// difference is the first event in which two runs differ, or -1.
export function difference(a, b) {
  const [other, at] = compared.get(b) ?? []
  if (other === a) return at
  let i = 0
  while (alike(a, b, i)) i++
  return apart(a, b, i)
}

// follow finds the first event in which the events of a run that is still read may differ from a's, if
// those before event i do not.
export function follow(a, events, i) {
  while (alike(a, { events }, i)) i++
  return i
}

const alike = (a, b, i) => i < Math.min(a.events.length, b.events.length) && same(a.events[i], b.events[i])
const apart = (a, b, i) => i < Math.max(a.events.length, b.events.length) ? i : -1

// compare finds the difference of two long runs, for later calls of difference. It gives up the thread
// now and then. The events before event i do not differ.
export async function compare(a, b, i = 0) {
  const rest = pauses()
  for (; alike(a, b, i); i++) if ((i & 1023) === 0) await rest()
  compared.set(b, [a, apart(a, b, i)])
  return difference(a, b)
}

// same compares two values as JSON has them.
function same(x, y) {
  if (x === y) return true
  if (!x || !y || typeof x !== 'object' || typeof y !== 'object') return false
  let n = 0
  for (const k in x) {
    if (!same(x[k], y[k])) return false
    n++
  }
  for (const k in y) n--
  return n === 0
}

function index(h, e, i) {
  if (e.key) h.keys.push(i)
  if (e.k === 'check') h.checks.push(i)
  if (e.k === 'clock') h.strange = true
  if (e.k === 'send' && e.msg) {
    const m = {
      i, from: e.n, to: e.msg.to, kind: e.msg.kind, cls: classes[e.msg.kind] ?? 'sync', ep: e.msg.ep ?? termOf(h, e),
      z: e.msg.z ?? '', sent: e.t, at: Math.max(e.t, e.msg.at ?? e.t), end: -1, lost: false, drawn: e.drawn ?? '', bytes: e.msg.bytes ?? 0,
    }
    h.messages.push(m)
    h.byNumber.set(e.m, m)
  } else if ((e.k === 'recv' || e.k === 'drop') && h.byNumber.has(e.m)) {
    const m = h.byNumber.get(e.m)
    m.end = i
    m.at = e.t
    m.lost = e.k === 'drop'
    if (!m.lost && m.cls !== 'vote' && h.isServer(m.from) && h.isServer(m.to)) hear(h.heard, m.to, m.from, e.t)
    m.refused = e.key === 'refused'
  } else if (e.k === 'split' || e.k === 'heal' || e.d?.groups) {
    if (h.splits.length) h.splits[h.splits.length - 1].b ??= e.t
    if (e.d?.groups?.length) h.splits.push({ a: e.t, b: null, i, groups: e.d.groups })
  }
  const d = e.d
  if (d && (d.role || d.ep !== undefined) && h.bands.has(e.n)) {
    const list = h.bands.get(e.n), last = list[list.length - 1]
    const role = d.role || last?.role || '', ep = d.ep ?? last?.ep ?? 0
    if (!last || last.role !== role || last.ep !== ep) {
      if (last) last.b = e.t
      list.push({ a: e.t, b: null, role, ep })
    }
  }
  if (d?.belief && h.beliefs.has(e.n)) mark(h.beliefs.get(e.n), e.t, d.belief.lead)
  if (h.held.has(e.n) && (e.k === 'pause' || e.k === 'resume' || e.k === 'crash' || e.k === 'restart')) {
    mark(h.held.get(e.n), e.t, e.k === 'pause')
  }
  if (d?.com && h.kind(e.n) !== 'resource') h.applied.push(i)
}

// termOf is the term of a message of Raft: that of the entry that it is about, or of its sender.
function termOf(h, e) {
  if (!h.run.header.why.raft) return 0
  return parseInt(e.msg.z, 10) || h.bands.get(e.n)?.at(-1)?.ep || 0
}

function hear(heard, to, from, t) {
  const name = from + ' ' + to, list = heard.get(name)
  if (list) list.push(t)
  else heard.set(name, [t])
}

// patience returns a function that says how long a server still waits for its leader: a server that
// follows gives up after syncLimit ticks without a message from its leader (zab/learner.go). It
// returns null where the trace does not say so: of other roles and engines, and of clocks that are off.
function patience(h) {
  const { tick, syncLimit } = h.run.header.config, limit = tick * syncLimit
  return (id, n, t) => {
    if (!(limit > 0) || h.strange || n.role !== 'following' && n.role !== 'observing') return null
    const list = h.heard.get(n.ldr + ' ' + id), last = list?.[lower(list, t + .5) - 1]
    return last === undefined ? null : { of: n.ldr, limit, left: Math.max(0, last + limit - t) }
  }
}

// mark opens or closes the last band of a list.
function mark(list, t, on) {
  const last = list[list.length - 1]
  if (last && last.b === null) {
    if (on) return
    last.b = t
  } else if (on) list.push({ a: t, b: null })
}

// ---- states ----

// keyframes keeps a copy of the state now and then, so that a seek applies few events. The copies
// share what did not change. If trees are large, copies are farther apart.
async function keyframes(h, rest) {
  const frames = []
  let every = 512, kept = 0
  const s = newState(h.nodes)
  for (let i = 0; i < h.events.length; i++) {
    if (i % every === 0) {
      frames.push(copy(s))
      for (const n of s.nodes) kept += n.tree.size + 8
      if (kept > mostKept) {
        for (let k = 1; k < frames.length; k++) frames.splice(k, 1)
        every *= 2
        kept /= 2
      }
    }
    apply(s, h.events[i])
    if ((i & 1023) === 0) await rest()
  }
  let now = copy(frames[0]), at = 0
  // stateAt is the state after the first `count` events. The next call may change it.
  h.stateAt = count => {
    if (count < at || count - at > every) {
      const k = Math.min(frames.length - 1, Math.floor(count / every))
      now = copy(frames[k])
      at = k * every
    }
    while (at < count) apply(now, h.events[at++])
    return now
  }
}

// verify folds the run again and compares the hash of each check. It returns the first event whose
// hash differs, or -1. It gives up the thread between checks.
export async function verify(h) {
  const s = newState(h.nodes)
  let resume = performance.now() + 8
  for (let i = 0; i < h.events.length; i++) {
    const e = h.events[i]
    if (e.k === 'check' && e.hash !== hash(canonical(s))) return i
    apply(s, e)
    if ((i & 127) === 0 && performance.now() > resume) {
      await new Promise(done => setTimeout(done))
      resume = performance.now() + 8
    }
  }
  return -1
}

// ---- quiet time ----

const quiet = 150_000 // µs without anything but pings and timers; a first election waits 200 ms
const short = 40_000  // its length on the axis

function loud(h, e) {
  if (e.key || e.d) return true
  switch (e.k) {
    case 'send': return !isPing(e.msg?.kind)
    case 'recv': case 'drop': return !isPing(h.byNumber.get(e.m)?.kind)
    case 'timer.set': case 'timer.fire': case 'check': case 'sync': case 'persist': case 'note': return false
  }
  return true
}

// fold builds the axis from the times at which something happens: time, with long quiet stretches
// shortened. U converts a time to its place on the axis, in µs of loud time, and T converts back.
function fold(times, end) {
  const ts = [0], us = [0], gaps = []
  let last = 0
  const gap = to => {
    if (to - last < quiet) return
    const u = us[us.length - 1] + last - ts[ts.length - 1]
    ts.push(last, to)
    us.push(u, u + short)
    gaps.push({ a: last, b: to, u0: u, u1: u + short })
  }
  for (const t of times) {
    gap(t)
    last = t
  }
  gap(end)
  const between = (xs, ys, x) => {
    let k = lower(xs, x)
    if (k < xs.length && xs[k] === x) { while (k + 1 < xs.length && xs[k + 1] === x) k++ ; return ys[k] }
    if (k >= xs.length) return ys[xs.length - 1] + x - xs[xs.length - 1]
    if (k === 0) return ys[0] + x - xs[0]
    return ys[k - 1] + (x - xs[k - 1]) * (ys[k] - ys[k - 1]) / (xs[k] - xs[k - 1])
  }
  const U = t => between(ts, us, t)
  return { gaps, U, T: u => between(us, ts, u), size: Math.max(20, U(end)) }
}

// ---- operations and causes ----

function ops(h) {
  h.ops = (h.run.end?.ops ?? []).filter(o => h.events[o.call]).map(o => {
    const ret = o.ret === null ? null : h.events[o.ret]
    const op = { c: o.c, call: o.call, ret: ret ? o.ret : -1, st: o.st, z: o.z ?? '', ap: o.ap ?? -1 }
    op.label = (h.events[o.call].drawn || `${o.f} ${o.in}`).replace(' (ephemeral)', '')
    op.u0 = h.U(h.events[o.call].t)
    op.u1 = h.U(ret ? ret.t : h.end)
    op.lin = h.events[op.ap] ? h.U(h.events[op.ap].t) : null
    return op
  })
  if (!h.servers.length) orderly(h)
}

// orderly places each operation of a history where one order that explains the answers has it: as
// early as its call and the operations before it in that order allow. Of a history that no order
// explains, it places the longest part that one explains.
function orderly(h) {
  const { order, longest } = h.run.verdict ?? {}, list = h.run.end?.ops ?? [], by = new Map(h.ops.map(o => [o.call, o]))
  let at = 0
  for (const k of order?.length ? order : longest ?? []) {
    const o = by.get(list[k]?.call)
    if (!o) continue
    at = Math.max(at, o.u0)
    o.lin = Math.min(at, o.u1)
  }
}

// past is the chain of direct causes of an event, the event included.
export function past(h, i) {
  const set = new Set()
  for (let e = h.events[i]; e && !set.has(e.i); e = h.events[e.c]) set.add(e.i)
  return set
}

// future is the event and all that it caused, directly or through other events.
export function future(h, i) {
  const set = new Set([i])
  for (let k = i + 1; k < h.events.length; k++) if (set.has(h.events[k].c)) set.add(k)
  return set
}

// indexAt is the number of events up to a time, that time included.
export const indexAt = (h, t) => lower(h.events, t + .5, e => e.t)

let places = 3
// precise sets how many decimals a time has: a history may be over in a few µs.
export const precise = digits => { places = digits }
export const seconds = (us, digits = places) => (us / 1e6).toFixed(digits)

export { find }
