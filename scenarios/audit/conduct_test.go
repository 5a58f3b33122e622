package audit

import (
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// actor is a program and its peer: it does what a test says, and says of itself what a test says.
type actor struct {
	state    zab.State
	phase    zab.Phase
	leader   zab.ID
	snapping bool
	config   zab.Config
	does     []sim.Effect
	later    func() // what it does besides, in its next step
	deadline sim.Time
	entries  []zab.Entry
	round    uint64
}

func (s *actor) Step(_ sim.Time, _ sim.Event, out []sim.Effect) []sim.Effect {
	out = append(out, s.does...)
	s.does = nil
	if s.later != nil {
		s.later()
		s.later = nil
	}
	return out
}
func (s *actor) Deadline() sim.Time {
	if s.deadline == 0 {
		return sim.Never
	}
	return s.deadline
}
func (s *actor) State() zab.State      { return s.state }
func (s *actor) Phase() zab.Phase      { return s.phase }
func (s *actor) Leader() zab.ID        { return s.leader }
func (s *actor) Settings() *zab.Config { return &s.config }
func (s *actor) Snapping() bool        { return s.snapping }
func (s *actor) CurrentEpoch() uint32  { return 1 }
func (s *actor) LastZxid() zab.Zxid    { return zab.MakeZxid(1, 5) }
func (s *actor) Epoch() uint32         { return 2 }
func (s *actor) Applied() zab.Zxid     { return s.entries[len(s.entries)-1].Zxid }
func (s *actor) Base() zab.Zxid        { return zab.MakeZxid(1, 1) }
func (s *actor) Entries() []zab.Entry  { return s.entries }
func (s *actor) Round() uint64         { return s.round }
func (s *actor) Elects() bool          { return s.state == zab.Looking }
func (s *actor) CommittedLog() []zab.Entry {
	return s.entries[len(s.entries)-min(len(s.entries), s.config.CommittedLog):]
}

// stage is one server of three, or one client, that an audit watches.
type stage struct {
	*actor
	a       *Audit
	program sim.Program
	client  *client.Client
}

// at plays an event at a time in milliseconds; the program answers with these effects.
func (s *stage) at(ms sim.Time, e sim.Event, does ...sim.Effect) {
	s.does = does
	s.program.Step(ms*sim.Millisecond, e, nil)
}

func (s *stage) vote(ms sim.Time, from, leader zab.ID) {
	s.at(ms, sim.Event{Kind: sim.Received, Port: zab.PortElection, From: from,
		Msg: &zab.Notification{Vote: zab.Vote{Leader: leader}}})
}

// leads makes S1 lead; S2 has the connection 7 to it, and has acked NEWLEADER.
func (s *stage) leads() {
	s.vote(1, 2, 1)
	s.state, s.leader = zab.Leading, 1
	s.at(2, sim.Event{Kind: sim.Wake})
	s.at(3, sim.Event{Kind: sim.Accepted, Port: zab.PortQuorum, Conn: 7, From: 2})
	s.hears(4, &zab.Ack{})
}

func (s *stage) hears(ms sim.Time, m zab.Message) {
	s.at(ms, sim.Event{Kind: sim.Received, Port: zab.PortQuorum, Conn: 7, Msg: m})
}

// follows makes S1 follow S3, on connection 7.
func (s *stage) follows() {
	s.vote(1, 3, 3)
	s.vote(1, 2, 3)
	s.state, s.leader = zab.Following, 3
	s.at(2, sim.Event{Kind: sim.Wake}, sim.Effect{Kind: sim.Dial, Port: zab.PortQuorum, Conn: 7})
	s.hears(3, &zab.NewLeader{})
}

// callerOf opens a session of a client at S1 on a connection.
func (s *stage) callerOf(conn sim.ConnID) {
	s.phase = zab.Broadcast
	s.at(1, sim.Event{Kind: sim.Accepted, Port: zab.PortClient, Conn: conn})
	s.at(2, sim.Event{Kind: sim.Received, Port: zab.PortClient, Conn: conn,
		Msg: &tree.ConnectRequest{TimeoutMs: 400}})
	s.at(3, wake, sim.Effect{Kind: sim.Send, Conn: conn,
		Msg: &tree.ConnectResponse{TimeoutMs: 400, SessionID: 1<<56 | 1<<40 | 5}})
}

// applies makes S1 apply transactions, one in each step.
func (s *stage) applies(ms sim.Time, n int) {
	for range n {
		s.a.conducts[1].turn.applied = 0
		s.later = func() { s.a.conducts[1].turn.applied++ }
		s.at(ms, wake)
	}
}

// writesSnapshot makes S1 write a snapshot at z, after n transactions.
func (s *stage) writesSnapshot(z zab.Zxid, n int) {
	s.applies(1, n)
	s.at(2, wake, sim.Effect{Kind: sim.Fsync, File: snapName(z), Token: 1 << 63})
	s.at(3, sim.Event{Kind: sim.Fsynced, Token: 1 << 63})
}

func logName(z zab.Zxid) string  { return fmt.Sprintf("log.%016x", uint64(z)) }
func snapName(z zab.Zxid) string { return fmt.Sprintf("snapshot.%016x", uint64(z)) }

func comes(m sim.Message) sim.Event {
	return sim.Event{Kind: sim.Received, Port: zab.PortClient, Conn: 7, Msg: m}
}

func sends(m sim.Message) sim.Effect { return sim.Effect{Kind: sim.Send, Conn: 7, Msg: m} }

var (
	wake   = sim.Event{Kind: sim.Wake}
	opens  = sim.Event{Kind: sim.Accepted, Port: zab.PortClient, Conn: 7}
	pings  = sends(&zab.Ping{})
	closes = sim.Effect{Kind: sim.Close, Conn: 7}
	dials  = sim.Effect{Kind: sim.Dial, Conn: 7}
)

func pick[T any](bad bool, wrong, right T) T {
	if bad {
		return wrong
	}
	return right
}

// TestConduct: each property of conduct.go and client.go is broken by one detail of a run.
func TestConduct(t *testing.T) {
	for _, c := range []struct {
		what, want string
		play       func(s *stage, bad bool)
	}{
		{"a leader that one voter has named", ElectedByQuorum, func(s *stage, bad bool) {
			s.vote(1, 3, 3)
			s.vote(2, 2, pick[zab.ID](bad, 2, 3))
			s.state, s.leader = zab.Following, 3
			s.at(3, wake)
		}},
		{"a leader that does not say so", ElectedByQuorum, func(s *stage, bad bool) {
			settled := func(from zab.ID, state zab.State) {
				s.at(2, sim.Event{Kind: sim.Received, Port: zab.PortElection, From: from,
					Msg: &zab.Notification{State: state, Vote: zab.Vote{Leader: 3}}})
			}
			settled(3, pick(bad, zab.Looking, zab.Leading))
			s.later = func() { s.state, s.leader = zab.Following, 3 }
			settled(2, zab.Following)
		}},
		{"votes of an earlier election", ElectedByQuorum, func(s *stage, bad bool) {
			s.follows()
			s.state = zab.Looking
			s.at(4, wake, closes)
			if !bad {
				s.vote(5, 2, 3)
				s.vote(5, 3, 3)
			}
			s.state = zab.Following
			s.at(6, wake)
		}},
		{"a burst of pings", PingsInTurn, func(s *stage, bad bool) {
			s.leads()
			s.at(100, wake, pings)
			s.at(pick[sim.Time](bad, 100, 200), wake, pings)
		}},
		{"pieces without a pause", PingsInTurn, func(s *stage, bad bool) {
			s.leads()
			s.at(100, wake, sends(&zab.SnapData{}))
			s.at(pick[sim.Time](bad, 100, 101), wake, sends(&zab.SnapData{}))
		}},
		{"a silent learner", LostInTime, func(s *stage, bad bool) {
			s.leads() // syncLimit is 5 ticks of 200 ms
			s.at(pick[sim.Time](bad, 1405, 1404), wake, pings)
		}},
		{"a silent leader", LostInTime, func(s *stage, bad bool) {
			s.follows()
			s.phase = zab.Broadcast
			s.hears(5, &zab.Ping{})
			s.at(pick[sim.Time](bad, 1406, 1405), wake)
		}},
		{"UPTODATE without an answer", AnswersUpToDate, func(s *stage, bad bool) {
			s.follows()
			s.phase = zab.Broadcast
			s.does = pick(bad, nil, []sim.Effect{sends(&zab.Ack{})})
			s.program.Step(5*sim.Millisecond, sim.Event{Kind: sim.Received, Port: zab.PortQuorum,
				Conn: 7, Msg: &zab.UpToDate{}}, nil)
		}},
		{"a connection that stays open", ClosesLinks, func(s *stage, bad bool) {
			s.follows()
			s.state = zab.Looking
			s.at(4, wake, pick(bad, pings, closes))
		}},
		{"an earlier connection that stays open", ClosesLinks, func(s *stage, bad bool) {
			s.leads()
			s.at(5, sim.Event{Kind: sim.Accepted, Port: zab.PortQuorum, Conn: 8, From: 2},
				pick(bad, pings, closes))
		}},
		{"a sixth attempt to reach a leader", GivesUpLeader, func(s *stage, bad bool) {
			s.follows()
			for at := range sim.Time(5) {
				if at == 3 && !bad { // it looks, and elects the same leader
					s.state = zab.Looking
					s.at(4+at, wake, sim.Effect{Kind: sim.Close, Conn: 7})
					s.vote(4+at, 3, 3)
					s.vote(4+at, 2, 3)
					s.state = zab.Following
				}
				s.at(4+at, wake, sim.Effect{Kind: sim.Dial, Port: zab.PortQuorum, Conn: 8},
					sim.Effect{Kind: sim.Close, Conn: 8})
			}
		}},
		{"a sixth attempt, after a TRUNC", GivesUpLeader, func(s *stage, bad bool) {
			s.follows()
			dial := sim.Effect{Kind: sim.Dial, Port: zab.PortQuorum, Conn: 7}
			for at := range sim.Time(5) {
				e := wake
				if at == 3 && !bad { // the learner asks the same leader for a snapshot instead
					e = sim.Event{Kind: sim.Received, Port: zab.PortQuorum, Conn: 7, Msg: &zab.Trunc{}}
				}
				s.at(4+at, e, closes, dial)
			}
		}},
		{"a client at a server that looks", RefusesClients, func(s *stage, bad bool) {
			s.phase = pick(bad, zab.Election, zab.Broadcast)
			s.at(1, sim.Event{Kind: sim.Accepted, Port: zab.PortClient, Conn: 9})
		}},
		{"a DIFF before the quorum", QuorumFirst, func(s *stage, bad bool) {
			s.leads()
			s.phase = pick(bad, zab.Discovery, zab.Synchronization)
			s.at(5, wake, sends(&zab.Diff{}))
		}},
		{"a better history", StepsAside, func(s *stage, bad bool) {
			s.leads()
			s.phase = zab.Discovery
			s.at(5, sim.Event{Kind: sim.Received, Port: zab.PortQuorum, Conn: 7, From: 2,
				Msg: &zab.AckEpoch{LastZxid: zab.MakeZxid(1, pick[uint32](bad, 6, 5)),
					CurrentEpoch: 1}})
		}},
		{"a snapshot too soon", SnapshotsInTurn, func(s *stage, bad bool) {
			s.phase = zab.Broadcast
			s.writesSnapshot(1, pick(bad, 5, 6))
		}},
		{"a snapshot too late", SnapshotsInTurn, func(s *stage, bad bool) {
			s.phase = zab.Broadcast
			s.applies(1, pick(bad, 10, 9))
		}},
		{"old logs", TidyDisk, func(s *stage, bad bool) {
			disk := s.a.world.Machine(1).Disk()
			for i := range zab.Zxid(pick(bad, 8, 7)) {
				disk.Append(logName(i+1), []byte{1})
			}
			disk.Append(snapName(100), []byte{1})
			for i := range untidyTurns {
				s.writesSnapshot(zab.Zxid(200+i), 8)
			}
		}},
		{"a round that nobody named", RoundsInTurn, func(s *stage, bad bool) {
			s.later = func() { s.round = 5 }
			s.at(1, sim.Event{Kind: sim.Received, Port: zab.PortElection, From: 2,
				Msg: &zab.Notification{Round: pick[uint64](bad, 3, 5)}})
		}},
		{"an epoch that is not claimed", ClaimsEpoch, func(s *stage, bad bool) {
			s.at(1, wake, sends(&zab.Notification{State: zab.Looking, Vote: zab.Vote{Leader: 1,
				Zxid: zab.MakeZxid(2, 1), Epoch: pick[uint32](bad, 1, 2)}}))
		}},
		{"a request that came early", AnswersEarly, func(s *stage, bad bool) {
			s.phase = zab.Broadcast
			s.at(1, sim.Event{Kind: sim.Accepted, Port: zab.PortClient, Conn: 8})
			for _, m := range []sim.Message{&tree.ConnectRequest{TimeoutMs: 400},
				&tree.Request{Xid: 1, Op: tree.Op{Type: tree.OpExists, Path: "/"}}} {
				s.at(2, sim.Event{Kind: sim.Received, Port: zab.PortClient, Conn: 8, Msg: m})
			}
			s.at(3, wake, sim.Effect{Kind: sim.Send, Conn: 8, Msg: &tree.ConnectResponse{
				TimeoutMs: 400, SessionID: 5}}, sim.Effect{Kind: sim.Send, Conn: 8,
				Msg: &tree.Reply{Xid: pick[int32](bad, 2, 1),
					Result: tree.OpResult{Type: tree.OpExists}}})
		}},
		{"an answer out of turn", AnswersInTurn, func(s *stage, bad bool) {
			asked(s)
			s.at(5, wake, sends(&tree.Reply{Xid: pick[int32](bad, 2, 1), Code: tree.NoNode}))
		}},
		{"an answer to nothing", AnswersInTurn, func(s *stage, bad bool) {
			asked(s)
			s.at(5, wake, sends(&tree.Reply{Xid: 1, Code: tree.NoNode}),
				sends(&tree.Reply{Xid: 2, Code: tree.NoNode}),
				sends(&tree.Reply{Xid: pick[int32](bad, 2, tree.XidPing), Code: tree.NoNode}))
		}},
		{"an answer to another kind of request", AnswersInTurn, func(s *stage, bad bool) {
			asked(s)
			s.at(5, wake, sends(&tree.Reply{Xid: 1, Code: tree.NoNode}),
				sends(&tree.Reply{Xid: 2,
					Result: tree.OpResult{Type: pick(bad, tree.OpSync, tree.OpSetData)}}))
		}},
		{"a session that nobody has confirmed", EndsConfirmed, func(s *stage, bad bool) {
			s.phase = zab.Broadcast
			s.at(1, opens)
			s.at(2, comes(&tree.ConnectRequest{TimeoutMs: 400}))
			if !bad {
				s.at(3, wake, sends(&tree.ConnectResponse{TimeoutMs: 400, SessionID: 5}))
			}
			s.at(4, sim.Event{Kind: sim.Closed, Port: zab.PortClient, Conn: 7},
				sends(&zab.Request{Body: &server.Request{Session: 5, Dropped: true,
					Op: &tree.Op{Type: tree.OpCloseSession}}}))
		}},
		{"a session that is over", ForgetsSessions, func(s *stage, bad bool) {
			s.a.Tracks(s.a.world.Machine(1), pick(bad, 1, 0), tree.New())
		}},
		{"an address that another machine has", AddressesDiffer, func(s *stage, bad bool) {
			s.a.world.Add("S2", "server", func(*sim.Machine) sim.Program { return silent{} })
			s.a.Addressed(s.a.world.Machine(1), func(id sim.NodeID) string {
				return strconv.Itoa(int(pick(bad, 7, id)))
			})
		}},
		{"an EXPIRE without effect", ExpiresWhenTold, func(s *stage, bad bool) {
			s.phase = zab.Broadcast
			s.at(1, sim.Event{Kind: sim.Told, Msg: &server.Expire{Session: 5}},
				sends(&zab.Request{Body: &server.Request{Session: pick[int64](bad, 4, 5),
					Op: &tree.Op{Type: tree.OpCloseSession}}}))
		}},
		{"a TRUNC without effect", TruncFits, func(s *stage, bad bool) {
			s.follows()
			s.hears(4, &zab.Trunc{Zxid: zab.MakeZxid(1, pick[uint32](bad, 4, 5))})
		}},
		{"a TRUNC that does not fit", TruncFits, func(s *stage, bad bool) {
			s.at(1, wake, sim.Effect{Kind: sim.Exit, Name: pick(bad, "truncate to 1/1", "disk") + ": x"})
		}},
		{"a write that is not too large", TakesRequests, func(s *stage, bad bool) {
			s.callerOf(8)
			s.at(4, sim.Event{Kind: sim.Received, Port: zab.PortClient, Conn: 8,
				Msg: &tree.Request{Op: tree.Op{Type: pick(bad, tree.OpSetData, tree.OpSync)}}},
				sim.Effect{Kind: sim.Close, Conn: 8})
		}},
		{"an id of the life before", SessionsDiffer, func(s *stage, bad bool) {
			s.callerOf(8)
			s.program = s.a.follow(s.a.world.Machine(1), s.actor, s.actor)
			s.phase = zab.Broadcast
			s.at(5, sim.Event{Kind: sim.Accepted, Port: zab.PortClient, Conn: 9})
			s.at(6, sim.Event{Kind: sim.Received, Port: zab.PortClient, Conn: 9,
				Msg: &tree.ConnectRequest{TimeoutMs: 400}})
			s.at(7, wake, sim.Effect{Kind: sim.Send, Conn: 9, Msg: &tree.ConnectResponse{TimeoutMs: 400,
				SessionID: pick[int64](bad, 1<<56|1<<40|6, 1<<56|2<<40|5)}})
		}},
		{"an observer without an answer", AnswersVotes, func(s *stage, bad bool) {
			asks := sim.Event{Kind: sim.Received, Port: zab.PortElection, From: 4, Conn: 7,
				Msg: &zab.Notification{}}
			s.at(1, wake, sends(&zab.Notification{}))
			if bad {
				s.at(2, asks)
			} else {
				s.at(2, asks, sends(&zab.Notification{}))
			}
		}},
		{"a leader that does not wait", StepsAside, func(s *stage, bad bool) {
			s.leads()
			s.phase = zab.Discovery
			if !bad {
				s.at(5, sim.Event{Kind: sim.Received, Port: zab.PortQuorum, Conn: 7, From: 3,
					Msg: &zab.FollowerInfo{}})
			}
			s.later = func() { s.state = zab.Looking }
			s.at(6, sim.Event{Kind: sim.Received, Port: zab.PortQuorum, Conn: 7, From: 2,
				Msg: &zab.FollowerInfo{AcceptedEpoch: 3}}, sim.Effect{Kind: sim.Close, Conn: 7})
		}},
		{"a SNAP of what is in memory", SmallDiff, func(s *stage, bad bool) {
			for n := range uint32(4) {
				s.entries = append(s.entries, zab.Entry{Zxid: zab.MakeZxid(1, 2*n+1)})
			}
			s.config.CommittedLog = 3
			s.leads()
			s.hears(5, &zab.AckEpoch{LastZxid: zab.MakeZxid(1, pick[uint32](bad, 4, 2))})
			s.at(6, wake, sends(&zab.Snap{Zxid: zab.MakeZxid(2, 0)}))
		}},
		{"a SNAP without need", SmallDiff, func(s *stage, bad bool) {
			for n := range uint32(4) {
				s.entries = append(s.entries, zab.Entry{Zxid: zab.MakeZxid(1, n+1)})
			}
			s.a.world.Machine(1).Disk().Append(snapName(s.Base()),
				make([]byte, pick(bad, 3*2*recordHeader, 3*2*recordHeader-1)))
			s.leads()
			s.hears(5, &zab.AckEpoch{LastZxid: zab.MakeZxid(1, 3)})
			s.at(6, wake, sends(&zab.Snap{Zxid: zab.MakeZxid(2, 0)}))
		}},
		{"a log that is needed", KeepsLogs, func(s *stage, bad bool) {
			disk := s.a.world.Machine(1).Disk()
			disk.Append("currentEpoch", []byte{'1'})
			disk.Append(snapName(2), []byte{1})
			disk.Append(logName(1), zab.AppendRecord(nil, zab.Entry{Zxid: pick[zab.Zxid](bad, 2, 1)}))
			s.at(1, wake, sim.Effect{Kind: sim.Remove, File: logName(1)})
		}},
		{"old snapshots", TidyDisk, func(s *stage, bad bool) {
			disk := s.a.world.Machine(1).Disk()
			for i := range zab.Zxid(pick(bad, 7, 6)) {
				disk.Append(snapName(i+1), []byte{1})
			}
			for i := range untidyTurns {
				s.writesSnapshot(zab.Zxid(200+i), 8)
			}
		}},
		{"a timer in the past", TimersAhead, func(s *stage, bad bool) {
			s.deadline = 100 * sim.Millisecond
			s.at(1, wake)
			s.deadline = pick[sim.Time](bad, 4, 5) * sim.Millisecond
			s.at(5, sim.Event{Kind: sim.Told})
		}},
		{"a timer that fires again", TimersAhead, func(s *stage, bad bool) {
			s.deadline = pick[sim.Time](bad, 5, 6) * sim.Millisecond
			s.at(5, wake)
		}},
		{"a DIFF of an older epoch", CatchUpHeader, func(s *stage, bad bool) {
			s.leads()
			s.phase = zab.Broadcast
			s.at(5, wake, sends(&zab.Diff{Zxid: zab.MakeZxid(pick[uint32](bad, 1, 2), 0)}))
		}},
		{"a large DIFF", SmallDiff, func(s *stage, bad bool) {
			for n := range uint32(4) {
				s.entries = append(s.entries, zab.Entry{Zxid: zab.MakeZxid(1, n+1)})
			}
			s.config.CommittedLog = 1
			s.a.world.Machine(1).Disk().Append(snapName(s.Base()),
				make([]byte, pick(bad, 3*4*16-1, 3*4*16)))
			s.leads()
			s.hears(5, &zab.AckEpoch{LastZxid: s.Base()})
			s.phase = zab.Synchronization
			s.at(6, wake, sends(&zab.Diff{Zxid: zab.MakeZxid(1, 4)}))
		}},
		{"a session without PING", TellsTouched, func(s *stage, bad bool) {
			s.follows()
			s.phase = zab.Broadcast
			s.at(4, wake, sim.Effect{Kind: sim.Send, Conn: 8,
				Msg: &tree.ConnectResponse{TimeoutMs: 1, SessionID: 5}})
			s.at(5, wake, sends(&zab.Ping{Touched: []zab.Touch{{Session: 5}}}))
			s.at(6, sim.Event{Kind: sim.Received, Port: zab.PortClient, Conn: 8,
				Msg: &tree.Request{}})
			s.at(7, wake, sends(&zab.Ping{Touched: []zab.Touch{{Session: pick[int64](bad, 4, 5)}}}))
		}},
		{"a session that is not touched", TouchesSessions, func(s *stage, bad bool) {
			s.a.conducts[1].expiry = func(id int64) (at, timeout sim.Time, ok bool) {
				return pick[sim.Time](bad, 1004, 1005) * sim.Millisecond, sim.Second, id == 5
			}
			s.leads()
			s.at(5, wake, sends(&zab.Revalidate{Session: 5, Valid: true}))
		}},
		{"a timeout of another session", GrantsTimeout, func(s *stage, bad bool) {
			s.a.conducts[1].timeout = func(id int64) (ms int32, ok bool) {
				return pick[int32](bad, 1001, 1000), id == 5
			}
			s.leads()
			s.at(5, wake, sends(&zab.Revalidate{Session: 5, TimeoutMs: 1000, Valid: true}))
		}},
		{"a timeout that nobody asked for", GrantsTimeout, func(s *stage, bad bool) {
			s.config.TickTime = 200 * sim.Millisecond
			s.a.conducts[1].timeout = func(int64) (ms int32, ok bool) { return 0, false }
			s.leads()
			s.phase = zab.Broadcast
			s.at(5, sim.Event{Kind: sim.Accepted, Port: zab.PortClient, Conn: 8})
			s.at(6, sim.Event{Kind: sim.Received, Port: zab.PortClient, Conn: 8,
				Msg: &tree.ConnectRequest{TimeoutMs: pick[int32](bad, 401, 1)}})
			s.at(7, wake, sim.Effect{Kind: sim.Send, Conn: 8, Msg: &tree.ConnectResponse{
				TimeoutMs: 400, SessionID: 5}})
		}},
		{"a record with a longer header", RealSizes, func(s *stage, bad bool) {
			record := zab.AppendRecord(nil, zab.Entry{Zxid: 1, Data: []byte("x")})
			s.at(1, wake, sim.Effect{Kind: sim.Append, File: logName(1),
				Data: append(record, make([]byte, pick(bad, 1, 0))...)})
		}},
		{"a sync without its leader", SyncAnswered, func(s *stage, bad bool) {
			s.follows()
			s.phase = zab.Broadcast
			s.at(4, sim.Event{Kind: sim.Received, Port: zab.PortQuorum, Conn: 7,
				Msg: &zab.Sync{Body: &server.Sync{Cxid: pick[int32](bad, 2, 3)}}},
				sim.Effect{Kind: sim.Send, Conn: 8, Msg: &tree.Reply{Xid: 3,
					Result: tree.OpResult{Type: tree.OpSync}}})
		}},
		{"a connection that is not closed", ClosesEnded, func(s *stage, bad bool) {
			s.at(1, wake, sends(&tree.Reply{Xid: tree.XidAuth, Code: tree.AuthFailed}),
				sim.Effect{Kind: pick(bad, sim.Remove, sim.Close), Conn: 7})
		}},
		{"a request before CONNECT", ClosesStrangers, func(s *stage, bad bool) {
			s.phase = zab.Broadcast
			s.at(0, opens)
			s.at(1, comes(&tree.Request{}), sim.Effect{Kind: pick(bad, sim.Remove, sim.Close), Conn: 7})
		}},
		{"a second CONNECT", ClosesStrangers, func(s *stage, bad bool) {
			s.phase = zab.Broadcast
			s.at(0, opens)
			s.at(1, comes(&tree.ConnectRequest{}))
			s.at(2, comes(&tree.ConnectRequest{}),
				sim.Effect{Kind: pick(bad, sim.Remove, sim.Close), Conn: 7})
		}},
		{"a message that no client sends", ClosesStrangers, func(s *stage, bad bool) {
			s.phase = zab.Broadcast
			s.at(0, opens)
			s.at(1, comes(&tree.Reply{}), sim.Effect{Kind: pick(bad, sim.Remove, sim.Close), Conn: 7})
		}},
		{"a truncation too many", WorksOnce, func(s *stage, bad bool) {
			cut := sim.Effect{Kind: sim.Truncate, File: "log.1", N: 16}
			s.at(1, wake, cut)
			if !bad {
				s.hears(2, &zab.Trunc{})
			}
			s.at(3, wake, cut)
		}},
		{"a log that is durable no longer", DurableTruth, func(s *stage, bad bool) {
			s.a.Durable(s.a.world.Machine(1), zab.MakeZxid(1, 2))
			if !bad {
				s.a.Shortened(s.a.world.Machine(1))
			}
			s.a.Durable(s.a.world.Machine(1), zab.MakeZxid(1, 1))
		}},
		{"what was durable before a snapshot came", DurableTruth, func(s *stage, bad bool) {
			m := s.a.world.Machine(1)
			s.a.Durable(m, zab.MakeZxid(1, 2))
			s.a.Shortened(m)
			s.a.Durable(m, zab.MakeZxid(2, 0))
			if bad {
				s.phase = zab.Broadcast
			}
			s.at(1, wake)
			s.a.Durable(m, zab.MakeZxid(1, 2))
		}},
		{"a snapshot that waits for nothing", WaitsForDisk, func(s *stage, bad bool) {
			s.snapping = true
			s.at(1, wake, sim.Effect{Kind: sim.Fsync, Token: 1<<63 | 1})
			s.snapping = bad
			s.at(2, sim.Event{Kind: sim.Fsynced, Token: 1<<63 | 1})
		}},
	} {
		for _, bad := range []bool{true, false} {
			s := newStage()
			s.program = s.a.follow(s.a.world.Machine(1), s.actor, s.actor)
			c.play(s, bad)
			s.check(t, c.what, pick(bad, c.want, ""))
		}
	}
}

// asked lets a client open a session and send a read and a write, with the xids 1 and 2.
func asked(s *stage) {
	s.phase = zab.Broadcast
	s.at(1, opens)
	s.at(2, comes(&tree.ConnectRequest{TimeoutMs: 400}))
	s.at(3, wake, sends(&tree.ConnectResponse{TimeoutMs: 400, SessionID: 5}))
	s.at(4, comes(&tree.Request{Xid: 1, Op: tree.Op{Type: tree.OpExists, Path: "/"}}))
	s.at(4, comes(&tree.Request{Xid: 2, Op: tree.Op{Type: tree.OpSetData, Path: "/"}}))
}

// TestGuest: the same for clients.
func TestGuest(t *testing.T) {
	lasting := &tree.SetWatches{Persistent: []string{"/x"}}
	for _, c := range []struct {
		what, want string
		play       func(s *stage, bad bool)
	}{
		{"a call that was queued", KeepsQueue, func(s *stage, bad bool) {
			s.a.Returned("A", s.client, &client.Call{
				Outcome: pick(bad, client.NotSent, client.Failed), SentAt: pick[sim.Time](bad, -1, 0)})
		}},
		{"a wait that ends", GivesUp, func(s *stage, bad bool) {
			s.a.Marked("A", s.client, 0, client.Mark{Kind: pick(bad, client.Waits, client.Holds),
				Office: "/l"})
			s.a.Marked("A", s.client, 0, client.Mark{Kind: client.LetsGo, Office: "/l"})
		}},
		{"reads without end", Polls, func(s *stage, bad bool) {
			s.a.Marked("A", s.client, 0, client.Mark{Kind: client.Takes, Office: "/q"})
			for i := range int32(mostReads + 1) {
				s.a.Returned("A", s.client, &client.Call{Outcome: client.OK,
					Request: tree.Request{Op: tree.Op{Type: tree.OpGetChildren2, Path: "/q"}},
					Result: tree.OpResult{Type: tree.OpGetChildren2,
						Stat: tree.Stat{Cversion: pick(bad, 1, i)}}})
			}
		}},
		{"a write that is refused", Polls, func(s *stage, bad bool) {
			s.a.Marked("A", s.client, 0, client.Mark{Kind: client.Puts, Office: "/q"})
			for range pick(bad, mostRefused+1, mostRefused) {
				s.a.Returned("A", s.client, &client.Call{Outcome: client.Failed, Code: tree.NoNode,
					Request: tree.Request{Op: tree.Op{Type: tree.OpCreate, Path: "/q/item-"}}})
			}
		}},
		{"a reader that waits for a reader", SharesReads, func(s *stage, bad bool) {
			s.a.Marked("A", s.client, 0, client.Mark{Kind: client.Waits, Office: "/l", As: client.Shared,
				For: pick(bad, "/l/a-r_1", "/l/a-w_1")})
		}},
		{"a client that stays", MovesWhenTold, func(s *stage, bad bool) {
			conn := s.client.Step(1, sim.Event{Kind: sim.Boot}, nil)[0].Conn
			s.at(2, wake, sim.Effect{Kind: sim.Dial, Conn: conn})
			s.at(3, sim.Event{Kind: sim.Told, Msg: &client.Move{To: 2}},
				sim.Effect{Kind: sim.Close, Conn: conn + pick[sim.ConnID](bad, 1, 0)})
		}},
		{"a login without end", CallsEnd, func(s *stage, bad bool) {
			conn := s.client.Step(1, sim.Event{Kind: sim.Boot}, nil)[0].Conn
			login := &client.Call{Outcome: client.OK,
				Request: tree.Request{Op: tree.Op{Type: tree.OpAuth}}}
			s.a.Called(s.client, login)
			s.at(2, wake, sim.Effect{Kind: sim.Dial, Conn: conn})
			if !bad {
				s.later = func() { s.a.Returned("A", s.client, login) }
			}
			s.at(3, sim.Event{Kind: sim.Received, Conn: conn, Msg: &tree.Reply{Xid: tree.XidAuth}})
		}},
		{"a server left out", ServersInOrder, func(s *stage, bad bool) {
			s.at(1, wake, sim.Effect{Kind: sim.Dial, Conn: 7, To: 3})
			s.at(2, wake, sim.Effect{Kind: sim.Dial, Conn: 8, To: pick[sim.NodeID](bad, 2, 1)})
		}},
		{"a sync in vain", Polls, func(s *stage, bad bool) {
			s.client = client.New(client.Config{Name: "A", Programs: []func(*client.Proc){
				func(p *client.Proc) { client.Lock{Path: "/l"}.Acquire(p) }}})
			s.client.Step(1, sim.Event{Kind: sim.Boot}, nil)
			defer s.client.Stop()
			s.a.Returned("A", s.client, &client.Call{Outcome: client.Unknown,
				Request: tree.Request{Op: tree.Op{Type: tree.OpCreate, Path: "/l/a-n_"}}})
			for range pick(bad, 2, 1) {
				s.a.Returned("A", s.client, &client.Call{Outcome: client.OK,
					Request: tree.Request{Op: tree.Op{Type: tree.OpSync, Path: "/l"}},
					Result:  tree.OpResult{Type: tree.OpSync}})
			}
		}},
		{"reads of nothing", Polls, func(s *stage, bad bool) {
			s.a.Marked("A", s.client, 0, client.Mark{Kind: client.Takes, Office: "/q"})
			for range pick(bad, mostMisses+1, mostMisses) {
				s.a.Returned("A", s.client, &client.Call{Outcome: client.Failed, Code: tree.NoNode,
					Request: tree.Request{Op: tree.Op{Type: tree.OpGetChildren2, Path: "/q"}}})
			}
		}},
		{"reads that are refused", Polls, func(s *stage, bad bool) {
			s.a.Marked("A", s.client, 0, client.Mark{Kind: client.Takes, Office: "/q"})
			for range pick(bad, mostRefused+1, mostRefused) {
				s.a.Returned("A", s.client, &client.Call{Outcome: client.Failed, Code: tree.NoAuth,
					Request: tree.Request{Op: tree.Op{Type: tree.OpGetChildren2, Path: "/q"}}})
			}
		}},
		{"a code that does not fit", CodeFits, func(s *stage, bad bool) {
			s.a.Returned("A", s.client, &client.Call{Outcome: client.OK,
				Code:    pick(bad, tree.NoAuth, tree.OK),
				Request: tree.Request{Op: tree.Op{Type: tree.OpSetData, Path: "/x"}},
				Result:  tree.OpResult{Type: tree.OpSetData}})
		}},
		{"a refused login at the end of a session", CodeFits, func(s *stage, bad bool) {
			out := s.client.Step(1, sim.Event{Kind: sim.Boot}, nil)
			conn := out[len(out)-1].Conn
			s.client.Step(2, sim.Event{Kind: sim.Connected, Conn: conn}, nil)
			s.client.Step(3, sim.Event{Kind: sim.Received, Conn: conn, Msg: &tree.ConnectResponse{
				Passwd: make([]byte, 16)}}, nil) // the session is over
			if s.client.State() != client.Expired {
				t.Fatalf("the client is %s", s.client.State())
			}
			s.a.Returned("A", s.client, &client.Call{Outcome: client.NotSent, SentAt: -1,
				Code:    pick(bad, tree.AuthFailed, tree.SessionExpired),
				Request: tree.Request{Op: tree.Op{Type: tree.OpSetData, Path: "/x"}}})
		}},
		{"good arguments", NeedlessRefusal, func(s *stage, bad bool) {
			s.a.Returned("A", s.client, &client.Call{Outcome: client.Failed,
				Code: tree.BadArguments, Request: tree.Request{Op: tree.Op{Type: tree.OpSetData,
					Path: pick(bad, "/x", "/x/")}}})
		}},
		{"setWatches with persistent watches", SetsWatches, func(s *stage, bad bool) {
			s.at(1, wake, sends(&tree.Request{Op: tree.Op{
				Type:       pick(bad, tree.OpSetWatches, tree.OpSetWatches2),
				SetWatches: lasting}}))
		}},
		{"a setWatches that is too long", SetsWatches, func(s *stage, bad bool) {
			s.at(1, wake, sends(&tree.Request{Op: tree.Op{Type: tree.OpSetWatches,
				SetWatches: &tree.SetWatches{Data: []string{string(make([]byte, mostPaths-9)),
					pick(bad, "/x", "/")}}}}))
		}},
		{"an answer of another kind", AnswerFits, func(s *stage, bad bool) {
			s.a.Returned("A", s.client, &client.Call{Outcome: client.OK,
				Request: tree.Request{Op: tree.Op{Type: tree.OpGetData, Path: "/x"}},
				Result:  tree.OpResult{Type: pick(bad, tree.OpExists, tree.OpGetData)}})
		}},
		{"a call without its times", TimesCalls, func(s *stage, bad bool) {
			s.a.Returned("A", s.client, &client.Call{Outcome: client.OK, CalledAt: 2,
				SentAt: pick[sim.Time](bad, 1, 2), ReturnedAt: 2,
				Request: tree.Request{Op: tree.Op{Type: tree.OpSetData, Path: "/x"}},
				Result:  tree.OpResult{Type: tree.OpSetData}})
		}},
		{"a ping too many", SparesMessages, func(s *stage, bad bool) {
			s.at(1, wake, sends(&tree.Request{}))
			s.at(pick[sim.Time](bad, 1334, 1335), wake, sends(&tree.Request{Xid: tree.XidPing}))
		}},
		{"a setWatches too many", SparesMessages, func(s *stage, bad bool) {
			set := sends(&tree.Request{Op: tree.Op{Type: tree.OpSetWatches,
				SetWatches: &tree.SetWatches{Data: []string{string(make([]byte, mostPaths/2))}}}})
			if !bad {
				s.at(1, wake, set, set)
				return
			}
			set.Msg.(*tree.Request).SetWatches.Child = []string{"/x"}
			s.at(1, wake, set, sends(&tree.Request{Op: tree.Op{Type: tree.OpSetWatches,
				SetWatches: &tree.SetWatches{Data: []string{"/y"}}}}))
		}},
		{"another session", AsksAsItIs, func(s *stage, bad bool) {
			s.at(1, wake, sends(&tree.ConnectRequest{SessionID: pick[int64](bad, 1, 0)}))
		}},
		{"a new session that has seen something", AsksAsItIs, func(s *stage, bad bool) {
			s.at(1, wake, sends(&tree.ConnectRequest{LastZxidSeen: pick[int64](bad, 1, 0)}))
		}},
		{"an act of the dead", DeadActs, func(s *stage, bad bool) {
			s.a.Acts(s.a.world.Machine(1), bad, "calls")
		}},
		{"a server that gets less time", NoticesLoss, func(s *stage, bad bool) {
			s.at(1, wake, dials)
			s.at(2, sim.Event{Kind: sim.Connected, Conn: 7})
			s.at(pick[sim.Time](bad, 1334, 1336), wake, closes) // a third of 4 s
		}},
	} {
		for _, bad := range []bool{true, false} {
			s := newStage()
			s.client = client.New(client.Config{Name: "A", Servers: []sim.NodeID{1}})
			s.program = s.a.Visit(s.a.world.Machine(1), s.client, s.actor)
			c.play(s, bad)
			s.check(t, c.what, pick(bad, c.want, ""))
		}
	}
}

// TestStaysOnADeadConnection: a client that is dialling, and does nothing when it is refused, breaks
// NoticesLoss.
func TestStaysOnADeadConnection(t *testing.T) {
	for _, deaf := range []bool{true, false} {
		s := newStage()
		s.client = client.New(client.Config{Name: "A", Servers: []sim.NodeID{1, 2, 3}})
		s.program = s.a.Visit(s.a.world.Machine(1), s.client, s.client)
		out := s.program.Step(1, sim.Event{Kind: sim.Boot}, nil)
		e := sim.Event{Kind: sim.Refused, Conn: out[0].Conn}
		if deaf {
			s.program.(*clientConduct).Program = s.actor
		}
		s.program.Step(2, e, nil)
		s.check(t, "a client that is refused", pick(deaf, NoticesLoss, ""))
	}
}

// TestLibraries: a library that keeps a queued call when it should fail it, or a session for longer
// than its own clock allows, and a program that does not say what it believes, are convicted.
func TestLibraries(t *testing.T) {
	for _, bad := range []bool{true, false} {
		s := newStage()
		s.client = client.New(client.Config{Name: "A", Servers: []sim.NodeID{1},
			Library: client.Java})
		s.program = s.a.Visit(s.a.world.Machine(1), s.client, s.client)
		conn := s.program.Step(1, sim.Event{Kind: sim.Boot}, nil)[0].Conn
		call := &client.Call{SentAt: -1}
		s.a.Called(s.client, call)
		if !bad {
			call.Outcome = client.NotSent
		}
		s.program.Step(2, sim.Event{Kind: sim.Refused, Conn: conn}, nil)
		s.check(t, "a queued call", pick(bad, FailsQueue, ""))

		s = newStage()
		s.client = client.New(client.Config{Name: "A", Servers: []sim.NodeID{1},
			Library: client.Curator, SessionTimeout: sim.Second})
		s.program = s.a.Visit(s.a.world.Machine(1), s.client, s.client)
		conn = s.program.Step(1, sim.Event{Kind: sim.Boot}, nil)[0].Conn
		s.program.Step(2, sim.Event{Kind: sim.Connected, Conn: conn}, nil)
		s.program.Step(3, sim.Event{Kind: sim.Received, Conn: conn, Msg: &tree.ConnectResponse{
			TimeoutMs: 1000, SessionID: 7, Passwd: make([]byte, 16)}}, nil)
		s.program.Step(sim.Millisecond, sim.Event{Kind: sim.Closed, Conn: conn}, nil)
		s.program.(*clientConduct).Program = s.actor
		s.at(pick[sim.Time](bad, 1001, 1000), wake)
		s.check(t, "a session without a connection", pick(bad, EndsByClock, ""))

		s = newStage()
		lock := recipe.Lock("/l")
		s.client = client.New(client.Config{Name: "A", Is: []recipe.Recipe{lock},
			Programs: []func(*client.Proc){func(p *client.Proc) {
				p.Hold("/l")
				if bad {
					p.Mark(client.Mark{Kind: client.LetsGo, Office: "/l", Node: "/l"})
				}
				p.Sleep(sim.Second)
			}}})
		s.program = s.a.Visit(s.a.world.Machine(1), s.client, s.client, lock)
		s.program.Step(1, sim.Event{Kind: sim.Boot}, nil)
		s.check(t, "a belief that is not said", pick(bad, BeliefIsSaid, ""))
		s.client.Stop()
	}
}

// TestBeliefEnds: a program that lets go, and leaves the belief of its client, breaks BeliefEnds.
func TestBeliefEnds(t *testing.T) {
	for _, stays := range []bool{true, false} {
		s := newStage()
		s.client = client.New(client.Config{Name: "A", Programs: []func(*client.Proc){
			func(p *client.Proc) {
				p.Mark(client.Mark{Kind: client.Holds, Office: "/l", Node: "/l"})
				p.Believe(true)
				p.Believe(stays)
				p.Mark(client.Mark{Kind: client.LetsGo, Office: "/l", Node: "/l"})
			}}, Hooks: &tells{a: s.a}})
		s.client.Step(1, sim.Event{Kind: sim.Boot}, nil)
		s.check(t, "a belief", pick(stays, BeliefEnds, ""))
		s.client.Stop()
	}
}

// tells tells an audit what programs mark.
type tells struct {
	client.NopHooks
	a *Audit
}

func (h *tells) Marked(c *client.Client, program int, m client.Mark) {
	h.a.Marked("A", c, program, m)
}

func newStage() *stage {
	w := sim.NewWorld(sim.Config{})
	s := &stage{actor: &actor{config: zab.Config{TickTime: 200 * sim.Millisecond, SyncLimit: 5,
		InitLimit: 10, SnapCount: 10}}}
	s.a = New(w, nil, Config{Servers: 3, Voters: zab.SetOf(1, 2, 3)})
	w.Add("S1", "server", func(*sim.Machine) sim.Program { return silent{} })
	return s
}

// check compares the property that is broken with the one that should be.
func (s *stage) check(t *testing.T, what, want string) {
	t.Helper()
	name := ""
	var v *Violation
	if errors.As(s.a.world.Err(), &v) {
		name = v.Name
	}
	if name != want {
		t.Errorf("%s: %q, want %q: %v", what, name, want, s.a.world.Err())
	}
}

// TestSilentServer: a client whose server is silent leaves it after 2/3 of the session timeout, and a
// client that is refused waits before it dials again. A client that does not is convicted.
func TestSilentServer(t *testing.T) {
	for _, deaf := range []bool{true, false} {
		s := newStage()
		s.client = client.New(client.Config{Name: "A", Servers: []sim.NodeID{1, 2, 3},
			SessionTimeout: 3 * sim.Second})
		s.program = s.a.Visit(s.a.world.Machine(1), s.client, s.client)
		conn := s.program.Step(1, sim.Event{Kind: sim.Boot}, nil)[0].Conn
		s.program.Step(2, sim.Event{Kind: sim.Connected, Conn: conn}, nil)
		s.program.Step(3, sim.Event{Kind: sim.Received, Conn: conn, Msg: &tree.ConnectResponse{
			TimeoutMs: 3000, SessionID: 7, Passwd: make([]byte, 16)}}, nil)
		if deaf {
			s.program.(*clientConduct).Program = s.actor
		}
		s.at(2001, wake)
		s.check(t, "a server that is silent", pick(deaf, NoticesLoss, ""))
	}
}

// TestWaitsToDial: a client that dials again right after a refusal is convicted.
func TestWaitsToDial(t *testing.T) {
	for _, bad := range []bool{true, false} {
		s := newStage()
		s.client = client.New(client.Config{Name: "A", Servers: []sim.NodeID{1, 2, 3}})
		s.program = s.a.Visit(s.a.world.Machine(1), s.client, s.client)
		conn := s.program.Step(1, sim.Event{Kind: sim.Boot}, nil)[0].Conn
		s.program.Step(2, sim.Event{Kind: sim.Connected, Conn: conn}, nil)
		s.program.Step(3, sim.Event{Kind: sim.Received, Conn: conn, Msg: &tree.ConnectResponse{
			TimeoutMs: 4000, SessionID: 7, Passwd: make([]byte, 16)}}, nil)
		out := s.program.Step(4*sim.Millisecond, sim.Event{Kind: sim.Closed, Conn: conn}, nil)
		out = append(out, s.program.Step(100*sim.Millisecond, wake, nil)...)
		conn = out[len(out)-1].Conn
		s.program.Step(200*sim.Millisecond, sim.Event{Kind: sim.Refused, Conn: conn}, nil)
		s.program.(*clientConduct).Program = s.actor
		s.at(pick[sim.Time](bad, 250, 350), wake, sim.Effect{Kind: sim.Dial, Conn: 8, To: 3})
		s.check(t, "a client that dials", pick(bad, WaitsToDial, ""))

		s = newStage()
		s.client = client.New(client.Config{Name: "A", Servers: []sim.NodeID{1, 2, 3}})
		s.program = s.a.Visit(s.a.world.Machine(1), s.client, s.client)
		conn = s.program.Step(1, sim.Event{Kind: sim.Boot}, nil)[0].Conn
		s.program.Step(2, sim.Event{Kind: sim.Connected, Conn: conn}, nil)
		s.program.Step(3, sim.Event{Kind: sim.Received, Conn: conn, Msg: &tree.ConnectResponse{
			TimeoutMs: 4000, SessionID: 7, Passwd: make([]byte, 16)}}, nil)
		s.program.(*clientConduct).Program = s.actor
		for i := range sim.ConnID(spreadOver + 1) {
			s.at(10+sim.Time(i)*pick[sim.Time](bad, 120, 121), wake,
				sim.Effect{Kind: sim.Dial, Conn: 8 + i, To: 1 + sim.NodeID(i+1)%3},
				sim.Effect{Kind: sim.Close, Conn: 8 + i})
		}
		s.check(t, "a client that never waits long", pick(bad, WaitsToDial, ""))
	}
}
