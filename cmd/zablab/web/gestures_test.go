package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/zablab/zablab/cmd/zablab/web/fork"
)

// point is a place in the window.
type point struct{ X, Y float64 }

// middle is the middle of the first element that a selector finds.
func (b *browser) middle(selector string) point {
	b.Helper()
	p := eval[*point](b, fmt.Sprintf(`(r => r && { x: r.x + r.width / 2, y: r.y + r.height / 2 })(document.querySelector(%q)?.getBoundingClientRect())`, selector))
	if p == nil {
		b.Fatalf("there is no %s", selector)
	}
	return *p
}

// pull presses the mouse at one place, moves it to another, and lets it go there.
func (b *browser) pull(from, to point) {
	b.Helper()
	err := chromedp.Do(b.ctx, chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, from.X, from.Y, chromedp.ButtonLeft, chromedp.ClickCount(1)),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, (from.X+to.X)/2, (from.Y+to.Y)/2, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, to.X, to.Y, chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, to.X, to.Y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	if err != nil {
		b.Fatal(err)
	}
	b.frame()
}

// frame waits until the page has drawn what it knows, in boxes that have their size.
func (b *browser) frame() {
	b.Helper()
	eval[bool](b, `new Promise(done => {
  const next = n => n ? requestAnimationFrame(() => next(n - 1)) : fits() ? done(true) : next(1)
  const fits = () => { const s = document.querySelector('#stage svg'), b = s?.viewBox.baseVal; return !s || (b.width === s.parentNode.clientWidth && b.height === s.parentNode.clientHeight) }
  next(2)
})`)
}

// forked waits for the run that a gesture makes, checks that it is that of the document with the same
// line, and returns the line without its time.
func (b *browser) forked(chapter string) string {
	b.Helper()
	if s := eval[string](b, done); s != "" {
		b.Fatal(s)
	}
	add := eval[[]string](b, `lab.store.runs.at(-1).add`)
	if len(add) == 0 {
		b.Fatal("no run was made")
	}
	answer, _ := native(b.T, &fork.Request{Source: *source(b.T, chapter, 0, 1), Add: add})
	if got := eval[string](b, `lab.store.runs.at(-1).answer.document`); got != answer.Document {
		b.Errorf("the document of the fork is\n%s\nwant\n%s", got, answer.Document)
	}
	var lines []string
	for _, l := range add {
		_, text, _ := strings.Cut(l, " ")
		lines = append(lines, text)
	}
	return strings.Join(lines, "; ")
}

// back closes all forks.
func (b *browser) back() {
	b.Helper()
	eval[bool](b, `document.querySelector('[data-drop="1"]').click(), true`)
	b.frame()
}

const leaderDies = "the-leader-dies"

// A click picks a message on its way; it can then be lost with its connection, delayed or held. The
// keyboard does the same.
func TestMessageOnItsWay(t *testing.T) {
	b := newBrowser(t)
	b.show(forkable(t, leaderDies, 0, 1), wide, "")
	step := eval[int](b, `lab.store.h.messages.find(m => m.kind === 'PROPOSAL').i`)
	eval[bool](b, fmt.Sprintf(`lab.go(%d), true`, step))
	b.frame()
	number := eval[int](b, `lab.store.h.events[lab.store.pos - 1].m`)
	from, to := eval[string](b, `lab.store.h.byNumber.get(`+fmt.Sprint(number)+`).from`), eval[string](b, `lab.store.h.byNumber.get(`+fmt.Sprint(number)+`).to`)
	if s := eval[string](b, `document.querySelector('#now .ms').textContent`); !strings.Contains(s, "PROPOSAL") || !strings.Contains(s, from+" → "+to) {
		t.Errorf("the message is shown as %q", s)
	}
	eval[bool](b, `lab.seek(lab.store.h.events[lab.store.pos - 1].t + 500), true`) // on its way
	b.frame()
	token := fmt.Sprintf(`#stage [data-message="%d"]`, step)
	p := b.middle(token)
	b.pull(p, p)
	if got := eval[int](b, `lab.store.message`); got != number {
		t.Fatalf("a click picks message %d, not %d", got, number)
	}
	message := fmt.Sprintf(`lab.store.runs.at(-1).h.byNumber.get(%d)`, number)
	for _, c := range []struct{ button, want, shows string }{
		{"reset", fmt.Sprintf("reset %s %s", from, to), message + `.lost`},
		{"cut", fmt.Sprintf("cut %s > %s; mend %s > %s", from, to, from, to),
			message + `.at > ` + message + `.sent + 1000000`},
		{"hold", fmt.Sprintf("hold %s > %s PROPOSAL", from, to), message + `.end < 0`},
	} {
		eval[bool](b, `document.querySelector('#whatif [data-fork^="`+c.button+`"]').click(), true`)
		if got := b.forked(leaderDies); got != c.want {
			t.Errorf("%s writes %q, want %q", c.button, got, c.want)
		}
		if !eval[bool](b, c.shows) {
			t.Errorf("after %s the message is as before", c.button)
		}
		for _, f := range eval[[]string](b, faultsOfLayout) {
			t.Error(f)
		}
		b.back()
	}
	eval[bool](b, `lab.store.message = 0, true`)
	b.press("m")
	for range 20 {
		if eval[int](b, `lab.store.message`) == number {
			break
		}
		b.press("m")
	}
	b.press("d")
	if got, want := b.forked(leaderDies), "reset "+from+" "+to; got != want {
		t.Errorf("the key d writes %q, want %q", got, want)
	}
}

