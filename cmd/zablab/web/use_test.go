package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/zablab/zablab/scenarios/trace"
)

// faultsOfLayout lists what a person would see as wrong: a page wider than its window, small text,
// and on narrow screens controls that a finger misses.
const faultsOfLayout = `(() => {
  const found = []
  if (document.documentElement.scrollWidth > innerWidth) found.push('the page is ' + document.documentElement.scrollWidth + ' wide')
  const seen = el => el.checkVisibility({ visibilityProperty: true }) && el.getBoundingClientRect().width > 1
  for (const el of document.querySelectorAll('body *')) {
    if (!seen(el) || el.closest('#events,#tabs,.scroll,dialog')) continue
    const r = el.getBoundingClientRect()
    if (r.right > innerWidth + 1 || r.left < -1) found.push(el.tagName + ' ' + el.textContent.slice(0, 30) + ': from ' + r.left + ' to ' + r.right)
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const el = walker.currentNode.parentElement
    if (!walker.currentNode.data.trim() || el.closest('script,title') || !seen(el)) continue
    const size = parseFloat(getComputedStyle(el).fontSize)
    if (size < 11) found.push(el.textContent.slice(0, 30) + ': ' + size + 'px')
  }
  if (innerWidth < 821) for (const el of document.querySelectorAll('button,input,summary')) {
    if (!seen(el) || el.closest('dd')) continue
    const r = el.getBoundingClientRect()
    if (r.height < 39.5 || r.width < 39.5) found.push(el.outerHTML.slice(0, 60) + ': ' + r.width + ' x ' + r.height)
  }
  return found
})()`

// TestLayout looks at the page in windows of four widths, in every panel.
func TestLayout(t *testing.T) {
	b := newBrowser(t)
	p := Page{Title: "The leader dies", Trace: tutorial(t)}
	b.show(p, wide, "#e=400")
	for _, width := range []int64{1440, 1024, 768, 390, 320} {
		b.open(look{width: width, height: 844, scheme: "light"}, "#e=400")
		panels := []string{""}
		if width < 821 {
			panels = []string{"p-space", "p-drawn", "p-events", "p-tree", "p-logs", "p-verdict"}
		}
		for _, panel := range panels {
			if panel != "" {
				eval[bool](b, `document.querySelector('[data-show=`+panel+`]').click(), new Promise(done => setTimeout(() => done(true), 60))`)
			}
			for _, f := range eval[[]string](b, faultsOfLayout) {
				t.Errorf("%d px, %s: %s", width, panel, f)
			}
		}
	}
}

// TestAccessible runs axe-core on the page, light and dark, wide and narrow.
func TestAccessible(t *testing.T) {
	axe, err := os.ReadFile("dev/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Skip("there is no axe-core: npm ci in cmd/zablab/web/dev installs it")
	}
	b := newBrowser(t)
	b.show(Page{Title: "The leader dies", Trace: tutorial(t)}, wide, "#e=400")
	for _, l := range []look{wide, {1440, 900, "dark", false}, {390, 844, "light", false}, {390, 844, "dark", false}} {
		for _, panel := range []string{"p-events", "p-drawn", "p-space", "p-tree", "p-logs", "p-verdict"} {
			if l.width > 820 && panel != "p-events" && panel != "p-drawn" {
				continue
			}
			few := panel == "p-drawn" || l.width < 820 && panel == "p-space"
			if !*all && (!few || (l.width > 820) != (l.scheme == "light")) {
				continue
			}
			b.open(l, "#e=400")
			eval[bool](b, `document.querySelector('[data-show=`+panel+`]').click(), new Promise(done => setTimeout(() => done(true), 60))`)
			eval[bool](b, string(axe)+`;true`)
			found := eval[[]string](b, `axe.run().then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 150) + ' ' + n.failureSummary)))`)
			for _, f := range found {
				t.Errorf("%d px, %s, %s: %s", l.width, l.scheme, panel, f)
			}
		}
	}
}

// state is what a key may change, as JSON without what is too long.
const state = `JSON.stringify({pos: lab.store.pos, view: lab.store.view, playing: lab.store.playing, speed: lab.store.speed,
  filter: lab.store.filter, who: lab.store.who, selected: lab.store.selected, causes: lab.store.causes,
  theme: document.documentElement.dataset.theme ?? '', focus: document.activeElement.id, help: document.getElementById('help').open,
  toast: document.getElementById('toast').textContent})`

