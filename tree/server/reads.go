package server

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
)

// answer answers a request that needs no leader, from the local tree. who are the identities that
// the connection had when the request came: an addAuth overtakes a read that waits
// (ServerCnxn.getAuthInfo copies them). It sets the request's watch in the same step, so that no
// change comes between the read and the watch.
func (s *Server) answer(c *conn, m *tree.Request, who []tree.Identity) {
	switch m.Type {
	case tree.OpPing:
		s.answerPing(c)
		return
	case tree.OpSetWatches, tree.OpSetWatches2:
		s.setWatches(c, m)
		return
	}
	result, code, known := s.read(c, &m.Op, who)
	if !known {
		s.closeConn(c, "the client sent "+m.Type.String()+", which this server does not support")
		return
	}
	if code == tree.OK || code == tree.NoNode && m.Type == tree.OpExists {
		s.watch(c, &m.Op)
	}
	s.reply(c, m.Xid, code, result)
}

// answerPing answers a ping with the zxid of the tree. It allocates a message only when that zxid
// has changed.
func (s *Server) answerPing(c *conn) {
	if zxid := s.tree.LastProcessed(); s.pong == nil || s.pong.Zxid != zxid {
		s.pong = &tree.Reply{
			Xid: tree.XidPing, Zxid: zxid, Result: tree.OpResult{Type: tree.OpPing},
		}
	}
	s.io.Send(c.id, s.pong)
}

// read carries out a read, but does not set its watch. known is false if op is no read.
func (s *Server) read(c *conn, op *tree.Op, who []tree.Identity) (
	r tree.OpResult, code tree.Code, known bool,
) {
	r.Type = op.Type
	switch op.Type {
	case tree.OpExists, tree.OpGetData, tree.OpGetACL, tree.OpGetChildren, tree.OpGetChildren2,
		tree.OpGetAllChildrenNumber:
		n := s.tree.Node(op.Path)
		if n == nil {
			return r, tree.NoNode, true
		}
		return r, readNode(n, op, who, &r, s.tree), true
	case tree.OpGetEphemerals:
		for _, path := range s.tree.AppendEphemerals(nil, c.session) {
			if strings.HasPrefix(path, op.Path) {
				r.Children = append(r.Children, path)
			}
		}
	case tree.OpWhoAmI:
		for i := range who {
			r.Children = append(r.Children, who[i].Scheme+":"+userOf(&who[i]))
		}
	case tree.OpMultiRead:
		return s.multiRead(c, op, who)
	case tree.OpAddWatch:
		if op.WatchMode != tree.WatchPersistent && op.WatchMode != tree.WatchPersistentRecursive {
			code = tree.MarshallingError // AddWatchMode.fromFlag, while the request is read
		}
	case tree.OpCheckWatches:
		if !s.watches.Contains(watcherOf(c), op.Path, op.WatcherType) {
			code = tree.NoWatcher
		}
	case tree.OpRemoveWatches:
		if !s.watches.Remove(watcherOf(c), op.Path, op.WatcherType) {
			code = tree.NoWatcher
		}
	default:
		return r, tree.Unimplemented, false
	}
	return r, code, true
}

// userOf returns the name in an identity: of user:hash the user. An identity of another scheme than
// digest and ip has no name (AuthUtil.getUser).
func userOf(id *tree.Identity) string {
	switch id.Scheme {
	case "digest":
		user, _, _ := strings.Cut(id.ID, ":")
		return user
	case "ip":
		return id.ID
	}
	return ""
}

// readNode reads one node into r, if the connection has the permission.
func readNode(
	n *tree.Node, op *tree.Op, who []tree.Identity, r *tree.OpResult, t *tree.Tree,
) tree.Code {
	may := tree.PermRead
	switch op.Type {
	case tree.OpExists: // needs no permission
		r.Stat = n.Stat()
		return tree.OK
	case tree.OpGetACL:
		may |= tree.PermAdmin
	}
	if !tree.CheckACL(n.ACL(), may, who) {
		return tree.NoAuth
	}
	switch op.Type {
	case tree.OpGetData:
		r.Data, r.Stat = n.Data(), n.Stat()
	case tree.OpGetACL:
		r.ACL, r.Stat = n.ACL(), n.Stat()
		if !tree.CheckACL(n.ACL(), tree.PermAdmin, who) {
			r.ACL = tree.RedactACL(n.ACL())
		}
	case tree.OpGetChildren:
		r.Children = n.AppendChildren(nil)
	case tree.OpGetChildren2:
		r.Children, r.Stat = n.AppendChildren(nil), n.Stat()
	case tree.OpGetAllChildrenNumber:
		number, _ := t.NumDescendants(op.Path)
		r.Number = int32(number)
	}
	return tree.OK
}

