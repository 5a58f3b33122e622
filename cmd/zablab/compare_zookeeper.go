package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/zablab/zablab/scenarios/apache"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
)

// withZooKeeper gives compare another engine to compare with.
func withZooKeeper(cmd *cobra.Command) *cobra.Command {
	var engine string
	rest := cmd.RunE
	cmd.Flags().StringVar(&engine, "engine", "raft", "what to compare with: raft; or zookeeper, the tutorial's election on Apache ZooKeeper, --seeds rounds of it")
	cmd.Example += "\n  zablab compare --engine zookeeper --seeds 5"
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch engine {
		case "raft":
			return rest(cmd, args)
		case engineZooKeeper:
			return compareElections(cmd)
		}
		return fmt.Errorf("--engine %s: write raft or zookeeper", engine)
	}
	return cmd
}

// otherFlag is a flag that was given and is none of those that are read; "" if there is none.
func otherFlag(cmd *cobra.Command, read ...string) (name string) {
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if !slices.Contains(read, flag.Name) {
			name = flag.Name
		}
	})
	return name
}

// elections are the rounds on both engines. Keys are stable: add, never rename.
type elections struct {
	Servers   int               `json:"servers"`
	Tick      sim.Time          `json:"tick_us"`
	Timeout   sim.Time          `json:"session_timeout_us"`
	Patience  sim.Time          `json:"sync_limit_us"` // how long followers bear a silent leader
	ZooKeeper []apache.Election `json:"zookeeper"`
	Simulated []apache.Election `json:"simulated"`
}

func compareElections(cmd *cobra.Command) error {
	seeds, _ := cmd.Flags().GetInt("seeds")
	if seeds < 1 || seeds > 1000 {
		return fmt.Errorf("--seeds %d: write from 1 to 1000 rounds, which take some 25 s each", seeds)
	}
	if flag := otherFlag(cmd, "engine", "seeds", "json"); flag != "" {
		return fmt.Errorf("--%s: it is for a comparison with Raft: leave it out", flag)
	}
	stage := engine.DefaultStage()
	r := elections{Servers: stage.Servers, Tick: stage.Tick, Timeout: stage.SessionTimeout,
		Patience: sim.Time(stage.SyncLimit) * stage.Tick}
	asJSON, _ := cmd.Flags().GetBool("json")
	began := time.Now()
	err := r.measure(cmd, seeds, countProgress(cmd, seeds, asJSON, "rounds"))
	if err != nil && !errors.Is(err, cmd.Context().Err()) {
		return err
	}
	if asJSON {
		writeJSON(cmd.OutOrStdout(), r)
	} else {
		r.print(cmd.OutOrStdout(), time.Since(began))
	}
	if cmd.Context().Err() != nil {
		return status(exitInterrupted)
	}
	return nil
}

// measure plays the rounds, one after the other on one real ensemble, each with a seed of its own on
// the simulated one.
func (r *elections) measure(cmd *cobra.Command, rounds int, progress func(int, string)) error {
	zookeeper, err := apache.NewEngine(cmd.Context(), apache.Config{Stage: engine.DefaultStage()})
	if err != nil {
		return err
	}
	defer zookeeper.Close()
	for i := 1; i <= rounds; i++ {
		x, err := apache.Elect(zookeeper, i, r.rules(), zookeeper.Pings)
		if err != nil {
			return err
		}
		r.ZooKeeper = append(r.ZooKeeper, x)
		if x, err = r.simulated(uint64(i)); err != nil {
			return err
		}
		r.Simulated = append(r.Simulated, x)
		progress(i, "elections")
	}
	return nil
}

func (r *elections) rules() apache.Rules { return apache.Rules{Tick: r.Tick, Patience: r.Patience} }