// TestKeyboard presses every key that the help names, and expects that the page changes as the help
// says; then it goes to every control with the key Tab.
func TestKeyboard(t *testing.T) {
	b := newBrowser(t)
	b.show(Page{Title: "The leader dies", Trace: tutorial(t)}, wide, "#e=300")
	var now map[string]any
	get := func() map[string]any {
		now = nil
		if err := json.Unmarshal([]byte(eval[string](b, state)), &now); err != nil {
			t.Fatal(err)
		}
		return now
	}
	shift := chromedp.KeyModifiers(chromedp.ModifierShift)
	for _, c := range []struct {
		keys    string
		key     string // of the state, that must change
		want    string // to this, unless it is empty
		options []chromedp.KeyOption
	}{
		{kb.ArrowRight, "pos", "302", nil}, {"j", "pos", "303", nil}, {kb.ArrowLeft, "pos", "302", nil},
		{"k", "pos", "301", nil}, {"]", "pos", "327", nil}, {"[", "pos", "293", nil},
		{kb.ArrowRight, "pos", "", []chromedp.KeyOption{shift}},
		{kb.ArrowLeft, "pos", "293", []chromedp.KeyOption{shift}},
		{kb.End, "pos", "589", nil}, {kb.Home, "pos", "1", nil}, {"]", "pos", "", nil},
		{"+", "view", "", nil}, {"-", "view", "", nil}, {"0", "view", "", nil}, {",", "view", "", nil},
		{".", "view", "", nil}, {">", "speed", "4", nil}, {"<", "speed", "3", nil},
		{"h", "causes", "past", nil}, {"H", "causes", "future", nil}, {kb.Escape, "causes", "", nil},
		{"2", "selected", "B", nil}, {"n", "who", "B", nil}, {kb.Escape, "selected", "", nil},
		{"f", "filter", "protocol", nil}, {"t", "theme", "dark", nil}, {"l", "toast", "", nil},
		{"?", "help", "true", nil}, {"?", "help", "false", nil}, {"/", "focus", "search", nil},
		{kb.Escape, "focus", "", nil}, {" ", "playing", "true", nil}, {" ", "playing", "false", nil},
	} {
		before := fmt.Sprint(get()[c.key])
		b.press(c.keys, c.options...)
		eval[bool](b, `new Promise(done => setTimeout(() => done(true), 30))`)
		after := fmt.Sprint(get()[c.key])
		if after == before || c.want != "" && after != c.want {
			t.Errorf("key %q: %s was %s, is %s, want %s", c.keys, c.key, before, after, c.want)
		}
	}
	rows := eval[int](b, `document.querySelectorAll('#help tr').length`)
	if rows != 27 {
		t.Errorf("the help has %d rows: test the keys of the new rows here", rows)
	}
	b.tabThrough()
}

// tabThrough presses Tab until the focus has been everywhere: every visible control must get it.
func (b *browser) tabThrough() {
	b.Helper()
	eval[bool](b, `document.activeElement.blur(), true`)
	const name = `(() => { const e = document.activeElement; e.dataset.met = 1; return e.id || e.getAttribute('aria-label') || e.textContent.slice(0, 30) || e.tagName })()`
	for range 120 {
		b.press(kb.Tab)
		if n := eval[string](b, name); n == "BODY" || strings.Contains(n, "body") {
			break
		}
		if eval[bool](b, `(() => { const r = document.activeElement.getBoundingClientRect(); return document.activeElement !== document.body && (r.width < 1 || !document.activeElement.checkVisibility()) })()`) {
			b.Errorf("the focus is on something that nobody sees: %s", eval[string](b, name))
		}
	}
	missed := eval[[]string](b, `[...document.querySelectorAll('button,input,[tabindex="0"],summary')].filter(e => e.checkVisibility({ visibilityProperty: true }) && !e.disabled && e.tabIndex >= 0 && !e.dataset.met && !e.closest('#drawn,#now,#banner')).map(e => e.outerHTML.slice(0, 100))`)
	for _, m := range missed {
		b.Errorf("Tab does not reach %s", m)
	}
}

