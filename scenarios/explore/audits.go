package explore

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/safety"
)

// Violation is a check that does not hold.
type Violation struct{ Name, Text string }

// ghost is what the checks of a world remember: the audit of the protocol, and for StateAtZxid the
// state after each transaction, of the first server that reported it.
type ghost struct {
	audit *safety.Audit
	trees []tree // ascending
	found *Violation
}

type tree struct {
	z     zab.Zxid
	items string
}

func newGhost(s *Setup) *ghost {
	g := &ghost{}
	g.audit = safety.New(s.config(1).Voters, zab.ID(s.all()), g.fail)
	return g
}

func (g *ghost) fail(name, text string) {
	if g.found == nil {
		g.found = &Violation{name, text}
	}
}

func (g *ghost) clone() *ghost {
	c := &ghost{trees: slices.Clip(g.trees)}
	c.audit = g.audit.Clone(c.fail)
	return c
}

// equal checks StateAtZxid.
func (g *ghost) equal(id zab.ID, z zab.Zxid, items string) {
	i, known := slices.BinarySearchFunc(g.trees, z, func(t tree, z zab.Zxid) int {
		return cmp.Compare(t.z, z)
	})
	switch {
	case !known:
		g.trees = slices.Insert(slices.Clone(g.trees), i, tree{z, items})
	case g.trees[i].items != items:
		g.fail("StateAtZxid", fmt.Sprintf("the state of S%d after %v is %q, and that of the server "+
			"that reached it first is %q", id, z, items, g.trees[i].items))
	}
}

// appendState appends all that later verdicts depend on.
func (g *ghost) appendState(dst []byte) []byte {
	dst = g.audit.AppendState(dst)
	for _, t := range g.trees {
		dst = binary.AppendUvarint(dst, uint64(t.z))
		dst = binary.AppendUvarint(dst, uint64(len(t.items)))
		dst = append(dst, t.items...)
	}
	return dst
}

// audits numbers the states of the audit from 0, that of a new ensemble.
type audits struct {
	list  []*ghost
	texts interner
	after pairs // (audit, list of reports) to the next audit
	buf   []byte
}

func newAudits(s *Setup) *audits {
	return &audits{list: []*ghost{newGhost(s)}, texts: newInterner(), after: newPairs()}
}

// next returns the audit after it is told a list of reports.
func (t *audits) next(at, calls uint32, list []report) uint32 {
	if to, ok := t.after.get(uint64(at), uint64(calls)); ok {
		return to
	}
	g := t.list[at].clone()
	g.tell(list)
	t.buf = t.buf[:0]
	if g.found != nil {
		t.buf = append(t.buf, g.found.Name...)
	}
	t.buf = g.appendState(append(t.buf, 0))
	n, fresh := t.texts.number(t.buf)
	if fresh {
		t.list = append(t.list, g)
		n = uint32(len(t.list) - 1)
	}
	t.after.put(uint64(at), uint64(calls), n)
	return n
}
