package web_test

import (
	"context"
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
	if n := web.Eval[int](b, `document.querySelectorAll('.toc a').length`); n != 23 {
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
