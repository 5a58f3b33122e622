package calm

import (
	"cmp"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// span is a time in which something was true of a server, or of all. Its end is sim.Never if it
// lasted until the end of the log.
type span struct {
	from, to sim.Time
	id       zab.ID
	leader   zab.ID // of a server in broadcast: whom it followed
	snap     bool   // a member may have caught up by SNAP
	told     bool   // of a learner: its leader has named the epoch, or one that is too old
	done     bool   // it ended because the leader is established
	excused  bool   // the end needs no fault: see walker.excused
}

// spans is what the judge measures.
type spans struct {
	leaderless []span // no established leader has a quorum in broadcast with it
	gathered   []span // a leader that is not established has a quorum of followers
	elected    []span // a leader whose epoch a quorum has promised is not established
	served     []span // a server is in broadcast
	looking    []span // a server is LOOKING
	led        []span // a server is LEADING
	followed   []span // a server is FOLLOWING or OBSERVING, and does not serve
	changes    []sim.Time
}

// maxID is the largest number of a server.
const maxID = 16

// walker walks through the log: it knows what each server does now, and which spans are open.
type walker struct {
	log   *Log
	n     int // of now: the servers that have roles
	now   [maxID]Role
	since [maxID]sim.Time // when the server took its present state and leader
	epoch [maxID]uint32   // that it leads, or led last
	early [maxID]uint32   // the highest epoch that it had promised when it took its present leader
	out   spans

	leaderless                         int // index of the open span, or -1
	gathered, elected, served, looking [maxID]int
	led, followed                      [maxID]int
}

func (l *Log) spans() spans {
	w := walker{log: l, leaderless: -1}
	for i := range l.roles {
		w.n = max(w.n, int(l.roles[i].ID)+1)
	}
	for i := range w.now {
		w.now[i].Down = true
		w.gathered[i], w.elected[i], w.served[i], w.looking[i] = -1, -1, -1, -1
		w.led[i], w.followed[i] = -1, -1
	}
	w.look(0)
	for i := range l.roles {
		w.take(&l.roles[i])
		if i+1 == len(l.roles) || l.roles[i+1].At != l.roles[i].At {
			w.look(l.roles[i].At) // once a moment
		}
	}
	return w.out
}

// take notes what a server does from now on.
func (w *walker) take(r *Role) {
	was := &w.now[r.ID]
	same := !was.Down && !r.Down && was.State == r.State && was.Leader == r.Leader
	if !same {
		w.since[r.ID], w.early[r.ID] = r.At, r.Accepted
	}
	if r.State == zab.Leading && r.Epoch > 0 {
		w.epoch[r.ID] = r.Epoch
	}
	if n := w.followed[r.ID]; n >= 0 && r.Epoch > 0 && r.Leader == w.out.followed[n].leader {
		w.out.followed[n].told = true // perhaps for no longer than this moment
	}
	elected := same && was.Elected || r.Elected
	snap := same && was.Snap || r.Snap
	if !same || was.Phase != r.Phase {
		w.out.changes = append(w.out.changes, r.At)
	}
	*was = *r
	was.Elected, was.Snap = elected, snap
}

// look compares the spans with what is true now. Servers that took their roles before the present
// calm period do not count as gathered: the fault before it may have cut the connections that their
// roles need, without their knowledge. Nor does a server that had promised the epoch before it
// joined its leader: no server promises an epoch twice.
func (w *walker) look(now sim.Time) {
	working := false
	p := w.log.servers.at(now)
	for id := range w.n {
		r := &w.now[id]
		leads := !r.Down && r.State == zab.Leading
		serves := !r.Down && r.Phase == zab.Broadcast
		up := leads && r.Phase == zab.Broadcast
		var with, serve zab.Set
		snap := r.Snap
		for i := range w.n {
			o := &w.now[i]
			if !leads || o.Down || o.State == zab.Looking || o.Leader != zab.ID(id) {
				continue
			}
			again := id != i && r.Epoch > 0 && w.early[i] >= r.Epoch
			if p != nil && w.since[i] >= p.From && !again {
				with = with.With(zab.ID(i))
				snap = snap || o.Snap
			}
			if o.Phase == zab.Broadcast {
				serve = serve.With(zab.ID(i))
			}
		}
		working = working || up && serve.Majority(w.log.config.Voters)
		l := &w.now[r.Leader]
		told := r.Epoch > 0 || !l.Down && l.State == zab.Leading && l.Epoch > 0 &&
			l.Epoch < r.Accepted
		gathered := leads && !up && (with &^ w.log.wiped).Majority(w.log.config.Voters)
		s := span{from: now, id: zab.ID(id), leader: r.Leader, snap: snap, told: told}
		w.mark(&w.out.gathered, &w.gathered[id], gathered, s)
		w.mark(&w.out.elected, &w.elected[id], leads && !up && r.Elected, s)
		w.mark(&w.out.served, &w.served[id], serves, s)
		w.mark(&w.out.led, &w.led[id], leads, s)
		w.mark(&w.out.followed, &w.followed[id], !r.Down && r.Leader != 0 && !leads && !serves, s)
		w.mark(&w.out.looking, &w.looking[id], !r.Down && r.State == zab.Looking, s)
	}
	w.mark(&w.out.leaderless, &w.leaderless, !working, span{from: now})
}

// mark begins a span s, or ends the open one.
func (w *walker) mark(list *[]span, open *int, yes bool, s span) {
	if yes && *open >= 0 && (*list)[*open].leader != s.leader {
		w.mark(list, open, false, s) // it has changed its leader within the moment
	}
	switch {
	case yes && *open < 0:
		*open = len(*list)
		s.to = sim.Never
		*list = append(*list, s)
	case yes:
		x := &(*list)[*open]
		x.snap, x.told = x.snap || s.snap, x.told || s.told
	case *open >= 0:
		x := &(*list)[*open]
		r := &w.now[x.id]
		leader := cmp.Or(x.leader, x.id)
		x.to, x.excused = s.from, w.excused(leader)
		x.told = x.told || x.excused && w.epoch[leader] > 0 // its LEADERINFO may have crossed
		x.done = !r.Down && r.Phase == zab.Broadcast
		*open = -1
	}
}

// excused reports whether a leader may end its epoch without any fault: its counter is used up (as
// in ZooKeeper, the largest counter is not used), or another server has promised a later epoch, so
// that it can never join this one.
func (w *walker) excused(id zab.ID) bool {
	epoch := w.epoch[id]
	if n := w.log.config.MaxCounter; n > 0 && w.now[id].Last >= zab.MakeZxid(epoch, n-1) {
		return true
	}
	for i := range w.n {
		if o := &w.now[i]; zab.ID(i) != id && !o.Down && o.Accepted > epoch {
			return true
		}
	}
	return false
}
