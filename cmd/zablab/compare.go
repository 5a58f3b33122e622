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
	lin "github.com/zablab/zablab/linearizability"
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
	batch   int
	plan    string
	seed    string
	out     string
	html    string
}

// The parts of a comparison.
var compareParts = []string{"writes", "latency", "throughput", "reads", "failover", "missing", "load", "prevote", "defaults"}

var (
	inFlight = []int{1, 4, 16, 64}   // clients that write at once
	missing  = []int{0, 100, 10_000} // transactions that one server has not had when it is needed
	loads    = []int{16, 64}         // clients that write all the time while a leader crashes
)

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
	flags.IntVar(&f.seeds, "seeds", 3, "how many seeds of everything that chance has a part in")
	flags.BoolVar(&f.full, "full", false, "3, 5 and 7 servers, 100 seeds: that takes hours")
	flags.StringVar(&f.only, "only", "", "only one part: "+strings.Join(compareParts, ", "))
	flags.StringArrayVar(&f.faults, "fault", nil, "instead of the usual faults: lines of a plan, LEADER, OTHERS and NEXT being servers; at 6s")
	flags.StringVar(&f.guest, "guest", "", "a built guest, instead of building one")
	flags.StringVar(&f.detect, "detect", "1s", "how long a leader is silent, on average, before it is given up")
	flags.StringVar(&f.plan, "plan", "", "play the plan in this file on both, once, and show the two runs beside each other")
	flags.StringVar(&f.seed, "seed", "1", "the seed of --plan")
	flags.StringVar(&f.out, "out", "", "a folder for the traces and the drawings of --plan")
	flags.StringVar(&f.html, "html", "", "a file for the report: one page with charts, that opens from a disk")
	flags.BoolVar(&f.preVote, "prevote", true, "Raft's PreVote")
	flags.IntVar(&f.batch, "batch", 64, "how many entries Raft puts into a message and a sync, at most")
	return cmd
}

// What keeps the program below 300 MB, where what is good for fuzzing has it at 930.
const (
	compareGCPercent   = 20
	compareMemoryLimit = 140 << 20 // bytes, beside which wasm's own are
)

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
	Batch    int                `json:"raft_max_append_entries"`
	Link     sim.Time           `json:"writes_link_us"`
	Fsync    sim.Time           `json:"writes_fsync_us"`
	Settings []string           `json:"settings"`
	Writes   []compare.Write    `json:"writes"`
	Latency  []compare.Latency  `json:"latency"`
	Failover []compare.Failover `json:"failover"`

	Throughput []compare.Throughput `json:"throughput"`
	Reads      []compare.Read       `json:"reads"`
	Missing    []compare.Failover   `json:"failover_missing"`     // against transactions that a server of the new quorum has not had
	Load       []compare.Failover   `json:"failover_load"`        // against clients that write all the time
	NoPreVote  []compare.Failover   `json:"failover_prevote_off"` // Raft alone
	Defaults   []compare.Failover   `json:"failover_defaults"`    // with the libraries' own settings
	AsTheyCome []string             `json:"settings_defaults"`
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
	case f.batch < 1 || f.batch > 1024:
		return fmt.Errorf("--batch %d: write 1 to 1024, as hashicorp/raft has it", f.batch)
	case len(f.faults) > 0 && f.only != "" && f.only != "failover":
		return fmt.Errorf("--fault: it is for --only failover, not %s", f.only)
	}
	plan, err := f.readPlan(sizes[0])
	if err != nil {
		return err
	}
	if err := f.checkHTML(); err != nil {
		return err
	}
	faults := compare.Faults()
	if len(f.faults) > 0 {
		fault := compare.NewFault(strings.Join(f.faults, "; "), strings.Join(f.faults, "\n")).Lasts(5 * sim.Second)
		if err := fault.Check(sizes[0]); err != nil {
			return fmt.Errorf("--fault: %w", err)
		}
		faults = []compare.Fault{fault}
	}
	if os.Getenv("GOGC") == "" { // a guest's whole memory is garbage when its run is over
		defer debug.SetGCPercent(debug.SetGCPercent(compareGCPercent))
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(compareMemoryLimit))
	}
	ctx := cmd.Context()
	host, err := raft.OpenGuest(ctx, f.guest)
	if err != nil {
		return err
	}
	defer host.Close(context.WithoutCancel(ctx))
	lab := &compare.Lab{Host: host, Detect: detect, PreVoteOff: !f.preVote, Batch: f.batch}
	if f.plan != "" {
		return f.planned(cmd, lab, sizes[0], plan)
	}
	c := comparison{Raft: raftVersion, Guest: host.Sum, Detect: detect, PreVote: f.preVote, Batch: f.batch, Link: 2 * sim.Millisecond, Fsync: 10 * sim.Millisecond,
		Settings: lab.Settings(), Writes: []compare.Write{}, Latency: []compare.Latency{}, Failover: []compare.Failover{},
		Throughput: []compare.Throughput{}, Reads: []compare.Read{}, Missing: []compare.Failover{}, Load: []compare.Failover{},
		NoPreVote: []compare.Failover{}, Defaults: []compare.Failover{}}
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
	undecided := false
	for _, x := range c.fails() {
		if x.Lost+x.Doubled > 0 || x.Engine == compare.Raft && x.Linearizable == lin.Broken {
			return status(exitBroken)
		}
		undecided = undecided || x.Linearizable == lin.Undecided
	}
	if undecided {
		return status(exitUndecided)
	}
	return nil
}

