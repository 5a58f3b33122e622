// stage.js draws the ensemble at the moment on screen: servers on a ring, clients and resources
// around it, messages on their way, splits.

import { html, nothing, render, svg } from 'lit-html'
import { find } from 'lab/history.js'
import { flying, picked, set, side, store } from 'lab/store.js'
import { brief, colourOf, epochVar, epochWord, letters, palette, size } from 'lab/words.js'

let places = null, placed = ''

// place gives each node a point in a box of w × h pixels.
function place(h, w, hgt) {
  const name = `${w} ${hgt} ${h.nodes.length}`
  if (placed === name && places?.h === h) return places
  placed = name
  const n = h.servers.length, m = h.others.length, p = new Map()
  const r = n > 7 ? 20 : 26
  const outX = w / 2 - 54, outY = hgt / 2 - 28
  const ringX = Math.max(60, Math.min(130, m ? outX - 40 : outX)), ringY = Math.max(40, Math.min(150, m ? outY - 58 : outY - 24))
  const cx = w / 2, cy = hgt / 2 - 6
  const angles = new Map()
  h.servers.forEach((s, i) => {
    const a = -Math.PI / 2 + (n === 5 || n > 2 ? Math.PI * 2 * i / n : Math.PI * i) + (n === 2 ? -Math.PI / 2 : n % 2 ? 0 : Math.PI / n)
    angles.set(s.id, a)
    p.set(s.id, { x: cx + ringX * Math.cos(a), y: cy + ringY * Math.sin(a), r })
  })
  const turn = Math.PI * 2
  const wish = h.others.map((c, i) => {
    const at = c.home && angles.has(c.home) ? angles.get(c.home) + (n > 2 ? .55 : .3) : Math.PI / 2 + i * .8
    return { c, a: ((at % turn) + turn) % turn }
  }).sort((x, y) => x.a - y.a)
  const least = Math.min(turn / Math.max(1, m), .62)
  for (let pass = 0; pass < 40; pass++) {
    for (let i = 0; i < m; i++) {
      const a = wish[i], b = wish[(i + 1) % m]
      if (a === b) break
      let d = b.a - a.a
      if (i === m - 1) d += turn
      if (d < least) {
        a.a -= (least - d) / 2
        b.a += (least - d) / 2
      }
    }
  }
  const room = n > 1 ? 2 * Math.min(ringX, ringY) * Math.sin(Math.PI / n) : 999, compact = room < 122
  const taken = h.servers.map(s => p.get(s.id)).map(q => ({ x: q.x, y: q.y + 14, w: compact ? 80 : 112, h: 2 * r + 40 }))
  if (h.splits.length) taken.push({ x: 58, y: hgt - 20, w: 116, h: 40 }) // the words about a split
  const wide = Math.min(compact ? 104 : 116, w / 3)
  const list = wish.map(({ c, a }) => ({ id: c.id, x: cx + outX * Math.cos(a), y: cy + outY * Math.sin(a) }))
  let best = null
  for (let first = 0; first < Math.min(m, 12); first++) { // who comes first has the better seat
    const all = seats([...list.slice(first), ...list.slice(0, first)], taken, wide, { w, h: hgt, cx, cy, ringX, ringY })
    if (!best || all.cost < best.cost) best = all
  }
  best?.at.forEach((q, id) => p.set(id, { ...q, box: true, wide }))
  places = { h, p, compact }
  return places
}

// seats gives each box, in turn, the place as near as can be to where it would like to be: outside of
// the ring, and on nothing that is there, or on as little as can be.
function seats(list, taken, bw, stage) {
  const bh = 44, full = [...taken], at = new Map()
  let sum = 0
  for (const wish of list) {
    let best = wish, least = Infinity
    for (let x = bw / 2 + 4; x <= stage.w - bw / 2 - 4; x += 6) {
      for (let y = 24; y <= stage.h - 24; y += 6) {
        let cost = (x - wish.x) ** 2 + (y - wish.y) ** 2
        if (cost >= least) continue
        if (((x - stage.cx) / stage.ringX) ** 2 + ((y - stage.cy) / stage.ringY) ** 2 < 1) cost += 1e5
        for (const t of full) {
          const ox = (bw + t.w) / 2 - Math.abs(x - t.x), oy = (bh + t.h) / 2 - Math.abs(y - t.y)
          if (ox > 0 && oy > 0) cost += 1e5 + 1e3 * ox * oy
        }
        if (cost < least) [best, least] = [{ x, y }, cost]
      }
    }
    at.set(wish.id, best)
    full.push({ ...best, w: bw, h: bh })
    sum += least
  }
  return { at, cost: sum }
}

