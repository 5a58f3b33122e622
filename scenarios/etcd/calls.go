package etcd

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// answer is the outcome of an operation, in the lab's types.
type answer struct {
	outcome  client.Outcome
	code     tree.Code
	result   tree.OpResult
	revision int64  // that the answer shows; 0 if it shows none
	watch    *watch // that the operation sets
}

func failed(code tree.Code, revision int64) answer {
	return answer{outcome: client.Failed, code: code, revision: revision}
}

// again is the answer of an attempt that has changed nothing, and is to be repeated with what is
// true now.
var again = answer{outcome: client.Pending}

// carryOut performs one operation.
func (l *life) carryOut(op *tree.Op) answer {
	if code := possible(op); code != tree.OK {
		return failed(code, 0)
	}
	for {
		a, err := l.try(op)
		switch {
		case err != nil && l.repeats(op, err):
			continue
		case err != nil:
			return l.outcomeOf(op, err)
		case a.outcome == client.Pending:
			continue
		}
		a.result.Type = op.Type
		return a
	}
}

// possible returns the code for what etcd has no counterpart of: ACLs of nodes, containers, nodes
// with a time to live of their own.
func possible(op *tree.Op) tree.Code {
	switch op.Type {
	case tree.OpCreate, tree.OpCreate2:
		if len(op.ACL) > 0 && !slices.Equal(op.ACL, tree.OpenACL) ||
			op.Flags == tree.Container || op.Flags.IsTTL() || !op.Flags.Known() {
			return tree.Unimplemented
		}
	case tree.OpDelete, tree.OpSetData, tree.OpCheck, tree.OpExists, tree.OpGetData,
		tree.OpGetChildren, tree.OpGetChildren2, tree.OpSync, tree.OpCloseSession,
		tree.OpGetEphemerals, tree.OpGetAllChildrenNumber, tree.OpAddWatch:
	case tree.OpMulti:
		return possibleMulti(op)
	default:
		return tree.Unimplemented
	}
	if op.Path == "" && (op.Type == tree.OpSync || op.Type == tree.OpCloseSession) {
		return tree.OK
	}
	path := op.Path
	if op.Flags.IsSequential() {
		path += "0"
	}
	if tree.ValidatePath(path) != nil {
		return tree.BadArguments
	}
	return tree.OK
}

// pause is how long a client waits before it repeats a read.
const pause = 25 * time.Millisecond

// repeats waits before an operation is repeated that has certainly changed nothing: a read that a
// server or the connection has failed, or a write that has not left (clientv3, repeatable and
// nonRepeatable). It returns false for any other operation, and if the session is over.
func (l *life) repeats(op *tree.Op, err error) bool {
	var early unsent
	var r *refusal
	switch {
	case errors.Is(err, errOver), errors.As(err, &r) && r.code() != unavailable,
		op.Type.Writes() && !errors.As(err, &early):
		return false
	}
	return l.rest(pause) && l.connection() != nil
}

// outcomeOf returns the answer for an error.
func (l *life) outcomeOf(op *tree.Op, err error) answer {
	var early unsent
	var r *refusal
	switch {
	case errors.Is(err, errOver):
		return answer{outcome: client.NotSent, code: tree.SessionExpired}
	case gone(err):
		l.finish(client.Expired)
		return answer{outcome: client.NotSent, code: tree.SessionExpired}
	case errors.As(err, &early) && l.ended():
		return answer{outcome: client.NotSent, code: tree.SessionExpired}
	case errors.As(err, &early):
		return answer{outcome: client.NotSent, code: tree.ConnectionLoss}
	case errors.As(err, &r) && r.code() != unavailable:
		return failed(tree.APIError, 0)
	}
	a := answer{outcome: client.Unknown, code: tree.ConnectionLoss}
	if l.ended() {
		a.code = tree.SessionExpired
	}
	if !op.Type.Writes() {
		a.outcome = client.Failed // it has changed nothing
	}
	return a
}

// try performs an operation once.
func (l *life) try(op *tree.Op) (answer, error) {
	switch op.Type {
	case tree.OpCreate, tree.OpCreate2:
		if op.Flags.IsSequential() {
			return l.createNumbered(op)
		}
		return l.create(op)
	case tree.OpDelete:
		return l.delete(op)
	case tree.OpSetData:
		return l.set(op)
	case tree.OpMulti:
		return l.multi(op)
	case tree.OpCloseSession:
		var r leaseResponse
		err := l.ask(callRevoke, leaseRequest{ID: l.session}, &r)
		return answer{outcome: client.OK, revision: r.Header.Revision}, err
	}
	return l.read(op)
}

