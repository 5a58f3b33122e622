package explore

import (
	"iter"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// recorder keeps what a peer and its disk report in one step, so that the audit of each world in
// which the step happens can be told.
type recorder struct {
	zab.NopProbe
	id   zab.ID
	app  *app
	list []report
}

type reportKind uint8

const (
	repBooting reportKind = iota + 1
	repDisk
	repChanged
	repVoted
	repElected
	repEstablished
	repProposed
	repLogged
	repPledged
	repAcked
	repCommitted
	repBooted
	repTruncated
	repInstalled
	repSnapped
	repDelivered
	repCatchUp
	repInconsistent
	repState
)

// report is one call of the audit.
type report struct {
	kind     reportKind
	replayed bool
	id       zab.ID
	n        uint64 // an epoch, or a zxid
	vote     zab.Vote
	entry    zab.Entry
	view     view
	name     string
	text     string
	files    []durableFile
}

// view is a peer as it was when it reported.
type view struct {
	state   zab.State
	phase   zab.Phase
	epoch   uint32
	leader  zab.ID
	applied zab.Zxid
	base    zab.Zxid
	entries []zab.Entry
	whole   bool // entries are kept
}

func (v *view) State() zab.State  { return v.state }
func (v *view) Phase() zab.Phase  { return v.phase }
func (v *view) Epoch() uint32     { return v.epoch }
func (v *view) Leader() zab.ID    { return v.leader }
func (v *view) Applied() zab.Zxid { return v.applied }
func (v *view) Base() zab.Zxid    { return v.base }

// Entries returns the records that the server read from its disk. The audit asks for them only
// then.
func (v *view) Entries() []zab.Entry {
	if !v.whole {
		panic("explore: Entries was called for a server whose last event was not a start: this " +
			"is a bug of the lab")
	}
	return v.entries
}

// durableFile is a file as a loss of power would leave it.
type durableFile struct {
	name string
	data []byte
}

// durableDisk is a disk as a loss of power would leave it. It implements safety.DurableDisk.
type durableDisk []durableFile

// DurableFiles implements safety.DurableDisk.
func (d durableDisk) DurableFiles() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, f := range d {
			if !yield(f.name, f.data) {
				return
			}
		}
	}
}

// Durable implements safety.DurableDisk.
func (d durableDisk) Durable(name string) []byte {
	for _, f := range d {
		if f.name == name {
			return f.data
		}
	}
	return nil
}

func (r *recorder) reset() { r.list = nil }

func (r *recorder) add(k reportKind, n uint64) *report {
	r.list = append(r.list, report{kind: k, id: r.id, n: n})
	return &r.list[len(r.list)-1]
}

func (r *recorder) see(k reportKind, p *zab.Peer, n uint64) *report {
	x := r.add(k, n)
	x.view = view{state: p.State(), phase: p.Phase(), epoch: p.Epoch(), leader: p.Leader(),
		applied: p.Applied(), base: p.Base()}
	return x
}

func (r *recorder) booting() { r.add(repBooting, 0) }

func (r *recorder) disk(d *sim.Disk) {
	x := r.add(repDisk, 0)
	for name, data := range d.DurableFiles() {
		x.files = append(x.files, durableFile{name, data})
	}
}

// state reports the state of the server after the transaction at z, which it has built on the
// snapshot at base.
func (r *recorder) state(z, base zab.Zxid, items []byte, replayed bool) {
	x := r.add(repState, uint64(z))
	x.view.base, x.replayed, x.text = base, replayed, string(items)
}

