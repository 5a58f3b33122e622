package client

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab/flaw"
)

// ticket is a numbered node in a waiting line, named GUID-kind_number: the GUID is its owner's, by
// which it finds its node again when the answer to its create was lost (H5; Curator calls it
// protection). The numbers count creates below one parent: whoever deletes the parent, or makes
// 2^31 tickets, begins the line anew (H7), which nothing here survives.
type ticket struct {
	name, guid, kind string
	number           int
}

// tickets are the names that are tickets, in the order of their numbers.
func tickets(names []string) (line []ticket) {
	for _, name := range names {
		guid, rest, ok := strings.Cut(name, "-")
		kind, digits, found := strings.Cut(rest, "_")
		number, err := strconv.Atoi(digits)
		if ok && found && err == nil {
			line = append(line, ticket{name, guid, kind, number})
		}
	}
	slices.SortFunc(line, func(a, b ticket) int { return cmp.Compare(a.number, b.number) })
	return line
}

// Ticket takes the name of a ticket apart: whether it is one, and of an exclusive lock's line.
func Ticket(name string) (ok, exclusively bool) {
	line := tickets([]string{name})
	return len(line) == 1, len(line) == 1 && line[0].kind == exclusive
}

// Held is what a program has waited for, as far as it knows.
type Held struct {
	Node    string // its own ephemeral node
	Token   int64  // the node's czxid: larger than those of all who held it before (a fencing token)
	p       *Proc
	session int64
}

// Still is true as long as the program need not doubt it: the session in which it was got has not
// ended, as far as the client has been told. A client that is cut off has not been told.
func (h *Held) Still() bool { return h.p.c.session == h.session && !h.p.c.state.Final() }

// Release gives it up. It returns when the node is gone for sure, or with [ErrSessionOver], which
// comes to the same.
//
// When the answer to its delete is lost it looks first whose the node is. To delete again by the
// name alone would take it from the next one, where all use one name ([Election.Race]).
func (h *Held) Release() error {
	unsure := false
	for h.Still() && h.p.WaitConnected() && h.Still() {
		if unsure {
			gone, err := h.gone()
			if gone {
				return nil
			}
			if err != nil {
				h.p.pauseAfter(err)
				continue
			}
		}
		err := h.p.Delete(h.Node, tree.AnyVersion)
		if err == nil || errors.Is(err, tree.NoNode) {
			return nil
		}
		unsure = unsure || Maybe(err)
		h.p.pauseAfter(err)
	}
	return ErrSessionOver
}

// gone is true if the node is no longer this session's. The sync is there because a server that
// lags behind would still show the node that is deleted.
func (h *Held) gone() (bool, error) {
	if err := h.p.Sync(h.Node); err != nil {
		return false, err
	}
	found, stat, err := h.p.Exists(h.Node)
	return err == nil && (!found || stat.EphemeralOwner != h.session), err
}

// place is where a program stands in a line: by its GUID, in one session. Who has held what it
// waited for and lost only the connection stands there still.
type place struct {
	guid    string
	session int64
	unsure  bool // the answer to a create was lost, and no sync has succeeded since
}

// queueUp makes a numbered node of a kind below path, which is made if it is not there, and waits
// until before finds nobody to wait for. Everybody watches one node, whose end wakes nobody else.
// It fails when the session is over for good.
//
// The watch is set by the same call that shows that the node is there, so nothing is lost between
// two calls (H3). That call is a getData: an exists would leave a watch behind on a node that is
// gone and never comes again (Curator's LockInternals does the same, for the same reason).
func (p *Proc) queueUp(at *place, path, kind string, data []byte, before order) (*Held, error) {
	if !slices.Contains(p.lines, path) {
		p.lines = append(p.lines, path)
	}
	for p.WaitConnected() {
		if at.guid == "" || at.session != p.Session() {
			// A new session, a new node. That of the old one goes when that does (H4).
			*at = place{session: p.Session(), guid: strconv.FormatUint(p.Rand().Uint64(), 16)}
		}
		line, err := p.look(at, path)
		if err != nil {
			p.pauseAfter(err)
			continue
		}
		own := slices.IndexFunc(line, func(t ticket) bool { return t.guid == at.guid })
		if own < 0 {
			p.enter(at, path, kind, data)
			continue
		}
		node := path + "/" + line[own].name
		if first := before(line, own); first != "" {
			if p.c.has(flaw.Herd) {
				first = line[0].name
			}
			// Gone already: look again. (The one before us may have died without having held it.)
			if w, err := p.watchEnd(path + "/" + first); err == nil {
				w.Wait()
			}
			continue
		}
		// The list may be old: is the node still there, and still that of a living session?
		if found, stat, err := p.Exists(node); err == nil && found && p.Session() == at.session {
			return &Held{Node: node, Token: stat.Czxid, p: p, session: at.session}, nil
		}
	}
	return nil, ErrSessionOver
}

// watchEnd sets the watch by the call that shows that there is something to watch.
func (p *Proc) watchEnd(node string) (*Watch, error) {
	if p.c.has(flaw.LateWatch) {
		return p.watchLate(node)
	}
	_, _, w, err := p.GetW(node)
	return w, err
}

// look lists who stands in the line, which is made if it is not there. When it is not known
// whether we do, a sync goes first: the list of a server that lags behind shows no node although
// there is one, and a second create would leave the first for ever in everybody's way
// (CURATOR-264).
func (p *Proc) look(at *place, path string) ([]ticket, error) {
	if at.unsure {
		if err := p.Sync(path); err != nil {
			return nil, err
		}
		at.unsure = false
	}
	names, _, err := p.Children(path)
	if errors.Is(err, tree.NoNode) {
		return nil, p.ensure(path)
	}
	return tickets(names), err
}

// enter makes a ticket.
func (p *Proc) enter(at *place, path, kind string, data []byte) {
	_, err := p.Create(path+"/"+at.guid+"-"+kind+"_", data, tree.EphemeralSequential)
	if at.unsure = Maybe(err); at.unsure && p.c.has(flaw.BlindRetry) {
		*at = place{}
	}
	if err != nil && !errors.Is(err, tree.NoNode) {
		p.pauseAfter(err)
	}
}

// ensure makes a parent, if nobody has. That it is there already is no error.
func (p *Proc) ensure(path string) error {
	_, err := p.Create(path, nil, tree.Persistent)
	if errors.Is(err, tree.NodeExists) {
		return nil
	}
	return err
}

// order finds the one to wait for; empty is nobody.
type order func(line []ticket, own int) string

// next is who stands directly before: the order of an exclusive lock.
func next(line []ticket, own int) string {
	if own == 0 {
		return ""
	}
	return line[own-1].name
}
