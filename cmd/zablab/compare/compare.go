package compare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/suspects"

	"github.com/zablab/zablab/sim"
)

// flags are the flags of zablab compare.
type flags struct {
	engine  string
	servers string
	seeds   string
	fuzz    bool
	full    bool
	only    string
	faults  []string
	guest   string
	detect  string

	bandwidth, disk string

	preVote bool
	batch   int
	plan    string
	seed    string
	out     string
	html    string
}

// partNames are the parts of a comparison, in the order of measurement.
var partNames = []string{
	"writes", "latency", "throughput", "reads", "failover", "missing", "load", "prevote",
	"defaults",
}

// Parts returns the names of the parts of a comparison, which --only accepts.
func Parts() []string { return slices.Clone(partNames) }

const (
	// With the settings for fuzzing the program would use 930 MB; with these it uses less than 300
	// MB.
	gcPercent   = 20
	memoryLimit = 140 << 20 // bytes, in addition to the memory of WebAssembly
)

// Command returns the command zablab compare.
func Command() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "Measure ZAB and hashicorp/raft on the same network, disks and faults",
		Long: `Plays the lab's engine and the unmodified hashicorp/raft in the same simulated
world. With --engine etcd-raft it plays the unmodified etcd-io/raft instead of
hashicorp/raft. By default the command measures the cost of a write, how long clients
wait for answers, and the phases of a fail-over, and shows the theoretical cost of each protocol.
The flag --only selects one part to measure; some parts are measured only with it. Each
median has a 95% bootstrap interval, and is rounded to the precision of the interval. The
simulation is deterministic: the same command prints the same figures, byte for byte.

With --engine zookeeper it measures elections on Apache ZooKeeper, in real time, and on the
simulated ensemble.

With --fuzz it generates schedules of faults from seeds, as zablab fuzz does, and plays each
schedule, with all checks, on the lab's engine and on each engine that --engine names. It
compares what clients saw: writes that were lost, applied twice or refused, stale reads, time
without a leader, and time until writes succeed again.

Raft, version ` + suspects.Find(engineRaft).Version + `, runs as a WebAssembly guest, which is built on first use and then
cached; building it requires Go.

Exit status: 0 measured; 1 a write was lost or applied twice, or Raft was not
linearizable, or with --fuzz a check failed; 2 wrong usage; 4 a check is undecided;
130 interrupted.`,
		Example: "  zablab compare\n" +
			"  zablab compare --servers 3,5,7 --only writes\n" +
			"  zablab compare --only failover --seeds 100\n" +
			"  zablab compare --only failover --fault '6s pause LEADER 500ms'\n" +
			"  zablab compare --html report.html\n" +
			"  zablab compare --plan my.plan --out runs    # my.plan: 3s crash LEADER\n" +
			"  zablab compare --engine etcd-raft --only writes\n" +
			"  zablab compare --fuzz --seeds 1000\n" +
			"  zablab compare --fuzz --seed 0x2a --out schedules\n" +
			"  zablab compare --engine zookeeper --seeds 5",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd) },
	}
	f.add(cmd.Flags())
	return cmd
}

