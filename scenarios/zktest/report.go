package zktest

import (
	"bytes"
	"fmt"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/scenarios/judge"
)

// end stops the ensemble, checks what the clients saw, and reports.
func (e *Ensemble) end() {
	failed := e.host.Close()
	if err := e.writer.Close(e.world.Ensemble); err != nil {
		e.t.Errorf("zktest: %v", err)
	}
	checks, err := e.world.Judge()
	if err != nil {
		e.t.Errorf("zktest: %v", err)
	}
	broken := false
	for i := range checks {
		if c := &checks[i]; c.Verdict == lin.Broken && c.Promised {
			broken = true
			e.t.Errorf("zktest: %s is broken: %s%s", c.Name, c.Text, suspect(c, failed))
		}
	}
	if !e.quiet && (broken || e.t.Failed()) {
		e.report()
	}
}

// suspect says where to look for the cause of a broken check.
func suspect(c *judge.Check, failed error) string {
	if failed != nil || c.Name == judge.CheckInvariants {
		return "\n\tThis is a bug in the simulated ensemble: please report it with the file " +
			"run.inputs that is named below."
	}
	return "\n\tAll checks of the servers passed, so look first at the client library and the " +
		"program."
}

// lastOperations is how many operations the report shows.
const lastOperations = 20

// report logs the seed, the faults and the last operations, and writes the artifacts.
func (e *Ensemble) report() {
	var b strings.Builder
	fmt.Fprintf(&b, "zktest: %s: the run lasted %s of virtual time", e,
		e.world.Ensemble.Now().Seconds())
	e.mu.Lock()
	for _, line := range e.faults {
		fmt.Fprintf(&b, "\n  fault  %s", line)
	}
	e.mu.Unlock()
	ops := e.world.Ensemble.Ops()
	if n := len(ops) - lastOperations; n > 0 {
		fmt.Fprintf(&b, "\n  … %d operations are left out; the last %d follow", n, lastOperations)
		ops = ops[n:]
	}
	for _, o := range ops {
		fmt.Fprintf(&b, "\n  %11s  %-8s %v %s: %v", o.CalledAt.Seconds(), o.Client, o.Op.Type, o.Op.Path,
			o.Outcome)
		if o.Code != 0 {
			fmt.Fprintf(&b, ", %v", o.Code)
		}
	}
	if path := e.artifact("run.inputs", e.inputs.Bytes()); path != "" {
		fmt.Fprintf(&b, "\n  repeat the run  zablab replay %s", path)
	}
	if path := e.artifact("run.ndjson", e.trace()); path != "" {
		fmt.Fprintf(&b, "\n  as text         zablab trace show %s", path)
		fmt.Fprintf(&b, "\n  as a page       zablab trace page %s", path)
	}
	e.t.Log(b.String())
}

// trace plays the inputs again, with every record kept, and returns the trace.
func (e *Ensemble) trace() []byte {
	var b bytes.Buffer
	r, err := gateway.Replay(bytes.NewReader(e.inputs.Bytes()), true)
	if err == nil {
		err = r.World.WriteTrace(&b, e.t.Name(), nil)
	}
	if err != nil {
		e.t.Logf("zktest: trace: %v", err)
		return nil
	}
	return b.Bytes()
}
