// spacetime.js draws the run as lanes on one axis of time: messages, roles, operations, splits.

import { find, lower, seconds } from 'lab/history.js'
import { go, pan, seek, set, store, zoom } from 'lab/store.js'
import { describe } from 'lab/panels.js'
import { stateOf } from 'lab/stage.js'
import { brief, colourOf, epochOf, epochWord, fit, ofEpoch, palette as c, plural, roleWords, span, styles } from 'lab/words.js'

export const mostLines = 2600
const font = (size, weight = '') => `${weight} ${size}px Inter,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif`
const top = 30
const foot = () => now.aligned ? 22 : 4 // px below the lanes: room for the tag of the first fault
const roomy = 44 // px: a lane this high has room for a line of text below its boxes
const named = 38 // px: and this high, for one above them
let W = 0, H = 0, left = 78, edge = 14, shown = ''
let hits = [] // what a pointer can meet: {x0, y0, x1, y1, m}
const hitsOf = new WeakMap()

// now is the moment that is drawn: the history, the number of events, the place on the axis, the chain
// of causes; of one of two runs side by side, also its name and the time from which they differ.
let now = { h: null, pos: 0, u: 0, chain: null, name: '', on: true, differsAt: -1 }

const X = u => left + (u - store.view.a) / (store.view.b - store.view.a) * (W - left - 8)
const uOf = x => store.view.a + (x - left) / (W - left - 8) * (store.view.b - store.view.a)

// label is what the heading says of the part on screen.
export const label = () => shown

export function drawSpacetime(el, moment) {
  let x
  [x, W, H] = fit(el)
  if (W < 60 || H < 60) return
  now = moment
  const { h, u } = now, { a, b } = store.view
  left = W < 500 ? 80 : 90
  edge = W < 500 ? 8 : 14
  const row = (H - top - foot()) / h.lanes.length
  const at = new Map(h.lanes.map((n, i) => [n.id, top + (i + .5) * row]))
  x.textBaseline = 'middle'
  x.save()
  x.beginPath()
  x.rect(left, 0, W - left, H)
  x.clip()
  drawAxis(x, h, a, b)
  drawSplits(x, h, at, row)
  const tags = drawLanes(x, h, at, row)
  const visible = between(h, a, b)
  const far = visible.length > mostLines
  if (far) drawActivity(x, h, at, row)
  else drawMessages(x, h, visible, at)
  if (visible.length < 900) drawApplied(x, h, a, b, at)
  x.globalAlpha = 1
  for (const t of tags) t()
  if (!far) drawOps(x, h, a, b, at, row)
  drawDifference(x, h)
  drawNow(x, h, u)
  x.restore()
  drawHead(x, u)
  drawNames(x, h, at, row)
  hitsOf.set(el, hits)
  if (!now.on) return
  const length = h.T(b) - h.T(a)
  shown = far ? `${plural(visible.length, 'message')}, drawn as activity` : `${span(Math.max(0, length))} shown`
}

// between returns the messages that cross the view.
function between(h, a, b) {
  const list = []
  for (const m of h.long) if (m.u1 >= a && m.u0 <= b) list.push(m)
  for (let i = lower(h.messages, a - h.longest, m => m.u0); i < h.messages.length && h.messages[i].u0 <= b; i++) {
    const m = h.messages[i]
    if (m.u1 >= a && m.u1 - m.u0 <= h.longest) list.push(m)
  }
  return list
}

