package schedules

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/suspects"
	"github.com/zablab/zablab/sim"
)

// raft opens hashicorp/raft once for all tests.
var raft = sync.OnceValues(func() (*suspects.Suspect, error) {
	return suspects.Find("raft").Open(context.Background(), "", guest.Source{}, nil)
})

func engines(t testing.TB) []*Engine {
	t.Helper()
	e, err := raft()
	if err != nil {
		t.Fatal(err)
	}
	return []*Engine{{Name: "zab", Says: "ZAB"}, {Name: "raft", Says: "Raft", Suspect: e}}
}

// TestSameSchedules: both engines get the same servers, links, disks, clients and faults at the same
// moments; the text of a schedule gives it back.
func TestSameSchedules(t *testing.T) {
	both := engines(t)
	restless := *both[1]
	restless.Restless = true
	disturbed := 0
	for seed := uint64(1); seed <= 300; seed++ {
		zab, other := both[0].Schedule(seed), both[1].Schedule(seed)
		if zab.Servers != other.Servers || zab.Observers != 0 || zab.Latency != other.Latency ||
			zab.Fsync != other.Fsync || zab.Length != other.Length || zab.Seed != other.Seed ||
			zab.Bandwidth != other.Bandwidth || zab.Writeback != other.Writeback ||
			len(zab.Clients) != len(other.Clients) || other.Restless != (fuzz.Restless{}) ||
			other.Tick != zab.Tick*2/3 || len(zab.Plan) != len(other.Plan) {
			t.Fatalf("seed %d:\n%s\n%s", seed, zab.String(), other.String())
		}
		for i, f := range zab.Plan {
			g := other.Plan[i]
			g.Message, g.When.Arg, g.When.After.Arg = f.Message, f.When.Arg, f.When.After.Arg
			if f.String() != g.String() || f.Kind == sim.FaultExpire {
				t.Errorf("seed %d: %s, and %s", seed, f, other.Plan[i])
			}
		}
		for _, s := range []fuzz.Schedule{zab, other} {
			if back, err := fuzz.Parse("schedule", s.String()); err != nil ||
				back.String() != s.String() {
				t.Errorf("seed %d: %v\n%s\n%s", seed, err, s.String(), back.String())
			}
		}
		if r := restless.Schedule(seed); r.Restless != (fuzz.Restless{}) ||
			len(r.Plan) > len(zab.Plan) {
			disturbed++
		}
	}
	if disturbed < 200 {
		t.Errorf("raft+naps disturbs %d of 300 schedules", disturbed)
	}
}