const line = (a, b, colour, width, dash, opacity = 1) =>
  svg`<line x1=${a.x} y1=${a.y} x2=${b.x} y2=${b.y} stroke=${colour} stroke-width=${width} stroke-dasharray=${dash || nothing} opacity=${opacity}/>`

function zxids(n) {
  const last = n.len ? n.log[n.len - 1].z : n.base
  if (!last || last === '0/0') return n.com && n.com !== '0/0' ? n.com + ' ✓' : 'empty log'
  return n.com === last ? last + ' ✓' : n.com && n.com !== '0/0' ? `${last}, ✓ ${n.com}` : `${last}, ✓ none`
}

const shortRoles = { leading: 'leads', following: 'follows', looking: 'looks', syncing: 'syncs', observing: 'observes' }

function server(h, n, at, compact, labels) {
  const c = n.role === 'looking' || n.role === 'down' ? 'var(--ink3)' : epochVar(n.ep), down = n.role === 'down'
  const held = h.held.get(n.id).some(b => b.a <= store.t && b.b > store.t)
  const leads = n.role === 'leading'
  const ring = leads
    ? svg`<circle r=${at.r + 4} fill="none" stroke=${c} opacity=".55"/><circle r=${at.r} fill=${c}/>`
    : svg`<circle r=${at.r} fill="var(--panel)" stroke=${down ? 'var(--bad)' : c} stroke-width=${down ? 1.5 : 3}
        stroke-dasharray=${down || n.role === 'looking' ? '2 5' : n.role === 'syncing' ? '8 4' : nothing} stroke-linecap=${n.role === 'looking' ? 'round' : nothing}/>`
  const role = held ? 'paused' : down ? 'down' : n.role || 'not started'
  const epoch = !n.ep || down ? '' : compact ? ` ${epochWord(store.h)[0]}${n.ep}` : `, ${epochWord(store.h)} ${n.ep}`
  const says = (compact ? shortRoles[role] ?? role : role) + epoch
  const holds = down ? (n.durable && n.durable !== '0/0' ? 'disk ' + n.durable : 'disk empty') : zxids(n)
  const patience = leads || held ? null : h.patience(n.id, n, store.t)
  const words = `${n.id}, ${says}, ${holds}${patience ? ', ' + patienceWords(patience) : ''}` // what is read aloud is what is seen
  labels.push(svg`<g pointer-events="none" transform=${moved(n.id, at.x, at.y)}><text class="halo" y=${at.r + 17} text-anchor="middle" font-size="12" fill="var(--ink)">${says}</text>
    <text class="halo mono" y=${at.r + 31} text-anchor="middle" font-size="11" fill="var(--ink2)">${holds}</text></g>`)
  return svg`<g class="node" data-node=${n.id} transform=${moved(n.id, at.x, at.y)} tabindex="0" role="button" aria-label=${words}
      aria-pressed=${store.selected === n.id} @click=${() => pick(n.id)} @keydown=${e => enter(e, n.id)}>
    <circle class="hit" r=${at.r + 9} fill="transparent"/>
    ${store.selected === n.id ? svg`<circle r=${at.r + 8} fill="none" stroke="var(--ink)" stroke-width="1.5"/>` : nothing}
    ${ring}
    ${patience ? svg`<path class="patience" d=${arc(at.r + 4.5, patience.left / patience.limit)} fill="none" stroke=${c} stroke-width="2.5" stroke-linecap="round"/>
      <title>${n.id} ${patienceWords(patience)}</title>` : nothing}
    <text y=${down ? 0 : 5} text-anchor="middle" font-size="15" font-weight="700" fill=${leads ? 'var(--panel)' : down ? 'var(--bad)' : c}>${down ? '' : n.id}</text>
    ${down ? svg`<text y="5" text-anchor="middle" font-size="14" font-weight="700" fill="var(--bad)">✕ ${n.id}</text>` : nothing}
  </g>`
}

