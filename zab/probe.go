package zab

// Probe observes a peer: each method is named after an event, and the peer calls it when that event
// happens. Checks, traces and pictures use probes; a probe never influences what the peer does. To
// observe only some events, embed [NopProbe] and define the methods for those events.
type Probe interface {
	// Changed: the state, the phase or the leader has changed.
	Changed(p *Peer)
	// Voted: the proposal of a running election has changed.
	Voted(p *Peer, v Vote)
	// Elected: a quorum has promised epoch, and we lead it.
	Elected(p *Peer, epoch uint32)
	// Established: a quorum holds the initial history of epoch, and we lead it.
	Established(p *Peer, epoch uint32)
	// Proposed: the leader broadcasts e.
	Proposed(p *Peer, e Entry)
	// Logged: e is at the end of the log; it becomes durable later.
	Logged(p *Peer, e Entry)
	// Durable: the log is on disk up to z.
	Durable(p *Peer, z Zxid)
	// Promised: an epoch file is on disk.
	Promised(p *Peer, accepted, current uint32)
	// Pledged: ACKEPOCH leaves. The peer will not join an older epoch.
	Pledged(p *Peer, epoch uint32)
	// Acked: ACK(z) leaves; z = e/0 answers NEWLEADER.
	Acked(p *Peer, z Zxid)
	// Committed: the leader counts a quorum for z.
	Committed(p *Peer, z Zxid)
	// Booted: the disk has been read back. Next, the state machine is rebuilt from it.
	Booted(p *Peer)
	// Truncated: the log ends at z now. Installed: a snapshot at z is the history now. Both reach
	// the disk later.
	Truncated(p *Peer, z Zxid)
	Installed(p *Peer, z Zxid)
	// Snapped: a snapshot begun at z is on disk.
	Snapped(p *Peer, z Zxid)
	// Delivered: e is about to be applied.
	Delivered(e Entry, replayed bool)
	// CatchUp: the leader begins to bring learner to up to date, by kind: DIFF, TRUNC or SNAP.
	CatchUp(p *Peer, to ID, kind string)
	// Refused: an event of no use came, which the fault model allows.
	Refused(format string, args []any)
	// Inconsistent: a message came that no sound leader sends at that point, two votes have no
	// order, or no crash explains what the disk holds. name is that of the specification.
	Inconsistent(p *Peer, name, text string)
}

// NopProbe is a Probe that does nothing.
type NopProbe struct{}

func (NopProbe) Changed(*Peer)                  {}
func (NopProbe) Voted(*Peer, Vote)              {}
func (NopProbe) Elected(*Peer, uint32)          {}
func (NopProbe) Established(*Peer, uint32)      {}
func (NopProbe) Proposed(*Peer, Entry)          {}
func (NopProbe) Logged(*Peer, Entry)            {}
func (NopProbe) Durable(*Peer, Zxid)            {}
func (NopProbe) Promised(*Peer, uint32, uint32) {}
func (NopProbe) Pledged(*Peer, uint32)          {}
func (NopProbe) Acked(*Peer, Zxid)              {}
func (NopProbe) Committed(*Peer, Zxid)          {}
func (NopProbe) Booted(*Peer)                   {}
func (NopProbe) Truncated(*Peer, Zxid)          {}
func (NopProbe) Installed(*Peer, Zxid)          {}
func (NopProbe) Snapped(*Peer, Zxid)            {}
func (NopProbe) Delivered(Entry, bool)          {}
func (NopProbe) CatchUp(*Peer, ID, string)      {}
func (NopProbe) Refused(string, []any)          {}

func (NopProbe) Inconsistent(*Peer, string, string) {}
