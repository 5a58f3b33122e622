package script

import (
	"maps"
	"slices"

	"github.com/zablab/zablab/tree"
)

// pair finds the drawn answer of each call. If n answers to a client follow its calls, they are for
// its last n calls: each answer is for the call that it suits best, the oldest of several.
func (s *supplier) pair() {
	clear(s.answers)
	s.astray()
	for _, scene := range s.world.Scenes {
		s.pairIn(scene.Acts, make(map[string][]*Act))
	}
}

func (s *supplier) pairIn(acts []*Act, open map[string][]*Act) {
	for i, a := range acts {
		switch a.Kind {
		case Call:
			list := open[a.From]
			if len(list) >= mostOpen {
				list = slices.Clone(list[1:])
			}
			open[a.From] = append(list, a)
		case Reply:
			if a.Astray != "" {
				continue
			}
			if a.Of != nil && a.Of.Kind == Heartbeat {
				continue
			}
			list := open[a.To]
			if at := partner(a, list, following(acts[i:min(len(acts), i+reach)], a.To)); at >= 0 {
				s.answers[list[at]], a.Of = a, list[at]
				open[a.To] = slices.DeleteFunc(slices.Clone(list), func(b *Act) bool {
					return b == a.Of || b.Joint && a.Of.Joint && b.Pos == a.Of.Pos
				})
			}
		case Block:
			for k := range a.Branches {
				state := open
				if a.Block == "alt" && k < len(a.Branches)-1 {
					state = maps.Clone(open)
				}
				s.pairIn(a.Branches[k].Acts, state)
			}
		}
	}
}

// astray marks the answer of a server that the client has not called, if the server that the client
// has called answers the same call, too: a leader sends no answers to a follower's clients.
func (s *supplier) astray() {
	if s.strict {
		return
	}
	calls := make(map[string]*Act)  // by client: its last call to a server
	others := make(map[string]*Act) // by client: the answer of another server to that call
	open := make(map[string]int)    // by "client server": how many of its calls have no answer yet
	for _, a := range s.acts {
		switch asked := a.To + " " + a.From; {
		case a.Kind == Call:
			calls[a.From], others[a.From] = a, nil
			open[a.From+" "+a.To]++
		case a.Kind != Reply || a.Either || calls[a.To] == nil ||
			s.world.Cast.Roles[a.From].Kind != RoleServer:
		case a.From == calls[a.To].To:
			open[asked] = max(0, open[asked]-1)
			if other := others[a.To]; other != nil {
				cast := s.world.Cast
				other.Astray = cast.Drawn(a.To) + " is connected to " + cast.Drawn(a.From) +
					", so only this server answers the client"
				others[a.To] = nil
			}
		case open[asked] > 0: // it answers an earlier call
			open[asked]--
		default:
			others[a.To] = a
		}
	}
}

// following returns the number of answers to a client before its next call.
func following(acts []*Act, who string) (n int) {
	for _, a := range acts {
		switch {
		case a.Kind == Call && a.From == who, a.Kind == Block:
			return max(n, 1)
		case a.Kind == Reply && a.To == who:
			n++
		}
	}
	return n
}

// partner returns the index of the call in list that an answer is for, or -1. list are the calls
// without an answer. The answer is for the call that it suits best, first among the last n, then
// among all. A call that sets a watch, or a sync, comes last: drawings seldom show its answer.
func partner(a *Act, list []*Act, n int) int {
	if len(list) == 0 {
		return -1
	}
	plain := func(c *Act) bool {
		return !c.Op.Watch && (c.Op.Type != tree.OpSync || !a.Reply.Tells())
	}
	last := len(list) // where the last n plain calls begin
	for k := len(list) - 1; k >= 0 && n > 0; k-- {
		if plain(list[k]) {
			last = k
			n--
		}
	}
	words := a.words()
	best := func(from int, all bool) (at int) {
		at = -1
		most := SuitsNot
		for i := from; i < len(list); i++ {
			if !all && !plain(list[i]) {
				continue
			}
			if suit := a.suits(&list[i].Op, words); suit > most {
				most, at = suit, i
			}
		}
		return at
	}
	at := best(last, false)
	if at < 0 {
		at = best(0, false)
	}
	if at < 0 && !a.Either {
		at = best(0, true)
	}
	if at < 0 && !a.Either && last < len(list) {
		at = last
	}
	return at
}
