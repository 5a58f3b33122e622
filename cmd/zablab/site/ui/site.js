// site.js asks for the bet before anything is revealed, loads runs when they are seen, plays the try
// boxes in place, and shows a chapter as slides.

const all = (sel, of = document) => [...of.querySelectorAll(sel)]

// ---- the bet ----

const form = document.querySelector('.bet form')
const hidden = all('.after')

function reveal(focus) {
  for (const e of hidden) e.hidden = false
  if (form) {
    form.querySelector('button').hidden = true
    form.querySelector('textarea').readOnly = true
  }
  watch()
  if (focus) document.querySelector('.run.after, .after')?.scrollIntoView({ block: 'start' })
}

if (form) {
  form.hidden = false
  for (const e of hidden) e.hidden = true
  const after = document.createElement('p')
  after.className = 'waiting'
  after.textContent = 'The run, and what happened, come after your bet.'
  all('main > .slide, main > .after').at(-1)?.after(after)
  form.addEventListener('submit', e => {
    e.preventDefault()
    after.remove()
    reveal(true)
  })
}

// ---- the runs ----

function load(frame, hash = '') {
  const to = frame.dataset.src + hash
  if (frame.dataset.now === to) return
  frame.dataset.now = to
  frame.src = to
}

const seen = 'IntersectionObserver' in globalThis ? new IntersectionObserver(list => {
  for (const e of list) {
    if (!e.isIntersecting) continue
    seen.unobserve(e.target)
    if (!e.target.dataset.now) load(e.target)
  }
}, { rootMargin: '300px' }) : null

function watch() {
  for (const f of all('iframe[data-src]')) if (!f.dataset.now) seen ? seen.observe(f) : load(f)
}

// ---- try boxes ----

for (const b of all('.try')) {
  b.addEventListener('click', () => {
    let frame = b.parentNode.querySelector('iframe')
    if (!frame) {
      frame = document.createElement('iframe')
      frame.title = 'The run of ' + b.dataset.flags
      frame.dataset.src = b.dataset.run
      frame.allow = 'clipboard-write'
      b.parentNode.append(frame)
    }
    load(frame, '#o=' + encodeURIComponent(b.dataset.flags))
    frame.scrollIntoView({ block: 'nearest' })
  })
}

// ---- slides ----

function slides() {
  document.body.classList.add('slides')
  const list = all('main .slide').filter(s => s.textContent.trim())
  const counter = document.createElement('p')
  counter.className = 'counter'
  document.body.append(counter)
  let at = Math.min(list.length - 1, Math.max(0, (parseInt(location.hash.slice(1), 10) || 1) - 1))
  const show = to => {
    at = Math.max(0, Math.min(list.length - 1, to))
    list.forEach((s, i) => s.classList.toggle('on', i === at))
    if (list[at].closest('[hidden]') || list[at].querySelector('.run')) reveal(false)
    for (const f of all('iframe[data-src]', list[at])) if (!f.dataset.now) load(f)
    counter.textContent = `${at + 1} / ${list.length}`
    history.replaceState?.(null, '', '#' + (at + 1))
    scrollTo(0, 0)
  }
  addEventListener('keydown', e => {
    if (e.target.matches?.('textarea,input') || e.ctrlKey || e.metaKey || e.altKey) return
    const by = { ArrowRight: 1, PageDown: 1, ' ': 1, ArrowDown: 1, ArrowLeft: -1, PageUp: -1, ArrowUp: -1 }[e.key]
    if (!by && e.key !== 'Home' && e.key !== 'End') return
    e.preventDefault()
    show(e.key === 'Home' ? 0 : e.key === 'End' ? list.length : at + by)
  })
  show(at)
}

if (new URLSearchParams(location.search).has('slides')) slides()
else watch()
