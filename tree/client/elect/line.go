package elect

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// line is a candidate's place in a line of numbered nodes, as Curator's locks and latches have it.
// The nodes are named _c_GUID-latch-0000000007 or _c_GUID-lock-0000000007. By its GUID a candidate
// finds its node if the answer to the create was lost (protection: CreateBuilderImpl, H5).
type line struct {
	p       *client.Proc
	path    string // the parent of the nodes
	kind    string // -latch- or -lock-
	data    []byte
	own     string // the candidate's node; empty if it has none
	session int64  // that created it
	careful bool   // a lost connection ends the candidate's term
	trusts  bool   // a candidate leads whose node is first, whatever session has created it
}

// run takes part in elections until lead, which serves a term, returns true, or until the session is
// over and no new session follows.
func (l *line) run(lead func(*Term) bool) {
	m := exclusive(l.path)
	campaign(l.p, m, func() bool {
		if l.own == "" && !l.create() {
			return false
		}
		node, found, err := l.before()
		switch {
		case err != nil && !errors.Is(err, tree.NoNode):
			l.p.PauseAfter(err)
		case !found:
			l.leave()
		case node != "":
			await(l.p, l.own, node, m)
		default:
			t, err := l.term(m)
			switch {
			case err != nil:
			case t == nil:
				l.leave()
			default:
				return lead(t)
			}
		}
		return false
	})
}

// create creates the candidate's node. It returns false if a session has ended meanwhile, or the
// parent was missing: then the caller tries again.
func (l *line) create() bool {
	p, session := l.p, l.p.Session()
	guid := strconv.FormatUint(p.Rand().Uint64(), 16)
	for p.WaitConnected() && p.Session() == session {
		path, err := p.Create(l.path+"/_c_"+guid+l.kind, l.data, tree.EphemeralSequential)
		switch {
		case err == nil:
			l.own, l.session = path, session
			return true
		case errors.Is(err, tree.NoNode):
			ensure(p, l.path)
			return false
		case !client.Maybe(err):
			p.PauseAfter(err)
		case l.find(guid, session):
			return true
		}
	}
	return false
}

// find looks for a node whose create was not answered. It syncs first: a server that lags would not
// show the node, and a second one would be an orphan that blocks the line (CURATOR-264). A node of
// an ended session is not looked for: it goes with its session (CURATOR-498).
func (l *line) find(guid string, session int64) bool {
	p := l.p
	for p.WaitConnected() && p.Session() == session {
		if p.Sync(l.path) != nil {
			continue
		}
		names, _, err := p.Children(l.path)
		if err != nil {
			continue
		}
		i := slices.IndexFunc(names, func(name string) bool {
			return strings.HasPrefix(name, "_c_"+guid+"-")
		})
		if i >= 0 {
			l.own, l.session = l.path+"/"+names[i], session
		}
		return i >= 0
	}
	return false
}

// leave deletes the candidate's node, if it is one of the present session.
func (l *line) leave() {
	if l.own != "" {
		deleteOwn(l.p, l.own, l.session)
	}
	l.own = ""
}

// before lists the line, and returns the node directly before the candidate's own; empty if there
// is none. found is false if the candidate's own node is not in the line.
func (l *line) before() (node string, found bool, err error) {
	names, _, err := l.p.Children(l.path)
	if err != nil {
		return "", false, err
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return !strings.Contains(name, l.kind)
	})
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(number(a), number(b)) })
	own := slices.Index(names, l.own[strings.LastIndexByte(l.own, '/')+1:])
	if own <= 0 {
		return "", own == 0, nil
	}
	return l.path + "/" + names[own-1], true, nil
}

// number is the number at the end of the name of a sequential node.
func number(name string) int {
	n, _ := strconv.Atoi(name[strings.LastIndexByte(name, '-')+1:])
	return n
}

// term is the candidate's term. It is nil if the candidate's node does not exist any more, or is not
// one of its present session, unless the candidate trusts such a node.
func (l *line) term(m client.Mark) (*Term, error) {
	found, stat, err := l.p.Exists(l.own)
	if err != nil {
		return nil, err
	}
	t := &Term{p: l.p, session: l.p.Session(), Node: l.own, mark: m, careful: l.careful}
	switch {
	case found && stat.EphemeralOwner == t.session:
		t.Token, t.mark.Line = stat.Czxid, true
	case !l.trusts:
		return nil, nil
	}
	return t, nil
}
