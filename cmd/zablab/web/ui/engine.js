// engine.js plays runs in the page: the engine is a program for wasip1, which runs in a worker with
// standard input and output, and nothing else.

import { unlzma } from 'lab/lzma.js'

// work is the worker. It is made from its own text, so it must not use anything of this module but
// unlzma, which it is given.
function work(unlzma) {
  let module = null, compiling = null
  const text = new TextDecoder(), ascii = new TextEncoder()

  // system returns what a program may call: reading its input, writing its output, and little else.
  // Each part of standard output goes to tell; errors has what standard error got.
  function system(input, tell) {
    let memory = null, read = 0
    const v = () => new DataView(memory.buffer), ok = 0, badFile = 8, unknown = 52
    const errors = [], written = { 1: tell, 2: part => errors.push(part) }
    const slices = (at, n) => Array.from({ length: n }, (_, i) => new Uint8Array(memory.buffer, v().getUint32(at + 8 * i, true), v().getUint32(at + 8 * i + 4, true)))
    const calls = {
      args_sizes_get: (n, size) => { v().setUint32(n, 1, true); v().setUint32(size, 7, true); return ok },
      args_get(list, at) {
        v().setUint32(list, at, true)
        new Uint8Array(memory.buffer, at, 7).set(ascii.encode('engine\0'))
        return ok
      },
      environ_sizes_get: (n, size) => { v().setUint32(n, 0, true); v().setUint32(size, 0, true); return ok },
      environ_get: () => ok,
      clock_time_get: (id, precision, at) => { v().setBigUint64(at, BigInt(Math.round(performance.now() * 1e6)), true); return ok },
      fd_read(fd, at, n, done) {
        if (fd !== 0) return badFile
        let count = 0
        for (const s of slices(at, n)) {
          const part = input.subarray(read, read + s.length)
          s.set(part)
          read += part.length
          count += part.length
        }
        v().setUint32(done, count, true)
        return ok
      },
      fd_write(fd, at, n, done) {
        if (!written[fd]) return badFile
        let count = 0
        for (const s of slices(at, n)) {
          written[fd](s.slice())
          count += s.length
        }
        v().setUint32(done, count, true)
        return ok
      },
      fd_fdstat_get(fd, at) {
        if (fd > 2) return badFile
        new Uint8Array(memory.buffer, at, 24).fill(0)
        v().setUint8(at, 2) // a character device
        return ok
      },
      fd_fdstat_set_flags: () => ok,
      fd_prestat_get: () => badFile,
      fd_close: () => ok,
      poll_oneoff: (subscriptions, events, n, done) => { v().setUint32(done, 0, true); return ok },
      random_get: (at, n) => { new Uint8Array(memory.buffer, at, n).fill(0); return ok }, // the engine must not use chance
      sched_yield: () => ok,
      proc_exit(code) { throw { exit: code } },
    }
    const imports = new Proxy(calls, { get: (list, name) => list[name] ?? (() => unknown) })
    return { imports, errors, use: m => { memory = m } }
  }

  function join(list) {
    const all = new Uint8Array(list.reduce((n, b) => n + b.length, 0))
    let at = 0
    for (const b of list) {
      all.set(b, at)
      at += b.length
    }
    return all
  }

  // run runs the program in memory that has room for a run of about so many events: the program asks
  // for more half a megabyte at a time, and each of these requests takes a browser a millisecond.
  function run(request, events, tell) {
    const s = system(ascii.encode(request), tell)
    const named = {}
    for (const i of WebAssembly.Module.imports(module)) named[i.name] = s.imports[i.name]
    const program = new WebAssembly.Instance(module, { wasi_snapshot_preview1: named })
    const { memory } = program.exports
    try { memory.grow(1536 + Math.ceil(Math.min(events, 200_000) / 32)) } catch { /* the program asks itself */ }
    s.use(memory)
    let code = 0
    try {
      program.exports._start()
    } catch (err) {
      if (err?.exit === undefined) throw new Error(`${err.message}\n${text.decode(join(s.errors))}`)
      code = err.exit
    }
    if (code) throw new Error(text.decode(join(s.errors)) || `the engine ended with code ${code}`)
  }

  globalThis.onmessage = async e => {
    const { id, packed, request, events } = e.data
    try {
      if (packed) compiling = WebAssembly.compile(unlzma(packed))
      module = await compiling
      if (request !== undefined) run(request, events, part => globalThis.postMessage({ id, part }, [part.buffer]))
      globalThis.postMessage({ id })
    } catch (err) {
      globalThis.postMessage({ id, error: String(err?.message ?? err) })
    }
  }
}

// Panic is a run that the engine could not finish: what it said, and what it was asked.
export class Panic extends Error {
  constructor(said, request) {
    super('the engine failed')
    this.said = said
    this.request = request
  }
}

