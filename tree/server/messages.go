package server

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// Request is the body of a REQUEST: a client's write, which a learner forwards to its leader. Cxid
// is the number that the client gave the request, or 0 for a createSession or closeSession that the
// server itself makes.
type Request struct {
	Session int64
	Cxid    int32 // the client's xid
	Op      *tree.Op
	Auth    []tree.Identity // the identities that the connection has proved
	Dropped bool            // a closeSession because the connection broke: only from the owner
}

// Size returns the body's size on the wire, in bytes.
func (r *Request) Size() int {
	n := 8 + (&tree.Request{Xid: r.Cxid, Op: *r.Op}).Size()
	for i := range r.Auth {
		n += 8 + len(r.Auth[i].Scheme) + len(r.Auth[i].ID)
	}
	return n
}

// Key returns a hash of the body.
func (r *Request) Key() uint64 {
	k := sim.Mix(uint64(r.Session)) ^ (&tree.Request{Xid: r.Cxid, Op: *r.Op}).Key()
	for i := range r.Auth {
		k = sim.Mix(k ^ sim.HashString(r.Auth[i].Scheme) ^ sim.HashString(r.Auth[i].ID)<<1)
	}
	if r.Dropped {
		k = ^k
	}
	return k
}

// Sync is the body of a SYNC, both of the SYNC that a server sends to the leader and of the SYNC
// with which the leader answers.
type Sync struct {
	Session int64
	Cxid    int32
	Path    string
}

// Size returns the body's size on the wire, in bytes.
func (s *Sync) Size() int { return 8 + 4 + 4 + 4 + len(s.Path) }

// Key returns a hash of the body.
func (s *Sync) Key() uint64 {
	return sim.Mix(uint64(s.Session)^uint64(uint32(s.Cxid))<<17) ^ sim.HashString(s.Path)
}

// Expire is a message from outside the ensemble (sim.Told) that makes a server end a session as if
// the session had expired. The fault "expire A" sends this message for the session of client A. A
// server that does not serve clients ignores the message.
type Expire struct{ Session int64 }

// Name returns "EXPIRE", the message's name in plans and traces.
func (e *Expire) Name() string { return "EXPIRE" }

// Size returns 0, because the message crosses no link.
func (e *Expire) Size() int { return 0 }

// Key returns a hash of the message.
func (e *Expire) Key() uint64 { return sim.Mix(uint64(e.Session) ^ 0xe7) }

var _ sim.Message = (*Expire)(nil)
