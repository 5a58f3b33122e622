package compare

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/apache"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
)

// engineRaft is the value of --engine that names hashicorp/raft.
const engineRaft = "raft"

// elections has the measurements of all rounds on both engines; with --json it is the output. Its
// keys are stable: keys may be added, but never renamed.
type elections struct {
	Servers   int               `json:"servers"`
	Tick      sim.Time          `json:"tick_us"`
	Timeout   sim.Time          `json:"session_timeout_us"`
	Patience  sim.Time          `json:"sync_limit_us"` // until followers give up a silent leader
	ZooKeeper []apache.Election `json:"zookeeper"`
	Simulated []apache.Election `json:"simulated"`
}

// compareElections plays the election of the tutorial on both engines, once per round.
func compareElections(cmd *cobra.Command, seeds int) error {
	if seeds < 1 || seeds > 1000 {
		return fmt.Errorf("--seeds %d: must be from 1 to 1000 (each seed takes about 25 s)", seeds)
	}
	if flag := command.OtherFlag(cmd, "engine", "seeds", "json"); flag != "" {
		return fmt.Errorf("--%s: does not apply to --engine zookeeper: leave out this flag", flag)
	}
	usual := engine.DefaultStage()
	r := elections{Servers: usual.Servers, Tick: usual.Tick, Timeout: usual.SessionTimeout,
		Patience: sim.Time(usual.SyncLimit) * usual.Tick}
	asJSON := command.JSON(cmd)
	began := time.Now()
	err := r.measure(cmd, seeds)
	if err != nil && !errors.Is(err, cmd.Context().Err()) {
		return err
	}
	if asJSON {
		command.WriteJSON(cmd.OutOrStdout(), r)
	} else {
		r.print(cmd.OutOrStdout(), time.Since(began))
	}
	if cmd.Context().Err() != nil {
		return command.Status(command.Interrupted)
	}
	return nil
}

// measure plays all rounds. The real ensemble is the same in all; each simulated one has its own
// seed.
func (r *elections) measure(cmd *cobra.Command, rounds int) error {
	bar := terminal.NewProgress(cmd, rounds, command.JSON(cmd), "rounds")
	defer bar.Done()
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
		bar.At(i, "elections")
	}
	return nil
}

func (r *elections) rules() apache.Rules { return apache.Rules{Tick: r.Tick, Patience: r.Patience} }

// simulated plays one round on the simulated engine with this seed.
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
			r := &records[i]
			if r.Kind == sim.KindSend && r.Node == id && r.Message.Name() == "PING" {
				list = append(list, r.At)
			}
		}
		return list
	})
}

// claim is a row of the table: what is measured, what the tutorial says about it, and a function
// for the times of one round.
type claim struct {
	what, says string
	of         func(*apache.Election) []sim.Time
}

// claims are the rows of the table.
var claims = []claim{
	{"time from the loss of the TCP connection to the deletion of the node", "at once",
		one(func(x *apache.Election) sim.Time { return x.Gone })},
	{"time from the close of the session to the deletion of its node", "–",
		one(func(x *apache.Election) sim.Time { return x.Closed })},
	{"time between two pings of an idle client", "no pings",
		func(x *apache.Election) []sim.Time { return x.Pings }},
	{"time from the first notified watcher to the last", "all at the same time",
		one(func(x *apache.Election) sim.Time { return x.Spread })},
	{"time from the leader's crash to the next leader", "–",
		one(func(x *apache.Election) sim.Time { return x.Leaderless })},
	{"time from the leader's crash to a write by a client of another server", "–",
		one(func(x *apache.Election) sim.Time { return x.Written })},
	{"time from the leader's pause to the next leader", "–",
		one(func(x *apache.Election) sim.Time { return x.Frozen })},
}

func one(f func(*apache.Election) sim.Time) func(*apache.Election) []sim.Time {
	return func(x *apache.Election) []sim.Time { return []sim.Time{f(x)} }
}

// print prints the figures of both engines, and what the tutorial says.
func (r *elections) print(out io.Writer, took time.Duration) {
	p := &printer{terminal.PaintFor(out), out}
	p.title("The election of the tutorial, played on Apache ZooKeeper and on the simulated "+
		"ensemble", fmt.Sprintf("%d servers, tick %s, session timeout %s · %s · %.0fs",
		r.Servers, r.Tick, r.Timeout, terminal.Plural(len(r.ZooKeeper), "round", "rounds"), took.Seconds()))
	if len(r.ZooKeeper) == 0 {
		return
	}
	t := terminal.NewTable(out, "Measured", "Apache ZooKeeper", "Simulated", "The tutorial says")
	for _, c := range claims {
		t.Row(c.what, spread(r.ZooKeeper, c.of), spread(r.Simulated, c.of), c.says)
	}
	t.Row("rounds in which the leader's own client is notified first", share(r.ZooKeeper),
		share(r.Simulated), "–")
	t.Row("order in which the servers notify their watchers", orders(r.ZooKeeper),
		orders(r.Simulated), "–")
	t.Render()
	fmt.Fprintln(out, p.Faint("Times are medians (minimum–maximum). The real client is go-zookeeper/zk; "+
		"the real leader is polled every 15 ms."))
}

// spread formats the median and the range of a time over all rounds: 4.41s (3.02–5.80, n 5).
func spread(list []apache.Election, of func(*apache.Election) []sim.Time) string {
	var all []sim.Time
	for i := range list {
		all = append(all, of(&list[i])...)
	}
	if len(all) == 0 {
		return "never"
	}
	slices.Sort(all)
	return fmt.Sprintf("%s (%s–%s, n %d)", all[len(all)/2].Brief(), all[0].Brief(),
		all[len(all)-1].Brief(), len(all))
}

// share returns in how many rounds the leader's own client was notified first.
func share(list []apache.Election) string {
	n := 0
	for i := range list {
		if list[i].AtLeader {
			n++
		}
	}
	return fmt.Sprintf("%d of %d", n, len(list))
}

// orders returns the two most frequent orders of notification, and how many others occurred.
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
		words = append(words, terminal.Plural(n, "other", "others"))
	}
	return strings.Join(words, ", ")
}
