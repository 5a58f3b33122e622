package narration

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// drawn is a record's text in a diagram, in words that a document may use; empty if the record is
// not drawn.
func (t *narrator) drawn(r *sim.Record) string {
	switch b := r.Body.(type) {
	case OpCalled:
		return Asked(&b.What)
	case OpReturned:
		return told(t.run.Ops[b.Op])
	case WatchFired:
		if t.isClient(r.Node) {
			return notified(b.Event)
		}
	case Applied:
		t.closes(&b)
	case SessionClosed:
		return t.drawnEnd(&b)
	case sim.Fault:
		return b.Action()
	case nil:
		return t.drawnPlain(r)
	}
	return ""
}

// deletes is the text for the nodes that a session's end deletes: ", which deletes /x".
func deletes(paths []string) (text string) {
	for _, path := range paths {
		text += ", which deletes " + path
	}
	return text
}

// closes sets t.deleted for the SessionClosed record that follows: a server applies the transaction
// before it reports the session closed.
func (t *narrator) closes(b *Applied) {
	if _, ok := b.Txn.Body.(*tree.CloseSessionTxn); !ok {
		return
	}
	var paths []string
	for _, n := range b.Changes {
		if n.Deleted {
			paths = append(paths, n.Path)
		}
	}
	t.deleted = deletes(paths)
}

// drawnEnd is the text for the expiry of a session. It is empty for every server but the first that
// applies the end, and for a session that its client closed, whose call is drawn.
func (t *narrator) drawnEnd(b *SessionClosed) string {
	if !b.Expired || t.ended[b.Session] {
		return ""
	}
	if t.ended == nil {
		t.ended = make(map[int64]bool)
	}
	t.ended[b.Session] = true
	return t.clientName(b.Session) + "'s session expires" + t.deleted
}

// drawnPlain is the method drawn for records without a body, which package sim writes.
func (t *narrator) drawnPlain(r *sim.Record) string {
	switch r.Kind {
	case sim.KindSend:
		return t.drawnMessage(r.Message)
	case sim.KindRestart:
		return "restart " + t.name(r.Node)
	case sim.KindResume:
		return t.name(r.Node) + " goes on"
	case sim.KindCrash, sim.KindViolation:
		return r.Text
	case sim.KindNote:
		if _, ok := r.Message.(*client.Renew); ok {
			return trace.NewSession
		}
	}
	return ""
}

// drawnMessage returns a message's text in a diagram, or "" if its kind and zxid say everything.
func (t *narrator) drawnMessage(m sim.Message) string {
	switch m := m.(type) {
	case *zab.Notification:
		whom := "nobody" // the vote of a server that has lost its disk
		if m.Vote.Leader != 0 {
			whom = engine.ServerName(m.Vote.Leader)
		}
		return fmt.Sprintf("vote for %s (zxid %v, epoch %d, round %d)",
			whom, m.Vote.Zxid, m.Vote.Epoch, m.Round)
	case *zab.Request:
		if b, ok := m.Body.(*server.Request); ok {
			return m.Name() + " " + t.forwarded(b)
		}
	case *zab.Proposal:
		return t.drawnEntry(m.Name(), &m.Entry)
	case *zab.Inform:
		return t.drawnEntry(m.Name(), &m.Entry)
	case *tree.Request:
		switch m.Type {
		case tree.OpPing:
		case tree.OpSetWatches, tree.OpSetWatches2:
			return "connected: restore the watches"
		default:
			return Asked(&m.Op)
		}
	case *tree.Reply:
		switch m.Xid {
		case tree.XidPing:
		case tree.XidSetWatches:
			return "connected: the watches are restored"
		default:
			return answered(m)
		}
	case *tree.WatchNotification:
		return notified(m.WatchEvent)
	case *tree.ConnectRequest:
		return "connect"
	case *tree.ConnectResponse:
		if m.TimeoutMs == 0 {
			return "connected, but the session is over"
		}
		return "connected"
	}
	return ""
}