// The conditions of transactions, by the revision of a node's creation and its version.
func exists(path string) compare {
	return compare{Key: []byte(path), Target: "CREATE", Result: "GREATER", Create: new(int64)}
}

func missing(path string) compare {
	return compare{Key: []byte(path), Target: "CREATE", Result: "EQUAL", Create: new(int64)}
}

// persistent holds for a node without a lease, and for one that does not exist.
func persistent(path string) compare {
	return compare{Key: []byte(path), Target: "LEASE", Result: "EQUAL", Lease: new(int64)}
}

// childless holds for a node without a node below it.
func childless(path string) compare {
	key, end := below(path)
	return compare{Key: key, End: end, Target: "CREATE", Result: "EQUAL", Create: new(int64)}
}

// at holds for a node that exists in a version.
func at(path string, version int32) compare {
	if version == tree.AnyVersion {
		return exists(path)
	}
	v := int64(version) + 1
	return compare{Key: []byte(path), Target: "VERSION", Result: "EQUAL", Version: &v}
}

// uncounted holds if nothing was created below a parent since a revision.
func uncounted(parent string, since int64) compare {
	key, end := counts(parent)
	since++
	return compare{Key: key, End: end, Target: "MOD", Result: "LESS", Mod: &since}
}

// has are the conditions under which a parent may get a child. born is the revision in which the
// parent was created, if that matters, or 0.
func has(parent string, born int64) []compare {
	if parent == "/" {
		return nil // the root is no key
	}
	there := exists(parent)
	if born != 0 {
		there.Result, there.Create = "EQUAL", &born
	}
	return []compare{there, persistent(parent)}
}

// remove deletes a node, and the counts of what was created below it.
func remove(path string) []requestOp {
	key, end := counts(path)
	return []requestOp{{Delete: &deleteRequest{Key: []byte(path)}},
		{Delete: &deleteRequest{key, end}}}
}

func rangeOf(key, end []byte) requestOp { return requestOp{Range: &rangeRequest{Key: key, End: end}} }

func look(path string) requestOp { return rangeOf([]byte(path), nil) }

func lookCounts(parent string) requestOp { return rangeOf(counts(parent)) }

// lookBelow reads the names of the nodes below a path, or of one of them.
func lookBelow(path string, limit int64) requestOp {
	key, end := below(path)
	return requestOp{Range: &rangeRequest{Key: key, End: end, Limit: limit, KeysOnly: true}}
}

// write makes a transaction the session's own: it writes the session's key too.
func (l *life) write(ops ...requestOp) []requestOp {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append(ops, requestOp{Put: &putRequest{Key: sessionKey(l.session),
		Value: []byte(strconv.Itoa(int(l.xid))), Lease: l.session}})
}

// put writes a new node.
func (l *life) put(path string, op *tree.Op) requestOp {
	p := &putRequest{Key: []byte(path), Value: nonNil(op.Data)}
	if op.Flags.IsEphemeral() {
		p.Lease = l.session
	}
	return requestOp{Put: p}
}

func count(parent string, n int) requestOp {
	return requestOp{Put: &putRequest{Key: countKey(parent, n), Value: []byte{}}}
}

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// node returns the key that a range of one key has found, or nil.
func (t *txnResponse) node(n int) *keyValue {
	if n >= len(t.Responses) || t.Responses[n].Range == nil || len(t.Responses[n].Range.KVs) == 0 {
		return nil
	}
	return &t.Responses[n].Range.KVs[0]
}

func (t *txnResponse) nodes(n int) []keyValue {
	if n >= len(t.Responses) || t.Responses[n].Range == nil {
		return nil
	}
	return t.Responses[n].Range.KVs
}

func (l *life) txn(t txnRequest) (r txnResponse, err error) {
	err = l.ask(callTxn, t, &r)
	return r, err
}

