package compare

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/sim"
)

// Failover measures what happens between a fault and the next write, over many seeds. Each [Part]
// is a median over the runs in which that part happened.
type Failover struct {
	Engine    Engine `json:"engine"`
	Servers   int    `json:"servers"`
	Fault     string `json:"fault"`
	Seeds     int    `json:"seeds"`
	Detected  Part   `json:"detected_us"`  // the first server looks for another leader
	Elected   Part   `json:"elected_us"`   // a leader is elected
	Recovered Part   `json:"recovered_us"` // the new leader serves
	First     Part   `json:"first_us"`     // the first acknowledged write
	// the first acknowledged write of the client that was connected to the old leader
	Led   Part `json:"led_us"`
	Terms Part `json:"terms"` // epochs or terms that began, with the new leader's
	Lost  int  `json:"lost"`  // acknowledged writes that were lost
	Reads int  `json:"reads"`
	Stale int  `json:"stale"` // reads that missed a write acknowledged before they began
	// Linearizable is porcupine's worst verdict on the reads and writes of all runs. ZAB does not
	// promise linearizable reads, because a server answers them from its own state.
	Linearizable lin.Answer `json:"linearizable"`
	// operations without an answer, including those in progress at the fault
	Unknown int `json:"unknown"`
	Failed  int `json:"failed"`  // refused, without effect
	Never   int `json:"never"`   // runs without any write after the fault
	Doubled int `json:"doubled"` // writes that took effect more than once
	// transactions that a server of the new quorum lacked when the leader crashed
	Missing int `json:"missing"`
	Load    int `json:"load"` // clients that write without a pause, besides the other three
}

// Part is one measured value of a fail-over, over many runs: a time since the fault in µs, or a
// count.
type Part struct {
	N      int   `json:"n"` // the number of runs in which it happened
	Median int64 `json:"median"`
	// Low and High are a 95 % confidence interval of the median: see [Interval].
	Low  int64 `json:"low"`
	High int64 `json:"high"`
	// Values are the values of all runs, in ascending order.
	Values []int64 `json:"values"`
}

func (p *Part) add(x int64) { p.Values = append(p.Values, x) }

func (p *Part) close() {
	if slices.Sort(p.Values); p.Values == nil {
		p.Values = []int64{}
	}
	p.N, p.Median = len(p.Values), Middle(p.Values)
	p.Low, p.High = Interval(p.Values)
}

// merge adds the figures of another run of the same fault.
func (row *Failover) merge(x *Failover) {
	for i, p := range row.parts() {
		p.Values = append(p.Values, x.parts()[i].Values...)
	}
	for i, n := range row.counts() {
		*n += *x.counts()[i]
	}
	if x.Linearizable == lin.Broken ||
		x.Linearizable == lin.Undecided && row.Linearizable != lin.Broken {
		row.Linearizable = x.Linearizable
	}
}

func (row *Failover) parts() []*Part {
	return []*Part{&row.Detected, &row.Elected, &row.Recovered, &row.First, &row.Led, &row.Terms}
}

func (row *Failover) counts() []*int {
	return []*int{
		&row.Lost, &row.Doubled, &row.Reads, &row.Stale, &row.Unknown, &row.Failed, &row.Never,
	}
}

// incident is a fault, its time, and what the servers and clients do around it.
type incident struct {
	fault Fault
	at    sim.Time // the fault's time
	// away is the number of servers that are down from faultAt on, those whose numbers follow the
	// leader's. The first of them restarts at the time of the fault; its search for a leader does
	// not count as detection.
	away    int
	missing int // the number of writes while these servers are down
	load    int // the number of clients that write without a pause
}

// Failovers measures the fail-over after a fault. It plays both engines with the seeds from 1 to
// the number in the parameter seeds, and calls told after each run.
func (l *Lab) Failovers(ctx context.Context,
	servers, seeds int, fault Fault, told func()) ([]Failover, error) {
	return l.incidents(ctx, []Engine{ZAB, Raft}, servers, seeds,
		incident{fault: fault, at: faultAt}, told)
}