// comparePart is a part of a comparison, for one number of servers.
type comparePart struct {
	name    string
	runs    int // that told is called for
	measure func(ctx context.Context, servers int, told func()) error
}

// parts are what is to be measured.
func (c *comparison) parts(lab *compare.Lab, f *compareFlags, faults []compare.Fault) (list []comparePart) {
	one := func(name string, runs int, measure func(ctx context.Context, servers int, told func()) error) {
		wanted := (f.only == "" && len(f.faults) == 0) || f.only == name || len(f.faults) > 0 && name == "failover"
		if wanted {
			list = append(list, comparePart{name, runs, measure})
		}
	}
	one("writes", 1, func(ctx context.Context, n int, told func()) error {
		defer told()
		return add(&c.Writes)(lab.Writes(ctx, n, compare.Fixed{Link: c.Link, Fsync: c.Fsync}))
	})
	one("latency", 6*f.seeds, func(ctx context.Context, n int, told func()) error {
		return add(&c.Latency)(lab.Latencies(ctx, n, f.seeds, told))
	})
	one("throughput", 2*len(inFlight), func(ctx context.Context, n int, told func()) error {
		return add(&c.Throughput)(lab.Throughputs(ctx, n, inFlight, told))
	})
	one("reads", compare.Ways()*f.seeds, func(ctx context.Context, n int, told func()) error {
		return add(&c.Reads)(lab.Reads(ctx, n, f.seeds, told))
	})
	one("failover", 2*f.seeds*len(faults), func(ctx context.Context, n int, told func()) error {
		return addEach(&c.Failover, faults, func(x compare.Fault) ([]compare.Failover, error) { return lab.Failovers(ctx, n, f.seeds, x, told) })
	})
	one("missing", 2*f.seeds*len(missing), func(ctx context.Context, n int, told func()) error {
		return addEach(&c.Missing, missing, func(x int) ([]compare.Failover, error) { return lab.Missings(ctx, n, f.seeds, x, told) })
	})
	one("load", 2*f.seeds*len(loads), func(ctx context.Context, n int, told func()) error {
		return addEach(&c.Load, loads, func(x int) ([]compare.Failover, error) { return lab.Loads(ctx, n, f.seeds, x, told) })
	})
	alone := []compare.Fault{compare.CutOff(), compare.Shunned()}
	one("prevote", f.seeds*len(alone), func(ctx context.Context, n int, told func()) error {
		return addEach(&c.NoPreVote, alone, func(x compare.Fault) ([]compare.Failover, error) { return lab.PreVotes(ctx, n, f.seeds, x, told) })
	})
	one("defaults", 2*f.seeds, func(ctx context.Context, n int, told func()) error {
		plain := *lab
		plain.Defaults, plain.Detect = true, 10*sim.Second
		c.AsTheyCome = plain.Settings()
		return add(&c.Defaults)(plain.Failovers(ctx, n, f.seeds, compare.CutOff(), told))
	})
	return list
}

