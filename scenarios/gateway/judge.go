package gateway

import (
	"fmt"
	"io"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/scenarios/trace"
)

// Judge checks the run so far. The first check says whether every invariant of the servers held
// after every event. The other checks judge what the clients called and received, with the parts of
// the history that were checked and forgotten before.
func (w *World) Judge() ([]judge.Check, error) {
	e := w.Ensemble
	w.Wait()
	audited := judge.Check{
		Name: judge.CheckInvariants, Verdict: lin.Linearizable, Promised: true,
		Text: fmt.Sprintf("every invariant held after each of the %d "+
			"events", e.World.Stats().Events),
	}
	if err := e.Err(); err != nil {
		audited.Verdict, audited.Text = lin.Broken, err.Error()
	}
	checks, err := w.parts.end(w.part())
	if err != nil {
		return []judge.Check{audited}, fmt.Errorf("judge the clients' history: %w", err)
	}
	return append([]judge.Check{audited}, checks...), nil
}

// judged leaves out of a history what clients read below /zookeeper: the judges' tree does not have
// the nodes that every ensemble has. It also leaves out the requests that make no sense, such as one
// for a path without a slash, and that have changed nothing. An empty path is the root, as in
// ZooKeeper.
func judged(h lin.History) lin.History {
	for i := range h {
		rooted(&h[i])
		for k := range h[i].Ops {
			rooted(&h[i].Ops[k])
		}
	}
	return slices.DeleteFunc(h, func(o lin.Operation) bool {
		none := o.Outcome == lin.Failed || o.Outcome == lin.Unknown && o.Txn == 0 ||
			o.Kind == lin.Ephemerals && len(o.Result.Children) == 0 // its path is any prefix
		if none && lin.History([]lin.Operation{o}).Validate() != nil {
			return true
		}
		switch o.Kind {
		case lin.Get, lin.Exists, lin.Children:
			return o.Path == "/zookeeper" || strings.HasPrefix(string(o.Path), "/zookeeper/")
		}
		return false
	})
}

func rooted(o *lin.Operation) {
	switch o.Kind {
	case lin.Multi, lin.Sync, lin.CloseSession:
	default:
		if o.Path == "" {
			o.Path = "/"
		}
	}
}

// WriteTrace writes the run as a trace. The ensemble must have kept its records.
func (w *World) WriteTrace(out io.Writer, name string, checks []judge.Check) error {
	e := w.Ensemble
	end := trace.End{Fingerprint: e.World.Fingerprint()}
	record := e.Record()
	for _, line := range record.Lines() {
		end.Record = append(end.Record, line)
	}
	for i := range checks {
		end.Invariants = append(end.Invariants, trace.Check{
			Name: checks[i].Name, Result: string(checks[i].Verdict),
		})
	}
	return e.Recording().WriteTrace(out, w.header(name), len(e.World.Records()), end,
		&trace.Verdict{})
}

// WriteDiagram writes the run as a Mermaid diagram. The ensemble must have kept its records.
func (w *World) WriteDiagram(out io.Writer, name string, depth drawing.Depth) error {
	e := w.Ensemble
	h := w.header(name)
	d := drawing.New(&h, depth)
	e.Recording().Events(len(e.World.Records()), d.Add)
	_, err := io.WriteString(out, d.Print(""))
	return err
}

func (w *World) header(name string) trace.Header {
	e := w.Ensemble
	return trace.Header{
		Commit: stage.Commit(), Scenario: name, Title: "An ensemble with clients outside the lab",
		Seed: e.Config().Seed, Config: stage.Settings(&e.Config().Stage),
		Nodes: e.Recording().Nodes,
	}
}
