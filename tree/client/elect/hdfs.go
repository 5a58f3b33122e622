package elect

import (
	"errors"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// HDFS elects the active NameNode of HDFS, as HDFS's failover controllers (ZKFC) do. The candidate
// that creates the ephemeral node ActiveStandbyElectorLock may become active. It first reads the
// persistent node ActiveBreadCrumb, which names the last active NameNode. If another NameNode is
// named there, the candidate fences that NameNode, which can then no longer write. The candidate
// then writes its own name into ActiveBreadCrumb, and becomes active. A NameNode that resigns
// deletes ActiveBreadCrumb, so that its successor need not fence it.
//
// The election cannot stop an active NameNode that is paused or cut off; only the fencing can. If
// the fencing fails, no NameNode becomes active. All candidates watch the same lock node (hazard H1
// of package client), but there are only two candidates.
//
// Source: Apache Hadoop trunk (commit 00e37c8), ActiveStandbyElector: processResult, processWatchEvent, becomeActive,
// fenceOldActive, writeBreadCrumbNode, tryDeleteOwnBreadCrumbNode, quitElection.
// ZKFailoverController: doFence, doCedeActive.
type HDFS struct {
	Path string // the parent of both nodes, such as /hadoop-ha/mycluster
	// Hold is how long a NameNode is active before it resigns, which ends Run; 0 means for ever.
	Hold sim.Time
	// Lead, if set, is what the active does. It should return when [Term.Still] is false.
	Lead func(p *client.Proc, t *Term)
	// Fence fences the last active, whose name is old. If it returns an error, the candidate gives
	// the lock up, waits for a second, and tries again. If Fence is nil, the candidate writes to
	// the shared edits ([HDFS.Edits]) with its token, after which they refuse the old active's
	// writes; JournalNodes do this with epochs (QuorumJournalManager). A Fence that returns nil and
	// does nothing is the usual mistake: dfs.ha.fencing.methods=shell(/bin/true).
	Fence func(p *client.Proc, t *Term, old string) error
	// Neutral lets an active go on while its connection is lost, until it knows that its session is
	// over. The elector calls that state neutral and leaves the choice to its user;
	// ZKFailoverController goes on.
	Neutral bool
}

// The names of the nodes below Path.
const (
	LockNode       = "/ActiveStandbyElectorLock"
	BreadcrumbNode = "/ActiveBreadCrumb"
)

// sleepAfterFailure is how long a candidate that could not become active waits without a session,
// so that others have a chance (SLEEP_AFTER_FAILURE_TO_BECOME_ACTIVE).
const sleepAfterFailure = sim.Second

// Edits returns the name of the shared edits, the log to which the active NameNode writes. It is a
// resource outside the ensemble ([client.Proc.Use]).
func (h HDFS) Edits() string { return h.Path + "/edits" }

// Run takes part in elections until the program has been active for the time Hold and has resigned,
// or until its session is over and its client opens no new session. The NameNode's name is the name
// of the client.
func (h HDFS) Run(p *client.Proc) {
	m := exclusive(h.Path + LockNode)
	campaign(p, m, func() bool { return h.try(p, m) })
}

// try tries once to become active, and serves the term. It reports whether the active has resigned.
func (h HDFS) try(p *client.Proc, m client.Mark) (resigned bool) {
	lock := m.Office
	_, err := p.Create(lock, []byte(p.Name()), tree.Ephemeral)
	switch {
	case errors.Is(err, tree.NoNode):
		ensure(p, h.Path)
		return false
	case err != nil && !errors.Is(err, tree.NodeExists) && !client.Maybe(err):
		p.PauseAfter(err)
		return false
	}
	// Whose lock is it? It may be ours although the create has failed, if an earlier create has
	// succeeded and its answer was lost.
	found, stat, w, err := p.ExistsW(lock)
	switch {
	case err != nil, !found:
	case stat.EphemeralOwner != p.Session():
		w.Wait() // standby
	default:
		t := &Term{p: p, session: p.Session(), Node: lock, Token: stat.Czxid, mark: m,
			careful: !h.Neutral, gone: w.Fired}
		if h.prepare(p, t) {
			return h.lead(p, t)
		}
		p.Reopen()
		p.Sleep(sleepAfterFailure)
	}
	return false
}

// prepare fences the last active, and writes the name of the new one into the breadcrumb. It
// returns false if either has failed.
func (h HDFS) prepare(p *client.Proc, t *Term) bool {
	crumb := h.Path + BreadcrumbNode
	old, stat, err := p.Get(crumb)
	switch {
	case errors.Is(err, tree.NoNode):
		_, err = p.Create(crumb, []byte(p.Name()), tree.Persistent)
		return err == nil
	case err != nil:
		return false
	case string(old) != p.Name():
		if err := h.fence(p, t, string(old)); err != nil {
			return false
		}
	}
	_, err = p.Set(crumb, []byte(p.Name()), stat.Version)
	return err == nil
}

func (h HDFS) fence(p *client.Proc, t *Term, old string) error {
	if h.Fence != nil {
		return h.Fence(p, t, old)
	}
	if !p.Use(h.Edits(), t.Token) {
		return errFenced
	}
	return nil
}

var errFenced = errors.New("the shared edit log refuses the writes of this NameNode: a newer " +
	"active NameNode has fenced it")

// lead serves the term, and reports whether the active has resigned. The order matters: first the
// breadcrumb goes, then the session and with it the lock. The breadcrumb is only removed if it has
// the name of this NameNode; if that fails, the successor fences a NameNode that is no longer
// active, which does no harm.
func (h HDFS) lead(p *client.Proc, t *Term) bool {
	if !t.serve(h.Hold, h.Lead) {
		return false
	}
	crumb := h.Path + BreadcrumbNode
	data, stat, err := p.Get(crumb)
	if err == nil && string(data) == p.Name() && p.Session() == t.session {
		p.Delete(crumb, stat.Version)
	}
	p.Reopen()
	return true
}