// multiRead reads several nodes at one zxid. A part that fails does not fail the others.
func (s *Server) multiRead(c *conn, op *tree.Op, who []tree.Identity) (
	r tree.OpResult, code tree.Code, known bool,
) {
	r.Type = op.Type
	for i := range op.Ops {
		part := &op.Ops[i]
		if part.Type != tree.OpGetData && part.Type != tree.OpGetChildren {
			return r, tree.MarshallingError, true
		}
		result, code, _ := s.read(c, part, who)
		if code != tree.OK {
			result = tree.OpResult{Type: tree.OpError, Code: code}
		}
		r.Results = append(r.Results, result)
	}
	return r, tree.OK, true
}

// watch sets the watch that a read asked for.
func (s *Server) watch(c *conn, op *tree.Op) {
	id, path := watcherOf(c), normal(op.Path)
	if op.Type == tree.OpAddWatch {
		kind := WatchPersistent
		if op.WatchMode == tree.WatchPersistentRecursive {
			kind = WatchRecursive
		}
		s.watches.AddWatch(id, path, op.WatchMode)
		s.probe.WatchSet(c.session, path, kind)
		return
	}
	if !op.Watch {
		return
	}
	switch op.Type {
	case tree.OpGetData:
		s.watches.WatchData(id, path)
		s.probe.WatchSet(c.session, path, WatchData)
	case tree.OpExists:
		s.watches.WatchData(id, path)
		s.probe.WatchSet(c.session, path, WatchExists)
	case tree.OpGetChildren, tree.OpGetChildren2:
		s.watches.WatchChildren(id, path)
		s.probe.WatchSet(c.session, path, WatchChildren)
	}
}

// setWatches sets the watches of a client that comes from another server. It sends the events that
// have fired meanwhile before the answer.
func (s *Server) setWatches(c *conn, m *tree.Request) {
	if m.SetWatches != nil {
		s.watches.SetWatches(s.tree, watcherOf(c), s.seen(m.SetWatches))
		s.sayWatchesSet(c, m.SetWatches)
		s.sendEvents()
	}
	s.reply(c, m.Xid, tree.OK, tree.OpResult{Type: m.Type})
}

// sayWatchesSet reports to the probe the watches that setWatches has set, except those that fired
// at once.
func (s *Server) sayWatchesSet(c *conn, w *tree.SetWatches) {
	say := func(paths []string, kind WatchKind, as tree.WatcherType) {
		for _, path := range paths {
			if s.watches.Contains(watcherOf(c), path, as) {
				s.probe.WatchSet(c.session, path, kind)
			}
		}
	}
	say(w.Data, WatchData, tree.WatcherData)
	say(w.Exist, WatchExists, tree.WatcherData)
	say(w.Child, WatchChildren, tree.WatcherChildren)
	say(w.Persistent, WatchPersistent, tree.WatcherPersistent)
	say(w.Recursive, WatchRecursive, tree.WatcherPersistentRecursive)
}

// addAuth gives a connection one more identity. The digest scheme cannot fail: a wrong password
// means a different identity. The answer has no zxid.
func (s *Server) addAuth(c *conn, m *tree.Request) {
	r := &tree.Reply{Xid: m.Xid, Result: tree.OpResult{Type: tree.OpAuth}}
	if m.Scheme != "digest" {
		r.Code, r.Result = tree.AuthFailed, tree.OpResult{}
	}
	s.probe.Replied(c.session, r)
	s.io.Send(c.id, r)
	if r.Code != tree.OK {
		s.closeConn(c, "the client sent addAuth with the unknown scheme "+m.Scheme)
		return
	}
	id := tree.DigestID(string(m.Data))
	add := []tree.Identity{{Scheme: "digest", ID: id}}
	if s.config.SuperDigest != "" && id == s.config.SuperDigest {
		add = append(add, tree.Identity{Scheme: "super"})
	}
	for _, who := range add {
		if !slices.Contains(c.auth, who) {
			c.auth = append(slices.Clip(c.auth), who)
		}
	}
}
