package scenarios_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/trace"
)

// Writes to a resource, and its refusal of a stale one, are messages of the trace and arrows of the
// redrawn diagram, which plays to the same fingerprint.
func TestWritesAreTraced(t *testing.T) {
	c, ok := book.Find("two-leaders")
	if !ok {
		t.Fatal("no chapter two-leaders")
	}
	r := play(t, c.Name, string(c.Text), scenarios.Options{Keep: true})
	var fenced *scenarios.World
	for i := range r.Worlds {
		w := &r.Worlds[i]
		defer w.Close()
		for _, s := range w.Resources {
			if s.Word == "fenced" {
				fenced = w
			}
		}
	}
	events, err := fenced.Events()
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	sent := make(map[uint64]int64)
	for _, e := range events {
		if e.K == "send" && e.Msg.Kind == "WRITE" {
			sent[e.M] = e.I
			fmt.Fprintf(&got, "%s -> %s %s\n", e.N, e.Msg.To, e.Msg.Z)
		}
		if i, ok := sent[e.M]; ok && e.K == "recv" {
			if e.Cause != i {
				t.Errorf("event %d: its cause is %d, not the send %d", e.I, e.Cause, i)
			}
			fmt.Fprintf(&got, "%s %s, newest %s: %s\n", e.N, e.Key, *e.Patch.Com, e.Say)
		}
	}
	want := `A -> DB 1/3
DB accepted, newest 1/3: DB accepts A's write with token 1/3
B -> DB 1/6
DB accepted, newest 1/6: DB accepts B's write with token 1/6
A -> DB 1/3
DB refused, newest 1/6: DB refuses A's write: token 1/3 < 1/6
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
	var b bytes.Buffer
	if err := fenced.WriteDiagram(&b, drawing.DepthClient); err != nil {
		t.Fatal(err)
	}
	again := play(t, "again.mmd", b.String(), scenarios.Options{})
	if p := again.Diagrams[0].Fingerprint; p != fenced.Fingerprint {
		t.Errorf("the redrawn diagram plays to %016x, not %016x:\n%s", p, fenced.Fingerprint, &b)
	}
}

// The end line of a trace has each line of the document with its verdict and its event.
func TestTraceHasTheDrawing(t *testing.T) {
	text := "sequenceDiagram\nA->>ZK: create /x (ephemeral)\nZK-->>A: failed — exists\n" +
		"Note over A: crashes\nB->>ZK: watch /x\nZK-->>B: notification — /x is gone\n"
	r := play(t, "d.mmd", text, scenarios.Options{Keep: true})
	w := &r.Worlds[0]
	defer w.Close()
	var b bytes.Buffer
	if err := w.WriteTrace(&b); err != nil {
		t.Fatal(err)
	}
	run, err := trace.Read("d", &b)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, row := range run.End.Drawn[0].Rows {
		at := "never"
		if row.Step >= 0 {
			at = "in time"
			if run.Events[row.Step].T != row.At {
				at = "at another time"
			}
		}
		fmt.Fprintf(&got, "%d %s>%s %s %s %s\n", row.Line, row.From, row.To, row.Kind, row.Verdict, at)
	}
	want := `2 A>ZK call as-drawn in time
3 ZK>A reply different in time
4 A> fault applied in time
5 B>ZK call as-drawn in time
6 ZK>B event later in time
`
	if got.String() != want {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
	for _, o := range run.End.Ops {
		if o.Path == "/x" && o.What == "create2" && (o.Z == "" || run.Events[o.Apply].Patch.Com == nil ||
			*run.Events[o.Apply].Patch.Com != o.Z) {
			t.Errorf("%+v: its event is not where %s is applied", o, o.Z)
		}
	}
}
