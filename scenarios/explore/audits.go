package explore

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/safety"
)

// Violation is a check that failed, and how it failed.
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

// readGhost returns what the checks remember in a state.
func readGhost(s *Setup, state string) *ghost {
	g := &ghost{}
	var b []byte
	g.audit, b = safety.ReadState([]byte(state), s.config(1).Voters, zab.ID(s.all()), g.fail)
	for len(b) > 0 {
		z, n := binary.Uvarint(b)
		size, m := binary.Uvarint(b[n:])
		b = b[n+m:]
		g.trees = append(g.trees, tree{zab.Zxid(z), string(b[:size])})
		b = b[size:]
	}
	return g
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
		g.fail("StateAtZxid", fmt.Sprintf("the state of S%d after %v is %q, but the server that "+
			"reached this zxid first had %q", id, z, items, g.trees[i].items))
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

// audits numbers the states of the checks from 1, that of a new ensemble. It keeps them as text,
// which takes a tenth of the memory.
type audits struct {
	setup *Setup
	texts interner
	after pairs // (state of the checks, list of reports) to the next state
	buf   []byte
}

func newAudits(s *Setup) *audits {
	t := &audits{setup: s, texts: newInterner(), after: newPairs()}
	t.texts.keep = true
	t.texts.number(newGhost(s).appendState(nil))
	return t
}

// next returns the state of the checks after they are told a list of reports, or a violation.
func (t *audits) next(at, calls uint32, list []report) (to uint32, found *Violation) {
	if to, ok := t.after.get(uint64(at), uint64(calls)); ok {
		return to, nil
	}
	g := readGhost(t.setup, t.texts.list[at-1])
	g.tell(list)
	if g.found != nil {
		return 0, g.found
	}
	t.buf = g.appendState(t.buf[:0])
	to, _ = t.texts.number(t.buf)
	t.after.put(uint64(at), uint64(calls), to)
	return to, nil
}
