package zab

// Probe is told what a peer does, at the moment it does it. Audits, traces and pictures hang on
// it; the protocol does not. Embed [NopProbe] to be told only some of it.
type Probe interface {
	// Changed: state, phase or leader are others now.
	Changed(p *Peer)
	// Voted: the proposal of a running election is another now.
	Voted(p *Peer, v Vote)
	// Elected: the ACKEPOCH quorum stands behind us as the leader of epoch.
	Elected(p *Peer, epoch uint32)
	// Established: a quorum holds the initial history of epoch, and we lead it.
	Established(p *Peer, epoch uint32)
	// Proposed: the leader broadcasts e.
	Proposed(p *Peer, e Entry)
	// Logged: e stands at the end of the log; durable it is later.
	Logged(p *Peer, e Entry)
	// Durable: the log is on disk up to z.
	Durable(p *Peer, z Zxid)
	// Promised: an epoch file is on disk.
	Promised(p *Peer, accepted, current uint32)
	// Pledged: ACKEPOCH leaves: no older epoch will be joined any more.
	Pledged(p *Peer, epoch uint32)
	// Acked: ACK(z) leaves; z = e/0 answers NEWLEADER.
	Acked(p *Peer, z Zxid)
	// Committed: the leader counts a quorum for z.
	Committed(p *Peer, z Zxid)
	// Booted: the disk has been read back. The state machine is rebuilt from it next.
	Booted(p *Peer)
	// Truncated: the log ends at z now. Installed: a snapshot at z is the history now. Both
	// are on disk later.
	Truncated(p *Peer, z Zxid)
	Installed(p *Peer, z Zxid)
	// Snapped: a snapshot begun at z is on disk.
	Snapped(p *Peer, z Zxid)
	// Delivered: e was applied. It is called before the state machine is.
	Delivered(e Entry, replayed bool)
	// Synced: the leader brings learner to by kind (DIFF, TRUNC, SNAP).
	Synced(p *Peer, to ID, kind string)
	// Refused: something that the fault model allows came when it could not be used.
	Refused(format string, args []any)
	// Inconsistent: a message came that no sound leader sends there, or two votes are in no order; name
	// is the specification's.
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
func (NopProbe) Synced(*Peer, ID, string)       {}
func (NopProbe) Refused(string, []any)          {}

func (NopProbe) Inconsistent(*Peer, string, string) {}
