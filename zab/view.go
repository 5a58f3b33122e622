package zab

// What an App, an audit or a picture may ask of a peer.

// ID returns the server's number.
func (p *Peer) ID() ID { return p.config.ID }

// Settings returns the peer's configuration, with its defaults filled in.
func (p *Peer) Settings() *Config { return &p.config }

// State returns the server's state.
func (p *Peer) State() State { return p.state }

// Phase returns the server's phase: election, discovery, synchronisation or broadcast.
func (p *Peer) Phase() Phase { return p.phase }

// Serving reports whether the server may answer clients: it is an established leader, or has caught
// up with an established leader (rule L8).
func (p *Peer) Serving() bool { return p.phase == Broadcast }

// Leader returns the leader that this server follows, or the server itself if it leads; 0 while it
// has no leader.
func (p *Peer) Leader() ID {
	switch {
	case p.lead != nil:
		return p.config.ID
	case p.learn != nil:
		return p.learn.leader
	}
	return 0
}

// AcceptedEpoch returns the highest epoch promised, as on disk. Paper: f.p.
func (p *Peer) AcceptedEpoch() uint32 { return p.acceptedEpoch }

// CurrentEpoch returns the epoch whose initial history this server holds, as on disk. Paper: f.a.
func (p *Peer) CurrentEpoch() uint32 { return p.currentEpoch }

// Epoch returns the epoch of the leader that this server is or follows; 0 if there is no leader, or
// before the epoch is known.
func (p *Peer) Epoch() uint32 {
	switch {
	case p.lead != nil && p.lead.stage >= released:
		return p.lead.epoch
	case p.learn != nil:
		return p.learn.epoch
	}
	return 0
}

// Round returns the number of the election round: ZooKeeper's logicalclock.
func (p *Peer) Round() uint64 { return p.round }

// Vote returns the final vote of the last election, or the proposal of the running one.
func (p *Peer) Vote() Vote {
	if p.elect != nil {
		return p.elect.proposal
	}
	return p.currentVote
}

// LastLogged returns the last zxid in the log, durable or not.
func (p *Peer) LastLogged() Zxid { return p.history.last() }

// LastDurable returns the last zxid in the log that a completed fsync covers.
func (p *Peer) LastDurable() Zxid { return p.writer.durable }

// Applied returns the zxid of the last delivered transaction.
func (p *Peer) Applied() Zxid { return p.applied }

// LastZxid returns the zxid with which this server would vote.
func (p *Peer) LastZxid() Zxid { return p.lastZxid() }

// Blank reports whether the server has lost its disk and has no history yet.
func (p *Peer) Blank() bool { return p.blank }

// Base returns the zxid of the server's newest snapshot.
func (p *Peer) Base() Zxid { return p.history.base().zxid }

// Entries returns the log records that the server still has. They belong to the peer: do not change
// them.
func (p *Peer) Entries() []Entry { return p.history.entries }

// Counted returns the newest proposal without a quorum for which this leader counts an ACK of a
// server; 0 if there is none, or this server does not lead.
func (p *Peer) Counted(of ID) Zxid {
	if p.lead == nil {
		return 0
	}
	for i := len(p.lead.outstanding) - 1; i >= 0; i-- {
		if o := &p.lead.outstanding[i]; o.acks.Has(of) {
			return o.entry.Zxid
		}
	}
	return 0
}

// Snapping reports whether this server is writing a snapshot of its own state.
func (p *Peer) Snapping() bool { return p.snapper.phase != snapIdle }

// OfSnapshot reports whether the token of an fsync belongs to a snapshot that a server writes of its
// own state.
func OfSnapshot(token uint64) bool { return token&snapperToken != 0 }
