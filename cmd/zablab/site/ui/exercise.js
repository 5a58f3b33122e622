// exercise.js checks answers to exercises with the engine of the site, shows the verdict, and keeps
// answers and progress in the browser, if it lets a page keep anything.

import * as engine from 'lab/engine.js'

const $ = id => document.getElementById(id)

function make(tag, className, text) {
  const e = document.createElement(tag)
  if (className) e.className = className
  if (text !== undefined) e.textContent = text
  return e
}

// ---- progress ----

const key = 'zablab.learn/1'
let keeps = true

// stored reads one key: an object, or nothing.
function stored(name) {
  try {
    const o = JSON.parse(localStorage.getItem(name) ?? '{}')
    return typeof o === 'object' && o !== null && !Array.isArray(o) ? o : {}
  } catch {
    return {}
  }
}

// Each exercise has a key of its own, so that the records of two exercises do not overwrite each other.
// Earlier sites kept all records under one key.
let kept = {}
function recall() {
  try {
    kept = stored(key)
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(key + '/')) kept[name.slice(key.length + 1)] = stored(name)
    }
  } catch {
    keeps = false
  }
}
recall()

const fresh = { status: 'open', tries: 0, hints: 0, lines: 0 }

// record is what the reader has done in an exercise.
const record = id => (kept[id] = { ...fresh, ...kept[id] })

// merge adds to a record what another tab has stored: nothing that was reached is lost.
function merge(r, other) {
  if (other.status === 'passed') r.status = 'passed'
  for (const k of ['tries', 'hints']) r[k] = Math.max(r[k], Number(other[k]) || 0)
  r.lines = Math.min(r.lines || Infinity, Number(other.lines) || Infinity)
  if (r.lines === Infinity) r.lines = 0
}

// keep stores the record of an exercise.
function keep(id, r) {
  if (!keeps) return
  try {
    merge(r, stored(`${key}/${id}`))
    localStorage.setItem(`${key}/${id}`, JSON.stringify(r))
  } catch {
    keeps = false
  }
}

// forget removes all records, also those that another tab stored meanwhile.
function forget() {
  kept = {}
  try {
    for (const name of Object.keys(localStorage)) {
      if (name === key || name.startsWith(key + '/')) localStorage.removeItem(name)
    }
  } catch {
    keeps = false
  }
}

// whenStored calls f when another tab may have stored something: at once, or when the reader comes
// back to this page, which slept meanwhile.
function whenStored(f) {
  const look = () => {
    if (!keeps) return
    recall()
    f()
  }
  addEventListener('storage', look)
  addEventListener('pageshow', e => { if (e.persisted) look() })
}

const signs = { passed: '✓ passed', wrong: '✗ not yet', unread: '✗ not yet' }

function mark(e, r) {
  const words = [signs[r.status] ?? '']
  if (r.status === 'passed' && r.lines) words.push(r.lines === 1 ? 'with 1 line' : `with ${r.lines} lines`)
  e.textContent = words.join(' ').trim()
  e.className = 'mark ' + r.status
}

// ---- the list ----

function list() {
  const rows = [...document.querySelectorAll('.exercises li')]
  let passed = 0, here = 0
  for (const li of rows) {
    const e = li.querySelector('.mark')
    if (!e) continue
    here++
    const r = kept[li.id] ?? {}
    if (r.status === 'passed') passed++
    mark(e, r)
  }
  const tried = Object.values(kept).some(r => r.tries || r.hints || r.answer)
  $('done').hidden = !tried
  $('done').textContent = passed === here ? `All ${here} that a page can check are passed.` : `${passed} of the ${here} that a page can check are passed.`
  $('forget').hidden = !tried
}

// ---- an exercise ----

const form = $('ask')

const answer = () => new FormData(form).get('answer')?.trim() ?? ''

function exercise() {
  const { exercise: id, kind, par, most } = form.dataset, r = record(id), field = $('answer')
  engine.offer({}, () => engine.fetched(form.dataset.engine))
  const start = field?.value ?? ''
  if (r.answer !== undefined) {
    if (field) field.value = r.answer
    else for (const o of form.elements.answer) o.checked = o.value === r.answer
  }
  const marks = () => document.querySelectorAll('.kind .mark').forEach(e => mark(e, r))
  marks()
  whenStored(() => {
    if (kept[id]) merge(r, kept[id])
    else Object.assign(r, fresh) // another tab forgot it
    marks()
  })

  // count says how many lines an answer has whose lines count.
  function count() {
    if (kind !== 'break') return
    const n = answer().split('\n').filter(l => l.trim() && !l.trim().startsWith('#')).length
    $('count').textContent = `${n} of at most ${most} lines. The fewest known: ${par}.`
  }

  function changed() {
    r.answer = answer()
    if (field && r.answer === start.trim()) delete r.answer
    count()
    keep(id, r)
  }
  form.addEventListener('input', changed)
  count()

  form.addEventListener('submit', async e => {
    e.preventDefault()
    if ($('check').disabled) return
    busy(true)
    try {
      const v = await engine.check(id, (kind === 'draw' || kind === 'break') ? field.value : answer())
      if (v.status !== 'open') r.tries++
      if (r.status !== 'passed') r.status = v.status
      if (v.status === 'passed' && v.lines && kind === 'break') r.lines = Math.min(r.lines || v.lines, v.lines)
      show(v, kind)
    } catch (err) {
      if (!(err instanceof engine.Stopped)) fault(err)
    }
    busy(false)
    keep(id, r)
    marks()
  })
  field?.addEventListener('keydown', e => {
    if (e.key === 'Enter' && (e.ctrlKey || e.metaKey)) form.requestSubmit()
  })
  $('stop').addEventListener('click', () => engine.stop())
  hints(r, id)
  if (kind === 'read') load()
}

