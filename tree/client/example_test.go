package client_test

import (
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// A client is a state machine: it takes an event and returns the effects to carry out. Its program,
// in blocking style, is resumed within the step that brings what it waits for.
func Example() {
	program := func(p *client.Proc) {
		if !p.WaitConnected() {
			return
		}
		path, err := p.Create("/leader", []byte("A"), tree.Ephemeral)
		fmt.Println("  program: created", path, err)
	}
	c := client.New(client.Config{
		Name: "A", Servers: []sim.NodeID{1}, Programs: []func(*client.Proc){program},
	})
	defer c.Stop()

	var conn sim.ConnID
	step := func(what string, e sim.Event) {
		fmt.Println(what)
		e.Conn = conn
		for _, effect := range c.Step(0, e, nil) {
			switch effect.Kind {
			case sim.Dial:
				conn = effect.Conn
				fmt.Printf("  dial S%d\n", effect.To)
			case sim.Send:
				fmt.Println("  send", effect.Msg.Name())
			}
		}
	}
	step("the process starts", sim.Event{Kind: sim.Boot})
	step("the connection is up", sim.Event{Kind: sim.Connected})
	step("S1 opens a session", sim.Event{Kind: sim.Received, Msg: &tree.ConnectResponse{
		TimeoutMs: 4000, SessionID: 7, Passwd: make([]byte, 16),
	}})
	step("S1 answers", sim.Event{Kind: sim.Received, Msg: &tree.Reply{
		Xid: 1, Zxid: 1<<32 | 2, Result: tree.OpResult{Type: tree.OpCreate, Path: "/leader"},
	}})
	fmt.Println(c.State(), "session", c.Session(), "last zxid", tree.FormatZxid(c.LastZxid()))
	// Output:
	// the process starts
	//   dial S1
	// the connection is up
	//   send CONNECT
	// S1 opens a session
	//   send REQUEST
	// S1 answers
	//   program: created /leader <nil>
	// CONNECTED session 7 last zxid 1/2
}
