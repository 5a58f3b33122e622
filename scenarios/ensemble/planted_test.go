package ensemble_test

import (
	"errors"
	"slices"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// liar stands around a server and changes what it hears or says.
type liar struct {
	sim.Program
	m     *sim.Machine
	hears func(l *liar, e sim.Event) (sim.Event, bool)              // false: it never hears of it
	says  func(l *liar, e sim.Event, out []sim.Effect) []sim.Effect // what it says instead
	cache map[string]*tree.Reply                                    // for liars who remember
	asked map[int32]string                                          // what was asked under which number
}

func (l *liar) Unwrap() sim.Program { return l.Program }

func (l *liar) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	if l.hears != nil {
		var ok bool
		if e, ok = l.hears(l, e); !ok {
			return l.says(l, e, out)
		}
	}
	begin := len(out)
	out = l.Program.Step(now, e, out)
	if l.says != nil {
		out = append(out[:begin], l.says(l, e, slices.Clone(out[begin:]))...)
	}
	return out
}

// lying makes a liar of one server.
func lying(id sim.NodeID, l liar) func(*sim.Machine, sim.Program) sim.Program {
	return func(m *sim.Machine, p sim.Program) sim.Program {
		if m.ID != id {
			return p
		}
		own := l
		own.Program, own.m = p, m
		own.cache, own.asked = map[string]*tree.Reply{}, map[int32]string{}
		return &own
	}
}

func request(e sim.Event) (*tree.Request, bool) {
	if e.Kind != sim.Received || e.Port != zab.PortClient {
		return nil, false
	}
	r, ok := e.Msg.(*tree.Request)
	return r, ok
}

// answersItself says ok to creates and tells nobody.
var answersItself = liar{
	hears: func(l *liar, e sim.Event) (sim.Event, bool) {
		r, ok := request(e)
		return e, !ok || r.Type != tree.OpCreate
	},
	says: func(l *liar, e sim.Event, out []sim.Effect) []sim.Effect {
		if r, ok := request(e); ok && r.Type == tree.OpCreate {
			return append(out, sim.Effect{Kind: sim.Send, Conn: e.Conn, Msg: &tree.Reply{
				Xid: r.Xid, Zxid: l.Program.(*server.Server).Tree().LastProcessed(), Result: tree.OpResult{Type: tree.OpCreate, Path: r.Path},
			}})
		}
		return out
	},
}

// forwardsTwice sends every setData to the leader twice.
var forwardsTwice = liar{says: func(l *liar, e sim.Event, out []sim.Effect) []sim.Effect {
	var all []sim.Effect
	for _, f := range out {
		all = append(all, f)
		if m, ok := f.Msg.(*zab.Request); ok && m.Body.(*server.Request).Op.Type == tree.OpSetData {
			all = append(all, f)
		}
	}
	return all
}}

// remembers answers a get as it did the first time.
var remembers = liar{says: func(l *liar, e sim.Event, out []sim.Effect) []sim.Effect {
	if r, ok := request(e); ok && r.Type == tree.OpGetData {
		l.asked[r.Xid] = r.Path
	}
	for i, f := range out {
		m, ok := f.Msg.(*tree.Reply)
		if !ok || l.asked[m.Xid] == "" {
			continue
		}
		if old := l.cache[l.asked[m.Xid]]; old != nil {
			told := *old
			told.Xid = m.Xid
			out[i].Msg = &told
		} else {
			l.cache[l.asked[m.Xid]] = m
		}
	}
	return out
}}

// expiresEarly ends the session of everybody whom it hears of, as soon as it leads.
var expiresEarly = liar{hears: func(l *liar, e sim.Event) (sim.Event, bool) {
	s := l.Program.(*server.Server)
	if m, ok := e.Msg.(*zab.Ping); ok && s.Leads() && len(m.Touched) > 0 {
		return sim.Event{Kind: sim.Told, Msg: &server.Expire{Session: m.Touched[0].Session}}, true
	}
	return e, true
}}

// fired are the checks that do not hold, the audit's first.
func fired(e *ensemble.Ensemble, h lin.History) (names []string) {
	var v *ensemble.Violation
	if errors.As(e.Err(), &v) {
		names = append(names, v.Name)
	}
	for _, m := range []lin.Options{{Model: lin.ZNode}, {Model: lin.ZNode, Scope: lin.All}, {Model: lin.Register}} {
		w, err := lin.Check(h, m)
		if err != nil {
			names = append(names, err.Error())
		} else if w.Result == lin.Broken {
			names = append(names, string(w.Model)+" "+string(w.Scope))
		}
	}
	if len(lin.SessionOrder(h)) > 0 {
		names = append(names, "session order")
	}
	return names
}

// Each planted fault is noticed by exactly the checks that should; without it none of them fires.
func TestPlantedFaultsAreNoticed(t *testing.T) {
	for _, c := range []struct {
		name   string
		tamper func(*sim.Machine, sim.Program) sim.Program
		want   []string
	}{
		{"none", nil, nil},
		{"a lost write", lying(1, answersItself), []string{"znode/1 writes", "znode/1 all", "register/1 all"}},
		{"a doubled write", lying(1, forwardsTwice), []string{"znode/1 writes", "znode/1 all"}},
		{"a session that ends too early", lying(3, expiresEarly), []string{"NoEarlyExpiry"}},
		{"a read from the past", lying(1, remembers), []string{"znode/1 all", "register/1 all", "session order"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, err := ensemble.New(ensemble.Config{Seed: 1, Tamper: c.tamper})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			e.Run(sim.Second, nil)
			for i, program := range []func(*client.Proc){writer, reader} {
				k, err := e.AddClient(string(rune('A'+i)), i+1, program)
				if err != nil {
					t.Fatal(err)
				}
				k.Start()
			}
			e.Run(5*sim.Second, nil)
			if got := fired(e, e.History()); !slices.Equal(got, c.want) {
				t.Errorf("%v fired, want %v (%v)", got, c.want, e.Err())
			}
		})
	}
}

// writer is a client of S1, reader one of S2 that comes behind it.
func writer(p *client.Proc) {
	p.WaitConnected()
	p.Create("/x", []byte("0"), tree.Persistent)
	p.Get("/x")
	stat, _ := p.Set("/x", []byte("1"), tree.AnyVersion)
	p.Get("/x")
	p.Set("/x", []byte("2"), stat.Version)
	p.Get("/x")
}

func reader(p *client.Proc) {
	p.WaitConnected()
	p.Sleep(sim.Second)
	p.Create("/x", []byte("9"), tree.Persistent)
	p.Sync("/x")
	p.Get("/x")
}
