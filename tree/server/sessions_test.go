package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// ready returns a world whose ensemble serves and whose clients A, B, … are connected to S1, S2, ….
func ready(t testing.TB, seed uint64, servers, clients int, c server.Config) *world {
	w := newWorld(t, seed, servers, c)
	w.run(sim.Second)
	for i := 0; i < clients; i++ {
		w.addClient(string(rune('A'+i)), i%servers+1)
	}
	for i := 0; i < clients; i++ {
		w.connected(string(rune('A' + i)))
	}
	return w
}

// A session expires in (timeout, timeout+tick] after its client's last packet. The client is
// powered off, so that only its silence ends the session.
func TestEphemeralGoesAfterTimeoutAndAtMostATick(t *testing.T) {
	for seed := uint64(1); seed <= 60; seed++ {
		servers := 1 + 2*int(seed%2)
		w := ready(t, seed, servers, 1, server.Config{})
		w.do("A", create("/e", tree.Ephemeral))
		w.run(w.Rand("when").Between(0, 5*sim.Second))
		var last sim.Time
		w.AfterStep = func(m *sim.Machine) {}
		before := w.Stats().Messages
		w.until(2*sim.Second, "A pings", func() bool {
			return w.Stats().Messages != before && w.client("A").Deadline() > w.Now()
		})
		// When A's last packet left follows from A's own timers.
		last = w.client("A").Deadline() - w.client("A").Timeout()/3
		w.fault("power A")
		w.until(30*sim.Second, "/e is gone", func() bool {
			return w.leader().Program().(*server.Server).Tree().Node("/e") == nil
		})
		// The touch reaches the leader with the learner's answer to the next PING: at most half a
		// tick and two messages late. The commit takes a few messages and two fsyncs.
		silent := w.Now() - last
		slack := 40 * sim.Millisecond
		if servers > 1 {
			slack += sim.Second
		}
		if silent <= 4*sim.Second || silent > 6*sim.Second+slack {
			t.Errorf("seed %d: gone after %s of silence", seed, silent.Seconds())
		}
	}
}

// expiring checks when sessions expire (contract, 7), by the leader's own clock.
type expiring struct {
	server.NopProbe
	silent *[]sim.Time
}

func (p expiring) Expiring(_ int64, silentFor sim.Time) { *p.silent = append(*p.silent, silentFor) }

func TestExpiryIsExactOnTheLeader(t *testing.T) {
	var silent []sim.Time
	for seed := uint64(1); seed <= 40; seed++ {
		w := newWorld(t, seed, 3, server.Config{})
		w.probe = func(*world, string) server.Probe { return expiring{silent: &silent} }
		w.run(sim.Second)
		w.addClient("A", int(seed%3)+1)
		w.connected("A")
		w.fault(fmt.Sprintf("clock S%d x1.5", seed%3+1))
		w.run(w.Rand("when").Between(0, 5*sim.Second))
		w.fault("wall S3 +1h") // a wall clock has no say (ZOOKEEPER-1366)
		w.run(sim.Second)
		if len(silent) > 0 {
			t.Fatalf("seed %d: expired while alive", seed)
		}
		w.fault("power A")
		w.run(20 * sim.Second)
		if len(silent) != 1 || silent[0] <= 4*sim.Second || silent[0] > 6*sim.Second {
			t.Errorf("seed %d: silent for %v", seed, silent)
		}
		silent = nil
	}
}

func TestSessionSurvivesAReset(t *testing.T) {
	w := ready(t, 1, 3, 1, server.Config{})
	w.do("A", create("/e", tree.Ephemeral))
	session := w.client("A").Session()
	w.fault("reset A S1")
	w.run(3 * sim.Second)
	w.connected("A")
	c := w.client("A")
	if c.Session() != session || c.Server() == 1 {
		t.Errorf("session %x at S%d, was %x at S1", c.Session(), c.Server(), session)
	}
	w.run(20 * sim.Second)
	if got := w.do("A", exists("/e", false)); got.Outcome != client.OK ||
		got.Result.Stat.EphemeralOwner != session {
		t.Errorf("exists /e: %v, owner %x", got.Code, got.Result.Stat.EphemeralOwner)
	}
}

func TestExpireOnDisconnect(t *testing.T) {
	w := ready(t, 1, 3, 2, server.Config{ExpireOnDisconnect: true})
	w.do("A", create("/e", tree.Ephemeral))
	w.do("B", exists("/e", true))
	at := w.Now()
	w.fault("reset A S1")
	w.until(sim.Second, "B is notified", func() bool {
		return strings.Contains(lines(w.logs["B"]), "NodeDeleted /e")
	})
	if took := w.Now() - at; took > 50*sim.Millisecond {
		t.Errorf("told after %s", took)
	}
	w.until(10*sim.Second, "A knows", func() bool {
		return w.client("A").State() == client.Expired
	})
}