let waiting = 0

function busy(on) {
  $('check').disabled = on
  clearTimeout(waiting)
  $('busy').textContent = on ? 'Playing …' : ''
  if (on) waiting = setTimeout(() => { $('stop').hidden = false }, 500)
  else $('stop').hidden = true
}

// load shows the run that the exercise is about.
function load() {
  const run = $('run')
  if (!run) return
  run.hidden = false
  const frame = run.querySelector('iframe')
  if (!frame.src) frame.src = frame.dataset.src
}

// sentence is a reason as a sentence. An error has its place in the words of the page: the line of the
// field.
function sentence(text) {
  const s = text.replace(/^\S+\.(?:md|plan):(\d+):\d+: /, 'Line $1: ').trim()
  return s && s[0].toUpperCase() + s.slice(1) + (/[.?!]$/.test(s) ? '' : '.')
}

const picture = svg => document.importNode(new DOMParser().parseFromString(svg, 'text/html').querySelector('svg'), true)

// show shows a verdict.
function show(v, kind) {
  const box = $('verdict'), passed = v.status === 'passed'
  box.replaceChildren()
  box.hidden = false
  box.className = passed ? 'good' : 'wrong'
  const head = { passed: '✓ Passed', wrong: '✗ Not yet', unread: '✗ This cannot be read', open: 'There is no answer yet' }[v.status]
  box.append(make('h2', '', head))
  if (v.status === 'open') box.append(make('p', '', 'Write or choose one, then play it.'))
  else if (!passed) box.append(make('p', 'why', sentence(v.why)))
  if (passed && v.par && kind === 'break') {
    box.append(make('p', 'why', v.lines > v.par ? `With ${v.lines} lines; ${v.par} are enough.` : v.lines === 1 ? 'With 1 line: the fewest known.' : `With ${v.lines} lines: the fewest known.`))
  }
  if (passed && v.lesson) box.append(make('p', 'lesson', v.lesson))
  for (const svg of v.drawing) {
    box.append(make('h3', '', kind === 'judge' ? 'The history' : 'What happens in the run'))
    const f = make('figure')
    f.tabIndex = 0
    f.setAttribute('role', 'group')
    f.setAttribute('aria-label', 'Drawing of the run')
    f.append(picture(svg))
    box.append(f)
  }
  if (v.details.length) {
    const code = make('div', 'code'), pre = make('pre', '', v.details.join('\n'))
    pre.tabIndex = 0
    code.append(pre)
    if (v.drawing.length && kind !== 'break') {
      const more = make('details')
      more.append(make('summary', '', 'Line by line'), code)
      box.append(more)
    } else {
      if (!v.drawing.length) box.append(make('h3', '', 'What happened'))
      box.append(code)
    }
  }
  const next = document.querySelector('.turn .next')
  if (passed && next) {
    const go = make('a', 'go', 'Next: ' + next.lastChild.textContent.trim())
    go.href = next.href
    box.append(go)
  }
  if (v.status === 'unread') select(v.why)
  if (kind === 'predict' && (passed || v.status === 'wrong')) load()
  box.focus({ preventScroll: true })
  box.scrollIntoView({ block: 'start', behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' })
}

// select selects the line of an error in the field.
function select(why) {
  const m = /^\S+\.(?:md|plan):(\d+):\d+: /.exec(why), field = $('answer')
  if (!m || !field?.setSelectionRange) return
  const lines = field.value.split('\n'), at = lines.slice(0, m[1] - 1).join('\n').length + (m[1] > 1 ? 1 : 0)
  field.setSelectionRange(at, at + (lines[m[1] - 1] ?? '').length)
}

// fault shows what went wrong in the engine, which is never the reader's fault.
function fault(err) {
  const box = $('verdict')
  box.replaceChildren(make('h2', '', 'The answer could not be checked'), make('p', 'why', err.message))
  if (err.said) box.append(make('pre', '', err.said))
  box.hidden = false
  box.className = 'wrong'
}

// hints shows the hints that the reader has asked for. Each reveals more than the one before.
function hints(r, id) {
  const all = [...$('hints').querySelectorAll('li')], button = $('hint')
  const draw = () => {
    all.forEach((li, i) => { li.hidden = i >= r.hints })
    button.hidden = r.hints >= all.length
    button.textContent = r.hints ? `Another hint: ${r.hints + 1} of ${all.length}` : `A hint: 1 of ${all.length}`
  }
  button.addEventListener('click', () => {
    r.hints = Math.min(all.length, r.hints + 1)
    keep(id, r)
    draw()
    const li = all[r.hints - 1]
    li.tabIndex = -1
    li.focus()
  })
  draw()
}

if (form) exercise()
else if ($('done')) {
  list()
  whenStored(list)
  $('forget').addEventListener('click', () => {
    forget()
    list()
  })
}

globalThis.lab = { engine }