// forwarded is the text of a client's request that a server sends to the leader. It leaves out the
// data of nodes, because data such as 1/3 would look like a zxid.
func (t *narrator) forwarded(r *server.Request) string {
	switch r.Op.Type {
	case tree.OpCreateSession:
		return "open " + t.sessionName(r.Session)
	case tree.OpCloseSession:
		return "close " + t.sessionName(r.Session)
	}
	s := opWords(r.Op)
	if r.Op.Flags != tree.Persistent {
		s += " (" + r.Op.Flags.String() + ")"
	}
	return s
}

func (t *narrator) sessionName(session int64) string {
	if name := t.run.ClientOf(session); name != "" {
		return name + "'s session"
	}
	return "a session" // its client has no answer that names it
}

// drawnEntry is the text of a message with a transaction: "PROPOSAL 1/2 set /x".
func (t *narrator) drawnEntry(name string, e *zab.Entry) string {
	s := name + " " + e.Zxid.String()
	txn, err := tree.DecodeTxn(e.Data)
	if err != nil {
		return s
	}
	switch b := txn.Body.(type) {
	case *tree.CreateSessionTxn:
		return s + " open " + t.sessionName(txn.Session)
	case *tree.ErrorTxn:
		return s + " refused: " + b.Code.Error()
	case *tree.CloseSessionTxn:
		return s + " close " + t.sessionName(txn.Session)
	}
	return s + " " + documentVerbs.Replace(txnText(txn))
}

// documentVerbs replaces ZooKeeper's names of operations by those that documents use.
var documentVerbs = strings.NewReplacer("create2 ", "create ", "setData ", "set ")

// Asked returns a client's call as a document draws it, such as: set /x to "1".
func Asked(o *tree.Op) string {
	var s string
	switch o.Type {
	case tree.OpCreate, tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL:
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
			parts[i] = Asked(&o.Ops[i])
		}
		return "multi " + strings.Join(parts, ", ")
	default:
		return o.Type.String() + " " + o.Path
	}
	switch {
	case o.Watch:
		s += " (watch)"
	case o.Version == tree.AnyVersion:
	case o.Type == tree.OpSetData, o.Type == tree.OpDelete, o.Type == tree.OpCheck:
		s += fmt.Sprintf(" (version %d)", o.Version)
	}
	return s
}

// told is a client's answer as a document draws it, such as: failed: node exists.
func told(o *engine.Op) string {
	switch {
	case o.Outcome == client.OK && o.Op.Flags.IsSequential():
		return "success " + o.Result.Path
	case o.Outcome == client.OK:
		return succeeded(o.Op.Type, &o.Result)
	case o.Outcome == client.Unknown:
		return "connection lost"
	}
	return "failed: " + o.Code.Error()
}

func succeeded(op tree.OpCode, r *tree.OpResult) string {
	switch op {
	case tree.OpGetData:
		return `"` + string(r.Data) + `"`
	case tree.OpGetChildren, tree.OpGetChildren2:
		return "ok [" + strings.Join(r.Children, " ") + "]"
	}
	return "success"
}

// answered is a server's answer as a document draws it. It has the words of told, but no path of a
// sequential node.
func answered(r *tree.Reply) string {
	code := r.Code
	for i := range r.Result.Results {
		if code == tree.OK {
			code = r.Result.Results[i].Code // a failed multi is itself answered with OK
		}
	}
	if code != tree.OK {
		return "failed: " + code.Error()
	}
	return succeeded(r.Result.Type, &r.Result)
}

func notified(e tree.WatchEvent) string {
	words := map[tree.EventType]string{
		tree.NodeCreated: "created", tree.NodeDeleted: "gone", tree.NodeDataChanged: "changed",
		tree.NodeChildrenChanged: "children changed",
	}
	return "notification: " + e.Path + " " + words[e.Type]
}
