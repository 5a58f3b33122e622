package scenarios

import (
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
)

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
		if c.Name == CheckSessions {
			v.Reads = CheckSessions + " " + string(c.Verdict)
		}
	}
	return w.Ensemble.WriteTrace(out, h, w.Records, end, &v)
}

// header says what the run was played on, and who takes part.
func (w *World) header() trace.Header {
	return trace.Header{
		Commit: commit(), Scenario: strings.TrimSuffix(w.Name, ".md"), Title: w.Title, Seed: w.Seed, Actions: w.Actions,
		Config: w.Stage.settings(), Nodes: w.Nodes,
	}
}

// settings are a stage as a trace's header has it.
func (s *Stage) settings() []trace.Setting {
	sync := "leader"
	if s.QuorumSync {
		sync = "quorum"
	}
	return []trace.Setting{
		{Key: "servers", Number: int64(s.Servers)}, {Key: "observers", Number: int64(s.Observers)},
		{Key: "tick", Number: int64(s.Tick)}, {Key: "initLimit", Number: int64(s.InitLimit)},
		{Key: "syncLimit", Number: int64(s.SyncLimit)},
		{Key: "sessionTimeout", Number: int64(s.SessionTimeout)},
		{Key: "latencyMin", Number: int64(s.Latency.Min)}, {Key: "latencyMax", Number: int64(s.Latency.Max)},
		{Key: "fsyncMin", Number: int64(s.Fsync.Min)}, {Key: "fsyncMax", Number: int64(s.Fsync.Max)},
		{Key: "expiry", Word: string(s.Expiry)}, {Key: "sync", Word: sync},
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

// Revision is the commit that the program was built from; empty if that is not known.
func Revision() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return ""
}

// commit is the beginning of that.
func commit() string {
	if r := Revision(); len(r) >= 12 {
		return r[:12]
	}
	return "unknown"
}
