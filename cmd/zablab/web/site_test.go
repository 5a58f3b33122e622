package web_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/site"
	"github.com/zablab/zablab/cmd/zablab/web"
)

// writeSite writes a site in which one chapter has its runs.
func writeSite(t *testing.T, dir, chapter string) {
	t.Helper()
	engine, err := web.Tutor.Get(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := site.Build(context.Background(), site.Options{Engine: engine, Only: chapter})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files.Names() {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, files[name], 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// address is a page of a site in a folder.
func address(dir, page string) string {
	return "file://" + strings.ReplaceAll(dir, " ", "%20") + "/" + page
}

// A chapter of the site: the bet comes first, then its run plays in place and can be changed, from a
// disk and below any path.
func TestSite(t *testing.T) {
	b := web.NewBrowser(t)
	dir := filepath.Join(t.TempDir(), "a sub", "path")
	writeSite(t, dir, "05-two-leaders.md")
	at := func(page string) { b.Visit(address(dir, page)) }
	at("index.html")
	if n := web.Eval[int](b, `document.querySelectorAll('.toc a').length`); n != 25 {
		t.Errorf("the contents have %d entries", n)
	}
	b.Look(t, "index.html")
	at("05-two-leaders.html")
	b.Look(t, "a chapter before the bet")
	const shown = `[...document.querySelectorAll('.run,.after')].filter(e => e.checkVisibility()).length`
	if n := web.Eval[int](b, shown); n != 0 {
		t.Errorf("%d parts are shown before the bet", n)
	}
	if s := web.Eval[string](b, `[...document.querySelectorAll('h2')].filter(e => e.checkVisibility()).map(e => e.textContent).join()`); s != "" {
		t.Errorf("before the bet the page shows %q", s)
	}
	web.Eval[bool](b, `document.querySelector('.bet form').requestSubmit(), true`)
	if n := web.Eval[int](b, shown); n < 3 {
		t.Errorf("after the bet %d parts are shown", n)
	}
	b.Look(t, "a chapter after the bet")
	web.Eval[bool](b, `document.querySelector('.try').click(), true`)
	frame := web.Eval[string](b, `document.querySelector('.code iframe').src`)
	at(frame[strings.Index(frame, "runs/"):])
	if s := web.Eval[string](b, `new Promise(done => { const look = () => globalThis.lab?.store.runs.length > 1 ? done(lab.store.runs[1].flags) : globalThis.lab?.store.fault ? done(lab.store.fault.text) : setTimeout(look, 20); look() })`); s != "--session-timeout 8s" {
		t.Errorf("the try box plays %q", s)
	}
	at("05-two-leaders.html?slides#2")
	if n := web.Eval[int](b, `[...document.querySelectorAll('.slide')].filter(e => e.checkVisibility()).length`); n != 1 {
		t.Errorf("%d slides are on screen", n)
	}
	if web.Eval[string](b, `(dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' })), document.querySelector('.counter').textContent.split(' ')[0])`) != "3" {
		t.Error("the arrow key does not turn the slide")
	}
}

// From a chapter's page to a fork that shows another leader, in three clicks of a mouse: the bet, a
// moment of the run, and the crash of its leader.
func TestThreeClicks(t *testing.T) {
	b := web.NewBrowser(t)
	engine, err := web.Tutor.Get(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := site.Build(context.Background(), site.Options{Engine: engine, Only: "03-the-leader-dies.md"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(files)
	defer server.Close()
	b.Visit(server.URL + "/03-the-leader-dies.html")
	// in is the middle of an element, of the page or of the run in it, once it is on screen and at rest.
	in := func(where, selector string, share float64) string {
		return fmt.Sprintf(`{
  const frame = document.querySelector('.run iframe'), run = frame.contentWindow, here = %s
  const e = (here ? document : run.document).querySelector(%q)
  if (!e || !here && !run.lab?.store.h) return null
  const f = here ? { x: 0, y: 0 } : frame.getBoundingClientRect(), r = e.getBoundingClientRect()
  const p = { X: f.x + frame.clientLeft * !here + r.x + r.width * %g, Y: f.y + frame.clientTop * !here + r.y + r.height / 2 }
  const at = p.X + ' ' + p.Y, still = globalThis.before === at
  globalThis.before = at
  return still && r.width && p.Y > 0 && p.Y < innerHeight ? p : null }`, where, selector, share)
	}
	b.Click(in("true", ".bet button", .5))
	b.Click(in("false", "#mm input", .7))
	b.Click(in("false", `#whatif [data-fork^="crash S"]`, .5))
	got := web.Eval[[]string](b, `new Promise(done => {
  const w = document.querySelector('.run iframe').contentWindow, { store } = w.lab
  const look = () => store.runs.length > 1 && !store.busy ? done(leaders()) : store.fault ? done([store.fault.text]) : setTimeout(look, 30)
  const leaders = () => [...store.runs.map(r => [...new Set(r.h.events.filter(e => e.d?.role === 'leading').map(e => e.n))].join()), w.document.getElementById('toast').textContent]
  look() })`)
	if len(got) != 3 || got[0] != "S3" || !strings.HasPrefix(got[1], "S3,S") ||
		!strings.Contains(got[2], " leads: epoch 2 is established, at ") {
		t.Errorf("after three clicks the leaders of both runs are %q, and the page says nothing of the new one", got)
	}
	// While the run is played the bar names the change, too, with an ellipsis.
	if s := web.Eval[string](b, `new Promise(done => { const w = document.querySelector('.run iframe').contentWindow
  const look = () => { const text = w.document.getElementById('runs').textContent; text.includes('crash S3') && !text.includes('…') ? done(text) : setTimeout(look, 30) }
  look() })`); !strings.Contains(s, "Run 1.1") {
		t.Errorf("the bar of runs says %q", s)
	}
}
