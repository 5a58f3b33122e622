package compare

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/raft/task"
	"github.com/zablab/zablab/sim"
)

// Failover is what happened between a fault and the next write, over seeds. Each part is the median, and
// between which values it lay; what did not happen in a run is not counted in it.
type Failover struct {
	Engine    Engine `json:"engine"`
	Servers   int    `json:"servers"`
	Fault     string `json:"fault"`
	Seeds     int    `json:"seeds"`
	Detected  Part   `json:"detected_us"`  // the first server looks for another leader
	Elected   Part   `json:"elected_us"`   // there is one
	Recovered Part   `json:"recovered_us"` // it serves
	First     Part   `json:"first_us"`     // the first write that a client is told of
	Led       Part   `json:"led_us"`       // the first one of the client that was connected to the leader
	Terms     Part   `json:"terms"`        // epochs or terms that were begun, the new leader's among them
	Lost      int    `json:"lost"`         // writes that were told and are not there any more
	Reads     int    `json:"reads"`
	Stale     int    `json:"stale"` // reads that missed a write which had been told before they began
	// Linearizable is porcupine's worst verdict on all reads and writes of a run. ZAB's reads are local, and do not
	// promise it.
	Linearizable lin.Answer `json:"linearizable"`
	Unknown      int        `json:"unknown"` // operations without an answer, of which those that were under way when the fault came are some
	Failed       int        `json:"failed"`  // refused, and not done
	Never        int        `json:"never"`   // runs in which no write came through any more
	Doubled      int        `json:"doubled"` // writes that took effect more than once
	Missing      int        `json:"missing"` // transactions that a server of the new quorum had not had, when the leader crashed
	Load         int        `json:"load"`    // clients that write all the time, beside the three
}

// Part is a span of a fail-over, from the fault on: in µs, or a count.
type Part struct {
	N      int   `json:"n"` // runs in which it happened
	Median int64 `json:"median"`
	// Low and High are a 95 % confidence interval of the median, from order statistics; of less than 30 runs they are
	// the least and the largest value.
	Low  int64 `json:"low"`
	High int64 `json:"high"`
	// Values are those of all runs, the least first.
	Values []int64 `json:"values"`
}

// EnoughRuns have an interval; of fewer it is the least and the largest value.
const EnoughRuns = 30

func (p *Part) add(x int64) { p.Values = append(p.Values, x) }

func (p *Part) close() {
	if slices.Sort(p.Values); p.Values == nil {
		p.Values = []int64{}
	}
	if p.N = len(p.Values); p.N == 0 {
		return
	}
	low, high := 0, p.N-1
	if p.N >= EnoughRuns {
		half := 1.96 * math.Sqrt(float64(p.N)) / 2
		low, high = max(0, int(float64(p.N)/2-half)), min(p.N-1, int(math.Ceil(float64(p.N)/2+half)))
	}
	p.Median, p.Low, p.High = p.Values[p.N/2], p.Values[low], p.Values[high]
}

// merge adds what another run of the same came to.
func (row *Failover) merge(x *Failover) {
	for i, p := range row.parts() {
		p.Values = append(p.Values, x.parts()[i].Values...)
	}
	for i, n := range row.counts() {
		*n += *x.counts()[i]
	}
	if x.Linearizable == lin.Broken || x.Linearizable == lin.Undecided && row.Linearizable != lin.Broken {
		row.Linearizable = x.Linearizable
	}
}

func (row *Failover) parts() []*Part {
	return []*Part{&row.Detected, &row.Elected, &row.Recovered, &row.First, &row.Led, &row.Terms}
}

func (row *Failover) counts() []*int {
	return []*int{&row.Lost, &row.Doubled, &row.Reads, &row.Stale, &row.Unknown, &row.Failed, &row.Never}
}

// incident is a fault under some circumstances.
type incident struct {
	fault Fault
	at    sim.Time // when it comes
	// away are how many servers behind the leader are down from faultAt on; the first of them comes back when the
	// fault comes, and the others do not. It is no sign of anything that it then looks for a leader.
	away    int
	missing int // writes that are done while they are down
	load    int // clients that write all the time
}

// Failovers measures a fault over seeds.
func (l *Lab) Failovers(ctx context.Context, servers, seeds int, fault Fault, told func()) ([]Failover, error) {
	return l.incidents(ctx, []Engine{ZAB, Raft}, servers, seeds, incident{fault: fault, at: faultAt}, told)
}

// PreVotes measures a fault on Raft alone, without PreVote.
func (l *Lab) PreVotes(ctx context.Context, servers, seeds int, fault Fault, told func()) ([]Failover, error) {
	without := *l
	without.PreVoteOff = true
	return without.incidents(ctx, []Engine{Raft}, servers, seeds, incident{fault: fault, at: faultAt}, told)
}

