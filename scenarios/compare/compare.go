// Package compare plays ZAB and Raft, the lab's engine and hashicorp/raft, on the same links and disks under the
// same plans, and measures what ZAB.md's part E says: messages, bytes and fsyncs of a write, latencies, and the
// parts of a fail-over, each beside what can be said without measuring.
//
// # What is equal
//
// Links, disks, faults and their moments; the number of servers; what clients do: one operation at a time, sets
// and gets of a few registers, a pause between them. Everything acknowledged is synced. The state machines are
// not the same: znodes here, a map of registers there. A silent leader is given up after the same time on
// average (Settings.Detect): ZAB waits for syncLimit ticks, Raft for a draw between one and two heartbeat timeouts.
//
// # What is not
//
// ZAB's clients hold sessions, and ping. Raft's are sent to the leader, ZAB's enter anywhere. ZAB's sizes are
// those of ZooKeeper's encoding without TCP, Raft's those of its msgpack without TCP.
//
// A server of Raft's that stands still hears nothing, sends nothing and has nothing synced until it goes on; but its
// goroutines' timers run, where SIGSTOP would stop them too, and so it may have given up its office a little before
// it can know that. Its clock does not run fast or slow: the faults clock and wall do nothing there, and expire has
// no session to end.
package compare

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/HdrHistogram/hdrhistogram-go"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/raft"
	"github.com/zablab/zablab/scenarios/raft/spec"
	"github.com/zablab/zablab/sim"
)

// Engine is one of the two.
type Engine string

// The engines.
const (
	ZAB  Engine = "zab"
	Raft Engine = "raft"
)

// Lab can play both.
type Lab struct {
	Host *raft.Host
	// Defaults takes the libraries' own settings instead of such as give up a leader after the same time.
	Defaults bool
	// Detect is how long a leader is silent, on average, before it is given up.
	Detect sim.Time
	// PreVoteOff turns Raft's PreVote off.
	PreVoteOff bool
}

// tick is ZAB's, of which five are syncLimit.
func (l *Lab) zab() Zab {
	if l.Defaults { // conf/zoo_sample.cfg
		return Zab{Tick: 2 * sim.Second, SyncLimit: 5, InitLimit: 10, SessionTimeout: 30 * sim.Second}
	}
	return Zab{Tick: l.Detect / 5, SyncLimit: 5, InitLimit: 10, SessionTimeout: 3 * l.Detect}
}

// settings are those that both read.
func (l *Lab) settings(seed uint64, servers int) spec.Settings {
	heartbeat := l.Detect * 2 / 3 // a draw between one and two of them is 1.5 on average
	if l.Defaults {
		heartbeat = sim.Second // raft.DefaultConfig
	}
	return spec.Settings{
		Seed: seed, Servers: servers,
		Latency:   sim.Span{Min: sim.Millisecond, Max: 5 * sim.Millisecond},
		Fsync:     sim.Span{Min: 500 * sim.Microsecond, Max: 3 * sim.Millisecond},
		Heartbeat: heartbeat, Election: heartbeat, Lease: heartbeat / 2, CommitTimeout: 50 * sim.Millisecond,
		MaxAppend: 64, Pipeline: 2, Timeout: 10 * sim.Second, SnapThreshold: 8192, TrailingLogs: 10240,
		LinearizeReads: true, PreVoteOff: l.PreVoteOff,
	}
}

// run plays settings on an engine.
func (l *Lab) run(ctx context.Context, e Engine, s *spec.Settings) (*spec.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if e == ZAB {
		return RunZab(s, l.zab())
	}
	return l.Host.Run(ctx, s)
}

// The words of a write, in both protocols.
var (
	zabWords  = []string{"PROPOSAL", "ACK", "COMMIT"}
	raftWords = []string{"APPEND", "APPEND ANSWER"}
	raftIdle  = []string{"COMMIT", "COMMIT ANSWER"} // an AppendEntries without entries, which tells what is committed
)

// Write is what one committed write costs when nothing fails, one at a time, with fixed links and disks.
type Write struct {
	Engine   Engine   `json:"engine"`
	Servers  int      `json:"servers"`
	Enters   string   `json:"enters"` // at: leader or follower
	N        int      `json:"n"`      // writes
	Messages float64  `json:"messages"`
	Idle     float64  `json:"idle_messages"` // beside those: they tell of commits, because nothing else did
	Bytes    float64  `json:"bytes"`         // of both
	Syncs    float64  `json:"syncs"`         // of a server
	Latency  sim.Time `json:"latency_us"`    // median
	Visible  sim.Time `json:"visible_us"`    // median: from the call on, until it can be read at every server

	Expect        float64  `json:"expect_messages"` // as ZAB.md's part E has it
	ExpectLatency sim.Time `json:"expect_latency_us"`
	ExpectVisible sim.Time `json:"expect_visible_us"` // of Raft, the least: its leader tells after one to two commit timeouts
	Formula       string   `json:"formula"`
}