function drawSplits(x, h, at, row) {
  for (const s of h.splits) {
    const x0 = X(h.U(s.a)), x1 = X(h.U(s.b))
    if (x1 < left || x0 > W) continue
    const sizes = s.groups.map(g => g.length), main = sizes.indexOf(Math.max(...sizes))
    const group = new Map(s.groups.flatMap((g, i) => g.map(id => [id, i])))
    x.fillStyle = c.badbg
    for (const [id, y] of at) if (group.has(id) && group.get(id) !== main) x.fillRect(x0, y - row / 2, x1 - x0, row)
    x.strokeStyle = x.fillStyle = c.bad
    x.lineWidth = 1.4
    x.setLineDash([5, 4])
    h.lanes.forEach((n, i) => {
      if (!i || group.get(n.id) === group.get(h.lanes[i - 1].id)) return
      x.beginPath()
      x.moveTo(x0, at.get(n.id) - row / 2)
      x.lineTo(x1, at.get(n.id) - row / 2)
      x.stroke()
    })
    x.setLineDash([])
    x.fillRect(x0, top - 5, x1 - x0, 3)
    const lx = Math.max(x0, left) + 4
    if (x1 - lx < 90 || row < roomy) continue
    x.font = font(11, '600')
    x.textAlign = 'left'
    x.fillStyle = c.panel
    x.fillRect(lx - 2, H - 20, x.measureText('network split').width + 8, 14)
    x.fillStyle = c.bad
    x.fillText('network split', lx + 2, H - 12.5)
  }
}

function drawAxis(x, h, a, b) {
  const room = (W - left) / 78
  const steps = [10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8]
  const step = steps.find(s => (b - a) / s < room) ?? 2e8
  const inGap = t => h.gaps.find(g => t > g.a + step * .2 && t < g.b - step * .2)
  const t1 = h.T(b), taken = h.gaps.map(g => drawGap(x, g)).filter(g => g !== null)
  x.font = font(11)
  x.textAlign = 'center'
  x.lineWidth = 1
  let drawn = -1e9
  const free = now.name ? 60 + x.measureText(now.name).width : 0 // the name of the run is there
  for (let t = Math.max(0, Math.ceil(h.T(a) / step) * step); t <= t1; t += step) {
    const g = inGap(t)
    if (g) {
      t = Math.max(t, Math.floor(g.b / step) * step - step)
      continue
    }
    const px = X(h.U(t))
    x.strokeStyle = c.line
    x.beginPath()
    x.moveTo(px, top - 6)
    x.lineTo(px, H)
    x.stroke()
    if (px - drawn < 64 || Math.abs(px - X(now.u)) < 60 || px < left + 24 || px < free || px > W - 26 || taken.some(g => Math.abs(g - px) < 48)) continue
    drawn = px
    x.fillStyle = c.ink3
    x.fillText(`${seconds(t, step < 10 ? 6 : step < 100 ? 5 : step < 1000 ? 4 : step < 1e4 ? 3 : step < 1e6 ? 2 : 0)} s`, px, 13)
  }
}

// drawGap marks a stretch in which only pings and timers happen, and says how long it is. It returns
// where it says so, or null.
function drawGap(x, g) {
  const x0 = X(g.u0), x1 = X(g.u1)
  if (x1 < left || x0 > W) return null
  x.save()
  x.beginPath()
  x.rect(x0, top - 4, x1 - x0, H)
  x.clip()
  x.fillStyle = c.soft
  x.fillRect(x0, top - 4, x1 - x0, H)
  x.strokeStyle = c.line
  for (let k = x0 - H; k < x1; k += 9) {
    x.beginPath()
    x.moveTo(k, H)
    x.lineTo(k + H, 0)
    x.stroke()
  }
  x.restore()
  const text = span(g.b - g.a)
  x.font = font(11, '600')
  const from = Math.max(x0, left), to = Math.min(x1, W), mid = (from + to) / 2
  if (to - from < Math.max(40, x.measureText(text).width + 8)) return null // half of a number is another number
  x.textAlign = 'center'
  x.fillStyle = c.ink2
  if (Math.abs(mid - X(now.u)) <= 60) return null
  x.fillText(text, mid, 13)
  return mid
}

