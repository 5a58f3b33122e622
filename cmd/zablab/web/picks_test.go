package web

import (
	"encoding/base64"
	"os"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/web/fork"
)

// A page without a trace offers runs. A choice is played, and can be changed; a link to one of them,
// with another seed and a fault, is played at once. What was made of another trace cannot be changed.
func TestPicks(t *testing.T) {
	b := newBrowser(t)
	e, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	p := Page{Title: "Play", Engine: e, Picks: []Pick{
		{source(t, leaderDies, 0, 1), "The leader dies", "See who takes over.", ""},
		{source(t, "elections-inside", 0, 1), "Elections inside", "See every vote.", FilterProtocol},
		{source(t, "two-leaders", 1, 1), "Two leaders", "See who stops a stale write.", ""}}}
	b.show(p, wide, "")
	if n := eval[int](b, `document.querySelectorAll('#banner [data-pick]').length`); n != 3 {
		t.Fatalf("the page offers %d runs", n)
	}
	for _, f := range eval[[]string](b, faultsOfLayout) {
		t.Error(f)
	}
	if axe, err := os.ReadFile("dev/node_modules/axe-core/axe.min.js"); err == nil {
		eval[bool](b, string(axe)+`;true`)
		for _, f := range eval[[]string](b, `axe.run().then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 150))))`) {
			t.Error(f)
		}
	}
	const shown = `new Promise(done => { const look = () => lab.store.h && !lab.store.busy && document.getElementById('load').hidden ? done(lab.store.runs.map(r => r.h.run.end.sha256).join()) : setTimeout(look, 20); look() })`
	eval[bool](b, `document.querySelector('[data-pick="1"]').click(), true`)
	_, text := native(t, &fork.Request{Source: *source(t, "elections-inside", 0, 1)})
	if sum := eval[string](b, shown); sum == "" || !strings.Contains(string(text), sum) {
		t.Errorf("the page plays another run than the program: %s", sum)
	}
	if !eval[bool](b, `document.getElementById('banner').hidden && document.querySelector('#whatif [data-fork]') !== null`) {
		t.Error("the run that was chosen is not shown, or cannot be changed")
	}
	if s := eval[string](b, `lab.store.filter + lab.store.h.events.some(e => e.k === 'fault')`); s != "protocolfalse" {
		t.Errorf("the filter of the events, and whether there is a fault: %s", s)
	}
	chooseAgain(t, b)
	b.open(wide, "#s=03-the-leader-dies&seed=0x7&a=2.5s%20crash%20S3&e=100")
	_, text = native(t, &fork.Request{Source: *source(t, leaderDies, 0, 7), Add: []string{"fault=2.5s crash S3"}})
	got := eval[string](b, `new Promise(done => { const look = () => lab.store.runs.length > 1 ? done(lab.store.h.run.end.sha256) : lab.store.fault ? done(lab.store.fault.text) : setTimeout(look, 20); look() })`)
	if !strings.Contains(string(text), got) {
		t.Errorf("the link plays another run than the program: %s", got)
	}
	p.Engine = nil
	b.show(p, wide, "")
	if s := eval[string](b, `document.getElementById('banner').textContent`); !strings.Contains(s, "no trace") {
		t.Errorf("without an engine the page says %q", s)
	}
}

// chooseAgain leads from a run back to the choice, where no link leads to the run. A choice that cannot
// be played says why and leaves the choice, and a link to a run is followed.
func chooseAgain(t *testing.T, b *browser) {
	const offered = `new Promise(done => { const look = () => [...document.querySelectorAll('[data-pick]')].some(b => !b.disabled && b.checkVisibility()) && WHEN
  ? done(document.getElementById('banner').textContent + location.hash + document.getElementById('app').hidden) : setTimeout(look, 20); look() })`
	eval[bool](b, `document.getElementById('choose').click(), true`)
	if s := eval[string](b, strings.Replace(offered, "WHEN", "true", 1)); strings.Contains(s, "#") || !strings.HasSuffix(s, "true") {
		t.Errorf("the page that offers another run says %q", s)
	}
	eval[bool](b, `location.hash = '#s=03-the-leader-dies&seed=none', true`)
	s := eval[string](b, strings.Replace(offered, "WHEN", "document.querySelector('.picks [role=alert]')", 1))
	if !strings.Contains(s, "none") || strings.Contains(s, "as text") {
		t.Errorf("a run that cannot be played: the page says %q", s)
	}
}

// drop drops a file on the page, whose bytes are in base64.
const drop = `(packed => { const d = new DataTransfer()
  d.items.add(new File([Uint8Array.from(atob(packed), c => c.charCodeAt(0))], 'run.ndjson'))
  dispatchEvent(new DragEvent('drop', { dataTransfer: d })) })`

// A file that is dropped and cannot be read leaves the run, its forks and its engine. A trace that is
// dropped replaces them, and stops what the engine plays.
func TestDrop(t *testing.T) {
	b := newBrowser(t)
	b.show(forkable(t, leaderDies, 0, 1), wide, "#e=400")
	eval[bool](b, `document.querySelector('#whatif [data-fork^="crash S3"]').click(), true`)
	if s := eval[string](b, done); s != "" {
		t.Fatal(s)
	}
	eval[bool](b, drop+`('bm8gdHJhY2U='), true`)
	s := eval[string](b, `new Promise(done => { const look = () => lab.store.fault ? done(lab.store.fault.title + lab.store.runs.length + lab.engine.can() + !document.getElementById('app').hidden) : setTimeout(look, 20); look() })`)
	if s != "This is not a trace.2truetrue" {
		t.Errorf("after a file that is no trace: %q", s)
	}
	// hunt plays until the trace is dropped.
	eval[bool](b, `document.querySelector('[data-act=hunt]').click(), `+drop+"('"+base64.StdEncoding.EncodeToString(tutorial(t))+`'), true`)
	s = eval[string](b, `new Promise(done => { const look = () => lab.engine.can() || !document.getElementById('load').hidden ? setTimeout(look, 20)
  : setTimeout(() => done([lab.store.runs.length, lab.store.busy, lab.store.fault?.title, document.getElementById('whatif').textContent.trim().slice(0, 16)].join()), 500); look() })`)
	if s != "1,,,This page cannot" {
		t.Errorf("after a trace was dropped: %q", s)
	}
}
