package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/web/fork"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
)

// all makes the tests in the browser as wide as they can be: .ci/run sets it.
var all = flag.Bool("all", false, "test the page with all seeds, windows and panels")

// engine builds the engine once for all tests, and keeps it in the user's cache.
var engine = sync.OnceValues(func() ([]byte, error) { return Engine(context.Background(), nil) })

// source is a chapter as the page of its nth ensemble has it.
func source(t *testing.T, chapter string, world int, seed uint64) *fork.Source {
	t.Helper()
	c, ok := book.Find(chapter)
	if !ok {
		t.Fatalf("no chapter %s", chapter)
	}
	return &fork.Source{Name: c.Name, Text: string(c.Text), World: world,
		Seed: fmt.Sprintf("%#x", seed)}
}

// native plays a request without a browser.
func native(t *testing.T, r *fork.Request) (a fork.Answer, text []byte) {
	t.Helper()
	var b bytes.Buffer
	if err := fork.Play(r, &b); err != nil {
		t.Fatal(err)
	}
	line, text, _ := bytes.Cut(b.Bytes(), []byte("\n"))
	if err := json.Unmarshal(line, &a); err != nil {
		t.Fatal(err)
	}
	return a, text
}

// stable returns the part of a trace that is equal on every host: all but the verdict.
func stable(t *testing.T, text []byte) []byte {
	t.Helper()
	end := bytes.LastIndex(text, []byte("\n{\"end\":"))
	if end < 0 {
		t.Fatalf("no end line in %.100s…", text)
	}
	n := bytes.IndexByte(text[end+1:], '\n')
	return text[:end+1+n+1]
}

// forkable is the page of a chapter's run, with the engine.
func forkable(t *testing.T, chapter string, world int, seed uint64) Page {
	t.Helper()
	s := source(t, chapter, world, seed)
	_, text := native(t, &fork.Request{Source: *s})
	b, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	return Page{Title: chapter, Trace: text, Source: s, Engine: b}
}

// The trace that a page makes is that of the program, to the byte, with and without additions.
func TestSameEngine(t *testing.T) {
	b := newBrowser(t)
	seeds := 1
	if *all {
		seeds = 20
	}
	b.show(forkable(t, "the-leader-dies", 0, 1), wide, "")
	for _, chapter := range []string{"the-leader-dies", "two-leaders", "elections-inside"} {
		for seed := range uint64(seeds) {
			r := &fork.Request{Source: *source(t, chapter, 0, seed+1)}
			if seed%2 == 1 || !*all && chapter == "two-leaders" {
				r.Add = []string{"fault=2.5s crash S3", "fault=2.9s restart S3"}
			}
			_, text := native(t, r)
			ask, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			got := eval[string](b, fmt.Sprintf(`(async () => {
  const { trace } = await lab.engine.play(%s), text = await new Response(trace).text(), at = text.lastIndexOf('\n{"end":')
  const bytes = new TextEncoder().encode(text.slice(0, at + 1) + text.slice(at + 1).split('\n')[0] + '\n')
  return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map(b => b.toString(16).padStart(2, '0')).join('')
})()`, ask))
			if want := fmt.Sprintf("%x", sha256.Sum256(stable(t, text))); got != want {
				t.Errorf("%s, seed %d, %q: the page's trace has the hash %s, the program's %s",
					chapter, seed+1, r.Add, got, want)
			}
		}
	}
}