function drawLanes(x, h, at, row) {
  const tags = []
  x.textAlign = 'left'
  for (const n of h.lanes) {
    const y = at.get(n.id), server = h.isServer(n.id), list = h.bands.get(n.id)
    for (let k = Math.max(0, lower(list, h.T(store.view.a), o => o.b)); k < list.length; k++) {
      const o = list[k], x0 = Math.max(left, X(h.U(o.a))), x1 = Math.min(W, X(h.U(o.b)))
      if (x0 > W) break
      if (x1 < left) continue
      lane(x, o, x0, x1, y, server, row)
      if (server && o.role === 'leading' && x1 - x0 > 92 && row > 16) tags.push(() => tag(x, x0, y, `leads ${epochWord(h)} ${o.ep}`, ofEpoch(o.ep)))
      if (o.role === 'down' && x0 > left && row > 12) tags.push(() => label2(x, '✕ down', x0 + 4, y - Math.min(11, row * .3), x1))
    }
    for (const o of h.held.get(n.id)) {
      const x0 = X(h.U(o.a)), x1 = X(h.U(o.b))
      if (x1 < left || x0 > W) continue
      hatch(x, x0, y - Math.min(10, row * .3), x1 - x0, Math.min(20, row * .6), c.bad)
      tags.push(() => label2(x, 'paused', Math.max(x0, left) + 6, y, x1))
    }
    for (const o of h.beliefs.get(n.id)) {
      const x0 = Math.max(left, X(h.U(o.a))), x1 = Math.min(W, X(h.U(o.b))), low = row < roomy
      const tall = low ? Math.max(3, row * .16) : 14, yb = low ? y + row * .5 - tall / 2 - 1 : y + row * .3
      if (x1 < left || x0 > W) continue
      x.fillStyle = low ? c.watch : c.watchbg
      x.globalAlpha = low ? .6 : 1
      box(x, x0, yb - tall / 2, x1 - x0, tall, 4)
      x.fill()
      x.globalAlpha = 1
      if (!low && x1 - x0 > 124) label2(x, `${n.id} believes it leads`, x0 + 7, yb, x1, c.ink)
    }
  }
  return tags
}

function lane(x, o, x0, x1, y, server, row) {
  const colour = ofEpoch(o.ep)
  x.globalAlpha = 1
  x.setLineDash([])
  const stroke = (style, width, dash, alpha) => {
    x.strokeStyle = style
    x.lineWidth = width
    x.setLineDash(dash)
    x.globalAlpha = alpha
    x.beginPath()
    x.moveTo(x0, y)
    x.lineTo(x1, y)
    x.stroke()
    x.setLineDash([])
    x.globalAlpha = 1
  }
  if (o.role === 'down') stroke(c.bad, 1.5, [2, 5], .65)
  else if (!server) stroke(c.ink3, 1.5, o.role === 'connected' || o.role === 'up' ? [] : [6, 4], .55)
  else if (o.role === 'leading') {
    const height = Math.min(16, row * .5)
    x.fillStyle = colour
    x.globalAlpha = .95
    box(x, x0, y - height / 2, Math.max(1, x1 - x0), height, 4)
    x.fill()
    x.globalAlpha = 1
  } else if (o.role === 'looking' || !o.role) stroke(c.ink3, 1.3, [3, 4], .9)
  else stroke(o.ep ? colour : c.ink3, 4, o.role === 'syncing' ? [6, 3] : [], o.role === 'syncing' ? .9 : .5)
}

function label2(x, text, at, y, end, colour = c.bad) {
  x.font = font(11, '600')
  const w = x.measureText(text).width
  if (at + w > end + 4) return
  x.strokeStyle = c.panel
  x.lineWidth = 3
  x.lineJoin = 'round'
  if (colour === c.bad) x.strokeText(text, at, y + .5)
  x.fillStyle = colour
  x.fillText(text, at, y + .5)
}

function hatch(x, x0, y0, w, hgt, colour) {
  x.save()
  x.beginPath()
  x.rect(x0, y0, w, hgt)
  x.clip()
  x.fillStyle = c.panel
  x.fillRect(x0, y0, w, hgt)
  x.strokeStyle = colour
  x.globalAlpha = .4
  x.lineWidth = 1
  x.setLineDash([])
  for (let k = Math.max(x0, left) - hgt; k < Math.min(x0 + w, W); k += 6) {
    x.beginPath()
    x.moveTo(k, y0 + hgt)
    x.lineTo(k + hgt, y0)
    x.stroke()
  }
  x.restore()
}

