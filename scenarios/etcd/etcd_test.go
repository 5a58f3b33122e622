package etcd_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/etcd"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// need skips the test in short mode, and on a host without etcd; it then names the package to
// install.
func need(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no servers of etcd are started")
	}
	if _, err := etcd.Find(); err != nil {
		t.Skip(err)
	}
}

// TestFind: what is missing is named with the package that has it.
func TestFind(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("servers of etcd run on Linux only")
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := etcd.Find(); !errors.Is(err, etcd.ErrMissing) ||
		!strings.Contains(err.Error(), "etcd-server") || strings.Contains(err.Error(), "\n") {
		t.Errorf("without etcd: %v", err)
	}
}

// TestLeaseFor: a lease lives whole seconds, never shorter than the session timeout, and never
// shorter than a server grants.
func TestLeaseFor(t *testing.T) {
	for _, x := range []struct{ timeout, lease sim.Time }{
		{100 * sim.Millisecond, 2 * sim.Second}, {2 * sim.Second, 2 * sim.Second},
		{2001 * sim.Millisecond, 3 * sim.Second}, {4 * sim.Second, 4 * sim.Second},
	} {
		if got := etcd.LeaseFor(x.timeout); got != x.lease {
			t.Errorf("the lease for %s is %s, not %s", x.timeout, got, x.lease)
		}
	}
}

// play is an engine whose methods fail the test on an error.
type play struct {
	*etcd.Engine
	t *testing.T
}

