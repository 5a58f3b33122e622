package sim

import (
	"fmt"
	"strings"
	"testing"
)

// bench is a network without a world: hosts that write down what reaches them.
type bench struct {
	t timeline
	network
	states [4]power // by NodeID
	parked []entry
	lines  []string
}

func newBench(hosts int) *bench {
	b := &bench{}
	b.network = newNetwork(&b.t, b, 1, Span{Millisecond, Millisecond}, 0)
	for i := 1; i <= hosts; i++ {
		b.states[i] = running
		b.join()
	}
	return b
}

func (b *bench) power(id NodeID) power  { return b.states[id] }
func (b *bench) park(_ NodeID, e entry) { b.parked = append(b.parked, e) }
func (b *bench) deliver(id NodeID, e Event) {
	what := map[EventKind]string{Accepted: "accepted", Connected: "connected", Refused: "refused",
		Closed: "closed"}[e.Kind]
	if e.Kind == Received {
		what = e.Msg.Name()
	}
	b.lines = append(b.lines, fmt.Sprintf("%s %d %s", b.t.now, id, what))
}

// run handles everything that is due by a moment.
func (b *bench) run(until Time) {
	for b.t.nextAt() <= until {
		e := b.t.queue.pop()
		b.t.now, b.t.cause = e.at, -1
		b.network.handle(e)
	}
	b.t.now = until
}

func (b *bench) expect(t *testing.T, lines ...string) {
	t.Helper()
	if got, want := strings.Join(b.lines, "\n"), strings.Join(lines, "\n"); got != want {
		t.Errorf("the hosts saw\n%s\nwant\n%s", got, want)
	}
	b.lines = nil
}

// dialled is a bench on which 1 has connection 9 to 2.
func dialled(t *testing.T) *bench {
	b := newBench(3)
	if err := b.dial(1, &Effect{Conn: 9, To: 2, Span: Second}); err != nil {
		t.Fatal(err)
	}
	b.run(5 * Millisecond)
	b.expect(t, "1ms 2 accepted", "2ms 1 connected")
	return b
}

func (b *bench) say(from NodeID, words ...string) {
	for _, w := range words {
		b.send(from, &Effect{Conn: 9, Msg: word(w)})
	}
}

func TestANetworkNeedsNoWorld(t *testing.T) {
	b := dialled(t)
	b.say(1, "A", "B")
	b.say(2, "C")
	b.run(10 * Millisecond)
	b.expect(t, "6ms 2 A", "6ms 2 B", "6ms 1 C")

	b.cut(1, 2)
	b.say(1, "D", "E")
	b.say(2, "F")
	b.run(20 * Millisecond)
	b.expect(t, "11ms 1 F")
	b.heal()
	b.run(30 * Millisecond)
	b.expect(t, "21ms 2 D", "21ms 2 E")

	b.hold(2, 1, "ack")
	b.say(2, "PING", "ACK", "PING")
	b.run(40 * Millisecond)
	b.expect(t, "31ms 1 PING")
	b.release()
	b.run(50 * Millisecond)
	b.expect(t, "41ms 1 ACK", "41ms 1 PING")

	b.delay(1, 2, 5*Millisecond)
	b.say(1, "SLOW")
	b.run(60 * Millisecond)
	b.expect(t, "56ms 2 SLOW")

	b.reset(b.between(2, 1))
	b.run(Second)
	b.expect(t, "60ms 2 closed", "60ms 1 closed")
	if len(b.conns) != 0 || b.flights.used() != 0 {
		t.Errorf("%d connections and %d flights are left", len(b.conns), b.flights.used())
	}
}

func TestANetworkParksWhatReachesThePaused(t *testing.T) {
	b := dialled(t)
	b.states[2] = paused
	b.say(1, "A")
	b.run(10 * Millisecond)
	b.cut(1, 2) // it has arrived, whatever becomes of the link
	b.states[2] = running
	b.expect(t)
	b.network.handle(b.parked[0])
	b.expect(t, "10ms 2 A")
}

func TestANetworkKnowsDeadFromUnpowered(t *testing.T) {
	for state, want := range map[power]string{dead: "6ms 1 closed", off: ""} {
		b := dialled(t)
		b.states[2] = state
		b.abandon(2, state == off)
		b.run(10 * Millisecond)
		if got := strings.Join(b.lines, "\n"); got != want {
			t.Errorf("power %d: 1 saw %q, want %q", state, got, want)
		}
	}
}