function box(x, x0, y0, w, hgt, r) {
  x.beginPath()
  x.roundRect(x0, y0, w, hgt, Math.min(r, w / 2, hgt / 2))
}

function tag(x, x0, y, text, colour) {
  x.font = font(11, '600')
  const w = x.measureText(text).width + 14
  x.fillStyle = colour
  box(x, x0, y - 8, w, 16, 4)
  x.fill()
  x.fillStyle = c.panel
  x.fillText(text, x0 + 7, y + .5)
}

function drawMessages(x, h, list, at) {
  const { pos, u, chain } = now, arrows = list.length < 420
  hits = []
  for (const m of list) {
    if (!at.has(m.from) || !at.has(m.to)) continue
    const style = styles[m.cls], x0 = X(m.u0), y0 = at.get(m.from)
    let x1 = X(m.u1), y1 = at.get(m.to)
    if (m.lost) {
      x1 = x0 + (x1 - x0) * .96
      y1 = y0 + (y1 - y0) * .5
    }
    const sent = m.i < pos, done = m.end >= 0 ? m.end < pos : m.u1 < u
    const inChain = chain && (chain.has(m.i) && (chain.has(m.end) || store.causes === 'future' || m.i === pos - 1))
    x.globalAlpha = chain ? (inChain ? 1 : .1) : !sent ? .17 : done ? (m.cls === 'ping' ? .5 : .92) : 1
    const colour = m.lost ? c.bad : colourOf(m)
    x.strokeStyle = x.fillStyle = colour
    x.lineWidth = style.width + (inChain && m.cls !== 'com' ? .6 : 0)
    x.setLineDash(style.dash)
    x.beginPath()
    x.moveTo(x0, y0)
    x.lineTo(x1, y1)
    x.stroke()
    x.setLineDash([])
    hits.push({ x0, y0, x1, y1, m })
    if (m.lost || m.refused) cross(x, x1, y1, m.refused ? c.bad : colour)
    else if (m.cls === 'watch') {
      if (list.length < 900) {
        x.font = '15px system-ui,sans-serif'
        x.textAlign = 'center'
        x.fillText('★', x1, y1 + 1)
        x.textAlign = 'left'
      }
    } else if (m.cls !== 'ping' && arrows) arrow(x, x0, y0, x1, y1, m.cls === 'com' ? 8 : 6)
  }
  x.globalAlpha = 1
}

function cross(x, px, py, colour) {
  x.strokeStyle = colour
  x.lineWidth = 1.7
  x.beginPath()
  x.moveTo(px - 3.5, py - 3.5)
  x.lineTo(px + 3.5, py + 3.5)
  x.moveTo(px + 3.5, py - 3.5)
  x.lineTo(px - 3.5, py + 3.5)
  x.stroke()
}

function arrow(x, x0, y0, x1, y1, size) {
  const an = Math.atan2(y1 - y0, x1 - x0)
  x.beginPath()
  x.moveTo(x1, y1)
  x.lineTo(x1 - size * Math.cos(an - .38), y1 - size * Math.sin(an - .38))
  x.lineTo(x1 - size * Math.cos(an + .38), y1 - size * Math.sin(an + .38))
  x.fill()
}

