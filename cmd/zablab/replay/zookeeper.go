package replay

import (
	"context"
	"fmt"
	"net"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/apache"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// engineLab is the value of --engine that names the simulated engine.
const engineLab = "lab"

// otherEngine reports whether to play on Apache ZooKeeper, and returns the longest wait. A flag
// that is impossible on real servers is an error.
func (f *flags) otherEngine(cmd *cobra.Command) (real bool, longest sim.Time, err error) {
	switch f.engine {
	case engineLab:
		for _, name := range []string{"connect", "longest-wait"} {
			if cmd.Flags().Changed(name) {
				return false, 0, fmt.Errorf("--%s needs --engine zookeeper: add that flag", name)
			}
		}
		return false, 0, nil
	case command.EngineZooKeeper:
	default:
		return false, 0, fmt.Errorf("--engine %s: must be lab or zookeeper", f.engine)
	}
	if longest, err = sim.ParseTime(f.longestWait); err != nil || longest == 0 {
		return false, 0, fmt.Errorf("--longest-wait %s: must be a duration, such as "+
			"20s", f.longestWait)
	}
	// --seed is allowed: the simulated run to compare with uses it.
	flag := command.OtherFlag(cmd, "engine", "connect", "longest-wait", "seed", "servers",
		"session-timeout",
		"reads", "race", "strict", "json", "diagram", "depth", "porcupine")
	if flag != "" {
		return false, 0, fmt.Errorf(
			"--%s: real servers cannot do this: leave out the flag, or use --engine lab", flag)
	}
	for _, address := range f.addresses() {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return false, 0, fmt.Errorf("--connect %s: %w: write host:port,host:port", f.connect,
				err)
		}
	}
	return true, longest, nil
}

func (f *flags) addresses() []string {
	if f.connect == "" {
		return nil
	}
	return strings.Split(f.connect, ",")
}

// zookeeper returns a function that starts a real ensemble for each world. The ensemble ends with
// its world, or with ctx.
func (f *flags) zookeeper(ctx context.Context) func(engine.Stage) (engine.Engine, error) {
	return func(s engine.Stage) (engine.Engine, error) {
		if s.Observers > 0 {
			return nil, fmt.Errorf(
				"observers=%d: an ensemble that zablab starts has no observers: use --engine lab",
				s.Observers)
		}
		return apache.NewEngine(ctx, apache.Config{Stage: s, Connect: f.addresses()})
	}
}

// unplayable returns the settings of a document that are impossible on real servers, and why.
func unplayable(s *script.Script) (list []string) {
	usual := engine.DefaultStage()
	for _, d := range s.Diagrams {
		say := func(setting, why string) {
			list = append(list, fmt.Sprintf("line %d: %s is impossible on real servers: %s",
				d.Diagram.Line, setting, why))
		}
		if d.Stage.ExpireOnDisconnect {
			say("expiry=disconnect", "a real session does not end with its connection")
		}
		if d.Stage.QuorumSync {
			say("sync=quorum", "a real sync call asks the leader")
		}
		if l := d.Stage.Library; l != client.Plain && l != client.Go {
			say("client="+l.String(), "on real servers the lab's clients always use the library "+
				"go-zookeeper")
		}
		if d.Stage.Latency != usual.Latency || d.Stage.Fsync != usual.Fsync {
			say("latency or fsync", "the speed of real links and disks cannot be set")
		}
	}
	return list
}