func (r *recorder) Changed(p *zab.Peer)           { r.see(repChanged, p, 0) }
func (r *recorder) Voted(_ *zab.Peer, v zab.Vote) { r.add(repVoted, 0).vote = v }
func (r *recorder) Elected(_ *zab.Peer, e uint32) { r.add(repElected, uint64(e)) }
func (r *recorder) Established(p *zab.Peer, e uint32) {
	r.add(repEstablished, uint64(e))
	r.state(p.Applied(), p.Base(), r.app.items, false)
}
func (r *recorder) Proposed(_ *zab.Peer, e zab.Entry) { r.add(repProposed, 0).entry = e }
func (r *recorder) Logged(p *zab.Peer, e zab.Entry)   { r.see(repLogged, p, 0).entry = e }
func (r *recorder) Pledged(_ *zab.Peer, e uint32)     { r.add(repPledged, uint64(e)) }
func (r *recorder) Acked(p *zab.Peer, z zab.Zxid)     { r.see(repAcked, p, uint64(z)) }
func (r *recorder) Committed(_ *zab.Peer, z zab.Zxid) { r.add(repCommitted, uint64(z)) }
func (r *recorder) Booted(p *zab.Peer) {
	x := r.see(repBooted, p, 0)
	x.view.entries, x.view.whole = append([]zab.Entry(nil), p.Entries()...), true
}
func (r *recorder) Truncated(p *zab.Peer, z zab.Zxid) { r.see(repTruncated, p, uint64(z)) }
func (r *recorder) Installed(p *zab.Peer, z zab.Zxid) { r.see(repInstalled, p, uint64(z)) }
func (r *recorder) Snapped(p *zab.Peer, z zab.Zxid)   { r.see(repSnapped, p, uint64(z)) }
func (r *recorder) Delivered(e zab.Entry, replayed bool) {
	x := r.add(repDelivered, 0)
	x.entry, x.replayed = e, replayed
}
func (r *recorder) CatchUp(p *zab.Peer, to zab.ID, kind string) {
	r.see(repCatchUp, p, uint64(to)).name = kind
}
func (r *recorder) Inconsistent(p *zab.Peer, name, text string) {
	x := r.see(repInconsistent, p, 0)
	x.name, x.text = name, text
}

// tell tells the checks what a step has reported.
func (g *ghost) tell(list []report) {
	a := g.audit
	var disk durableDisk
	a.OnBooted(func(id zab.ID) { a.ReadDisk(id, disk) })
	for i := range list {
		x := &list[i]
		z := zab.Zxid(x.n)
		switch x.kind {
		case repBooting:
			a.Watch(x.id, a.Life(x.id)+1)
			continue
		case repDisk:
			disk = x.files
			a.ReadDisk(x.id, disk)
			continue
		}
		w := a.Resume(x.id)
		switch x.kind {
		case repChanged:
			w.Changed(&x.view)
		case repVoted:
			w.Voted(x.vote)
		case repElected:
			w.Elected(uint32(x.n))
		case repEstablished:
			w.Established(uint32(x.n))
		case repProposed:
			w.Proposed(x.entry)
		case repLogged:
			w.Logged(&x.view, x.entry)
		case repPledged:
			w.Pledged(uint32(x.n))
		case repAcked:
			w.Acked(&x.view, z)
		case repCommitted:
			w.Committed(z)
		case repBooted:
			w.Booted(&x.view)
		case repTruncated:
			w.Truncated(&x.view, z)
		case repInstalled:
			w.Installed(&x.view, z)
		case repSnapped:
			w.Snapped(&x.view, z)
		case repDelivered:
			w.Delivered(x.entry, x.replayed)
		case repCatchUp:
			w.CatchUp(&x.view, zab.ID(x.n), x.name)
		case repInconsistent:
			w.Inconsistent(x.view.leader, x.name, x.text)
		case repState:
			if !x.replayed || a.Exact(x.id, x.view.base, z) {
				g.equal(x.id, z, x.text)
			}
		}
	}
	a.OnBooted(nil)
}

// appendReports appends a list of reports, so that different lists never append the same bytes.
func appendReports(dst []byte, list []report) []byte {
	w := sim.StateWriter{B: dst}
	entry := func(e *zab.Entry) {
		w.Numbers(uint64(e.Zxid))
		w.Bytes(e.Data)
	}
	for i := range list {
		x := &list[i]
		w.B = append(w.B, byte(x.kind), b2i(x.replayed))
		w.Numbers(uint64(x.id), x.n, uint64(x.vote.Leader), uint64(x.vote.Zxid),
			uint64(x.vote.Epoch))
		entry(&x.entry)
		v := &x.view
		w.Numbers(uint64(v.state), uint64(v.phase), uint64(v.epoch), uint64(v.leader),
			uint64(v.applied), uint64(v.base), uint64(len(v.entries)))
		for k := range v.entries {
			entry(&v.entries[k])
		}
		w.Text(x.name)
		w.Text(x.text)
		w.Numbers(uint64(len(x.files)))
		for _, f := range x.files {
			w.Text(f.name)
			w.Bytes(f.data)
		}
	}
	return w.B
}