// TestStory steps through the key moments of the tutorial. The headlines are the sentences of the
// trace, and the stage says in words what it shows: the roles that the Go package computes.
func TestStory(t *testing.T) {
	b := newBrowser(t)
	text := tutorial(t)
	run, err := trace.Read("t", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	b.show(Page{Title: "The leader dies", Trace: text}, wide, "")
	state := trace.NewState(run.Header.Nodes)
	for i := range run.Events {
		e := &run.Events[i]
		state.Apply(e)
		if e.Key == "" {
			continue
		}
		b.press("]")
		said := eval[string](b, `document.querySelector('#stage svg').getAttribute('aria-label')`)
		for _, n := range state.Nodes {
			role := n.ID + " " + cmp.Or(n.Role, "not started")
			if n.Kind == "server" && !strings.Contains(said+", ", role+", ") {
				t.Errorf("step %d: the stage shows %q, without %q", e.I, said, role)
			}
		}
		if got := eval[string](b, `document.querySelector('#now h2').textContent`); got != e.Say {
			t.Errorf("step %d: %q, want %q", e.I, got, e.Say)
		}
	}
	stage := eval[string](b, `document.querySelector('#stage svg').getAttribute('aria-label')`)
	if want := "S1 following, S2 following, S3 leading, A crashed, B connected, C connected"; stage != want {
		t.Errorf("the stage shows %q, want %q", stage, want)
	}
	const want = "Line 46, C to ZK: watch /leader6.051 s✓, as drawn"
	lit := eval[string](b, `new Promise(done => { // panels follow the drawing by up to some frames
  let frames = 0
  const look = () => {
    const text = document.querySelector('.dr.lit').textContent.replace(/\s+/g, ' ').trim()
    text === '`+want+`' || ++frames > 300 ? done(text) : requestAnimationFrame(look)
  }
  look() })`)
	if lit != want {
		t.Errorf("the lit line is %q, want %q", lit, want)
	}
	if row := eval[int](b, `(async () => { // the list is drawn where it is scrolled to
  document.querySelector('[data-show=p-events]').click()
  await new Promise(d => setTimeout(d, 200))
  const list = document.getElementById('events')
  list.scrollTop = 0
  for (let i = 0; i < 100 && !list.querySelector('[aria-posinset="1"]'); i++) await new Promise(d => setTimeout(d, 20))
  return list.querySelectorAll('[aria-posinset="1"]').length })()`); row != 1 {
		t.Error("the list of events does not follow its scroll bar")
	}
	link := eval[string](b, `new Promise(done => { // the page writes its address when it has been still for a while
  const look = () => location.hash.includes('&e=' + (lab.store.pos - 1) + '&') ? done(location.hash) : setTimeout(look, 20)
  look() })`)
	b.open(wide, link)
	if got := eval[int](b, `lab.store.pos`); got != len(run.Events) {
		t.Errorf("the link %s leads to event %d, not %d", link, got, len(run.Events))
	}
	b.open(wide, strings.Replace(link, "0x1", "0x2", 1))
	if s := eval[string](b, `document.getElementById('toast').textContent`); !strings.Contains(s, "seed 0x2") {
		t.Errorf("a link of another run: the page says %q", s)
	}
}

// TestStill: a reader who wants no movement sees no frame between two key moments.
func TestStill(t *testing.T) {
	b := newBrowser(t)
	l := wide
	l.still = true
	b.show(Page{Title: "The leader dies", Trace: tutorial(t)}, l, "")
	b.press("p") // a bet would stop play
	b.press(" ")
	between := eval[int](b, `new Promise(done => {
  const keys = new Set(lab.store.h.keys.map(i => i + 1)), until = performance.now() + 4000
  const from = lab.store.pos // where the page opens, before the first step
  let wrong = 0, moved = false
  const look = () => {
    moved ||= lab.store.pos !== from
    if (moved && !keys.has(lab.store.pos)) wrong++
    performance.now() < until ? requestAnimationFrame(look) : done(moved ? wrong : -1)
  }
  look() })`)
	if between != 0 {
		t.Errorf("%d frames between key moments; -1 is none at all", between)
	}
}
