package guest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/zablab/zablab/sim"
)

var counter = sync.OnceValues(func() (*Host, error) {
	return OpenPackage(context.Background(), "github.com/zablab/zablab/scenarios/guest/counter", nil)
})

// bench is a world with counters, and a client that asks them.
type bench struct {
	*sim.World
	t      *testing.T
	group  *Group
	client *client
}

func newBench(t *testing.T, seed uint64, servers int, c Config) *bench {
	t.Helper()
	h, err := counter()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, World: sim.NewWorld(sim.Config{Seed: seed, Lenient: true})}
	b.Keep()
	b.group = h.Join(b.World)
	t.Cleanup(b.group.Close)
	for i := range servers {
		b.Start(b.group.Add(fmt.Sprintf("S%d", i+1), c))
	}
	b.client = &client{conns: map[sim.NodeID]sim.ConnID{}}
	b.Start(b.World.Add("A", "client", func(*sim.Machine) sim.Program { return b.client }))
	b.run(100 * sim.Millisecond)
	return b
}

func (b *bench) run(span sim.Time) {
	b.t.Helper()
	if !b.Run(b.Now()+span, nil) {
		b.t.Fatal(b.Err())
	}
}

func (b *bench) plan(text string) {
	b.t.Helper()
	plan, err := sim.ParsePlan("plan", text)
	if err == nil {
		err = b.Schedule(plan)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// ask sends a line to a server, and returns the answer; "" if there is none within a second.
func (b *bench) ask(server, line string) string {
	b.t.Helper()
	b.client.answer = ""
	b.Tell(b.Find("A"), &request{b.Find(server).ID, line})
	b.Run(b.Now()+sim.Second, func() bool { return b.client.answer != "" })
	if b.Err() != nil {
		b.t.Fatal(b.Err())
	}
	return b.client.answer
}

// client sends the lines that it is told to send.
type client struct {
	base   sim.ConnID
	conns  map[sim.NodeID]sim.ConnID
	unsent map[sim.ConnID]string // until the connection is up
	answer string
}

type request struct {
	to   sim.NodeID
	line string
}

func (r *request) Name() string { return "REQUEST" }
func (r *request) Size() int    { return len(r.line) }
func (r *request) Key() uint64  { return sim.HashString(r.line) }

func (c *client) Deadline() sim.Time { return sim.Never }

func (c *client) Step(_ sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	send := func(conn sim.ConnID, line string) {
		s := &Segment{Kind: "REQUEST", Data: []byte(line + "\n")}
		out = append(out, sim.Effect{Kind: sim.Send, Conn: conn, Msg: s})
	}
	switch e.Kind {
	case sim.Boot:
		c.base, c.unsent = e.Conn, map[sim.ConnID]string{}
	case sim.Told:
		r := e.Msg.(*request)
		if conn, ok := c.conns[r.to]; ok {
			send(conn, r.line)
			break
		}
		c.base++
		c.conns[r.to], c.unsent[c.base] = c.base, r.line
		out = append(out, sim.Effect{
			Kind: sim.Dial, Conn: c.base, To: r.to, Port: 1, Span: sim.Second,
		})
	case sim.Connected:
		send(e.Conn, c.unsent[e.Conn])
	case sim.Refused, sim.Closed:
		delete(c.conns, e.From)
	case sim.Received:
		c.answer = strings.TrimSpace(string(e.Msg.(*Segment).Data))
	}
	return out
}

func (b *bench) want(server, line, answer string) {
	b.t.Helper()
	if got := b.ask(server, line); got != answer {
		b.t.Errorf("t=%s %s: %q answers %q, want %q", b.Now().Seconds(), server, line, got, answer)
	}
}

// A crashed guest finds on its disk what it wrote; after a loss of power, what it synced; after the
// loss of its disk, nothing.
func TestDisk(t *testing.T) {
	b := newBench(t, 1, 2, Config{})
	b.want("S1", "add 3", "3")
	b.want("S1", "add 4", "7")
	for i, fault := range []sim.Fault{sim.Crash("S1"), sim.PowerLoss("S1"), sim.Wipe("S1")} {
		if err := b.Inject(fault); err != nil {
			t.Fatal(err)
		}
		b.want("S1", "add 0", "")
		b.want("S2", "ask S1", map[bool]string{
			true: "error: machine: connection refused", false: "",
		}[i == 0]) // a machine without power does not even refuse
		if err := b.Inject(sim.Restart("S1")); err != nil {
			t.Fatal(err)
		}
		b.run(sim.Second)
		b.ask("S1", "add 0") // the client's connection may have broken in silence
		b.want("S1", "add 0", []string{"7", "7", "0"}[i])
	}
	b.want("S2", "ask S1", "0")
}

// A disk that fails ends the guest, as its program panics; a restart mends it.
func TestDiskFails(t *testing.T) {
	var code uint32
	var text string
	b := newBench(t, 1, 1, Config{Ended: func(_ *sim.Machine, c uint32, s string) { code, text = c, s }})
	b.want("S1", "add 3", "3")
	b.plan("0s fail-fsync S1\n")
	b.want("S1", "add 4", "")
	if b.Find("S1").Up() || code != 2 || !strings.Contains(text, "machine: disk: a write failed") {
		t.Errorf("up %t, exit status %d, %s: want a panic", b.Find("S1").Up(), code, text)
	}
	b.plan("0s restart S1\n")
	b.run(sim.Second)
	if got := b.ask("S1", "add 0"); got != "7" && got != "3" { // the page cache may have had it
		t.Errorf("after the restart the sum is %s", got)
	}
}

// A paused guest answers when the pause ends. Its clock goes on meanwhile.
func TestPause(t *testing.T) {
	b := newBench(t, 1, 1, Config{})
	b.want("S1", "add 1", "1")
	b.plan("0s pause S1 10s\n")
	b.want("S1", "add 1", "")
	b.run(8 * sim.Second)
	if b.client.answer != "" {
		t.Errorf("a paused guest answers %s", b.client.answer)
	}
	if b.run(2 * sim.Second); b.client.answer != "2" {
		t.Errorf("after the pause it answers %q, want 2", b.client.answer)
	}
	var ms int
	if _, err := fmt.Sscan(b.ask("S1", "uptime"), &ms); err != nil || ms < 11_000 || ms > 11_300 {
		t.Errorf("uptime %d ms, want 11 s: %v", ms, err)
	}
}

// A guest stands still at any look at its clock, in the middle of its code, and goes on from there.
func TestMidway(t *testing.T) {
	for k := 1; k <= 6; k++ {
		b := newBench(t, 1, 1, Config{})
		b.want("S1", "add 1", "1")
		b.plan(fmt.Sprintf("at S1 looks %d after %s pause S1 3s\n", k, b.Now().Seconds()))
		for range 3 {
			b.ask("S1", "uptime")
		}
		if !b.Find("S1").Paused() {
			t.Fatalf("look %d: not paused", k)
		}
		b.run(3 * sim.Second)
		b.want("S1", "add 1", "2")
		// and dies there
		b.plan(fmt.Sprintf("at S1 looks %d after %s crash S1\n", k, b.Now().Seconds()))
		for range 6 {
			b.ask("S1", "uptime")
		}
		if b.Find("S1").Up() {
			t.Fatalf("look %d: not crashed", k)
		}
		b.plan("0s restart S1\n")
		b.run(sim.Second)
		b.want("S1", "add 0", "2")
	}
}

// A guest's time runs as fast as its machine's clock.
func TestClock(t *testing.T) {
	b := newBench(t, 1, 1, Config{})
	b.plan("0s clock S1 x2\n")
	b.run(10 * sim.Second)
	var ms int
	if _, err := fmt.Sscan(b.ask("S1", "uptime"), &ms); err != nil || ms < 20_000 || ms > 20_300 {
		t.Errorf("uptime %d ms, want 20 s: %v", ms, err)
	}
}

// storm has every kind of fault of a guest.
const storm = `at S1 looks 40 pause S1 2s
1s crash S2
1.500s restart S2
2s clock S3 x1.5
2.200s cut S1 > S3
3s pause S3 700ms
3.500s heal
3.600s power S1
4s restart S1
at S2 looks 300 crash S2
5s restart S2
5.500s delay S1 S2 40ms
5.600s fsync S1 30ms
6s wall S3 +1h
6.100s fail-fsync S3
7s restart S3
`

func stormy(t *testing.T, seed uint64) (print uint64, text string) {
	b := newBench(t, seed, 3, Config{Yield: 20, Nap: 5})
	b.plan(storm)
	for i := range 60 {
		s := fmt.Sprintf("S%d", i%3+1)
		text += b.ask(s, "add 1") + " " + b.ask(s, fmt.Sprintf("ask S%d", (i+1)%3+1)) + "\n"
	}
	for _, m := range b.Machines() {
		for _, name := range m.Disk().Names() {
			text += string(m.Disk().Read(name))
		}
	}
	return b.Fingerprint(), text
}

// The same seed gives the same run, with one processor and with two.
func TestSame(t *testing.T) {
	runs := 50
	if testing.Short() {
		runs = 10
	}
	first, text := stormy(t, 1)
	for i := range runs - 1 {
		before := runtime.GOMAXPROCS(1 + i%2)
		again, same := stormy(t, 1)
		runtime.GOMAXPROCS(before)
		if again != first || same != text {
			t.Fatalf("run %d: %016x, the first %016x\n%s\n%s", i+2, again, first, same, text)
		}
	}
	if other, _ := stormy(t, 2); other == first {
		t.Errorf("seeds 1 and 2 give the same run %016x", first)
	}
}

// TestBuiltOnce: the key of a built program does not depend on the folder of the go.mod and of the
// overlay that it is built with, but on what the overlay puts in.
func TestBuiltOnce(t *testing.T) {
	const pkg = "github.com/zablab/zablab/scenarios/guest/counter"
	ctx := context.Background()
	text, err := os.ReadFile("counter/main.go")
	if err != nil {
		t.Fatal(err)
	}
	own, err := filepath.Abs("counter/main.go")
	if err != nil {
		t.Fatal(err)
	}
	key := func(text []byte) string {
		dir := t.TempDir()
		flags, err := Source{Version: "v1.10.0"}.Modfile(ctx, dir, pkg, "github.com/spf13/cobra", "")
		changed := filepath.Join(dir, "main.go")
		if err == nil {
			err = os.WriteFile(changed, text, 0o644)
		}
		doc, _ := json.Marshal(map[string]any{"Replace": map[string]string{own: changed}})
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "overlay.json"), doc, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		_, hash, err := source(ctx, pkg, append(flags, "-overlay="+filepath.Join(dir, "overlay.json")))
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	first := key(text)
	if again := key(text); again != first {
		t.Errorf("the same program in another folder has the key %s, and %s before", again, first)
	}
	if other := key(append(text, "\nvar other int\n"...)); other == first {
		t.Errorf("another overlay has the same key %s", first)
	}
}
