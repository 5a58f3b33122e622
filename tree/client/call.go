package client

import (
	"errors"
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// Outcome is what a client knows about the effect of its operation.
type Outcome uint8

// The outcomes.
const (
	Pending Outcome = iota // not answered yet
	OK                     // done
	Failed                 // certainly not done: a server said so, or the operation was a read
	NotSent                // certainly not done: never sent
	Unknown                // sent and not answered: done once, or never
)

var outcomeNames = [...]string{"pending", "ok", "failed", "not sent", "unknown"}

// String returns the outcome in words.
func (o Outcome) String() string { return outcomeNames[o] }

// Definite reports whether the client knows whether its operation happened.
func (o Outcome) Definite() bool { return o == OK || o == Failed || o == NotSent }

// OutcomeOf returns the outcome and the error code of the operation that the reply m answers. For a
// failed multi, the code is the error code of the part that failed first.
func OutcomeOf(m *tree.Reply) (Outcome, tree.Code) {
	code := m.Code
	if code == tree.OK {
		code = m.Result.Failure()
	}
	if code != tree.OK {
		return Failed, code
	}
	return OK, code
}

// LostOutcome returns the outcome of an operation whose connection was lost after the operation had
// been sent, and before its answer came.
func LostOutcome(op *tree.Op) Outcome {
	if op.Type.Writes() {
		return Unknown
	}
	return Failed
}

// Call is one operation of a client, from its start to its end.
type Call struct {
	tree.Request // as it is sent, and with Xid 0 until then

	Tag     int64 // of the command that started it
	Session int64 // in which it was sent
	Outcome Outcome
	Code    tree.Code
	Result  tree.OpResult
	Zxid    int64 // of the reply

	CalledAt, SentAt, ReturnedAt sim.Time // local time; SentAt is -1 if the request was not sent

	watch *Watch // to register when the reply comes
}

// Err returns nil for OK, and otherwise an [*OpError].
func (c *Call) Err() error {
	if c.Outcome == OK {
		return nil
	}
	return &OpError{Op: c.Op.Type, Path: c.Op.Path, Code: c.Code, Outcome: c.Outcome}
}

// OpError says why an operation was not done, or why its effect is unknown. It wraps its Code, so
// that errors.Is(err, tree.NodeExists) works.
type OpError struct {
	Op      tree.OpCode
	Path    string
	Code    tree.Code
	Outcome Outcome
}

func (e *OpError) Error() string {
	s := e.Op.String()
	if e.Path != "" {
		s += " " + e.Path
	}
	s += ": " + e.Code.Error()
	switch e.Outcome {
	case Unknown:
		return s + ": no answer came, so the operation may have happened or may still happen: " +
			"repeat it only if doing it twice is harmless"
	case NotSent:
		return s + ": the operation was not sent, and so had no effect"
	}
	return s
}

// Unwrap returns the code.
func (e *OpError) Unwrap() error { return e.Code }

// Maybe reports whether an operation that returned err may have happened.
func Maybe(err error) bool {
	var op *OpError
	return errors.As(err, &op) && op.Outcome == Unknown
}

// Command is a message from outside the ensemble (sim.Told) that makes a client start an operation.
// The operation OpCloseSession closes the client's session.
type Command struct {
	Op  tree.Op
	Tag int64 // comes back in the Call
}

// Name returns "COMMAND", the message's name in plans and traces.
func (c *Command) Name() string { return "COMMAND" }

// Size returns 0, because the message crosses no link.
func (c *Command) Size() int { return 0 }

// Key returns a hash of the message.
func (c *Command) Key() uint64 {
	return sim.Mix(uint64(c.Tag)) ^ (&tree.Request{Op: c.Op}).Key()
}

// start queues an operation. If the client is connected, it sends the operation.
func (c *Client) start(call *Call) {
	call.CalledAt, call.SentAt = c.now, -1
	c.hooks.Called(c, call)
	if c.state.Final() {
		c.finish(call, NotSent, c.finalCode())
		return
	}
	c.queue = append(c.queue, call)
	c.flush()
}

// flush sends the queued operations, if the client is connected. It sends nothing after a
// closeSession.
func (c *Client) flush() {
	for c.link == linkUp && len(c.queue) > 0 {
		if n := len(c.pending); n > 0 && c.pending[n-1].Op.Type == tree.OpCloseSession {
			return
		}
		call := c.queue[0]
		c.queue = slices.Delete(c.queue, 0, 1)
		if call.Op.Type == tree.OpAuth {
			call.Xid = tree.XidAuth
			c.auth = append(c.auth, call.Op)
		} else {
			c.xid++
			call.Xid = c.xid
		}
		call.Session, call.SentAt = c.session, c.now
		c.pending = append(c.pending, call)
		c.send(&call.Request)
	}
}

// onReply ends the oldest pending operation. Replies come in the order of the requests, but that to
// an addAuth may come earlier.
func (c *Client) onReply(m *tree.Reply) {
	c.assert(c.link == linkUp, "the server sent REPLY before CONNECTED")
	if m.Xid == tree.XidSetWatches {
		if c.setting--; c.setting > 0 {
			// The server has not compared the watches in the other requests yet. If the connection
			// breaks now, the next server must compare them with what we have seen before.
			return
		}
	}
	c.lastZxid = max(c.lastZxid, m.Zxid)
	switch m.Xid {
	case tree.XidPing, tree.XidSetWatches:
		return
	case tree.XidAuth:
		c.onAuthReply(m)
		return
	}
	i := 0
	for i < len(c.pending) && c.pending[i].Xid == tree.XidAuth {
		i++
	}
	if i == len(c.pending) {
		c.fail("REPLY to request %d, but no request is pending", m.Xid)
	}
	call := c.pending[i]
	if call.Xid != m.Xid {
		c.fail("REPLY to request %d, but the oldest pending request is %d", m.Xid, call.Xid)
	}
	c.pending = append(c.pending[:i], c.pending[i+1:]...)
	call.Zxid, call.Result = m.Zxid, m.Result
	c.answered(call, m)
}

// answered ends an operation whose reply has come.
func (c *Client) answered(call *Call, m *tree.Reply) {
	c.watches.onReply(call, m.Code)
	o, code := OutcomeOf(m)
	c.finish(call, o, code)
	if call.Op.Type == tree.OpCloseSession {
		c.end(Closed)
	}
}

// finish ends an operation with an outcome and a code.
func (c *Client) finish(call *Call, o Outcome, code tree.Code) {
	call.Outcome, call.Code, call.ReturnedAt = o, code, c.now
	if call.watch != nil && o != OK && !call.watch.set {
		call.watch.ended = true
	}
	c.hooks.Returned(c, call)
}

func (c *Client) finalCode() tree.Code {
	if c.state == AuthFailed {
		return tree.AuthFailed
	}
	return tree.SessionExpired
}

func (c *Client) onAuthReply(m *tree.Reply) {
	for i, call := range c.pending {
		if call.Xid == tree.XidAuth {
			c.pending = append(c.pending[:i], c.pending[i+1:]...)
			call.Zxid = m.Zxid
			o := OK
			if m.Code != tree.OK {
				o = Failed
			}
			c.finish(call, o, m.Code)
			break
		}
	}
	if m.Code != tree.OK {
		c.end(AuthFailed)
	}
}
