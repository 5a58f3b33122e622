package explore

import (
	"fmt"

	"github.com/zablab/zablab/zab"
)

// Kind is the kind of a step.
type Kind int

// The kinds of steps.
const (
	Arrives    = Kind(doDeliver) // a message, or the end of a connection
	Fsyncs     = Kind(doFsync)
	Fires      = Kind(doTimer)
	Elects     = Kind(doElect)
	Joins      = Kind(doJoin)
	Restarts   = Kind(doRestart)
	Writes     = Kind(doWrite)
	Crashes    = Kind(doCrash)
	LosesPower = Kind(doPower)
	LosesDisk  = Kind(doWipe)
)

// Moment is one step of a story, and the world after it. It is what another engine needs to take
// the same step, and to see whether it came to the same.
type Moment struct {
	Line *Line
	Step
	Kind   Kind
	Early  bool   // of a timer: something else could have happened
	Server int    // that acts; the receiver of a message; 0 for an election
	Other  int    // the sender of a message; the leader of an election, or that a server joins
	Set    []int  // the servers of an election
	Text   string // of what arrives

	Transit []InTransit
	Servers []ServerState // by number; the first is no server
}

// InTransit is what has been sent on a connection in one direction, and can still arrive: texts as
// in the lines of a story, the oldest first.
type InTransit struct {
	From, To int
	Texts    []string
}

// ServerState is what a server has written, fsynced or not.
type ServerState struct {
	Up                bool
	Syncing           bool // an fsync has not ended
	Sending           bool // a snapshot, of which more pieces follow
	State             zab.State
	Leader            int // 0 for none
	Serves            bool
	Accepted, Current uint32
	Logged            zab.Zxid
}

// Moments plays a story, and returns its steps. It returns an error if a step is not possible, or
// comes after one that breaks a check.
func (s *Story) Moments() (list []Moment, err error) {
	if err := s.Setup.Check(); err != nil {
		return nil, err
	}
	w := newWorld(&s.Setup, newWords())
	refused, _ := s.follow(w, func(a action) {
		m := w.moment(a)
		m.Line = &s.Lines[len(list)]
		m.Step = w.tell(a)
		m.Transit, m.Servers = w.transit(), w.states()
		list = append(list, m)
	})
	switch n := len(list); {
	case refused != nil:
		return nil, fmt.Errorf("line %d: this step is not possible here: %s", refused.Pos.Line, refused)
	case n < len(s.Lines):
		return nil, fmt.Errorf("line %d comes after a step that breaks %s: leave out this line and "+
			"what follows", s.Lines[n].Pos.Line, w.broken.Name)
	}
	return list, nil
}

// moment describes an action, before it is carried out.
func (w *world) moment(a action) Moment {
	m := Moment{Kind: Kind(a.kind), Early: a.early, Server: int(a.a)}
	switch a.kind {
	case doDeliver:
		m.Text = w.delivery(a).Text
		m.Other, m.Server = a.conn.end(int(a.b)), a.conn.end(1-int(a.b))
	case doElect:
		m.Other = w.setup.best(a.set, &w.scene.sums, w.words, w.judge)
		for i := 1; i <= w.setup.all(); i++ {
			if has(a.set, i) {
				m.Set = append(m.Set, i)
			}
		}
	case doJoin:
		m.Other = int(a.b)
	}
	return m
}

// transit returns what can still arrive.
func (w *world) transit() (list []InTransit) {
	for k := range w.scene.chans {
		c := &w.scene.chans[k]
		for dir := range 2 {
			if c.q[dir] == 0 || c.open>>(1-dir)&1 == 0 {
				continue
			}
			t := InTransit{From: c.id.end(dir), To: c.id.end(1 - dir)}
			for _, m := range w.scene.queues.items(c.q[dir]) {
				text := connectionEnds
				if m != endMark {
					text = messageText(w.words.messages[m].(zab.Message))
				}
				t.Texts = append(t.Texts, text)
			}
			list = append(list, t)
		}
	}
	return list
}

// states returns the state of each server.
func (w *world) states() []ServerState {
	list := make([]ServerState, w.setup.all()+1)
	for i := range list[1:] {
		v := w.servers[i+1]
		s := ServerState{Up: v.up, Syncing: len(v.syncs) > 0}
		if v.up {
			s.State, s.Accepted, s.Current = v.peer.State(), v.peer.AcceptedEpoch(), v.peer.CurrentEpoch()
			s.Sending = w.sums[i+1].timers.Has(zab.PieceTimer)
			s.Logged, s.Leader, s.Serves = v.peer.LastLogged(), int(v.peer.Leader()), v.peer.Serving()
		}
		list[i+1] = s
	}
	return list
}
