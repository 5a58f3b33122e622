package zab

import "github.com/zablab/zablab/sim"

// The ports of a server. The peer uses PortElection and PortQuorum; clients connect to PortClient,
// which the peer does not handle.
const (
	PortElection sim.Port = 1 // notifications
	PortQuorum   sim.Port = 2 // learner to leader
	PortClient   sim.Port = 3
)

// State is the role of a server, or LOOKING if it has none. Each notification that the server sends
// carries its State. ZooKeeper: QuorumPeer.ServerState.
type State uint8

// The states of a server.
const (
	Looking State = iota
	Following
	Leading
	Observing
)

var stateNames = [...]string{"LOOKING", "FOLLOWING", "LEADING", "OBSERVING"}

// String returns ZooKeeper's word for the state.
func (s State) String() string { return stateNames[s] }

// Phase says which phase of the protocol a server is in. ZooKeeper: QuorumPeer.ZabState.
type Phase uint8

// The four phases of the protocol, as in the paper.
const (
	Election Phase = iota
	Discovery
	Synchronization
	Broadcast
)

var phaseNames = [...]string{"ELECTION", "DISCOVERY", "SYNCHRONIZATION", "BROADCAST"}

// String returns ZooKeeper's word for the phase.
func (p Phase) String() string { return phaseNames[p] }

// Vote names the server that the voter proposes as leader, and says how recent the history of that
// server is.
type Vote struct {
	Leader ID
	Zxid   Zxid   // last logged by Leader
	Epoch  uint32 // Leader's currentEpoch; notifications call it peerEpoch
}

// Message is a message between peers. Only the types in this file implement it.
type Message interface {
	sim.Message
	// At returns the packet's zxid field, for traces and pictures.
	At() Zxid
}

// The header of a QuorumPacket is 4 bytes of length, 4 of type, 8 of zxid, and the lengths of
// data and authinfo.
const packetSize = 4 + 4 + 8 + 4 + 4

// Notification is the only message of an election: it carries the sender's state and the sender's
// vote. If the sender is LOOKING, the vote is its proposal in the running election. Otherwise it is
// the final vote of the sender's last election.
type Notification struct {
	State State
	Vote  Vote
	Round uint64 // electionEpoch, logicalclock
}

// FollowerInfo is a learner's first message to its leader, with the highest epoch that the learner
// has accepted. ZooKeeper: FOLLOWERINFO, or OBSERVERINFO; zxid = <acceptedEpoch, 0>. Paper: CEPOCH.
type FollowerInfo struct {
	AcceptedEpoch uint32
	Observer      bool
}

// LeaderInfo tells a learner the new epoch. The learner promises to join no older epoch: it writes
// the epoch to its disk before it answers. ZooKeeper: LEADERINFO; paper: NEWEPOCH.
type LeaderInfo struct{ Epoch uint32 }

// AckEpoch is a learner's promise to join no older epoch. It also says how recent the learner's
// history is: its last zxid and its currentEpoch. ZooKeeper: ACKEPOCH; paper: ACK-E.
type AckEpoch struct {
	LastZxid     Zxid
	CurrentEpoch uint32
	// Again is true if the learner had accepted this epoch before (currentEpoch -1 on the wire).
	// Then AckEpoch counts for no quorum, but the learner still catches up.
	Again bool
}

// Diff announces to a learner the transactions that it lacks: they follow one by one. ZooKeeper: DIFF.
type Diff struct{ Zxid Zxid }

// Trunc tells a learner to drop everything that follows Zxid. ZooKeeper: TRUNC.
type Trunc struct{ Zxid Zxid }

// Snap announces a snapshot of the leader's whole state. Zxid is the last zxid that the leader had
// applied when it began the snapshot. ZooKeeper: SNAP.
type Snap struct{ Zxid Zxid }

// SnapData is a piece of the snapshot that Snap announced. ZooKeeper writes it to the socket
// outside of packets; here it is a message, so that a crash can come between two pieces.
type SnapData struct {
	Data []byte
	Last bool
}

