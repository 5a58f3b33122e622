package web

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/zablab/zablab/scenarios/trace"
)

// print writes a picture of a page as it is printed.
func (b *browser) print(name string) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	if err == nil {
		tall := min(12_000, eval[int64](b, `document.documentElement.scrollHeight`))
		err = chromedp.Do(b.ctx, chromedp.EmulateViewport(794, tall)) // A4 at 96 dpi
		b.picture(name+"-print", look{width: 794, height: tall, scheme: "light"})
	}
	if err == nil {
		_, err = chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{})
	}
	if err != nil {
		b.Fatal(err)
	}
}

// history is the trace that zablab check --html makes of three operations: clients, and no servers.
func historyTrace(t *testing.T, result string, v *trace.Verdict) []byte {
	t.Helper()
	var b bytes.Buffer
	w := trace.NewWriter(&b, &trace.Header{Scenario: "h", Title: "History h",
		Nodes: []trace.Node{{ID: "A", Kind: "client"}, {ID: "B", Kind: "client"}}})
	for i, n := range []string{"A", "B", "A"} {
		k := "op.call"
		if i == 2 {
			k = "op.ret"
		}
		w.Add(&trace.Event{I: int64(i), T: int64(i) * 10, N: n, K: k, Cause: -1, Key: "call", Say: n + " says"})
	}
	end := trace.End{T: 20, Ops: []trace.Op{{Client: "A", What: "get", Path: "/x", Call: 0, Return: 2,
		Status: "ok", Apply: -1}, {Client: "B", What: "set", Path: "/x", Call: 1, Return: -1, Status: "unknown", Apply: -1}},
		Invariants: []trace.Check{{Name: "register", Result: result}}}
	if err := w.End(&end, v); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A page with two runs of one plan shows both on one axis, marks the first fault, steps through either,
// and its links lead back to either. The page of a history has no servers, logs or trees.
func TestBeside(t *testing.T) {
	b := newBrowser(t)
	raft := bytes.Replace(tutorial(t), []byte(`"why":{`), []byte(`"why":{"raft":"This is Raft.",`), 1)
	p := Page{Title: "One plan", Trace: tutorial(t), Beside: &Beside{raft, [2]string{"ZAB", "Raft"}, 1_000_000}}
	b.show(p, wide, "")
	const seen = `document.querySelectorAll('#space, #space2').length + ' ' + [...document.querySelectorAll('.rb')].map(r => r.textContent.trim()).join(',') + ' ' +
  lab.store.runs[lab.store.active].name + ' ' + document.getElementById('space2').hidden + ' ' + lab.store.differsAt + ' ' + document.querySelectorAll('[data-drop]').length`
	if got := eval[string](b, seen); got != "2 ZAB,Raft ZAB false 1000000 0" {
		t.Errorf("the page shows %q", got)
	}
	eval[bool](b, `document.querySelector('[data-run="1"]').click(), lab.seek(lab.store.h.end), lab.draw(), true`)
	if got := eval[string](b, `document.querySelector('#stage svg').textContent + document.querySelector('#word').textContent`); !strings.Contains(got, "leading, term 1") ||
		strings.Contains(got, "epoch") {
		t.Errorf("the stage of Raft shows %q", got)
	}
	link := eval[string](b, `new Promise(done => { const look = () => location.hash.includes('&r=1&') ? done(location.hash) : setTimeout(look, 20); look() })`)
	b.open(wide, link)
	if got := eval[string](b, `lab.store.runs[lab.store.active].name + document.getElementById('toast').textContent`); got != "Raft" {
		t.Errorf("the link %s leads to %q", link, got)
	}

	p.Beside.At, p.Odds = 0, [][3]int64{{1, 3, 20}, {30, 20, 20}}
	b.show(p, wide, "")
	for _, c := range []struct{ do, says string }{
		{"lab.seek(0)", "odds here: 3 of 20"}, {"lab.seek(lab.store.h.end)", "odds here: 20 of 20"},
		{"lab.draw()", "no difference"},
	} {
		eval[bool](b, c.do+`, new Promise(done => { const look = () => document.querySelector('.rt').parentElement.textContent.includes('`+
			c.says+`') ? done(true) : setTimeout(look, 20); look() })`)
	}

	// A story of one run: its curve is of choices, and it has no seed.
	seedless := bytes.Replace(tutorial(t), []byte(`"config":{`), []byte(`"config":{"seedless":1,`), 1)
	b.show(Page{Title: "Steps", Trace: seedless, Odds: [][3]int64{{0, 1, 3}}, OddsWord: "choices here:"}, wide, "")
	if got := eval[string](b, `document.querySelector('.odds').textContent + document.querySelector('.odds').checkVisibility() +
  document.getElementById('seed').checkVisibility() + location.hash.includes('seed=')`); got != "choices here: 1 of 3truefalsefalse" {
		t.Errorf("the page of a story shows %q", got)
	}

	b.show(Page{Title: "History h", Trace: historyTrace(t, "ok", &trace.Verdict{})}, wide, "")
	const shown = `['stagec', 'p-logs', 'p-tree', 'p-space', 'p-verdict'].map(id => document.getElementById(id).checkVisibility()).join() + document.getElementById('verdict').textContent.includes('ZooKeeper read')`
	if got := eval[string](b, shown); got != "false,false,false,true,truefalse" {
		t.Errorf("the page of a history shows %q", got)
	}
	b.open(look{390, 844, "light", false}, "")
	if got := eval[string](b, `[...document.querySelectorAll('#tabs [role=tab]')].map(t => t.textContent).join()`); strings.Contains(got, "Logs") ||
		!strings.Contains(got, "Verdict") {
		t.Errorf("the panels of a history are %q", got)
	}
}

// What a checker did not decide has no ✓, and says how far the checker came.
func TestUndecided(t *testing.T) {
	b := newBrowser(t)
	b.show(Page{Title: "History h", Trace: historyTrace(t, "undecided",
		&trace.Verdict{Result: "undecided", Longest: []int{1}, Ms: 5000})}, wide, "")
	got := eval[string](b, `document.getElementById('chip').textContent + '|' + document.getElementById('verdict').textContent.replace(/\s+/g, ' ')`)
	const want = "register: not decided in 5.00 s, 1 of 2 operations ordered"
	if !strings.HasPrefix(got, "? 1 check undecided|") || !strings.Contains(got, want) || strings.Contains(got, "✓") {
		t.Errorf("the page says %q, without %q", got, want)
	}
}

// TestShotsOf takes pictures of pages that other commands wrote:
//
//	go test ./cmd/zablab/web -run TestShotsOf -shots DIR -pages 'check.html compare-steps.html'
func TestShotsOf(t *testing.T) {
	if *shots == "" || *pages == "" {
		t.Skip("no folder or no pages: -shots DIR -pages 'A.html B.html'")
	}
	if err := os.MkdirAll(*shots, 0o755); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t)
	for _, file := range strings.Fields(*pages) {
		if _, err := os.Stat(file); err != nil {
			t.Fatal(err)
		}
		b.Visit("file://" + file)
		name := strings.TrimSuffix(file[strings.LastIndex(file, "/")+1:], ".html")
		b.Shoot(name)
		if !eval[bool](b, `Boolean(document.querySelector('main > .slide'))`) {
			continue // it is not of a chapter
		}
		b.Visit("file://" + file)
		eval[bool](b, `document.querySelector('.bet form')?.requestSubmit(), new Promise(done => setTimeout(() => done(true), 3000))`)
		b.picture(name+"-after", wide)
		b.Visit("file://" + file)
		b.print(name)
		for _, slide := range []string{"1", "2", "4"} {
			b.Visit("file://" + file + "?slides#" + slide)
			b.picture(name+"-slide-"+slide, wide)
		}
	}
}
