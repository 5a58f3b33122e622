package calm

import (
	"slices"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// quiet returns the windows in which no fault acts on a client or on the servers, every server that
// runs serves, and none changes its role.
func (j *judge) quiet(k *subject) (windows []Period) {
	for _, p := range k.weather.periods {
		p.To = min(p.To, j.end)
		from := p.From
		n, _ := slices.BinarySearch(j.changes, p.From)
		for ; n <= len(j.changes) && from < p.To; n++ {
			to := p.To
			if n < len(j.changes) {
				to = min(to, j.changes[n])
			}
			if from < to && j.serves(p.Up, from, to) {
				windows = append(windows, Period{from, to, p.Up})
			}
			from = to
		}
	}
	return windows
}

// serves reports whether all of these servers serve in a span, a quorum of the voters among them.
func (j *judge) serves(all zab.Set, from, to sim.Time) bool {
	var serve zab.Set
	for i := range j.served {
		if s := &j.served[i]; s.from <= from && to <= s.to {
			serve = serve.With(s.id)
		}
	}
	return serve == all && serve.Majority(j.config.Voters)
}

// attempt returns how long a client tries to connect to one server: the dial and then CONNECT take
// a share of the session timeout each.
func (l *Log) attempt() sim.Time {
	n := (l.config.Voters | l.config.Observers).Len()
	return 2 * l.config.SessionTimeout / sim.Time(max(1, n))
}

// backoffMax is the longest wait of a client before its next attempt: package client's default.
const backoffMax = sim.Second

// connect returns how long a client without a connection takes to get one. It ends the attempt that
// is under way, and then waits and tries: each server that is down once, a server that does not
// know its session any more, and another with a new session.
func (l *Log) connect(up zab.Set) sim.Time {
	down := (l.config.Voters | l.config.Observers).Len() - up.Len()
	return l.attempt() + sim.Time(down+2)*(backoffMax+l.attempt())
}

// answer returns how long an answer takes. A write crosses 6 links (request, forwarded, PROPOSAL,
// ACK, COMMIT, reply), and two more if the reply before it is late. A follower fsyncs its log and,
// for a new file, its directory; each waits for one fsync of its log and one of a snapshot: 6, and
// two more for the leader's own. A read waits for the writes before it. A sync that asks a quorum
// waits for the next PING, half a tick, and for its answer.
func (l *Log) answer() sim.Time {
	t := 8*l.config.Latency.Max + 8*l.config.Fsync.Max
	if l.config.QuorumSync {
		t += l.config.Tick/2 + 2*l.config.Latency.Max
	}
	return t
}

// hung returns how long after the last fault a client may still be on a connection that the fault
// has cut without its knowledge: it hears nothing for two thirds of its timeout, or its session
// ends, which takes a timeout and two ticks; then it connects again.
func (l *Log) hung(up zab.Set) sim.Time {
	return l.config.SessionTimeout + l.ticks(2) + l.connect(up)
}

// client judges one client.
func (j *judge) client(a *engine.Account, h *engine.Heard, changes []engine.Change) {
	k := j.Log.client(h.Client)
	if k == nil || j.attempt() < 2*j.answer() {
		return // its patience is shorter than what an attempt may take
	}
	windows := j.quiet(k)
	j.connected(k, h, windows)
	for i := range windows {
		w := &windows[i]
		settled := w.From + j.hung(w.Up)
		if settled >= w.To {
			continue
		}
		for i, s := range h.States {
			lost := s.State == client.Disconnected && !s.Moved ||
				s.State == client.Expired && !j.stayedAway(h.States[:i], s.At)
			if lost && settled < s.At && s.At < w.To && !strange(a, k.name, s.At) {
				j.breach(StaysConnected, s.At, "the state of %s becomes %v at %s, although no "+
					"fault has acted and no server has changed its role since %s",
					k.name, s.State, s.At.Seconds(),
					w.From.Seconds())
			}
		}
		j.answers(a, k, h, w, settled)
		j.wakes(a, k, h, w, settled, changes)
	}
}

// stayedAway reports whether a client that left its server for another was without a connection for
// so long that its session may have ended. It may try servers that are down first, and wait before
// each attempt. The session runs from its last message, which an idle client may have sent a third of
// the timeout before it left, so half a timeout is enough. If sessions end with their connections,
// any time is. Before has the changes of its state up to now.
func (j *judge) stayedAway(before []engine.StateChange, now sim.Time) bool {
	for _, s := range slices.Backward(before) {
		if s.State == client.Connected {
			return false
		}
		if s.State == client.Disconnected && s.Moved {
			return j.config.ExpireOnDisconnect || now-s.At >= j.config.SessionTimeout/2
		}
	}
	return false
}

// connected judges ConnectedInTime.
func (j *judge) connected(k *subject, h *engine.Heard, windows []Period) {
	for _, off := range j.offline(k, h) {
		for i := range windows {
			w := &windows[i]
			begin, end := max(off.from, w.From), min(off.to, w.To)
			if bound := j.connect(w.Up); end-begin > bound {
				duration, calm := end-begin, w.From
				j.breach(ConnectedInTime, begin+bound, "%s had no connection for %s, from %s on "+
					"(the bound is %s), although no fault has acted since %s and all running servers "+
					"serve clients", k.name, duration.Seconds(), begin.Seconds(), bound.Seconds(),
					calm.Seconds())
			}
		}
	}
}

// offline returns when a client's process ran and was not connected, before its session was over.
func (j *judge) offline(k *subject, h *engine.Heard) (list []life) {
	for _, l := range k.lives {
		l.to = min(l.to, j.end)
		from, off := l.from, true
		for _, s := range h.States {
			if s.At < l.from || s.At > l.to {
				continue
			}
			if off && from < s.At {
				list = append(list, life{from, s.At})
			}
			from, off = s.At, s.State != client.Connected && !s.State.Final()
		}
		if off && from < l.to {
			list = append(list, life{from, l.to})
		}
	}
	return list
}

// online reports whether a client was connected, with one session, all the time of a span, and
// which session that was.
func online(h *engine.Heard, from, to sim.Time) (session int64, ok bool) {
	for _, s := range h.States {
		switch {
		case s.At > to:
			return session, ok
		case s.At > from:
			return 0, false
		}
		session, ok = s.Session, s.State == client.Connected
	}
	return session, ok
}

// answers judges AnswerInTime.
func (j *judge) answers(
	a *engine.Account, k *subject, h *engine.Heard, w *Period, settled sim.Time,
) {
	bound := j.answer()
	for _, o := range a.Ops {
		if o.Client != k.name || o.CalledAt < settled || o.CalledAt >= w.To {
			continue
		}
		if _, ok := online(h, o.CalledAt, min(o.CalledAt+bound, w.To-1)); !ok {
			continue // it has moved, or StaysConnected says why not
		}
		switch {
		case o.Outcome == client.Unknown && !o.Lost && o.ReturnedAt < w.To:
			j.breach(AnswerInTime, o.ReturnedAt, "the outcome of %s's call at %s is unknown, "+
				"although no fault has acted since %s", k.name, o.CalledAt.Seconds(),
				w.From.Seconds())
		case o.CalledAt+bound < w.To && (o.ReturnedAt < 0 || o.ReturnedAt > o.CalledAt+bound):
			j.breach(AnswerInTime, o.CalledAt+bound, "%s's call at %s has no answer after %s, "+
				"although no fault has acted since %s", k.name, o.CalledAt.Seconds(), bound.Seconds(),
				w.From.Seconds())
		}
	}
}

// wakes judges WakeInTime: a client that is connected learns of the first change after its watch.
// The change takes effect on one server, and reaches the client's within the time of an answer.
func (j *judge) wakes(
	a *engine.Account, k *subject, h *engine.Heard, w *Period, settled sim.Time,
	changes []engine.Change,
) {
	for _, o := range a.Ops {
		if o.Client != k.name || !o.Op.Watch || o.ReturnedAt < 0 || o.ReturnedAt >= w.To ||
			!sets(o) {
			continue
		}
		i := slices.IndexFunc(changes, func(c engine.Change) bool {
			return int64(c.Zxid) > o.Zxid && triggers(o, &c)
		})
		if i < 0 {
			continue
		}
		c := &changes[i]
		due := max(c.At, o.ReturnedAt) + j.answer()
		session, ok := online(h, max(settled, c.At), due)
		if c.At < settled || due >= w.To || !ok || session != o.Session || removed(a.Ops, o, due) {
			continue
		}
		heard := slices.ContainsFunc(h.Events, func(n engine.Notice) bool {
			return n.Session == session && n.Event.Path == o.Op.Path && n.At <= due &&
				n.At >= o.CalledAt
		})
		if !heard {
			j.breach(WakeInTime, due, "%s set a watch on %s at %s, and a change of %s at %s "+
				"caused the event %v, but the event did not arrive by %s", k.name, o.Op.Path,
				o.CalledAt.Seconds(), c.Path, c.At.Seconds(), c.Event, due.Seconds())
		}
	}
}

// removed reports whether the client may have removed the watch that o has set before its event was
// due.
func removed(ops []*engine.Op, o *engine.Op, due sim.Time) bool {
	return slices.ContainsFunc(ops, func(r *engine.Op) bool {
		return r.Op.Type == tree.OpRemoveWatches && r.Op.Path == o.Op.Path &&
			r.Client == o.Client && r.Session == o.Session && r.CalledAt >= o.CalledAt &&
			r.CalledAt <= due && r.Code != tree.NoWatcher
	})
}

// sets reports whether an operation has set a watch.
func sets(o *engine.Op) bool {
	switch o.Op.Type {
	case tree.OpExists:
		return o.Outcome == client.OK || o.Code == tree.NoNode
	case tree.OpGetData, tree.OpGetChildren, tree.OpGetChildren2:
		return o.Outcome == client.OK && o.Code == 0
	}
	return false
}

// triggers reports whether a change fires the watch that an operation has set.
func triggers(o *engine.Op, c *engine.Change) bool {
	switch o.Op.Type {
	case tree.OpGetChildren, tree.OpGetChildren2:
		if c.Path == o.Op.Path {
			return c.Event == tree.NodeDeleted
		}
		parent, _, _ := tree.SplitPath(c.Path)
		return parent == o.Op.Path && c.Event != tree.NodeDataChanged
	}
	return c.Path == o.Op.Path
}

// strange reports whether a client has lost its connection at a moment because it called an
// operation that no server offers.
func strange(a *engine.Account, client string, at sim.Time) bool {
	return slices.ContainsFunc(a.Ops, func(o *engine.Op) bool {
		return o.Client == client && o.Op.Type == tree.OpSasl && o.ReturnedAt == at
	})
}
