package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/apache"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
)

// The engines of replay.
const (
	engineLab       = "lab"
	engineZooKeeper = "zookeeper"
)

// otherEngine says whether documents are played on Apache ZooKeeper, the longest wait then, and what
// cannot be asked for.
func (f *replayFlags) otherEngine(cmd *cobra.Command) (real bool, longest sim.Time, err error) {
	switch f.engine {
	case engineLab:
		for _, name := range []string{"connect", "longest-wait"} {
			if cmd.Flags().Changed(name) {
				return false, 0, fmt.Errorf("--%s: it is for --engine zookeeper: say so too", name)
			}
		}
		return false, 0, nil
	case engineZooKeeper:
	default:
		return false, 0, fmt.Errorf("--engine %s: write lab or zookeeper", f.engine)
	}
	if longest, err = sim.ParseTime(f.longestWait); err != nil || longest == 0 {
		return false, 0, fmt.Errorf("--longest-wait %s: write a span, such as 20s", f.longestWait)
	}
	// The seed is the simulated run's beside it.
	flag := otherFlag(cmd, "engine", "connect", "longest-wait", "seed", "servers", "session-timeout", "reads", "race", "lenient", "json",
		"diagram", "depth", "porcupine")
	if flag != "" {
		return false, 0, fmt.Errorf("--%s: a real run has none: leave it out, or play on the simulated engine", flag)
	}
	for _, address := range f.addresses() {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return false, 0, fmt.Errorf("--connect %s: %w: write host:port,host:port", f.connect, err)
		}
	}
	return true, longest, nil
}

func (f *replayFlags) addresses() []string {
	if f.connect == "" {
		return nil
	}
	return strings.Split(f.connect, ",")
}

// zookeeper makes the engine of each world. Those that are made end with the world, or with ctx.
func (f *replayFlags) zookeeper(ctx context.Context) func(engine.Stage) (engine.Engine, error) {
	return func(s engine.Stage) (engine.Engine, error) {
		if s.Observers > 0 {
			return nil, fmt.Errorf("observers=%d: a private ensemble has none: play this document on the simulated engine", s.Observers)
		}
		return apache.NewEngine(ctx, apache.Config{Stage: s, Connect: f.addresses()})
	}
}

// again is the command of such a run. What it gives may differ: it is real.
func (f *replayFlags) again(name string) string {
	words := []string{"zablab replay --engine", f.engine}
	if f.connect != "" {
		words = append(words, "--connect", f.connect)
	}
	if f.servers > 0 {
		words = append(words, fmt.Sprintf("--servers %d", f.servers))
	}
	if f.sessionTimeout != "" {
		words = append(words, "--session-timeout", f.sessionTimeout)
	}
	if f.longestWait != longestWait {
		words = append(words, "--longest-wait", f.longestWait)
	}
	if f.race {
		words = append(words, "--race")
	}
	return strings.Join(append(words, name), " ")
}

// unplayable says which of a document's settings a real ensemble does not have.
func unplayable(s *script.Script) (list []string) {
	usual := engine.DefaultStage()
	for _, d := range s.Diagrams {
		say := func(setting, why string) {
			list = append(list, fmt.Sprintf("line %d: %s is not here: %s", d.Diagram.Line, setting, why))
		}
		if d.Stage.ExpireOnDisconnect {
			say("expiry=disconnect", "sessions end by their timeout")
		}
		if d.Stage.QuorumSync {
			say("sync=quorum", "a sync asks the leader")
		}
		if d.Stage.Latency != usual.Latency || d.Stage.Fsync != usual.Fsync {
			say("latency or fsync", "links and disks are the host's")
		}
	}
	return list
}

// agreement is what the simulated run says of an arrow of a real one.
type agreement struct {
	Agrees    bool              `json:"agrees"`
	Simulated scenarios.Verdict `json:"simulated"` // empty if another branch was taken
	Why       string            `json:"why"`       // of a difference
}

// sameArrow finds an arrow of a diagram in another run of it; nil if it was not played there.
func sameArrow(d *scenarios.DiagramResult, a *scenarios.Arrow) *scenarios.Arrow {
	for i := range d.Arrows {
		b := &d.Arrows[i]
		if b.Line == a.Line && b.Column == a.Column && b.Text == a.Text {
			return b
		}
	}
	return nil
}

// agree holds an arrow of a real run against the simulated one.
func agree(a *scenarios.Arrow, simulated *scenarios.DiagramResult) agreement {
	b := sameArrow(simulated, a)
	switch {
	case b == nil:
		return agreement{Why: "simulated, another branch was taken"}
	case a.Verdict == b.Verdict:
		return agreement{Agrees: true, Simulated: b.Verdict}
	}
	return agreement{Simulated: b.Verdict, Why: "simulated " + plainly(b)}
}

// plainly is a verdict and its reason in words without colour.
func plainly(a *scenarios.Arrow) string {
	s := strings.ReplaceAll(string(a.Verdict), "-", " ")
	for i, o := range a.Omitted {
		sep := ": "
		if i > 0 {
			sep = ", "
		}
		s += sep + kindWords(o.What) + " " + o.Us.Brief()
	}
	if a.Instead != "" {
		s += ": " + a.Instead
	}
	return s
}

// comparedWith prints how many arrows of a document came out as in the simulated run. Where a race took
// another branch there is nothing to compare.
func comparedWith(out io.Writer, real, simulated *scenarios.Result) {
	p := painter(out)
	same, differ, notHere, branch := 0, 0, 0, 0
	for i := range real.Diagrams {
		for k := range real.Diagrams[i].Arrows {
			a := &real.Diagrams[i].Arrows[k]
			switch {
			case a.Verdict == scenarios.Remark:
			case a.Verdict == scenarios.Unplayed:
				notHere++
			case sameArrow(&simulated.Diagrams[i], a) == nil:
				branch++
			case agree(a, &simulated.Diagrams[i]).Agrees:
				same++
			default:
				differ++
			}
		}
	}
	fmt.Fprintf(out, "%s  %d arrows and notes agree with the simulated run, %d differ, %d not for this engine", p.bold("Compared"), same, differ, notHere)
	if branch > 0 {
		fmt.Fprintf(out, ", %d of a branch that it did not take", branch)
	}
	fmt.Fprintln(out)
}
