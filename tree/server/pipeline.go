package server

import (
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// How a server handles a request: queue, leader, commit, reply (in ZooKeeper
// FollowerRequestProcessor, CommitProcessor, FinalRequestProcessor). doc.go lists the steps.

var _ zab.App = (*Server)(nil)
var _ sim.Program = (*Server)(nil)

// onRequest answers a client's request at once, or queues it.
func (s *Server) onRequest(c *conn, m *tree.Request) {
	s.heardOf(c)
	switch {
	case m.Type == tree.OpAuth:
		s.addAuth(c, m)
	case m.Type == tree.OpSync:
		c.queue = append(c.queue, waiting{request: m})
		body := &zab.Sync{Body: &Sync{Session: c.session, Cxid: m.Xid, Path: m.Path}}
		if s.lead == nil {
			s.peer.Forward(body)
		} else if s.lead.owns(c.session, s.peer.ID()) {
			s.peer.LocalSync(body)
		} else {
			s.closeConn(c, "the session has moved to another server") // ZOOKEEPER-907
		}
	case m.Type == tree.OpCreateSession:
		s.closeConn(c, "the client sent createSession, but only CONNECT opens a session")
	case m.Type.Writes():
		c.queue = append(c.queue, waiting{request: m})
		s.submit(&Request{Session: c.session, Cxid: m.Xid, Op: &m.Op, Auth: c.auth})
	case len(c.queue) > 0:
		c.queue = append(c.queue, waiting{request: m, auth: c.auth, ready: true})
	default:
		s.answer(c, m, c.auth)
	}
}

// submit gives a write to the leader: to judge, if this server leads, or else in a REQUEST.
func (s *Server) submit(r *Request) {
	if s.lead != nil {
		s.judge(s.peer.ID(), r)
		return
	}
	s.peer.Forward(&zab.Request{Body: r})
}

// Forwarded handles what a learner has forwarded to this leader: a client's write, or the question
// whether a session is still alive.
func (s *Server) Forwarded(from zab.ID, m zab.Message) {
	if s.lead == nil {
		return
	}
	switch m := m.(type) {
	case *zab.Request:
		s.judge(from, m.Body.(*Request))
	case *zab.Revalidate:
		timeoutMs, valid := s.revalidate(m.Session, from)
		if !valid {
			timeoutMs = m.TimeoutMs
		}
		s.peer.Reply(from, &zab.Revalidate{Session: m.Session, TimeoutMs: timeoutMs, Valid: valid})
	}
}

// Deliver applies a transaction. Then it sends the watch events, the reply to the client that
// requested the write, and the replies that had to wait for that reply.
func (s *Server) Deliver(e zab.Entry, replayed bool) {
	if replayed {
		s.stopServing() // a replayed transaction may not be committed: no client may see it
	}
	txn, err := s.decoder.Decode(e.Data)
	if err != nil {
		s.fail("cannot decode the transaction at zxid %v: %v", e.Zxid, err)
	}
	if txn.Zxid != int64(e.Zxid) {
		s.fail("the log entry at zxid %v has a transaction with zxid %v", e.Zxid,
			zab.Zxid(txn.Zxid))
	}
	if s.config.Peer.Flaw != flaw.None || s.config.Peer.Places != nil {
		s.increment(txn)
		s.keepUnlisted(txn.Body)
	}
	s.result = s.tree.Apply(txn)
	result := &s.result // the probe must not keep it
	if s.lead != nil {
		s.lead.changes.applied(txn.Zxid)
		if txn.Type == tree.OpCloseSession {
			s.lead.forget(txn.Session)
		}
	}
	s.probe.Applied(e.Zxid, txn, result, replayed)
	if !replayed {
		switch b := txn.Body.(type) {
		case *tree.CreateSessionTxn:
			s.probe.SessionOpened(txn.Session, b.TimeoutMs)
		case *tree.CloseSessionTxn:
			s.probe.SessionClosed(txn.Session, txn.Cxid == 0)
		}
	}
	if s.serving {
		s.sendEvents()
		s.committed(txn, result)
	}
}

// sendEvents sends the watch events that have fired. A client that may not read the node gets none
// (ZOOKEEPER-4799).
func (s *Server) sendEvents() {
	s.fired = s.watches.Take(s.fired[:0])
	for i := range s.fired {
		f := &s.fired[i]
		c := s.byConn[sim.ConnID(f.Watcher)]
		if c == nil || !tree.CheckACL(f.ACL, tree.PermRead, c.auth) {
			continue
		}
		s.probe.WatchFired(c.session, f.WatchEvent)
		s.io.Send(c.id, &tree.WatchNotification{WatchEvent: f.WatchEvent})
	}
	clear(s.fired)
}

// committed answers the request from which a transaction was made, if this server received it. That
// is the first waiting write, if its xid is the transaction's cxid; otherwise the request came on
// another connection.
func (s *Server) committed(txn *tree.Txn, result *tree.Result) {
	c := s.bySession[txn.Session]
	if c == nil {
		return
	}
	if txn.Type == tree.OpCreateSession && c.phase == connCreating {
		s.open(c)
		return
	}
	if w := c.firstWrite(); w != nil && w.request.Xid == txn.Cxid {
		if result.Code == tree.SessionMoved {
			s.closeConn(c, "the session has moved to another server")
			return
		}
		w.ready = true
		w.code, w.result = answerOf(&w.request.Op, result)
		s.pump(c)
	}
	if txn.Type == tree.OpCloseSession {
		s.closeConn(c, "the session is over")
	}
}

// firstWrite returns the first write that waits for its commit.
func (c *conn) firstWrite() *waiting {
	for i := range c.queue {
		if w := &c.queue[i]; !w.ready && w.request.Type != tree.OpSync {
			return w
		}
	}
	return nil
}

// pump answers, in order, the requests that no longer wait.
func (s *Server) pump(c *conn) {
	for len(c.queue) > 0 && c.queue[0].ready {
		w := c.queue[0]
		c.queue = slices.Delete(c.queue, 0, 1) // short, and its memory is used again
		if w.request.Type.Writes() || w.request.Type == tree.OpSync {
			s.reply(c, w.request.Xid, w.code, w.result)
		} else {
			s.answer(c, w.request, w.auth)
		}
	}
}

// reply sends an answer with the zxid of the current state (ZOOKEEPER-1412).
func (s *Server) reply(c *conn, xid int32, code tree.Code, result tree.OpResult) {
	r := &tree.Reply{Xid: xid, Zxid: s.tree.LastProcessed(), Code: code}
	if code == tree.OK {
		r.Result = result
	}
	s.probe.Replied(c.session, r)
	s.io.Send(c.id, r)
}

// answerOf returns the code and the result for the reply to op, whose transaction had result r.
func answerOf(op *tree.Op, r *tree.Result) (tree.Code, tree.OpResult) {
	if op.Type != tree.OpMulti || r.Type != tree.OpMulti {
		result := partResult(op.Type, r)
		result.Code = tree.OK
		return r.Code, result
	}
	result := tree.OpResult{Type: tree.OpMulti, Results: make([]tree.OpResult, len(r.Multi))}
	for i := range r.Multi {
		part := &r.Multi[i]
		result.Results[i] = partResult(part.Type, part)
		switch part.Type {
		case tree.OpCreateContainer, tree.OpCreateTTL:
			result.Results[i].Type = tree.OpCreate2 // CreateResult with a stat
		}
	}
	return tree.OK, result
}

// partResult returns the part of a transaction's result that the reply to an operation carries.
func partResult(op tree.OpCode, r *tree.Result) tree.OpResult {
	result := tree.OpResult{Type: op, Code: r.Code}
	switch op {
	case tree.OpCreate:
		result.Path = r.Path
	case tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL:
		result.Path, result.Stat = r.Path, r.Stat
	case tree.OpSetData, tree.OpSetACL:
		result.Stat = r.Stat
	}
	return result
}

// owns reports whether server id owns a session: whether the session's client is connected there,
// as far as the leader knows.
func (l *leader) owns(session int64, id zab.ID) bool {
	t := l.session(session)
	return t == nil || t.owner == 0 || t.owner == id
}

// Answered handles the leader's answer to a REVALIDATE or a SYNC. The answer arrives after every
// COMMIT that the leader sent before it.
func (s *Server) Answered(m zab.Message) {
	switch m := m.(type) {
	case *zab.Revalidate:
		if c := s.bySession[m.Session]; c != nil && c.phase == connValidating {
			s.onValidated(c, m.TimeoutMs, m.Valid)
		}
	case *zab.Sync:
		body := m.Body.(*Sync)
		c := s.bySession[body.Session]
		if c == nil {
			return
		}
		for i := range c.queue {
			w := &c.queue[i]
			if !w.ready && w.request.Type == tree.OpSync && w.request.Xid == body.Cxid {
				w.ready = true
				w.result = tree.OpResult{Type: tree.OpSync, Path: body.Path}
				break
			}
		}
		s.pump(c)
	}
}
