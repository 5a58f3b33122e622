package replay

import (
	"context"
	"fmt"
	"net"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
)

// engineLab is the value of --engine that names the simulated engine.
const engineLab = "lab"

// realEngine is an engine of real servers, on which documents can be played.
type realEngine struct {
	title string // for headings
	// start returns a function that starts servers for each world. They end with their world, or
	// with ctx.
	start func(ctx context.Context) func(engine.Stage) (engine.Engine, error)
	// notes returns what the servers cannot have of a document's settings, or have otherwise.
	notes func(*script.Script) []string
	// why says in a few words why an arrow came out in another way than in the simulated run; empty
	// if the engine is no reason for it, or why is nil.
	why func(d *difference) string
	// linearizable is true if the servers promise that reads are.
	linearizable bool
}

// otherEngine returns the engine of --engine, or nil for the simulated one, and the longest wait. A
// flag that is impossible on real servers is an error.
func (f *flags) otherEngine(cmd *cobra.Command) (r *realEngine, longest sim.Time, err error) {
	switch f.engine {
	case engineLab:
		for _, name := range []string{"connect", "longest-wait"} {
			if cmd.Flags().Changed(name) {
				return nil, 0, fmt.Errorf("--%s has no effect on the simulated ensemble: add "+
					"--engine zookeeper, or leave out --%s", name, name)
			}
		}
		return nil, 0, nil
	case command.EngineZooKeeper:
		r = &realEngine{title: "Apache ZooKeeper", start: f.zookeeper, notes: unplayable,
			why: whyOnZooKeeper}
	case command.EngineEtcd:
		if f.connect != "" {
			return nil, 0, fmt.Errorf("--connect works only with --engine zookeeper: leave out " +
				"--connect, because the lab starts its own etcd servers")
		}
		r = &realEngine{title: "etcd", start: f.etcd, notes: notesOfEtcd, why: whyItDiffers,
			linearizable: true}
	default:
		return nil, 0, fmt.Errorf("--engine %s: must be lab, zookeeper or etcd", f.engine)
	}
	if longest, err = sim.ParseTime(f.longestWait); err != nil || longest == 0 {
		return nil, 0, fmt.Errorf("--longest-wait %s: must be a duration, such as "+
			"20s", f.longestWait)
	}
	// --seed is allowed: the simulated run to compare with uses it.
	flag := command.OtherFlag(cmd, "engine", "connect", "longest-wait", "seed", "servers",
		"session-timeout",
		"reads", "race", "strict", "json", "diagram", "depth", "porcupine")
	if flag != "" {
		return nil, 0, fmt.Errorf(
			"--%s: this flag does not apply to real servers: leave out the flag, or use "+
				"--engine lab", flag)
	}
	for _, address := range f.addresses() {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return nil, 0, fmt.Errorf("--connect %s: %w: write host:port,host:port", f.connect,
				err)
		}
	}
	return r, longest, nil
}

// whyNoSpeeds says why real servers have none of the [speeds].
const whyNoSpeeds = "the speed of real links and disks cannot be set"

// speeds returns the settings of a stage that set the speed of links and disks, for a notice.
func speeds(s *engine.Stage) (settings []string) {
	usual := engine.DefaultStage()
	if s.Latency != usual.Latency || s.Fsync != usual.Fsync {
		settings = append(settings, "latency or fsync")
	}
	if s.Bandwidth != usual.Bandwidth || s.DiskBandwidth != usual.DiskBandwidth {
		settings = append(settings, "bandwidth or disk-bandwidth")
	}
	if s.Resample != usual.Resample {
		settings = append(settings, "resample")
	}
	return settings
}
