package trace

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// written returns a random trace, sometimes long enough to contain events of kind "check".
func written(t *rapid.T) []byte {
	h := &Header{
		Commit: "c", Seed: 7, Actions: []string{"1.000s crash S1"},
		Config: []Setting{{Key: "tick", Number: 5}, {Key: "expiry", Word: "session"}},
		Nodes:  []Node{{"S1", "server", ""}, {"A", "client", "S1"}},
		Why:    []Explanation{{"z", "Z."}, {"a", "A."}},
	}
	var out bytes.Buffer
	w := NewWriter(&out, h)
	n := rapid.Int64Range(1, 12).Draw(t, "events")
	idle := rapid.SampledFrom([]int64{0, 0, 0, CheckEvery}).Draw(t, "idle")
	for i := range n + idle {
		e := Event{I: i, T: i * 10, N: "S1", K: "note", Cause: i / 2, Say: "x"}
		if i%(idle/n+1) == 0 {
			e.N = rapid.SampledFrom([]string{"S1", "A", "net"}).Draw(t, "n")
			e.Patch = patches.Draw(t, "patch")
		}
		if e.Cause == i {
			e.Cause = -1
		}
		w.Add(&e)
	}
	end := &End{
		Fingerprint: 7, T: 10 * (n - 1),
		Ops: []Op{
			{Client: "A", What: "set", Path: "/", Return: n - 1, Status: "ok", Z: "1/1", Apply: n - 1},
			{Client: "A", What: "get", Path: "/", Call: n - 1, Return: -1, Status: "ok", Apply: -1},
		},
	}
	if err := w.End(end, &Verdict{Order: []int{0, 1}}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A cut is a trace. After each of its events its state equals the original's state at that event.
func TestTrimFoldsAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := written(t)
		all, err := Read("whole", bytes.NewReader(whole))
		if err != nil {
			t.Fatal(err)
		}
		last := int64(len(all.Events) - 1)
		from := rapid.Int64Range(0, last).Draw(t, "from")
		to := rapid.Int64Range(from, last).Draw(t, "to")
		r, err := NewReader("whole", bytes.NewReader(whole))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		cut, sum, err := Trim(&out, r, Bounds{Point{Step: from}, Point{Step: to}})
		if err != nil {
			t.Fatal(err)
		}
		part, err := Read("part", &out)
		if err != nil {
			t.Fatal(err)
		}
		if !part.Ended || part.SHA256 != sum || *part.End.Cut != *cut || cut.From != from ||
			cut.To != to || cut.SHA256 != all.SHA256 {
			t.Fatalf("the cut's end line is %+v, want %+v", part.End, cut)
		}
		foldAlike(t, all, part)
	})
}

// foldAlike fails the test unless both traces have equal states after each event of the cut.
func foldAlike(t *rapid.T, all, part *Run) {
	cut := part.End.Cut
	a, b := NewState(all.Header.Nodes), NewState(part.Header.Nodes)
	for i := range cut.From {
		a.Apply(&all.Events[i])
	}
	k := cut.Events
	for i := range cut.Events {
		b.Apply(&part.Events[i])
	}
	for i := cut.From; i <= cut.To; i++ {
		if a.Canonical() != b.Canonical() {
			t.Fatalf("before event %d the whole is\n%s\nand the cut\n%s",
				i, a.Canonical(), b.Canonical())
		}
		a.Apply(&all.Events[i])
		if all.Events[i].K == "check" {
			continue
		}
		for part.Events[k].K == "check" {
			k++
		}
		b.Apply(&part.Events[k])
		c := part.Events[k].Cause
		if c >= 0 && part.Events[c].T != all.Events[all.Events[i].Cause].T {
			t.Fatalf("event %d of the cut and event %d of the whole have different causes", k, i)
		}
		k++
	}
	if a.Canonical() != b.Canonical() {
		t.Fatalf("at the end the whole is\n%s\nand the cut\n%s", a.Canonical(), b.Canonical())
	}
}
