// minimap.js draws the whole run in a strip: activity, leaders, splits, key moments, the view.

import { store } from 'lab/store.js'
import { fit, icon, isBad, isWatch, ofEpoch, palette as c } from 'lab/words.js'

let bins = null, kept = null

const shownKeys = new Set('crash split heal watch leader expire expired restart trunc snap pause resume violation refused stale belief'.split(' '))

function activity(h, w) {
  const n = Math.max(1, Math.floor(w / 3))
  if (bins?.h === h && bins.counts.length === n) return bins
  const counts = new Float32Array(n)
  for (const m of h.messages) if (m.cls !== 'ping') counts[Math.min(n - 1, Math.floor(m.u0 / h.size * n))]++
  bins = { h, counts, most: Math.max(1, ...counts) }
  return bins
}

// still is all but the moment and the view: as it looks before the moment on screen, and after it. Each
// frame of a run that plays needs it, and it seldom changes.
function still(h, w, hgt) {
  const d = devicePixelRatio || 1, name = [w, hgt, d, c.ink, store.blame, store.odds?.length, store.active].join()
  if (kept?.U === h.U && kept.h === h && kept.name === name) return kept.list
  const list = [c.ink2, c.bar].map(colour => {
    const canvas = document.createElement('canvas'), x = canvas.getContext('2d')
    canvas.width = Math.round(w * d)
    canvas.height = Math.round(hgt * d)
    x.scale(d, d)
    drawRun(x, h, w, hgt, colour)
    return canvas
  })
  kept = { h, U: h.U, name, list }
  return list
}

export function drawMinimap(canvas) {
  const h = store.h, [x, w, hgt] = fit(canvas)
  if (w < 40) return
  const at = u => Math.max(0, Math.min(1, u / h.size)) * w, base = hgt - 18, now = at(store.u), [past, rest] = still(h, w, hgt)
  x.save()
  x.setTransform(1, 0, 0, 1, 0, 0)
  const px = Math.round(Math.ceil(now / 3) * 3 / w * past.width) // a bar belongs to the past as a whole
  if (px > 0) x.drawImage(past, 0, 0, px, past.height, 0, 0, px, past.height)
  if (px < rest.width) x.drawImage(rest, px, 0, rest.width - px, rest.height, px, 0, rest.width - px, rest.height)
  x.restore()
  x.strokeStyle = c.ink2
  x.lineWidth = 1
  const v0 = at(store.view.a), v1 = at(store.view.b)
  x.strokeRect(v0 + .5, 13.5, Math.max(4, v1 - v0 - 1), base - 12)
  x.fillStyle = c.ink
  x.fillRect(now - 1, 13, 2, hgt - 13)
  x.beginPath()
  x.arc(Math.max(6, Math.min(w - 6, now)), base + 9, 6, 0, 7)
  x.fill()
}

function drawRun(x, h, w, hgt, colour) {
  const at = u => Math.max(0, Math.min(1, u / h.size)) * w, base = hgt - 18
  for (const s of h.splits) {
    const x0 = at(h.U(s.a)), x1 = at(h.U(s.b))
    x.fillStyle = c.hull
    x.beginPath()
    x.roundRect(x0, 0, Math.max(2, x1 - x0), base + 2, 4)
    x.fill()
  }
  for (const g of h.gaps) {
    x.fillStyle = c.soft
    x.fillRect(at(g.u0), 14, Math.max(1, at(g.u1) - at(g.u0)), base - 12)
  }
  const { counts, most } = activity(h, w)
  counts.forEach((v, i) => {
    if (!v) return
    const height = Math.max(2, Math.sqrt(v / most) * (base - 16))
    x.fillStyle = colour
    x.fillRect(i * 3, base - height, 2, height)
  })
  for (const n of h.servers) {
    for (const o of h.bands.get(n.id)) {
      if (o.role !== 'leading') continue
      x.fillStyle = ofEpoch(o.ep)
      x.fillRect(at(h.U(o.a)), base + 4 + (o.ep % 2 ? 0 : 5), Math.max(2, at(h.U(o.b)) - at(h.U(o.a))), 4)
    }
  }
  if (store.active === 0 && store.odds?.length) curve(x, h, at, base)
  marks(x, h, w, at)
}

// curve draws the odds of the outcome: at the bottom no run has it, at the top all.
function curve(x, h, at, base) {
  x.strokeStyle = c.ok
  x.lineWidth = 2
  x.beginPath()
  let y = null
  for (const [step, n, of] of store.odds) {
    const px = at(h.U(h.events[Math.min(step, h.events.length - 1)].t))
    if (y === null) x.moveTo(0, y = base - (base - 16) * n / of)
    x.lineTo(px, y)
    x.lineTo(px, y = base - (base - 16) * n / of)
  }
  x.lineTo(at(h.size), y)
  x.stroke()
}

function marks(x, h, w, at) {
  const keys = h.keys
  let last = -99
  x.font = '600 12px Inter,system-ui,sans-serif'
  x.textAlign = 'center'
  x.textBaseline = 'alphabetic'
  const blame = store.blame
  const put = (e, mark, colour) => {
    const px = Math.max(7, Math.min(w - 7, at(h.U(e.t))))
    x.fillStyle = colour
    x.fillText(mark, px, 10)
    return px
  }
  const room = blame !== undefined && h.events[blame] ? Math.max(7, Math.min(w - 7, at(h.U(h.events[blame].t)))) : -99
  const step = Math.max(1, Math.floor(keys.length / 3000))
  for (let k = 0; k < keys.length; k += step) {
    const e = h.events[keys[k]]
    if (!shownKeys.has(e.key)) continue
    const px = at(h.U(e.t))
    if (px - last < 12 || Math.abs(px - room) < 12) continue
    last = px
    put(e, icon(e), isBad(e) ? c.bad : isWatch(e) ? c.watch : c.ink2)
  }
  if (room >= 0) put(h.events[blame], '⚑', c.bad)
}
