package odds

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Document has the odds of an outcome along the run of a document.
type Document struct {
	*Curve
	Name, Title string
	Seed        uint64
	Outcome     *Outcome
	World       int           // from 1
	Worlds      int           // of the document
	Events      []trace.Event // of the run
	Trace       []byte        // of the run
}

// OfDocument plays a document, and measures the odds of an outcome at the steps of that run. The
// argument description names the outcome in one of the [Forms]. If the document has several worlds,
// only one of them is played again with other random choices: world number o.PlanWorld, or the last
// world if o.PlanWorld is 0.
func OfDocument(s *script.Script, description string, o scenarios.Options, m Options) (
	*Document, error,
) {
	if o.PlanWorld > len(s.Worlds) || o.PlanWorld < 0 {
		return nil, fmt.Errorf("world %d: the document has the worlds 1 to %d", o.PlanWorld,
			len(s.Worlds))
	}
	o.Keep, o.Seeds = true, 1
	base, err := scenarios.Replay(s, o)
	if err != nil {
		return nil, err
	}
	defer closeAll(base)
	if len(base.Worlds) != len(s.Worlds) {
		return nil, fmt.Errorf("%s: the run ended before the last world of the document, so the "+
			"odds cannot be measured: choose another seed", base.Name)
	}
	seed := base.Diagrams[0].Seed
	o.Seed = &seed // another seed than asked for, if the drawing needs it
	d := &Document{Name: base.Name, Title: base.Title, Seed: seed, World: o.PlanWorld,
		Worlds: len(s.Worlds)}
	if d.World == 0 {
		d.World = d.Worlds
	}
	w := &base.Worlds[d.World-1]
	if d.Outcome, err = outcomeOf(description, base, scopeOf(s, d.World)); err != nil {
		return nil, fmt.Errorf("%s: %w", base.Name, err)
	}
	if w.Stage.Resample.Step != 0 {
		return nil, fmt.Errorf("%s: %w", base.Name, errResampled)
	}
	if !d.Outcome.In(base) {
		return nil, fmt.Errorf("%s: the run with seed %#x does not have this outcome: %s: choose "+
			"another seed, or an outcome that the run has", base.Name, seed, d.Outcome.Says)
	}
	w.Ensemble.Recording().Events(w.Records, func(e *trace.Event) {
		d.Events = append(d.Events, *e)
	})
	var b bytes.Buffer
	if err := w.WriteTrace(&b); err != nil {
		return nil, err
	}
	d.Trace = b.Bytes()
	o.ResampleWorld = d.World
	d.Curve, err = Measure(1, int64(w.Records)-1, m, func(r sim.Resample) (bool, error) {
		again := o
		again.Resample = r
		other, err := scenarios.Replay(s, again)
		if err != nil {
			return false, err
		}
		defer closeAll(other)
		return d.Outcome.In(other), nil
	})
	return d, err
}

// errResampled is the error for a run that already changes its chance at a step: it can do so once.
var errResampled = errors.New("the run already has the setting resample: remove this setting")

// TraceOf plays a script, and returns the trace of one of its worlds. The first world has number 1.
func TraceOf(s *script.Script, o scenarios.Options, world int) ([]byte, error) {
	o.Keep, o.Seeds = true, 1
	r, err := scenarios.Replay(s, o)
	if err != nil {
		return nil, err
	}
	defer closeAll(r)
	if len(r.Worlds) < world {
		return nil, fmt.Errorf("%s: the run ended before the diagram that begins world %d", r.Name,
			world)
	}
	var b bytes.Buffer
	err = r.Worlds[world-1].WriteTrace(&b)
	return b.Bytes(), err
}

func closeAll(r *scenarios.Result) {
	for i := range r.Worlds {
		r.Worlds[i].Close()
	}
}
