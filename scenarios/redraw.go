package scenarios

import (
	"fmt"
	"io"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// Depth is how deep a run is drawn.
type Depth string

// The depths: the ensemble as one participant, or each server with what it says to the others.
const (
	DepthClient Depth = "client"
	DepthServer Depth = "server"
)

// WriteDiagram writes what happened as a Mermaid diagram, which can be played in its turn.
func (w *World) WriteDiagram(out io.Writer, depth Depth) error {
	d := &redrawing{w: w, e: w.Ensemble, depth: depth, b: diagram.NewDiagram(w.Title)}
	d.stage()
	for _, c := range d.e.Clients() {
		d.b.Participant(c.Name, "")
	}
	if depth == DepthServer {
		for _, m := range d.e.Servers() {
			d.b.Participant(m.Name, "")
		}
	} else {
		d.b.Participant("ZK", "ZooKeeper")
	}
	records := d.e.World.Records()
	for i := range records[:min(w.Records, len(records))] {
		d.record(&records[i])
	}
	_, err := io.WriteString(out, diagram.Print(d.b.Diagram()))
	return err
}

// redrawing turns records back into arrows.
type redrawing struct {
	w     *World
	e     *ensemble.Ensemble
	depth Depth
	b     *diagram.Builder
	ended map[int64]bool // sessions whose end is drawn
}

// stage says what the run was played on, where it is not the default.
func (d *redrawing) stage() {
	s, def := &d.w.Stage, DefaultStage()
	var words []diagram.Word
	add := func(differs bool, key string, value any) {
		if differs {
			words = append(words, diagram.Word{Key: key, Value: fmt.Sprint(value)})
		}
	}
	add(s.Servers != def.Servers, "servers", s.Servers)
	add(s.Observers != 0, "observers", s.Observers)
	add(s.Tick != def.Tick, "tick", s.Tick)
	add(s.SessionTimeout != def.SessionTimeout, "session-timeout", s.SessionTimeout)
	add(s.Expiry != def.Expiry, "expiry", s.Expiry)
	add(true, "seed", fmt.Sprintf("%#x", d.w.Seed))
	d.b.Directive(words...)
}

func (d *redrawing) record(r *sim.Record) {
	switch b := r.Body.(type) {
	case ensemble.OpCalled:
		if d.depth == DepthClient {
			d.b.Arrow(d.name(r.Node), "ZK", asked(&b.What))
		}
		return
	case ensemble.OpReturned:
		o := d.e.Ops()[b.Op]
		if d.depth == DepthClient {
			d.b.Reply("ZK", d.name(r.Node), told(o))
		}
		return
	case ensemble.WatchFired:
		if d.e.World.Machine(r.Node).Kind == "client" && d.depth == DepthClient {
			d.b.Reply("ZK", d.name(r.Node), notified(b.Event))
		}
		return
	case ensemble.SessionClosed:
		d.sessionEnds(r, &b)
		return
	case ensemble.Established:
		d.leads(r, &b)
		return
	case sim.Fault:
		d.fault(&b)
		return
	}
	if r.Kind == sim.KindSend && d.depth == DepthServer {
		d.message(r)
	}
}

func (d *redrawing) name(id sim.NodeID) string { return d.e.World.Machine(id).Name }

func (d *redrawing) leads(r *sim.Record, b *ensemble.Established) {
	if d.depth == DepthServer {
		d.b.Note(fmt.Sprintf("%s becomes leader of epoch %d", d.name(r.Node), b.Epoch), d.name(r.Node))
		return
	}
	if b.Epoch > 1 {
		d.b.Note(fmt.Sprintf("elects %s, the new leader, for epoch %d", d.name(r.Node), b.Epoch), "ZK")
	}
}

// sessionEnds draws the end of a session once, when the first server knows of it.
func (d *redrawing) sessionEnds(r *sim.Record, b *ensemble.SessionClosed) {
	if d.ended == nil {
		d.ended = make(map[int64]bool)
	}
	if d.ended[b.Session] || !b.Expired {
		return
	}
	d.ended[b.Session] = true
	text := d.e.ClientOf(b.Session) + "'s session expires"
	for _, c := range d.e.Changes() {
		if c.Index <= r.Index && c.Event == tree.NodeDeleted {
			for _, k := range d.e.Closings() {
				if k.Session == b.Session && k.Zxid == c.Zxid {
					text += ", which deletes " + c.Path
				}
			}
		}
	}
	over := "ZK"
	if d.depth == DepthServer {
		over = d.name(r.Node)
	}
	d.b.Note(text, over)
}

func (d *redrawing) fault(f *sim.Fault) {
	plain := *f
	plain.When = sim.When{}
	_, text, _ := strings.Cut(plain.String(), " ")
	over := f.Who
	if len(over) == 0 && d.depth == DepthServer {
		over = []string{"S1", d.name(sim.NodeID(len(d.e.Servers())))}
	}
	if d.depth == DepthClient {
		for i, n := range over {
			if isServer(n) {
				over = append([]string(nil), over...)
				over[i] = "ZK"
			}
		}
		if len(over) == 0 {
			over = []string{"ZK"}
		}
	}
	d.b.Note(text, over...)
}

// message draws what servers say to each other, and clients to servers; pings are left out.
func (d *redrawing) message(r *sim.Record) {
	name := r.Message.Name()
	if name == "PING" {
		return
	}
	from, to := d.name(r.Node), d.name(r.To)
	switch m := r.Message.(type) {
	case *zab.Notification:
		d.b.Arrow(from, to, fmt.Sprintf("vote for S%d (zxid %v, epoch %d, round %d)", m.Vote.Leader, m.Vote.Zxid, m.Vote.Epoch, m.Round))
	case *tree.Request:
		d.b.Arrow(from, to, asked(&m.Op))
	case *tree.Reply:
		d.b.Reply(from, to, "answer "+m.Code.Error())
	case *tree.WatchNotification:
		d.b.Reply(from, to, notified(m.WatchEvent))
	case *tree.ConnectRequest, *tree.ConnectResponse:
		d.b.Arrow(from, to, "connect")
	case zab.Message:
		text := name
		if z := m.At(); z != 0 {
			text += " " + z.String()
		}
		d.b.Arrow(from, to, text)
	}
}

// asked says what a client asks for, in the words of documents.
func asked(o *tree.Op) string {
	var s string
	switch o.Type {
	case tree.OpCreate, tree.OpCreate2:
		s = "create " + o.Path
		if len(o.Data) > 0 {
			s += ` = "` + string(o.Data) + `"`
		}
		if o.Flags != tree.Persistent {
			s += " (" + o.Flags.String() + ")"
		}
		return s
	case tree.OpSetData:
		s = "set " + o.Path + ` to "` + string(o.Data) + `"`
	case tree.OpDelete:
		s = "delete " + o.Path
	case tree.OpCheck:
		s = "check " + o.Path
	case tree.OpGetData:
		s = "get " + o.Path
	case tree.OpExists:
		if o.Watch {
			return "watch " + o.Path
		}
		s = "exists " + o.Path
	case tree.OpGetChildren, tree.OpGetChildren2:
		s = "children " + o.Path
	case tree.OpSync:
		return "sync " + o.Path
	case tree.OpCloseSession:
		return "close"
	case tree.OpMulti:
		parts := make([]string, len(o.Ops))
		for i := range o.Ops {
			parts[i] = asked(&o.Ops[i])
		}
		return "multi " + strings.Join(parts, ", ")
	default:
		return o.Type.String() + " " + o.Path
	}
	if o.Version != tree.AnyVersion && o.Type != tree.OpGetData && !o.Watch {
		switch o.Type {
		case tree.OpSetData, tree.OpDelete, tree.OpCheck:
			s += fmt.Sprintf(" (version %d)", o.Version)
		}
	}
	if o.Watch {
		s += " (watch)"
	}
	return s
}

// told says what a client was told, in the words of documents.
func told(o *ensemble.Op) string {
	switch {
	case o.Outcome == client.OK && o.Op.Type == tree.OpGetData:
		return `"` + string(o.Result.Data) + `"`
	case o.Outcome == client.OK && o.Op.Type == tree.OpGetChildren2:
		return "ok [" + strings.Join(o.Result.Children, " ") + "]"
	case o.Outcome == client.OK && o.Op.Flags.IsSequential():
		return "success " + o.Result.Path
	case o.Outcome == client.OK:
		return "success"
	case o.Outcome == client.Unknown:
		return "connection lost"
	}
	return "failed: " + o.Code.Error()
}

func notified(e tree.WatchEvent) string {
	words := map[tree.EventType]string{
		tree.NodeCreated: "created", tree.NodeDeleted: "gone", tree.NodeDataChanged: "changed",
		tree.NodeChildrenChanged: "children changed",
	}
	return "notification: " + e.Path + " " + words[e.Type]
}
