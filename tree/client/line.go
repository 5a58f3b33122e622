package client

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab/flaw"
)

// ticket is a numbered node in a waiting line. Its name is GUID-kind_number. If the answer to a
// create is lost, the owner finds its ticket by the GUID (H5; Curator calls this protection). The
// number counts the creates below the parent. It starts again after the parent is deleted, or after
// 2^31 tickets (hazard H7), which these recipes do not handle.
type ticket struct {
	name, guid, kind string
	number           int
}

// tickets returns the tickets among the names, in the order of their numbers.
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

// Ticket reports whether name is the name of a ticket: a numbered node with which a client waits in
// line for a lock or a leadership. It also reports whether the ticket is exclusive. The tickets of
// an [RWLock] are not exclusive, not even a writer's. The tickets of Curator's locks and latches,
// _c_GUID-lock-number, are.
func Ticket(name string) (ok, exclusively bool) {
	if strings.HasPrefix(name, "_c_") {
		_, err := strconv.Atoi(name[strings.LastIndexByte(name, '-')+1:])
		return err == nil, err == nil
	}
	line := tickets([]string{name})
	return len(line) == 1, len(line) == 1 && line[0].kind == exclusive
}

// Held is a lock or a leadership that a program believes it holds.
type Held struct {
	Node    string // its own ephemeral node
	Token   int64  // the fencing token: the node's czxid, larger than those of all earlier holders
	p       *Proc
	session int64
	office  string
	as      Access
}

// holds says that the program believes it holds the office. attends, careful: see [Mark].
func (h *Held) holds(attends, careful bool) {
	h.p.Mark(Mark{Kind: Holds, Office: h.office, Node: h.Node, As: h.as, Token: h.Token,
		Attends: attends, Careful: careful, Line: h.Node != h.office})
}

// letsGo says that the program no longer believes so, unless the program has said so already.
func (h *Held) letsGo() {
	if slices.Contains(h.p.held, h.Node) {
		h.p.Mark(Mark{Kind: LetsGo, Office: h.office, Node: h.Node, As: h.as})
	}
}

// Still reports whether the session that acquired h still exists, as far as the client knows. A
// client that is cut off does not learn that its session has ended.
func (h *Held) Still() bool { return h.sameSession() && !h.p.c.state.Final() }

// WaitConnected waits until the client is connected in the session that acquired h. It returns
// false as soon as the client knows that this session is over. [Proc.WaitConnected] would instead
// wait for a new session, in which the program does not hold the lock.
func (h *Held) WaitConnected() bool {
	h.p.Until(sim.Never, func() bool { return !h.Still() || h.p.connected() })
	return h.Still()
}

// Release deletes the node of h. It returns nil when the node is certainly deleted. It returns
// [ErrSessionOver] if the session is over: then the servers delete the node, because it is
// ephemeral.
//
// If the answer to the delete is lost, Release checks whether the session that acquired h still
// owns the node before it sends a second delete. Without this check, the second delete could remove
// the node of the next holder, because in some recipes the nodes of all holders have the same name
// ([Election.Race]).
func (h *Held) Release() error {
	h.letsGo() // before the office is free, so that no two appear to hold it
	unsure := false
	for h.WaitConnected() {
		if unsure && !h.releasesByPath() {
			gone, err := h.gone()
			if gone {
				return nil
			}
			if err != nil {
				h.p.PauseAfter(err)
				continue
			}
		}
		err := h.p.Delete(h.Node, tree.AnyVersion)
		if err == nil || errors.Is(err, tree.NoNode) {
			return nil
		}
		unsure = unsure || Maybe(err)
		h.p.PauseAfter(err)
	}
	return ErrSessionOver
}

// gone is true if no node of this session has that path. It syncs first, because a server that lags
// would still show the deleted node.
func (h *Held) gone() (bool, error) {
	if err := h.p.Sync(h.Node); err != nil {
		return false, err
	}
	found, stat, err := h.p.Exists(h.Node)
	return err == nil && (!found || stat.EphemeralOwner != h.session), err
}

// place is a program's place in a line: the GUID of its ticket, and the session. It outlives a lost
// connection.
type place struct {
	guid    string
	session int64
	unsure  bool // the answer to a create was lost, and no sync has succeeded since
}

