package client_test

import (
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// TestSetsWatchesInParts: a client whose watches need two setWatches has seen what their answers
// show only when both have come. If the connection breaks in between, the next server must compare
// the watches of the second one with what the client had seen before: otherwise an event is lost.
func TestSetsWatchesInParts(t *testing.T) {
	c := client.New(client.Config{Name: "A", Servers: []sim.NodeID{1, 2}, SetWatchesMax: 1,
		Programs: []func(*client.Proc){func(p *client.Proc) {
			p.WaitConnected()
			p.ExistsW("/a")
			p.ExistsW("/b")
			p.Sleep(sim.Hour)
		}}})
	defer c.Stop()
	now := sim.Time(0)
	var conn sim.ConnID
	var sent []sim.Message
	step := func(e sim.Event) {
		now += sim.Millisecond
		e.Conn = conn
		sent = sent[:0]
		for _, f := range c.Step(now, e, nil) {
			switch f.Kind {
			case sim.Dial:
				conn = f.Conn
			case sim.Send:
				sent = append(sent, f.Msg)
			}
		}
	}
	receives := func(m sim.Message) { step(sim.Event{Kind: sim.Received, Msg: m}) }
	connects := func() (seen int64) {
		step(sim.Event{Kind: sim.Connected})
		seen = sent[0].(*tree.ConnectRequest).LastZxidSeen
		receives(&tree.ConnectResponse{TimeoutMs: 4000, SessionID: 7, Passwd: make([]byte, 16)})
		return seen
	}
	breaks := func() {
		step(sim.Event{Kind: sim.Closed})
		now = max(now, c.Deadline())
		step(sim.Event{Kind: sim.Wake})
	}
	step(sim.Event{Kind: sim.Boot})
	connects()
	for xid := range int32(2) {
		receives(&tree.Reply{Xid: xid + 1, Zxid: 5, Code: tree.NoNode,
			Result: tree.OpResult{Type: tree.OpExists}})
	}
	breaks()
	for i, want := range []int64{5, 5, 9} {
		if seen := connects(); seen != want {
			t.Errorf("CONNECT says that the client has seen zxid %d, want %d", seen, want)
		}
		if len(sent) != 2 {
			t.Fatalf("the client sends %d requests, want two setWatches", len(sent))
		}
		receives(&tree.Reply{Xid: tree.XidSetWatches, Zxid: 9})
		if i > 0 { // the first time, the connection breaks before the second answer
			receives(&tree.Reply{Xid: tree.XidSetWatches, Zxid: 9})
		}
		breaks()
	}
}
