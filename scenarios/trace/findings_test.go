package trace

import (
	"bytes"
	"reflect"
	"testing"
)

// What the end line says of the document and of the checks is read as it was written, and a cut
// keeps the verdicts but not the steps that it leaves out.
func TestFindings(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, &Header{Title: "t", Nodes: []Node{{ID: "A", Kind: "client"}}})
	for i := range int64(4) {
		w.Add(&Event{I: i, T: 10 * i, N: "A", K: "note", Cause: i - 1, Say: "x"})
	}
	end := End{
		T:   30,
		Ops: []Op{{Client: "A", What: "set", Path: "/", Return: 3, Status: "ok", Z: "1/2", Apply: 2}},
		Invariants: []Check{{Name: "a", Result: "ok", Idle: true},
			{Name: "b", Result: "ok", Bad: true, Allowed: true, Text: "stale </script>"}},
		Drawn: []Diagram{{Title: "D", Line: 3, Rows: []Row{
			{Line: 4, From: "A", To: "ZK", Kind: "call", Text: "set /x", Verdict: "as-drawn", At: 10,
				Step: 1},
			{Line: 5, From: "A", Kind: "fault", Text: "crashes", Verdict: "never", Expect: "never",
				Says: "was down", Bad: true, At: -1, Step: -1},
		}}},
		Broken: []Broken{{Name: "c", Text: "broke", Step: 3}, {Name: "d", Step: -1}},
	}
	if err := w.End(&end, nil); err != nil {
		t.Fatal(err)
	}
	text := out.Bytes()
	run, err := Read("t", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	end.Events = 4
	if !reflect.DeepEqual(run.End, end) {
		t.Errorf("read\n%+v, want\n%+v", run.End, end)
	}
	r, err := NewReader("t", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	out = bytes.Buffer{}
	if _, _, err := Trim(&out, r, Bounds{From: Point{Step: 2}, To: Point{Step: 3}}); err != nil {
		t.Fatal(err)
	}
	cut, err := Read("cut", &out)
	if err != nil {
		t.Fatal(err)
	}
	rows, notes := cut.End.Drawn[0].Rows, cut.End.Cut.Events
	if rows[0].Step != -1 || rows[0].Verdict != "as-drawn" || cut.End.Broken[0].Step != notes+1 ||
		!reflect.DeepEqual(cut.End.Invariants, end.Invariants) {
		t.Errorf("a cut has %+v, %+v, %+v", rows, cut.End.Broken, cut.End.Invariants)
	}
}