func TestClientLearnsOfExpiryFromAServerOnly(t *testing.T) {
	w := ready(t, 3, 3, 2, server.Config{})
	w.do("A", create("/e", tree.Ephemeral))
	w.fault("split A | B S1 S2 S3")
	w.run(20 * sim.Second)
	if w.leader().Program().(*server.Server).Tree().Node("/e") != nil {
		t.Fatal("/e is still there")
	}
	if s := w.client("A").State(); s != client.Disconnected {
		t.Fatalf("cut off, A is %v", s)
	}
	w.tell("A", get("/e"))
	w.fault("heal")
	w.until(10*sim.Second, "A knows", func() bool {
		return w.client("A").State() == client.Expired
	})
	last := w.logs["A"].calls[len(w.logs["A"].calls)-1]
	if last.Outcome != client.NotSent || last.Code != tree.SessionExpired {
		t.Errorf("the get that waited: %v %v", last.Outcome, last.Code)
	}
	if c := w.do("A", get("/")); c.Outcome != client.NotSent {
		t.Errorf("on a dead session: %v", c.Outcome)
	}
}

func TestExpireFault(t *testing.T) {
	w := ready(t, 1, 3, 2, server.Config{})
	w.do("A", create("/e", tree.Ephemeral))
	w.do("B", exists("/e", true))
	w.fault("expire A")
	w.until(sim.Second, "B is notified", func() bool {
		return strings.Contains(lines(w.logs["B"]), "NodeDeleted /e")
	})
	w.until(5*sim.Second, "A knows", func() bool { return w.client("A").State() == client.Expired })
}

func TestRenew(t *testing.T) {
	w := newWorld(t, 1, 3, server.Config{})
	w.run(sim.Second)
	w.addClientWith("A", client.Config{Renew: true})
	w.connected("A")
	old := w.client("A").Session()
	w.fault("expire A")
	w.until(5*sim.Second, "A has another session", func() bool {
		return w.client("A").State() == client.Connected && w.client("A").Session() != old
	})
}

func TestWrongPasswordIsExpired(t *testing.T) {
	w := newWorld(t, 1, 1, server.Config{})
	w.run(sim.Second)
	var got *tree.ConnectResponse
	m := w.Add("X", "client", func(*sim.Machine) sim.Program {
		return &raw{to: 1, first: &tree.ConnectRequest{SessionID: 42, Passwd: make([]byte, 16),
			TimeoutMs: 4000},
			on: func(m sim.Message) { got, _ = m.(*tree.ConnectResponse) }}
	})
	w.Start(m)
	w.run(sim.Second)
	if got == nil || got.TimeoutMs != 0 || got.SessionID != 0 {
		t.Errorf("answer: %+v", got)
	}
	if !m.Program().(*raw).closed {
		t.Error("the connection is left open")
	}
}

// raw is a client that sends one message.
type raw struct {
	to     sim.NodeID
	first  sim.Message
	on     func(sim.Message)
	closed bool
	conn   sim.ConnID
}

func (r *raw) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	switch e.Kind {
	case sim.Boot:
		r.conn = e.Conn + 1
		return append(out, sim.Effect{Kind: sim.Dial, Conn: r.conn, To: r.to, Port: zab.PortClient,
			Span: sim.Second})
	case sim.Connected:
		return append(out, sim.Effect{Kind: sim.Send, Conn: r.conn, Msg: r.first})
	case sim.Received:
		r.on(e.Msg)
	case sim.Closed:
		r.closed = true
	case sim.Told:
		return append(out, sim.Effect{Kind: sim.Send, Conn: r.conn, Msg: e.Msg})
	}
	return out
}
func (r *raw) Deadline() sim.Time { return sim.Never }

func TestTimeoutIsNegotiated(t *testing.T) {
	for _, c := range []struct{ asked, got sim.Time }{
		{1 * sim.Second, 4 * sim.Second}, {7 * sim.Second, 7 * sim.Second},
		{90 * sim.Second, 40 * sim.Second},
	} {
		w := newWorld(t, 1, 1, server.Config{})
		w.addClientWith("A", client.Config{SessionTimeout: c.asked})
		w.connected("A")
		if got := w.client("A").Timeout(); got != c.got {
			t.Errorf("asked for %s, got %s", c.asked, got)
		}
	}
}

// ZOOKEEPER-1622 and later: ids are positive, carry their server, and are never used twice.
func TestSessionIDs(t *testing.T) {
	w := newWorld(t, 1, 3, server.Config{})
	seen := map[int64]bool{}
	w.run(sim.Second)
	names := 0
	open := func() {
		for i := 1; i <= 3; i++ {
			names++
			n := fmt.Sprintf("C%d", names)
			w.addClient(n, i)
			w.connected(n)
			id := w.client(n).Session()
			if id <= 0 || seen[id] || id>>56 < 1 || id>>56 > 3 {
				t.Errorf("session id %x", id)
			}
			seen[id] = true
		}
	}
	open()
	for _, s := range []string{"S1", "S2", "S3"} {
		w.fault("crash " + s)
		w.fault("wall " + s + " -2h")
		w.fault("restart " + s)
	}
	w.run(3 * sim.Second)
	open()
}
