package safety

import "github.com/zablab/zablab/zab"

// Peer has the methods with which the audit reads a server's state when an event is reported.
// [zab.Peer] implements this interface.
type Peer interface {
	State() zab.State
	Phase() zab.Phase
	Epoch() uint32
	Leader() zab.ID
	Applied() zab.Zxid
	Base() zab.Zxid
	Entries() []zab.Entry
}

// probe reports to a Watch what a peer does.
type probe struct {
	zab.NopProbe
	w *Watch
}

func (b probe) Booted(p *zab.Peer)                          { b.w.Booted(p) }
func (b probe) Logged(p *zab.Peer, e zab.Entry)             { b.w.Logged(p, e) }
func (b probe) Changed(p *zab.Peer)                         { b.w.Changed(p) }
func (b probe) Voted(_ *zab.Peer, v zab.Vote)               { b.w.Voted(v) }
func (b probe) Elected(_ *zab.Peer, epoch uint32)           { b.w.Elected(epoch) }
func (b probe) Established(_ *zab.Peer, epoch uint32)       { b.w.Established(epoch) }
func (b probe) Proposed(_ *zab.Peer, e zab.Entry)           { b.w.Proposed(e) }
func (b probe) Committed(_ *zab.Peer, z zab.Zxid)           { b.w.Committed(z) }
func (b probe) Pledged(_ *zab.Peer, epoch uint32)           { b.w.Pledged(epoch) }
func (b probe) Acked(p *zab.Peer, z zab.Zxid)               { b.w.Acked(p, z) }
func (b probe) Delivered(e zab.Entry, replayed bool)        { b.w.Delivered(e, replayed) }
func (b probe) Truncated(p *zab.Peer, z zab.Zxid)           { b.w.Truncated(p, z) }
func (b probe) CatchUp(p *zab.Peer, to zab.ID, kind string) { b.w.CatchUp(p, to, kind) }
func (b probe) Installed(p *zab.Peer, z zab.Zxid)           { b.w.Installed(p, z) }

// Inconsistent reports a violation: by the leader, if a follower has received a message that no
// sound leader sends; otherwise by the server itself.
func (b probe) Inconsistent(p *zab.Peer, name, text string) {
	if p.Leader() == 0 {
		b.w.a.broken(name, "S%d: %s", b.w.s.id, text)
		return
	}
	b.w.a.broken(name, "S%d reports about its leader S%d: %s", b.w.s.id, p.Leader(), text)
}
func (b probe) Snapped(p *zab.Peer, z zab.Zxid) { b.w.Snapped(p, z) }
