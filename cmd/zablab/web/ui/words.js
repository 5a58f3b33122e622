// words.js has the marks, colours and sentences that several views share.

export const palette = {}

const names = 'bg panel ink ink2 ink3 line soft e0 e1 e2 e3 bad badbg watch watchbg ok warn bar hull'.split(' ')

// paint reads the palette from the style, for the canvas.
export function paint() {
  const style = getComputedStyle(document.documentElement)
  for (const k of names) palette[k] = style.getPropertyValue('--' + k).trim()
}

export const ofEpoch = e => e ? palette['e' + ((e - 1) % 3 + 1)] : palette.ink3
export const epochVar = e => e ? `var(--e${(e - 1) % 3 + 1})` : 'var(--ink3)'
// epochWord is what a run's engine calls an epoch.
export const epochWord = h => h.run.header.why?.raft ? 'term' : 'epoch'
export const epochOf = z => parseInt(z, 10) || 0

const icons = {
  crash: '✕', split: '≠', cut: '≠', heal: '=', mend: '=', watch: '★', expire: '○', expired: '○', leader: '▲', looking: '△', trunc: '⊖',
  snap: '⊕', call: '»', ret: '«', pause: '‖', resume: '▸', restart: '↻', disconnected: '∅', belief: '◆', write: '»',
  refused: '⊘', accepted: '✓', stale: '!', violation: '✕', blame: '⚑', disk: '✕', fsync: '✕', lost: '✕',
}
const kinds = {
  send: '→', recv: '←', drop: '✕', commit: '■', log: '□', persist: '▣', sync: '▣', 'timer.fire': '◷', 'timer.set': '◷',
  boot: '•', role: '•', snap: '⊕', trunc: '⊖', 'watch.set': '☆', 'watch.fire': '★', check: '✓', 'session.open': '●',
  'session.expire': '○',
}

export const icon = e => icons[e.key] ?? (e.key ? '•' : kinds[e.k] ?? '•')

const badKeys = new Set('crash split cut violation disconnected expired pause refused stale trunc disk fsync'.split(' '))
export const isBad = e => badKeys.has(e.key) || e.k === 'drop' || e.k === 'violation' || (e.key === 'ret' && e.why === 'unknown')
export const isWatch = e => e.key === 'watch' || e.key === 'belief'

export const styles = {
  vote: { width: 1.1, dash: [2, 3] }, prop: { width: 1.7, dash: [] }, ack: { width: .9, dash: [] },
  com: { width: 2.9, dash: [] }, ping: { width: .7, dash: [1, 5] }, watch: { width: 2, dash: [] },
  cli: { width: 1.2, dash: [] }, sync: { width: 1.1, dash: [7, 3] }, write: { width: 2, dash: [9, 3] },
}
export const letters = { vote: 'V', prop: 'P', ack: 'A', com: 'C', watch: '★', cli: '·', sync: 'S', write: 'W', ping: '' }

export function colourOf(m) {
  if (m.cls === 'vote' || m.cls === 'cli') return palette.ink3
  if (m.cls === 'watch') return palette.watch
  if (m.cls === 'write') return palette.ink
  return ofEpoch(m.ep)
}

export const roleWords = {
  leading: 'leads', following: 'follows', syncing: 'catches up', looking: 'looks', observing: 'observes', down: 'is down',
}

export const marks = {
  'as-drawn': ['✓', 'as drawn'], applied: ['·', 'done'], later: ['◷', 'later'], different: ['✗', 'different'],
  never: ['✗', 'never'], unread: ['?', 'unread'], remark: ['·', 'for the reader'], 'not-here': ['–', 'not here'],
}

export const plural = (n, one, many = one + 's') => `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`

// span is a length of time, in µs, in words.
export function span(us) {
  if (us >= 10_000_000) return (us / 1e6).toFixed(1) + ' s'
  if (us >= 1_000_000) return (us / 1e6).toFixed(2) + ' s'
  if (us >= 10_000) return Math.round(us / 1000) + ' ms'
  if (us >= 1000) return (us / 1000).toFixed(1) + ' ms'
  return Math.round(us) + ' µs'
}

// brief cuts a long text, for places where only its begin has room.
export function brief(s, most = 60) {
  s = String(s ?? '')
  if (s.length <= most) return s
  return s.slice(0, most - 1) + '…'
}

const sizes = new Map()
let changed = () => {}
const observer = new ResizeObserver(list => {
  for (const { target } of list) sizes.set(target, [target.clientWidth, target.clientHeight])
  changed()
})

// whenSized calls f after a box that was measured has another size.
export const whenSized = f => { changed = f }

// size is the size of a box. It is measured when it changes, not in a frame: a frame that reads the
// layout which it has just changed makes the browser lay out the page twice.
export function size(box) {
  if (!sizes.has(box)) {
    sizes.set(box, [box.clientWidth, box.clientHeight])
    observer.observe(box)
  }
  return sizes.get(box)
}

// fit sizes a canvas to its box and returns its context and size.
export function fit(canvas) {
  const [w, h] = size(canvas), d = devicePixelRatio || 1
  if (canvas.width !== Math.round(w * d) || canvas.height !== Math.round(h * d)) {
    canvas.width = Math.round(w * d)
    canvas.height = Math.round(h * d)
  }
  const x = canvas.getContext('2d')
  x.setTransform(d, 0, 0, d, 0, 0)
  x.clearRect(0, 0, w, h)
  return [x, w, h]
}