// drawActivity draws how many messages each lane sends, where lines would cover each other.
function drawActivity(x, h, at, row) {
  hits = []
  const px = 3, bins = Math.ceil((W - left) / px), heights = new Map()
  let most = 1
  for (const [id, y] of at) {
    void y
    const list = h.sentBy.get(id) ?? [], counts = new Uint32Array(bins)
    let k = lower(list, uOf(left))
    for (let i = 0; i < bins; i++) {
      const next = lower(list, uOf(left + (i + 1) * px))
      counts[i] = next - k
      k = next
      if (counts[i] > most) most = counts[i]
    }
    heights.set(id, counts)
  }
  const here = X(now.u)
  for (const [id, y] of at) {
    const counts = heights.get(id), list = h.bands.get(id)
    let o = 0
    for (let i = 0; i < bins; i++) {
      if (!counts[i]) continue
      const px0 = left + i * px, t = h.T(uOf(px0))
      while (o < list.length - 1 && list[o].b < t) o++
      x.fillStyle = h.isServer(id) && list[o]?.ep ? ofEpoch(list[o].ep) : c.ink3
      x.globalAlpha = px0 <= here ? .85 : .3
      const height = Math.max(1.5, Math.sqrt(counts[i] / most) * row * .4)
      x.fillRect(px0, y - Math.min(9, row * .26) - height, px - 1, height)
    }
  }
  x.globalAlpha = 1
}

function drawApplied(x, h, a, b, at) {
  const t0 = h.T(a), t1 = h.T(b)
  for (let k = lower(h.applied, t0, i => h.events[i].t); k < h.applied.length; k++) {
    const e = h.events[h.applied[k]]
    if (e.t > t1) break
    if (!at.has(e.n)) continue
    const o = bandAt(h, e.n, e.t), own = o?.role === 'leading', colour = ofEpoch(epochOf(e.d.com))
    x.globalAlpha = now.chain ? (now.chain.has(e.i) ? 1 : .15) : e.i < now.pos ? 1 : .25
    x.fillStyle = own ? c.panel : colour
    x.strokeStyle = own ? colour : c.panel
    x.lineWidth = 1.5
    box(x, X(h.U(e.t)) - 4.5, at.get(e.n) - 4.5, 9, 9, 2)
    x.fill()
    x.stroke()
  }
  x.globalAlpha = 1
}

const bandAt = (h, id, t) => {
  const list = h.bands.get(id)
  return list[lower(list, t, o => o.b)] ?? list[list.length - 1]
}

function drawOps(x, h, a, b, at, row) {
  if (row < 14) return
  const half = Math.min(9, row * .3), names = []
  for (const o of h.ops) {
    if (o.u1 < a || o.u0 > b || !at.has(o.c)) continue
    const x0 = X(o.u0), x1 = Math.max(X(o.u1), x0 + 4), y = at.get(o.c)
    x.globalAlpha = 1 // what is below must not strike its name through
    x.fillStyle = c.panel
    x.strokeStyle = o.st === 'unknown' ? c.bad : o.st === 'err' ? c.ink3 : c.ink
    x.lineWidth = o.st === 'err' ? 1.1 : 1.6
    x.setLineDash(o.st === 'unknown' ? [4, 3] : [])
    box(x, x0, y - half, x1 - x0, half * 2, 5)
    x.fill()
    x.globalAlpha = now.chain ? (now.chain.has(o.call) ? 1 : .25) : o.call < now.pos ? 1 : .35
    x.stroke()
    x.setLineDash([])
    if (half > 7) {
      x.font = font(11)
      const start = Math.max(x0, left) + 6, room = Math.min(x1, W) - start - 4, text = brief(o.label, 40)
      if (x.measureText(text).width > room && row >= named) names.push({ c: o.c, x0: Math.max(x0, left), y: y - half - 12, text, alpha: x.globalAlpha })
      else if (room > 20) inside(x, text, start, y, room)
    }
    if (o.lin !== null && o.st !== 'err') diamond(x, X(o.lin), y - half, x.strokeStyle)
  }
  above(x, names)
  x.globalAlpha = 1
}

// cut shortens a text until it fits into a width.
function cut(x, text, room) {
  while (text.length > 3 && x.measureText(text).width > room) text = text.slice(0, -2) + '…'
  return text
}

