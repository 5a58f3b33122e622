package script

import (
	"math"

	"github.com/zablab/zablab/tree"
)

// A drawing of fencing tokens may show only who writes with which token: its clients have got their
// locks above the drawing, or on an arrow by which the service gives them unasked.

// presents supplies the locks of clients that write with tokens and are never shown to ask for a
// lock. Who has the lowest token holds the lock before the drawing begins; the others get it directly
// before their first write.
func (s *supplier) presents() {
	if s.strict || s.world.NoParents {
		return
	}
	first, path := s.presented()
	drawn := path != ""
	if !drawn {
		path = "/lock"
	}
	lowest := uint32(math.MaxUint32)
	for _, p := range first {
		lowest = min(lowest, p.token)
	}
	for _, p := range first {
		a, who := p.act, p.act.From
		switch {
		case p.asks || s.owns(who, p.at):
		case p.token > lowest || !drawn && s.exists[path]:
			a.Presents = true
			op := createOf(path, "")
			op.Flags = tree.Ephemeral
			a.Before = append(a.Before, Supply{Client: who, Op: op})
			a.told("a call of %s before this write: %s, because no line shows how it gets its token",
				s.world.Cast.Drawn(who), sayOp(&op))
		case !drawn && len(first) > 1 && !s.exists[path]:
			a.Presents = true
			s.parents(&Act{From: who}, path)
			s.hold(who, path, a)
		}
	}
}

// presentation is the first write of a client that shows a token.
type presentation struct {
	act   *Act
	at    int
	token uint32
	asks  bool // a line shows a create of the client
}

// presented returns the first write with a token of each client, and the path of the first lock that
// a line creates, or "".
func (s *supplier) presented() (first []presentation, path string) {
	asks, seen := make(map[string]bool), make(map[string]bool)
	for i, a := range s.acts {
		switch {
		case a.Kind == Call && a.Op.Type == tree.OpCreate2:
			asks[a.From] = true
			if path == "" && a.Op.Flags.IsEphemeral() && !a.Op.Flags.IsSequential() {
				path = a.Op.Path
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
	return first, path
}
