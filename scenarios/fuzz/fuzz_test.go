package fuzz

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// TestFuzzSound: the engine without flaws breaks nothing, equal seeds give equal runs, and the
// batch has seen what it should.
func TestFuzzSound(t *testing.T) {
	n := uint64(150)
	if testing.Short() {
		n = 15
	}
	var some Sometimes
	for seed := uint64(1); seed <= n; seed++ {
		s := Generate(seed)
		f, err := s.Play(Playing{})
		if err != nil || f.Property != "" || len(f.Undecided) > 0 {
			t.Fatalf("seed %d: %v %s %s, undecided %v\n%s", seed, err, f.Property, f.Text,
				f.Undecided, s.Plan)
		}
		some.Add(&f.Sometimes)
		if seed%10 == 0 {
			again := Generate(seed)
			if g, _ := again.Play(Playing{}); g.Fingerprint != f.Fingerprint ||
				g.Events != f.Events {
				t.Errorf("seed %d: %x, and then %x", seed, f.Fingerprint, g.Fingerprint)
			}
		}
	}
	t.Logf("%+v", some)
	if !testing.Short() && slices.Contains([]int{some.Elections - int(n), some.Diffs, some.Truncs,
		some.Snaps, some.Moved,
		some.Expired, some.Unknown, some.TwoBelieved, some.Faults}, 0) {
		t.Errorf("a dull batch: %+v", some)
	}
}

// TestSometimesTexts: the names of the counts are those of all files of results, and the texts fit
// into the column of zablab fuzz.
func TestSometimesTexts(t *testing.T) {
	names := []string{"faults took effect", "a leader was established", "DIFF", "TRUNC", "SNAP",
		"a session moved", "a SNAP held what was uncommitted", "a session ended by itself",
		"an outcome was unknown", "two believed to lead", "a leader died between two fsyncs",
		"an epoch had no quorum", "a disk was lost", "an old token was refused",
		"a belief outlived its node", "a fault at a TRUNC", "a fault between pieces of a SNAP",
		"a fault in a later election", "a fault soon after a restart",
		"a fault of a server that lags", "all power lost at rest"}
	s := Sometimes{Diffs: 3}
	if m := s.Map(); len(m) != len(names) || m["DIFF"] != 3 {
		t.Fatalf("the names are %v: add the new ones here", m)
	}
	texts := make(map[string]bool)
	for i, c := range s.List() {
		if c.What != names[i] {
			t.Errorf("count %d is named %q, not %q", i, c.What, names[i])
		}
		if texts[c.Text] || c.Text == "" || len(c.Text) > 54 {
			t.Errorf("%s: the text %q is empty, long or another count's", c.What, c.Text)
		}
		texts[c.Text] = true
	}
}

// forgetful is a server that answers ok to writes once it has restarted, and does not make them.
type forgetful struct {
	sim.Program
	life uint32
}

func (f *forgetful) Unwrap() sim.Program { return f.Program }

func (f *forgetful) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	r, ok := e.Msg.(*tree.Request)
	if ok && f.life > 1 && e.Kind == sim.Received && e.Port == zab.PortClient &&
		r.Type == tree.OpSetData {
		return append(out, sim.Effect{Kind: sim.Send, Conn: e.Conn, Msg: &tree.Reply{
			Xid: r.Xid, Zxid: f.Program.(*server.Server).Tree().LastProcessed(),
			Result: tree.OpResult{Type: tree.OpSetData},
		}})
	}
	return f.Program.Step(now, e, out)
}

func forgetting(m *sim.Machine, p sim.Program) sim.Program {
	if m.Kind != "server" {
		return p
	}
	return &forgetful{p, m.Incarnation()}
}

// TestFuzzFindsAndShrinks: a server that loses writes after a restart is found, and the shrunk plan
// has at most six lines, all needed.
func TestFuzzFindsAndShrinks(t *testing.T) {
	found := 0
	want := 3
	if testing.Short() {
		want = 1
	}
	for seed := uint64(8); seed <= 40 && found < want; seed++ {
		s := Generate(seed)
		f, err := s.Play(Playing{Tamper: forgetting})
		if err != nil {
			t.Fatal(err)
		}
		if f.Property == "" {
			continue
		}
		found++
		least, runs := Shrink(s, f.Property, Playing{Tamper: forgetting})
		g, err := least.Play(Playing{Tamper: forgetting})
		if err != nil || g.Property != f.Property {
			t.Errorf("seed %d: shrunk to what breaks %s, not %s: %v", seed, g.Property, f.Property,
				err)
		}
		if len(least.Plan) > 6 || len(least.Plan) > len(s.Plan) || runs == 0 {
			t.Errorf("seed %d: after %d runs there are left\n%s", seed, runs, least.Plan)
		}
		for i := range least.Plan {
			less := least
			less.Plan = slices.Delete(slices.Clone(least.Plan), i, i+1)
			if g, _ := less.Play(Playing{Tamper: forgetting}); g.Property == f.Property {
				t.Errorf("seed %d: %s is not needed", seed, least.Plan[i])
			}
		}
		t.Logf("seed %d: %s, %d runs\n%s%v", seed, f.Property, runs, least.Plan, least.Clients)
	}
	if found < want {
		t.Errorf("found in %d of 40 seeds", found)
	}
}

