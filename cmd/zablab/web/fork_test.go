package web

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/web/fork"
)

// done waits until the engine has finished, and returns what it could not do.
const done = `new Promise(done => { const look = () => lab.store.busy ? setTimeout(look, 10)
  : requestAnimationFrame(() => requestAnimationFrame(() => done(lab.store.fault ? lab.store.fault.title + ' ' + lab.store.fault.text : ''))); setTimeout(look, 60) })`

// A crash of the leader at a moment on screen: the past stays, another leader is elected, both runs
// can be stepped, the link leads back to the fork, and the copied document plays to it.
func TestFork(t *testing.T) {
	b := newBrowser(t)
	b.show(forkable(t, "the-leader-dies", 0, 1), wide, "#e=400")
	const at = 400
	eval[bool](b, `document.querySelector('#whatif [data-fork^="crash S3"]').click(), true`)
	if s := eval[string](b, done); s != "" {
		t.Fatal(s)
	}
	if n := eval[int](b, `lab.store.runs.length`); n != 2 {
		t.Fatalf("%d runs", n)
	}
	if n := eval[int](b, `lab.store.differs`); n <= at {
		t.Errorf("the runs differ from event %d on, before the change", n)
	}
	if !eval[bool](b, fmt.Sprintf(`[...Array(%d).keys()].every(i => JSON.stringify(lab.store.runs[0].h.events[i]) === JSON.stringify(lab.store.runs[1].h.events[i]))`, at+1)) {
		t.Error("the past of the fork is another one")
	}
	leaders := eval[[]string](b, `lab.store.runs.map(r => r.h.events.filter(e => e.d?.role === 'leading').map(e => e.n).join(' '))`)
	if leaders[0] != "S3" || !strings.HasPrefix(leaders[1], "S3 S") {
		t.Errorf("leaders %q: the fork elects nobody", leaders)
	}
	if s := eval[string](b, `document.getElementById('runs').textContent`); !strings.Contains(s, "differ from") || !strings.Contains(s, "crash S3") {
		t.Errorf("the bar of runs says %q", s)
	}
	link := eval[string](b, `new Promise(done => { const look = () => location.hash.includes('&a=') ? done(location.hash) : setTimeout(look, 20); look() })`)
	sum := eval[string](b, `lab.store.h.run.end.sha256`)
	add := eval[[]string](b, `lab.store.runs[1].add`)
	answer, text := native(t, &fork.Request{Source: *source(t, "the-leader-dies", 0, 1), Add: add})
	if got := eval[string](b, `lab.store.runs[1].answer.document`); got != answer.Document {
		t.Errorf("the document of the fork is\n%s\nwant\n%s", got, answer.Document)
	}
	if !strings.Contains(string(text), sum) {
		t.Errorf("the fork has the hash %s, the program's another", sum)
	}
	if s := eval[string](b, `(document.querySelector('[data-run="0"]').click(), lab.store.runs[lab.store.active].name)`); s != "Run 1" {
		t.Errorf("the first run is %s", s)
	}
	b.open(wide, link)
	if s := eval[string](b, `new Promise(done => { const look = () => lab.store.runs.length > 1 ? done('') : lab.store.fault ? done(lab.store.fault.text) : setTimeout(look, 20); look() })`); s != "" {
		t.Fatalf("the link %s: %s", link, s)
	}
	if got := eval[string](b, `lab.store.h.run.end.sha256`); got != sum {
		t.Errorf("the link %s leads to the run %s, not to %s", link, got, sum)
	}
	if s := eval[string](b, `new Promise(done => {
  const look = () => { const r = lab.store.runs[1]; r.verified ? done('') : r.wrong ? done(r.wrong.trouble.title) : setTimeout(look, 20) }
  look()
})`); s != "" {
		t.Errorf("the fork is not verified: %s", s)
	}
	if axe, err := os.ReadFile("dev/node_modules/axe-core/axe.min.js"); err == nil {
		eval[bool](b, string(axe)+`;true`)
		for _, f := range eval[[]string](b, `axe.run().then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 150) + ' ' + n.failureSummary)))`) {
			t.Error(f)
		}
	}
	for _, f := range eval[[]string](b, faultsOfLayout) {
		t.Error(f)
	}
	// A change that cannot be played says why, and the runs stay.
	eval[bool](b, `(document.getElementById('own').value = 'burn S1', document.querySelector('.wf').requestSubmit(), true)`)
	if s := eval[string](b, done); !strings.Contains(s, "cannot be played") || !strings.Contains(s, "burn") {
		t.Errorf("an unknown fault: %q", s)
	}
	eval[bool](b, `(document.getElementById('own').value = 'B create /mine', document.querySelector('.wf').requestSubmit(), true)`)
	if s := eval[string](b, done); s != "" {
		t.Errorf("a call: %s", s)
	}
	if s := eval[string](b, `lab.store.runs.map(r => r.name).join()`); s != "Run 1,Run 1.1,Run 1.1.1" {
		t.Errorf("runs %s", s)
	}
	if s := eval[string](b, `(document.querySelector('[data-drop="1"]').click(), lab.store.runs.map(r => r.name).join())`); s != "Run 1" {
		t.Errorf("after closing a fork: %s", s)
	}
}

