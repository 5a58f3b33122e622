package web

import (
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
		{source(t, leaderDies, 0, 1), "The leader dies", "See who takes over."},
		{source(t, "elections-inside", 0, 1), "Elections inside", "See every vote."},
		{source(t, "two-leaders", 1, 1), "Two leaders", "See who stops a stale write."}}}
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
