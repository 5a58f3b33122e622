package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/raft"
	"github.com/zablab/zablab/sim"
)

// compareFlags are the words behind zablab compare.
type compareFlags struct {
	servers string
	seeds   int
	full    bool
	only    string
	faults  []string
	guest   string
	detect  string
	preVote bool
	plan    string
	seed    string
	out     string
	html    string
}

// The parts of a comparison.
var compareParts = []string{"writes", "latency", "throughput", "failover", "defaults"}

// inFlight are the numbers of clients that write at once.
var inFlight = []int{1, 4, 16, 64}

func newCompare() *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare",
		Short: "ZAB and hashicorp/raft on the same network, disks and faults",
		Long: "Plays the lab's engine and the unmodified hashicorp/raft " + raftVersion + " in the same simulated world, and measures what\n" +
			"a write costs, how long clients wait, and what a fail-over is made of, beside what the protocols say.\n" +
			"The same command gives the same figures, to the byte.\n\n" +
			"Raft runs as a guest that is built when it is first needed; that takes Go. The guest is kept in the cache.",
		Example: "  zablab compare\n" +
			"  zablab compare --servers 3,5,7 --only writes\n" +
			"  zablab compare --only failover --seeds 100\n" +
			"  zablab compare --only failover --fault '6s pause LEADER 500ms'\n" +
			"  zablab compare --html report.html\n" +
			"  zablab compare --plan my.plan --out runs    # 3s crash LEADER",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.servers, "servers", "5", "how many servers: 3,5,7 plays each")
	flags.IntVar(&f.seeds, "seeds", 5, "how many seeds of everything that chance has a part in")
	flags.BoolVar(&f.full, "full", false, "3, 5 and 7 servers, 100 seeds")
	flags.StringVar(&f.only, "only", "", "only writes, latency, throughput, failover or defaults")
	flags.StringArrayVar(&f.faults, "fault", nil, "instead of the usual faults: lines of a plan, LEADER, OTHERS and NEXT being servers; at 6s")
	flags.StringVar(&f.guest, "guest", "", "a built guest, instead of building one")
	flags.StringVar(&f.detect, "detect", "1s", "how long a leader is silent, on average, before it is given up")
	flags.StringVar(&f.plan, "plan", "", "play the plan in this file on both, once, and show the two runs beside each other")
	flags.StringVar(&f.seed, "seed", "1", "the seed of --plan")
	flags.StringVar(&f.out, "out", "", "a folder for the traces and the drawings of --plan")
	flags.StringVar(&f.html, "html", "", "a file for the report: one page with charts, that opens from a disk")
	flags.BoolVar(&f.preVote, "prevote", true, "Raft's PreVote")
	return cmd
}

// compareGCPercent keeps the program below 300 MB, where what is good for fuzzing has it at 930.
const compareGCPercent = 20

// raftVersion is what go.mod has.
const raftVersion = "v1.8.0"

// sizes are the numbers of servers.
func (f *compareFlags) sizes() (list []int, err error) {
	for _, word := range strings.Split(f.servers, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 3 || n > 9 || n%2 == 0 {
			return nil, fmt.Errorf("--servers %s: write odd numbers from 3 to 9, as in 3,5,7", f.servers)
		}
		list = append(list, n)
	}
	return list, nil
}

// comparison is all that was measured. Keys are stable: add, never rename.
type comparison struct {
	Raft     string             `json:"raft"`
	Guest    string             `json:"guest_sha256"`
	Detect   sim.Time           `json:"detect_us"`
	PreVote  bool               `json:"prevote"`
	Link     sim.Time           `json:"writes_link_us"`
	Fsync    sim.Time           `json:"writes_fsync_us"`
	Settings []string           `json:"settings"`
	Writes   []compare.Write    `json:"writes"`
	Latency  []compare.Latency  `json:"latency"`
	Failover []compare.Failover `json:"failover"`

	Throughput []compare.Throughput `json:"throughput"`
	Defaults   []compare.Failover   `json:"failover_defaults"` // with the libraries' own settings
	AsTheyCome []string             `json:"settings_defaults"`
	Reads      []compare.Read       `json:"reads"`
	Missing    []compare.Failover   `json:"failover_missing"`
	Load       []compare.Failover   `json:"failover_load"`
}