// Fixed are the link and the disk of [Lab.Writes]: what makes a latency a sum of them.
type Fixed struct{ Link, Fsync sim.Time }

// Writes measures single writes. Where it enters at a follower Raft has nothing: there only the leader takes any.
func (l *Lab) Writes(ctx context.Context, servers int, f Fixed) (list []Write, err error) {
	for _, where := range []struct {
		engine Engine
		enters string
	}{{ZAB, "leader"}, {ZAB, "follower"}, {Raft, "leader"}} {
		s := l.settings(1, servers)
		s.Latency, s.Fsync = sim.Span{Min: f.Link, Max: f.Link}, sim.Span{Min: f.Fsync, Max: f.Fsync}
		s.From, s.Length, s.Watch = 6*sim.Second, 10*sim.Second, true
		c := spec.Client{Name: "A", Start: s.From, Stop: s.Length - sim.Second, Pause: 100 * sim.Millisecond, Size: 100, Keys: 1}
		if where.enters == "follower" {
			c.Home = -1
		}
		s.Clients = []spec.Client{c}
		r, err := l.run(ctx, where.engine, &s)
		if err != nil {
			return nil, err
		}
		w := Write{Engine: where.engine, Servers: servers, Enters: where.enters}
		w.measure(r)
		w.expect(f)
		list = append(list, w)
	}
	return list, nil
}

// measure takes the figures off a run.
func (w *Write) measure(r *spec.Result) {
	var h *hdrhistogram.Histogram
	if w.N, h = written(r.Ops); w.N == 0 {
		return
	}
	n := float64(w.N)
	words, idle := zabWords, []string(nil)
	if w.Engine == Raft {
		words, idle = raftWords, raftIdle
	}
	if w.Enters == "follower" {
		words = append(slices.Clone(words), "REQUEST")
	}
	for _, c := range r.Counts {
		switch {
		case slices.Contains(words, c.Kind):
			w.Messages += float64(c.N) / n
		case slices.Contains(idle, c.Kind):
			w.Idle += float64(c.N) / n
		default:
			continue
		}
		w.Bytes += float64(c.Bytes) / n
	}
	for _, k := range r.Syncs {
		w.Syncs += float64(k) / n / float64(len(r.Syncs))
	}
	w.Latency = sim.Time(h.ValueAtQuantile(50))
	w.Visible = visible(r, w.Servers)
}

// visible is how long it takes until every server has taken a write in: the median.
func visible(r *spec.Result, servers int) sim.Time {
	h := newHistogram()
	for _, o := range r.Ops {
		if o.Read || o.Outcome != spec.OK {
			continue
		}
		n, last := 0, sim.Time(0)
		for _, a := range r.Applies {
			if a.Value == o.Value {
				n, last = n+1, max(last, a.At)
			}
		}
		if n == servers {
			_ = h.RecordValue(int64(last - o.Call))
		}
	}
	return sim.Time(h.ValueAtQuantile(50))
}

// expect is what ZAB.md's part E says.
func (w *Write) expect(f Fixed) {
	n := float64(w.Servers - 1)
	switch {
	case w.Engine == Raft:
		w.Expect, w.ExpectLatency, w.Formula = 2*n, 4*f.Link+2*f.Fsync, "2(n-1); 4δ+2f; 4δ+2f+c"
		w.ExpectVisible = 4*f.Link + 2*f.Fsync + 50*sim.Millisecond
	case w.Enters == "leader":
		w.Expect, w.ExpectLatency, w.Formula = 3*n, 4*f.Link+f.Fsync, "3(n-1); 4δ+f; 4δ+f"
		w.ExpectVisible = 4*f.Link + f.Fsync
	default:
		w.Expect, w.ExpectLatency, w.Formula = 3*n+1, 6*f.Link+f.Fsync, "3(n-1)+1; 6δ+f; 5δ+f"
		w.ExpectVisible = 5*f.Link + f.Fsync
	}
}

