package check

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/web"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/trace"
)

// The page of a history has each call and each answer that came, no state, and leads to the
// operation that a broken check blames. Times since 1970 become times since the first call.
func TestPage(t *testing.T) {
	const from = 1_700_000_000_000_000
	h := history{record: lin.Record{Ops: lin.History{
		{Client: "A", Kind: lin.Set, Path: "/x", Data: "1", Version: lin.AnyVersion, Call: from, Return: from + 10, Outcome: lin.OK},
		{Client: "B", Kind: lin.Get, Path: "/x", Call: from + 20, Return: from + 30, Outcome: lin.OK},
		{Client: "C", Kind: lin.Set, Path: "/x", Data: "2", Version: lin.AnyVersion, Call: from + 40, Outcome: lin.Unknown},
	}}}
	j, err := judge.Judge(nil, h.record, judge.Options{Models: []lin.Model{lin.Register}, LinearizableReads: true})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "page.html")
	if err := h.page(file, "h.jsonl", &j); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := web.Embedded(text, "trace")
	if err != nil {
		t.Fatal(err)
	}
	run, err := trace.Read("page", bytes.NewReader(unpacked))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(run.Events); n != 5 || run.Events[0].T != 0 || run.Events[4].T != 40 || len(run.Header.Nodes) != 3 {
		t.Errorf("%d events, %v", n, run.Events)
	}
	if ops := run.End.Ops; ops[2].Return != -1 || ops[2].Status != "unknown" || ops[1].Return != 3 {
		t.Errorf("%+v", ops)
	}
	if b := run.End.Broken; len(b) == 0 || b[0].Step != 3 {
		t.Errorf("%+v, want a check that breaks at the answer of B, event 3", b)
	}
	h.events = make([]trace.Event, 1)
	if err := h.page(file, "run.ndjson", &j); err == nil || !strings.Contains(err.Error(), "zablab trace page run.ndjson") {
		t.Errorf("a trace: %v", err)
	}
}