// arc is a part of a circle, from the top and clockwise.
function arc(r, share) {
  const a = Math.PI * 2 * Math.max(.004, Math.min(.9999, share))
  return `M0 ${-r}A${r} ${r} 0 ${a > Math.PI ? 1 : 0} 1 ${r * Math.sin(a)} ${-r * Math.cos(a)}`
}

const patienceWords = p => `gives up on ${p.of} in ${(p.left / 1e6).toFixed(1)} s`

// moved is the place of a node, or of the pointer that pulls it.
const moved = (id, x, y) => store.drag?.id === id ? `translate(${x + store.drag.dx} ${y + store.drag.dy})` : `translate(${x} ${y})`

const clientWords = { connected: 'connected', disconnected: 'disconnected', connecting: 'connecting', expired: 'expired', closed: 'closed', down: 'crashed' }

// stateOf is the state of a client or a resource in a word.
export function stateOf(h, n) {
  if (n.kind === 'resource') return n.com ? 'token ' + n.com : 'resource'
  if (n.role !== 'down' && h.held.get(n.id).some(b => b.a <= store.t && b.b > store.t)) return 'paused'
  if (n.lead) return 'leads'
  return clientWords[n.role] ?? (n.role || 'not started')
}

function other(h, s, n, at, wide) {
  const state = stateOf(h, n), dead = n.role === 'down', off = n.role !== 'connected' && n.kind === 'client'
  const watching = n.kind === 'client' && s.nodes.some(x => x.watch.some(w => w.endsWith(' ' + n.id)))
  const owns = n.kind === 'client' && !dead ? owned(s, n.id) : ''
  const fits = Math.floor((at.wide - (watching ? 26 : 16)) / 6.2) - 5 // characters of a path
  const word = owns && (state === 'connected' || state === 'paused') ? `${state === 'paused' ? 'paused, ' : ''}owns ${brief(owns, state === 'paused' ? 6 : Math.max(4, fits))}` : state
  const name = brief(n.id, 10), w = Math.max(68, 9 * name.length + 14, 6.2 * word.length + (watching ? 26 : 16))
  const x = Math.max(w / 2 + 6, Math.min(wide - w / 2 - 6, at.x))
  const stroke = dead ? 'var(--bad)' : owns ? 'var(--watch)' : n.kind === 'resource' ? 'var(--ink2)' : 'var(--ink)'
  return svg`<g class="node" data-node=${n.id} transform=${moved(n.id, x, at.y)} tabindex="0" role="button" aria-label=${`${n.id}, ${word}${watching ? ', watches' : ''}`}
      aria-pressed=${store.selected === n.id} @click=${() => pick(n.id)} @keydown=${e => enter(e, n.id)}>
    ${store.selected === n.id ? svg`<rect x=${-w / 2 - 5} y="-24" width=${w + 10} height="48" rx="12" fill="none" stroke="var(--ink)" stroke-width="1.5"/>` : nothing}
    <rect x=${-w / 2} y="-19" width=${w} height="38" rx=${n.kind === 'resource' ? 2 : 9} fill=${owns && !dead ? 'var(--watchbg)' : 'var(--panel)'} stroke=${stroke} stroke-width="1.8"
      stroke-dasharray=${dead || off ? '3 3' : nothing}/>
    ${n.kind === 'resource' ? svg`<line x1=${-w / 2} x2=${w / 2} y1="-14" y2="-14" stroke=${stroke} stroke-width="1.2"/>` : nothing}
    <text y="-2" text-anchor="middle" font-size="14" font-weight="700" fill=${dead ? 'var(--bad)' : 'var(--ink)'}>${name}</text>
    <text y="13" text-anchor="middle" font-size="11" fill=${dead ? 'var(--bad)' : 'var(--ink2)'}>${watching ? '☆ ' : ''}${word}</text>
  </g>`
}

// owned is a node that belongs to a client's session in the tree of a server that is up, or ''.
function owned(s, id) {
  for (const x of s.nodes) {
    if (x.role === 'down' || !x.sess.some(l => l.endsWith(' ' + id))) continue
    for (const [path, v] of x.tree) if (v.own === id) return path
  }
  return ''
}