func (f *compareFlags) run(cmd *cobra.Command) error {
	if f.full {
		f.servers, f.seeds = "3,5,7", 100
	}
	sizes, err := f.sizes()
	if err != nil {
		return err
	}
	detect, err := sim.ParseTime(f.detect)
	switch {
	case err != nil || detect < 100*sim.Millisecond || detect > 60*sim.Second:
		return fmt.Errorf("--detect %s: write a span from 100ms to 60s", f.detect)
	case f.only != "" && !slices.Contains(compareParts, f.only):
		return fmt.Errorf("--only %s: write one of %s", f.only, strings.Join(compareParts, ", "))
	case f.seeds < 1 || f.seeds > 100_000:
		return fmt.Errorf("--seeds %d: write how many, 10", f.seeds)
	case len(f.faults) > 0 && f.only != "" && f.only != "failover":
		return fmt.Errorf("--fault: it is for --only failover, not %s", f.only)
	}
	if err := f.checkPlan(); err != nil {
		return err
	}
	if err := f.checkHTML(); err != nil {
		return err
	}
	faults := compare.Faults()
	if len(f.faults) > 0 {
		plan := strings.Join(f.faults, "\n")
		fault := compare.Fault{Name: strings.Join(f.faults, "; "), Plan: plan}
		if err := fault.Check(sizes[0]); err != nil {
			return fmt.Errorf("--fault: %w", err)
		}
		faults = []compare.Fault{fault}
	}
	if os.Getenv("GOGC") == "" { // a guest's whole memory is garbage when its run is over
		defer debug.SetGCPercent(debug.SetGCPercent(compareGCPercent))
	}
	ctx := cmd.Context()
	host, err := openGuest(ctx, f.guest)
	if err != nil {
		return err
	}
	defer host.Close(context.WithoutCancel(ctx))
	lab := &compare.Lab{Host: host, Detect: detect, PreVoteOff: !f.preVote}
	if f.plan != "" {
		return f.planned(cmd, lab, sizes[0])
	}
	c := comparison{Raft: raftVersion, Guest: host.Sum, Detect: detect, PreVote: f.preVote, Link: 2 * sim.Millisecond, Fsync: 10 * sim.Millisecond,
		Settings: lab.Settings(), Writes: []compare.Write{}, Latency: []compare.Latency{}, Failover: []compare.Failover{},
		Throughput: []compare.Throughput{}, Defaults: []compare.Failover{}, Reads: []compare.Read{}, Missing: []compare.Failover{}, Load: []compare.Failover{}}
	asJSON, _ := cmd.Flags().GetBool("json")
	began := time.Now()
	if err := c.measure(cmd, lab, f, sizes, faults, asJSON); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	out := cmd.OutOrStdout()
	if asJSON {
		writeJSON(out, c)
	} else {
		c.print(out, time.Since(began))
	}
	if err := f.report(cmd, lab, &c, sizes[0]); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return status(exitInterrupted)
	}
	for i := range c.Failover {
		if c.Failover[i].Lost > 0 {
			return status(exitBroken)
		}
	}
	return nil
}

// openGuest opens the guest that a file has, or builds it.
func openGuest(ctx context.Context, file string) (*raft.Host, error) {
	cache, err := raft.Cache()
	if err != nil {
		return nil, err
	}
	var guest raft.Guest
	if file != "" {
		guest, err = raft.Load(file)
	} else {
		guest, err = raft.Build(ctx, cache)
	}
	if err != nil {
		return nil, err
	}
	return raft.Open(ctx, guest, cache)
}

func (c *comparison) measure(cmd *cobra.Command, lab *compare.Lab, f *compareFlags, sizes []int, faults []compare.Fault, asJSON bool) error {
	ctx := cmd.Context()
	wants := func(part string) bool {
		return (f.only == "" && len(f.faults) == 0) || f.only == part || len(f.faults) > 0 && part == "failover"
	}
	steps, done := 0, 0
	for _, n := range []struct {
		part string
		runs int
	}{{"writes", 1}, {"latency", 6 * f.seeds}, {"throughput", 2 * len(inFlight)}, {"failover", 2 * f.seeds * len(faults)}, {"defaults", 2 * f.seeds}} {
		if wants(n.part) {
			steps += n.runs * len(sizes)
		}
	}
	progress := countProgress(cmd, steps, asJSON, "runs")
	what := ""
	told := func() { done++; progress(done, what) }
	for _, n := range sizes {
		if wants("writes") {
			what = fmt.Sprintf("writes, %d servers", n)
			list, err := lab.Writes(ctx, n, compare.Fixed{Link: c.Link, Fsync: c.Fsync})
			if err != nil {
				return err
			}
			c.Writes = append(c.Writes, list...)
			told()
		}
		if wants("latency") {
			what = fmt.Sprintf("latency, %d servers", n)
			list, err := lab.Latencies(ctx, n, f.seeds, told)
			if err != nil {
				return err
			}
			c.Latency = append(c.Latency, list...)
		}
		if wants("throughput") {
			what = fmt.Sprintf("throughput, %d servers", n)
			list, err := lab.Throughputs(ctx, n, inFlight, told)
			if err != nil {
				return err
			}
			c.Throughput = append(c.Throughput, list...)
		}
		if wants("defaults") {
			what = fmt.Sprintf("library defaults, %d servers", n)
			plain := *lab
			plain.Defaults, plain.Detect = true, 10*sim.Second
			c.AsTheyCome = plain.Settings()
			list, err := plain.Failovers(ctx, n, f.seeds, compare.CutOff(), told)
			if err != nil {
				return err
			}
			c.Defaults = append(c.Defaults, list...)
		}
		if wants("failover") {
			for _, fault := range faults {
				what = fmt.Sprintf("%s, %d servers", fault.Name, n)
				list, err := lab.Failovers(ctx, n, f.seeds, fault, told)
				if err != nil {
					return err
				}
				c.Failover = append(c.Failover, list...)
			}
		}
	}
	return nil
}