// The run follows the text: a line that plays changes it, a mistake is told at its line.
func TestWrite(t *testing.T) {
	b := newBrowser(t)
	b.show(forkable(t, "the-leader-dies", 0, 1), wide, "#e=400")
	write := func(old, text string) string {
		return eval[string](b, fmt.Sprintf(`(async () => {
  document.querySelector('[data-show=p-text]').click()
  for (let i = 0; i < 200 && !document.getElementById('words'); i++) await new Promise(d => setTimeout(d, 20))
  const box = document.getElementById('words')
  if (!box.value.includes(%q)) return 'the text has no line ' + %q
  box.value = box.value.replace(%q, %q)
  box.selectionStart = box.selectionEnd = box.value.indexOf(%q)
  box.dispatchEvent(new Event('input'))
  for (let i = 0; i < 20; i++) await new Promise(d => setTimeout(d, 20))
  while (lab.store.busy) await new Promise(d => setTimeout(d, 20))
  await new Promise(d => requestAnimationFrame(() => requestAnimationFrame(d)))
  return document.getElementById('wstate').textContent + ' | ' + document.getElementById('wline').textContent.replace(/\s+/g, ' ')
})()`, old, old, old, text, text))
	}
	if s := write("A->>ZK: heartbeat", "B->>ZK: create /b = 1"); strings.Contains(s, "wrong") || !strings.Contains(s, "call") {
		t.Errorf("a call is read as %q", s)
	}
	if !eval[bool](b, `lab.store.runs[1]?.draft && lab.store.h.events.some(e => e.say.includes('/b'))`) {
		t.Error("the run does not follow the text")
	}
	events := eval[int](b, `lab.store.h.events.length`)
	if s := write("create /b = 1", "frobnicate /b"); !strings.Contains(s, "1 not read") || !strings.Contains(s, "no call") {
		t.Errorf("a line that is not understood: %q", s)
	}
	if s := write("sequenceDiagram\n", "sequenceDiagram\n    %% lab: servers=99\n"); !strings.Contains(s, "1 wrong") || !strings.Contains(s, "servers=99") {
		t.Errorf("a wrong setting: %q", s)
	}
	if s := write("servers=99", "servers=5"); strings.Contains(s, "wrong") {
		t.Errorf("five servers: %q", s)
	}
	if n := eval[int](b, `lab.store.h.servers.length`); n != 5 || events == 0 {
		t.Errorf("%d servers, not 5", n)
	}
}

// A page without an engine says why, and offers no change.
func TestNoFork(t *testing.T) {
	b := newBrowser(t)
	b.show(Page{Title: "The leader dies", Trace: tutorial(t), WhyNot: "It was written with --no-fork."}, wide, "")
	if s := eval[string](b, `document.getElementById('whatif').textContent`); !strings.Contains(s, "--no-fork") {
		t.Errorf("the page says %q", s)
	}
	if n := eval[int](b, `document.querySelectorAll('[data-fork],.wf').length`); n != 0 {
		t.Errorf("%d offers to change a run that cannot be changed", n)
	}
}