const pick = id => set({ selected: store.selected === id ? '' : id, who: store.selected === id ? '' : store.who })
function enter(e, id) {
  if (e.key !== 'Enter' && e.key !== ' ') return
  e.preventDefault()
  e.stopPropagation()
  pick(id)
}

const shore = 62 // px: the other side of a split, while a node is pulled

// attachStage lets a pointer pick a message, and pull a node to the other side of a split. can says
// whether the page can change its run.
export function attachStage(box, can) {
  let from = null
  box.addEventListener('click', e => {
    const token = e.target.closest('[data-message]')
    if (token) set({ message: store.h.events[+token.dataset.message].m })
  })
  box.addEventListener('pointerdown', e => {
    const node = e.target.closest('[data-node]')
    if (node && !e.button && can() && store.h.kind(node.dataset.node) !== 'resource') from = { id: node.dataset.node, x: e.clientX, y: e.clientY, pointer: e.pointerId }
  })
  box.addEventListener('pointermove', e => {
    if (e.pointerId !== from?.pointer) return
    if (!e.buttons) { // it was released outside of the stage
      from = null
      return store.drag && set({ drag: null })
    }
    const dx = e.clientX - from.x, dy = e.clientY - from.y
    if (!store.drag && Math.hypot(dx, dy) < 8) return
    if (!store.drag) box.setPointerCapture(e.pointerId)
    set({ drag: { id: from.id, dx, dy, over: e.clientY > box.getBoundingClientRect().bottom - shore } })
  })
  const end = e => {
    if (e.pointerId !== from?.pointer) return
    const { drag } = store
    from = null
    if (!drag) return
    set({ drag: null })
    if (drag.over && e.type === 'pointerup') side(drag.id)
  }
  box.addEventListener('pointerup', end)
  box.addEventListener('pointercancel', end)
}

// split draws the groups of a split network: each group but the largest in a tinted hull. Of a split
// that is being made, it is the second one.
function split(s, p, second = false) {
  if (!s.groups.length) return nothing
  const sizes = s.groups.map(g => g.length), main = second ? 0 : sizes.indexOf(Math.max(...sizes))
  return s.groups.map((g, i) => {
    if (i === main) return nothing
    const points = g.map(id => p.get(id)).filter(Boolean)
    if (!points.length) return nothing
    const mid = { x: points.reduce((a, b) => a + b.x, 0) / points.length, y: points.reduce((a, b) => a + b.y, 0) / points.length }
    points.sort((a, b) => Math.atan2(a.y - mid.y, a.x - mid.x) - Math.atan2(b.y - mid.y, b.x - mid.x))
    const d = points.map(q => `${q.x},${q.y + (q.box ? 0 : 8)}`)
    if (d.length === 1) d.push(`${points[0].x + .5},${points[0].y + (points[0].box ? 0 : 8)}`) // a point has no stroke
    return svg`<polygon points=${d.join(' ')} fill="var(--hull)" stroke="var(--hull)" stroke-width="112" stroke-linejoin="round" stroke-linecap="round"/>`
  })
}

