package ensemble_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// stormy is a run with faults of every kind that a trace must survive.
func stormy(t testing.TB, seed uint64, keep bool) *ensemble.Ensemble {
	e, err := ensemble.New(ensemble.Config{
		Stage: engine.Stage{
			Seed: seed, Observers: 1, Tick: 200 * sim.Millisecond,
			SessionTimeout: 800 * sim.Millisecond,
		},
		Keep: keep, Lenient: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	for _, n := range []string{"A", "B", "C"} {
		c, err := e.AddClient(n, 0)
		if err != nil {
			t.Fatal(err)
		}
		c.Start()
	}
	r := e.World.Rand("storm")
	faults := []string{
		"crash S1", "power S2", "restart S1", "restart S2", "crash S3", "restart S3",
		"pause S2 500ms", "split S1 A | S2 S3 S4 B C", "heal", "heal", "crash A", "restart A",
		"expire B", "power S4", "restart S4", "wall S1 +1h", "reset B S2",
	}
	for step := range 60 {
		if !e.Run(e.World.Now()+r.Between(0, 400*sim.Millisecond), nil) {
			t.Fatalf("seed %d: %v", seed, e.Err())
		}
		f, err := sim.ParseFault(faults[r.Intn(len(faults))])
		if err != nil {
			t.Fatal(err)
		}
		_ = e.World.Inject(f) // many make no sense now
		for _, c := range e.Clients() {
			if c.Machine().Up() {
				c.Do(someOp(r, step), int64(step))
			}
		}
	}
	return e
}

func someOp(r *sim.Rand, step int) tree.Op {
	path := fmt.Sprintf("/n%d", r.Intn(4))
	switch r.Intn(11) {
	case 0:
		return tree.Op{Type: tree.OpCreate2, Path: path, ACL: tree.OpenACL, Flags: tree.Ephemeral}
	case 1:
		return tree.Op{
			Type: tree.OpCreate2, Path: path, ACL: tree.OpenACL, Data: []byte("<é\x00\xff>"),
		}
	case 2:
		return tree.Op{Type: tree.OpDelete, Path: path, Version: -1}
	case 3:
		return tree.Op{Type: tree.OpExists, Path: path, Watch: true}
	case 4:
		return tree.Op{Type: tree.OpMulti, Ops: []tree.Op{
			{Type: tree.OpSetData, Path: path, Data: []byte("m"), Version: -1},
			{
				Type: tree.OpCreate2, Path: fmt.Sprintf("/m%d", step), ACL: tree.OpenACL,
				Flags: tree.PersistentSequential,
			}}}
	case 5:
		return tree.Op{Type: tree.OpGetChildren2, Path: watchedPath(r, path), Watch: true}
	case 6:
		return tree.Op{
			Type: tree.OpAddWatch, Path: watchedPath(r, path),
			WatchMode: tree.AddWatchMode(r.Intn(2)),
		}
	case 7:
		return tree.Op{
			Type: tree.OpRemoveWatches, Path: watchedPath(r, path),
			WatcherType: tree.WatcherType(1 + r.Intn(5)),
		}
	case 8:
		return tree.Op{Type: tree.OpCreate2, Path: path + "/c", ACL: tree.OpenACL}
	case 9:
		return tree.Op{Type: tree.OpDelete, Path: path + "/c", Version: -1}
	}
	return tree.Op{Type: tree.OpSetData, Path: path, Data: []byte(fmt.Sprint(step)), Version: -1}
}

// watchedPath is a node, or the root.
func watchedPath(r *sim.Rand, path string) string {
	if r.Intn(3) == 0 {
		return "/"
	}
	return path
}

func traceOf(t testing.TB, e *ensemble.Ensemble) []byte {
	var b bytes.Buffer
	err := e.Recording().WriteTrace(&b, trace.Header{Commit: "test", Title: "storm"},
		len(e.World.Records()), trace.End{Fingerprint: e.World.Fingerprint()}, &trace.Verdict{})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Folding a trace gives the state of the engine: logs, epochs, roles, trees, sessions and watches
// of every server, after whatever happened to them.
func TestTraceIsTheTruth(t *testing.T) {
	n := uint64(60)
	if testing.Short() {
		n = 6
	}
	checks := 0
	for seed := uint64(1); seed <= n; seed++ {
		e := stormy(t, seed, true)
		run, err := trace.Read("storm", bytes.NewReader(traceOf(t, e)))
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		state := trace.NewState(run.Header.Nodes)
		for i := range run.Events {
			state.Apply(&run.Events[i])
			if run.Events[i].K == "check" {
				checks++
			}
		}
		for _, m := range e.Servers() {
			if got, want := folded(state.Find(m.Name)), real(e, m); got != want {
				t.Fatalf("seed %d: %s folds to\n%s\nand is\n%s", seed, m.Name, got, want)
			}
		}
		if e.Err() != nil {
			t.Fatal(e.Err())
		}
	}
	if checks == 0 {
		t.Error("no run was long enough for a check")
	}
}

func folded(n *trace.NodeState) string {
	var b strings.Builder
	fmt.Fprintln(&b, n.Role, n.Epoch, n.Leader, n.Acc, n.Cur)
	if n.Role == "down" {
		return b.String()
	}
	for _, r := range n.Log {
		fmt.Fprint(&b, r.Z, " ")
	}
	fmt.Fprintln(&b)
	for _, c := range n.Tree {
		fmt.Fprintln(&b, c.Path, c.Data, c.Owner, c.Version, c.Cz, c.Mz)
	}
	for _, s := range n.Sessions {
		fmt.Fprintln(&b, s)
	}
	return b.String()
}

func real(e *ensemble.Ensemble, m *sim.Machine) string {
	var b strings.Builder
	s := e.Server(m.ID)
	if s == nil {
		acc, cur := string(m.Disk().Read("acceptedEpoch")), string(m.Disk().Read("currentEpoch"))
		fmt.Fprintln(&b, "down", 0, "", acc, cur)
		return b.String()
	}
	p := s.Peer()
	role := strings.ToLower(p.State().String())
	if p.Phase().String() != "BROADCAST" && role != "looking" {
		role = "syncing"
	}
	leader := ""
	if p.Leader() != 0 {
		leader = e.World.Machine(p.Leader()).Name
	}
	fmt.Fprintln(&b, role, p.Epoch(), leader, p.AcceptedEpoch(), p.CurrentEpoch())
	for _, r := range p.Entries() {
		if r.Zxid > p.Base() {
			fmt.Fprint(&b, r.Zxid, " ")
		}
	}
	fmt.Fprintln(&b)
	var walk func(n *tree.Node)
	walk = func(n *tree.Node) {
		if !tree.IsSpecialPath(n.Path()) {
			owner := ""
			if n.EphemeralOwner() != 0 {
				owner = e.ClientOf(n.EphemeralOwner())
			}
			fmt.Fprintln(&b, n.Path(), strings.ToValidUTF8(string(n.Data()), "\ufffd"), owner,
				n.Version(), tree.FormatZxid(n.Czxid()), tree.FormatZxid(n.Mzxid()))
		}
		for i := range n.NumChildren() {
			walk(n.Child(i))
		}
	}
	walk(s.Tree().Root())
	for _, x := range s.Tree().AppendSessions(nil) {
		fmt.Fprintf(&b, "0x%x %s\n", x.ID, e.ClientOf(x.ID))
	}
	return b.String()
}

// Every sentence fits, and every explanation is there.
func TestTraceSays(t *testing.T) {
	whys := map[string]bool{"": true}
	for _, w := range narration.Whys() {
		if n := utf8.RuneCountInString(w.Text); n > trace.MaxWhy {
			t.Errorf("why %s has %d characters", w.Key, n)
		}
		whys[w.Key] = true
	}
	for seed := uint64(1); seed <= 5; seed++ {
		e := stormy(t, seed, true)
		run, err := trace.Read("storm", bytes.NewReader(traceOf(t, e)))
		if err != nil {
			t.Fatal(err)
		}
		if !run.Ended {
			t.Error("the trace does not end")
		}
		for _, v := range run.Events {
			if v.Say == "" || utf8.RuneCountInString(v.Say) > trace.MaxSay {
				t.Errorf("event %d (%s) says %q", v.I, v.K, v.Say)
			}
			if !whys[v.Why] {
				t.Errorf("event %d: no explanation %q", v.I, v.Why)
			}
		}
	}
}

// Keeping records changes nothing, and equal seeds give equal bytes.
func TestTraceIsRepeatable(t *testing.T) {
	for seed := uint64(1); seed <= 10; seed++ {
		kept := stormy(t, seed, true)
		if a, b := kept.World.Fingerprint(), stormy(t, seed, false).World.Fingerprint(); a != b {
			t.Errorf("seed %d: fingerprint %016x with records, %016x without", seed, a, b)
		}
		if !bytes.Equal(traceOf(t, kept), traceOf(t, stormy(t, seed, true))) {
			t.Errorf("seed %d: two traces differ", seed)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	good := string(traceOf(t, stormy(t, 1, true)))
	lines := strings.SplitAfter(good, "\n")
	swap := func(i int, old, new string) string {
		all := append([]string(nil), lines...)
		all[i] = strings.Replace(all[i], old, new, 1)
		return strings.Join(all, "")
	}
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "x:1:1: empty file"},
		{"other schema", swap(0, "trace/1", "trace/9"), `x:1:1: schema "zablab.trace/9"`},
		{"a hole", strings.Join(append(append([]string(nil), lines[:5]...), lines[6:]...), ""),
			"x:6:1: event 5: expected event 4 here"},
		{"a changed word", swap(3, "S1", "S2"), "the key \"sha256\" does not match the file"},
		{"no JSON", swap(4, "{", "x"), "x:5:1: event: invalid character"},
	} {
		_, err := trace.Read("x", strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	run, err := trace.Read("x", strings.NewReader(strings.Join(lines[:100], "")))
	if err != nil || run.Ended || len(run.Events) != 99 {
		t.Errorf("a file that was cut off: %v", err)
	}
}
