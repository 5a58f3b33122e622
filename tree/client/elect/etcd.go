package elect

import (
	"errors"
	"strconv"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Etcd does what the type Election of etcd's package clientv3/concurrency does, with znodes instead
// of keys. In etcd, each candidate has a key below a prefix; the name of the key is the candidate's
// lease. The candidate whose key has the smallest create revision leads, and every other candidate
// watches the key directly before its own.
//
//	lease, kept alive every TTL/3       session, which pings every third of its timeout
//	key under a lease                   ephemeral node, named by its session in hexadecimal
//	create revision of a key            czxid
//	Txn(If create revision = 0 Then Put) create
//	Get with a maximal create revision  children, and a multi-read of their stats
//	watch from a revision               a getData that sets a watch, and lists again if it fails
//	Txn(If create revision = r Then …)  set or delete at the version that follows the create
//
// Three things differ between etcd and this program. In etcd a watch starts at a revision and
// misses no change; here the candidate lists the nodes again after each event. In etcd reads are
// linearizable; here a read may be stale, but it shows at least all nodes that are older than the
// candidate's own node, and only these matter. In etcd a key is deleted when its lease is revoked
// or has expired; here an ephemeral node is deleted when its session ends.
//
// The create revision grows from leader to leader, so it can be a fencing token. But it protects
// only writes that check it: in etcd, each transaction must compare it. Without this comparison a
// leader that was paused acts at the same time as its successor (etcd-io/etcd#10811).
//
// Source: etcd main (commit c34dc7e), client/v3/concurrency: Election, waitDeletes,
// Session; client/v3/lease.go: deadlineLoop.
type Etcd struct {
	Path  string // the prefix: the parent of the candidates' nodes
	Value string // that the leader proclaims first; the client's name if empty
	// Hold is how long a leader leads before it resigns, which ends Run; 0 means for ever.
	Hold sim.Time
	// Lead, if set, is what a leader does. It should return when [Term.Still] is false.
	Lead func(p *client.Proc, l *Leadership)
	// Deaf makes a candidate wait on although its session is over, and lead when the older keys are
	// gone although its own is too. Campaign does this in etcd 3.7 (etcd-io/etcd#19597): its caller
	// must watch Session.Done beside it.
	Deaf bool
}

// Leadership is the time in which a program leads an [Etcd] election. Its fencing token is the
// create revision of the leader's key.
type Leadership struct {
	Term
	version int32
}

// ErrNotLeader says that the leader's key is gone (etcd's ErrElectionNotLeader).
var ErrNotLeader = errors.New("the leader's key is gone, so another candidate may lead: campaign again")

// Proclaim changes the value that the leader announces, without another election. If the leader's
// key is gone, it ends the term and returns [ErrNotLeader].
func (l *Leadership) Proclaim(value string) error {
	stat, err := l.p.Set(l.Node, []byte(value), l.version)
	switch {
	case err == nil:
		l.version = stat.Version
	case errors.Is(err, tree.NoNode):
		l.ended = true
		return ErrNotLeader
	case errors.Is(err, tree.BadVersion): // of an earlier call whose answer was lost
		if _, stat, err := l.p.Get(l.Node); err == nil && stat.Czxid == l.Token {
			l.version = stat.Version
		}
	}
	return err
}

// Run takes part in elections until the program has led for the time Hold, or until its session is
// over and its client opens no new session.
func (e Etcd) Run(p *client.Proc) {
	if e.Value == "" {
		e.Value = p.Name()
	}
	m := exclusive(e.Path)
	m.ByAge = true
	campaign(p, m, func() bool {
		l := e.put(p)
		return l != nil && e.wait(p, l, m) && e.lead(p, l)
	})
}

// put creates the candidate's key, or finds that its session has already one.
func (e Etcd) put(p *client.Proc) *Leadership {
	session := p.Session()
	node := e.Path + "/" + strconv.FormatUint(uint64(session), 16)
	_, err := p.Create(node, []byte(e.Value), tree.Ephemeral)
	switch {
	case errors.Is(err, tree.NoNode):
		ensure(p, e.Path)
		return nil
	case err != nil && !errors.Is(err, tree.NodeExists):
		p.PauseAfter(err)
		return nil
	}
	found, stat, err := p.Exists(node)
	if err != nil || !found || stat.EphemeralOwner != session {
		return nil
	}
	return &Leadership{version: stat.Version,
		Term: Term{p: p, session: session, Node: node, Token: stat.Czxid}}
}

// wait waits until no older key exists. It returns false if the candidate's own key is gone, or its
// session is over.
func (e Etcd) wait(p *client.Proc, l *Leadership, m client.Mark) bool {
	for p.WaitConnected() && (p.Session() == l.session || e.Deaf) {
		node, err := e.before(p, l.Token)
		switch {
		case err != nil:
			p.PauseAfter(err)
		case node != "":
			await(p, l.Node, node, m)
		default:
			l.mark = m
			if e.Deaf {
				l.session = p.Session()
				return true
			}
			found, stat, err := p.Exists(l.Node)
			if err == nil {
				return found && stat.Czxid == l.Token && p.Session() == l.session
			}
		}
	}
	return false
}

// before returns, of the keys that are older than a create revision, the youngest; empty if there is
// none.
func (e Etcd) before(p *client.Proc, revision int64) (node string, err error) {
	names, _, err := p.Children(e.Path)
	if err != nil {
		return "", err
	}
	reads := make([]tree.Op, len(names))
	for i, name := range names {
		reads[i] = tree.Op{Type: tree.OpGetData, Path: e.Path + "/" + name}
	}
	call := p.Do(tree.Op{Type: tree.OpMultiRead, Ops: reads})
	if err := call.Err(); err != nil {
		return "", err
	}
	youngest := int64(0)
	for i, r := range call.Result.Results {
		if r.Code == tree.OK && r.Stat.Czxid < revision && r.Stat.Czxid > youngest {
			node, youngest = reads[i].Path, r.Stat.Czxid
		}
	}
	return node, nil
}

// lead serves the term, and reports whether the leader has resigned. A leader whose connection has
// been lost for its session timeout, by its own clock, leads no more: etcd's client closes
// Session.Done then.
func (e Etcd) lead(p *client.Proc, l *Leadership) bool {
	lost := sim.Never
	l.gone = func() bool {
		if p.State() == client.Connected {
			lost = sim.Never
		} else if lost == sim.Never {
			lost = p.Now()
		}
		return lost != sim.Never && p.Now() >= lost+p.Client().Timeout()
	}
	var lead func(*client.Proc, *Term)
	if e.Lead != nil {
		lead = func(*client.Proc, *Term) { e.Lead(p, l) }
	}
	if !l.serve(e.Hold, lead) {
		return false
	}
	deleteOwn(p, l.Node, l.session)
	return true
}

// Observe calls the given function with the value of the current leader, and again after each
// change of leader or value that it notices. Observe returns when the function returns false, or
// when the session is over and the client opens no new session. Observe may miss intermediate
// values, but never the latest value.
func (e Etcd) Observe(p *client.Proc, each func(value string) (more bool)) {
	var last tree.Stat
	for p.WaitConnected() {
		names, _, w, err := p.ChildrenW(e.Path)
		if errors.Is(err, tree.NoNode) {
			ensure(p, e.Path)
			continue
		}
		first := ""
		if err == nil {
			first, err = e.first(p, names)
		}
		switch {
		case err != nil:
			p.PauseAfter(err)
			continue
		case first == "": // nobody leads: wait for the first key
			w.Wait()
			continue
		}
		data, stat, w, err := p.GetW(first)
		if err != nil {
			continue
		}
		if stat.Mzxid != last.Mzxid {
			if last = stat; !each(string(data)) {
				return
			}
		}
		w.Wait()
	}
}

// first returns the oldest of the keys with these names.
func (e Etcd) first(p *client.Proc, names []string) (node string, err error) {
	oldest := int64(0)
	for _, name := range names {
		found, stat, err := p.Exists(e.Path + "/" + name)
		if err != nil {
			return "", err
		}
		if found && (oldest == 0 || stat.Czxid < oldest) {
			node, oldest = e.Path+"/"+name, stat.Czxid
		}
	}
	return node, nil
}
