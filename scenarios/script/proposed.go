package script

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
)

// writes supplies writes to a drawing that shows messages between servers and no call. Before the
// first proposal of each write, a client makes that write.
func (s *supplier) writes() {
	called := slices.ContainsFunc(s.acts, func(a *Act) bool { return a.Kind == Call })
	if s.world.NoParents || called {
		return
	}
	writes := 0
	proposed := make(map[string]int) // by the two servers
	for _, a := range s.acts {
		if a.Kind != Packet || a.Packet != "PROPOSAL" || ofEpoch(a.Text) {
			continue
		}
		pair := a.From + ">" + a.To
		if proposed[pair]++; proposed[pair] <= writes {
			continue
		}
		writes++
		who := s.world.Cast.guest()
		op := s.writeOf(a)
		a.Before = append(a.Before, Supply{Client: who, Op: op, Drawn: true})
		a.told("%s, a client that is not drawn, makes the write of this proposal: %s",
			who, sayOp(&op))
	}
}

// ofEpoch says whether a text gives its message an epoch and nothing else: such a message comes
// before all proposals.
func ofEpoch(text string) bool {
	pairs := pairsIn(text)
	return len(pairs) > 0 && !slices.ContainsFunc(pairs, func(p pair) bool {
		return !strings.Contains(p.key, "epoch")
	})
}

// writeOf returns a write that the leader may propose by this proposal.
func (s *supplier) writeOf(a *Act) tree.Op {
	path := a.Node
	if path == "" {
		path = "/data"
	}
	create := a.Change == tree.NodeCreated || a.Change == 0 && !s.drawn(path) && !s.exists[path]
	switch {
	case create && !s.exists[path]:
		s.parents(a, path)
		s.exists[path] = true
		return createOf(path, "")
	case a.Change == tree.NodeDeleted:
		s.node(a, path, "")
		s.exists[path] = false
		return tree.Op{Type: tree.OpDelete, Path: path, Version: tree.AnyVersion}
	}
	s.node(a, path, "")
	return tree.Op{Type: tree.OpSetData, Path: path, Data: []byte("1"), Version: tree.AnyVersion}
}

// guest returns the client that makes the calls that a drawing assumes but does not show: a client
// of the drawing or, if it has none, a new one.
func (c *Cast) guest() string {
	name := "Client"
	for _, n := range c.Order {
		if r := c.Roles[n]; r.Kind == RoleClient && r.Plays {
			return n
		} else if n == name {
			name += "0"
		}
	}
	r := Role{Kind: RoleClient, Label: name, Plays: true}
	for _, n := range c.Order {
		if c.Roles[n].Leads {
			r.Host = n
		}
	}
	c.Roles[name] = r
	c.index[name] = len(c.Order)
	c.Order = append(c.Order, name)
	return name
}