func (r *elections) simulated(seed uint64) (apache.Election, error) {
	e, err := ensemble.New(ensemble.Config{Stage: engine.Stage{Seed: seed}, Keep: true})
	if err != nil {
		return apache.Election{}, err
	}
	defer e.Close()
	return apache.Elect(e, 1, r.rules(), func(name string) (list []sim.Time) {
		id := e.World.Find(name).ID
		records := e.World.Records()
		for i := range records {
			if r := &records[i]; r.Kind == sim.KindSend && r.Node == id && r.Message.Name() == "PING" {
				list = append(list, r.At)
			}
		}
		return list
	})
}

func (r *elections) print(out io.Writer, took time.Duration) {
	p := painter(out)
	fmt.Fprintf(out, "%s  %s\n", p.bold("The tutorial's election on Apache ZooKeeper and simulated"), p.faint(fmt.Sprintf(
		"%d servers, tick %s, session timeout %s · %s · %.0fs", r.Servers, r.Tick, r.Timeout, plural(len(r.ZooKeeper), "round", "rounds"), took.Seconds())))
	if len(r.ZooKeeper) == 0 {
		return
	}
	t := newTable(out, "What", "Apache ZooKeeper", "Simulated", "The tutorial says")
	row := func(what, says string, of func(*apache.Election) []sim.Time) {
		t.row(what, spread(r.ZooKeeper, of), spread(r.Simulated, of), says)
	}
	one := func(f func(*apache.Election) sim.Time) func(*apache.Election) []sim.Time {
		return func(x *apache.Election) []sim.Time { return []sim.Time{f(x)} }
	}
	row("the holder's TCP connection breaks: its node is gone after", "at once", one(func(x *apache.Election) sim.Time { return x.Gone }))
	row("a client closes its session: its node is gone after", "–", one(func(x *apache.Election) sim.Time { return x.Closed }))
	row("an idle client pings every", "it does not", func(x *apache.Election) []sim.Time { return x.Pings })
	row("the watchers are told within", "all at once", one(func(x *apache.Election) sim.Time { return x.Spread }))
	row("the leader is killed: another leads after", "–", one(func(x *apache.Election) sim.Time { return x.Leaderless }))
	row("… and a client that was there has written after", "–", one(func(x *apache.Election) sim.Time { return x.Written }))
	row("the leader stands still: another leads after", "–", one(func(x *apache.Election) sim.Time { return x.Frozen }))
	t.row("the first watcher told is the leader's own client", share(r.ZooKeeper), share(r.Simulated), "–")
	t.row("the watchers' servers, in the order of the telling", orders(r.ZooKeeper), orders(r.Simulated), "–")
	t.render()
	fmt.Fprintf(out, "%s\n", p.faint("median, and least to largest. The real client is go-zookeeper/zk; who leads there is asked every 15 ms."))
}

// spread is a figure over all rounds: 4.41s (3.02–5.80, n 5).
func spread(list []apache.Election, of func(*apache.Election) []sim.Time) string {
	var all []sim.Time
	for i := range list {
		all = append(all, of(&list[i])...)
	}
	if len(all) == 0 {
		return "never"
	}
	slices.Sort(all)
	return fmt.Sprintf("%s (%s–%s, n %d)", all[len(all)/2].Brief(), all[0].Brief(), all[len(all)-1].Brief(), len(all))
}

func share(list []apache.Election) string {
	n := 0
	for i := range list {
		if list[i].AtLeader {
			n++
		}
	}
	return fmt.Sprintf("%d of %d", n, len(list))
}

// orders are the orders that occurred, most frequent first, and no more than fit.
func orders(list []apache.Election) string {
	count := map[string]int{}
	var kinds []string
	for i := range list {
		if count[list[i].Order]++; count[list[i].Order] == 1 {
			kinds = append(kinds, list[i].Order)
		}
	}
	slices.SortStableFunc(kinds, func(a, b string) int { return count[b] - count[a] })
	const most = 2
	var words []string
	for _, k := range kinds[:min(most, len(kinds))] {
		words = append(words, fmt.Sprintf("%s ×%d", k, count[k]))
	}
	if n := len(kinds) - most; n > 0 {
		words = append(words, plural(n, "other", "others"))
	}
	return strings.Join(words, ", ")
}
