package gateway

import (
	"strings"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// TestContainers: the leader deletes a container whose children are gone, and a node whose time to
// live is over, within two minutes; a new leader too. The judges know of it.
func TestContainers(t *testing.T) {
	w, peers := newWorld(t, ensemble.Config{Stage: engine.Stage{TTL: true}})
	serving(t, w)
	a := join(t, w, peers, "A")
	a.dial("S1")
	lives := func(path string) bool {
		a.do(tree.Op{Type: tree.OpSync, Path: "/"})
		return a.do(tree.Op{Type: tree.OpExists, Path: path}).Code == tree.OK
	}
	container := func(path string) {
		op := create(path, tree.Container)
		op.Type = tree.OpCreateContainer
		if r := a.do(op); r.Code != tree.OK || r.Result.Stat.EphemeralOwner != 0 {
			t.Fatalf("create %s: %+v", path, r)
		}
	}
	pass := func(d sim.Time) { // A pings, so that its session lives
		for end := w.Ensemble.World.Now() + d; w.Ensemble.World.Now() < end; {
			a.send(tree.XidPing, tree.Op{Type: tree.OpPing})
			w.Run(w.Ensemble.World.Now() + sim.Second)
		}
	}
	for _, path := range []string{"/new", "/empty", "/full"} {
		container(path)
	}
	for _, path := range []string{"/empty/c", "/full/c"} {
		a.do(create(path, tree.Persistent))
	}
	ttl := create("/short", tree.PersistentTTL)
	ttl.Type, ttl.TTL = tree.OpCreateTTL, 30_000
	a.do(ttl)
	ttl.Path, ttl.TTL = "/long", 500_000
	a.do(ttl)
	a.do(tree.Op{Type: tree.OpDelete, Path: "/empty/c", Version: tree.AnyVersion})
	pass(125 * sim.Second)
	for path, want := range map[string]bool{
		"/new": true, "/empty": false, "/full": true, "/short": false, "/long": true,
	} {
		if lives(path) != want {
			t.Errorf("after two minutes %s exists: %v", path, !want)
		}
	}
	a.do(tree.Op{Type: tree.OpDelete, Path: "/full/c", Version: tree.AnyVersion})
	pass(500 * sim.Second)
	if lives("/full") || lives("/long") || !lives("/new") {
		t.Errorf("at the end: /full %v, /long %v, /new %v", lives("/full"), lives("/long"), lives("/new"))
	}
	checks, err := w.Judge()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if c.Promised && c.Verdict != lin.Linearizable {
			t.Errorf("%s: %s", c.Name, c.Text)
		}
	}
}

// TestRefusedModes: what ZooKeeper refuses, by its codes.
func TestRefusedModes(t *testing.T) {
	for _, x := range []struct {
		ttl   bool
		kind  tree.OpCode
		flags tree.CreateMode
		lives int64
		want  string
	}{
		{false, tree.OpCreateTTL, tree.PersistentTTL, 1000, "not implemented"},
		{false, tree.OpCreate, tree.PersistentTTL, 0, "not implemented"},
		{true, tree.OpCreate, tree.PersistentTTL, 0, "bad arguments"},
		{true, tree.OpCreateTTL, tree.PersistentTTL, 0, "bad arguments"},
		{true, tree.OpCreateTTL, tree.PersistentTTL, tree.MaxTTL + 1, "bad arguments"},
		{true, tree.OpCreateTTL, tree.Persistent, 1000, "bad arguments"},
		{true, tree.OpCreateContainer, 9, 0, "bad arguments"},
		{true, tree.OpCreateTTL, tree.SequentialTTL, 1000, "ok"},
		{true, tree.OpCreate, tree.Container, 0, "ok"},
	} {
		w, peers := newWorld(t, ensemble.Config{Stage: engine.Stage{TTL: x.ttl}})
		serving(t, w)
		a := join(t, w, peers, "A")
		a.dial("S1")
		op := create("/x", x.flags)
		op.Type, op.TTL = x.kind, x.lives
		if r := a.do(op); !strings.Contains(strings.ToLower(r.Code.Error()), x.want) &&
			(x.want != "ok" || r.Code != tree.OK) {
			t.Errorf("%+v: %v", x, r.Code)
		}
	}
}

// TestSuper: the super user reads what no list allows it to read.
func TestSuper(t *testing.T) {
	w, peers := newWorld(t, ensemble.Config{
		Stage: engine.Stage{SuperDigest: tree.DigestID("super:test")},
	})
	serving(t, w)
	a := join(t, w, peers, "A")
	a.dial("S1")
	own := create("/own", tree.Persistent)
	own.ACL = []tree.ACL{{Perms: tree.PermAll, Scheme: "digest", ID: tree.DigestID("ann:secret")}}
	a.do(own)
	read := tree.Op{Type: tree.OpGetData, Path: "/own"}
	if r := a.do(read); r.Code != tree.NoAuth {
		t.Errorf("before: %v", r.Code)
	}
	a.send(tree.XidAuth, tree.Op{Type: tree.OpAuth, Scheme: "digest", Data: []byte("super:test")})
	a.until(func() bool { return a.replies[tree.XidAuth] != nil })
	if r := a.do(read); r.Code != tree.OK {
		t.Errorf("as the super user: %v", r.Code)
	}
	checks, err := w.Judge()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range checks {
		if c.Promised && c.Verdict != lin.Linearizable {
			t.Errorf("%s: %s", c.Name, c.Text)
		}
	}
}