// NewLeader tells a learner that it has received the whole initial history of the epoch. The
// learner writes this history to its disk, then the epoch, and then sends an ACK. ZooKeeper:
// NEWLEADER; zxid = <e, 0>.
type NewLeader struct{ Epoch uint32 }

// UpToDate tells a learner that the epoch is established, so that the learner may serve. ZooKeeper:
// UPTODATE; paper: COMMIT-LD.
type UpToDate struct{ Zxid Zxid }

// Proposal is a transaction that the leader proposes. ZooKeeper: PROPOSAL.
type Proposal struct{ Entry Entry }

// Ack confirms that the sender holds everything up to Zxid on disk; <e, 0> answers NEWLEADER.
// ZooKeeper: ACK.
type Ack struct{ Zxid Zxid }

// Commit tells a follower that the transaction at Zxid is committed, so that the follower delivers
// it. ZooKeeper: COMMIT.
type Commit struct{ Zxid Zxid }

// Inform gives an observer a committed transaction: it is PROPOSAL and COMMIT in one message.
// ZooKeeper: INFORM.
type Inform struct{ Entry Entry }

// Touch names a session whose client has sent something to a learner since the last PING.
type Touch struct {
	Session   int64
	TimeoutMs int32
}

// Ping asks a learner whether it is alive. The learner answers with a Ping, which lists the
// sessions that the learner's clients have used since the last Ping. ZooKeeper: PING.
type Ping struct {
	Zxid    Zxid
	Touched []Touch
}

// Revalidate asks the leader whether a session is alive. The leader answers with a Revalidate too,
// in which Valid says whether the session is alive. ZooKeeper: REVALIDATE.
type Revalidate struct {
	Session   int64
	TimeoutMs int32
	Valid     bool
}

// Body is the content of a [Request] or a [Sync]. The [App] defines its type.
type Body interface {
	Size() int
	Key() uint64
}

// Request carries a client's write from a learner to the leader. ZooKeeper: REQUEST.
type Request struct{ Body Body }

// Sync carries a client's sync to the leader. The leader answers with the same Sync. Because
// connections keep their order, the answer arrives after every COMMIT that the leader sent before
// it. ZooKeeper: SYNC.
type Sync struct{ Body Body }

func (m *Notification) Name() string { return "NOTIFICATION" }
func (m *FollowerInfo) Name() string {
	if m.Observer {
		return "OBSERVERINFO"
	}
	return "FOLLOWERINFO"
}
func (m *LeaderInfo) Name() string { return "LEADERINFO" }
func (m *AckEpoch) Name() string   { return "ACKEPOCH" }
func (m *Diff) Name() string       { return "DIFF" }
func (m *Trunc) Name() string      { return "TRUNC" }
func (m *Snap) Name() string       { return "SNAP" }
func (m *SnapData) Name() string   { return "SNAPDATA" }
func (m *NewLeader) Name() string  { return "NEWLEADER" }
func (m *UpToDate) Name() string   { return "UPTODATE" }
func (m *Proposal) Name() string   { return "PROPOSAL" }
func (m *Ack) Name() string        { return "ACK" }
func (m *Commit) Name() string     { return "COMMIT" }
func (m *Inform) Name() string     { return "INFORM" }
func (m *Ping) Name() string       { return "PING" }
func (m *Revalidate) Name() string { return "REVALIDATE" }
func (m *Request) Name() string    { return "REQUEST" }
func (m *Sync) Name() string       { return "SYNC" }

func (m *Notification) At() Zxid { return m.Vote.Zxid }
func (m *FollowerInfo) At() Zxid { return MakeZxid(m.AcceptedEpoch, 0) }
func (m *LeaderInfo) At() Zxid   { return MakeZxid(m.Epoch, 0) }
func (m *AckEpoch) At() Zxid     { return m.LastZxid }
func (m *Diff) At() Zxid         { return m.Zxid }
func (m *Trunc) At() Zxid        { return m.Zxid }
func (m *Snap) At() Zxid         { return m.Zxid }
func (m *SnapData) At() Zxid     { return 0 }
func (m *NewLeader) At() Zxid    { return MakeZxid(m.Epoch, 0) }
func (m *UpToDate) At() Zxid     { return m.Zxid }
func (m *Proposal) At() Zxid     { return m.Entry.Zxid }
func (m *Ack) At() Zxid          { return m.Zxid }
func (m *Commit) At() Zxid       { return m.Zxid }
func (m *Inform) At() Zxid       { return m.Entry.Zxid }
func (m *Ping) At() Zxid         { return m.Zxid }
func (m *Revalidate) At() Zxid   { return 0 }
func (m *Request) At() Zxid      { return 0 }
func (m *Sync) At() Zxid         { return 0 }

