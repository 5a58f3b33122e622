package scenarios

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// World is one run of the first seed, for traces and pictures. Whoever has it calls Close.
type World struct {
	Ensemble *ensemble.Ensemble // nil of another engine: of that there is the story
	Nodes    []trace.Node       // who took part
	Story    []trace.Event
	Stage    stage.Stage
	Name     string
	Title    string
	Actions  []string // faults that were added to the document
	Seed     uint64

	Fingerprint uint64
	Until       sim.Time      // what the document covers; the check of liveness goes on behind it
	Records     int           // that the document covers
	Record      lin.Record    // what the judges were given
	HistoryOps  []int         // of each entry of the history: the client's operation, or -1
	Verdicts    []lin.Verdict // porcupine's
	Checks      []judge.Check
}

// Picture is the verdict that is worth a picture: the first that is broken, else the first.
func (w *World) Picture() lin.Verdict {
	j := judge.Judgement{Verdicts: w.Verdicts}
	return j.Picture()
}

// WritePicture writes porcupine's page of that verdict, with what happened beside the operations.
func (w *World) WritePicture(out io.Writer) error {
	events, err := w.Events()
	if err != nil {
		return err
	}
	return lin.Page(out, w.Picture(), judge.Annotations(events)...)
}

// Events is the run as a trace has it.
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

// Close lets go of the world.
func (w *World) Close() {
	if w.Ensemble != nil {
		w.Ensemble.Close()
	}
}

// WriteTrace writes the run as zablab.trace/1: the document's part of it, without what the check of
// liveness did behind it.
func (w *World) WriteTrace(out io.Writer) error {
	if w.Ensemble == nil {
		return fmt.Errorf("write the trace of %s: it was not played on a simulated ensemble, and of another no states are known: draw it", w.Name)
	}
	h := w.header()
	end := trace.End{Fingerprint: w.Fingerprint}
	for _, line := range w.Record.Lines() {
		end.Record = append(end.Record, line)
	}
	var v trace.Verdict
	if len(w.Verdicts) > 0 {
		p := w.Verdicts[0]
		v = trace.Verdict{
			Model: string(p.Model), Scope: string(p.Scope), Result: string(p.Result), Order: w.ops(p.Order),
			Longest: w.ops(p.Longest), Blame: w.ops(p.Blame), States: p.Steps, Ms: p.Elapsed.Milliseconds(),
		}
	}
	for _, c := range w.Checks {
		end.Invariants = append(end.Invariants, trace.Check{Name: c.Name, Result: string(c.Verdict)})
		if c.Name == judge.CheckSessions {
			v.Reads = judge.CheckSessions + " " + string(c.Verdict)
		}
	}
	return w.Ensemble.Recording().WriteTrace(out, h, w.Records, end, &v)
}

// header says what the run was played on, and who takes part.
func (w *World) header() trace.Header {
	return trace.Header{
		Commit: stage.Commit(), Scenario: strings.TrimSuffix(w.Name, ".md"), Title: w.Title, Seed: w.Seed, Actions: w.Actions,
		Config: w.Stage.Settings(), Nodes: w.Nodes,
	}
}

// ops turns indices of the history into those of the operations; what the ensemble did by itself is
// left out.
func (w *World) ops(list []int) (ops []int) {
	for _, i := range list {
		if n := w.HistoryOps[i]; n >= 0 {
			ops = append(ops, n)
		}
	}
	return ops
}

// WriteDiagram writes what happened as a Mermaid diagram, which can be played in its turn. It is
// the one that a [Drawing] makes of the run's trace.
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