// A run without additions is the one that zablab replay writes; a document with additions plays to
// the fingerprint in the answer.
func TestForkIsReplay(t *testing.T) {
	for _, c := range []struct {
		chapter string
		world   int
		add     []string
	}{
		{"the-leader-dies", 0, nil},
		{"the-leader-dies", 0, []string{"fault=6.0s crash S3", "call=6.5s B create /mine (ephemeral)"}},
		{"two-leaders", 1, []string{"fault=1s pause S1 3s", "fault=2s split S1 | S2 S3 A B"}},
		{"elections-inside", 0, []string{"fault=0.4s power S2", "fault=2s restart S2", "fault=3s heal"}},
	} {
		s := source(t, c.chapter, c.world, 3)
		a, text := native(t, &fork.Request{Source: *s, Add: c.add})
		if len(a.Problems) > 0 {
			t.Errorf("%s: %v", c.chapter, a.Problems)
			continue
		}
		doc, err := diagram.Parse(s.Name, []byte(a.Document))
		if err != nil {
			t.Fatal(err)
		}
		compiled, err := script.Compile(doc, script.Options{})
		if err != nil {
			t.Fatal(err)
		}
		seed := uint64(3)
		r, err := scenarios.Replay(compiled, scenarios.Options{Seed: &seed, Keep: true})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := r.Worlds[c.world].WriteTrace(&b); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%016x", r.Worlds[c.world].Fingerprint); got != a.Fingerprint {
			t.Errorf("%s %q: replay of the document has the fingerprint %s, the fork %s", c.chapter,
				c.add, got, a.Fingerprint)
		}
		if !bytes.Equal(stable(t, b.Bytes()), stable(t, text)) {
			t.Errorf("%s %q: replay writes another trace than the fork", c.chapter, c.add)
		}
		for i := range r.Worlds {
			r.Worlds[i].Close()
		}
		for i, line := range a.Added {
			lines := strings.Split(a.Document, "\n")
			if !strings.HasSuffix(lines[line-1], c.add[i]) {
				t.Errorf("line %d is %q, not %q", line, lines[line-1], c.add[i])
			}
		}
	}
}

// What cannot be played is a problem with its place, and no trace follows.
func TestForkProblems(t *testing.T) {
	s := source(t, "the-leader-dies", 0, 1)
	bad := *s
	bad.Text = strings.Replace(s.Text, "sequenceDiagram", "sequenceDiagram\n%% lab: servers=90", 1)
	uml := fork.Source{Name: "a.puml", Text: "@startuml\nA -> ZK : create /x\nZK --> A : ok\n@enduml\n"}
	for _, c := range []struct {
		source fork.Source
		add    []string
		says   string // empty if it must play
	}{
		{*s, []string{"fault=6s crash S9"}, "S9"}, {*s, []string{"fault=6s burn S1"}, "burn"},
		{*s, []string{"fault=crash S1"}, "the time of the fault is missing"}, {*s, []string{"call=6s Z get /x"}, "no such client"},
		{*s, []string{"call=6s B whistle"}, "call="}, {bad, nil, "servers=90"},
		{fork.Source{Name: "x.md", Text: "nothing"}, nil, "no sequence diagram"},
		{fork.Source{Name: s.Name, Text: s.Text, World: 7}, nil, "no ensemble 8"},
		{uml, []string{"fault=3s crash S1"}, ""}, {*s, []string{"fault=6s crash S1"}, ""},
		{fork.Source{Name: "a.mmd", Text: "sequenceDiagram\r\nA->>ZK: create /x"}, []string{"call=9s A get /x"}, ""},
	} {
		a, text := native(t, &fork.Request{Source: c.source, Add: c.add})
		says := fmt.Sprint(a.Problems)
		switch {
		case c.says == "" && (len(a.Problems) > 0 || len(text) == 0):
			t.Errorf("%s %q: not played: %s", c.source.Name, c.add, says)
		case c.says != "" && (!strings.Contains(says, c.says) || len(text) > 0):
			t.Errorf("%s %q: says %s, without %q; %d bytes of trace", c.source.Name, c.add, says, c.says,
				len(text))
		}
	}
}

// Pages are small: with the engine and without.
func TestEngineSizes(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: builds the engine")
	}
	p := forkable(t, "the-leader-dies", 0, 1)
	t.Logf("the compressed engine has %d bytes", len(p.Engine))
	if n := len(p.Engine); n > 2_400_000 {
		t.Errorf("the compressed engine has %d bytes; the limit is 2,400,000", n)
	}
	if n := len(page(t, p)); n > 3_600_000 {
		t.Errorf("the page with the engine has %d bytes; the limit is 3,600,000", n)
	}
	p.Engine = nil
	if n := len(page(t, p)); n > 400_000 {
		t.Errorf("the page without the engine has %d bytes; the limit is 400,000", n)
	}
}
