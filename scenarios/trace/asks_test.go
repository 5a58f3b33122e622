package trace

import (
	"bytes"
	"reflect"
	"testing"
)

// The run asks who leads next when most servers look for a leader, and what a resource does with a
// write; it is silent about a server that looks while another one leads. A cut asks anew.
func TestAsks(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out, &Header{Title: "t", Nodes: []Node{{"S1", "server", ""}, {"S2", "server", ""},
		{"S3", "server", ""}, {"A", "client", ""}, {"DB", "resource", ""}}})
	role := func(n, role, key string) Event {
		return Event{N: n, K: "role", Key: key, Patch: Patch{Role: role}}
	}
	write := func(m uint64, key string) []Event {
		return []Event{{N: "A", K: "send", M: m, Key: "write", Msg: &Message{To: "DB", Kind: "WRITE"}},
			{N: "DB", K: "recv", M: m, Key: key}}
	}
	list := []Event{role("S1", "down", ""), role("S2", "looking", "looking"), role("S3", "looking", "looking"),
		role("S3", "leading", "leader"), role("S2", "following", ""), role("S1", "looking", ""),
		role("S3", "down", "crash"), role("S1", "looking", "looking"), role("S2", "looking", "looking"),
		role("S3", "looking", ""), role("S3", "leading", "leader")}
	for i, key := range []string{"accepted", "refused", "stale"} {
		list = append(list, write(uint64(i+1), key)...)
	}
	list = append(list, role("S2", "looking", ""), role("S1", "looking", "")) // never answered
	for i := range list {
		list[i].I, list[i].T, list[i].Cause, list[i].Say = int64(i), int64(i), -1, "x"
		w.Add(&list[i])
	}
	if err := w.End(&End{}, nil); err != nil {
		t.Fatal(err)
	}
	const who, what = "Which server leads next?", "Does DB accept the write of A?"
	both := []string{"DB accepts it", "DB refuses it"}
	want := []Ask{{1, who, []string{"S2", "S3"}, "S3", 3}, {7, who, []string{"S1", "S2", "S3"}, "S3", 10},
		{11, what, both, both[0], 12}, {13, what, both, both[1], 14}, {15, what, both, both[0], 16}}
	run, err := Read("t", bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(run.End.Asks, want) {
		t.Errorf("the run asks\n%+v, want\n%+v", run.End.Asks, want)
	}
	r, err := NewReader("t", bytes.NewReader(out.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	out = bytes.Buffer{}
	if _, _, err := Trim(&out, r, Bounds{From: Point{Step: 13}, To: Point{Step: 16}}); err != nil {
		t.Fatal(err)
	}
	cut, err := Read("cut", &out)
	if err != nil {
		t.Fatal(err)
	}
	notes := cut.End.Cut.Events
	if a := cut.End.Asks; len(a) != 2 || a[0].At != notes || a[1].Step != notes+3 {
		t.Errorf("a cut with two writes after %d notes asks %+v", notes, a)
	}
}