// A server that is pulled to the lower edge is on the other side of a split: the fork is the one that
// the button makes. Keys do the same, with more than one node.
func TestPullApart(t *testing.T) {
	b := newBrowser(t)
	b.show(forkable(t, leaderDies, 0, 1), wide, "#e=400")
	box := eval[point](b, `(r => ({ x: r.x + r.width / 2, y: r.bottom - 20 }))(document.getElementById('stage').getBoundingClientRect())`)
	b.pull(b.middle(`#stage [data-node="S1"]`), box)
	if got := eval[string](b, `lab.store.apart.join() + lab.store.selected`); got != "S1" {
		t.Fatalf("apart and selected: %q", got)
	}
	b.pull(b.middle(`#stage [data-node="A"]`), point{box.X, box.Y - 150}) // let go elsewhere
	if got := eval[string](b, `lab.store.apart.join()`); got != "S1" {
		t.Fatalf("apart: %q", got)
	}
	b.pull(b.middle(`#stage [data-node="S2"]`), box)
	b.pull(b.middle(`#stage [data-node="S2"]`), box) // and back
	if got := eval[string](b, `lab.store.apart.join()`); got != "S1" {
		t.Fatalf("apart: %q", got)
	}
	split := `[...document.querySelectorAll('#whatif [data-fork^="split"]')].at(-1)`
	want := eval[string](b, `(lab.store.selected = 'S1', lab.draw(), document.querySelector('#whatif [data-fork^="split"]').dataset.fork)`)
	if !strings.HasSuffix(want, "| S1") {
		t.Errorf("the button cuts off with %q", want)
	}
	eval[bool](b, split+`.click(), true`)
	if got := b.forked(leaderDies); got != want {
		t.Errorf("the gesture writes %q, the button %q", got, want)
	}
	if got := eval[int](b, `lab.store.apart.length`); got != 0 {
		t.Error("the split is still being made")
	}
	b.press("u")
	if got := b.forked(leaderDies); !strings.HasSuffix(got, "heal") {
		t.Errorf("the key u writes %q", got)
	}
	b.back()
	node := func(id string) string {
		return eval[string](b, `String(lab.store.h.lanes.findIndex(n => n.id === '`+id+`') + 1)`)
	}
	for _, id := range []string{"S2", "B"} {
		b.press(node(id))
		b.press("s")
	}
	b.press("S")
	if got := b.forked(leaderDies); !strings.HasSuffix(got, "| S2 B") && !strings.HasSuffix(got, "| B S2") {
		t.Errorf("the keys s and S write %q", got)
	}
}

