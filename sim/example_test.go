package sim_test

import (
	"fmt"

	"github.com/zablab/zablab/sim"
)

// text is a message.
type text string

func (t text) Name() string { return string(t) }
func (t text) Size() int    { return len(t) }
func (t text) Key() uint64  { return sim.HashString(string(t)) }

// caller says PING every second, and dials when it has no connection to say it on.
type caller struct {
	server sim.NodeID
	conn   sim.ConnID
	open   bool
	next   sim.Time // when it says or dials
}

func (c *caller) Deadline() sim.Time { return c.next }

func (c *caller) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	switch e.Kind {
	case sim.Boot:
		c.conn, c.next = e.Conn, now
	case sim.Connected:
		fmt.Println(now.Seconds(), "connected")
		c.open, c.next = true, now
	case sim.Closed, sim.Refused:
		fmt.Println(now.Seconds(), "no connection")
		c.open = false
	case sim.Received:
		fmt.Println(now.Seconds(), "gets", e.Msg.Name())
	case sim.Wake:
		c.next = now + sim.Second
		if c.open {
			return append(out, sim.Effect{Kind: sim.Send, Conn: c.conn, Msg: text("PING")})
		}
		c.conn++ // every dial has a number of its own
		return append(out,
			sim.Effect{Kind: sim.Dial, Conn: c.conn, To: c.server, Span: sim.Second})
	}
	return out
}

// counter answers each PING with the number of those that it has seen since it started.
type counter struct{ seen int }

func (c *counter) Deadline() sim.Time { return sim.Never }

func (c *counter) Step(_ sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	if e.Kind != sim.Received {
		return out
	}
	c.seen++
	answer := text(fmt.Sprintf("PONG %d", c.seen))
	return append(out, sim.Effect{Kind: sim.Send, Conn: e.Conn, Msg: answer})
}

// Two programs exchange messages. The server crashes and starts again, and has forgotten its count.
func Example() {
	w := sim.NewWorld(sim.Config{Seed: 1})
	server := w.Add("server", "server", func(*sim.Machine) sim.Program { return &counter{} })
	client := w.Add("client", "client", func(*sim.Machine) sim.Program {
		return &caller{server: server.ID}
	})
	w.Start(server)
	w.Start(client)
	err := w.Schedule(sim.Plan{
		sim.Crash("server").On(sim.Sends("server", "PONG 3", 1)),
		sim.Restart("server").At(4 * sim.Second),
	})
	if err != nil {
		fmt.Println(err)
	}
	w.OnFault = func(f sim.Fault) { fmt.Println("fault:", f) }
	w.Run(5*sim.Second, nil)
	fmt.Printf("fingerprint %016x\n", w.Fingerprint())
	// Output:
	// 0.003980s connected
	// 0.009800s gets PONG 1
	// 1.011352s gets PONG 2
	// fault: at server sends PONG 3 crash server
	// 2.008296s gets PONG 3
	// 2.008699s no connection
	// 3.007984s no connection
	// fault: 4.000s restart server
	// 4.010514s connected
	// 4.016841s gets PONG 1
	// fingerprint aa90e41d7fdbf1d0
}