// TestScheduleRoundTrip: printing and parsing a schedule is the identity.
func TestScheduleRoundTrip(t *testing.T) {
	for seed := uint64(1); seed <= 300; seed++ {
		s := Generate(seed)
		text := s.String()
		back, err := Parse("s", text)
		if err != nil || back.String() != text {
			t.Fatalf("seed %d: %v\n%s\nbecomes\n%s", seed, err, text, back.String())
		}
		if seed > 5 {
			continue
		}
		a, _ := s.Play(Playing{})
		if b, _ := back.Play(Playing{}); a.Fingerprint != b.Fingerprint || a.Events != b.Events {
			t.Errorf("seed %d: the schedule that was parsed runs differently", seed)
		}
	}
	for text, want := range map[string]string{
		"":                                      "s:1:1: not a schedule",
		"stage seed=1 servers=3\n":              "s:1:1: not a schedule",
		"stage seed=x\nclient A":                `s:1:1: "x" is not a seed`,
		"stage servers=0\nclient A":             "s:1:1: servers=0: must be a number, at least 1",
		"stage tick=0s\nclient A":               "s:1:1: tick=0s: must be a duration, such as 200ms",
		"stage colour=red\nclient A":            "s:1:1: no such setting: colour",
		"stage seed=1\nclient B":                "s:2:1: clients must be named A, B, C and so on, in this order: write client A",
		"stage seed=1\nclient A locks declared": "s:2:1: client A: the workload declared is checked",
		"stage seed=1\nclient A gossip":         "s:2:1: no such workload: gossip: the workloads are barriers, bulk, bursts, careful",
		"stage seed=1\n1s explode S1":           `s:2:1: fault "1s explode S1"`,
	} {
		if _, err := Parse("s", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// fickle is a server that loses one message in every second run.
type fickle struct {
	sim.Program
	lose bool
	seen int
}

func (f *fickle) Unwrap() sim.Program { return f.Program }

func (f *fickle) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	if f.seen++; f.lose && f.seen == 40 && e.Kind == sim.Received {
		return out
	}
	return f.Program.Step(now, e, out)
}

// TestVerify: a run that differs the second time is noticed, with the first event that differs.
func TestVerify(t *testing.T) {
	plays := 0
	b, err := Run(1, 1, Options{Workers: 1, Verify: 1, Tamper: func(m *sim.Machine,
		p sim.Program) sim.Program {
		if m.Name == "S1" && m.Incarnation() == 1 {
			plays++
		}
		if m.Name != "S1" {
			return p
		}
		return &fickle{Program: p, lose: plays%2 == 0}
	}})
	if err != nil || len(b.Differing) != 1 {
		t.Fatalf("%v: %+v", err, b.Differing)
	}
	d := b.Differing[0]
	if d.Seed != 1 || d.Step < 10 || d.First == d.Second || !strings.HasPrefix(d.First, "t=") ||
		!strings.HasPrefix(d.Second, "t=") {
		t.Errorf("%s", d.String())
	}
	t.Log(d.String())
}

// TestFuzzBatch: a batch does not depend on the number of workers. Its two failures need few runs to
// shrink.
func TestFuzzBatch(t *testing.T) {
	var want string
	for _, workers := range []int{1, 3} {
		told := 0
		b, err := Run(10, 2, Options{Workers: workers, Verify: 2, Tamper: forgetting,
			Whole: testing.Short(), Tell: func(*Batch) { told++ }})
		if err != nil || b.Done != 2 || told != 2 || len(b.Differing) > 0 || len(b.Failures) == 0 {
			t.Fatalf("%v: %d done, %d told, %v differ, %d failures", err, b.Done, told, b.Differing,
				len(b.Failures))
		}
		b.Shrinking = 0 // of the wall clock
		got := fmt.Sprintf("%+v", b)
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("with %d workers\n%s\nwith one\n%s", workers, got, want)
		}
	}
	b, err := Run(1, 100, Options{Stop: func() bool { return true }})
	if err != nil || b.Done != 1 {
		t.Errorf("stopped after %d: %v", b.Done, err)
	}
	var dull Sometimes
	if never := dull.Never(); len(never) != len(dull.List())-3 || slices.Contains(never, handed) {
		t.Errorf("it never saw %v", never) // all but the three that are rare
	}
}

// TestSizes: some schedules of the mix swarm limit links, disks, or one link for a while, and none of
// the mix common. Where a client writes a megabyte, a snapshot can still reach a follower in time.
func TestSizes(t *testing.T) {
	links, disks, narrow := 0, 0, 0
	for seed := range uint64(1000) {
		s := Swarm.Generate(seed)
		least := s.Bandwidth
		if s.Bandwidth != 0 {
			links++
		}
		if s.DiskBandwidth != 0 {
			disks++
			least = s.DiskBandwidth
		}
		for _, f := range s.Plan {
			if f.Kind == sim.FaultBandwidth && f.Rate != 0 {
				narrow++
				least = sim.Bandwidth(f.Rate)
			}
		}
		if s.does(bulk) && least != 0 && least < 100*sim.Mbit {
			t.Errorf("seed %d: a megabyte at %s", seed, least)
		}
		if c := Common.Generate(seed); c.Bandwidth != 0 || c.DiskBandwidth != 0 ||
			slices.ContainsFunc(c.Plan, func(f sim.Fault) bool { return f.Kind == sim.FaultBandwidth }) {
			t.Errorf("seed %d of the mix common has a bandwidth", seed)
		}
	}
	if links < 20 || disks < 20 || narrow < 20 || links+disks+narrow > 200 {
		t.Errorf("of 1,000 schedules %d limit links, %d disks, %d one link", links, disks, narrow)
	}
}