// The keys x and i do what the buttons do to the selected node.
func TestKeysOfChange(t *testing.T) {
	b := newBrowser(t)
	b.show(forkable(t, leaderDies, 0, 1), wide, "#e=400")
	button := func(begin string) string {
		return eval[string](b, `document.querySelector('#whatif [data-fork^="`+begin+`"]').dataset.fork`)
	}
	want := button("crash")
	b.press("x")
	if got := b.forked(leaderDies); got != want || !strings.HasPrefix(want, "crash S") {
		t.Errorf("x writes %q, the button %q", got, want)
	}
	server := strings.TrimPrefix(want, "crash ")
	eval[bool](b, `lab.seek(lab.store.t + 100000), lab.store.selected = '`+server+`', lab.draw(), true`)
	want += "; " + button("restart")
	b.press("x")
	if got := b.forked(leaderDies); got != want {
		t.Errorf("x writes %q, the button %q", got, want)
	}
	b.back()
	eval[bool](b, `lab.store.selected = 'S2', lab.draw(), true`)
	want = button("split")
	b.press("i")
	if got := b.forked(leaderDies); got != want {
		t.Errorf("i writes %q, the button %q", got, want)
	}
	b.press("?")
	if n := eval[int](b, `document.querySelectorAll('#help tr').length`); n != 34 {
		t.Errorf("the help has %d rows: test the keys of the new rows here", n)
	}
}

// Play stops at the questions of the trace, shows no answer before a bet, and goes on. Without
// bets it does not stop.
func TestBets(t *testing.T) {
	b := newBrowser(t)
	b.show(forkable(t, leaderDies, 0, 1), wide, "")
	const stopped = `new Promise(done => { const look = () => lab.store.bet ? requestAnimationFrame(() => requestAnimationFrame(() => done(lab.store.bet.ask.q))) : !lab.store.playing ? done('') : requestAnimationFrame(look); look() })`
	eval[bool](b, `lab.store.speed = 5, true`)
	b.press(" ")
	if s := eval[string](b, stopped); s != "Which server leads next?" {
		t.Fatalf("play stops for %q", s)
	}
	answer := eval[string](b, `lab.store.bet.ask.answer`)
	if s := eval[string](b, `document.getElementById('now').textContent`); strings.Contains(s, answer+" leads") || strings.Contains(s, "✓") {
		t.Errorf("before the bet the page says %q", s)
	}
	if eval[bool](b, `lab.store.pos > lab.store.bet.ask.i`) {
		t.Error("the run is past its answer")
	}
	b.press("1")
	if s := eval[string](b, `document.getElementById('now').textContent`); !strings.Contains(s, answer) || !strings.Contains(s, "at ") {
		t.Errorf("after the bet the page says %q", s)
	}
	eval[bool](b, `lab.store.bet.choice && document.querySelector('#now .on').click(), true`)
	if eval[bool](b, `Boolean(lab.store.bet) || !lab.store.playing`) {
		t.Error("play does not go on")
	}
	b.press(" ")
	b.press("p")
	eval[bool](b, `lab.seek(0), true`)
	b.press(" ")
	eval[bool](b, `new Promise(done => { const asks = lab.store.h.run.end.asks, look = () => lab.store.bet || lab.store.pos > asks[0].i ? done(true) : requestAnimationFrame(look); look() })`)
	if eval[bool](b, `Boolean(lab.store.bet)`) {
		t.Error("play stops although the reader wants no bets")
	}
}

// Another seed of the document is a run beside the first one, and its link leads back to it.
func TestSeeds(t *testing.T) {
	b := newBrowser(t)
	b.show(forkable(t, leaderDies, 0, 1), wide, "#e=400")
	eval[bool](b, `document.querySelector('[data-act=seed]').click(), true`)
	if s := eval[string](b, done); s != "" {
		t.Fatal(s)
	}
	if s := eval[string](b, `lab.store.h.run.header.seed + ' ' + lab.store.runs[1].flags`); s != "0x2 --seed 0x2" {
		t.Errorf("the next seed is %q", s)
	}
	eval[bool](b, `document.querySelector('[data-act=hunt]').click(), true`)
	eval[bool](b, `new Promise(done => { const look = () => /seed 0x[5-9]/.test(lab.store.busy) ? done(true) : setTimeout(look, 10); look() })`)
	eval[bool](b, `document.querySelector('[data-act=halt]').click(), true`)
	if s := eval[string](b, done); s != "" {
		t.Error(s)
	}
	if n := eval[int](b, `lab.store.runs.length`); n != 2 {
		t.Errorf("%d runs: every seed of this chapter is sound", n)
	}
}