// written is how many writes were done, and what was waited for them.
func written(ops []spec.Op) (n int, h *hdrhistogram.Histogram) {
	h = newHistogram()
	for _, o := range ops {
		if o.Outcome == spec.OK && !o.Read {
			n++
			_ = h.RecordValue(int64(o.Return - o.Call)) // what is longer than ten minutes is left out
		}
	}
	return n, h
}

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, 600_000_000, 4) }

// Latency is a distribution of what clients waited for.
type Latency struct {
	Engine  Engine   `json:"engine"`
	Servers int      `json:"servers"`
	Enters  string   `json:"enters"`
	Read    bool     `json:"read"`
	Seeds   int      `json:"seeds"`
	N       int      `json:"n"`
	P50     sim.Time `json:"p50_us"`
	P99     sim.Time `json:"p99_us"`
	P999    sim.Time `json:"p999_us"`
	Failed  int      `json:"failed"`
	Unknown int      `json:"unknown"`
	// Low and High are the least and the largest median of a seed.
	Low  sim.Time `json:"p50_low_us"`
	High sim.Time `json:"p50_high_us"`
	// Curve is the whole distribution, from its least value to its largest.
	Curve []Quantile `json:"curve"`
}

// Quantile is a share of all values, in percent, and what no more than that share stays below.
type Quantile struct {
	Percent float64  `json:"percent"`
	At      sim.Time `json:"us"`
}

// quantiles are those of a [Latency.Curve].
var quantiles = []float64{0, 1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 99.9, 100}

func curve(h *hdrhistogram.Histogram) []Quantile {
	list := []Quantile{}
	for _, q := range quantiles {
		list = append(list, Quantile{q, sim.Time(h.ValueAtQuantile(q))})
	}
	return list
}

// each plays seeds 1 to n, on all processors; the results are in the order of the seeds.
func each(ctx context.Context, n int, told func(), play func(seed uint64) (*spec.Result, error)) ([]*spec.Result, error) {
	results, errs := make([]*spec.Result, n), make([]error, n)
	var (
		next atomic.Int64
		mu   sync.Mutex
		wg   sync.WaitGroup
	)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				results[i], errs[i] = play(uint64(i + 1))
				mu.Lock()
				told()
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return results, errors.Join(append(errs, ctx.Err())...)
}

// from is when clients begin, in what follows: by then both have a leader.
const from = 5 * sim.Second

// Latencies measures writes, or reads, over seeds, with links and disks that vary, while some clients work at once.
func (l *Lab) Latencies(ctx context.Context, servers, seeds int, told func()) (list []Latency, err error) {
	for _, where := range []struct {
		engine Engine
		enters string
		read   bool
	}{
		{ZAB, "leader", false}, {ZAB, "follower", false}, {Raft, "leader", false},
		{ZAB, "leader", true}, {ZAB, "follower", true}, {Raft, "leader", true},
	} {
		h := newHistogram()
		row := Latency{Engine: where.engine, Servers: servers, Enters: where.enters, Read: where.read, Seeds: seeds}
		results, err := each(ctx, seeds, told, func(seed uint64) (*spec.Result, error) {
			s := l.settings(seed, servers)
			s.From, s.Length = from, 9*sim.Second
			for i := range 3 {
				c := spec.Client{Name: string(rune('A' + i)), Start: s.From, Stop: s.Length - sim.Second,
					Pause: 50 * sim.Millisecond, Size: 100, Keys: 3}
				if where.enters == "follower" {
					c.Home = -1
				}
				if where.read {
					c.Reads = 100
				}
				s.Clients = append(s.Clients, c)
			}
			return l.run(ctx, where.engine, &s)
		})
		if err != nil {
			return nil, err
		}
		for _, r := range results {
			one := newHistogram()
			for _, o := range r.Ops {
				switch {
				case o.Read != where.read || o.Call < from:
				case o.Outcome == spec.OK:
					row.N++
					_ = one.RecordValue(int64(o.Return - o.Call))
				case o.Outcome == spec.Failed:
					row.Failed++
				default:
					row.Unknown++
				}
			}
			h.Merge(one)
			if m := sim.Time(one.ValueAtQuantile(50)); one.TotalCount() > 0 {
				if row.High = max(row.High, m); row.Low == 0 || m < row.Low {
					row.Low = m
				}
			}
		}
		row.Curve = curve(h)
		row.P50, row.P99, row.P999 = sim.Time(h.ValueAtQuantile(50)), sim.Time(h.ValueAtQuantile(99)), sim.Time(h.ValueAtQuantile(99.9))
		list = append(list, row)
	}
	return list, nil
}

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
	Unknown      int        `json:"unknown"` // operations without an answer
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