// Loads measures the crash of a leader to which so many clients write all the time.
func (l *Lab) Loads(ctx context.Context, servers, seeds, clients int, told func()) ([]Failover, error) {
	return l.incidents(ctx, []Engine{ZAB, Raft}, servers, seeds,
		incident{fault: NewFault("the leader crashes", faultAt.Seconds()+" crash LEADER"), at: faultAt, load: clients}, told)
}

// Missings measures the crash of a leader whose going leaves a quorum only together with a server that has been down, and
// so many writes were done meanwhile: what the new leader has to bring it before anybody is served.
func (l *Lab) Missings(ctx context.Context, servers, seeds, missing int, told func()) ([]Failover, error) {
	if missing%writers != 0 {
		return nil, fmt.Errorf("%d missing transactions: take a multiple of %d", missing, writers)
	}
	at := faultAt + sim.Second + sim.Time(missing)*sim.Millisecond
	away := servers / 2
	var plan strings.Builder
	for _, name := range []string{"NEXT", "NEXT2", "NEXT3", "NEXT4"}[:away] {
		fmt.Fprintf(&plan, "%s crash %s\n", faultAt.Seconds(), name)
	}
	fmt.Fprintf(&plan, "%s restart NEXT\n%s crash LEADER\n", at.Seconds(), at.Seconds())
	return l.incidents(ctx, []Engine{ZAB, Raft}, servers, seeds, incident{fault: NewFault("the leader crashes, and one is behind", plan.String()),
		at: at, away: away, missing: missing}, told)
}

// busy is a client that writes as fast as it is answered, one of so many: to registers of which each has few others.
func busy(i, n int, start sim.Time) task.Client {
	return task.Client{Name: "W" + strconv.Itoa(i), Start: start, Size: 100, Keys: max(3, n)}
}

// writers are how many do the writes that are missing later, each as many: [Lab.Missings] takes multiples of it.
const writers = 50

// settings are those of an incident: three clients of which A is at the leader, and Raft's all go there.
func (t *incident) settings(l *Lab, seed uint64, servers int) *task.Settings {
	s := l.settings(seed, servers)
	s.From, s.Length, s.Plan, s.Timeout = faultAt-sim.Second, t.at+t.fault.length(l.Detect), t.fault.lines(servers), 2*l.Detect
	for i := range 3 {
		c := task.Client{Name: string(rune('A' + i)), Start: s.From, Pause: 20 * sim.Millisecond, Reads: 30, Size: 100, Keys: 3}
		if i > 0 {
			c.Home = -1
		}
		if t.away > 0 { // so that nothing is missing but what is said
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

func (l *Lab) incidents(ctx context.Context, engines []Engine, servers, seeds int, t incident, told func()) (list []Failover, err error) {
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
		row := Failover{Engine: engine, Servers: servers, Fault: t.fault.Name, Seeds: seeds, Linearizable: lin.Linearizable, Missing: t.missing, Load: t.load}
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

// read is what one run came to.
func (t *incident) read(engine Engine, servers int, r *task.Result) (*Failover, error) {
	row := &Failover{Engine: engine}
	if t.missing > 0 {
		n := 0
		for _, o := range r.Ops {
			if !o.Read && o.Outcome == task.OK && o.Call > faultAt && o.Return <= t.at {
				n++
			}
		}
		if n != t.missing {
			return nil, fmt.Errorf("%s: %d of %d writes were done before the leader crashed", engine, n, t.missing)
		}
	}
	row.take(r, t, servers)
	var err error
	row.Linearizable, err = judge(r)
	return row, err
}

func (row *Failover) take(r *task.Result, t *incident, servers int) {
	old := 0
	var term uint64
	for _, l := range r.Leaders {
		if l.From <= t.at {
			old, term = l.Server, l.Term
		}
	}
	back := 0 // who was away
	if t.away > 0 {
		back = old%servers + 1
	}
	seeks := map[Engine]string{ZAB: "looking", Raft: "candidate"}[row.Engine]
	chosen := map[Engine]string{ZAB: "leading", Raft: "leader"}[row.Engine]
	first := func(state string) (sim.Time, bool) {
		for _, s := range r.States {
			if s.At > t.at && s.State == state && !(s.Server == old && s.Term == term && state != seeks) && !(s.Server == back && state == seeks) {
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

// clients takes off what clients saw: of the client that was connected to the leader, A is it in both. Where A begins
// with the fault it was not.
func (row *Failover) clients(r *task.Result, t *incident) {
	var led, any sim.Time
	row.Lost, row.Doubled = lost(r.Ops), doubled(r.Ops)
	row.Stale, _ = stale(r.Ops)
	for _, o := range r.Ops {
		switch {
		case o.Return >= 0 && o.Return < t.at, o.Call < t.at && o.Outcome == task.OK:
		case o.Outcome == task.Failed:
			row.Failed++
		case o.Outcome == task.Unknown:
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