// add is what puts rows behind those of a list, unless there was an error.
func add[T any](list *[]T) func([]T, error) error {
	return func(rows []T, err error) error {
		*list = append(*list, rows...)
		return err
	}
}

// addEach puts the rows of each of some things behind those of a list, until there is an error.
func addEach[T, R any](list *[]R, of []T, measure func(T) ([]R, error)) error {
	for _, x := range of {
		if err := add(list)(measure(x)); err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) measure(cmd *cobra.Command, lab *compare.Lab, f *compareFlags, sizes []int, faults []compare.Fault, asJSON bool) error {
	parts := c.parts(lab, f, faults)
	steps, done := 0, 0
	for _, p := range parts {
		steps += p.runs * len(sizes)
	}
	progress := countProgress(cmd, steps, asJSON, "runs")
	for _, n := range sizes {
		for _, p := range parts {
			told := func() { done++; progress(done, fmt.Sprintf("%s, %d servers", p.name, n)) }
			if err := p.measure(cmd.Context(), n, told); err != nil {
				return err
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
		t := newTable(out, "Engine", "Servers", "Enters at", "Messages", "Expected", "Leader sends", "Expected", "Told later", "Bytes", "Leader's", "Fsyncs", "n")
		for _, w := range c.Writes {
			t.row(string(w.Engine), fmt.Sprint(w.Servers), w.Enters, figure(w.Messages), figure(w.Expect), figure(w.Leader), figure(w.ExpectLeader), figure(w.Idle),
				fmt.Sprintf("%.0f", w.Bytes), fmt.Sprintf("%.0f", w.Sent), figure(w.Fsyncs), fmt.Sprint(w.N))
		}
		t.render()
		fmt.Fprintf(out, "\n%s  %s\n", p.bold("How long it takes"), p.faint("links and disks: by how much more, when each of them takes twice as long"))
		t = newTable(out, "Engine", "Servers", "Enters at", "Latency", "Expected", "Links", "Disks", "All read it", "Expected", "By", "n")
		for _, w := range c.Writes {
			t.row(string(w.Engine), fmt.Sprint(w.Servers), w.Enters, ms(int64(w.Latency)), ms(int64(w.ExpectLatency)), ms(int64(w.Network)), ms(int64(w.Disks)),
				ms(int64(w.Visible)), ms(int64(w.ExpectVisible)), w.Formula, fmt.Sprint(w.N))
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
			t.row(string(l.Engine), fmt.Sprint(l.Servers), what, l.Enters, fmt.Sprintf("%s (%.1f–%.1f)", ms(int64(l.P50)), float64(l.Low)/1000, float64(l.High)/1000), ms(int64(l.P99)), ms(int64(l.P999)), fmt.Sprint(l.N), fmt.Sprint(l.Seeds))
		}
		t.render()
	}
	if len(c.Throughput) > 0 {
		fmt.Fprintf(out, "\n%s  %s\n", p.bold("Writes at once"), p.faint(fmt.Sprintf("each client one at a time, as fast as it is answered, for %s; no processor is simulated", compare.Busy)))
		t := newTable(out, "Clients", "Engine", "Servers", "Writes/s", "p50", "p99", "Messages a write", "Fsyncs a write", "n")
		for _, x := range c.Throughput {
			t.row(fmt.Sprint(x.Clients), string(x.Engine), fmt.Sprint(x.Servers), fmt.Sprintf("%.0f", x.Rate), ms(int64(x.P50)), ms(int64(x.P99)),
				figure(x.Messages), figure(x.Fsyncs), fmt.Sprint(x.N))
		}
		t.render()
	}
	if len(c.Reads) > 0 {
		fmt.Fprintf(out, "\n%s  %s\n", p.bold("Ways of reading"), p.faint(fmt.Sprintf("three clients read and one writes; at once: %d read as fast as they are answered; cut off: at a leader whose clock runs at a quarter of its speed, and who hears nobody", compare.Readers)))
		t := newTable(out, "Engine", "Servers", "Way", "Enters at", "p50", "p99", "At once", "Stale", "Oldest", "Stale, cut off", "Oldest", "Never misses", "n", "Seeds")
		for _, r := range c.Reads {
			t.row(string(r.Engine), fmt.Sprint(r.Servers), r.Way, r.Enters, ms(int64(r.P50)), ms(int64(r.P99)), fmt.Sprintf("%.0f/s", r.Rate),
				fmt.Sprintf("%d/%d", r.Stale, r.N), ms(int64(r.Oldest)), fmt.Sprintf("%d/%d", r.CutStale, r.CutN), ms(int64(r.CutOldest)), r.Promise, fmt.Sprint(r.N), fmt.Sprint(r.Seeds))
		}
		t.render()
	}
	const how = "from the fault on: medians, and least to largest (from 30 seeds on a 95% interval)"
	printFailovers(out, p.bold("Fail-over")+"  "+p.faint(how), "Fault", c.Failover, func(x *compare.Failover) string { return x.Fault })
	printFailovers(out, p.bold("Fail-over, and one is behind")+"  "+p.faint("the leader crashes; a quorum is left together with one that was down while so many writes were done"),
		"It lacks", c.Missing, func(x *compare.Failover) string { return fmt.Sprint(x.Missing) })
	printFailovers(out, p.bold("Fail-over under load")+"  "+p.faint("the leader crashes while so many clients write as fast as they are answered"),
		"Clients", c.Load, func(x *compare.Failover) string { return fmt.Sprint(x.Load) })
	printFailovers(out, p.bold("Fail-over without PreVote")+"  "+p.faint("as above, of Raft"), "Fault", c.NoPreVote, func(x *compare.Failover) string { return x.Fault })
	printFailovers(out, p.bold("Fail-over as the libraries come")+"  "+p.faint(strings.Join(c.AsTheyCome, "")), "Fault", c.Defaults, func(x *compare.Failover) string { return x.Fault })
	if c.brokenReads() {
		fmt.Fprintf(out, "\n%s\n", p.faint("broken: a read of ZAB's was stale; its reads are local here, and do not promise more"))
	}
}

// fails are all rows of fail-overs.
func (c *comparison) fails() []compare.Failover {
	return slices.Concat(c.Failover, c.Missing, c.Load, c.NoPreVote, c.Defaults)
}

// brokenReads says whether there is a row of ZAB's that is not linearizable.
func (c *comparison) brokenReads() bool {
	return slices.ContainsFunc(c.fails(), func(x compare.Failover) bool { return x.Engine == compare.ZAB && x.Linearizable == lin.Broken })
}

// printFailovers prints a table whose first column is what distinguishes its rows.
func printFailovers(out io.Writer, title, first string, list []compare.Failover, by func(*compare.Failover) string) {
	if len(list) > 0 {
		fmt.Fprintf(out, "\n%s\n", title)
		t := newTable(out, first, "Engine", "Servers", "Detected", "Elected", "Serves", "First write", "Leader's client", "Terms", "Unknown", "Stale", "Lost", "Doubled", "Linearizable", "n")
		for i := range list {
			x := &list[i]
			t.row(by(x), string(x.Engine), fmt.Sprint(x.Servers), span(&x.Detected), span(&x.Elected), span(&x.Recovered), span(&x.First),
				span(&x.Led), fmt.Sprint(x.Terms.Median), fmt.Sprint(x.Unknown), fmt.Sprintf("%d/%d", x.Stale, x.Reads), fmt.Sprint(x.Lost), fmt.Sprint(x.Doubled), string(x.Linearizable), fmt.Sprintf("%d/%d", x.First.N, x.Seeds))
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