// fewRuns are too few for an interval.
const fewRuns = 30

func (p *Part) add(x int64) { p.Values = append(p.Values, x) }

func (p *Part) close() {
	slices.Sort(p.Values)
	if p.N = len(p.Values); p.N == 0 {
		return
	}
	low, high := 0, p.N-1
	if p.N >= fewRuns {
		half := 1.96 * math.Sqrt(float64(p.N)) / 2
		low, high = max(0, int(float64(p.N)/2-half)), min(p.N-1, int(math.Ceil(float64(p.N)/2+half)))
	}
	p.Median, p.Low, p.High = p.Values[p.N/2], p.Values[low], p.Values[high]
}

// Fault is a fault at the leader, as a plan has it, and its name.
type Fault struct {
	Name, Plan string
	Stays      bool // the leader may stay in its office, or nobody need wait for another
}

// faultAt is when the faults below begin.
const faultAt = 6 * sim.Second

// Faults are what is compared if nothing is said.
func Faults() []Fault {
	at := faultAt.Seconds()
	return []Fault{
		{"the leader crashes", at + " crash LEADER", false},
		{"the leader loses power", at + " power LEADER", false},
		{"the leader stands still for 5s", at + " pause LEADER 5s", false},
		{"the leader is cut off", at + " split LEADER | OTHERS", false},
		{"nobody hears the leader", "@oneway", false},
		{"a flapping link at the leader", "@flap", true},
		{"all restart in turn", "@rolling", true},
		{"all lose power, and start again", "@power", false},
	}
}

// CutOff is the fault by which settings of failure detection are compared: nobody is told of it.
func CutOff() Fault { return Faults()[3] }

// lines writes out what a plan's short form stands for.
func (f Fault) lines(servers int) string {
	at := faultAt.Seconds()
	var text string
	switch f.Plan {
	case "@oneway":
		for i := 1; i <= servers; i++ {
			text += fmt.Sprintf("%s cut LEADER > S%d\n", at, i)
		}
		return text
	case "@flap": // half a second there, half a second not, between the leader and one other
		for i := range sim.Time(5) {
			t := faultAt + i*sim.Second
			text += fmt.Sprintf("%s split LEADER | NEXT\n%s heal\n", t.Seconds(), (t + 500*sim.Millisecond).Seconds())
		}
		return text
	case "@rolling":
		for i := range sim.Time(servers) {
			t := faultAt + i*sim.Second
			text += fmt.Sprintf("%s crash S%d\n%s restart S%d\n", t.Seconds(), i+1, (t + 300*sim.Millisecond).Seconds(), i+1)
		}
		return text
	case "@power":
		for i := 1; i <= servers; i++ {
			text += fmt.Sprintf("%s power S%d\n%s restart S%d\n", at, i, (faultAt + 500*sim.Millisecond).Seconds(), i)
		}
		return text
	}
	return f.Plan
}

// Failovers measures a fault over seeds.
func (l *Lab) Failovers(ctx context.Context, servers, seeds int, fault Fault, told func()) (list []Failover, err error) {
	for _, engine := range []Engine{ZAB, Raft} {
		row := Failover{Engine: engine, Servers: servers, Fault: fault.Name, Seeds: seeds}
		results, err := each(ctx, seeds, told, func(seed uint64) (*spec.Result, error) {
			s := l.settings(seed, servers)
			s.From, s.Length, s.Plan = faultAt-sim.Second, faultAt+max(10*sim.Second, 6*l.Detect), fault.lines(servers)
			s.Timeout = 2 * l.Detect
			for i := range 3 {
				home := 0 // A is at the leader; Raft's clients all go there
				if i > 0 {
					home = -1
				}
				s.Clients = append(s.Clients, spec.Client{Name: string(rune('A' + i)), Home: home, Start: s.From,
					Pause: 20 * sim.Millisecond, Reads: 30, Size: 100, Keys: 3})
			}
			return l.run(ctx, engine, &s)
		})
		if err != nil {
			return nil, err
		}
		row.Linearizable = lin.Linearizable
		for _, r := range results {
			row.take(r)
			verdict, err := judge(r)
			if err != nil {
				return nil, err
			}
			if verdict == lin.Broken || verdict == lin.Undecided && row.Linearizable != lin.Broken {
				row.Linearizable = verdict
			}
		}
		for _, p := range []*Part{&row.Detected, &row.Elected, &row.Recovered, &row.First, &row.Led, &row.Terms} {
			p.close()
		}
		list = append(list, row)
	}
	return list, nil
}

