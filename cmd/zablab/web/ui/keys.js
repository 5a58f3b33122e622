// keys.js has the keyboard: one table, from which the handler and the help are made.

import { html } from 'lit-html'
import { choose, go, key, pan, play, set, show, step, stepOn, store, whole, zoom } from 'lab/store.js'
import { filters } from 'lab/panels.js'

const nextFilter = () => {
  const names = Object.keys(filters)
  set({ filter: names[(names.indexOf(store.filter) + 1) % names.length] })
}

// table has a row per action: the keys, as [KeyboardEvent.key, with Shift], the words, the action.
export const table = actions => [
  { keys: [' '], show: 'Space', words: 'play or stop', run: () => play() },
  { keys: ['ArrowRight', 'j'], show: '→ or j', words: 'next event', run: () => step(1) },
  { keys: ['ArrowLeft', 'k'], show: '← or k', words: 'previous event', run: () => step(-1) },
  { keys: ['Shift+ArrowRight'], show: 'Shift →', words: 'next event of the same node', run: () => stepOn(1) },
  { keys: ['Shift+ArrowLeft'], show: 'Shift ←', words: 'previous event of the same node', run: () => stepOn(-1) },
  { keys: [']'], show: ']', words: 'next key moment', run: () => key(1) },
  { keys: ['['], show: '[', words: 'previous key moment', run: () => key(-1) },
  { keys: ['Home'], show: 'Home', words: 'start of the run', run: () => go(0) },
  { keys: ['End'], show: 'End', words: 'end of the run', run: () => go(store.h.events.length - 1) },
  { keys: ['+', '='], show: '+', words: 'zoom in', run: () => zoom(.7) },
  { keys: ['-'], show: '−', words: 'zoom out', run: () => zoom(1.4) },
  { keys: ['0'], show: '0', words: 'the whole run', run: whole },
  { keys: [','], show: ',', words: 'move the view to the left', run: () => pan(-.2) },
  { keys: ['.'], show: '.', words: 'move the view to the right', run: () => pan(.2) },
  { keys: ['<'], show: '<', words: 'play slower', run: () => actions.speed(-1) },
  { keys: ['>'], show: '>', words: 'play faster', run: () => actions.speed(1) },
  { keys: ['h'], show: 'h', words: 'what led here', run: () => show('past') },
  { keys: ['H'], show: 'Shift h', words: 'what it caused', run: () => show('future') },
  { keys: '123456789'.split(''), show: '1 … 9', words: 'select a node, or answer a question', run: e => store.bet && !store.bet.choice ? choose(store.bet.ask.options[+e.key - 1]) : actions.select(+e.key - 1) },
  { keys: ['x'], show: 'x', words: 'what if: the selected node crashes or restarts', change: true, run: () => actions.crash() },
  { keys: ['i'], show: 'i', words: 'what if: the selected node is cut off', change: true, run: () => actions.isolate() },
  { keys: ['u'], show: 'u', words: 'what if: every cut and split heals', change: true, run: () => actions.heal() },
  { keys: ['s'], show: 's', words: 'put the selected node on the other side of a split, or back', change: true, run: () => actions.side() },
  { keys: ['S'], show: 'Shift s', words: 'what if: the two sides are split', change: true, run: () => actions.split() },
  { keys: ['m'], show: 'm', words: 'pick the next message on its way', change: true, run: () => actions.message() },
  { keys: ['d'], show: 'd', words: 'what if: the message that is picked is lost', change: true, run: () => actions.lose() },
  { keys: ['p'], show: 'p', words: 'play stops for bets, or not', run: () => actions.bets() },
  { keys: ['n'], show: 'n', words: 'only the events of the selected node', run: () => set({ who: store.who ? '' : store.selected }) },
  { keys: ['f'], show: 'f', words: 'filter of the events', run: nextFilter },
  { keys: ['/'], show: '/', words: 'search in the events', run: () => actions.search() },
  { keys: ['l'], show: 'l', words: 'copy a link to this moment', run: () => actions.copy() },
  { keys: ['t'], show: 't', words: 'light or dark', run: () => actions.theme() },
  { keys: ['?'], show: '?', words: 'all keys', run: () => actions.help() },
  { keys: ['Escape'], show: 'Esc', words: 'close, or select nothing', run: () => actions.escape() },
]

export function listen(actions) {
  const rows = table(actions), by = new Map(rows.flatMap(r => r.keys.map(k => [k, r])))
  addEventListener('keydown', e => {
    if (e.metaKey || e.ctrlKey || e.altKey || !store.h) return
    const el = document.activeElement, typing = el?.matches?.('input:not([type=range]),textarea,select')
    if (typing) {
      if (e.key === 'Escape') el.blur()
      return
    }
    if (!letters.on && e.key.length === 1 && e.key !== ' ') return
    if (document.querySelector('dialog[open]') && e.key !== '?') return
    if ((e.key === ' ' || e.key === 'Enter') && el?.matches?.('button,a,[role=button],[role=tab]')) return
    if (el?.matches?.('[role=tab]') && e.key.startsWith('Arrow')) return
    const arrow = e.shiftKey && e.key.startsWith('Arrow')
    const row = by.get((arrow ? 'Shift+' : '') + e.key)
    if (!row) return
    e.preventDefault()
    row.run(e)
  })
  return rows
}

// letters says whether single characters are keys: some readers use software that types them
// (WCAG 2.1.4). The choice is kept in the browser, if it keeps anything.
const kept = 'zablab-letters'
export const letters = { on: true }
try {
  letters.on = localStorage.getItem(kept) !== 'off'
} catch { /* the browser keeps nothing */ }

function setLetters(e) {
  letters.on = e.target.checked
  try {
    localStorage.setItem(kept, letters.on ? 'on' : 'off')
  } catch { /* the browser keeps nothing */ }
}

export const help = (rows, can) => html`<h2 tabindex="-1" autofocus>Keys</h2><table>${rows.filter(r => can || !r.change).map(r => html`<tr><th scope="row"><kbd>${r.show}</kbd></th><td>${r.words}</td></tr>`)}</table>
  <p>On the diagram: wheel to zoom, drag to move, click to go there.${can ? html`<br>On the ensemble: click a message to lose, delay or hold it; pull a node to the lower edge to put it on the other side of a split.` : ''}</p>
  <p><label><input type="checkbox" .checked=${letters.on} @change=${setLetters}> Single characters are keys</label></p><button class="ib" data-act="close">Close</button>`