func (c *comparison) print(out io.Writer, took time.Duration) {
	p := painter(out)
	fmt.Fprintf(out, "%s  %s\n", p.bold("ZAB and hashicorp/raft "+c.Raft), p.faint(fmt.Sprintf("%.1fs · guest %s", took.Seconds(), c.Guest[:16])))
	for _, s := range c.Settings {
		fmt.Fprintf(out, "  %s\n", s)
	}
	if len(c.Writes) > 0 {
		fmt.Fprintf(out, "\n%s  %s\n", p.bold("One write at a time"), p.faint(fmt.Sprintf("every link δ = %s, every fsync f = %s, one seed", c.Link, c.Fsync)))
		t := newTable(out, "Engine", "Servers", "Enters at", "Messages", "Expected", "Told later", "Bytes", "Fsyncs", "Latency", "Expected", "All read it", "Expected", "By", "n")
		for _, w := range c.Writes {
			t.row(string(w.Engine), fmt.Sprint(w.Servers), w.Enters, figure(w.Messages), figure(w.Expect), figure(w.Idle), fmt.Sprintf("%.0f", w.Bytes),
				figure(w.Syncs), ms(int64(w.Latency)), ms(int64(w.ExpectLatency)), ms(int64(w.Visible)), ms(int64(w.ExpectVisible)), w.Formula, fmt.Sprint(w.N))
		}
		t.render()
	}
	if len(c.Latency) > 0 {
		fmt.Fprintf(out, "\n%s  %s\n", p.bold("What clients wait for"), p.faint("three clients, links 1 to 5ms, fsyncs 0.5 to 3ms; reads of ZAB are local and may be stale, Raft's ask a quorum"))
		t := newTable(out, "Engine", "Servers", "Operation", "Enters at", "p50", "p99", "p99.9", "n", "Seeds")
		for _, l := range c.Latency {
			what := "write"
			if l.Read {
				what = "read"
			}
			t.row(string(l.Engine), fmt.Sprint(l.Servers), what, l.Enters, ms(int64(l.P50)), ms(int64(l.P99)), ms(int64(l.P999)), fmt.Sprint(l.N), fmt.Sprint(l.Seeds))
		}
		t.render()
	}
	if len(c.Throughput) > 0 {
		fmt.Fprintf(out, "\n%s  %s\n", p.bold("Writes at once"), p.faint(fmt.Sprintf("each client one at a time, as fast as it is answered, for %s; no processor is simulated", compare.Busy)))
		t := newTable(out, "Clients", "Engine", "Servers", "Writes/s", "p50", "p99", "Messages a write", "Fsyncs a write", "n")
		for _, x := range c.Throughput {
			t.row(fmt.Sprint(x.Clients), string(x.Engine), fmt.Sprint(x.Servers), fmt.Sprintf("%.0f", x.Rate), ms(int64(x.P50)), ms(int64(x.P99)),
				figure(x.Messages), figure(x.Syncs), fmt.Sprint(x.N))
		}
		t.render()
	}
	const how = "from the fault on: medians, and least to largest (from 30 seeds on a 95% interval)"
	printFailovers(out, p.bold("Fail-over")+"  "+p.faint(how), c.Failover)
	printFailovers(out, p.bold("Fail-over as the libraries come")+"  "+p.faint(strings.Join(c.AsTheyCome, "")), c.Defaults)
}

func printFailovers(out io.Writer, title string, list []compare.Failover) {
	if len(list) > 0 {
		fmt.Fprintf(out, "\n%s\n", title)
		t := newTable(out, "Fault", "Engine", "Servers", "Detected", "Elected", "Serves", "First write", "Leader's client", "Terms", "Unknown", "Stale", "Lost", "Linearizable", "n")
		for _, x := range list {
			t.row(x.Fault, string(x.Engine), fmt.Sprint(x.Servers), span(&x.Detected), span(&x.Elected), span(&x.Recovered), span(&x.First),
				span(&x.Led), fmt.Sprint(x.Terms.Median), fmt.Sprint(x.Unknown), fmt.Sprintf("%d/%d", x.Stale, x.Reads), fmt.Sprint(x.Lost), string(x.Linearizable), fmt.Sprintf("%d/%d", x.First.N, x.Seeds))
		}
		t.render()
	}
}

func figure(x float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", x), "0"), ".")
}

func ms(us int64) string { return fmt.Sprintf("%.1fms", float64(us)/1000) }

// span is a part of a fail-over: 1.20s (1.11–1.35).
func span(p *compare.Part) string {
	if p.N == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2fs (%.2f–%.2f)", float64(p.Median)/1e6, float64(p.Low)/1e6, float64(p.High)/1e6)
}
