package server

import (
	"bytes"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// What the leader does with a write (ZooKeeper's PrepRequestProcessor). Every request becomes one
// transaction with one zxid, even a refused one, so that refusals have a place in the order too.

// judge turns a request into a transaction and proposes it. from is the server that the client is
// connected to.
func (s *Server) judge(from zab.ID, r *Request) {
	zxid, ok := s.peer.NextZxid()
	if !ok {
		return
	}
	if r.Dropped {
		// Only the server that owns a session may close it because a connection broke.
		if t := s.lead.session(r.Session); t == nil || t.owner != from {
			return
		}
	}
	h := tree.TxnHeader{
		Session: r.Session, Cxid: r.Cxid, Zxid: int64(zxid), Type: r.Op.Type,
		TimeMs: s.wallMs(),
	}
	p := prep{s: s, l: s.lead, h: &h, auth: r.Auth, from: from}
	body, code := p.request(r.Op)
	if code != tree.OK {
		h.Type, body = tree.OpError, &tree.ErrorTxn{Code: code}
	}
	txn := tree.Txn{TxnHeader: h, Body: body}
	s.encoded = txn.Append(s.encoded[:0])
	s.peer.Propose(bytes.Clone(s.encoded))
}

// wallMs returns what the server's wall clock shows, in ms since 1970.
func (s *Server) wallMs() int64 { return int64((s.config.WallBase + s.io.Wall) / sim.Millisecond) }

// prep turns one request into a transaction.
type prep struct {
	s    *Server
	l    *leader
	h    *tree.TxnHeader
	auth []tree.Identity
	from zab.ID
}

func (p *prep) lookup(path string) (change, bool) { return p.l.changes.lookup(p.s.tree, path) }
func (p *prep) record(is change)                  { p.l.changes.add(p.h.Zxid, is) }

func (p *prep) request(op *tree.Op) (tree.Body, tree.Code) {
	switch op.Type {
	case tree.OpCreateSession:
		p.s.track(p.h.Session, op.TimeoutMs, p.from)
		return &tree.CreateSessionTxn{TimeoutMs: op.TimeoutMs}, tree.OK
	case tree.OpCloseSession:
		return p.closeSession(), tree.OK
	}
	if op.Type == tree.OpDeleteContainer {
		return p.deleteIdle(op.Path)
	}
	if code := p.checkSession(); code != tree.OK {
		return nil, code
	}
	if op.Type == tree.OpMulti {
		return p.multi(op.Ops)
	}
	return p.one(op)
}

// checkSession refuses a request whose session is over or is being closed. It also refuses a
// request through a server that the session has left, because newer requests may have overtaken it
// (ZOOKEEPER-710).
func (p *prep) checkSession() tree.Code {
	t := p.l.session(p.h.Session)
	switch {
	case t == nil:
		return tree.SessionExpired
	case p.s.skipsOwner(t, p.from):
	case t.owner == 0: // a new leader does not know where its clients are
		t.owner = p.from
	case t.owner != p.from:
		return tree.SessionMoved
	}
	return tree.OK
}

// one turns an operation that is not a multi into a transaction's body. It records changes only if
// it succeeds.
func (p *prep) one(op *tree.Op) (tree.Body, tree.Code) {
	switch op.Type {
	case tree.OpCreate, tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL:
		return p.create(op)
	case tree.OpDelete:
		return p.delete(op)
	case tree.OpSetData:
		return p.setData(op)
	case tree.OpSetACL:
		return p.setACL(op)
	case tree.OpCheck:
		return p.check(op)
	}
	return nil, tree.Unimplemented
}

// parentOf returns the path before the last slash. ZooKeeper cuts the path there before any other
// check.
func parentOf(path string) (parent string, ok bool) {
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 || strings.IndexByte(path, 0) >= 0 {
		return "", false
	}
	return path[:slash], true
}

func (p *prep) create(op *tree.Op) (tree.Body, tree.Code) {
	if code := p.validateMode(op); code != tree.OK {
		return nil, code
	}
	parentPath, ok := parentOf(op.Path)
	if !ok {
		return nil, tree.BadArguments
	}
	acl, code := tree.FixupACL(op.ACL, p.auth)
	if code != tree.OK {
		return nil, code
	}
	parent, ok := p.lookup(parentPath)
	if !ok {
		return nil, tree.NoNode
	}
	if !tree.CheckACL(parent.acl, tree.PermCreate, p.auth) {
		return nil, tree.NoAuth
	}
	path := op.Path
	if op.Flags.IsSequential() {
		path = tree.SequentialName(path, parent.cversion)
	}
	if tree.ValidatePath(path) != nil {
		return nil, tree.BadArguments
	}
	if _, there := p.lookup(path); there {
		return nil, tree.NodeExists
	}
	if parent.owner != 0 {
		return nil, tree.NoChildrenForEphemerals
	}
	node := change{path: path, acl: acl}
	switch {
	case op.Type == tree.OpCreateContainer, op.Type == tree.OpCreateTTL:
		node.idle = true
	case op.Flags.IsEphemeral():
		node.owner = p.h.Session
	}
	parent.cversion++
	parent.children++
	p.record(parent)
	p.record(node)
	return &tree.CreateTxn{
		Path: path, Data: op.Data, ACL: acl, Ephemeral: node.owner != 0,
		ParentCVersion: parent.cversion, TTL: op.TTL,
	}, tree.OK
}

// validateMode refuses a mode that does not go with its operation (validateCreateRequest,
// EphemeralType.validateTTL). ZooKeeper takes any mode for a createContainer, and makes a persistent
// node for a create with the mode of a container.
func (p *prep) validateMode(op *tree.Op) tree.Code {
	switch lives := op.Type == tree.OpCreateTTL; {
	case !op.Flags.Known():
		return tree.BadArguments
	case op.Flags.IsTTL() && !p.s.config.ExtendedTypes:
		return tree.Unimplemented
	case op.Flags.IsTTL() != lives, lives && (op.TTL <= 0 || op.TTL > tree.MaxTTL):
		return tree.BadArguments
	}
	return tree.OK
}

func (p *prep) delete(op *tree.Op) (tree.Body, tree.Code) {
	parentPath, ok := parentOf(op.Path)
	if !ok || tree.IsSpecialPath(op.Path) {
		return nil, tree.BadArguments
	}
	parent, ok := p.lookup(parentPath)
	if !ok {
		return nil, tree.NoNode
	}
	if !tree.CheckACL(parent.acl, tree.PermDelete, p.auth) {
		return nil, tree.NoAuth
	}
	node, ok := p.lookup(op.Path)
	switch {
	case !ok:
		return nil, tree.NoNode
	case op.Version != tree.AnyVersion && op.Version != node.version:
		return nil, tree.BadVersion
	case node.children > 0:
		return nil, tree.NotEmpty
	}
	p.remove(parent, op.Path)
	return &tree.DeleteTxn{Path: op.Path}, tree.OK
}

func (p *prep) remove(parent change, path string) {
	parent.children--
	p.record(parent)
	p.record(change{path: path, gone: true})
}

// target returns the node of a setData, setACL or check, if the node exists and the connection has
// the permission.
func (p *prep) target(path string, perm int32) (change, tree.Code) {
	if tree.ValidatePath(path) != nil {
		return change{}, tree.BadArguments
	}
	node, ok := p.lookup(path)
	if !ok {
		return change{}, tree.NoNode
	}
	if !tree.CheckACL(node.acl, perm, p.auth) {
		return change{}, tree.NoAuth
	}
	return node, tree.OK
}

// nextVersion returns the version that follows the version now, if now is the expected version. It
// skips -1, because -1 as an expected version means any version (ZOOKEEPER-4743).
func nextVersion(now, expected int32) (int32, tree.Code) {
	if expected != tree.AnyVersion && expected != now {
		return 0, tree.BadVersion
	}
	if now+1 == tree.AnyVersion {
		return 0, tree.OK
	}
	return now + 1, tree.OK
}

func (p *prep) setData(op *tree.Op) (tree.Body, tree.Code) {
	node, code := p.target(op.Path, tree.PermWrite)
	if code != tree.OK {
		return nil, code
	}
	if node.version, code = nextVersion(node.version, op.Version); code != tree.OK {
		return nil, code
	}
	p.record(node)
	return &tree.SetDataTxn{Path: op.Path, Data: op.Data, Version: node.version}, tree.OK
}

func (p *prep) setACL(op *tree.Op) (tree.Body, tree.Code) {
	if tree.ValidatePath(op.Path) != nil {
		return nil, tree.BadArguments
	}
	acl, code := tree.FixupACL(op.ACL, p.auth)
	if code != tree.OK {
		return nil, code
	}
	node, code := p.target(op.Path, tree.PermAdmin)
	if code != tree.OK {
		return nil, code
	}
	if node.aversion, code = nextVersion(node.aversion, op.Version); code != tree.OK {
		return nil, code
	}
	node.acl = acl
	p.record(node)
	return &tree.SetACLTxn{Path: op.Path, ACL: acl, Version: node.aversion}, tree.OK
}

func (p *prep) check(op *tree.Op) (tree.Body, tree.Code) {
	node, code := p.target(op.Path, tree.PermRead)
	if code != tree.OK {
		return nil, code
	}
	version, code := nextVersion(node.version, op.Version)
	if code != tree.OK {
		return nil, code
	}
	return &tree.CheckVersionTxn{Path: op.Path, Version: version}, tree.OK
}

// multi checks each part against the state that the parts before it will leave. If a part fails, no
// part will be done: multi rolls back the recorded changes, and does not check the remaining parts.
func (p *prep) multi(ops []tree.Op) (tree.Body, tree.Code) {
	for i := range ops {
		switch ops[i].Type {
		case tree.OpCreate, tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL,
			tree.OpDelete, tree.OpSetData, tree.OpCheck:
		default:
			return nil, tree.MarshallingError
		}
	}
	m := &tree.MultiTxn{Txns: make([]tree.SubTxn, len(ops))}
	failed := tree.OK
	for i := range ops {
		part := &m.Txns[i]
		if failed != tree.OK {
			body := &tree.ErrorTxn{Code: tree.RuntimeInconsistency}
			*part = tree.SubTxn{Type: tree.OpError, Body: body}
			continue
		}
		op := partOf(ops[i])
		body, code := p.one(&op)
		if code != tree.OK {
			failed, op.Type, body = code, tree.OpError, &tree.ErrorTxn{Code: code}
			p.l.changes.rollback(p.h.Zxid)
		}
		*part = tree.SubTxn{Type: op.Type, Body: body}
	}
	return m, tree.OK
}

// partOf returns a part of a multi as ZooKeeper reads it. The mode alone says what a create makes,
// and a create2 is a create, whose result has no stat (MultiOperationRecord, Op.Create).
func partOf(op tree.Op) tree.Op {
	switch op.Type {
	case tree.OpCreate, tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL:
		switch {
		case op.Flags.IsTTL():
			op.Type = tree.OpCreateTTL
		case op.Flags == tree.Container:
			op.Type = tree.OpCreateContainer
		default:
			op.Type = tree.OpCreate
		}
	}
	return op
}

// closeSession lists the session's ephemeral nodes, including those whose creates are not applied
// yet. From then on the session may not write: a later create would leave a node without an owner
// (ZOOKEEPER-1208, 3145).
func (p *prep) closeSession() tree.Body {
	paths := p.s.tree.AppendEphemerals(nil, p.h.Session)
	for _, r := range p.l.changes.list {
		i, listed := slices.BinarySearch(paths, r.path)
		switch {
		case r.gone && listed:
			paths = slices.Delete(paths, i, i+1)
		case !r.gone && r.owner == p.h.Session && !listed:
			paths = slices.Insert(paths, i, r.path)
		}
	}
	for _, path := range paths {
		parentPath, _ := parentOf(path)
		if parent, ok := p.lookup(parentPath); ok {
			p.remove(parent, path)
		}
	}
	if t := p.l.session(p.h.Session); t != nil && !p.s.has(flaw.CloseNoMark) {
		t.closing = true
	}
	return &tree.CloseSessionTxn{Paths: paths}
}