// inside writes the name of an operation into its box, which is the path.
function inside(x, text, start, y, room) {
  x.save()
  x.clip()
  x.fillStyle = c.ink
  x.fillText(cut(x, text, room), start, y + .5)
  x.restore()
}

// above writes the names that do not fit into their boxes above them, each as far as the next one.
function above(x, names) {
  x.font = font(11)
  x.lineJoin = 'round'
  const ends = new Map(), nexts = new Map()
  for (const n of names.toReversed()) {
    n.to = Math.min(W, nexts.get(n.c) ?? W)
    nexts.set(n.c, n.x0 - 5)
  }
  names.forEach(n => {
    const { to } = n
    n.x0 = Math.min(n.x0, Math.max(ends.get(n.c) ?? left, to - x.measureText(n.text).width)) // or before its box
    if (to - n.x0 < 24) return
    const text = cut(x, n.text, to - n.x0)
    ends.set(n.c, n.x0 + x.measureText(text).width + 6)
    x.globalAlpha = n.alpha
    x.strokeStyle = c.panel
    x.lineWidth = 4
    x.strokeText(text, n.x0, n.y)
    x.fillStyle = c.ink
    x.fillText(text, n.x0, n.y)
  })
}

function diamond(x, px, y, colour) {
  x.fillStyle = colour
  x.beginPath()
  x.moveTo(px, y - 5)
  x.lineTo(px + 5, y)
  x.lineTo(px, y + 5)
  x.lineTo(px - 5, y)
  x.fill()
}

function drawNow(x, h, u) {
  x.globalAlpha = 1
  x.strokeStyle = c.ink
  x.lineWidth = 1.5
  x.setLineDash([])
  x.beginPath()
  x.moveTo(X(u), 20)
  x.lineTo(X(u), H)
  x.stroke()
  const e = h.events[now.pos - 1], index = h.lanes.findIndex(n => n.id === e?.n)
  if (index < 0) return
  const y = top + (index + .5) * (H - top - foot()) / h.lanes.length
  x.fillStyle = c.panel
  x.strokeStyle = c.ink
  x.lineWidth = 2
  x.beginPath()
  x.arc(X(u), y, 4, 0, 7)
  x.fill()
  x.stroke()
}

// drawDifference marks the moment from which the two runs on screen differ.
function drawDifference(x, h) {
  if (now.differsAt < 0) return
  const px = X(h.U(now.differsAt))
  if (px < left || px > W) return
  x.globalAlpha = 1
  x.strokeStyle = x.fillStyle = c.watch
  x.lineWidth = 2
  x.setLineDash([2, 3])
  x.beginPath()
  x.moveTo(px, top - 8)
  x.lineTo(px, H)
  x.stroke()
  x.setLineDash([])
  x.font = font(11, '700')
  const text = now.aligned ? '⚑ first fault' : '≠ from here', w = x.measureText(text).width + 10, room = px + w < W && !now.aligned ? px : Math.max(left, px - w)
  box(x, room, H - 18, w, 15, 4)
  x.fill()
  x.fillStyle = c.panel
  x.textAlign = 'left'
  x.fillText(text, room + 5, H - 10)
}

function drawHead(x, u) {
  if (now.name) {
    x.font = font(12, '700')
    x.textAlign = 'left'
    x.fillStyle = now.on ? c.ink : c.ink3
    x.fillText(now.name, edge, 13.5)
  }
  x.fillStyle = c.ink
  const px = Math.min(Math.max(X(u), now.name ? left + 26 : left), W - 34)
  x.font = font(11, '600')
  const wide = Math.max(64, x.measureText(seconds(store.t) + ' s').width + 16)
  box(x, px - wide / 2, 4, wide, 18, 9)
  x.fill()
  x.fillStyle = c.panel
  x.font = font(11, '600')
  x.textAlign = 'center'
  x.fillText(seconds(store.t) + ' s', px, 13.5)
  x.textAlign = 'left'
}