// TestLeaderless: reigns that overlap, touch, leave a gap, or begin after the end.
func TestLeaderless(t *testing.T) {
	for _, c := range []struct {
		name   string
		reigns []span
		want   sim.Time
	}{
		{"none", nil, 100},
		{"from the beginning on", []span{{10, -1}}, 0},
		{"a gap", []span{{10, 30}, {50, -1}}, 20},
		{"the end", []span{{10, 30}}, 70},
		{"an overlap", []span{{10, 60}, {50, 90}, {90, -1}}, 0},
		{"one within another", []span{{10, 90}, {20, 30}}, 10},
		{"too late", []span{{10, 30}, {120, -1}}, 70},
		{"all too late", []span{{120, -1}}, 100},
	} {
		if got := leaderless(c.reigns, 100); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestGap(t *testing.T) {
	write := func(at sim.Time) compare.Op { return compare.Op{Return: at, Outcome: compare.OK} }
	led := []span{{10, -1}}
	for _, c := range []struct {
		name string
		ops  []compare.Op
		want sim.Time
	}{
		{"none", nil, 90},
		{"early", []compare.Op{write(20), write(30), write(95)}, 65},
		{"in any order", []compare.Op{write(70), write(40)}, 30},
		{"a read", []compare.Op{{Read: true, Return: 50, Outcome: compare.OK}}, 90},
		{"of unknown outcome", []compare.Op{{Return: 50, Outcome: compare.Unknown}}, 90},
		{"after the end", []compare.Op{write(60), write(150)}, 50},
	} {
		if got := gap(c.ops, led, 100); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	for _, late := range [][]span{nil, {{120, -1}}} {
		if got := gap(nil, late, 100); got != 100 {
			t.Errorf("without a leader: %d", got)
		}
	}
}

// TestDistribution: a run that never recovers is longer than any other, and a run that was cut short
// has no times.
func TestDistribution(t *testing.T) {
	b := &Batch{Engines: []*Engine{{Name: "x"}}, Runs: [][]Run{nil}}
	for i := range 40 {
		r := Run{Seed: uint64(i + 1), Outcome: Passed, Healed: sim.Time(100 + i), Leaderless: 7, Gap: 7}
		switch {
		case i >= 37:
			r.Outcome, r.Healed, r.Property = NoRecovery, -1, "LiveAfterHealing"
		case i == 5:
			r.Outcome, r.Healed, r.Leaderless, r.Property = Unsafe, -1, -1, "LogMatching"
			r.Lost = 2
		}
		b.Runs[0] = append(b.Runs[0], r)
		b.Done++
	}
	by := map[string]Distribution{}
	for _, m := range Measures() {
		by[m.Key] = b.Of(&m, 0)
	}
	healed := by["healed_us"]
	if healed.N != 39 || healed.Never != 3 || healed.Worst != nil || healed.P95 != nil ||
		healed.Median == nil || *healed.Median != 120 || healed.Seed != 38 || !healed.Enough ||
		*healed.Low < 110 || *healed.High > 130 {
		t.Errorf("%+v", healed)
	}
	if d := by["leaderless_us"]; d.N != 39 || d.Some != 39 || *d.Worst != 7 || d.Seed != 1 {
		t.Errorf("%+v", d)
	}
	if d := by["lost"]; d.N != 40 || d.Some != 1 || d.Sum != 2 || *d.Median != 0 || d.Seed != 6 {
		t.Errorf("%+v", d)
	}
	want := "Under 40 random schedules of faults,  broke a safety check in 1 schedule, did not recover in 3 " +
		"schedules, had 2 acknowledged writes lost in 1 schedule."
	if got := Summary(b); got != want {
		t.Errorf("%s", got)
	}
	if list := b.Breaks(0); len(list) != 2 || list[0].Property != "LogMatching" || list[0].First != 6 ||
		list[1].Runs != 3 || list[1].First != 38 {
		t.Errorf("%+v", list)
	}
}

// TestSummaryIsHonest: undecided runs are no success, and neither is a batch without runs.
func TestSummaryIsHonest(t *testing.T) {
	b := &Batch{Engines: []*Engine{{Name: "x", Says: "X"}}, Runs: [][]Run{nil}}
	if got := Summary(b); !strings.Contains(got, "X was not played") {
		t.Errorf("%s", got)
	}
	b.Done, b.Runs[0] = 2, []Run{{Outcome: Undecided}, {Outcome: Passed}}
	if got := Summary(b); !strings.Contains(got, "1 undecided") {
		t.Errorf("%s", got)
	}
}

// TestCompare: a batch depends on its seeds alone, not on the number of workers; what each engine
// played, played again from the text of its schedule, is the same run. Every run had calls.
func TestCompare(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it plays Raft")
	}
	both := engines(t)
	first, err := Compare(context.Background(), both, 7, 2, Options{Workers: 2})
	if err != nil || first.Done != 2 {
		t.Fatal(err, first)
	}
	again, err := Compare(context.Background(), both, 7, 2, Options{Workers: 1})
	if err != nil || again.Fingerprint != first.Fingerprint {
		t.Errorf("%v: %x, then %x", err, first.Fingerprint, again.Fingerprint)
	}
	for k, e := range both {
		if !slices.Equal(first.Runs[k], again.Runs[k]) {
			t.Errorf("%+v\n%+v", first.Runs[k], again.Runs[k])
		}
		for _, r := range first.Runs[k] {
			if r.Calls < 20 || r.Outcome != Passed || !r.Complete || r.Healed <= 0 || r.Gap <= 0 {
				t.Errorf("%s: %+v", e.Name, r)
			}
		}
		s := e.Schedule(8)
		back, err := fuzz.Parse("schedule", s.String())
		if err != nil {
			t.Fatal(err)
		}
		o := fuzz.Playing{}
		if e.Suspect != nil {
			o.Engine = e.Suspect
		}
		out, err := back.Play(o)
		if err != nil || out.Fingerprint != first.Runs[k][1].Fingerprint {
			t.Errorf("%s: %v: %x, from its text %x", e.Name, err, first.Runs[k][1].Fingerprint,
				out.Fingerprint)
		}
	}
}

// TestPlanted: a server of Raft that acknowledges before its disk has the entry is convicted, and a
// batch says so.
func TestPlanted(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it plays Raft")
	}
	both := engines(t)
	bad := *both[1]
	bad.Bug = "ack"
	for seed := uint64(1); ; seed++ {
		b, err := Compare(context.Background(), []*Engine{both[0], &bad}, seed, 1, Options{})
		if err != nil || seed == 9 {
			t.Fatal("no run of eight convicts it: ", err)
		}
		if r := b.Runs[1][0]; r.Outcome == Unsafe {
			if list := b.Breaks(1); len(list) != 1 || list[0].First != seed || b.Runs[0][0].Outcome !=
				Passed || !strings.Contains(Summary(b), "broke a safety check in 1") {
				t.Errorf("%+v %s", list, Summary(b))
			}
			return
		}
	}
}

// TestInterrupted: a batch that is interrupted keeps what is done.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	b, err := Compare(ctx, []*Engine{{Name: "zab", Says: "ZAB"}}, 1, 50, Options{Workers: 1,
		Tell: func(b *Batch) {
			if b.Done == 3 {
				stop()
			}
		}})
	if err != nil || b.Done != 3 || len(b.Runs[0]) != 3 {
		t.Errorf("%v: %d", err, b.Done)
	}
}