// messages draws the messages on their way, and those that were lost a moment ago.
function messages(h, p) {
  const lines = [], tokens = [], { u, pos } = store, on = picked()
  const show = m => {
    if (!p.has(m.from) || !p.has(m.to)) return
    const over = m.end >= 0 ? m.end < pos : m.u1 < u
    const from = p.get(m.from), to = p.get(m.to)
    const dx = to.x - from.x, dy = to.y - from.y, len = Math.hypot(dx, dy) || 1, pad = Math.min(len / 2 - 4, 30)
    const a = { x: from.x + dx / len * pad, y: from.y + dy / len * pad }
    let f = Math.max(0, Math.min(1, (u - m.u0) / (m.u1 - m.u0 || 1)))
    if (m.lost) f *= .5
    const b = { x: a.x + (dx - 2 * dx / len * pad) * f, y: a.y + (dy - 2 * dy / len * pad) * f }
    const dead = m.lost && over, colour = dead ? palette.bad : colourOf(m)
    lines.push(line(a, b, colour, m.cls === 'com' ? 2.6 : 1.5, '', .65))
    const chosen = m === on ? svg`<circle cx=${b.x} cy=${b.y} r=${m.cls === 'ping' ? 7 : 14} fill="none" stroke="var(--ink)" stroke-width="1.5"/>` : nothing
    if (m.cls === 'ping') tokens.push(svg`${chosen}<circle class="token" data-message=${m.i} cx=${b.x} cy=${b.y} r="2.6" fill=${colour} stroke="transparent" stroke-width="9"/>`)
    else tokens.push(svg`${chosen}<g class="token" data-message=${m.i} transform="translate(${b.x} ${b.y})"><circle r="9.5" fill=${dead ? palette.panel : colour} stroke=${dead ? palette.bad : palette.panel} stroke-width="1.5"/>
      <text text-anchor="middle" y="4" font-size="11" font-weight="700" fill=${dead ? palette.bad : palette.panel}>${dead ? '✕' : letters[m.cls]}</text></g>`)
  }
  for (const m of flying(9000)) show(m)
  return [lines, tokens.slice(-60)]
}

export function drawStage(box) {
  const h = store.h, [w, hgt] = size(box)
  if (w < 40 || hgt < 40) return
  const s = h.stateAt(store.pos), { p, compact } = place(h, w, hgt)
  const group = new Map(s.groups.flatMap((g, i) => g.map(id => [id, i])))
  const cut = (a, b) => s.groups.length && group.has(a) && group.has(b) && group.get(a) !== group.get(b)
  const links = []
  for (let i = 0; i < h.servers.length; i++) {
    for (let k = i + 1; k < h.servers.length; k++) {
      const a = h.servers[i].id, b = h.servers[k].id
      links.push(cut(a, b) ? line(p.get(a), p.get(b), 'var(--bad)', 1, '2 6', .6) : line(p.get(a), p.get(b), 'var(--line)', 1))
    }
  }
  for (const n of h.others) {
    const c = find(s, n.id)
    if (p.has(c.srv) && c.role !== 'down') links.push(line(p.get(n.id), p.get(c.srv), 'var(--ink3)', 1.4, cut(n.id, c.srv) ? '2 5' : '', .6))
  }
  const [lines, tokens] = messages(h, p), { apart, drag } = store, labels = [] // over the tokens
  const words = s.nodes.map(n => `${n.id} ${h.isServer(n.id) ? n.role || 'not started' : stateOf(h, n)}`).join(', ')
  render(html`<svg viewBox="0 0 ${w} ${hgt}" role="group" aria-label=${words}>
    ${split(s, p)}${apart.length ? split({ groups: [h.nodes.filter(n => !apart.includes(n.id)).map(n => n.id), apart] }, p, true) : nothing}${links}${lines}
    ${h.servers.map(n => drag?.id === n.id ? nothing : server(h, find(s, n.id), p.get(n.id), compact, labels))}
    ${h.others.map(n => drag?.id === n.id ? nothing : other(h, s, find(s, n.id), p.get(n.id), w))}
    ${tokens}${labels}
    ${drag ? svg`<rect x="8" y=${hgt - shore} width=${w - 16} height=${shore - 8} rx="12" fill="var(--panel)" stroke="var(--bad)" stroke-width="1.5" stroke-dasharray="6 4"/>
      <text x=${w / 2} y=${hgt - shore / 2} text-anchor="middle" font-size="13" font-weight=${drag.over ? 700 : 500} fill="var(--bad)">${apart.includes(drag.id) ? `drop ${drag.id} here to bring it back` : `drop ${drag.id} here: the other side of a split`}</text>
      ${h.isServer(drag.id) ? server(h, find(s, drag.id), p.get(drag.id), compact, labels) : other(h, s, find(s, drag.id), p.get(drag.id), w)}` : nothing}
    ${s.groups.length && !drag ? svg`<text x="14" y=${hgt - 22} font-size="13" font-weight="600" fill="var(--bad)" class="halo">network split</text>
      <text x="14" y=${hgt - 7} font-size="12" fill="var(--ink2)" class="halo">nothing crosses</text>` : nothing}
    <title>${words}</title></svg>`, box)
}