// add adds the flags to a set.
func (f *flags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.engine, "engine", engineRaft,
		"engine to compare: raft or etcd-raft (compared with ZAB), or zookeeper (its elections are "+
			"compared with those of the simulated ensemble). With --fuzz: one or more of raft, "+
			"etcd-raft, raft+naps and etcd-raft+naps, separated by commas; with +naps, the threads "+
			"of the engine yield or sleep at random points")
	flags.StringVar(&f.servers, "servers", "5", "number of servers, or a list such as 3,5,7")
	flags.StringVar(&f.seeds, "seeds", "", "number of seeds for each part of the comparison that "+
		"depends on chance (default: "+usualSeeds+", or "+usualRounds+" with --engine zookeeper); "+
		"with --fuzz: number of schedules, or a range of seeds, such as 500-999 (default: "+usualDrawn+")")
	flags.BoolVar(&f.fuzz, "fuzz", false,
		"generate schedules as zablab fuzz does, play each on every engine, and compare what "+
			"clients saw")
	flags.BoolVar(&f.full, "full", false, "measure all parts, with 3, 5 and 7 servers and 100 "+
		"seeds, which takes hours")
	flags.StringVar(&f.only, "only", "", "measure only this part: "+
		strings.Join(partNames, ", ")+" (default: writes, latency, and failover with two "+
		"faults: the leader crashes, and the leader is cut off)")
	flags.StringArrayVar(&f.faults, "fault", nil,
		"inject this fault, such as '6s pause LEADER 500ms', instead of the default faults; "+
			"LEADER is the leader at that time, NEXT the server with the next number, OTHERS all "+
			"servers but the leader; may be repeated")
	flags.StringVar(&f.guest, "guest", "", "use the prebuilt WebAssembly module of Raft "+
		"at this path")
	flags.StringVar(&f.detect, "detect", "1s",
		"mean time after which the other servers give up on a silent leader, from 100ms to 60s")
	flags.StringVar(&f.bandwidth, "bandwidth", sim.Gbit.String(),
		"bits a second that each link carries in each direction, such as 100Mbit, or unlimited")
	flags.StringVar(&f.disk, "disk-bandwidth", "unlimited",
		"bits a second that each disk writes, such as 1600Mbit, or unlimited")
	flags.StringVar(&f.plan, "plan", "",
		"play the faults in this file once on each engine, and show the runs side by side; the file has "+
			"one fault per line, such as 3s crash LEADER")
	flags.StringVar(&f.seed, "seed", "1", "with --plan: seed of the runs, such as 7 or 0x51c3; with "+
		"--fuzz: play only the schedule of this seed, and show the schedule")
	flags.StringVar(&f.out, "out", "", "folder for the traces and diagrams of --plan, or for the "+
		"schedules of --fuzz --seed")
	flags.StringVar(&f.html, "html", "", "write a report with charts to this file, and one page for "+
		"each fail-over to the same folder; on such a page you step through one run of each engine")
	flags.BoolVar(&f.preVote, "prevote", true, "use Raft's PreVote")
	flags.IntVar(&f.batch, "batch", 64,
		"maximum number of entries in one Raft message and one fsync, 1 to 1024")
}

// sizes returns the numbers of servers in --servers.
func (f *flags) sizes() (list []int, err error) {
	for _, word := range strings.Split(f.servers, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 3 || n > 9 || n%2 == 0 {
			return nil, fmt.Errorf("--servers %s: must be odd numbers from 3 to 9, such as 3,5,7",
				f.servers)
		}
		list = append(list, n)
	}
	return list, nil
}

// order is a comparison to carry out, from the flags after their check.
type order struct {
	*flags
	kind   *suspects.Kind // the Raft library
	sizes  []int
	seeds  int
	detect sim.Time
	links  sim.Bandwidth
	disks  sim.Bandwidth
	plan   plan
	faults []compare.Fault
}