// queueUp creates a ticket of a kind below path, and path if it is missing. Then it waits until the
// function before returns no ticket to wait for. Each waiter watches one node, whose deletion wakes
// no other waiter. queueUp fails when the session is over and no new session follows.
//
// The call that shows that the node exists also sets the watch, so no change is missed in between
// (hazard H3). That call is a getData: an exists would leave a watch for ever on a node that is
// gone (Curator's LockInternals uses getData for the same reason).
func (p *Proc) queueUp(at *place, path, kind string, data []byte, before order) (*Held, error) {
	if !slices.Contains(p.lines, path) {
		p.lines = append(p.lines, path)
	}
	p.Mark(Mark{Kind: Waits, Office: path, As: access(kind)})
	woken := false
	for p.WaitConnected() {
		if at.guid == "" || at.session != p.Session() {
			// A new session needs a new node: the old node is deleted with the old session (hazard
			// H4).
			*at = place{session: p.Session(), guid: strconv.FormatUint(p.Rand().Uint64(), 16)}
		}
		line, err := p.look(at, path)
		if err != nil {
			p.PauseAfter(err)
			continue
		}
		own := slices.IndexFunc(line, func(t ticket) bool { return t.guid == at.guid })
		if own < 0 {
			own = p.formerTicket(line, path, data)
		}
		if own < 0 {
			p.enter(at, path, kind, data)
			continue
		}
		node := path + "/" + line[own].name
		if first := before(line, own); first != "" && !p.withoutLook(woken, first) {
			if p.waitsForHolder(line, first) {
				first = line[0].name
			}
			// If that node is gone already, look again: the waiter before us may have died in line
			// (hazard H9).
			if w, err := p.watchEnd(path + "/" + first); err == nil {
				p.Mark(Mark{Kind: Waits, Office: path, Node: node, For: w.Path, As: access(kind)})
				_, err := w.Wait()
				woken = err == nil
			}
			continue
		}
		// The list may be stale: does the node still exist, and is the session still the same?
		if found, stat, err := p.Exists(node); err == nil && found && p.Session() == at.session {
			return &Held{Node: node, Token: stat.Czxid, p: p, session: at.session, office: path,
				as: access(kind)}, nil
		}
	}
	p.Mark(Mark{Kind: LetsGo, Office: path, As: access(kind)})
	return nil, ErrSessionOver
}

// acquire queues up from the beginning, and says that it holds the office.
func (p *Proc) acquire(path, kind string, data []byte, before order) (*Held, error) {
	held, err := p.queueUp(new(place), path, kind, data, before)
	if err == nil {
		held.holds(false, false)
	}
	return held, err
}

// watchEnd sets a watch on a node by the same call that shows that the node exists.
func (p *Proc) watchEnd(node string) (*Watch, error) {
	if p.c.has(flaw.LateWatch) {
		return p.watchLate(node)
	}
	_, _, w, err := p.GetW(node)
	return w, err
}

// look lists the tickets of a line, and creates the line if it is missing. If the answer to a
// create was lost, look syncs first: a server that lags may not show the ticket, and a second
// create would leave the first ticket as an orphan that blocks the line (CURATOR-264).
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
	return p.byName(tickets(names)), err
}

// enter creates a ticket.
func (p *Proc) enter(at *place, path, kind string, data []byte) {
	_, err := p.Create(path+"/"+at.guid+"-"+kind+"_", data, tree.EphemeralSequential)
	if at.unsure = Maybe(err); at.unsure && p.c.has(flaw.BlindRetry) {
		*at = place{}
	}
	if err != nil && !errors.Is(err, tree.NoNode) {
		p.PauseAfter(err)
	}
}

// ensure creates a node unless it exists.
func (p *Proc) ensure(path string) error {
	_, err := p.Create(path, nil, tree.Persistent)
	if errors.Is(err, tree.NodeExists) {
		return nil
	}
	return err
}

// order picks the ticket to wait for; empty means none.
type order func(line []ticket, own int) string

// next picks the ticket directly before the ticket own: the order of an exclusive lock.
func next(line []ticket, own int) string {
	if own == 0 {
		return ""
	}
	return line[own-1].name
}
