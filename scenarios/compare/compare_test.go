package compare

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/raft/etcdraft"
	"github.com/zablab/zablab/scenarios/raft/hashicorp"
	"github.com/zablab/zablab/sim"
)

// host opens the server once for all tests.
var host = sync.OnceValues(func() (*guest.Host, error) {
	return OpenRaft(context.Background(), hashicorp.Library{}, "", nil)
})

func lab(t testing.TB) *Lab {
	t.Helper()
	h, err := host()
	if err != nil {
		t.Fatal(err)
	}
	return &Lab{Host: h, Detect: sim.Second}
}

// TestWrites: a single write without faults costs exactly what the protocols predict: in ZAB 3(n-1)
// messages, one more if it enters at a follower, and one fsync on the critical path; in Raft 2(n-1)
// messages and two fsyncs.
func TestWrites(t *testing.T) {
	t.Parallel()
	l := lab(t)
	for servers, f := range map[int]Fixed{ // order: they are independent
		3: {Link: 7 * sim.Millisecond, Fsync: 3 * sim.Millisecond},
		5: {Link: 2 * sim.Millisecond, Fsync: 10 * sim.Millisecond},
	} {
		if servers == 5 || !testing.Short() {
			list, err := l.Writes(context.Background(), servers, f)
			if err != nil || len(list) != 3 {
				t.Fatal(err, list)
			}
			for _, w := range list {
				links, disks := sim.Time(4), sim.Time(1)
				switch {
				case w.Engine == Raft:
					disks = 2
				case w.Enters == "follower":
					links = 6
				}
				if w.N < 20 || math.Abs(w.Messages-w.Expect) > 1e-9 ||
					math.Abs(w.Leader-w.ExpectLeader) > 1e-9 || math.Abs(w.Fsyncs-1) > 1e-9 ||
					!near(w.Latency, w.ExpectLatency) || !near(w.Network, links*f.Link) ||
					!near(w.Disks, disks*f.Fsync) {
					t.Errorf("δ=%s f=%s: %+v", f.Link, f.Fsync, w)
				}
			}
		}
	}
}

// TestEtcdWrites: etcd-io/raft in place of hashicorp/raft needs as many messages and fsyncs, and its
// leader announces a commit at once, so that a write is visible everywhere when it is answered.
func TestEtcdWrites(t *testing.T) {
	t.Parallel()
	h, err := OpenRaft(context.Background(), etcdraft.Library{}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close(context.Background())
	l := &Lab{Host: h, Library: etcdraft.Library{}, Detect: sim.Second}
	f := Fixed{Link: 7 * sim.Millisecond, Fsync: 3 * sim.Millisecond}
	list, err := l.Writes(context.Background(), 3, f)
	if err != nil || len(list) != 3 {
		t.Fatal(err, list)
	}
	w := list[2]
	if w.Engine != Raft || w.N < 20 || math.Abs(w.Messages-w.Expect) > 1e-9 ||
		math.Abs(w.Leader-w.ExpectLeader) > 1e-9 || math.Abs(w.Fsyncs-1) > 1e-9 ||
		!near(w.Latency, w.ExpectLatency) || !near(w.Network, 4*f.Link) ||
		!near(w.Disks, 2*f.Fsync) || !near(w.Visible, w.ExpectVisible) {
		t.Errorf("%+v", w)
	}
}

// near is true if a and b differ by at most 0.1 %, because a histogram keeps four digits.
func near(a, b sim.Time) bool { return a-b <= b/1000 && b-a <= b/1000 }

// TestFailovers: on both engines detection, election and recovery follow the fault in this order,
// and no acknowledged write is lost. Raft is linearizable. A second measurement gives the same
// figures.
func TestFailovers(t *testing.T) {
	t.Parallel()
	l := lab(t)
	faults := Faults()
	if testing.Short() {
		faults = faults[:1]
	}
	for i, f := range faults {
		var first string
		for range 2 {
			list, err := l.Failovers(context.Background(), 3, 1, f, func() {})
			if err != nil || len(list) != 2 {
				t.Fatal(err, list)
			}
			for _, x := range list {
				ok := x.First.N == 1 && x.Lost == 0 && x.Doubled == 0 && x.Never == 0 && x.Reads > 0
				if !f.Stays {
					ok = ok && x.Recovered.N == 1 && x.Terms.Low >= 1 && x.Detected.N == 1 &&
						x.Elected.N == 1
					ok = ok && x.Detected.Median <= x.Elected.Median &&
						x.Elected.Median <= x.Recovered.Median &&
						x.Recovered.Median <= x.First.Median
				}
				if x.Engine == Raft {
					ok = ok && x.Linearizable == lin.Linearizable && x.Stale == 0
				}
				if !ok {
					t.Errorf("%s: %+v", f.Name, x)
				}
			}
			text, err := json.Marshal(list)
			if err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = string(text)
			}
			if string(text) != first {
				t.Errorf("%s: the second time\n%s\nthe first\n%s", f.Name, text, first)
			}
			if i > 0 || testing.Short() {
				break // one repetition is enough
			}
		}
	}
}

