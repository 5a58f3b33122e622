package compare

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/sim"
)

// comparison has all measurements. With --json it is the output. Its keys are stable: keys may be
// added, but never renamed.
type comparison struct {
	Raft     string             `json:"raft"` // version of the library
	Library  string             `json:"library"`
	Guest    string             `json:"guest_sha256"`
	Detect   sim.Time           `json:"detect_us"`
	PreVote  bool               `json:"prevote"`
	Batch    int                `json:"raft_max_append_entries"`
	Link     sim.Time           `json:"writes_link_us"`
	Fsync    sim.Time           `json:"writes_fsync_us"`
	Settings []string           `json:"settings"`
	Differ   []string           `json:"differences"` // that come from the lab
	Writes   []compare.Write    `json:"writes"`
	Latency  []compare.Latency  `json:"latency"`
	Failover []compare.Failover `json:"failover"`

	Throughput []compare.Throughput `json:"throughput"`
	Reads      []compare.Read       `json:"reads"`
	Missing    []compare.Failover   `json:"failover_missing"`     // while a server lags
	Load       []compare.Failover   `json:"failover_load"`        // while clients write
	NoPreVote  []compare.Failover   `json:"failover_prevote_off"` // only Raft
	Defaults   []compare.Failover   `json:"failover_defaults"`    // the libraries' own settings
	AsTheyCome []string             `json:"settings_defaults"`

	rest string // what was not measured
}

// newComparison returns a comparison without measurements.
func newComparison(lab *compare.Lab, o *order) *comparison {
	rest := ""
	if o.only == "" && !o.full && len(o.flags.faults) == 0 {
		rest = "To measure other parts, use --only with failover (nine faults), throughput, reads, missing, " +
			"load, prevote or defaults. To compare engines on generated schedules, use --fuzz."
	}
	return &comparison{
		rest: rest,
		Raft: o.kind.Version, Library: o.kind.Library.Name(), Guest: lab.Host.Sum,
		Detect: o.detect, PreVote: o.preVote, Batch: o.batch,
		Link: 2 * sim.Millisecond, Fsync: 10 * sim.Millisecond, Settings: lab.Settings(),
		Differ: lab.Differences(),
		Writes: []compare.Write{}, Latency: []compare.Latency{}, Failover: []compare.Failover{},
		Throughput: []compare.Throughput{}, Reads: []compare.Read{}, Missing: []compare.Failover{},
		Load: []compare.Failover{}, NoPreVote: []compare.Failover{}, Defaults: []compare.Failover{},
	}
}

var (
	inFlight = []int{1, 4, 16, 64}   // numbers of clients that write at the same time
	missing  = []int{0, 100, 10_000} // numbers of transactions that one server lacks
	loads    = []int{16, 64}         // numbers of clients that write while a leader crashes
)

// part is one part of a comparison. It measures ensembles of one size, and calls done after each
// run.
type part struct {
	name    string
	runs    int
	measure func(ctx context.Context, servers int, done func()) error
}

// usualParts are the parts that are measured without --only and --full.
var usualParts = []string{"writes", "latency", "failover"}

// parts returns the parts that --only selects, or all with --full, or else the usual ones.
func (c *comparison) parts(lab *compare.Lab, o *order) []part {
	all := append(c.normal(lab, o), c.failing(lab, o)...)
	return slices.DeleteFunc(all, func(p part) bool {
		switch {
		case len(o.flags.faults) > 0:
			return p.name != "failover"
		case o.only != "":
			return p.name != o.only
		}
		return !o.full && !slices.Contains(usualParts, p.name)
	})
}

