// text.js lets the reader change the document: the run follows as it is written, each line has the
// verdict of its arrow, and the line with the cursor says how it is read.

import { html, nothing, render } from 'lit-html'
import { build, compare, seconds } from 'lab/history.js'
import { read } from 'lab/trace.js'
import { add, nameFor, replace, set, store } from 'lab/store.js'
import * as engine from 'lab/engine.js'
import { failed } from 'lab/whatif.js'
import { brief, marks } from 'lab/words.js'

let box = null, timer = 0, turn = 0, shown = null, caret = 1
let said = null      // the answer to the text in the box: readings and problems
let waiting = false  // the text in the box is newer than the run

const run = () => store.runs[store.active]
const textOf = r => r.answer?.document ?? engine.source.text
const draft = () => store.runs.findIndex(r => r.draft)

// draw shows the text of the run that is stepped.
export function draw(panel) {
  if (!engine.can()) return
  if (!box) {
    render(html`<p class="k wk"><span>Edit the drawing: the run follows.</span><span class="sp"></span><span id="wstate" role="status"></span></p>
      <div class="we"><pre id="wmarks" class="mono" aria-hidden="true"></pre><textarea id="words" class="mono" spellcheck="false" autocapitalize="off" aria-label="The document, as Markdown with Mermaid" aria-describedby="wline"></textarea></div><div id="wline" role="status"></div>`, panel)
    box = panel.querySelector('textarea')
    box.addEventListener('input', changed)
    box.addEventListener('scroll', () => { panel.querySelector('#wmarks').scrollTop = box.scrollTop })
    for (const k of ['keyup', 'click', 'focus']) box.addEventListener(k, () => { place(); paintLine() })
  }
  if (shown !== run() && !waiting) {
    shown = run()
    said = shown.answer ?? null
    const text = textOf(shown)
    if (box.value !== text) {
      box.value = text
      const first = shown.h.run.end?.drawn?.[0]?.line ?? 1
      box.scrollTop = Math.max(0, (first - 3) * 18)
    }
    if (!said) readings()
  }
  paint()
}

// readings asks how the lines of the page's own document are read.
async function readings() {
  const r = shown
  try {
    const { answer } = await engine.play({ ...r.change, read: true })
    if (shown === r && !said) {
      said = answer
      paint()
    }
  } catch (err) {
    failed(err)
  }
}

function place() {
  caret = box.value.slice(0, box.selectionStart).split('\n').length
}

function changed() {
  waiting = true
  place()
  paint()
  clearTimeout(timer)
  timer = setTimeout(follow, 350)
}

// follow plays the text in the box. A newer text stops the run of an older one.
async function follow() {
  const mine = ++turn, text = box.value
  if (!engine.can() || !store.h) return void (waiting = false)
  if (store.busy) engine.stop()
  const at = draft(), parent = at >= 0 ? store.runs[at].parent : store.active, from = store.runs[parent], change = { ...from.change, text, add: [] }
  set({ busy: 'the text', slow: false, fault: null })
  try {
    const { answer, trace } = await engine.play(change, from.h.events.length)
    if (mine !== turn || !store.runs.includes(from)) return
    said = answer
    if (!answer.problems) {
      const h = await build(await read(trace))
      await compare(from.h, h)
      if (mine !== turn || !store.runs.includes(from)) return
      const r = { name: at >= 0 ? store.runs[at].name : nameFor(parent), h, add: [], change, answer, parent, draft: true, verified: true }
      waiting = false
      shown = r
      store.busy = ''
      if (at >= 0) replace(at, r)
      else add(r)
    }
  } catch (err) {
    if (mine === turn) failed(err)
  } finally {
    if (mine === turn) {
      waiting = false
      set({ busy: '' })
    }
    paint()
  }
}

// verdicts has the row of the drawing, or the reading, for each line.
function verdicts() {
  const by = new Map()
  for (const r of said?.readings ?? []) if (r.problem) by.set(r.line, ['?', 'bad'])
  if (!said?.problems) {
    for (const d of run().h.run.end?.drawn ?? []) {
      for (const r of d.rows) {
        const tone = r.verdict === 'as-drawn' ? 'ok' : ['different', 'never', 'unread'].includes(r.verdict) ? (r.expect === r.verdict ? 'warn' : 'bad') : r.verdict === 'later' ? 'warn' : ''
        by.set(r.line, [marks[r.verdict]?.[0] ?? '·', tone, r])
      }
    }
  }
  for (const p of said?.problems ?? []) by.set(p.line, ['✗', 'bad'])
  return by
}

function paint() {
  if (!box) return
  const lines = box.value.split('\n').length, by = verdicts(), list = []
  for (let i = 1; i <= lines; i++) {
    const [mark, tone] = by.get(i) ?? ['', '']
    list.push(html`<span class=${tone}>${String(i).padStart(4)} ${mark || ' '}\n</span>`)
  }
  render(list, document.getElementById('wmarks'))
  document.getElementById('wmarks').scrollTop = box.scrollTop
  const bad = said?.problems?.length ?? 0, unread = (said?.readings ?? []).filter(r => r.problem).length
  document.getElementById('wstate').textContent = waiting || store.busy === 'the text' ? 'playing …' : bad ? `${bad} wrong: the run is the last that could be played` : unread ? `${unread} not read` : ''
  paintLine()
}

function paintLine() {
  const problem = said?.problems?.find(p => p.line === caret) ?? said?.problems?.[0], r = (said?.readings ?? []).find(x => x.line === caret), row = verdicts().get(caret)?.[2]
  render(problem ? html`<p class="bad"><strong>${problem.line ? `Line ${problem.line}: ` : ''}</strong><span dir="auto">${brief(problem.message, 400)}</span></p>`
    : r ? html`<p><strong>Line ${r.line}</strong> ${r.problem ? html`<span class="bad" dir="auto">${r.problem}${r.nearest ? `; the nearest phrase is “${r.nearest}”` : ''}</span>` : html`<span dir="auto">${r.kind}: ${brief(r.says, 200)}</span>`}
        ${row && !r.problem ? html`<br><span>${row.t >= 0 ? seconds(row.t) + ' s ' : ''}${marks[row.verdict]?.[1] ?? row.verdict}${row.says ? ': ' + brief(row.says, 160) : ''}</span>` : nothing}</p>`
    : html`<p class="none">Put the cursor in a line of the drawing to see how it is read.</p>`, document.getElementById('wline'))
}
