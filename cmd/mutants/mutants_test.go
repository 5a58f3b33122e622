package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const sample = `package zab

import "fmt"

const most = 3

func (p *peer) onAck(z int, ok bool) {
	if z < most && ok {
		p.acked = z
		p.send(z + 1)
	}
	if z > most {
		p.fail("too many")
	}
	p.probe.Acked(z)
	p.report(fmt.Sprint(z))
	if p.has(flaw.NoAck) {
		p.acked = 0
	}
}
`

func sampleMutants(t *testing.T) []Mutant {
	t.Helper()
	list, err := mutantsOf("zab/sample.go", []byte(sample), map[string]bool{"has": true})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestMutants: the mutants of a small file are these, and none touches what only observers see, an
// assertion, or an injected bug.
func TestMutants(t *testing.T) {
	var got []string
	for _, m := range sampleMutants(t) {
		got = append(got, m.Kind+" "+short(m.Now)+" → "+short(m.Then))
	}
	want := []string{
		"constant 3 → 4", "constant 3 → 2",
		"dropped p.report(fmt.Sprint(z)) → ",
		"negated z < most && ok → !(z < most && ok)",
		"never z < most && ok → false && (z < most && ok)",
		"conjunct z < most && ok → z < most", "conjunct z < most && ok → ok",
		"boundary z < most → z <= most",
		"dropped p.acked = z → ",
		"swapped p.acked = z p.send(z + 1) → p.send(z + 1) p.acked = z",
		"dropped p.send(z + 1) → ",
		"constant 1 → 2", "constant 1 → 0",
		"negated z > most → !(z > most)", "boundary z > most → z >= most",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("have\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestApply: a mutant changes its own place and nothing else.
func TestApply(t *testing.T) {
	for _, m := range sampleMutants(t) {
		text := string(m.apply([]byte(sample)))
		if text[:m.from] != sample[:m.from] || !strings.HasPrefix(text[m.from:], m.Then) ||
			!strings.HasSuffix(text, sample[m.to:]) {
			t.Errorf("%s gives\n%s", m.ID(), text)
		}
	}
}

// TestSchema: with its switch on, the shared text of a mutant is the mutant; without, the original.
func TestSchema(t *testing.T) {
	list := sampleMutants(t)
	some := make([]int, len(list))
	for i := range list {
		some[i] = i
	}
	shared, alone := schemas(list, some)
	n := len(alone)
	for _, which := range shared {
		n += len(which)
		for i, a := range which {
			for _, b := range which[:i] {
				if list[a].overlaps(&list[b]) {
					t.Errorf("%s and %s share a binary", list[a].ID(), list[b].ID())
				}
			}
		}
		files, err := schema(list, which, func(string) ([]byte, error) {
			return []byte(sample), nil
		})
		if err != nil || !bytes.Contains(files["zab/sample.go"], []byte("mutantOn(")) {
			t.Errorf("%v: %s", err, files["zab/sample.go"])
		}
	}
	if n != len(list) {
		t.Errorf("%d mutants of %d are tried", n, len(list))
	}
	for _, m := range list {
		if text, ok := m.switched(7); ok != (m.Kind != constant) || ok &&
			!strings.Contains(text, "mutantOn(7)") {
			t.Errorf("%s: %v %s", m.ID(), ok, text)
		}
	}
}

// TestDraw: a longer draw begins with a shorter one of the same seed, and a mutant that comes or goes
// moves no other.
func TestDraw(t *testing.T) {
	list := sampleMutants(t)
	few, more := draw(list, 4, 1), draw(list, 9, 1)
	for i := range few {
		if key(&few[i]) != key(&more[i]) {
			t.Errorf("mutant %d of the draw is %s, and %s", i, few[i].ID(), more[i].ID())
		}
	}
	rest := slices.DeleteFunc(slices.Clone(list), func(m Mutant) bool {
		return key(&m) == key(&few[1])
	})
	want := slices.Delete(slices.Clone(few), 1, 2)
	for i, m := range draw(rest, 3, 1) {
		if key(&m) != key(&want[i]) {
			t.Errorf("without mutant 1, mutant %d of the draw is %s, want %s", i, m.ID(), want[i].ID())
		}
	}
	if len(draw(list, 0, 1)) != len(list) {
		t.Error("a draw of 0 has not all mutants")
	}
}

// TestEngineHasMutants: the sources of the engine can be read, and have mutants of every kind.
func TestEngineHasMutants(t *testing.T) {
	list, err := all(filepath.Join("..", ".."), packages)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{negated, never, conjunct, boundary, constant, dropped, swapped} {
		if !slices.ContainsFunc(list, func(m Mutant) bool { return m.Kind == kind }) {
			t.Errorf("no mutant is %s", kind)
		}
	}
}

// TestKnown: each classified mutant exists, as long as its function has the same text.
func TestKnown(t *testing.T) {
	table, err := readKnown(knownTable)
	if err != nil {
		t.Fatal(err)
	}
	list, err := all(filepath.Join("..", ".."), packages)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[*known]int)
	for i := range list {
		if k := list[i].of(table); k != nil {
			found[k]++
		}
	}
	for i := range table {
		if k := &table[i]; found[k] == 0 {
			t.Logf("%s, %s: the function has changed: read it again, or remove the line", k.File,
				k.Within)
		} else if found[k] > 1 {
			t.Errorf("%s, %s: %d mutants are %s → %s", k.File, k.Within, found[k], k.Now, k.Then)
		}
	}
	if _, err := readKnown("{}\n"); err == nil {
		t.Error("a line without a class is accepted")
	}
}

// TestChanged: the lines of a diff, and those around what it removes.
func TestChanged(t *testing.T) {
	got := changed([]byte("--- a/zab/x.go\n+++ b/zab/x.go\n@@ -3,2 +3 @@\n-a\n-b\n+c\n" +
		"@@ -9 +8,0 @@\n-d\n--- a/zab/x_test.go\n+++ b/zab/x_test.go\n@@ -1 +1 @@\n-a\n+b\n"))
	want := []place{{"zab/x.go", 3}, {"zab/x.go", 8}, {"zab/x.go", 9}}
	if !slices.Equal(got, want) {
		t.Errorf("have %v, want %v", got, want)
	}
}

// TestRan: a line ran as often as the smallest block that has it.
func TestRan(t *testing.T) {
	blocks := []block{{"zablab/zab/x.go", 1, 9, 5}, {"zablab/zab/x.go", 3, 4, 0}}
	for line, want := range map[int]int{2: 5, 3: 0} {
		if n, ok := (place{"zab/x.go", line}).ran(blocks); !ok || n != want {
			t.Errorf("line %d ran %d times, want %d", line, n, want)
		}
	}
	if _, ok := (place{"zab/x.go", 12}).ran(blocks); ok {
		t.Error("a line outside every block ran")
	}
}

// TestPlay: the sound engine gives a verdict, without a broken property.
func TestPlay(t *testing.T) {
	var out bytes.Buffer
	if err := play(200*time.Millisecond, "", false, &out); err != nil {
		t.Fatal(err)
	}
	var v verdict
	if err := json.Unmarshal(out.Bytes(), &v); err != nil || v.Property != "" || v.Seeds == 0 {
		t.Errorf("%v: %s", err, out.Bytes())
	}
}

// TestResults: what is in a file of results is known the next time.
func TestResults(t *testing.T) {
	name := filepath.Join(t.TempDir(), "trials.jsonl")
	m := sampleMutants(t)[0]
	if err := appendResult(name, &trial{Mutant: m, ID: m.ID(), Outcome: survived}); err != nil {
		t.Fatal(err)
	}
	known, err := readResults(name)
	if err != nil || known[key(&m)].Outcome != survived {
		t.Errorf("%v: %v", err, known)
	}
	if err := os.WriteFile(name, []byte("{\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := readResults(name); err == nil || !strings.Contains(err.Error(), name+":1:") {
		t.Errorf("an unreadable file gives %v", err)
	}
}
