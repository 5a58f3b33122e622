// trace.js reads a trace in the format zablab.trace/1, folds its patches into states, and builds
// the indexes that the views need. It uses no DOM. The fold equals State.Apply of the Go package
// scenarios/trace; the test TestFold compares the two.

export const schema = 'zablab.trace/1'
export const mostEvents = 1_000_000

// Bad is a trace that cannot be shown: why, and where.
export class Bad extends Error {
  constructor(title, message, line = 0, text = '') {
    super(message)
    Object.assign(this, { title, line, text: text.slice(0, 200) })
  }
}

// pause gives up the thread. scheduler.yield resumes at once; a timer waits 4 ms or more.
const pause = () => globalThis.scheduler?.yield?.() ?? new Promise(done => setTimeout(done))

// pauses returns a function that gives up the thread, as often as a task of the main thread may last.
export function pauses() {
  let resume = performance.now() + 25
  return async () => {
    if (performance.now() < resume) return
    await pause()
    resume = performance.now() + 25
  }
}

// read parses a trace: its bytes, or a stream of them, of which it parses each part while the next
// one is unpacked. It gives up the thread now and then, and calls seen with each part and the events
// before it.
export async function read(source, seen = () => {}) {
  const run = { header: null, events: [], end: null, verdict: null, cutOff: true }
  const events = run.events, decoder = new TextDecoder()
  let line = 0, last = 0, rest = '', blank = true
  const breathe = pauses()
  // take reads a line, and returns whether more can follow.
  const take = s => {
    line++
    if (!run.header) {
      run.header = readHeader(s)
      return true
    }
    if (run.end) {
      run.verdict = s.text ? parse(s, line)?.verdict ?? null : null
      return false
    }
    if (s.text.startsWith('{"end":')) {
      run.end = parse(s, line)
      if (!run.end) return false
      if (run.end.events !== events.length) {
        throw new Bad('This trace was changed', `Its end line counts ${run.end.events} events, but the file has ${events.length}.`, line, s.text)
      }
      run.cutOff = false
      return true
    }
    const e = parse(s, line)
    if (!e) return false
    checkEvent(e, events.length, last, line, s.text)
    last = e.t
    events.push(e)
    if (events.length > mostEvents) {
      throw new Bad('This run is too large to show', 'It has more than 1,000,000 events. Cut a part out of it: zablab trace trim RUN.ndjson --around 1.7s -o part.ndjson')
    }
    return true
  }
  let more = true
  for await (const part of partsOf(source)) {
    seen(part, events)
    if (!more) continue
    const text = decoder.decode(part, { stream: true })
    blank &&= !text.trim()
    let from = 0
    for (let at = text.indexOf('\n'); more && at >= 0 && !blank; at = text.indexOf('\n', from)) {
      more = take({ text: rest + text.slice(from, at), whole: true })
      rest = ''
      from = at + 1
      if ((events.length & 255) === 0) await breathe()
    }
    rest += text.slice(from)
  }
  rest += decoder.decode()
  if (blank && !rest.trim()) throw new Bad('Nothing to show', 'The file is empty. Write a trace with zablab replay --trace.')
  if (more && rest) take({ text: rest, whole: false })
  if (!events.length) throw new Bad('Nothing to show', 'The trace has no events.', line)
  return run
}

// partsOf gives the parts of a source.
async function* partsOf(source) {
  const reader = (source instanceof Uint8Array ? new Blob([source]).stream() : source).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield value
  }
}

// parse returns the object of a line, or null for a last line that was cut off.
function parse(s, line) {
  try {
    const v = JSON.parse(s.text)
    if (v && typeof v === 'object') return v
  } catch (err) {
    if (!s.whole) return null
    throw new Bad('This trace cannot be read', `Line ${line} is not JSON: ${err.message}.`, line, s.text)
  }
  throw new Bad('This trace cannot be read', `Line ${line} is not an object.`, line, s.text)
}

