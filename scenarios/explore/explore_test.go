package explore

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

func search(t *testing.T, s Setup, o Options) (*Search, *Result) {
	t.Helper()
	x, err := New(s, o)
	if err != nil {
		t.Fatal(err)
	}
	return x, x.Run()
}

func setup(t *testing.T, name string) Setup {
	t.Helper()
	s, ok := FindSetup(name)
	if !ok {
		t.Fatalf("no setup %s", name)
	}
	return s
}

// goal reads a goal; an empty text is none.
func goal(t *testing.T, text string, s *Setup) *Goal {
	t.Helper()
	if text == "" {
		return nil
	}
	g, err := ParseGoal(text, s)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// small are worlds that take a fraction of a second.
var small = []string{"oracle", "write", "stale", "ahead-power", "beside"}

// same compares all that two searches of one world must agree on.
func same(t *testing.T, what string, a, b *Result) {
	t.Helper()
	if a.States != b.States || a.Choices != b.Choices || a.Cut != b.Cut || a.Ends != b.Ends ||
		a.Depth != b.Depth || a.Complete != b.Complete || (a.Broken == nil) != (b.Broken == nil) ||
		a.Locals != b.Locals || a.Audits != b.Audits {
		t.Errorf("%s: %+v\nand %+v", what, a, b)
	}
}

// The sound engine breaks no check in a small world, and the sentence says how far that holds. The
// number of states is that of an independent program that cloned worlds where the worlds are the
// same (oracle).
func TestSoundWorlds(t *testing.T) {
	states := map[string]int{"oracle": 3598, "write": 34714, "stale": 11344, "beside": 27}
	for _, name := range small {
		_, r := search(t, setup(t, name), Options{})
		if !r.Complete || r.Broken != nil || r.Ends == 0 {
			t.Errorf("%s: %s: %v %v", name, r.Sentence(), r.Broken, r.Steps)
		}
		if want := states[name]; want > 0 && r.States != want {
			t.Errorf("%s has %d states, want %d", name, r.States, want)
		}
	}
}

// A loss of power loses what the machine has in transit, and not the end of a connection of an
// earlier life: its other end would wait for it for ever.
func TestRegressionEndOfAnEarlierConnectionIsLost(t *testing.T) {
	_, r := search(t, Setup{Servers: 2, Oracle: true, Atomic: true, Crashes: 1, Powers: 1, MaxEpoch: 1},
		Options{})
	if !r.Complete || r.Broken != nil {
		t.Errorf("%s: %v", r.Sentence(), r.Steps)
	}
}

// No state of a server that AppendState takes for another behaves differently: with Check, each
// state that is reached in two ways is stepped in two ways.
func TestWaysToAState(t *testing.T) {
	for _, name := range small {
		x, r := search(t, setup(t, name), Options{Check: true})
		if r.Differs != "" || !r.Complete {
			t.Errorf("%s: %s differs: %s", name, r.Differs, r.Sentence())
		}
		if name == "write" && len(x.locals.others) < 100 {
			t.Errorf("only %d states of servers are reached in two ways", len(x.locals.others))
		}
	}
}

// A state that lacks something is found out: the election by votes without its votes, and any state
// without its last bytes.
func TestWaysToAStateFindWhatIsLeftOut(t *testing.T) {
	s := Setup{Servers: 2, Patient: true}
	_, sound := search(t, s, Options{Check: true})
	if sound.Differs != "" || !sound.Complete {
		t.Fatalf("%s: %s", sound.Differs, sound.Sentence())
	}
	_, r := search(t, s, Options{Check: true, LeaveOut: zab.ElectionState})
	if r.Differs == "" {
		t.Errorf("the election's state is left out, and nothing differs: %s", r.Sentence())
	}
	if r.Complete || !strings.Contains(r.Sentence(), "this result is invalid") || r.Broken != nil {
		t.Errorf("the sentence is %q", r.Sentence())
	}
	tiny := Setup{Servers: 2, Oracle: true, Writes: 1}
	_, plain := search(t, tiny, Options{})
	merging, found := 0, 0
	for cut := 1; cut < 100; cut++ {
		func() {
			defer func() {
				if recover() != nil { // the engine itself cannot go on
					merging, found = merging+1, found+1
				}
			}()
			_, r := search(t, tiny, Options{Check: true, Mutate: func(b []byte) []byte {
				return b[:max(1, len(b)-cut)]
			}})
			if r.Locals < plain.Locals || r.Differs != "" {
				merging++
			}
			if r.Differs != "" {
				found++
			}
		}()
	}
	t.Logf("%d of 99 mutations merge states, %d are found", merging, found)
	if merging < 30 || 10*found < 8*merging {
		t.Errorf("of %d mutations that merge states only %d are found", merging, found)
	}
}

// Whether a server is kept or built again from its disk, and which hash function finds a state,
// changes nothing.
func TestMeansChangeNothing(t *testing.T) {
	for _, name := range []string{"oracle", "stale", "beside"} {
		_, plain := search(t, setup(t, name), Options{})
		_, cold := search(t, setup(t, name), Options{Cold: true})
		same(t, name+", each server built again", plain, cold)
		if plain.Finals != cold.Finals {
			t.Errorf("%s: other final states", name)
		}
		_, hashed := search(t, setup(t, name), Options{Seed: 0x5eed})
		same(t, name+", another hash", plain, hashed)
	}
}

// A search on two threads does what a search on one does, step for step: when it ends, when it is
// stopped, when it finds a bug, and when it reaches a goal.
func TestThreads(t *testing.T) {
	flawed := setup(t, "figure-8")
	for _, h := range Hunts() {
		if h.Setup == "figure-8" {
			flawed.Flaw = h.Flaw.Flaw
		}
	}
	write := setup(t, "write")
	goal := goal(t, "S3 LEADING and S1 logged 1/1 and S1 durable < 1/1", &write)
	stop := func(p Progress) bool { return p.States < 20_000 }
	for _, c := range []struct {
		name string
		s    Setup
		o    Options
	}{{"oracle", setup(t, "oracle"), Options{}}, {"beside, with rest", setup(t, "beside"), Options{}},
		{"stopped", write, Options{Progress: stop}}, {"goal", write, Options{Goal: goal}},
		{"bug", flawed, Options{}}, {"what is left out", write, Options{Check: true, LeaveOut: 1}}} {
		c.o.Threads = 1
		x, one := search(t, c.s, c.o)
		c.o.Threads = 2
		y, two := search(t, c.s, c.o)
		if !reflect.DeepEqual(one, two) {
			t.Errorf("%s: %+v\nand %+v", c.name, one, two)
		}
		if !reflect.DeepEqual(x.store, y.store) {
			t.Errorf("%s: other states, or in another order", c.name)
		}
	}
}

// The tables and tuples find the same states as a search that plays every world from its start, on
// fresh servers, and compares whole states.
func TestReference(t *testing.T) {
	for _, c := range []struct {
		name  string
		depth int
	}{{"oracle", 9}, {"ahead-power", 4}, {"versions", 4}, {"wipe", 5}} {
		s := setup(t, c.name)
		x, _ := search(t, s, Options{Progress: func(p Progress) bool { return p.States < 20000 }})
		got := levels(x)
		want := reference(&s, c.depth)
		if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
			t.Errorf("%s has %v states by steps, want %v", c.name, got[:min(len(got), c.depth+1)], want)
		}
	}
}

