package client

import (
	"errors"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// State is where a client stands with its session.
type State uint8

// The states. From Expired, Closed and AuthFailed there is no way back, except by Config.Renew.
const (
	Connecting   State = iota // no session yet, or not again since the connection was lost
	Connected                 // a server has confirmed the session
	Disconnected              // the connection is lost, the session perhaps not (Curator: SUSPENDED)
	Expired                   // a server has said so (Curator: LOST)
	Closed                    // by the client
	AuthFailed                // an addAuth was refused
)

var stateNames = [...]string{
	"CONNECTING", "CONNECTED", "DISCONNECTED", "EXPIRED", "CLOSED", "AUTH_FAILED",
}

// String is ZooKeeper's word for the state.
func (s State) String() string { return stateNames[s] }

// Final is true if the session is over.
func (s State) Final() bool { return s >= Expired }

// Outcome says what is known of an operation.
type Outcome uint8

// The outcomes.
const (
	Pending Outcome = iota // not known yet
	OK                     // done
	Failed                 // certainly not done: a server said so, or it was a read
	NotSent                // certainly not done: it never left the client
	Unknown                // sent and not answered: done once, or never
)

var outcomeNames = [...]string{"pending", "ok", "failed", "not sent", "unknown"}

// String is the outcome in words.
func (o Outcome) String() string { return outcomeNames[o] }

// Definite is true if it is known whether the operation was done.
func (o Outcome) Definite() bool { return o == OK || o == Failed || o == NotSent }

// Call is one operation of a client, from its asking to its end.
type Call struct {
	Tag     int64 // the command's
	Xid     int32 // 0 until it is sent
	Session int64 // that it was sent in
	Op      tree.Op
	Outcome Outcome
	Code    tree.Code
	Result  tree.OpResult
	Zxid    int64 // of the reply

	CalledAt, SentAt, ReturnedAt sim.Time // local; SentAt is -1 if it was not sent

	watch *Watch // to be registered when the reply comes
}

// Err is nil for OK, and an [*OpError] otherwise.
func (c *Call) Err() error {
	if c.Outcome == OK {
		return nil
	}
	return &OpError{Op: c.Op.Type, Path: c.Op.Path, Code: c.Code, Outcome: c.Outcome}
}

// OpError is why an operation was not done, or is not known to be. It unwraps to its Code, so that
// errors.Is(err, tree.NodeExists) asks for a reason.
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
		return s + ": it may have happened, or may yet"
	case NotSent:
		return s + ": it was not sent"
	}
	return s
}

// Unwrap is the code.
func (e *OpError) Unwrap() error { return e.Code }

// Maybe is true if err leaves open whether the operation was done.
func Maybe(err error) bool {
	var op *OpError
	return errors.As(err, &op) && op.Outcome == Unknown
}

// Command tells a client from outside (sim.Told) to start an operation. Op.Type OpCloseSession
// closes the session.
type Command struct {
	Op  tree.Op
	Tag int64 // comes back in the Call
}

// Name is the message's word in plans and traces.
func (c *Command) Name() string { return "COMMAND" }

// Size is 0: it crosses no wire.
func (c *Command) Size() int { return 0 }

// Key is a hash of what the message says.
func (c *Command) Key() uint64 {
	return sim.Mix(uint64(c.Tag)) ^ (&tree.Request{Op: c.Op}).Key()
}

// Hooks is told what a client does, at the moment it does it. Embed [NopHooks] to be told only some
// of it. A Call is lent: read it, and copy what must be kept.
type Hooks interface {
	Called(c *Client, call *Call)
	Returned(c *Client, call *Call)
	// Notified: a watch event has come.
	Notified(c *Client, e tree.WatchEvent)
	Changed(c *Client, s State)
	// Believes: a program has come to think that it leads, or has ceased to.
	Believes(c *Client, leads bool)
	// Uses: a program writes to a resource outside, which may refuse the token.
	Uses(c *Client, resource string, token int64) (taken bool)
}

// NopHooks is Hooks that do nothing.
type NopHooks struct{}

func (NopHooks) Called(*Client, *Call)             {}
func (NopHooks) Returned(*Client, *Call)           {}
func (NopHooks) Notified(*Client, tree.WatchEvent) {}
func (NopHooks) Changed(*Client, State)            {}
func (NopHooks) Believes(*Client, bool)            {}

// Uses takes everything.
func (NopHooks) Uses(*Client, string, int64) bool { return true }