function readHeader(s) {
  let h
  try { h = JSON.parse(s.text) } catch { h = null }
  if (!h || typeof h !== 'object' || typeof h.schema !== 'string') {
    throw new Bad('This is not a trace', 'Line 1 is not the header of a trace. Write a trace with zablab replay --trace.', 1, s.text)
  }
  if (h.schema !== schema) {
    throw new Bad('This page does not read this version', `The file is ${h.schema}; this page reads ${schema}. Write the file again with zablab replay --trace.`, 1, s.text)
  }
  if (!Array.isArray(h.nodes) || h.nodes.some(n => typeof n?.id !== 'string' || typeof n.kind !== 'string')) {
    throw new Bad('This trace cannot be read', 'Its header has no list of nodes.', 1, s.text)
  }
  h.why ??= {}
  h.actions ??= []
  h.config ??= {}
  return h
}

function checkEvent(e, i, last, line, text) {
  const bad = why => { throw new Bad('This trace cannot be read', `Line ${line}: ${why}.`, line, text) }
  if (e.i !== i) bad(`event ${e.i} where event ${i} should be: ${e.i > i ? `${e.i - i > 1 ? `${(e.i - i).toLocaleString('en-US')} events are` : '1 event is'} missing` : 'the file was changed'}. Get the whole file; to show a part of it, cut it with zablab trace trim`)
  if (typeof e.t !== 'number' || e.t < last) bad(`time goes back from ${last} µs to ${e.t} µs`)
  if (typeof e.n !== 'string' || typeof e.k !== 'string') bad('an event without a node or a kind')
  if (e.c !== undefined && !(e.c < i)) bad(`the cause, event ${e.c}, is not earlier`)
  if (e.say !== undefined && typeof e.say !== 'string') bad('a sentence that is not text')
}

// ---- the fold ----

export function newState(nodes) {
  return {
    groups: [],
    nodes: nodes.map(n => ({
      id: n.id, kind: n.kind, home: n.home ?? '', role: '', ep: 0, ldr: '', acc: 0, cur: 0, durable: '',
      base: '', log: [], len: 0, com: '', tree: new Map(), own: true, watch: [], sess: [], lead: false, srv: '',
    })),
    index: new Map(nodes.map((n, i) => [n.id, i])),
  }
}

// copy returns a state that shares logs and trees with s until one of the two changes them.
export function copy(s) {
  for (const n of s.nodes) n.own = false
  return { groups: s.groups, index: s.index, nodes: s.nodes.map(n => ({ ...n })) }
}

export const find = (s, id) => s.nodes[s.index.get(id)]

// apply changes the state s as the patch of one event says.
export function apply(s, e) {
  const d = e.d
  if (!d) return
  if (d.groups) s.groups = d.groups
  const n = find(s, e.n)
  if (!n) return
  if (d.role) n.role = d.role
  n.ep = d.ep ?? n.ep
  n.acc = d.acc ?? n.acc
  n.cur = d.cur ?? n.cur
  n.ldr = d.ldr ?? n.ldr
  n.durable = d.durable ?? n.durable
  n.com = d.com ?? n.com
  n.srv = d.srv ?? n.srv
  if (d.belief) n.lead = !!d.belief.lead
  if (d.log) append(n, d.log)
  if (d.reload) {
    n.base = d.reload.base ?? ''
    n.log = [...d.reload.log ?? []]
    n.len = n.log.length
  }
  if (d.trunc !== undefined && d.trunc !== null) {
    while (n.len && follows(n.log[n.len - 1].z, d.trunc)) n.len--
  }
  if (d.tree) plant(n, d.tree)
  if (d.watch?.length === 3) {
    const [sign, path, client] = d.watch
    if (sign === 'x') n.watch = n.watch.filter(w => client !== '' && !w.endsWith(' ' + client))
    else n.watch = keep(n.watch, path + ' ' + client, sign === '+')
  }
  for (const c of d.sess ?? []) n.sess = keep(n.sess, c.id + ' ' + c.client, !!c.open)
}

// append adds a record to a node's log. Several states share one array; each counts its own part.
function append(n, record) {
  if (n.log.length > n.len && n.log[n.len] !== record) n.log = n.log.slice(0, n.len)
  if (n.log.length === n.len) n.log.push(record)
  n.len++
}

function plant(n, changes) {
  if (changes.some(c => c[0] === 'wipe')) {
    n.tree = new Map()
    n.own = true
    n.watch = n.sess = []
  }
  if (!n.own) {
    n.tree = new Map(n.tree)
    n.own = true
  }
  for (const [verb, path, node] of changes) {
    if (verb === 'del') n.tree.delete(path)
    else if (verb !== 'wipe') n.tree.set(path, node ?? {})
  }
}

