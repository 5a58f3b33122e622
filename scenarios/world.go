package scenarios

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// World is the run of one world with the first seed. A world is a series of diagrams, each of which
// continues where the previous diagram ended; a diagram with the line "%% lab: fresh" begins the
// next world. Traces, diagrams and pictures are made from a World. Its owner must call Close.
type World struct {
	Ensemble *ensemble.Ensemble // nil for another engine, which has a Story
	Nodes    []trace.Node       // servers, clients and resources
	Story    []trace.Event
	Stage    engine.Stage
	Name     string
	Title    string
	Actions  []string // faults that were added to the document
	Seed     uint64
	Commit   string // of the engine, for the header of a trace; that of this program if empty

	Fingerprint uint64
	Until       sim.Time      // the end of the document's part; the check of liveness follows it
	Records     int           // number of records in the document's part
	Record      lin.Record    // what the judges saw
	HistoryOps  []int         // by entry of the history: the client's operation, or -1
	Verdicts    []lin.Verdict // porcupine's
	Checks      []judge.Check
	Drawn       []trace.Diagram // its diagrams, with the outcome of each line
	Resources   []trace.Setting // outside the ensemble, and whether they are fenced
}

// Picture returns the verdict that [World.WritePicture] draws: the first verdict that reports a
// violation, or simply the first verdict if no verdict reports a violation.
func (w *World) Picture() lin.Verdict {
	j := judge.Judgement{Verdicts: w.Verdicts}
	return j.Picture()
}

// WritePicture writes the HTML page that porcupine draws for [World.Picture], annotated with
// elections and faults.
func (w *World) WritePicture(out io.Writer) error {
	events, err := w.Events()
	if err != nil {
		return err
	}
	return lin.Page(out, w.Picture(), judge.Annotations(events)...)
}

// Events returns the events of the run in the form of a trace.
func (w *World) Events() ([]trace.Event, error) {
	if w.Ensemble == nil {
		return w.Story, nil
	}
	var b bytes.Buffer
	if err := w.WriteTrace(&b); err != nil {
		return nil, err
	}
	run, err := trace.Read(w.Name, &b)
	if err != nil {
		return nil, err
	}
	return run.Events, nil
}

// Close frees the world.
func (w *World) Close() {
	if w.Ensemble != nil {
		w.Ensemble.Close()
	}
}

// WriteTrace writes the run of the document as zablab.trace/1. It leaves out the events of the
// liveness check that follows the run.
func (w *World) WriteTrace(out io.Writer) error {
	if w.Ensemble == nil {
		return fmt.Errorf("%s has no trace, because only runs of a simulated ensemble have one: "+
			"write the run as a diagram instead", w.Name)
	}
	h := w.header()
	end := trace.End{Fingerprint: w.Fingerprint, Drawn: w.Drawn, Broken: broken(w.Checks)}
	for _, line := range w.Record.Lines() {
		end.Record = append(end.Record, line)
	}
	var v trace.Verdict
	if len(w.Verdicts) > 0 {
		p := w.Verdicts[0]
		v = trace.Verdict{
			Model: string(p.Model), Scope: string(p.Scope), Result: string(p.Result),
			Order:   w.ops(p.Order),
			Longest: w.ops(p.Longest), Blame: w.ops(p.Blame), States: p.Steps,
			Ms: p.Elapsed.Milliseconds(),
		}
	}
	for _, c := range w.Checks {
		end.Invariants = append(end.Invariants, c.Traced())
		if c.Name == judge.CheckSessions {
			v.Reads = judge.CheckSessions + " " + string(c.Verdict)
		}
	}
	return w.Ensemble.Recording().WriteTrace(out, h, w.Records, end, &v)
}

// header returns the header of the trace: the stage of the run, and its nodes.
func (w *World) header() trace.Header {
	return trace.Header{
		Commit: cmp.Or(w.Commit, stage.Commit()), Scenario: strings.TrimSuffix(w.Name, ".md"), Title: w.Title,
		Seed: w.Seed, Actions: w.Actions,
		Config: append(stage.Settings(&w.Stage), w.Resources...), Nodes: w.Nodes,
	}
}

// ops converts indices of the history to indices of operations. It leaves out what the ensemble did
// by itself.
func (w *World) ops(list []int) (ops []int) {
	for _, i := range list {
		if n := w.HistoryOps[i]; n >= 0 {
			ops = append(ops, n)
		}
	}
	return ops
}

// WriteDiagram writes the run as a Mermaid diagram, which can be played again. Package drawing
// draws the same diagram from the trace of the run.
func (w *World) WriteDiagram(out io.Writer, depth drawing.Depth) error {
	h := w.header()
	d := drawing.New(&h, depth)
	if w.Ensemble != nil {
		w.Ensemble.Recording().Events(w.Records, d.Add)
	}
	for i := range w.Story {
		d.Add(&w.Story[i])
	}
	_, err := io.WriteString(out, d.Print(""))
	return err
}
