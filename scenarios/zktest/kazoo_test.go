package zktest

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zablab/zablab/sim"
)

var kazooPlans = flag.Int("kazoo", 0, "how many plans of faults TestKazoo plays for each recipe: "+
	"one if it is 0, and none with -short")

// python is Debian's Python: the package python3-kazoo is for it.
const python = "/usr/bin/python3"

// said is a line of testdata/kazoo_lock.py.
type said struct {
	What, Name, Node, Why string
	Nodes                 []string
}

// exclusion judges what the clients of a lock have said. A client that has the lock holds it until
// it says that it ends. Two clients hold the lock at the same time if one of them finds, when it gets
// the lock, the node of the other, which came first, and its own. (If its own node is gone, its
// session is over, and it does not know this yet: no lock without fencing can help that.)
type exclusion struct {
	holds map[string]string // by name: the node
	got   map[string]int
	lost  map[string]int // by error
	both  []string
}

func newExclusion() *exclusion {
	return &exclusion{holds: map[string]string{}, got: map[string]int{}, lost: map[string]int{}}
}

func (x *exclusion) hear(l *said) {
	switch l.What {
	case "ends":
		delete(x.holds, l.Name)
	case "lost":
		delete(x.holds, l.Name)
		x.lost[l.Why]++
	case "got":
		x.got[l.Name]++
		for _, other := range slices.Sorted(maps.Keys(x.holds)) {
			node := x.holds[other]
			if other != l.Name && slices.Contains(l.Nodes, l.Node) && slices.Contains(l.Nodes, node) {
				x.both = append(x.both, fmt.Sprintf("%s has the lock with %s, while %s has it with %s",
					l.Name, l.Node, other, node))
			}
		}
		x.holds[l.Name] = l.Node
	}
}

// TestExclusion: the judge of TestKazoo finds two holders whose nodes exist, and only those.
func TestExclusion(t *testing.T) {
	a, b := "x__lock__0000000001", "y__lock__0000000002"
	for _, c := range []struct {
		what string
		want int
		list []said
	}{
		{"one after the other", 0, []said{
			{What: "got", Name: "A", Node: a, Nodes: []string{b, a}}, {What: "ends", Name: "A", Node: a},
			{What: "got", Name: "B", Node: b, Nodes: []string{b}}}},
		{"both", 1, []said{
			{What: "got", Name: "A", Node: a, Nodes: []string{b, a}},
			{What: "got", Name: "B", Node: b, Nodes: []string{a, b}}}},
		{"the first has lost its node", 0, []said{
			{What: "got", Name: "A", Node: a, Nodes: []string{b, a}},
			{What: "got", Name: "B", Node: b, Nodes: []string{b}}}},
		{"the second has lost its node", 0, []said{
			{What: "got", Name: "A", Node: a, Nodes: []string{b, a}},
			{What: "got", Name: "B", Node: b, Nodes: []string{a}}}},
		{"the first has failed", 0, []said{
			{What: "got", Name: "A", Node: a, Nodes: []string{b, a}}, {What: "lost", Name: "A"},
			{What: "got", Name: "B", Node: b, Nodes: []string{a, b}}}},
	} {
		x := newExclusion()
		for i := range c.list {
			x.hear(&c.list[i])
		}
		if len(x.both) != c.want {
			t.Errorf("%s: %v", c.what, x.both)
		}
	}
}

// TestKazoo: three clients of kazoo, a library that knows nothing of the lab, share its Lock and its
// Election over TCP while a plan of faults is carried out in real time. No two of them have the lock
// at the same time, and when all is healed everybody gets it again. Both judges check what they have
// called and received. A hundred plans for each recipe take some minutes:
//
//	go test ./scenarios/zktest -run TestKazoo -kazoo 100 -parallel 6 -v
func TestKazoo(t *testing.T) {
	plans := *kazooPlans
	if plans == 0 {
		if plans = 1; testing.Short() {
			t.Skip("-short: this takes real time")
		}
	}
	if err := exec.Command(python, "-c", "import kazoo").Run(); err != nil {
		t.Skip("install kazoo with apt-get install python3-kazoo")
	}
	for _, recipe := range []string{"lock", "election"} {
		for seed := range uint64(plans) {
			t.Run(fmt.Sprintf("%s/%d", recipe, seed+1), func(t *testing.T) {
				t.Parallel()
				playKazoo(t, recipe, seed+1)
			})
		}
	}
}

// kazooPatience is how long the clients may take after the last fault: more than the 20 s in which
// they give up one attempt.
const kazooPatience = 60 * time.Second

func playKazoo(t *testing.T, recipe string, seed uint64) {
	e := Start(t, Tick(100*time.Millisecond), Seed(seed), SessionTimeout(time.Second))
	p := (&drawer{
		Rand: sim.NewRand(seed).Fork("kazoo"), servers: e.Servers(),
		clients: []string{"C1", "C2", "C3"}, timeout: time.Second,
	}).draw(5 * time.Second)
	cmd := exec.Command(python, "testdata/kazoo_lock.py", strings.Join(e.Listen(), ","), recipe)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	timer := time.AfterFunc(p.end()+kazooPatience+time.Minute, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	x := newExclusion()
	var faults sync.WaitGroup
	done, made := false, 0
	for s := bufio.NewScanner(out); s.Scan(); {
		var l said
		if err := json.Unmarshal(s.Bytes(), &l); err != nil {
			t.Fatalf("%s: %v", s.Text(), err)
		}
		switch l.What {
		case "ready":
			faults.Go(func() {
				made = e.carryOut(p, time.Now(), nil)
				_, _ = io.WriteString(in, "healed\n")
				timer.Reset(kazooPatience)
			})
		case "done":
			done = true
		default:
			x.hear(&l)
		}
	}
	faults.Wait()
	t.Logf("%v times the lock, %v errors, %d of %d faults were possible:%s", x.got, x.lost, made,
		len(p), p)
	if !done {
		t.Errorf("kazoo's %s is stuck: not everybody has got it within %v after the last fault", recipe,
			kazooPatience)
	}
	for _, both := range x.both {
		t.Errorf("two clients have kazoo's %s: %s", recipe, both)
	}
}