// levels counts the states of a search by how many steps lead to them.
func levels(x *Search) (list []int) {
	depth := make([]int, x.store.n)
	for at := range depth {
		if at > 0 {
			depth[at] = depth[x.store.at(at)[x.store.width]] + 1
		}
		if depth[at] == len(list) {
			list = append(list, 0)
		}
		list[depth[at]]++
	}
	return list
}

// reference counts the states by how many steps lead to them, as slowly as it is simple.
func reference(s *Setup, most int) (list []int) {
	words := newWords()
	play := func(path []action) *world {
		w := newWorld(s, words)
		for _, a := range path {
			w.take(a)
		}
		return w
	}
	seen := map[string]bool{play(nil).state(): true}
	level := [][]action{nil}
	for depth := 0; ; depth++ {
		list = append(list, len(level))
		if depth == most {
			return list
		}
		var next [][]action
		for _, path := range level {
			for _, a := range play(path).choices() {
				longer := append(slices.Clone(path), a)
				w := play(longer)
				if state := w.state(); !seen[state] {
					seen[state] = true
					next = append(next, longer)
				}
			}
		}
		level = next
	}
}

// state is all of a world, as text.
func (x *world) state() string {
	var b []byte
	for i := 1; i <= x.setup.all(); i++ {
		b = append(x.servers[i].appendState(b), 0xff)
	}
	for _, c := range x.scene.chans {
		b = append(b, byte(c.id>>8), byte(c.id), c.open)
		for _, q := range c.q {
			for ; q != 0; q = x.scene.queues.list[q].rest {
				b = append(b, byte(x.scene.queues.list[q].head))
			}
			b = append(b, 0)
		}
	}
	b = append(b, byte(x.spent), byte(x.spent>>8), byte(x.spent>>16))
	return string(x.ghost.appendState(b))
}

