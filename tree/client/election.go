package client

import (
	"errors"
	"strconv"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// Election is a recipe by which programs choose one of them. The programs it makes are ordinary
// ones: each runs until its session is over for good, or until it has led for Hold.
//
// Nothing here fences: a leader that is paused, or cut off and not Careful, believes in itself while
// another one leads. That is what there is to see (ZAB.md C.VI, H2 and H8).
type Election struct {
	Path string // the node itself, or the parent of the candidates' nodes
	Data []byte

	// Hold is how long a leader leads before it resigns, which ends its program; 0 for ever.
	Hold sim.Time
	// Careful makes a leader step down when its connection is lost, instead of when it is told
	// that its session is over.
	Careful bool
	// Lead, if set, is what a leader does. It should return when still is false; the leader then
	// steps down or resigns.
	Lead func(p *Proc, still func() bool)
}

// Race is the election on one ephemeral node: whoever creates it leads; the others watch it, and
// when it is gone all of them race again. With n waiting, each turn costs n creates (H1).
func (e Election) Race(p *Proc) {
	for p.WaitConnected() {
		_, err := p.Create(e.Path, e.Data, tree.Ephemeral)
		if err == nil {
			if e.lead(p, e.Path) {
				return
			}
			continue
		}
		if !errors.Is(err, tree.NodeExists) && !Maybe(err) {
			p.pauseAfter(err)
			continue
		}
		// Somebody is there: perhaps it is us, from before the connection was lost. What counts is
		// the session in the node, not that it is there (H4).
		found, stat, w, err := p.ExistsW(e.Path)
		switch {
		case err != nil, !found:
		case stat.EphemeralOwner == p.Session():
			if e.lead(p, e.Path) {
				return
			}
		default:
			w.Wait()
		}
	}
}

// Queue is the election by sequence: each candidate makes a numbered node below Path and watches the
// one before its own, so that one end wakes one candidate. Path is made if it is not there.
//
// The name begins with a GUID, by which a candidate finds its node again when the answer to its
// create was lost (H5), after a sync, lest a server that lags behind shows none.
func (e Election) Queue(p *Proc) {
	guid, session := "", int64(-1)
	for p.WaitConnected() {
		if session != p.Session() { // the node of an older session goes when that does (H4)
			session = p.Session()
			guid = strconv.FormatUint(p.Rand().Uint64(), 16)
		}
		names, _, err := p.Children(e.Path)
		if errors.Is(err, tree.NoNode) {
			p.Create(e.Path, nil, tree.Persistent)
			continue
		}
		if err != nil {
			continue
		}
		own, before := place(names, guid)
		switch {
		case own == "":
			e.enter(p, guid)
		case before == "":
			if e.lead(p, e.Path+"/"+own) {
				return
			}
		default:
			// Gone already: look again. (The one before us may have died without having led.)
			if found, _, w, err := p.ExistsW(e.Path + "/" + before); err == nil && found {
				w.Wait()
			}
		}
	}
}

// enter makes the candidate's node.
func (e Election) enter(p *Proc, guid string) {
	_, err := p.Create(e.Path+"/"+guid+"-n_", e.Data, tree.EphemeralSequential)
	if Maybe(err) && p.WaitConnected() {
		p.Sync(e.Path)
	}
	if err != nil && !Maybe(err) {
		p.pauseAfter(err)
	}
}

// pauseAfter keeps a program that is refused for good from asking without end.
func (p *Proc) pauseAfter(err error) {
	var op *OpError
	if errors.As(err, &op) && op.Outcome == Failed && op.Code != tree.ConnectionLoss {
		p.Sleep(sim.Second)
	}
}

// place finds the candidate with that GUID and the one before it. Names without a number are not
// candidates.
func place(names []string, guid string) (own, before string) {
	ownNumber := 0
	for _, name := range names {
		if n, ok := number(name); ok && strings.HasPrefix(name, guid+"-n_") {
			own, ownNumber = name, n
			break
		}
	}
	if own == "" {
		return "", ""
	}
	best := -1
	for _, name := range names {
		if n, ok := number(name); ok && n < ownNumber && n > best {
			best, before = n, name
		}
	}
	return own, before
}

func number(name string) (int, bool) {
	_, digits, ok := strings.Cut(name, "-n_")
	n, err := strconv.Atoi(digits)
	return n, ok && err == nil
}

// lead leads until the session is over, or, if it is Careful, until the connection is lost. It is
// true if the leader has had its time and has resigned.
func (e Election) lead(p *Proc, node string) (resigned bool) {
	session, until := p.Session(), sim.Never
	if e.Hold > 0 {
		until = p.Now() + e.Hold
	}
	over := func() bool {
		return p.c.session != session || p.c.state.Final() || e.Careful && p.c.state != Connected
	}
	still := func() bool { return !over() && p.c.now < until }
	p.Believe(true)
	if e.Lead != nil {
		e.Lead(p, still)
	} else {
		p.Until(until-p.Now(), func() bool { return !still() })
	}
	p.Believe(false)
	if over() {
		return false
	}
	// Resigned: the node must go, and go for sure.
	for p.Session() == session && p.WaitConnected() {
		if err := p.Delete(node, tree.AnyVersion); err == nil || errors.Is(err, tree.NoNode) {
			break
		}
	}
	return true
}