function keep(list, line, there) {
  const rest = list.filter(x => x !== line)
  if (!there) return rest
  const at = rest.findIndex(x => order(x, line) > 0)
  rest.splice(at < 0 ? rest.length : at, 0, line)
  return rest
}

// follows is true if zxid a is larger than zxid b.
export function follows(a, b) {
  const [ae, ac = ''] = a.split('/'), [be, bc = ''] = b.split('/')
  const larger = (x, y) => x.length > y.length || (x.length === y.length && x > y)
  return ae !== be ? larger(ae, be) : larger(ac, bc)
}

// order compares two texts by their code points, which is the order of their UTF-8 bytes.
export function order(a, b) {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    let x = a.charCodeAt(i), y = b.charCodeAt(i)
    if (x === y) continue
    if (x >= 0xd800 && y >= 0xd800) { // surrogates stand for code points above all others
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000
    }
    return x - y
  }
  return a.length - b.length
}

export const paths = n => [...n.tree.keys()].sort(order)

// ---- canonical text and hash ----

const odd = /[\u0000-\u001f"\\<>&\u007f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/
const escaped = /[\u0000-\u001f"\\<>&\u007f\u2028-\u202e\u2066-\u2069]/g

function quote(s) {
  s ??= ''
  if (!odd.test(s)) return '"' + s + '"'
  return '"' + (s.toWellFormed ? s.toWellFormed() : s).replace(escaped, c => {
    if (c === '"' || c === '\\') return '\\' + c
    return c === '\n' ? '\\n' : '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0')
  }) + '"'
}

const quotes = list => '[' + list.map(quote).join(',') + ']'

// canonical is the state as JSON text. Equal states have equal texts, here and in Go.
export function canonical(s) {
  const groups = '[' + s.groups.map(quotes).join(',') + ']'
  return `{"groups":${groups},"nodes":[${s.nodes.map(canonicalNode).join(',')}]}`
}

function canonicalNode(n) {
  let log = ''
  for (let i = 0; i < n.len; i++) log += (i ? ',' : '') + quote(n.log[i].z)
  const tree = paths(n).map(p => {
    const v = n.tree.get(p)
    const own = v.own ? `,"own":${quote(v.own)}` : ''
    return `["put",${quote(p)},{"d":${quote(v.d)}${own},"v":${v.v ?? 0},"cz":${quote(v.cz)},"mz":${quote(v.mz)}}]`
  })
  return `{"id":${quote(n.id)},"role":${quote(n.role)},"ep":${n.ep},"ldr":${quote(n.ldr)},"acc":${n.acc},"cur":${n.cur}` +
    `,"durable":${quote(n.durable)},"base":${quote(n.base)},"log":[${log}],"com":${quote(n.com)},"tree":[${tree.join(',')}]` +
    `,"watch":${quotes(n.watch)},"sess":${quotes(n.sess)},"lead":${n.lead},"srv":${quote(n.srv)}}`
}

// hash is the 64-bit FNV-1a hash of a text's UTF-8 bytes, in hexadecimal.
export function hash(text) {
  let hi = 0xcbf29ce4, lo = 0x84222325
  for (const b of new TextEncoder().encode(text)) {
    lo = (lo ^ b) >>> 0
    const low = lo * 0x1b3
    hi = (Math.imul(hi, 0x1b3) + Math.floor(low / 4294967296) + (lo << 8)) >>> 0
    lo = low >>> 0
  }
  return hi.toString(16).padStart(8, '0') + lo.toString(16).padStart(8, '0')
}

// endHash is the SHA-256 of every byte before the end line, or '' where the browser has none.
export async function endHash(bytes) {
  if (!globalThis.crypto?.subtle) return ''
  const mark = new TextEncoder().encode('{"end":')
  let at = bytes.length
  for (let i = bytes.length - mark.length; i > 0; i--) {
    if (bytes[i - 1] === 10 && mark.every((b, k) => bytes[i + k] === b)) {
      at = i
      break
    }
  }
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes.subarray(0, at)))
  return [...sum].map(b => b.toString(16).padStart(2, '0')).join('')
}
