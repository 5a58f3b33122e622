package script

import (
	"math"
	"slices"

	"github.com/zablab/zablab/tree"
)

// A drawing of fencing tokens may show only who writes with which token: its clients have got their
// locks above the drawing, or on an arrow by which the service gives them unasked.

// presents supplies the locks of clients that write with tokens and are never shown to ask for a
// lock. Who has the lowest token holds the lock before the drawing begins; the others get it directly
// before their first write. If one of them cannot get it there, because the drawing does not show that
// the holder before it loses the lock, none is supplied.
func (s *supplier) presents() {
	if s.strict || s.world.NoParents {
		return
	}
	first, path, plain := s.presented()
	drawn := path != ""
	if !drawn {
		path = "/lock"
	}
	lowest := uint32(math.MaxUint32)
	asked := false
	for _, p := range first {
		lowest = min(lowest, p.token)
		asked = asked || p.asks
	}
	if !drawn && (asked || plain || s.exists[path]) {
		return
	}
	var late, holders []presentation
	for _, p := range first {
		switch {
		case p.asks || s.owns(p.act.From, p.at):
		case p.token > lowest:
			late = append(late, p)
		case !drawn && len(first) > 1:
			holders = append(holders, p)
		}
	}
	if len(holders) > 1 || !s.getLocks(path, holders, late) {
		return
	}
	for _, p := range late {
		p.act.Presents = true
		op := createOf(path, "")
		op.Flags = tree.Ephemeral
		p.act.Before = append(p.act.Before, Supply{Client: p.act.From, Op: op})
		p.act.told("a call of %s before this write: %s, because no line shows how it gets its token",
			s.world.Cast.Drawn(p.act.From), sayOp(&op))
	}
	for _, p := range holders {
		p.act.Presents = true
		s.parents(&Act{From: p.act.From}, path)
		s.hold(p.act.From, path, p.act)
	}
}

// getLocks reports whether each late holder of a lock can get it where its first write is drawn: the
// lines above show the end of the holder before it, and no line below shows another create.
func (s *supplier) getLocks(path string, holders, late []presentation) bool {
	holder := ""
	if len(holders) > 0 {
		holder = holders[0].act.From
	}
	for i, a := range s.acts {
		gets := slices.ContainsFunc(late, func(p presentation) bool { return p.act == a })
		switch {
		case gets && holder != "":
			return false
		case gets:
			holder = a.From
		case a.Kind == Call && a.Op.Type == tree.OpCreate2 && a.Op.Path == path:
			if slices.ContainsFunc(late, func(p presentation) bool { return p.at < i }) {
				return false
			}
			if holder == "" {
				holder = a.From
			}
		case a.Kind == Fault && ends(&a.Fault.Fault) == holder,
			a.Kind == Happening && (a.Happening.What == SessionOver || a.Happening.What == NodeDeleted),
			a.Kind == Call && a.From == holder && (a.Op.Type == tree.OpCloseSession ||
				a.Op.Type == tree.OpDelete && a.Op.Path == path):
			holder = ""
		}
	}
	return true
}

// presentation is the first write of a client that shows a token.
type presentation struct {
	act   *Act
	at    int
	token uint32
	asks  bool // a line shows a create of the client
}

// presented returns the first write with a token of each client, and the path of the first lock that
// a line creates, or "". plain is true if a line creates an ephemeral node that is no lock.
func (s *supplier) presented() (first []presentation, path string, plain bool) {
	asks, seen := make(map[string]bool), make(map[string]bool)
	for i, a := range s.acts {
		switch {
		case a.Kind == Call && a.Op.Type == tree.OpCreate2:
			asks[a.From] = true
			if !a.Op.Flags.IsEphemeral() || a.Op.Flags.IsSequential() || path != "" {
				continue
			}
			if name := nameWords(lastName(a.Op.Path)); slices.ContainsFunc(name, func(w string) bool {
				return lockNodes[w]
			}) || a.vague && lockTalk.in(a.plain()) {
				path = a.Op.Path
			} else {
				plain = true
			}
		case a.Kind == Write && !seen[a.From]:
			if n, ok := tokenIn(a.plain()); ok {
				seen[a.From] = true
				first = append(first, presentation{act: a, at: i, token: n})
			}
		}
	}
	for i := range first {
		first[i].asks = asks[first[i].act.From]
	}
	return first, path, plain
}

// lockNodes are words in the names of nodes that one client at a time owns.
var lockNodes = wordSet("lock", "mutex", "lease", "leader", "leadership", "master", "primary", "active")
