package compare

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Side is the run of a plan on one of the two engines.
type Side struct {
	Engine  Engine
	Result  *Result
	Run     *trace.Run // read from Result.Trace
	Moments []Moment
}

// Moment is one of the events that a report shows: a fault, a new leader, or a gap between writes.
type Moment struct {
	At  sim.Time `json:"at_us"`
	Say string   `json:"say"`
}

// Both plays one plan on both engines with the same seed, and returns the two runs. Three clients
// write and read from 2 s on: A at the leader, B and C at other servers.
func (l *Lab) Both(ctx context.Context, plan string,
	servers int, seed uint64, length sim.Time) (sides []Side, err error) {
	for _, engine := range []Engine{ZAB, Raft} {
		s := l.settings(seed, servers)
		s.Plan, s.Length, s.From, s.Trace, s.Timeout = plan, length, 2*sim.Second, true, 2*l.Detect
		for i := range 3 {
			home := 0
			if i > 0 {
				home = -1
			}
			s.Clients = append(s.Clients, Client{
				Name: string(rune('A' + i)), Home: home, Start: s.From,
				Pause: 200 * sim.Millisecond, Reads: 30, Size: 8, Keys: 3,
			})
		}
		side, err := l.side(ctx, engine, &s)
		if err != nil {
			return nil, err
		}
		side.moments(side.Result)
		sides = append(sides, side)
	}
	return sides, nil
}

// side plays one run, and reads its trace.
func (l *Lab) side(ctx context.Context, engine Engine, s *Settings) (side Side, err error) {
	s.Trace = true
	r, err := l.run(ctx, engine, s)
	if err != nil {
		return side, err
	}
	run, err := trace.Read(string(engine)+".ndjson", strings.NewReader(r.Trace))
	if err != nil {
		return side, err
	}
	return Side{Engine: engine, Result: r, Run: run}, nil
}

// Table is the name of a table of fail-overs, or "" for the table of [Lab.Failovers].
type Table string

// The names of the tables. Their rows come from [Lab.Missings], [Lab.Loads] and [Lab.PreVotes], in
// this order.
const (
	TableMissing Table = "missing"
	TableLoad    Table = "load"
	TablePreVote Table = "prevote"
)

// Shown plays the runs of a table row again, with seed 1 and the row's fault. It returns the two
// runs that the row compares: ZAB and Raft or, in [TablePreVote], Raft with PreVote and Raft
// without it. Both runs are cut to the same span: from 0.2 s before the fault to 0.3 s after both
// sides have completed their first write after the fault. A side that completes no write counts as
// if it had completed one 3 s after the fault.
func (l *Lab) Shown(ctx context.Context, table Table, row *Failover, fault Fault) ([]Side, error) {
	t, off := incident{fault: fault, at: faultAt}, *l
	labs, engines := [2]*Lab{l, l}, [2]Engine{ZAB, Raft}
	switch table {
	case TableMissing:
		t = lagging(row.Servers, row.Missing)
	case TableLoad:
		t = incident{fault: leaderCrashes(), at: faultAt, load: row.Load}
	case TablePreVote:
		off.PreVoteOff = true
		labs[1], engines[0] = &off, Raft
	}
	var sides []Side
	span := sim.Time(0)
	for i, engine := range engines {
		side, err := labs[i].side(ctx, engine, t.settings(labs[i], 1, row.Servers))
		if err != nil {
			return nil, err
		}
		var part Failover
		part.take(side.Result, &t, row.Servers)
		first := 3 * sim.Second
		if v := part.First.Values; len(v) > 0 {
			first = sim.Time(v[0])
		}
		span = max(span, first+300*sim.Millisecond)
		sides = append(sides, side)
	}
	for i := range sides {
		if err := sides[i].cut(t.at-200*sim.Millisecond, t.at+span); err != nil {
			return nil, err
		}
	}
	return sides, nil
}

// cut keeps only a part of the trace.
func (s *Side) cut(from, to sim.Time) error {
	name := string(s.Engine) + ".ndjson"
	r, err := trace.NewReader(name, strings.NewReader(s.Result.Trace))
	if err != nil {
		return err
	}
	var b strings.Builder
	if _, _, err := trace.Trim(&b, r, trace.Bounds{From: trace.Point{ByTime: true, At: int64(from)},
		To: trace.Point{ByTime: true, At: int64(to)}}); err != nil {
		return err
	}
	s.Result.Trace = b.String()
	s.Run, err = trace.Read(name, strings.NewReader(s.Result.Trace))
	return err
}

// moments collects the events that a report shows. They are the faults, the first server that looks
// for a leader, each new leader, and the writes before and after each gap between writes.
func (s *Side) moments(r *Result) {
	for i := range s.Run.Events {
		e := &s.Run.Events[i]
		switch e.Key {
		case "leader", "crash", "pause", "resume", "split", "cut", "mend", "heal", "hold",
			"release", "delay", "clock", "wall", "fsync", "reset", "restart":
			s.Moments = append(s.Moments, Moment{sim.Time(e.T), e.Say})
		}
	}
	seeks, looks := map[Engine]string{ZAB: "looking", Raft: "candidate"}[s.Engine], false
	for _, state := range r.States {
		switch state.State {
		case seeks:
			if !looks {
				s.Moments = append(s.Moments, Moment{
					state.At, fmt.Sprintf("S%d looks for a leader", state.Server),
				})
			}
			looks = true
		case "leader":
			looks = false
		}
	}
	var writes []sim.Time
	for _, o := range r.Ops {
		if o.Outcome == OK && !o.Read {
			writes = append(writes, o.Return)
		}
	}
	slices.Sort(writes)
	for i := 1; i < len(writes); i++ {
		if gap := writes[i] - writes[i-1]; gap > 700*sim.Millisecond {
			s.Moments = append(s.Moments,
				Moment{writes[i-1], "no write succeeds for " + gap.Brief()},
				Moment{writes[i], "writes succeed again"})
		}
	}
	slices.SortStableFunc(s.Moments, func(a, b Moment) int { return cmp.Compare(a.At, b.At) })
}

// PlanLength reads a plan and returns how long a run with this plan must last: until 6 s after the
// end of the last fault, and at least 8 s.
func PlanLength(name, text string, servers int) (sim.Time, error) {
	fixed, aimed, err := Aim(text)
	if err == nil {
		for _, a := range aimed {
			f, e := a.Fault(1, servers)
			if e != nil && err == nil {
				err = e
			}
			fixed = append(fixed, f)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if len(fixed) == 0 {
		return 0, fmt.Errorf("%s: no fault in this plan: write lines such as 3s crash LEADER",
			name)
	}
	last := sim.Time(0)
	for _, f := range fixed {
		last = max(last, f.When.At+f.Span)
	}
	if last > 10*60*sim.Second {
		return 0, fmt.Errorf("%s: the plan takes %s: the limit is ten minutes: use earlier times",
			name, last)
	}
	return max(last, 2*sim.Second) + 6*sim.Second, nil
}