// decide performs a transaction whose answer may be that a write fails. That answer changes
// nothing, so etcd would give it in a session that is over, too: the transaction therefore reads
// the session's key, and the error is the one of a write under a lease that is over.
func (l *life) decide(t txnRequest) (txnResponse, error) {
	own := rangeOf(sessionKey(l.session), nil)
	if len(t.Compare) == 0 {
		t.Success = append(t.Success, own)
	} else {
		t.Failure = append(t.Failure, own)
	}
	r, err := l.txn(t)
	decides := len(t.Compare) == 0 || !r.Succeeded
	if err == nil && decides && r.node(len(r.Responses)-1) == nil {
		err = &refusal{Code: notFound, Message: leaseGone}
	}
	return r, err
}

// create makes a node in one transaction, on the condition that it does not exist: that its create
// revision is 0.
func (l *life) create(op *tree.Op) (answer, error) {
	if op.Path == "/" {
		return failed(tree.NodeExists, 0), nil
	}
	parent := parentOf(op.Path)
	r, err := l.decide(txnRequest{
		Compare: append(has(parent, 0), missing(op.Path)),
		Success: l.write(l.put(op.Path, op), count(parent, 0)),
		Failure: []requestOp{look(op.Path), look(parent)},
	})
	switch {
	case err != nil:
		return answer{}, err
	case r.Succeeded:
		return made(op.Path, r.Header.Revision), nil
	case parent != "/" && r.node(1) == nil:
		return failed(tree.NoNode, r.Header.Revision), nil
	case r.node(0) != nil:
		return failed(tree.NodeExists, r.Header.Revision), nil
	}
	return failed(tree.NoChildrenForEphemerals, r.Header.Revision), nil
}

func made(path string, revision int64) answer {
	a := answer{outcome: client.OK, revision: revision}
	a.result.Path = path
	a.result.Stat.Czxid, a.result.Stat.Mzxid = revision, revision
	return a
}

// guess is what a client believes of the creates below a parent: how many there were, at a
// revision, since the one in which the parent was created. A client that knows nothing believes in
// none.
type guess struct{ creates, revision, born int64 }

func guessOf(creates, revision int64, parent *keyValue) guess {
	g := guess{creates: creates, revision: revision}
	if parent != nil {
		g.born = parent.Create
	}
	return g
}

// createNumbered makes a node with the next number of its parent, on the condition that the client
// knows of all creates there. If it does not, the answer tells it, and it tries again. etcd itself
// has no numbered names.
func (l *life) createNumbered(op *tree.Op) (answer, error) {
	parent := parentOf(op.Path + "0")
	g := l.guesses[parent]
	path := numbered(op.Path, g.creates)
	r, err := l.decide(txnRequest{
		Compare: append(has(parent, g.born), missing(path), uncounted(parent, g.revision)),
		Success: l.write(look(parent), l.put(path, op), count(parent, 0)),
		Failure: []requestOp{look(path), look(parent), lookCounts(parent)},
	})
	switch {
	case err != nil:
		return answer{}, err
	case r.Succeeded:
		l.guesses[parent] = guessOf(g.creates+1, r.Header.Revision, r.node(0))
		return made(path, r.Header.Revision), nil
	}
	now := guessOf(creates(r.nodes(2)), r.Header.Revision, r.node(1))
	l.guesses[parent] = now
	switch code := mayHold(parent, r.node(1)); {
	case code != tree.OK:
		return failed(code, r.Header.Revision), nil
	case r.node(0) != nil && now.creates == g.creates: // a name that was chosen by hand
		return failed(tree.NodeExists, r.Header.Revision), nil
	}
	return again, nil
}

// mayHold returns why a parent cannot have children, or OK.
func mayHold(parent string, kv *keyValue) tree.Code {
	switch {
	case parent == "/":
	case kv == nil:
		return tree.NoNode
	case kv.Lease != 0:
		return tree.NoChildrenForEphemerals
	}
	return tree.OK
}

// creates returns the number of nodes that were created below a parent.
func creates(counts []keyValue) (n int64) {
	for i := range counts {
		n += counts[i].Version
	}
	return n
}

func numbered(path string, n int64) string { return fmt.Sprintf("%s%010d", path, n) }

// delete deletes a node in one transaction, on conditions on its version and on its children.
func (l *life) delete(op *tree.Op) (answer, error) {
	r, err := l.decide(txnRequest{
		Compare: []compare{at(op.Path, op.Version), childless(op.Path)},
		Success: l.write(remove(op.Path)...),
		Failure: []requestOp{look(op.Path), lookBelow(op.Path, 1)},
	})
	switch {
	case err != nil:
		return answer{}, err
	case r.Succeeded:
		return answer{outcome: client.OK, revision: r.Header.Revision}, nil
	}
	if code := mayWrite(r.node(0), op.Version); code != tree.OK {
		return failed(code, r.Header.Revision), nil
	}
	return failed(tree.NotEmpty, r.Header.Revision), nil
}