func (m *Notification) Size() int { return 4 + 4 + 8 + 8 + 8 + 8 + 4 + 4 }
func (m *FollowerInfo) Size() int { return packetSize + 8 + 4 + 8 }
func (m *LeaderInfo) Size() int   { return packetSize + 4 }
func (m *AckEpoch) Size() int     { return packetSize + 4 }
func (m *Diff) Size() int         { return packetSize }
func (m *Trunc) Size() int        { return packetSize }
func (m *Snap) Size() int         { return packetSize }
func (m *SnapData) Size() int     { return len(m.Data) }
func (m *NewLeader) Size() int    { return packetSize }
func (m *UpToDate) Size() int     { return packetSize }
func (m *Proposal) Size() int     { return packetSize + len(m.Entry.Data) }
func (m *Ack) Size() int          { return packetSize }
func (m *Commit) Size() int       { return packetSize }
func (m *Inform) Size() int       { return packetSize + len(m.Entry.Data) }
func (m *Ping) Size() int         { return packetSize + 12*len(m.Touched) }
func (m *Revalidate) Size() int   { return packetSize + 8 + 4 + 1 }
func (m *Request) Size() int      { return packetSize + m.Body.Size() }
func (m *Sync) Size() int         { return packetSize + m.Body.Size() }

func (e *Entry) key() uint64 { return uint64(e.Zxid) ^ sim.HashBytes(e.Data) }

// key mixes a message's number (ZooKeeper's packet type) with what it says.
func key(kind, what uint64) uint64 { return sim.Mix(kind<<56 ^ what) }

func (m *Notification) Key() uint64 {
	return key(0, uint64(m.Vote.Zxid)^uint64(m.Vote.Epoch)<<16^m.Round<<8^
		uint64(m.Vote.Leader)<<2^uint64(m.State))
}
func (m *FollowerInfo) Key() uint64 { return key(11, uint64(m.AcceptedEpoch)) }
func (m *LeaderInfo) Key() uint64   { return key(17, uint64(m.Epoch)) }
func (m *AckEpoch) Key() uint64     { return key(18, uint64(m.LastZxid)^uint64(m.CurrentEpoch)<<8) }
func (m *Diff) Key() uint64         { return key(13, uint64(m.Zxid)) }
func (m *Trunc) Key() uint64        { return key(14, uint64(m.Zxid)) }
func (m *Snap) Key() uint64         { return key(15, uint64(m.Zxid)) }
func (m *SnapData) Key() uint64     { return key(20, sim.HashBytes(m.Data)) }
func (m *NewLeader) Key() uint64    { return key(10, uint64(m.Epoch)) }
func (m *UpToDate) Key() uint64     { return key(12, uint64(m.Zxid)) }
func (m *Proposal) Key() uint64     { return key(2, m.Entry.key()) }
func (m *Ack) Key() uint64          { return key(3, uint64(m.Zxid)) }
func (m *Commit) Key() uint64       { return key(4, uint64(m.Zxid)) }
func (m *Inform) Key() uint64       { return key(8, m.Entry.key()) }
func (m *Ping) Key() uint64 {
	k := key(5, uint64(m.Zxid))
	for _, t := range m.Touched {
		k = sim.Mix(k ^ uint64(t.Session))
	}
	return k
}
func (m *Revalidate) Key() uint64 {
	k := uint64(m.Session)
	if m.Valid {
		k = ^k
	}
	return key(6, k)
}
func (m *Request) Key() uint64 { return key(1, m.Body.Key()) }
func (m *Sync) Key() uint64    { return key(7, m.Body.Key()) }
