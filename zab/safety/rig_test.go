package safety

import (
	"testing"

	"github.com/zablab/zablab/zab"
)

// rig pretends to an audit that servers run: voters S1, S2 and S3, and observer S4.
type rig struct {
	audit *Audit
	first *violation
	s     [5]*fake
}

// violation is the first one that the audit reports.
type violation struct{ name, text string }

// fake is one server, with the answers that it gives the audit.
type fake struct {
	*Watch
	id       zab.ID
	state    zab.State
	phase    zab.Phase
	epoch    uint32
	leader   zab.ID
	applied  zab.Zxid
	base     zab.Zxid
	entries  []zab.Entry
	acc, cur uint32
	life     uint32
	end      zab.Zxid // of the log at boot
	counted  zab.Zxid // the newest ACK of any other server that this one counts
}

func (f *fake) State() zab.State        { return f.state }
func (f *fake) Phase() zab.Phase        { return f.phase }
func (f *fake) Epoch() uint32           { return f.epoch }
func (f *fake) Leader() zab.ID          { return f.leader }
func (f *fake) Applied() zab.Zxid       { return f.applied }
func (f *fake) Base() zab.Zxid          { return f.base }
func (f *fake) Counted(zab.ID) zab.Zxid { return f.counted }

func (f *fake) Entries() []zab.Entry { return f.entries }

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{}
	r.audit = New(zab.SetOf(1, 2, 3), 4, func(name, text string) {
		if r.first == nil {
			r.first = &violation{name, text}
		}
	})
	for id := zab.ID(1); id <= 4; id++ {
		r.s[id] = &fake{id: id, leader: id}
		r.boot(id)
	}
	return r
}

func entry(z zab.Zxid, data string) zab.Entry { return zab.Entry{Zxid: z, Data: []byte(data)} }

func z(epoch, counter uint32) zab.Zxid { return zab.MakeZxid(epoch, counter) }

// boot begins a life with a log of those zxids on disk.
func (r *rig) boot(id zab.ID, log ...zab.Zxid) {
	f := r.s[id]
	f.life++
	f.Watch = r.audit.Watch(id, f.life)
	f.state, f.phase, f.epoch, f.leader, f.entries, f.end = zab.Looking, zab.Election, 0, 0, nil, 0
	for _, at := range log {
		f.entries = append(f.entries, entry(at, "x"))
		f.end = at
	}
	f.acc, f.cur = max(f.acc, f.end.Epoch()), max(f.cur, f.end.Epoch())
	r.audit.DiskEpochs(id, f.acc, f.cur)
	r.audit.DiskLog(id, f.end)
	f.Booted(f)
	f.Changed(f)
}

// promise and join put acceptedEpoch and currentEpoch on disks.
func (r *rig) promise(e uint32, ids ...zab.ID) {
	for _, id := range ids {
		r.s[id].acc = e
		r.audit.DiskEpochs(id, e, r.s[id].cur)
	}
}

func (r *rig) join(e uint32, ids ...zab.ID) {
	r.promise(e, ids...)
	for _, id := range ids {
		r.s[id].cur = e
		r.audit.DiskEpochs(id, e, e)
	}
}

// elect makes leader the leader of e, with an ACKEPOCH quorum of it and follower.
func (r *rig) elect(e uint32, leader, follower zab.ID) {
	r.promise(e, leader, follower)
	r.follow(e, leader, leader, follower)
	r.s[follower].Pledged(e)
	r.s[leader].state = zab.Leading
	r.s[leader].Elected(e)
}

func (r *rig) follow(e uint32, leader zab.ID, ids ...zab.ID) {
	for _, id := range ids {
		f := r.s[id]
		f.state, f.phase, f.epoch, f.leader = zab.Following, zab.Synchronization, e, leader
	}
}

// reign establishes an epoch: leader and follower serve.
func (r *rig) reign(e uint32, leader, follower zab.ID) {
	r.elect(e, leader, follower)
	r.join(e, leader, follower)
	r.s[follower].Acked(r.s[follower], z(e, 0))
	r.s[leader].Established(e)
	r.s[leader].phase, r.s[follower].phase = zab.Broadcast, zab.Broadcast
}

// look ends the role of a server.
func (r *rig) look(id zab.ID) {
	f := r.s[id]
	f.state, f.phase, f.epoch, f.leader = zab.Looking, zab.Election, 0, 0
	f.Changed(f)
}

// log puts records into a server's log, and store lets its disk have them.
func (r *rig) log(id zab.ID, data string, at ...zab.Zxid) {
	for _, at := range at {
		r.s[id].Logged(r.s[id], entry(at, data))
	}
}

func (r *rig) store(id zab.ID, at zab.Zxid) { r.audit.DiskLog(id, at) }

// accept logs and stores.
func (r *rig) accept(id zab.ID, at ...zab.Zxid) {
	for _, at := range at {
		r.log(id, "x", at)
		r.store(id, at)
	}
}

// propose lets leader broadcast, and lets it and the others named accept.
func (r *rig) propose(leader zab.ID, at zab.Zxid, others ...zab.ID) {
	r.s[leader].Proposed(entry(at, "x"))
	r.accept(leader, at)
	for _, id := range others {
		r.accept(id, at)
	}
}

// deliver makes a server apply committed transactions; replay makes it apply transactions read back
// from its log.
func (r *rig) deliver(id zab.ID, at ...zab.Zxid) {
	for _, at := range at {
		r.s[id].Delivered(entry(at, "x"), false)
		r.s[id].applied = at
	}
}

func (r *rig) replay(id zab.ID, at ...zab.Zxid) {
	for _, at := range at {
		r.s[id].Delivered(entry(at, "x"), true)
		r.s[id].applied = at
	}
}

// truncate makes server id follow a TRUNC. by is the server that ordered it, or 0.
func (r *rig) truncate(by, id zab.ID, at zab.Zxid) {
	if by != 0 {
		r.s[by].CatchUp(r.s[by], id, "TRUNC")
	}
	r.s[id].Truncated(r.s[id], at)
}
