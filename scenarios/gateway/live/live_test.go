package live_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/scenarios/gateway/live"
	"github.com/zablab/zablab/scenarios/zktest"
)

type quiet struct{}

func (quiet) Printf(string, ...any) {}

// connect joins a client and connects it with the library that Go programs use.
func connect(t *testing.T, h *live.Host, name string) (*zk.Conn, <-chan zk.Event) {
	t.Helper()
	if err := h.Join(name); err != nil {
		t.Fatal(err)
	}
	c, events, err := zk.Connect([]string{"S1", "S2", "S3"}, 4*time.Second,
		zk.WithHostProvider(zktest.InOrder()), zk.WithLogger(quiet{}),
		zk.WithDialer(func(_, address string, timeout time.Duration) (net.Conn, error) {
			server, _, _ := strings.Cut(address, ":")
			return h.Dial(name, server, timeout)
		}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, events
}

func start(t *testing.T, c live.Config, seed uint64, record io.Writer) *live.Host {
	t.Helper()
	config := ensemble.Config{}
	config.Seed = seed
	w, err := gateway.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if record != nil {
		writer, err := gateway.NewWriter(record, w.Ensemble.Config(), nil)
		if err != nil {
			t.Fatal(err)
		}
		w.In = writer.Write
	}
	if c.Log == nil {
		c.Log = func(line string) { t.Log(line) }
	}
	h := live.Start(w, c)
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := h.Ready(time.Minute); err != nil {
		t.Fatal(err)
	}
	return h
}

// leader is the ensemble's leader.
func leader(t *testing.T, h *live.Host) (name string) {
	t.Helper()
	if err := h.Do(func(w *gateway.World) { name = w.Ensemble.LeaderName() }); err != nil {
		t.Fatal(err)
	}
	return name
}

// story is the tutorial's, with the unmodified client: A leads, the ensemble's leader crashes, A's
// process stops to speak, its session expires, B is told and leads.
func story(t *testing.T, seed uint64, record io.Writer) (fingerprint uint64, virtual time.Duration) {
	h := start(t, live.Config{Bubble: true}, seed, record)
	began := time.Now()
	a, _ := connect(t, h, "A")
	b, _ := connect(t, h, "B")
	if _, err := a.Create("/leader", []byte("A"), zk.FlagEphemeral, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	_, err := b.Create("/leader", []byte("B"), zk.FlagEphemeral, zk.WorldACL(zk.PermAll))
	if !errors.Is(err, zk.ErrNodeExists) {
		t.Fatalf("B creates /leader: %v", err)
	}
	exists, _, gone, err := b.ExistsW("/leader")
	if err != nil || !exists {
		t.Fatalf("B watches /leader: %v, %v", exists, err)
	}
	if err := h.Inject("crash " + leader(t, h)); err != nil {
		t.Fatal(err)
	}
	if err := h.Inject("pause A 10s"); err != nil {
		t.Fatal(err)
	}
	if e := <-gone; e.Type != zk.EventNodeDeleted || e.Path != "/leader" {
		t.Fatalf("B is told %+v", e)
	}
	for { // a connection that is lost at this moment is no answer
		_, err := b.Create("/leader", []byte("B"), zk.FlagEphemeral, zk.WorldACL(zk.PermAll))
		if err == nil {
			break
		} else if !errors.Is(err, zk.ErrConnectionClosed) && !errors.Is(err, zk.ErrNoServer) {
			t.Fatalf("B creates /leader: %v", err)
		}
	}
	virtual = time.Since(began)
	if err := h.Do(func(w *gateway.World) { fingerprint = w.Ensemble.World.Fingerprint() }); err != nil {
		t.Fatal(err)
	}
	return fingerprint, virtual
}

// One seed, one fingerprint, with a client library that knows nothing of the lab.
func TestBubble(t *testing.T) {
	for seed := uint64(1); seed <= 5; seed++ {
		var first uint64
		for n := range 4 {
			synctest.Test(t, func(t *testing.T) {
				got, virtual := story(t, seed, nil)
				if virtual < 3*time.Second || virtual > time.Minute {
					t.Errorf("seed %d: the story takes %v", seed, virtual)
				}
				if n == 0 {
					first = got
				} else if got != first {
					t.Errorf("seed %d: fingerprint %016x, then %016x", seed, first, got)
				}
			})
		}
	}
}

// A recorded run is played again without its clients.
func TestRecordedStory(t *testing.T) {
	var file bytes.Buffer
	var want uint64
	synctest.Test(t, func(t *testing.T) { want, _ = story(t, 7, &file) })
	r, err := gateway.Replay(&file, false)
	if err != nil || r.Inputs < 10 {
		t.Fatalf("replayed %d inputs: %v", r.Inputs, err)
	}
	if got := r.World.Ensemble.World.Fingerprint(); got == 0 || want == 0 {
		t.Errorf("fingerprints %x, %x", got, want)
	}
}

// The same client over TCP, in real time.
func TestTCP(t *testing.T) {
	h := start(t, live.Config{Speed: 20}, 1, nil)
	var servers []string
	for _, name := range []string{"S1", "S2", "S3"} {
		addr, err := h.Listen(name, "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		servers = append(servers, addr.String())
	}
	c, _, err := zk.Connect(servers, 40*time.Second, zk.WithLogger(quiet{}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for n := range 100 {
		path := fmt.Sprintf("/n%d", n)
		if _, err := c.Create(path, []byte{byte(n)}, 0, zk.WorldACL(zk.PermAll)); err != nil {
			t.Fatal(err)
		}
		if data, _, err := c.Get(path); err != nil || !bytes.Equal(data, []byte{byte(n)}) {
			t.Fatalf("get %s: %q, %v", path, data, err)
		}
	}
	children, _, err := c.Children("/")
	if err != nil || len(children) != 101 { // and /zookeeper
		t.Errorf("%d children, error %v", len(children), err)
	}
}

// Hostile packets close their connection, and the others are served.
func TestHostile(t *testing.T) {
	h := start(t, live.Config{}, 1, nil)
	addr, err := h.Listen("S1", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	for _, packet := range []string{
		"\xff\xff\xff\xff", "\x7f\xff\xff\xff", "\x00\x00\x00\x00", "\x00\x00\x00\x03abc",
		"GET / HTTP/1.1\r\n\r\n",
	} {
		conn, err := net.Dial("tcp", addr.String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, packet); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(conn); len(got) > 0 {
			t.Errorf("%q: answered %q, error %v", packet, got, err)
		}
		_ = conn.Close()
	}
}