func (row *Failover) take(r *spec.Result) {
	old := 0
	var term uint64
	for _, reign := range r.Reigns {
		if reign.From <= faultAt {
			old, term = reign.Leader, reign.Term
		}
	}
	seeks := map[Engine]string{ZAB: "looking", Raft: "candidate"}[row.Engine]
	chosen := map[Engine]string{ZAB: "leading", Raft: "leader"}[row.Engine]
	first := func(state string) (sim.Time, bool) {
		for _, s := range r.States {
			if s.At > faultAt && s.State == state && !(s.Server == old && s.Term == term && state != seeks) {
				return s.At, true
			}
		}
		return 0, false
	}
	if at, ok := first(seeks); ok {
		row.Detected.add(int64(at - faultAt))
	}
	if at, ok := first(chosen); ok {
		row.Elected.add(int64(at - faultAt))
	}
	for _, reign := range r.Reigns {
		if reign.From > faultAt && reign.Term > term {
			row.Recovered.add(int64(reign.From - faultAt))
			row.Terms.add(int64(reign.Term - term))
			break
		}
	}
	row.clients(r, old)
}

// clients takes off what clients saw: of the client that was connected to the leader, A is it in both.
func (row *Failover) clients(r *spec.Result, old int) {
	var led, any sim.Time
	gone, stale := lost(r.Ops)
	row.Lost += gone
	row.Stale += stale
	for _, o := range r.Ops {
		switch {
		case o.Call < faultAt:
		case o.Outcome == spec.Failed:
			row.Failed++
		case o.Outcome == spec.Unknown:
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
	row.First.add(int64(any - faultAt))
	if led > 0 {
		row.Led.add(int64(led - faultAt))
	}
}

// Check says whether a fault's lines can be read, and whom they name is there.
func (f Fault) Check(servers int) error {
	fixed, aimed, err := spec.Aim(f.lines(servers))
	if err != nil {
		return err
	}
	all := fixed
	for _, a := range aimed {
		x, err := a.Fault(1, servers)
		if err != nil {
			return err
		}
		all = append(all, x)
	}
	if len(all) == 0 {
		return errors.New("no fault: write 6s crash LEADER")
	}
	for _, x := range all {
		if x.When.Who == "" && x.When.At < faultAt {
			return fmt.Errorf("%s: times are from the start on, and the fault is expected at %s or later: write %s", x, faultAt.Seconds(), faultAt.Seconds())
		}
		for _, name := range append(slices.Concat(x.Groups...), x.Who...) {
			n, err := strconv.Atoi(strings.TrimPrefix(name, "S"))
			client := len(name) == 1 && name[0] >= 'A' && name[0] <= 'C'
			if !client && (err != nil || n < 1 || n > servers) {
				return fmt.Errorf("%s: no such machine as %s: there are S1 to S%d, A to C, LEADER and OTHERS", x, name, servers)
			}
		}
	}
	return nil
}

// Settings are all settings that matter, in sentences.
func (l *Lab) Settings() []string {
	z, s := l.zab(), l.settings(1, 5)
	vote := "PreVote"
	if s.PreVoteOff {
		vote = "no PreVote"
	}
	if l.Defaults {
		return []string{fmt.Sprintf("as the libraries come: ZAB tick %s, syncLimit %d, session %s; Raft heartbeat and election timeout %s, lease %s",
			z.Tick, z.SyncLimit, z.SessionTimeout, s.Heartbeat, s.Lease)}
	}
	return []string{
		fmt.Sprintf("a silent leader is given up after %s: ZAB tick %s, syncLimit %d, initLimit %d, session %s, finalizeWait 200ms",
			l.Detect, z.Tick, z.SyncLimit, z.InitLimit, z.SessionTimeout),
		fmt.Sprintf("Raft heartbeat and election timeout %s (one to two of them), lease %s, commit timeout %s, at most %d entries in a message, %d in flight, %s",
			s.Heartbeat, s.Lease, s.CommitTimeout, s.MaxAppend, s.Pipeline, vote),
		"both acknowledge what is synced; ZAB's state is a tree of znodes, Raft's a map of registers; nothing is batched but what waits together",
	}
}