function drawNames(x, h, at, row) {
  const s = h.stateAt(now.pos), two = row >= 30
  for (const n of h.lanes) {
    const y = at.get(n.id), o = find(s, n.id), server = h.isServer(n.id)
    x.fillStyle = o.role === 'down' ? c.bad : server ? (o.role === 'looking' || !o.role ? c.ink3 : ofEpoch(o.ep)) : c.ink
    x.font = font(row < 18 ? 11 : 14, '700')
    x.fillText(brief(n.id, 9), edge, two ? y - 7 : y)
    if (!two) continue
    x.font = font(11)
    x.fillStyle = o.role === 'down' ? c.bad : c.ink3
    x.fillText(brief(server ? (o.role === 'down' ? 'down' : roleWords[o.role] ?? '') : h.servers.length ? stateOf(h, o) : '', 12), edge, y + 8)
  }
  x.strokeStyle = c.line
  x.lineWidth = 1
  const k = h.others.length
  if (k) {
    x.beginPath()
    x.moveTo(0, top + k * row)
    x.lineTo(W, top + k * row)
    x.stroke()
  }
}

// ---- pointer ----

const near = (el, px, py) => {
  let best = null, least = 7
  for (const s of hitsOf.get(el) ?? []) {
    const dx = s.x1 - s.x0, dy = s.y1 - s.y0
    const k = Math.max(0, Math.min(1, ((px - s.x0) * dx + (py - s.y0) * dy) / (dx * dx + dy * dy || 1)))
    const d = Math.hypot(px - s.x0 - k * dx, py - s.y0 - k * dy)
    if (d < least) [best, least] = [s.m, d]
  }
  return best
}

// attach lets a pointer move the view, and go to what it meets. here is called before: it makes the
// canvas's run the one that is stepped.
export function attach(el, tip, here) {
  const fingers = new Map()
  let drag = null
  const at = e => {
    const r = el.getBoundingClientRect()
    return [e.clientX - r.left, e.clientY - r.top]
  }
  el.addEventListener('wheel', e => {
    e.preventDefault()
    const [px] = at(e)
    if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) pan((e.deltaX || e.deltaY) / W)
    else zoom(Math.exp(e.deltaY * .0015), uOf(px))
  }, { passive: false })
  el.addEventListener('pointerdown', e => {
    fingers.set(e.pointerId, e.clientX)
    drag = { x: e.clientX, view: store.view, moved: 0 }
    el.setPointerCapture(e.pointerId)
  })
  el.addEventListener('pointermove', e => {
    if (fingers.size === 2 && fingers.has(e.pointerId)) {
      const old = [...fingers.values()], before = Math.abs(old[0] - old[1])
      fingers.set(e.pointerId, e.clientX)
      const [p, q] = fingers.values(), r = el.getBoundingClientRect()
      drag.moved = 99
      zoom(Math.max(12, before) / Math.max(12, Math.abs(p - q)), uOf((p + q) / 2 - r.left))
      return
    }
    const [px, py] = at(e)
    if (!drag) {
      const m = px > left ? near(el, px, py) : null
      tip(m && describe(m), e.clientX, e.clientY)
      return
    }
    const d = e.clientX - drag.x
    drag.moved = Math.max(drag.moved, Math.abs(d))
    if (drag.moved > 4) {
      const w = drag.view.b - drag.view.a, shift = -d * w / (W - left)
      set({ view: { a: drag.view.a + shift, b: drag.view.b + shift } })
    }
  })
  const up = e => {
    fingers.delete(e.pointerId)
    if (drag && drag.moved <= 4 && e.type === 'pointerup') {
      const [px, py] = at(e), m = near(el, px, py)
      here()
      if (m) go(m.end >= 0 && store.pos - 1 === m.i ? m.end : m.i)
      else if (px > left) seek(store.h.T(uOf(px)))
    }
    if (!fingers.size) drag = null
  }
  el.addEventListener('pointerup', up)
  el.addEventListener('pointercancel', up)
  el.addEventListener('pointerleave', () => tip(null))
}