// PreVotes measures the fail-over after a fault as [Lab.Failovers] does, but plays only Raft, with
// PreVote turned off.
func (l *Lab) PreVotes(ctx context.Context,
	servers, seeds int, fault Fault, told func()) ([]Failover, error) {
	without := *l
	without.PreVoteOff = true
	return without.incidents(ctx, []Engine{Raft}, servers, seeds,
		incident{fault: fault, at: faultAt}, told)
}

// Loads measures the crash of the leader on both engines, while the given number of clients write
// without a pause.
func (l *Lab) Loads(ctx context.Context,
	servers, seeds, clients int, told func()) ([]Failover, error) {
	return l.incidents(ctx, []Engine{ZAB, Raft}, servers, seeds,
		incident{fault: leaderCrashes(), at: faultAt, load: clients}, told)
}

// Missings measures the fail-over after a crash of the leader, on both engines. Some followers have
// crashed earlier, and the given number of writes was made while they were down. One of them
// restarts when the leader crashes. A quorum needs this follower, so it must catch up before the
// new leader can serve.
func (l *Lab) Missings(ctx context.Context,
	servers, seeds, missing int, told func()) ([]Failover, error) {
	if missing%writers != 0 {
		return nil, fmt.Errorf("the number of missing transactions is %d, but %d clients make "+
			"them in equal parts: choose a multiple of %[2]d",
			missing, writers)
	}
	return l.incidents(ctx, []Engine{ZAB, Raft}, servers, seeds, lagging(servers, missing), told)
}

// lagging is the crash of the leader when a server of the next quorum lacks writes.
func lagging(servers, missing int) incident {
	at := faultAt + sim.Second + sim.Time(missing)*sim.Millisecond
	away := servers / 2
	var plan strings.Builder
	for _, name := range []string{"NEXT", "NEXT2", "NEXT3", "NEXT4"}[:away] {
		fmt.Fprintf(&plan, "%s crash %s\n", faultAt.Seconds(), name)
	}
	fmt.Fprintf(&plan, "%s restart NEXT\n%s crash LEADER\n", at.Seconds(), at.Seconds())
	return incident{
		fault: NewFault("the leader crashes, and one server lags behind", plan.String()),
		at:    at, away: away, missing: missing,
	}
}

// busy returns client i of n that write without a pause. Each writes to so many registers that
// writes to the same register are rare.
func busy(i, n int, start sim.Time) Client {
	return Client{Name: "W" + strconv.Itoa(i), Start: start, Size: 100, Keys: max(3, n)}
}

// writers is the number of clients that share the writes of [Lab.Missings] equally.
const writers = 50

// settings returns the settings of a run with the incident. Of its three clients A is at the
// leader, B and C in ZAB at other servers.
func (t *incident) settings(l *Lab, seed uint64, servers int) *Settings {
	s := l.settings(seed, servers)
	s.From, s.Length = faultAt-sim.Second, t.at+t.fault.length(l.Detect)
	s.Plan, s.Timeout = t.fault.lines(servers), 2*l.Detect
	for i := range 3 {
		c := Client{
			Name: string(rune('A' + i)), Start: s.From, Pause: 20 * sim.Millisecond, Reads: 30,
			Size: 100, Keys: 3,
		}
		if i > 0 {
			c.Home = -1
		}
		if t.away > 0 { // so that the server misses exactly t.missing writes
			c.Start = t.at
		}
		s.Clients = append(s.Clients, c)
	}
	for i := range min(t.missing, writers) {
		c := busy(i, writers, faultAt+200*sim.Millisecond)
		c.Most = t.missing / writers
		s.Clients = append(s.Clients, c)
	}
	for i := range t.load {
		c := busy(i, t.load, faultAt-800*sim.Millisecond)
		c.Stop = t.at + 3*sim.Second
		s.Clients = append(s.Clients, c)
	}
	return &s
}

