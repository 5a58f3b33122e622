package ensemble_test

import (
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// liar stands around a server and changes what it hears or says.
type liar struct {
	sim.Program
	m     *sim.Machine
	hears func(l *liar, e sim.Event) (sim.Event, bool)              // false: it never receives it
	says  func(l *liar, e sim.Event, out []sim.Effect) []sim.Effect // what it says instead
	asked map[question]*tree.Request
	cache map[string]*tree.Reply // for liars who remember
	held  []sim.Effect           // for liars who wait
	count int64                  // for liars who count
}

// question names a request: who asked, and which one it was.
type question struct {
	conn sim.ConnID
	xid  int32
}

func (l *liar) Unwrap() sim.Program { return l.Program }

func (l *liar) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	if r, ok := request(e); ok {
		l.asked[question{e.Conn, r.Xid}] = r
	}
	begin := len(out)
	heard := true
	if l.hears != nil {
		e, heard = l.hears(l, e)
	}
	if heard {
		out = l.Program.Step(now, e, out)
	}
	if l.says != nil {
		out = append(out[:begin], l.says(l, e, slices.Clone(out[begin:]))...)
	}
	return out
}

func (l *liar) server() *server.Server { return l.Program.(*server.Server) }

// lying makes a liar of one server, or of all for 0.
func lying(id sim.NodeID, l liar) func(*sim.Machine, sim.Program) sim.Program {
	return func(m *sim.Machine, p sim.Program) sim.Program {
		if _, ok := p.(*server.Server); !ok || id != 0 && m.ID != id {
			return p
		}
		own := l
		own.Program, own.m = p, m
		own.cache, own.asked = map[string]*tree.Reply{}, map[question]*tree.Request{}
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

// replies changes the answers to what clients ask.
func replies(change func(l *liar, q *tree.Request, r *tree.Reply)) liar {
	return liar{says: func(l *liar, _ sim.Event, out []sim.Effect) []sim.Effect {
		for i, f := range out {
			m, ok := f.Msg.(*tree.Reply)
			if !ok {
				continue
			}
			if q := l.asked[question{f.Conn, m.Xid}]; q != nil {
				told := *m
				change(l, q, &told)
				out[i].Msg = &told
			}
		}
		return out
	}}
}

// notifies says something else in the place of each watch event.
func notifies(instead func(l *liar, f sim.Effect, e tree.WatchEvent) []sim.Effect) liar {
	return liar{says: func(l *liar, _ sim.Event, out []sim.Effect) (all []sim.Effect) {
		for _, f := range out {
			if m, ok := f.Msg.(*tree.WatchNotification); ok {
				all = append(all, instead(l, f, m.WatchEvent)...)
			} else {
				all = append(all, f)
			}
		}
		return all
	}}
}

// answersItself answers requests of one kind from its own state, and passes them on to no server.
func answersItself(kind tree.OpCode, answer func(q *tree.Request, r *tree.Reply)) liar {
	lies := func(e sim.Event) (*tree.Request, bool) {
		q, ok := request(e)
		return q, ok && q.Type == kind
	}
	return liar{
		hears: func(l *liar, e sim.Event) (sim.Event, bool) {
			_, ok := lies(e)
			return e, !ok
		},
		says: func(l *liar, e sim.Event, out []sim.Effect) []sim.Effect {
			if q, ok := lies(e); ok {
				r := &tree.Reply{Xid: q.Xid, Zxid: l.server().Tree().LastProcessed()}
				answer(q, r)
				return append(out, sim.Effect{Kind: sim.Send, Conn: e.Conn, Msg: r})
			}
			return out
		},
	}
}

// saysCreated answers ok to a create that no other server receives; saysExists, that the node
// exists.
var saysCreated = answersItself(tree.OpCreate, func(q *tree.Request, r *tree.Reply) {
	r.Result = tree.OpResult{Type: tree.OpCreate, Path: q.Path}
})

var saysExists = answersItself(tree.OpCreate, func(q *tree.Request, r *tree.Reply) {
	r.Code = tree.NodeExists
})

// syncsAlone answers a sync at once.
var syncsAlone = answersItself(tree.OpSync, func(q *tree.Request, r *tree.Reply) {
	r.Result = tree.OpResult{Type: tree.OpSync, Path: q.Path}
})

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

// remembers answers a get as it did the first time; remembersData only with the same data.
var remembers = replies(func(l *liar, q *tree.Request, r *tree.Reply) {
	if q.Type != tree.OpGetData {
		return
	}
	if old := l.cache[q.Path]; old != nil {
		*r = *old
		r.Xid = q.Xid
	} else {
		l.cache[q.Path] = r
	}
})

var remembersData = replies(func(l *liar, q *tree.Request, r *tree.Reply) {
	if q.Type != tree.OpGetData {
		return
	}
	if old := l.cache[q.Path]; old != nil {
		r.Result = old.Result
	} else {
		l.cache[q.Path] = r
	}
})

// lags gets no COMMIT after the first. forgetsZxids lags as well, and accepts clients whatever they
// have seen.
var lags = liar{hears: func(l *liar, e sim.Event) (sim.Event, bool) {
	m, ok := e.Msg.(*zab.Commit)
	return e, !ok || m.Zxid.Counter() < 2
}}

var forgetsZxids = liar{hears: func(l *liar, e sim.Event) (sim.Event, bool) {
	if m, ok := e.Msg.(*tree.ConnectRequest); ok {
		asked := *m
		asked.LastZxidSeen = 0
		e.Msg = &asked
	}
	return lags.hears(l, e)
}}

// Of watch events, tellsLate sends each after the next answer, tellsNothing none, tellsTwice each
// twice, tellsOnce only the first, tellsWrong each with another type, and tellsBackwards two at a
// time, the second first.
var tellsLate = liar{says: func(l *liar, _ sim.Event, out []sim.Effect) (all []sim.Effect) {
	for _, f := range out {
		if _, ok := f.Msg.(*tree.WatchNotification); ok {
			l.held = append(l.held, f)
			continue
		}
		all = append(all, f)
		if m, ok := f.Msg.(*tree.Reply); ok && m.Xid > 0 {
			all = append(all, l.held...)
			l.held = nil
		}
	}
	return all
}}

var tellsNothing = notifies(func(*liar, sim.Effect, tree.WatchEvent) []sim.Effect { return nil })

var tellsTwice = notifies(func(_ *liar, f sim.Effect, _ tree.WatchEvent) []sim.Effect {
	return []sim.Effect{f, f}
})

var tellsOnce = notifies(func(l *liar, f sim.Effect, _ tree.WatchEvent) []sim.Effect {
	if l.count++; l.count > 1 {
		return nil
	}
	return []sim.Effect{f}
})

var tellsWrong = notifies(func(_ *liar, f sim.Effect, e tree.WatchEvent) []sim.Effect {
	e.Type = tree.NodeDeleted
	f.Msg = &tree.WatchNotification{WatchEvent: e}
	return []sim.Effect{f}
})

var tellsBackwards = notifies(func(l *liar, f sim.Effect, _ tree.WatchEvent) []sim.Effect {
	if l.held = append(l.held, f); len(l.held) < 2 {
		return nil
	}
	two := []sim.Effect{l.held[1], l.held[0]}
	l.held = nil
	return two
})

// keepsEphemeral puts the node /e back into its own tree when it goes with its session.
var keepsEphemeral = liar{says: func(l *liar, e sim.Event, out []sim.Effect) []sim.Effect {
	t := l.server().Tree()
	switch n := t.Node("/e"); {
	case n != nil:
		l.cache["/e"] = &tree.Reply{Zxid: n.EphemeralOwner()}
	case l.cache["/e"] != nil:
		t.Apply(&tree.Txn{
			TxnHeader: tree.TxnHeader{
				Session: l.cache["/e"].Zxid, Zxid: t.LastProcessed(), Type: tree.OpCreate,
			},
			Body: &tree.CreateTxn{Path: "/e", ACL: tree.OpenACL, Ephemeral: true},
		})
	}
	return out
}}

// forgetsSession takes the first session out of its own tree.
var forgetsSession = liar{says: func(l *liar, e sim.Event, out []sim.Effect) []sim.Effect {
	t := l.server().Tree()
	if list := t.AppendSessions(nil); len(list) > 0 && l.count == 0 {
		l.count = 1
		t.Apply(&tree.Txn{
			TxnHeader: tree.TxnHeader{
				Session: list[0].ID, Zxid: t.LastProcessed(), Type: tree.OpCloseSession,
			},
			Body: &tree.CloseSessionTxn{},
		})
	}
	return out
}}

// showsEphemeral says that /e is there once it has been.
var showsEphemeral = replies(func(l *liar, q *tree.Request, r *tree.Reply) {
	switch {
	case q.Type != tree.OpExists || q.Path != "/e":
	case r.Code == tree.OK:
		l.cache["/e"] = r
	case l.cache["/e"] != nil:
		r.Code, r.Result = tree.OK, l.cache["/e"].Result
	}
})

// namesAgain gives the second sequential node the name of the first, and namesBackwards counts
// down.
var namesAgain = replies(func(l *liar, q *tree.Request, r *tree.Reply) {
	if q.Type != tree.OpCreate || !q.Flags.IsSequential() {
		return
	}
	if l.cache["name"] == nil {
		l.cache["name"] = r
	}
	r.Result.Path = l.cache["name"].Result.Path
})

var namesBackwards = replies(func(l *liar, q *tree.Request, r *tree.Reply) {
	if q.Type == tree.OpCreate && q.Flags.IsSequential() {
		l.count++
		r.Result.Path = tree.SequentialName(q.Path, int32(9-l.count))
	}
})

// praisesMulti says that every part of a failed multi went well, and showsHalf hides /half.
var praisesMulti = replies(func(l *liar, q *tree.Request, r *tree.Reply) {
	for i := range r.Result.Results {
		r.Result.Results[i].Code, r.Result.Results[i].Type = tree.OK, q.Ops[i].Type
		r.Result.Results[i].Path = q.Ops[i].Path
	}
})

var showsHalf = replies(func(l *liar, q *tree.Request, r *tree.Reply) {
	if q.Type == tree.OpExists && q.Path == "/half" {
		r.Code, r.Result = tree.NoNode, tree.OpResult{}
	}
})

// misdates says a later czxid in every stat.
var misdates = replies(func(l *liar, q *tree.Request, r *tree.Reply) {
	if r.Result.Stat.Czxid != 0 {
		r.Result.Stat.Czxid++
	}
})

// expiresEarly ends every session that a ping names, as soon as it leads.
var expiresEarly = liar{hears: func(l *liar, e sim.Event) (sim.Event, bool) {
	if m, ok := e.Msg.(*zab.Ping); ok && l.server().Leads() && len(m.Touched) > 0 {
		return sim.Event{Kind: sim.Told, Msg: &server.Expire{Session: m.Touched[0].Session}}, true
	}
	return e, true
}}
