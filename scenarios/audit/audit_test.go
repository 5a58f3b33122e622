package audit

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// TestTable compares the table of properties in doc.go with the constants, with the files that it
// names, and with the runs that break each property: a planted fault, a kept regression, or a test
// of this package.
func TestTable(t *testing.T) {
	rows := regexp.MustCompile(`(?m)^//\t([a-z]+\.go)? +([A-Z]\w+)  +\S`).
		FindAllStringSubmatch(read(t, "doc.go"), -1)
	breaks := read(t, "audit_test.go") + read(t, "conduct_test.go") + read(t, "../ensemble/planted_test.go")
	kept, err := filepath.Glob("../fuzz/testdata/regressions/*.schedule")
	if err != nil || len(kept) == 0 {
		t.Fatal(kept, err)
	}
	for _, name := range kept {
		breaks += read(t, name)
	}
	listed, file := map[string]bool{}, ""
	for _, row := range rows {
		if row[1] != "" {
			file = row[1]
		}
		name := regexp.MustCompile(`\b` + row[2] + `\b`)
		listed[row[2]] = true
		if !strings.Contains(read(t, file), "a.broken("+row[2]+",") {
			t.Errorf("%s: %s does not check it", row[2], file)
		}
		if !name.MatchString(breaks) {
			t.Errorf("%s: no test breaks it: plant a fault in scenarios/ensemble/planted_test.go",
				row[2])
		}
	}
	constants := regexp.MustCompile(`(?m)^\t(\w+) += "(\w+)"$`).
		FindAllStringSubmatch(read(t, "audit.go"), -1)
	if len(constants) != len(listed) {
		t.Errorf("%d names, and %d in doc.go", len(constants), len(listed))
	}
	for _, c := range constants {
		if c[1] != c[2] || !listed[c[1]] {
			t.Errorf("%s = %q: not in the table of doc.go", c[1], c[2])
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// silent is a program that does nothing.
type silent struct{}

func (silent) Step(sim.Time, sim.Event, []sim.Effect) []sim.Effect { return nil }
func (silent) Deadline() sim.Time                                  { return sim.Never }

// TestBreaks: what no planted fault can bring about is broken by hand.
func TestBreaks(t *testing.T) {
	for name, do := range map[string]func(*Audit, *sim.Machine){
		NoServiceUnlessEstablished: func(a *Audit, m *sim.Machine) {
			a.Replied(m, server.New(server.Config{}, m.Disk()), 7)
		},
		Integrity: func(a *Audit, m *sim.Machine) {
			a.Unreadable(m, zab.MakeZxid(1, 2), errors.New("torn"))
		},
	} {
		for _, muted := range []bool{false, true} {
			w := sim.NewWorld(sim.Config{})
			a := New(w, nil, Config{Servers: 1, Voters: zab.Set(0).With(1), NoSafety: true,
				Mute: func(n string) bool { return muted && n == name }})
			do(a, w.Add("S1", "server", func(*sim.Machine) sim.Program { return silent{} }))
			var v *Violation
			if got := errors.As(w.Err(), &v); got == muted || got && v.Name != name {
				t.Errorf("%s, muted %v: %v", name, muted, w.Err())
			}
		}
	}
}

// TestExpiryKnowsEveryFault: a new kind of fault must say whether it may delay a message or a
// clock. Without that the check of expiry would stay off, or complain of what the fault explains.
func TestExpiryKnowsEveryFault(t *testing.T) {
	for _, kind := range sim.FaultKinds() {
		f := sim.Fault{Kind: kind, Who: []string{"S1", "S2"}}
		(&expiry{}).fault(f, &sim.Machine{Kind: "server"}, 0)
	}
}

// alone is the only server of an ensemble, as zab/safety sees it: it starts from an empty snapshot
// and one record in its log.
type alone struct{ log []zab.Entry }

func (alone) State() zab.State       { return zab.Leading }
func (alone) Phase() zab.Phase       { return zab.Synchronization }
func (alone) Epoch() uint32          { return 2 }
func (alone) Leader() zab.ID         { return 1 }
func (alone) Applied() zab.Zxid      { return 0 }
func (alone) Base() zab.Zxid         { return 0 }
func (a alone) Entries() []zab.Entry { return a.log }

// TestReplays: a server replays its log, in which 1/1 makes a node. A replay is compared, and its
// owner is asked for, as soon as what it replays is chosen, and not before; a leader and a server at
// rest are asked for the owners of all their nodes.
func TestReplays(t *testing.T) {
	const session = 7
	at := zab.MakeZxid(1, 1)
	ephemeral := &tree.CreateTxn{Path: "/e", Ephemeral: true}
	persistent := &tree.CreateTxn{Path: "/p"}
	for _, c := range []struct {
		what   string
		body   tree.Body
		known  bool // the session exists
		chosen bool
		do     func(a *Audit, m *sim.Machine, t *tree.Tree, txn *tree.Txn)
		want   string
	}{
		{"equal trees", persistent, true, true, replayTwice(false), ""},
		{"different trees", persistent, true, true, replayTwice(true), StateAtZxid},
		{"different trees, not chosen", persistent, true, false, replayTwice(true), ""},
		{"a live owner", ephemeral, true, true, replayTwice(false), ""},
		{"no owner", ephemeral, false, true, replayTwice(false), EphemeralLifetime},
		{"no owner, not chosen", ephemeral, false, false, replayTwice(false), ""},
		{"no owner, in a multi", &tree.MultiTxn{Txns: []tree.SubTxn{{Body: ephemeral}}}, false, true,
			replayTwice(false), EphemeralLifetime},
		{"a leader with a live owner", ephemeral, true, false, inherited, ""},
		{"a leader without the owner", ephemeral, false, false, inherited, EphemeralLifetime},
		{"at rest with a live owner", ephemeral, true, false, rested, ""},
		{"at rest without the owner", ephemeral, false, false, rested, EphemeralLifetime},
	} {
		w := sim.NewWorld(sim.Config{})
		a := New(w, nil, Config{Servers: 1, Voters: zab.SetOf(1)})
		m := w.Add("S1", "server", func(*sim.Machine) sim.Program { return silent{} })
		m.Disk().Preload("acceptedEpoch", []byte("0")) // not a lost disk
		p := alone{[]zab.Entry{{Zxid: at}}}
		watch := a.safety.Watch(1, 1)
		watch.Booted(p)
		a.safety.DiskEpochs(1, 2, 2)
		a.safety.DiskLog(1, at)
		if c.chosen {
			watch.Elected(2)
			watch.Established(2)
		}
		store := tree.New()
		if c.known {
			store.Apply(&tree.Txn{TxnHeader: tree.TxnHeader{Session: session,
				Type: tree.OpCreateSession}, Body: &tree.CreateSessionTxn{TimeoutMs: 1000}})
		}
		txn := &tree.Txn{TxnHeader: tree.TxnHeader{Session: session, Zxid: int64(at)}, Body: c.body}
		store.Apply(&tree.Txn{TxnHeader: tree.TxnHeader{Session: session, Zxid: int64(at),
			Type: tree.OpCreate}, Body: plain(c.body)})
		c.do(a, m, store, txn)
		name := ""
		var v *Violation
		if errors.As(w.Err(), &v) {
			name = v.Name
		}
		if name != c.want {
			t.Errorf("%s: %q, want %q: %v", c.what, name, c.want, w.Err())
		}
	}
}

// plain is the create that a body has.
func plain(b tree.Body) tree.Body {
	if m, ok := b.(*tree.MultiTxn); ok {
		return m.Txns[0].Body
	}
	return b
}

// replayTwice replays a transaction on two servers, whose trees may differ.
func replayTwice(differ bool) func(*Audit, *sim.Machine, *tree.Tree, *tree.Txn) {
	return func(a *Audit, m *sim.Machine, t *tree.Tree, txn *tree.Txn) {
		z := zab.Zxid(txn.Zxid)
		a.Applied(m, t, 0, z, txn, true)
		if differ {
			t.Apply(&tree.Txn{TxnHeader: tree.TxnHeader{Type: tree.OpCreate},
				Body: &tree.CreateTxn{Path: "/ghost"}})
		}
		a.Applied(m, t, 0, z, txn, true)
	}
}

func inherited(a *Audit, m *sim.Machine, t *tree.Tree, _ *tree.Txn) { a.Inherited(m, t) }
func rested(a *Audit, m *sim.Machine, t *tree.Tree, _ *tree.Txn)    { a.Rested(m, t) }

// TestExpiresOnce: a leader that proposes the end of a session twice breaks ExpiresOnce.
func TestExpiresOnce(t *testing.T) {
	for _, twice := range []bool{true, false} {
		s := newStage()
		m := s.a.world.Machine(1)
		leader := server.New(server.Config{}, m.Disk())
		s.a.Expiring(m, leader, 7, sim.Second)
		s.a.Expiring(m, leader, pick[int64](twice, 7, 8), sim.Second)
		s.check(t, "a session", pick(twice, ExpiresOnce, ""))
	}
}