// check turns the flags into an order. It fails before anything is played.
func (f *flags) check() (o order, err error) {
	if f.full {
		f.servers, f.seeds = "3,5,7", "100"
	}
	first, n, err := readSeeds(f.seeds, usualSeeds)
	if err == nil && first != 1 {
		err = fmt.Errorf("--seeds %s: only --fuzz takes a range: add --fuzz, or write how many "+
			"seeds to play", f.seeds)
	}
	if err != nil {
		return o, err
	}
	o.seeds = n
	if o.flags, o.faults = f, compare.Faults(); f.only == "" && !f.full {
		o.faults = compare.UsualFaults()
	}
	if o.sizes, err = f.sizes(); err != nil {
		return o, err
	}
	o.detect, err = sim.ParseTime(f.detect)
	switch {
	case err != nil || o.detect < 100*sim.Millisecond || o.detect > 60*sim.Second:
		return o, fmt.Errorf("--detect %s: must be from 100ms to 60s", f.detect)
	case f.only != "" && !slices.Contains(partNames, f.only):
		return o, fmt.Errorf("--only %s: must be one of %s", f.only, strings.Join(partNames, ", "))
	case f.batch < 1 || f.batch > 1024:
		return o, fmt.Errorf("--batch %d: must be from 1 to 1024, the limits of hashicorp/raft",
			f.batch)
	case len(f.faults) > 0 && f.only != "" && f.only != "failover":
		return o, fmt.Errorf("--fault applies only to fail-overs: leave out --only %s", f.only)
	}
	if o.links, err = sim.ParseBandwidth(f.bandwidth); err != nil {
		return o, fmt.Errorf("--bandwidth: %w", err)
	}
	if o.disks, err = sim.ParseBandwidth(f.disk); err != nil {
		return o, fmt.Errorf("--disk-bandwidth: %w", err)
	}
	if o.plan, err = f.readPlan(o.sizes[0]); err != nil {
		return o, err
	}
	if err := f.checkHTML(); err != nil {
		return o, err
	}
	if len(f.faults) > 0 {
		name, text := strings.Join(f.faults, "; "), strings.Join(f.faults, "\n")
		fault := compare.NewFault(name, text).Lasts(5 * sim.Second)
		if err := fault.Check(o.sizes[0]); err != nil {
			return o, fmt.Errorf("--fault: %w", err)
		}
		o.faults = []compare.Fault{fault}
	}
	return o, nil
}

// run compares with a Raft library or with Apache ZooKeeper.
func (f *flags) run(cmd *cobra.Command) error {
	if f.fuzz {
		defer smallMemory()()
		return f.playDrawn(cmd)
	}
	kind := suspects.Find(f.engine)
	switch {
	case f.engine == command.EngineZooKeeper:
		_, n, err := readSeeds(f.seeds, usualRounds)
		if err != nil {
			return err
		}
		return compareElections(cmd, n)
	case kind == nil:
		return fmt.Errorf("--engine %s: must be raft, etcd-raft or zookeeper", f.engine)
	}
	o, err := f.check()
	if err != nil {
		return err
	}
	o.kind = kind
	defer smallMemory()()
	ctx := cmd.Context()
	host, err := compare.OpenRaft(ctx, kind.Library, f.guest, command.Tell(cmd))
	if err != nil {
		return err
	}
	defer host.Close(context.WithoutCancel(ctx))
	lab := &compare.Lab{Host: host, Library: kind.Library, Detect: o.detect, PreVoteOff: !f.preVote, Batch: f.batch,
		Bandwidth: o.links, DiskBandwidth: o.disks}
	if f.plan != "" {
		return o.playPlan(cmd, lab)
	}
	return o.compare(cmd, lab)
}

// smallMemory limits the memory of the program, unless environment variables set the limits. The
// memory of a guest is garbage as soon as its run ends. restore removes the limits.
func smallMemory() (restore func()) {
	percent, limit := -1, int64(-1)
	if os.Getenv("GOGC") == "" {
		percent = debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		limit = debug.SetMemoryLimit(memoryLimit)
	}
	return func() {
		if os.Getenv("GOGC") == "" {
			debug.SetGCPercent(percent)
		}
		if os.Getenv("GOMEMLIMIT") == "" {
			debug.SetMemoryLimit(limit)
		}
	}
}

// compare measures everything that was ordered, prints it, and writes the report.
func (o *order) compare(cmd *cobra.Command, lab *compare.Lab) error {
	c := newComparison(lab, o)
	asJSON, began := command.JSON(cmd), time.Now()
	if err := c.measure(cmd, lab, o); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	out := cmd.OutOrStdout()
	if asJSON {
		command.WriteJSON(out, c)
	} else {
		c.print(out, time.Since(began))
	}
	if err := o.report(cmd, lab, c); err != nil {
		return err
	}
	if cmd.Context().Err() != nil {
		return command.Status(command.Interrupted)
	}
	return c.status()
}