func start(t *testing.T, servers int, timeout sim.Time) *play {
	t.Helper()
	need(t)
	e, err := etcd.NewEngine(t.Context(), etcd.Config{Stage: engine.Stage{
		Servers: servers, SessionTimeout: timeout,
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	p := &play{e, t}
	p.until("it serves", p.Serves)
	return p
}

func (p *play) until(what string, is func() bool) {
	p.t.Helper()
	if !p.Run(p.Now()+60*sim.Second, is) || !is() {
		p.t.Fatalf("waited until %s: timed out: %v", what, p.Err())
	}
}

func (p *play) client(name string, home int) engine.Actor {
	p.t.Helper()
	c, err := p.AddActor(name, home, 0)
	if err != nil {
		p.t.Fatal(err)
	}
	c.Start()
	p.until(name+" is connected", c.Connected)
	return c
}

func (p *play) do(c engine.Actor, op tree.Op) *engine.Op {
	p.t.Helper()
	c.Do(op, 1)
	o := p.Ops()[len(p.Ops())-1]
	p.until("it is answered", o.Done)
	return o
}

func (p *play) fault(line string) {
	p.t.Helper()
	f, err := sim.ParseFault(line)
	if err == nil {
		err = p.Apply(f)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", line, err)
	}
}

// judged lets both judges check what the clients saw. Reads have to be linearizable.
func (p *play) judged() {
	p.t.Helper()
	j, err := judge.Judge(p.History(), p.Record(), judge.Options{
		Models: []lin.Model{lin.ZNode, lin.Register}, LinearizableReads: true,
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, c := range j.Checks {
		if c.Verdict != lin.Linearizable && c.Promised {
			p.t.Errorf("%s is %s: %s", c.Name, c.Verdict, c.Text)
		}
	}
}

// The operations of a table, in the notation of this test.
func create(path, data string, mode tree.CreateMode) tree.Op {
	return tree.Op{Type: tree.OpCreate, Path: path, Data: []byte(data), ACL: tree.OpenACL, Flags: mode}
}

func of(t tree.OpCode, path string, version int32) tree.Op {
	return tree.Op{Type: t, Path: path, Version: version}
}

func set(path, data string, version int32) tree.Op {
	return tree.Op{Type: tree.OpSetData, Path: path, Data: []byte(data), Version: version}
}

func multi(parts ...tree.Op) tree.Op { return tree.Op{Type: tree.OpMulti, Ops: parts} }

// say is an answer in one line: the code, or what it shows.
func say(o *engine.Op) string {
	r := &o.Result
	switch {
	case o.Outcome != client.OK:
		return o.Code.String()
	case len(r.Results) > 0:
		var parts []string
		for i := range r.Results {
			parts = append(parts, r.Results[i].Path+"v"+strconv.Itoa(int(r.Results[i].Stat.Version)))
		}
		return strings.Join(parts, " ")
	case o.Op.Type == tree.OpGetChildren || o.Op.Type == tree.OpGetEphemerals:
		return strings.Join(r.Children, " ")
	case o.Op.Type == tree.OpGetAllChildrenNumber:
		return strconv.Itoa(int(r.Number))
	case o.Op.Type == tree.OpGetData:
		return string(r.Data) + " v" + strconv.Itoa(int(r.Stat.Version))
	case o.Op.Type == tree.OpSetData || o.Op.Type == tree.OpExists:
		return "v" + strconv.Itoa(int(r.Stat.Version))
	}
	return r.Path
}

// TestOperations: each operation has ZooKeeper's answer, and the judges accept all of them.
func TestOperations(t *testing.T) {
	t.Parallel()
	p := start(t, 1, 2*sim.Second)
	a := p.client("A", 1)
	const any = tree.AnyVersion
	for _, x := range []struct {
		op   tree.Op
		want string
	}{
		{create("/x", "1", tree.Persistent), "/x"},
		{create("/x", "2", tree.Persistent), "NodeExists"},
		{create("/y/z", "", tree.Persistent), "NoNode"},
		{create("/", "", tree.Persistent), "NodeExists"},
		{create("/e", "", tree.Ephemeral), "/e"},
		{create("/e/f", "", tree.Persistent), "NoChildrenForEphemerals"},
		{create("/e/n-", "", tree.PersistentSequential), "NoChildrenForEphemerals"},
		{create("/y/n-", "", tree.PersistentSequential), "NoNode"},
		{create("/c", "", tree.Container), "Unimplemented"},
		{create("/x/n-", "", tree.PersistentSequential), "/x/n-0000000000"},
		{create("/x/k", "", tree.Persistent), "/x/k"},
		{create("/x/n-", "", tree.EphemeralSequential), "/x/n-0000000002"},
		{create("/x/n-0000000003", "", tree.Persistent), "/x/n-0000000003"},
		{create("/x/n-", "", tree.PersistentSequential), "/x/n-0000000004"},
		{of(tree.OpGetChildren, "/x", 0), "k n-0000000000 n-0000000002 n-0000000003 n-0000000004"},
		{of(tree.OpGetChildren, "/none", 0), "NoNode"},
		{of(tree.OpGetAllChildrenNumber, "/x", 0), "5"},
		{of(tree.OpGetEphemerals, "/", 0), "/e /x/n-0000000002"},
		{set("/x", "2", 0), "v1"}, {set("/x", "3", 0), "BadVersion"}, {set("/x", "3", any), "v2"},
		{set("/none", "3", any), "NoNode"}, {set("/e", "3", any), "v1"},
		{of(tree.OpGetData, "/x", 0), "3 v2"}, {of(tree.OpGetData, "/none", 0), "NoNode"},
		{of(tree.OpExists, "/e", 0), "v1"}, {of(tree.OpExists, "/", 0), "v0"},
		{of(tree.OpDelete, "/x", any), "NotEmpty"}, {of(tree.OpDelete, "/e", 0), "BadVersion"},
		{of(tree.OpDelete, "/none", any), "NoNode"}, {of(tree.OpDelete, "/x/k", 0), ""},
		{of(tree.OpSync, "/x", 0), ""},
		{multi(of(tree.OpCheck, "/x", 2), create("/m", "", tree.Persistent),
			create("/m/n", "", tree.Persistent), set("/x", "4", 2)), "v0 /mv0 /m/nv0 v3"},
		{multi(create("/m/s-", "", tree.PersistentSequential),
			create("/m/s-", "", tree.PersistentSequential)), "/m/s-0000000001v0 /m/s-0000000002v0"},
		{multi(create("/o", "", tree.Persistent), of(tree.OpCheck, "/x", 2)), "BadVersion"},
		{multi(of(tree.OpDelete, "/m/n", any), of(tree.OpDelete, "/m", any)), "NotEmpty"},
		{multi(of(tree.OpDelete, "/m/s-0000000001", any), of(tree.OpDelete, "/m/s-0000000002", any),
			of(tree.OpDelete, "/m/n", any), of(tree.OpDelete, "/m", any)), "v0 v0 v0 v0"},
		{create("/m", "", tree.Persistent), "/m"}, // another node than the one before: it counts anew
		{create("/m/s-", "", tree.PersistentSequential), "/m/s-0000000000"},
		{of(tree.OpDelete, "/m/s-0000000000", any), ""}, {of(tree.OpDelete, "/m", any), ""},
		{create("/m", "", tree.Persistent), "/m"},
		{create("/m/s-", "", tree.PersistentSequential), "/m/s-0000000000"},
		{of(tree.OpDelete, "/m/s-0000000000", any), ""}, {of(tree.OpDelete, "/m", any), ""},
		{multi(create("/m", "", tree.Persistent), create("/m/s-", "", tree.EphemeralSequential)),
			"/mv0 /m/s-0000000000v0"},
		{multi(of(tree.OpDelete, "/m/s-0000000000", any), of(tree.OpDelete, "/m", any)), "v0 v0"},
		{multi(set("/x", "5", any), set("/x", "6", any)), "Unimplemented"},
		{of(tree.OpExists, "/o", 0), "NoNode"},
		{tree.Op{Type: tree.OpAddWatch, Path: "/x"}, ""},
		{tree.Op{Type: tree.OpRemoveWatches, Path: "/x"}, "Unimplemented"},
	} {
		if o := p.do(a, x.op); say(o) != x.want {
			t.Errorf("%s %s: %s, want %s", x.op.Type, x.op.Path, say(o), x.want)
		}
	}
	if o := p.do(a, tree.Op{Type: tree.OpCloseSession}); o.Outcome != client.OK || len(p.Closings()) > 0 {
		t.Errorf("the end of the session: %v, closings %v", o.Outcome, p.Closings())
	}
	b := p.client("B", 1)
	if o := p.do(b, of(tree.OpGetChildren, "/", 0)); say(o) != "x" {
		t.Errorf("after A's end, the root has %s", say(o))
	}
	p.judged()
}

// TestSessions: a lease ends when its client is dead, or when a fault tells it to; its nodes go with
// it, each watch fires once, in the order of the revisions, and also for what happened while the client was
// cut off.
func TestSessions(t *testing.T) {
	t.Parallel()
	p := start(t, 1, sim.Second)
	a, b, c := p.client("A", 1), p.client("B", 1), p.client("C", 1)
	p.do(a, create("/leader", "", tree.Ephemeral))
	watch := func(path string, list bool) {
		op := tree.Op{Type: tree.OpExists, Path: path, Watch: true}
		if list {
			op.Type = tree.OpGetChildren
		}
		p.do(b, op)
	}
	watch("/leader", false)
	watch("/leader", false) // the same one
	watch("/", true)
	watch("/alarm", false)
	p.fault("cut B > S1")
	p.fault("cut S1 > B")
	if o := p.do(c, create("/alarm", "", tree.Persistent)); o.Outcome != client.OK {
		t.Errorf("the alarm: %v", o.Outcome)
	}
	p.do(c, of(tree.OpDelete, "/alarm", tree.AnyVersion))
	p.fault("heal")
	p.fault("crash A")
	p.until("B has three events", func() bool { return len(b.Events()) >= 3 })
	var got []string
	for _, e := range b.Events() {
		got = append(got, e.Event.Type.String()+" "+e.Event.Path)
	}
	if want := []string{"NodeCreated /alarm", "NodeChildrenChanged /", "NodeDeleted /leader"}; !slices.
		Equal(got, want) {
		t.Errorf("B's events: %v, want %v", got, want)
	}
	list := p.Closings()
	if len(list) != 1 || p.ClientOf(list[0].Session) != "A" || list[0].Why != engine.TimedOut ||
		!slices.Equal(list[0].Paths, []string{"/leader"}) || list[0].Silent < 2*sim.Second {
		t.Errorf("closings: %+v", list)
	}
	p.do(c, create("/c", "", tree.Ephemeral))
	p.fault("expire C")
	p.until("C knows", func() bool { return !c.Connected() })
	if o := p.do(c, set("/c", "", tree.AnyVersion)); o.Outcome != client.NotSent ||
		o.Code != tree.SessionExpired {
		t.Errorf("a call in a session that is over: %v, %v", o.Outcome, o.Code)
	}
	c.(engine.Renewer).Renew()
	p.until("C has a new session", c.Connected)
	if o := p.do(c, of(tree.OpExists, "/c", 0)); o.Code != tree.NoNode {
		t.Errorf("C's node outlives its session: %v", o.Code)
	}
	p.judged()
}

// TestPersistentWatches: a watch that persists fires for each change, one that is recursive also for
// those of the nodes below, and each event comes once, also after a cut.
func TestPersistentWatches(t *testing.T) {
	t.Parallel()
	p := start(t, 1, 2*sim.Second)
	a, b := p.client("A", 1), p.client("B", 1)
	watch := func(c engine.Actor, path string, mode tree.AddWatchMode) {
		p.do(c, tree.Op{Type: tree.OpAddWatch, Path: path, WatchMode: mode})
	}
	watch(a, "/x", tree.WatchPersistent)
	watch(a, "/x", tree.WatchPersistent)                           // the same one
	p.do(a, tree.Op{Type: tree.OpExists, Path: "/x", Watch: true}) // one event for both
	watch(b, "/x", tree.WatchPersistentRecursive)
	p.do(b, create("/x", "", tree.Persistent))
	p.fault("cut A > S1")
	p.fault("cut S1 > A")
	p.do(b, create("/x/y", "", tree.Persistent))
	p.do(b, set("/x/y", "1", tree.AnyVersion))
	p.do(b, create("/xy", "", tree.Persistent)) // which is not below /x
	p.fault("heal")
	p.do(b, of(tree.OpDelete, "/x/y", tree.AnyVersion))
	p.do(b, set("/x", "2", tree.AnyVersion))
	p.do(b, of(tree.OpDelete, "/x", tree.AnyVersion))
	for _, x := range []struct {
		c    engine.Actor
		want string
	}{
		{a, "NodeCreated /x, NodeChildrenChanged /x, NodeChildrenChanged /x, NodeDataChanged /x, " +
			"NodeDeleted /x"},
		{b, "NodeCreated /x, NodeCreated /x/y, NodeDataChanged /x/y, NodeDeleted /x/y, " +
			"NodeDataChanged /x, NodeDeleted /x"},
	} {
		var got []string
		p.until("the last event has come", func() bool {
			got = nil
			for _, e := range x.c.Events() {
				got = append(got, e.Event.Type.String()+" "+e.Event.Path)
			}
			return slices.Contains(got, "NodeDeleted /x")
		})
		if got := strings.Join(got, ", "); got != x.want {
			t.Errorf("%s's events: %s, want %s", x.c.Who(), got, x.want)
		}
	}
	p.judged()
}

// TestCluster: a leader that is cut off from the other servers is replaced, and what its clients ask
// meanwhile is not done; after a heal and the restart of a wiped server all are at rest. Then nothing
// is left.
func TestCluster(t *testing.T) {
	t.Parallel()
	p := start(t, 3, 4*sim.Second)
	first := p.LeaderName()
	if first != "S3" {
		t.Errorf("%s leads at first, not S3", first)
	}
	others := slices.DeleteFunc(p.ServerNames(), func(s string) bool { return s == first })
	a, b := p.client("A", int(first[1]-'0')), p.client("B", int(others[0][1]-'0'))
	p.fault("split " + first + " A | " + strings.Join(others, " ") + " B")
	a.Do(create("/a", "", tree.Persistent), 1)
	lost := p.Ops()[len(p.Ops())-1]
	p.until("another server leads", func() bool {
		return p.LeaderName() != first && p.LeaderName() != ""
	})
	if o := p.do(b, create("/b", "", tree.Ephemeral)); o.Outcome != client.OK {
		t.Errorf("in the majority: %v, %v", o.Outcome, o.Code)
	}
	if lost.AppliedAt >= 0 || lost.Outcome == client.OK {
		t.Errorf("in the minority: %+v", lost)
	}
	p.fault("wipe " + others[1])
	if err := p.Heal(); err != nil {
		t.Fatal(err)
	}
	p.until("all are at rest", p.AtRest)
	if n := len(p.Reigns()); n < 2 {
		t.Errorf("%d reigns: %v", n, p.Reigns())
	}
	p.judged()
	if n := len(left(t, p.Dir())); n != 4 {
		t.Errorf("%d processes and folders while three servers run, want 4", n)
	}
	addresses := p.Addresses()
	p.Close()
	if l := left(t, p.Dir()); len(l) > 0 {
		t.Errorf("left behind: %v", l)
	}
	for _, address := range addresses {
		if c, err := net.DialTimeout("tcp", address, time.Second); err == nil {
			c.Close()
			t.Errorf("somebody listens at %s", address)
		}
	}
}

// left lists a folder, if it exists, and the processes that run in it.
func left(t *testing.T, dir string) (found []string) {
	t.Helper()
	if _, err := os.Stat(dir); err == nil {
		found = append(found, dir)
	}
	return append(found, running(t, dir)...)
}

// running lists the processes that have a folder in their command.
func running(t *testing.T, dir string) (found []string) {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range lines {
		line, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(line), dir) {
			found = append(found, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return found
}

// TestNotHere: what etcd cannot have is refused, with the reason.
func TestNotHere(t *testing.T) {
	t.Parallel()
	p := start(t, 1, 4*sim.Second)
	if _, err := p.AddActor("A", 0, 0); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"0s power S1":           "loses no written data",
		"0s wipe S1":            "wipe of the only server is impossible",
		"0s clock S1 x1.2":      "does not control the host's clock",
		"0s hold S1 > A COMMIT": "no such message",
		"at S1 boots crash S1":  "too late",
		"0s crash S7":           "the run has S1, A",
		"0s wipe A":             "cannot cause this fault",
		"0s bandwidth S1 A 1Mbit": "bandwidth is impossible on etcd: the lab's relays can delay " +
			"messages, but not limit a link's bandwidth",
		"0s bandwidth A S1 1Mbit": "not limit a link's bandwidth",
	} {
		f, err := sim.ParseFault(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if err := p.CheckFault(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
	for _, line := range []string{"0s crash S1", "0s pause S1 1s", "0s hold S1 > A REPLY", "0s expire A",
		"0s reset A S1", "0s delay A S1 10ms", "0s power A"} {
		f, err := sim.ParseFault(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if err := p.CheckFault(f); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
