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

// Leader returns the leader of this server, which may be the server itself. It returns 0 if the
// server has no leader.
func (p *Peer) Leader() ID {
	switch {
	case p.lead != nil:
		return p.config.ID
	case p.learn != nil:
		return p.learn.leader
	}
	return 0
}

// AcceptedEpoch returns the acceptedEpoch on this server's disk: the server has promised to join no
// older epoch. The paper calls it f.p.
func (p *Peer) AcceptedEpoch() uint32 { return p.acceptedEpoch }

// CurrentEpoch returns the currentEpoch on this server's disk: the last epoch whose initial history
// the server holds. The paper calls it f.a.
func (p *Peer) CurrentEpoch() uint32 { return p.currentEpoch }

// Epoch returns the epoch of this server's leader, which may be the server itself. It returns 0 if
// the server has no leader, or does not know the epoch yet.
func (p *Peer) Epoch() uint32 {
	switch {
	case p.lead != nil && p.lead.stage >= released:
		return p.lead.epoch
	case p.learn != nil:
		return p.learn.epoch
	}
	return 0
}

// Round returns the number of the server's election round, which ZooKeeper calls logicalclock.
func (p *Peer) Round() uint64 { return p.round }

// Vote returns this server's vote in the running election. If no election is running, it returns
// the final vote of the last election.
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

// LastZxid returns the zxid that this server would put into a vote for itself.
func (p *Peer) LastZxid() Zxid { return p.lastZxid() }

// Blank reports whether the server has lost its history: it has started from a disk without a
// currentEpoch, and no leader has sent it a whole history since then. A new server with the files
// of [Format] is not blank, although its history is empty.
func (p *Peer) Blank() bool { return p.blank }

// Base returns the zxid of the newest snapshot of the server.
func (p *Peer) Base() Zxid { return p.history.base().zxid }

// Entries returns the log records that the server keeps in memory. Do not change them, because they
// are the peer's own.
func (p *Peer) Entries() []Entry { return p.history.entries }

// CommittedLog returns the newest transactions that this server has applied. A leader uses them to
// bring learners up to date (ZKDatabase.committedLog). Do not change them.
func (p *Peer) CommittedLog() []Entry { return p.committedLog() }

// Counted returns the zxid of the newest uncommitted proposal for which this leader has counted an
// ACK of the given server. It returns 0 if there is no such proposal, or if this server does not
// lead.
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

// OfSnapshot reports whether the fsync with this token belongs to a snapshot that a server writes
// of its own state.
func OfSnapshot(token uint64) bool { return token&snapperToken != 0 }