// TestReads: each way of reading keeps its promise. The ways that promise less return stale values
// when a cut-off leader does not know that another leads. A way that asks more servers takes
// longer.
func TestReads(t *testing.T) {
	if testing.Short() {
		t.Skip("15 runs take some 5 s")
	}
	t.Parallel()
	list, err := lab(t).Reads(context.Background(), 3, 1, func() {})
	if err != nil || len(list) != Ways() {
		t.Fatal(err, list)
	}
	by := map[string]Read{}
	for _, r := range list {
		if r.N < 100 || r.Rate < 100 {
			t.Errorf("%+v", r)
		}
		by[string(r.Engine)+" "+r.Way] = r
	}
	for _, name := range []string{"zab quorum sync", "raft verify"} {
		if r := by[name]; r.Stale+r.CutStale > 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	for _, name := range []string{"zab local", "zab sync", "raft local"} {
		if r := by[name]; r.CutStale == 0 || r.CutOldest == 0 || r.CutStale > r.CutN {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if r := by["zab sync"]; r.Stale > 0 || r.P50 <= by["zab local"].P50 ||
		by["zab quorum sync"].P50 <= r.P50 || by["raft verify"].P50 <= by["raft local"].P50 {
		t.Errorf("%+v", list)
	}
}

// TestBareReads: VerifyLeader alone does not prevent stale reads, because a new leader may not have
// applied all writes that its predecessor committed. Reads that wait until it has are not stale.
func TestBareReads(t *testing.T) {
	if testing.Short() {
		t.Skip("its runs take some 3 s")
	}
	t.Parallel()
	l := lab(t)
	count := func(bug string, seed uint64) (n, reads int) {
		s := l.settings(seed, 3)
		s.From, s.Length = from, faultAt+3*sim.Second
		at := faultAt.Seconds() // a slow disk of a follower delays the new leader's first commit
		s.Plan = at + " fsync NEXT 60ms\n" + at + " crash LEADER"
		s.Bug, s.Timeout = bug, 2*l.Detect
		s.Clients = []Client{writer(0, 0)}
		for i := range 12 {
			s.Clients = append(s.Clients, Client{
				Name: "R" + string(rune('A'+i)), Start: from, Pause: 5 * sim.Millisecond,
				Reads: 100, Keys: 3,
			})
		}
		r, err := l.run(context.Background(), Raft, &s)
		if err != nil {
			t.Fatal(err)
		}
		n, _ = stale(r.Ops)
		for _, o := range r.Ops {
			if o.Read && o.Outcome == OK && o.Call > faultAt {
				reads++
			}
		}
		return n, reads
	}
	for seed := uint64(6); seed < 26; seed++ { // from one that shows it
		if n, _ := count("read", seed); n == 0 {
			continue
		}
		if n, reads := count("", seed); n > 0 || reads < 100 {
			t.Errorf("seed %d: %d of %d reads are stale", seed, n, reads)
		}
		return
	}
	t.Error("no read is stale with the bug: the test shows nothing")
}

// TestMissings: 10,000 transactions that a server of the new quorum lacks do not delay ZAB, whose
// leader sends all at once, but delay Raft, whose leader sends 64 entries at a time.
func TestMissings(t *testing.T) {
	if testing.Short() {
		t.Skip("4 runs, of 10,000 writes two, take some 8 s")
	}
	t.Parallel()
	l := lab(t)
	serves := map[Engine][]int64{}
	for _, missing := range []int{0, 10_000} {
		list, err := l.Missings(context.Background(), 3, 1, missing, func() {})
		if err != nil || len(list) != 2 {
			t.Fatal(err, list)
		}
		for _, x := range list {
			if x.First.N != 1 || x.Lost+x.Doubled+x.Never > 0 || x.Linearizable == lin.Broken ||
				x.Led.N > 0 || x.Elected.N != 1 || x.Recovered.N != 1 {
				t.Errorf("%+v", x)
				continue
			}
			serves[x.Engine] = append(serves[x.Engine], x.Recovered.Median-x.Elected.Median)
		}
	}
	z, r := serves[ZAB], serves[Raft]
	if len(z) != 2 || len(r) != 2 || z[1]-z[0] > 100_000 || r[1]-r[0] < 500_000 {
		t.Errorf("from the election on ZAB serves after %v µs, Raft after %v", z, r)
	}
	if _, err := l.Missings(context.Background(), 3, 1, 7, func() {}); err == nil {
		t.Error("7 missing transactions, which the clients cannot share equally, gave no error")
	}
}

// TestLoads: a leader that crashes under load loses no write, and no write takes effect twice.
func TestLoads(t *testing.T) {
	if testing.Short() {
		t.Skip("its runs take some 2 s")
	}
	t.Parallel()
	list, err := lab(t).Loads(context.Background(), 3, 1, 16, func() {})
	if err != nil || len(list) != 2 {
		t.Fatal(err, list)
	}
	for _, x := range list {
		if x.First.N != 1 || x.Lost+x.Doubled+x.Never > 0 || x.Linearizable != lin.Linearizable ||
			x.Load != 16 || x.Unknown == 0 {
			t.Errorf("%+v", x)
		}
	}
}

// TestPreVotes: a follower that was cut off returns, and the leader keeps leading; in Raft without
// PreVote the follower brings a higher term.
func TestPreVotes(t *testing.T) {
	if testing.Short() {
		t.Skip("its runs take some 2 s")
	}
	t.Parallel()
	l := lab(t)
	with, err := l.Failovers(context.Background(), 3, 1, Shunned(), func() {})
	if err != nil {
		t.Fatal(err)
	}
	without, err := l.PreVotes(context.Background(), 3, 1, Shunned(), func() {})
	if err != nil {
		t.Fatal(err)
	}
	if len(with) != 2 || len(without) != 1 || with[0].Terms.N+with[1].Terms.N != 0 ||
		without[0].Terms.N != 1 {
		t.Errorf("with PreVote %+v, without %+v", with, without)
	}
}

// TestSameWork: without faults, the clients perform the same operations on both engines.
func TestSameWork(t *testing.T) {
	l := lab(t)
	var work [2][]string
	for i, engine := range []Engine{ZAB, Raft} {
		s := l.settings(3, 3)
		s.From, s.Length = from, from+2*sim.Second
		s.Clients = []Client{{
			Name: "A", Start: from, Pause: 30 * sim.Millisecond, Reads: 40, Size: 10, Keys: 3,
		}}
		r, err := l.run(context.Background(), engine, &s)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range r.Ops {
			value := o.Value
			if o.Read {
				value = "?"
			}
			work[i] = append(work[i], o.Key+value)
		}
	}
	n := min(len(work[0]), len(work[1]))
	if n < 20 || !slices.Equal(work[0][:n], work[1][:n]) {
		t.Errorf("ZAB's did\n%v\nRaft's\n%v", work[0], work[1])
	}
}

// TestDoubled: doubled counts versions of a register in excess of its writes.
func TestDoubled(t *testing.T) {
	write := func(version uint64, o Outcome) Op {
		return Op{Client: "A", Key: "r0", Outcome: o, Version: version}
	}
	for _, c := range []struct {
		ops  []Op
		want int
	}{
		{[]Op{write(1, OK), write(2, OK)}, 0},
		{[]Op{write(1, OK), write(3, OK)}, 1},
		{[]Op{write(1, OK), write(0, Unknown), write(3, OK)}, 0},
		{[]Op{write(1, OK), write(0, Failed), write(3, OK)}, 1},
		{[]Op{write(1, OK), {Key: "r0", Read: true, Outcome: OK, Version: 2}}, 1},
	} {
		if got := doubled(c.ops); got != c.want {
			t.Errorf("%+v: %d doubled", c.ops, got)
		}
	}
}

// TestLost: lost counts lost writes, and stale counts stale reads.
func TestLost(t *testing.T) {
	op := func(call, ret sim.Time, version uint64, read bool) Op {
		return Op{
			Client: "A", Key: "r0", Call: call, Return: ret, Outcome: OK, Version: version,
			Read: read,
		}
	}
	for _, c := range []struct {
		ops         []Op
		lost, stale int
	}{
		{[]Op{op(0, 1, 1, false), op(2, 3, 2, false)}, 0, 0},
		{[]Op{op(0, 1, 1, false), op(2, 3, 1, false)}, 1, 0},
		{[]Op{op(0, 5, 2, false), op(1, 4, 1, false)}, 0, 0}, // at the same time
		{[]Op{op(0, 1, 1, false), op(2, 3, 0, true)}, 0, 1},
		{[]Op{op(0, 3, 1, false), op(2, 4, 0, true)}, 0, 0},
	} {
		gone := lost(c.ops)
		old, _ := stale(c.ops)
		if gone != c.lost || old != c.stale {
			t.Errorf("%+v: %d lost, %d stale", c.ops, gone, old)
		}
	}
}

// TestFaultCheck: Check returns an error for each wrong plan, and none for the default faults.
func TestFaultCheck(t *testing.T) {
	for _, f := range Faults() {
		if err := f.Check(5); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	for plan, want := range map[string]string{
		"6s crash S7": "no server or client is called S7", "5s crash LEADER": "choose 6.000s",
		"6s explode LEADER": "unknown verb", "": "no fault",
		"at LEADER boots crash S1": "LEADER, OTHERS and NEXT need a time",
		"6s crash D":               "no server or client is called D",
	} {
		if err := NewFault("", plan).Check(5); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", plan, err)
		}
	}
}

// TestPart: close computes the median and its interval; with few values the interval is the range. The
// interval of a bootstrap is close to that of order statistics, whose ranks are known.
func TestPart(t *testing.T) {
	of := func(n int64) (p Part) {
		for i := range n {
			p.add(n - 1 - i)
		}
		p.close()
		return p
	}
	if p := of(19); p.N != 19 || p.Median != 9 || p.Low != 0 || p.High != 18 {
		t.Errorf("%+v", p)
	}
	for _, c := range []struct{ n, low, high int64 }{{29, 9, 19}, {100, 40, 60}} {
		if p := of(c.n); p.Median != c.n/2 || p.Low < c.low-1 || p.Low > c.low+1 ||
			p.High < c.high-1 || p.High > c.high+1 {
			t.Errorf("%+v, want about %d to %d", p, c.low, c.high)
		}
	}
}

// TestEncoding: the differences name the encoding of the library that is measured.
func TestEncoding(t *testing.T) {
	for want, l := range map[string]*Lab{ // order: independent
		"Raft's msgpack": {}, "Raft's protocol buffers": {Library: etcdraft.Library{}},
	} {
		if text := strings.Join(l.Differences(), "\n"); !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
}
