// drawing.js shows the document's own diagrams beside the run: each line with its verdict, and the
// line that has just happened lit.

import { html, nothing } from 'lit-html'
import { seconds } from 'lab/history.js'
import { go, store } from 'lab/store.js'
import { marks, plural } from 'lab/words.js'

// current is the last line of all diagrams that has happened: [diagram, row].
export function current(drawn, pos) {
  let best = null, step = -1
  drawn.forEach((d, i) => d.rows.forEach((r, k) => {
    if (r.i >= 0 && r.i < pos && r.i >= step) [best, step] = [[i, k], r.i]
  }))
  return best
}

function people(d) {
  const list = []
  for (const r of d.rows) for (const id of [r.from, r.to]) if (id && !list.includes(id) && !id.includes(',')) list.push(id)
  return list
}

const left = 16, right = 34

function row(r, k, lit, done, where, width) {
  const [mark, word] = marks[r.verdict] ?? ['?', r.verdict]
  const expected = r.expect && r.expect === r.verdict
  const tone = r.bad ? 'warn' : ['different', 'never', 'unread'].includes(r.verdict) ? (expected ? 'warn' : 'bad') : r.verdict === 'later' ? 'warn' : r.verdict === 'as-drawn' ? 'ok' : 'dim'
  const says = [r.verdict === 'as-drawn' || r.verdict === 'applied' || r.verdict === 'remark' ? '' : word, r.says].filter(Boolean).join(': ') + (expected ? ' (expected)' : '')
  const x0 = where.get(r.from), x1 = where.get(r.to), here = r.i >= 0
  const time = r.t >= 0 ? seconds(r.t) + ' s' : ''
  const lead = `Line ${r.line}, ${r.from}${r.to ? ' to ' + r.to : ''}: `
  const arrow = x0 !== undefined && x1 !== undefined && x0 !== x1
  const dash = ['reply', 'event'].includes(r.kind) ? '5 3' : nothing
  const way = x1 > x0 ? 1 : -1
  return html`<button class=${`dr ${lit ? 'lit' : ''} ${done ? '' : 'fut'} is-${tone}`} ?disabled=${!here} data-row=${k}
      aria-current=${lit ? 'step' : nothing} @click=${() => go(r.i)}>
    <span class="dt"><span class="tx" dir="auto"><span class="vh">${lead}</span>${arrow ? '' : html`<b aria-hidden="true">${r.from}</b> `}${r.text}</span><span class="sp"></span><time class="mono">${time}</time><span class="dv" aria-hidden="true" title=${word}>${r.bad ? '!' : mark}</span><span class="vh">, ${word}</span></span>
    ${arrow ? html`<svg class="da" width=${width} height="10" aria-hidden="true"><line class="ar" x1=${x0} x2=${x1 - way * 6} y1="5" y2="5" stroke-dasharray=${dash}/><path class="ah" d=${`M${x1} 5l${-way * 9} -4v8z`}/></svg>` : nothing}
    ${says ? html`<span class="ds">${says}</span>` : nothing}</button>`
}

const mostRows = 120

// around is the part of the lines around a place, each with its number. A line of more is invisible
// anyway, and thousands of them take longer to lay out than all else.
function around(rows, at) {
  const from = Math.max(0, Math.min(rows.length - mostRows, at - mostRows / 2))
  return rows.slice(from, from + mostRows).map((r, k) => [r, from + k])
}

// drawing is the template of the panel.
export function drawing(width) {
  const drawn = store.h.run.end?.drawn
  if (!drawn?.length) return nothing
  const at = current(drawn, store.pos)
  return drawn.map((d, i) => {
    const list = people(d), w = Math.max(200, width - left), where = new Map()
    list.forEach((id, k) => where.set(id, left + 14 + (list.length < 2 ? (w - right - 28) / 2 : k * (w - right - 42) / (list.length - 1))))
    return html`<section aria-label=${'Diagram ' + (i + 1)}>
      ${drawn.length > 1 || d.title ? html`<h3>${drawn.length > 1 ? `Diagram ${i + 1} of ${drawn.length}` : d.title}<small> line ${d.line}</small></h3>` : nothing}
      <div class="people" aria-hidden="true" style=${`width:${w}px`}>${list.map(id => html`<b style=${`left:${where.get(id)}px`}>${id}</b>`)}</div>
      <div class="lifes" aria-hidden="true">${list.map(id => html`<i style=${`left:${where.get(id)}px`}></i>`)}</div>
      ${around(d.rows, at?.[0] === i ? at[1] : at && at[0] > i ? d.rows.length : 0).map(([r, k]) => row(r, k, at?.[0] === i && at[1] === k, r.i >= 0 && r.i < store.pos, where, w))}
      ${d.rows.length > mostRows ? html`<p class="none">${mostRows} of ${plural(d.rows.length, 'line')}, those around this moment</p>` : nothing}</section>`
  })
}