// normal returns the parts in which nothing fails.
func (c *comparison) normal(lab *compare.Lab, o *order) []part {
	return []part{
		{"writes", 1, func(ctx context.Context, n int, done func()) error {
			defer done()
			rows, err := lab.Writes(ctx, n, compare.Fixed{Link: c.Link, Fsync: c.Fsync})
			return add(&c.Writes, rows, err)
		}},
		{"latency", 6 * o.seeds, func(ctx context.Context, n int, done func()) error {
			rows, err := lab.Latencies(ctx, n, o.seeds, done)
			return add(&c.Latency, rows, err)
		}},
		{"throughput", 2 * len(inFlight), func(ctx context.Context, n int, done func()) error {
			rows, err := lab.Throughputs(ctx, n, inFlight, done)
			return add(&c.Throughput, rows, err)
		}},
		{"reads", compare.Ways() * o.seeds, func(ctx context.Context, n int, done func()) error {
			rows, err := lab.Reads(ctx, n, o.seeds, done)
			return add(&c.Reads, rows, err)
		}},
	}
}

// failing returns the parts in which a leader fails.
func (c *comparison) failing(lab *compare.Lab, o *order) []part {
	asTheyCome := *lab
	asTheyCome.Defaults, asTheyCome.Detect = true, 10*sim.Second
	alone, usual := []compare.Fault{compare.CutOff(),
		compare.Shunned()}, []compare.Fault{compare.CutOff()}
	return []part{
		{"failover", 2 * o.seeds * len(o.faults),
			each(&c.Failover, o.faults, o.seeds, lab.Failovers)},
		{"missing", 2 * o.seeds * len(missing), each(&c.Missing, missing, o.seeds, lab.Missings)},
		{"load", 2 * o.seeds * len(loads), each(&c.Load, loads, o.seeds, lab.Loads)},
		{"prevote", o.seeds * len(alone), each(&c.NoPreVote, alone, o.seeds, lab.PreVotes)},
		{"defaults", 2 * o.seeds, func(ctx context.Context, n int, done func()) error {
			c.AsTheyCome = asTheyCome.Settings()
			return each(&c.Defaults, usual, o.seeds, asTheyCome.Failovers)(ctx, n, done)
		}},
	}
}

// add appends rows to a list, also the rows that were measured before an error.
func add[R any](list *[]R, rows []R, err error) error {
	*list = append(*list, rows...)
	return err
}

// each measures a list of cases, such as faults, one by one, and appends the rows to a list.
func each[T, R any](list *[]R, cases []T, seeds int,
	measure func(ctx context.Context, servers, seeds int, x T, done func()) ([]R, error),
) func(ctx context.Context, servers int, done func()) error {
	return func(ctx context.Context, servers int, done func()) error {
		for _, x := range cases {
			rows, err := measure(ctx, servers, seeds, x, done)
			if err := add(list, rows, err); err != nil {
				return err
			}
		}
		return nil
	}
}

// measure measures the selected parts, for each number of servers.
func (c *comparison) measure(cmd *cobra.Command, lab *compare.Lab, o *order) error {
	parts := c.parts(lab, o)
	steps, done := 0, 0
	for _, p := range parts {
		steps += p.runs * len(o.sizes)
	}
	bar := terminal.NewProgress(cmd, steps, command.JSON(cmd), "runs")
	defer bar.Done()
	for _, n := range o.sizes {
		for _, p := range parts {
			step := func() { done++; bar.At(done, fmt.Sprintf("%s, %d servers", p.name, n)) }
			if err := p.measure(cmd.Context(), n, step); err != nil {
				return err
			}
		}
	}
	return nil
}

// fails returns the rows of all fail-overs.
func (c *comparison) fails() []compare.Failover {
	return slices.Concat(c.Failover, c.Missing, c.Load, c.NoPreVote, c.Defaults)
}

// status returns the exit status of a comparison.
func (c *comparison) status() error {
	undecided := false
	for _, x := range c.fails() {
		if x.Lost+x.Doubled > 0 || x.Engine == compare.Raft && x.Linearizable == lin.Broken {
			return command.Status(command.Broken)
		}
		undecided = undecided || x.Linearizable == lin.Undecided
	}
	if undecided {
		return command.Status(command.Undecided)
	}
	return nil
}