func (l *Lab) incidents(ctx context.Context, engines []Engine,
	servers, seeds int, t incident, told func()) (list []Failover, err error) {
	for _, engine := range engines {
		runs, err := each(ctx, seeds, told, func(seed uint64) (*Failover, error) {
			r, err := l.run(ctx, engine, t.settings(l, seed, servers))
			if err != nil {
				return nil, err
			}
			return t.read(engine, servers, r)
		})
		if err != nil {
			return nil, err
		}
		row := Failover{
			Engine: engine, Servers: servers, Fault: t.fault.Name, Seeds: seeds,
			Linearizable: lin.Linearizable, Missing: t.missing, Load: t.load,
		}
		for _, x := range runs {
			row.merge(x)
		}
		for _, p := range row.parts() {
			p.close()
		}
		list = append(list, row)
	}
	return list, nil
}

// read measures one run.
func (t *incident) read(engine Engine, servers int, r *Result) (*Failover, error) {
	row := &Failover{Engine: engine}
	if t.missing > 0 {
		n := 0
		for _, o := range r.Ops {
			if !o.Read && o.Outcome == OK && o.Call > faultAt && o.Return <= t.at {
				n++
			}
		}
		if n != t.missing {
			return nil, fmt.Errorf("%s: only %d of the %d writes that the followers should miss "+
				"succeeded before the leader crashed: choose a smaller number of missing "+
				"transactions", engine, n, t.missing)
		}
	}
	row.take(r, t, servers)
	var err error
	row.Linearizable, err = judge(r)
	return row, err
}

func (row *Failover) take(r *Result, t *incident, servers int) {
	old := 0
	var term uint64
	for _, l := range r.Leaders {
		if l.From <= t.at {
			old, term = l.Server, l.Term
		}
	}
	back := 0 // the server that restarts
	if t.away > 0 {
		back = old%servers + 1
	}
	seeks := map[Engine]string{ZAB: "looking", Raft: "candidate"}[row.Engine]
	chosen := map[Engine]string{ZAB: "leading", Raft: "leader"}[row.Engine]
	first := func(state string) (sim.Time, bool) {
		for _, s := range r.States {
			if s.At > t.at && s.State == state &&
				!(s.Server == old && s.Term == term && state != seeks) &&
				!(s.Server == back && state == seeks) {
				return s.At, true
			}
		}
		return 0, false
	}
	if at, ok := first(seeks); ok {
		row.Detected.add(int64(at - t.at))
	}
	if at, ok := first(chosen); ok {
		row.Elected.add(int64(at - t.at))
	}
	for _, l := range r.Leaders {
		if l.From > t.at && l.Term > term {
			row.Recovered.add(int64(l.From - t.at))
			row.Terms.add(int64(l.Term - term))
			break
		}
	}
	row.clients(r, t)
}

// clients measures what the clients saw. On both engines client A was connected to the old leader,
// unless its first operation comes after the fault.
func (row *Failover) clients(r *Result, t *incident) {
	var led, any sim.Time
	row.Lost, row.Doubled = lost(r.Ops), doubled(r.Ops)
	row.Stale, _ = stale(r.Ops)
	for _, o := range r.Ops {
		switch {
		case o.Return >= 0 && o.Return < t.at, o.Call < t.at && o.Outcome == OK:
		case o.Outcome == Failed:
			row.Failed++
		case o.Outcome == Unknown:
			row.Unknown++
		case o.Read:
			row.Reads++
		default:
			if any == 0 || o.Return < any {
				any = o.Return
			}
			if o.Client == "A" && (led == 0 || o.Return < led) {
				led = o.Return
			}
		}
	}
	if any == 0 {
		row.Never++
		return
	}
	row.First.add(int64(any - t.at))
	if led > 0 && t.away == 0 {
		row.Led.add(int64(led - t.at))
	}
}
