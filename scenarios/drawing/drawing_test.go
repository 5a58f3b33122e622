package drawing_test

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/trace"
)

// staged returns the header of a trace with two servers, two clients and a resource.
func staged() *trace.Header {
	return &trace.Header{Title: "t", Seed: 7, Nodes: []trace.Node{
		{ID: "S1", Kind: "server"}, {ID: "S2", Kind: "server"}, {ID: "A", Kind: "client"},
		{ID: "DB", Kind: "resource"}, {ID: "B", Kind: "client"},
	}}
}

// lines returns the lines of a drawing that follow its participants.
func lines(t *testing.T, text string) []string {
	t.Helper()
	if _, err := diagram.ParseStrict("d.mmd", []byte(text)); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	var list []string
	for _, l := range strings.Split(strings.TrimSpace(text), "\n") {
		if l = strings.TrimSpace(l); !strings.HasPrefix(l, "participant") {
			list = append(list, l)
		}
	}
	return list[3:] // sequenceDiagram, title, %% lab
}

func send(from, to, kind, z, words string) trace.Event {
	return trace.Event{N: from, K: "send", M: 1, Msg: &trace.Message{To: to, Kind: kind, Z: z},
		Drawn: words}
}

// TestDrawing draws each kind of event at both depths; the text is empty if the event is not drawn.
func TestDrawing(t *testing.T) {
	two := uint32(2)
	led := trace.Event{N: "S2", K: "note", Key: "leader", Patch: trace.Patch{Epoch: &two}}
	for _, c := range []struct {
		name           string
		e              trace.Event
		client, server string
	}{
		{"a call", trace.Event{N: "A", K: "op.call", Drawn: "create /x"}, "A->>ZK: create /x", ""},
		{"an answer", trace.Event{N: "A", K: "op.ret", Drawn: "failed: no node"},
			"ZK-->>A: failed: no node", ""},
		{"a notification", trace.Event{N: "A", K: "watch.fire", Drawn: "notification: /x gone"},
			"ZK-->>A: notification: /x gone", ""},
		{"a watch that leaves a server", trace.Event{N: "S1", K: "watch.fire", Say: "x"}, "", ""},
		{"signs of Mermaid's", trace.Event{N: "A", K: "op.call", Drawn: `set /x to "a;b"`},
			`A->>ZK: set /x to "a#59;b"`, ""},
		{"a message", send("S1", "S2", "ACK", "1/3", ""), "", "S1->>S2: ACK 1/3"},
		{"a message without a zxid", send("S1", "S2", "DIFF", "", ""), "", "S1->>S2: DIFF"},
		{"a vote", send("S1", "S2", "NOTIFICATION", "1/3", "vote for S1 (zxid 1/3)"), "",
			"S1->>S2: vote for S1 (zxid 1/3)"},
		{"a request", send("A", "S1", "REQUEST", "", "create /x"), "", "A->>S1: create /x"},
		{"a reply", send("S1", "A", "REPLY", "1/3", "success"), "", "S1-->>A: success"},
		{"an event", send("S1", "A", "EVENT", "", "notification: /x gone"), "",
			"S1-->>A: notification: /x gone"},
		{"a ping", send("S1", "S2", "PING", "1/3", ""), "", ""},
		{"a leader", led, "Note over ZK: elects S2 as leader of epoch 2",
			"Note over S2: S2 becomes leader of epoch 2"},
		{"an expiry", trace.Event{N: "S1", K: "session.expire", Drawn: "A's session expires"},
			"Note over ZK: A's session expires", "Note over S1: A's session expires"},
		{"an expiry on another server", trace.Event{N: "S2", K: "session.expire",
			Say: "on S2 the session of A is over"}, "", ""},
		{"a crash", trace.Event{N: "S1", K: "crash", Drawn: "crash S1"}, "Note over ZK: crash S1",
			"Note over S1: crashes"},
		{"a client's crash", trace.Event{N: "A", K: "crash", Drawn: "crash A"},
			"Note over A: crashes", "Note over A: crashes"},
		{"a loss of power", trace.Event{N: "A", K: "crash", Drawn: "power A"},
			"Note over A: loses power", "Note over A: loses power"},
		{"a pause", trace.Event{N: "A", K: "pause", Drawn: "pause A 3s"}, "Note over A: pauses 3s",
			"Note over A: pauses 3s"},
		{"a restart", trace.Event{N: "S1", K: "restart", Drawn: "restart S1"},
			"Note over ZK: restart S1", "Note over S1: restarts"},
		{"a cut", trace.Event{N: "net", K: "cut", Drawn: "cut S2 > S1"},
			"Note over ZK: cut S2 #gt; S1", "Note over S2,S1: cut S2 #gt; S1"},
		{"a delay", trace.Event{N: "net", K: "delay", Drawn: "delay A S1 40ms"},
			"Note over A,ZK: delay A S1 40ms", "Note over A,S1: delay A S1 40ms"},
		{"a split", trace.Event{N: "net", K: "split", Drawn: "split S1 A | S2 B"},
			"Note over ZK: split S1 A | S2 B", "Note over S1,S2: split S1 A | S2 B"},
		{"a disk", trace.Event{N: "S1", K: "disk", Drawn: "fsync S1 80ms"},
			"Note over ZK: fsync S1 80ms", "Note over S1: fsync S1 80ms"},
		{"an end of its own", trace.Event{N: "S1", K: "crash",
			Drawn: "S1 ends itself: a write failed"},
			"Note over ZK: S1 ends itself: a write failed",
			"Note over S1: S1 ends itself: a write failed"},
		{"a violation", trace.Event{N: "net", K: "violation", Drawn: "safety: Integrity broken"},
			"Note over ZK: safety: Integrity broken", "Note over S1,S2: safety: Integrity broken"},
		{"a timer", trace.Event{N: "S1", K: "timer.fire", Say: "a timer of S1 runs out"}, "", ""},
		{"a kind that nobody knows", trace.Event{N: "S1", K: "new.kind", Say: "x", Key: "k"}, "",
			""},
	} {
		for _, depth := range []drawing.Depth{drawing.DepthClient, drawing.DepthServer} {
			d := drawing.New(staged(), depth)
			if c.e.Patch.Epoch != nil { // the server has its role before the event
				d.Pass(&c.e)
			}
			d.Add(&c.e)
			want := c.client
			if depth == drawing.DepthServer {
				want = c.server
			}
			if got := strings.Join(lines(t, d.Print("")), "\n"); got != want {
				t.Errorf("%s at depth %s: %q, want %q", c.name, depth, got, want)
			}
		}
	}
}