// mayWrite returns why a node cannot be written in a version, or OK.
func mayWrite(kv *keyValue, version int32) tree.Code {
	switch {
	case kv == nil:
		return tree.NoNode
	case version != tree.AnyVersion && kv.Version != int64(version)+1:
		return tree.BadVersion
	}
	return tree.OK
}

// set writes a node in one transaction, on the condition of its version. The node keeps its lease.
func (l *life) set(op *tree.Op) (answer, error) {
	r, err := l.decide(txnRequest{
		Compare: []compare{at(op.Path, op.Version)},
		Success: append([]requestOp{rewrite(op), look(op.Path)}, l.write()...),
		Failure: []requestOp{look(op.Path)},
	})
	switch {
	case err != nil:
		return answer{}, err
	case !r.Succeeded:
		return failed(mayWrite(r.node(0), op.Version), r.Header.Revision), nil
	}
	a := answer{outcome: client.OK, revision: r.Header.Revision}
	if kv := r.node(1); kv != nil {
		a.result.Stat = statOf(kv)
	}
	return a, nil
}

func rewrite(op *tree.Op) requestOp {
	return requestOp{Put: &putRequest{Key: []byte(op.Path), Value: nonNil(op.Data),
		IgnoreLease: true}}
}

// read performs an operation that changes nothing. etcd's reads are linearizable unless they ask
// not to be, so the one of sync needs to read nothing.
func (l *life) read(op *tree.Op) (answer, error) {
	ops := []requestOp{look(op.Path)}
	switch op.Type {
	case tree.OpSync:
		ops = []requestOp{rangeOf(sessionKey(l.session), nil)}
	case tree.OpGetChildren, tree.OpGetChildren2, tree.OpGetAllChildrenNumber:
		ops = append(ops, lookBelow(op.Path, 0))
	case tree.OpGetEphemerals:
		ops = append(ops, rangeOf(below("/")))
	}
	r, err := l.txn(txnRequest{Success: ops})
	if err != nil {
		return answer{}, err
	}
	a := answer{outcome: client.OK, revision: r.Header.Revision}
	kv, known := r.node(0), true
	switch op.Type {
	case tree.OpSync, tree.OpGetEphemerals, tree.OpAddWatch:
	default:
		known = kv != nil || op.Path == "/"
	}
	if !known {
		a = failed(tree.NoNode, r.Header.Revision)
	}
	l.shown(op, &r, &a)
	list := op.Type == tree.OpGetChildren || op.Type == tree.OpGetChildren2
	switch {
	case op.Type == tree.OpAddWatch:
		a.watch = &watch{path: op.Path, persists: true, mode: op.WatchMode, from: r.Header.Revision}
	case op.Watch && (known || op.Type == tree.OpExists):
		a.watch = &watch{path: op.Path, list: list, from: r.Header.Revision}
	}
	return a, nil
}

// shown fills in what a read shows.
func (l *life) shown(op *tree.Op, r *txnResponse, a *answer) {
	kv := r.node(0)
	switch op.Type {
	case tree.OpSync, tree.OpGetEphemerals, tree.OpAddWatch:
	default:
		if kv != nil {
			a.result.Stat = statOf(kv)
		}
	}
	switch op.Type {
	case tree.OpGetData:
		if kv != nil {
			a.result.Data = kv.Value
		}
	case tree.OpGetChildren, tree.OpGetChildren2:
		for _, k := range r.nodes(1) {
			if name, ok := child(op.Path, string(k.Key)); ok {
				a.result.Children = append(a.result.Children, name)
			}
		}
		a.result.Stat.NumChildren = int32(len(a.result.Children))
	case tree.OpGetAllChildrenNumber:
		a.result.Number = int32(len(r.nodes(1)))
	case tree.OpGetEphemerals:
		for _, k := range r.nodes(1) {
			if k.Lease == l.session && strings.HasPrefix(string(k.Key), op.Path) {
				a.result.Children = append(a.result.Children, string(k.Key))
			}
		}
	}
}