// Stopped is a run that the reader stopped.
export class Stopped extends Error {}

let worker = null, bytes = null, next = 1
const waiting = new Map()

// source has what Source of the Go package fork has, or null if the page has no engine.
export let source = null

// offer says what can be played, and how to get the compressed engine.
let load = null
export function offer(what, how) {
  source = what
  load = how
}

export const can = () => source !== null && typeof WebAssembly !== 'undefined'

// undense reads the text that dense.go writes: eleven characters of 94 for nine bytes.
export function undense(text) {
  const left = text.length % 11, size = Math.floor(text.length / 11) * 9 + (left > 5 ? left - 2 : Math.max(0, left - 1))
  const digit = new Uint8Array(128)
  for (let c = 32, n = 0; c < 127; c++) if (c !== 60) digit[c] = n++ // without <
  const bytes = new Uint8Array(size)
  for (let i = 0, at = 0; i < text.length; i += 11, at += 9) {
    let a = 0, b = 0, c = 0 // 24 bits each
    for (let k = 0; k < 11; k++) {
      c = c * 94 + (i + k < text.length ? digit[text.charCodeAt(i + k)] : 93)
      b = b * 94 + (c >>> 24)
      a = a * 94 + (b >>> 24)
      b &= 0xffffff
      c &= 0xffffff
    }
    bytes.set([a >> 16, a >> 8, a, b >> 16, b >> 8, b, c >> 16, c >> 8, c].slice(0, size - at), at)
  }
  return bytes
}

// fetched is the engine of a site: its file is a script, which a page on a disk may load.
export function fetched(address) {
  return new Promise((done, failed) => {
    const s = document.createElement('script')
    s.src = address
    s.onload = () => done(undense(globalThis.zablabEngine))
    s.onerror = () => failed(new Error(`${address} is missing: copy the whole folder of the site`))
    document.head.append(s)
  })
}

async function begin() {
  bytes ??= load()
  const packed = (await bytes).slice() // the worker takes it, and a later one needs it again
  if (worker) return
  const url = URL.createObjectURL(new Blob([`(${work})(${unlzma})`], { type: 'text/javascript' }))
  worker = new Worker(url)
  URL.revokeObjectURL(url)
  worker.onmessage = e => {
    const w = waiting.get(e.data.id)
    if (e.data.part) return w?.tell(e.data.part)
    waiting.delete(e.data.id)
    if (e.data.error !== undefined) w?.no(new Panic(e.data.error, w.request))
    else w?.yes()
  }
  worker.onerror = e => stop(new Panic(e.message ?? 'the worker failed', ''))
  worker.postMessage({ id: 0, packed }, [packed.buffer])
}

let starting = null

// ask runs the engine. It calls tell with each part of its output, as soon as it is there.
async function ask(request, events, tell) {
  if (!worker) await (starting ??= begin().finally(() => { starting = null }))
  const id = next++
  return new Promise((yes, no) => {
    waiting.set(id, { yes, no, tell, request })
    worker.postMessage({ id, request, events })
  })
}

// stop ends whatever the engine is playing. The next run starts a new worker.
export function stop(why = new Stopped('stopped')) {
  worker?.terminate()
  worker = null
  for (const w of waiting.values()) w.no(why)
  waiting.clear()
}

// play plays the document with additions, or another text of it. It returns the answer of the Go
// package fork, and a stream of the trace's bytes, which the engine still writes; the stream is empty
// if the document has problems. The run may have about so many events.
export function play(change, events = 0) {
  const request = JSON.stringify({ ...source, ...change })
  let head = [], to = null
  const trace = new ReadableStream({ start(c) { to = c } })
  return new Promise((yes, no) => {
    const tell = part => {
      if (!head) return to.enqueue(part)
      const end = part.indexOf(10)
      head.push(end < 0 ? part : part.subarray(0, end))
      if (end < 0) return
      const decoder = new TextDecoder()
      const line = head.map(b => decoder.decode(b, { stream: true })).join('')
      head = null
      yes({ answer: JSON.parse(line), trace })
      if (end + 1 < part.length) to.enqueue(part.subarray(end + 1))
    }
    ask(request, events, tell).then(() => {
      if (head) throw new Panic('the engine ended without an answer', request)
      to.close()
    }).catch(err => {
      no(err)
      to.error(err)
    })
  })
}

// bytesOf returns all bytes of a trace that play streams.
export const bytesOf = async trace => new Uint8Array(await new Response(trace).arrayBuffer())

// check returns the verdict on an answer to an exercise. Only the engine of a site can check.
export async function check(exercise, answer) {
  const parts = []
  await ask(JSON.stringify({ check: { exercise, answer } }), 0, part => parts.push(part))
  return JSON.parse(await new Blob(parts).text())
}
