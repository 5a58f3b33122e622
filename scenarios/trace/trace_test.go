package trace

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// Any JSON decoder reads back the strings that text writes. They contain no character that could
// end a script element or change the direction of a line.
func TestText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		b := text(nil, s)
		var back string
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatalf("%q is written as %s: %v", s, b, err)
		}
		if back != strings.ToValidUTF8(s, "\ufffd") {
			t.Fatalf("%q comes back as %q", s, back)
		}
		if bytes.ContainsAny(b, "<>&\u2028\u202e\u2066") {
			t.Fatalf("%q is written as %s", s, b)
		}
	})
}

// word generates a short string for a trace's fields.
var word = rapid.StringOfN(rapid.RuneFrom([]rune("ab/1 é<")), 0, 6, -1)

func pointer[T any](g *rapid.Generator[T]) *rapid.Generator[*T] {
	return rapid.Custom(func(t *rapid.T) *T {
		if rapid.Bool().Draw(t, "nil") {
			return nil
		}
		v := g.Draw(t, "v")
		return &v
	})
}

var record = rapid.Custom(func(t *rapid.T) Record {
	return Record{word.Draw(t, "z"), word.Draw(t, "op")}
})

var treeChanges = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) TreeChange {
	c := TreeChange{Path: "/" + word.Draw(t, "path"), Deleted: rapid.Bool().Draw(t, "del")}
	if !c.Deleted {
		c.Data, c.Owner = word.Draw(t, "d"), word.Draw(t, "own")
		c.Version, c.Cz, c.Mz = rapid.Int32().Draw(t, "v"), word.Draw(t, "cz"), word.Draw(t, "mz")
	}
	return c
}), 0, 3)

var sessions = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) SessionChange {
	s := SessionChange{
		Open: rapid.Bool().Draw(t, "open"), Client: word.Draw(t, "c"), ID: word.Draw(t, "id"),
	}
	if s.Open {
		s.Ms = rapid.Int32().Draw(t, "ms")
	}
	return s
}), 0, 2)

var patches = rapid.Custom(func(t *rapid.T) Patch {
	number := pointer(rapid.Uint32())
	p := Patch{
		Role: word.Draw(t, "role"), Epoch: number.Draw(t, "ep"),
		Leader: pointer(word).Draw(t, "ldr"), Acc: number.Draw(t, "acc"),
		Cur: number.Draw(t, "cur"), Durable: pointer(word).Draw(t, "durable"),
		Log: pointer(record).Draw(t, "log"), Com: pointer(word).Draw(t, "com"),
		Trunc: pointer(word).Draw(t, "trunc"), Tree: treeChanges.Draw(t, "tree"),
		Wipe: rapid.Bool().Draw(t, "wipe"), Sess: sessions.Draw(t, "sess"),
		Belief: pointer(rapid.Bool()).Draw(t, "belief"), Server: pointer(word).Draw(t, "srv"),
	}
	switch rapid.IntRange(0, 3).Draw(t, "watch") {
	case 1:
		p.Watch = &WatchChange{All: true, Path: "*", Client: word.Draw(t, "client")}
	case 2:
		p.Watch = &WatchChange{
			Set: rapid.Bool().Draw(t, "set"), Path: word.Draw(t, "path"),
			Client: word.Draw(t, "client"),
		}
	}
	if rapid.Bool().Draw(t, "reload") {
		p.Reload = &Reload{word.Draw(t, "base"), rapid.SliceOfN(record, 0, 2).Draw(t, "records")}
	}
	if rapid.Bool().Draw(t, "split") {
		p.Groups = rapid.SliceOfN(rapid.SliceOfN(word, 1, 2), 0, 2).Draw(t, "groups")
	}
	return p
})

// A reader returns the events that a writer has written, and both end in the same state.
func TestWriteThenRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &Header{
			Commit: "c", Title: word.Draw(t, "title"), Seed: rapid.Uint64().Draw(t, "seed"),
			Nodes: []Node{{"S1", "server", ""}, {"A", "client", "S1"}},
		}
		var out bytes.Buffer
		w := NewWriter(&out, h)
		var events []Event
		for i := range rapid.Int64Range(1, 20).Draw(t, "events") {
			e := Event{
				I: i, T: i * 10, N: rapid.SampledFrom([]string{"S1", "A", "net"}).Draw(t, "n"),
				K: "note", Cause: rapid.Int64Range(-1, i-1).Draw(t, "cause"),
				M: rapid.Uint64Range(0, 1<<40).Draw(t, "m"), Patch: patches.Draw(t, "patch"),
				Say: word.Draw(t, "say"), Drawn: word.Draw(t, "drawn"), Why: word.Draw(t, "why"),
				Key: word.Draw(t, "key"),
			}
			w.Add(&e)
			events = append(events, e)
		}
		if err := w.End(&End{Fingerprint: 7}, &Verdict{}); err != nil {
			t.Fatal(err)
		}
		r, err := Read("t", &out)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(events, r.Events, cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
		s := NewState(r.Header.Nodes)
		for i := range r.Events {
			s.Apply(&r.Events[i])
		}
		if s.Canonical() != w.State().Canonical() || !r.Ended ||
			r.Fingerprint != "0000000000000007" {
			t.Fatalf("folds to %s and to %s", s.Canonical(), w.State().Canonical())
		}
	})
}

// Events of kind "check" shift the indices of later events, and causes follow that shift.
func TestChecksStandBetween(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, &Header{Nodes: []Node{{"S1", "server", ""}}})
	const n = 2*CheckEvery + 10
	for i := range int64(n) {
		w.Add(&Event{
			I: i, T: i, N: "S1", K: "log", Cause: i - 1, Patch: Patch{Role: "looking"}, Say: "x",
		})
	}
	if err := w.End(&End{}, &Verdict{}); err != nil {
		t.Fatal(err)
	}
	r, err := Read("t", &out)
	if err != nil {
		t.Fatal(err)
	}
	checks := 0
	for i, e := range r.Events {
		if e.K == "check" {
			checks++
			continue
		}
		if e.Cause >= 0 && r.Events[e.Cause].T != e.T-1 {
			t.Fatalf("event %d at %d is caused by %d at %d", i, e.T, e.Cause, r.Events[e.Cause].T)
		}
	}
	if checks != 2 || len(r.Events) != n+2 {
		t.Errorf("%d checks, %d events", checks, len(r.Events))
	}
}

func TestTruncate(t *testing.T) {
	s := NewState([]Node{{"S1", "server", ""}})
	log := func(z string) { s.Apply(&Event{N: "S1", Patch: Patch{Log: &Record{Z: z}}}) }
	for _, z := range []string{"1/8", "1/9", "1/10", "2/1", "10/1"} {
		log(z)
	}
	to := "1/9"
	s.Apply(&Event{N: "S1", Patch: Patch{Trunc: &to}})
	if n := s.Find("S1"); len(n.Log) != 2 || n.Log[1].Z != "1/9" {
		t.Errorf("log %v", n.Log)
	}
}