// Each known bug of servers is found in its setup; and without the bug, as many states of the setup
// break no check.
func TestFlaws(t *testing.T) {
	found := 0
	met := map[string]int{} // by setup: the most states until a bug was found
	for _, h := range Hunts() {
		if h.Setup == "" {
			if h.Needs == "" {
				t.Errorf("%s: neither a setup nor what it needs", h.Flaw.Name)
			}
			continue
		}
		if testing.Short() && !slices.Contains(small, h.Setup) && h.Setup != "figure-8" {
			continue
		}
		s := setup(t, h.Setup)
		s.Flaw = h.Flaw.Flaw
		_, r := search(t, s, Options{Progress: func(p Progress) bool { return p.States < 200_000 }})
		if r.Broken == nil {
			t.Errorf("%s is not found: %s", h.Flaw.Name, r.Sentence())
			continue
		}
		found++
		met[h.Setup] = max(met[h.Setup], r.States)
		if len(r.Steps) == 0 && h.Flaw.Flaw != flaw.NoCallBack {
			t.Errorf("%s is found without a step", h.Flaw.Name)
		}
		playAgain(t, r)
		t.Logf("%-30s %-22s %3d steps %7d states", h.Flaw.Name, r.Broken.Name, len(r.Steps), r.States)
	}
	if found < 26 && !testing.Short() {
		t.Errorf("only %d flaws are found", found)
	}
	for _, s := range Setups() {
		most := met[s.Name]
		if most == 0 {
			continue
		}
		_, r := search(t, s, Options{Progress: func(p Progress) bool { return p.States < most }})
		if r.Broken != nil || r.States < most && !r.Complete {
			t.Errorf("without a bug: %s", r.Sentence())
		}
	}
}

// A search that stops early is not complete, and says so.
func TestNotComplete(t *testing.T) {
	_, r := search(t, setup(t, "write"), Options{Progress: func(p Progress) bool {
		return p.States < 20000
	}})
	if r.Complete || r.Why != "interrupted" || !strings.Contains(r.Sentence(), "not complete") {
		t.Errorf("interrupted: %s", r.Sentence())
	}
	_, r = search(t, setup(t, "write"), Options{Memory: 1})
	if r.Complete || !strings.Contains(r.Sentence(), "not complete (out of memory") {
		t.Errorf("out of memory: %s", r.Sentence())
	}
	s := setup(t, "stale")
	s.MaxEpoch, s.Timeouts = 1, 1
	_, r = search(t, s, Options{})
	if r.Cut == 0 || !strings.Contains(r.Sentence(),
		"states beyond them were found and not followed") {
		t.Errorf("beyond a bound: %s", r.Sentence())
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		s    Setup
		want string
	}{
		{Setup{}, "0 servers and 0 observers: give 1 to 5"},
		{Setup{Servers: 4, Observers: 2}, "give 1 to 5 in total"},
		{Setup{Servers: 3, Crashes: 16}, "16 crashes: must be from 0 to 15"},
		{Setup{Servers: 3, Disks: "a,b"}, "2 disks for 3 servers"},
		{Setup{Servers: 1, Disks: "Aa"}, `disk "Aa": write a letter`},
		{Setup{Servers: 1, Disks: "a123"}, `disk "a123": write a letter`},
	} {
		if err := c.s.Check(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %s", c.s, err, c.want)
		}
	}
	names := map[string]bool{}
	for _, s := range Setups() {
		if err := s.Check(); err != nil || s.Says == "" || names[s.Name] {
			t.Errorf("%s: %v, %q, twice %v", s.Name, err, s.Says, names[s.Name])
		}
		names[s.Name] = true
	}
}

// A queue is the same however it came about.
func TestQueues(t *testing.T) {
	qs := newQueues()
	r := sim.NewRand(1)
	texts := map[string]uint32{"": 0}
	lists := map[uint32][]uint32{0: nil}
	q := uint32(0)
	for range 2000 {
		list := lists[q]
		if len(list) > 0 && r.Intn(5) < 2 || len(list) > 6 {
			q, list = qs.list[q].rest, list[1:]
		} else {
			m := uint32(2 + r.Intn(3))
			q, list = qs.push(q, m), append(slices.Clone(list), m)
		}
		text := ""
		for _, m := range list {
			text += string(rune('a' + m))
		}
		if known, ok := texts[text]; ok && known != q {
			t.Fatalf("%q is queue %d, and was %d", text, q, known)
		}
		texts[text], lists[q] = q, list
		if len(list) > 0 && qs.list[q].head != list[0] {
			t.Fatalf("the head of %q is %d", text, qs.list[q].head)
		}
	}
}

// The estimate of what is left is of the right size once depths shrink, and there is none before.
func TestLeft(t *testing.T) {
	s := setup(t, "election")
	var seen []Progress
	_, r := search(t, s, Options{Progress: func(p Progress) bool {
		seen = append(seen, p)
		return true
	}})
	estimates := 0
	for _, p := range seen {
		left, ok := p.Left()
		if !ok {
			continue
		}
		estimates++
		if real := r.States - p.States; p.Depth > r.Depth*3/4 && (left > 4*real+20_000 || real > 4*left+20_000) {
			t.Errorf("at depth %d of %d: about %d left, and it was %d", p.Depth, r.Depth, left, real)
		}
	}
	if first, ok := seen[0].Left(); ok || estimates == 0 {
		t.Errorf("%d estimates; at the start %d", estimates, first)
	}
}
