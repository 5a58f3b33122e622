package explore

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/zab/flaw"
)

// interrupted runs a search up to some number of states, and saves it.
func interrupted(t *testing.T, s Setup, o Options, states int) []byte {
	t.Helper()
	o.Keep = true
	o.Progress = func(p Progress) bool { return p.States < states }
	x, r := search(t, s, o)
	if r.Complete || r.Why != "interrupted" {
		t.Fatalf("it was not interrupted: %s", r.Sentence())
	}
	var b bytes.Buffer
	if err := x.Save(&b, "v"); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A search that was interrupted, saved and resumed, twice, ends as one that was not.
func TestResume(t *testing.T) {
	twice := 0
	for _, c := range []struct {
		setup, goal string
		flaw        flaw.Flaw
		certain     bool
	}{
		{setup: "write"}, {setup: "write", flaw: flaw.DrainUncommitted},
		{setup: "write", flaw: flaw.DrainUncommitted, certain: true},
		{setup: "write", goal: "SOME applied 1/1 and S1 down"},
		{setup: "write", goal: "SOME applied 1/1", certain: true},
		{setup: "crash"}, {setup: "timeout"},
	} {
		s := setup(t, c.setup)
		s.Flaw = c.flaw
		o := Options{Goal: goal(t, c.goal, &s), Certain: c.certain}
		_, want := search(t, s, o)
		saved := interrupted(t, s, o, 17_000)
		x, err := Resume(bytes.NewReader(saved), "v", Options{Progress: func(p Progress) bool {
			return p.States < 25_000
		}})
		if err != nil {
			t.Fatal(err)
		}
		r := x.Run()
		if x.Unfinished() {
			twice++
			var b bytes.Buffer
			if err := x.Save(&b, "v"); err != nil {
				t.Fatal(err)
			}
			second, err := Resume(&b, "v", Options{})
			if err != nil {
				t.Fatal(err)
			}
			r = second.Run()
		}
		if r.Sentence() != want.Sentence() || r.Choices != want.Choices ||
			r.Finals != want.Finals || r.Locals != want.Locals || r.Audits != want.Audits {
			t.Errorf("%+v:\n%s\n%s\n%+v\n%+v", c, r.Sentence(), want.Sentence(), r.Progress,
				want.Progress)
		}
	}
	if twice < 4 {
		t.Errorf("only %d searches were resumed twice", twice)
	}
}

// A resumed search that is interrupted while it reads back cannot be saved: its file still holds it.
func TestResumeIsInterrupted(t *testing.T) {
	saved := interrupted(t, setup(t, "crash"), Options{}, 17_000)
	x, err := Resume(bytes.NewReader(saved), "v", Options{Progress: func(Progress) bool { return false }})
	if err != nil {
		t.Fatal(err)
	}
	if r := x.Run(); !strings.Contains(r.Why, "read back") || r.Complete ||
		x.Unfinished() {
		t.Errorf("%s", r.Sentence())
	}
	if err := x.Save(new(bytes.Buffer), "v"); err == nil {
		t.Error("half of a search is saved")
	}
}

// A search that began after given steps is resumed there.
func TestResumeFromStory(t *testing.T) {
	s := setup(t, "crash")
	w := newWorld(&s, newWords())
	from := Story{Setup: s, Lines: w.lines(w.choices())[:1]}
	o := Options{From: &from}
	_, want := search(t, s, o)
	x, err := Resume(bytes.NewReader(interrupted(t, s, o, 17_000)), "v", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r := x.Run(); r.Sentence() != want.Sentence() || r.Given != 1 {
		t.Errorf("%s\n%s", r.Sentence(), want.Sentence())
	}
}

// A file that is not a saved search, is damaged, or is of another version is refused, and nothing
// panics.
func TestBadSavedSearches(t *testing.T) {
	good := interrupted(t, setup(t, "write"), Options{}, 17_000)
	end := bytes.IndexByte(good, '\n') + 1
	// forged has another number at a place after the first line, and a right hash.
	forged := func(at int, n uint32) []byte {
		b := slices.Clone(good)
		binary.LittleEndian.PutUint32(b[end+at:], n)
		sum := fnv.New64a()
		sum.Write(b[:len(b)-8])
		binary.LittleEndian.PutUint64(b[len(b)-8:], sum.Sum64())
		return b
	}
	flipped := slices.Clone(good)
	flipped[len(flipped)/2] ^= 4
	for _, c := range []struct {
		name, version, want string
		data                []byte
	}{
		{"empty", "v", "not a search", nil},
		{"text", "v", "not a search", []byte("# A document\n")},
		{"cut off", "v", "damaged or cut off", good[:len(good)-100]},
		{"first line only", "v", "damaged or cut off", good[:end]},
		{"flipped", "v", "damaged or cut off", flipped},
		{"other version", "w", "saved by version v", good},
		{"other schema", "v", "the format is", bytes.Replace(good, []byte("search/1"), []byte("search/9"), 1)},
		{"huge", "v", "damaged or cut off", bytes.Replace(good[:end], []byte(`"states":`), []byte(`"states":9`), 1)},
		{"negative", "v", "contradicts itself", bytes.Replace(good, []byte(`"at":`), []byte(`"at":-`), 1)},
	} {
		_, err := Resume(bytes.NewReader(c.data), c.version, Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	if _, err := Resume(bytes.NewReader(forged(28+24, 1)), "v", Options{}); err == nil {
		t.Error("a state that is reached from itself is taken")
	}
	for at := 0; at < 40*12; at += 28 {
		for _, n := range []uint32{0, 1 << 31} {
			x, err := Resume(bytes.NewReader(forged(at, n)), "v", Options{Threads: 1})
			if err != nil {
				continue
			}
			if r := x.Run(); r.Differs == "" && r.Complete && r.States != 34714 {
				t.Errorf("number %d at %d is taken for a search: %s", n, at, r.Sentence())
			}
		}
	}
}
