// Package hashicorp decodes the messages that servers of hashicorp/raft send to each other: it
// returns the name of each message of the library's NetworkTransport, and the facts in it that
// package trial checks, such as the term.
package hashicorp

import (
	"github.com/hashicorp/go-msgpack/v2/codec"
	"github.com/hashicorp/raft"
	"github.com/zablab/zablab/scenarios/raft/trial"
)

// Library is hashicorp/raft in the version that go.mod requires.
type Library struct{}

// Name returns the name of the library.
func (Library) Name() string { return "hashicorp/raft" }

// Package returns the path of the server's package.
func (Library) Package() string { return "github.com/zablab/zablab/scenarios/raft/server" }

// Tail returns 0, because the server appends nothing to the client's command in the data of a log
// entry.
func (Library) Tail() int { return 0 }

// Listen returns a reader for the messages of a run.
func (Library) Listen() trial.Ear { return &ear{conns: map[uint64]*conn{}} }

// These are the types of requests of raft's NetworkTransport.
const (
	appendEntries = iota
	requestVote
	installSnapshot
	timeoutNow
	requestPreVote
)

// ear hears the connections of a run.
type ear struct{ conns map[uint64]*conn }

// conn is what is under way on a connection: requests that wait for an answer, in order, and the
// bytes of a snapshot that follow its request.
type conn struct {
	asked []asked
	left  int64
}

// asked is a request, and what a good answer to it claims.
type asked struct {
	kind   string
	answer trial.Heard
}

var handle codec.MsgpackHandle

// Hear returns what a message says. A request comes from the side that has dialled.
func (e *ear) Hear(id uint64, dialled bool, from string, data []byte) (h trial.Heard) {
	c := e.conns[id]
	if c == nil {
		c = new(conn)
		e.conns[id] = c
	}
	if dialled {
		return c.request(from, data)
	}
	return c.reply(data)
}

func (c *conn) request(from string, data []byte) (h trial.Heard) {
	if c.left > 0 {
		c.left -= int64(len(data))
		h.Kind = "SNAPDATA"
		return h
	}
	if len(data) == 0 {
		return h
	}
	d := codec.NewDecoderBytes(data[1:], &handle)
	var a asked
	switch data[0] {
	case appendEntries:
		var q raft.AppendEntriesRequest
		if d.Decode(&q) != nil {
			break
		}
		h.Kind, h.Leads = "HEARTBEAT", q.Term
		if n := len(q.Entries); n > 0 {
			last := q.Entries[n-1]
			h.Kind, h.Index, h.Term = "APPEND", last.Index, last.Term
			a.answer.Holds, a.answer.Index, a.answer.Term = true, last.Index, last.Term
		} else if q.PrevLogEntry > 0 || q.LeaderCommitIndex > 0 {
			h.Kind = "COMMIT"
		}
	case requestVote:
		var q raft.RequestVoteRequest
		if d.Decode(&q) != nil {
			break
		}
		h.Kind, a.answer.Term, a.answer.Candidate = "VOTE", q.Term, from
	case installSnapshot:
		var q raft.InstallSnapshotRequest
		if d.Decode(&q) != nil {
			break
		}
		h.Kind, h.Leads, h.Index, h.Term = "INSTALL", q.Term, q.LastLogIndex, q.LastLogTerm
		c.left = q.Size
	case timeoutNow:
		h.Kind = "TIMEOUTNOW"
	case requestPreVote:
		h.Kind = "PREVOTE"
	}
	a.kind = h.Kind
	c.asked = append(c.asked, a)
	return h
}

func (c *conn) reply(data []byte) (h trial.Heard) {
	if len(c.asked) == 0 {
		return h
	}
	a := c.asked[0]
	c.asked = c.asked[1:]
	h.Kind = a.kind + "-REPLY"
	d := codec.NewDecoderBytes(data, &handle)
	var failed string
	if d.Decode(&failed) != nil || failed != "" {
		return h
	}
	switch {
	case a.answer.Holds:
		var r raft.AppendEntriesResponse
		if d.Decode(&r) == nil && r.Success {
			h.Holds, h.Index, h.Term = true, a.answer.Index, a.answer.Term
		}
	case a.answer.Candidate != "":
		var r raft.RequestVoteResponse
		if d.Decode(&r) == nil && r.Granted {
			h.Candidate, h.Term = a.answer.Candidate, a.answer.Term
		}
	}
	return h
}