// drawnOf draws events at one depth. It numbers their steps, and takes their times in ms.
func drawnOf(t *testing.T, depth drawing.Depth, events ...trace.Event) []string {
	t.Helper()
	d := drawing.New(staged(), depth)
	for i := range events {
		events[i].I = int64(i)
		events[i].T *= 1000
		d.Add(&events[i])
	}
	return lines(t, d.Print(""))
}

func message(n uint64, at int64, e trace.Event) trace.Event {
	e.M, e.T = n, at
	return e
}

func end(n uint64, at int64, kind, who string) trace.Event {
	return trace.Event{N: who, K: kind, M: n, T: at}
}

// TestDrawingOrder: an arrow is drawn where its message arrives, if possible. A lost message ends
// in a cross, and a message that is delayed for long is drawn where it is sent.
func TestDrawingOrder(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []trace.Event
		want   []string
	}{
		{"an acknowledgement that comes too late to count", []trace.Event{
			message(1, 1, send("S1", "S2", "ACK", "1/1", "")),
			message(2, 1, send("A", "S2", "CONNECT", "", "connect")),
			end(2, 2, "recv", "S2"),
			message(3, 2, send("S2", "B", "EVENT", "", "notification: /x gone")),
			end(1, 3, "recv", "S2"), end(3, 4, "recv", "B"),
		}, []string{"A->>S2: connect", "S2-->>B: notification: /x gone", "S1->>S2: ACK 1/1"}},
		{"two that cross", []trace.Event{
			message(1, 1, send("S1", "S2", "ACK", "1/1", "")),
			message(2, 1, send("S2", "S1", "COMMIT", "1/1", "")),
			{N: "B", K: "crash", Drawn: "crash B", T: 2},
			end(2, 2, "recv", "S1"), end(1, 3, "recv", "S2"),
		}, []string{"S1->>S2: ACK 1/1", "S2->>S1: COMMIT 1/1", "Note over B: crashes"}},
		{"one that nobody gets", []trace.Event{
			message(1, 1, send("S1", "S2", "ACK", "1/1", "")),
			{N: "S2", K: "crash", Drawn: "crash S2", T: 2}, end(1, 3, "drop", "S2"),
		}, []string{"S1-xS2: ACK 1/1", "Note over S2: crashes"}},
		{"one that a pause keeps back", []trace.Event{
			message(1, 1, send("S1", "S2", "ACK", "1/1", "")),
			{N: "S2", K: "pause", Drawn: "pause S2 500ms", T: 2},
			message(2, 3, send("S1", "B", "EVENT", "", "notification: /x gone")),
			end(2, 4, "recv", "B"), end(1, 502, "recv", "S2"),
		}, []string{"S1->>S2: ACK 1/1", "Note over S2: pauses 500ms",
			"S1-->>B: notification: /x gone"}},
	} {
		if d := cmp.Diff(c.want, drawnOf(t, drawing.DepthServer, c.events...)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// TestDrawingTime: calls of the same moment are in a par block, and a note says how long nothing
// happens.
func TestDrawingTime(t *testing.T) {
	call := func(who, words string, at int64) trace.Event {
		return trace.Event{N: who, K: "op.call", Drawn: words, T: at}
	}
	want := []string{
		"par", "A->>ZK: get /x", "and", "B->>ZK: get /x", "end",
		"A->>ZK: get /y", "Note over A,ZK: 1.50s go by", "B->>ZK: get /y", "A->>ZK: get /z",
	}
	got := drawnOf(t, drawing.DepthClient, call("A", "get /x", 1), call("B", "get /x", 1),
		call("A", "get /y", 1), call("B", "get /y", 1501), call("A", "get /z", 2500))
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestDrawingPart: the drawing of a part begins with a note that says which part it shows and who
// leads. It has only the participants that occur.
func TestDrawingPart(t *testing.T) {
	three := uint32(3)
	d := drawing.New(staged(), drawing.DepthServer)
	for _, e := range []trace.Event{
		{N: "S1", Patch: trace.Patch{Role: "leading", Epoch: &three}, Drawn: "not drawn"},
		{N: "A", K: "crash", Patch: trace.Patch{Role: "down"}},
	} {
		d.Pass(&e)
	}
	d.Add(&trace.Event{N: "B", K: "crash", Drawn: "crash B", Patch: trace.Patch{Role: "down"}})
	d.Tell(&trace.Event{N: "S1", K: "note", Say: "S1: it says so"})
	text := d.Print("a part")
	want := []string{
		"Note over B,S1: a part<br/>with S1 as leader of epoch 3, while A is down",
		"Note over B: crashes", "Note over S1: it says so",
	}
	if d := cmp.Diff(want, lines(t, text)); d != "" {
		t.Error(d)
	}
	if strings.Contains(text, "participant A") || strings.Contains(text, "participant DB") ||
		d.Arrows() != 0 || d.Notes() != 2 {
		t.Errorf("%d arrows, %d notes in\n%s", d.Arrows(), d.Notes(), text)
	}
}
