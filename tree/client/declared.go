package client

import (
	"github.com/zablab/zablab/linearizability/recipe"
)

// What a program says in simple words, if its client declares a recipe ([Config].Is). The words
// become marks at the path of the recipe, so that the program is judged without marks of its own.

// Want records that the program now waits for its office: the lock or the leadership that its
// client declares in [Config].Is. If the client declares neither, Want does nothing.
func (p *Proc) Want() { p.want(Exclusive) }

// WantShared is like [Proc.Want], for a program that wants a read-write lock as a reader.
func (p *Proc) WantShared() { p.want(Shared) }

func (p *Proc) want(as Access) {
	p.live()
	if r := p.declared(Waits); r != nil && !p.told.waits && !p.told.holds {
		p.Mark(Mark{Kind: Waits, Office: r.Path, As: as})
	}
}

// Hold records that the program now believes that it leads, or that it holds the lock that its
// client declares in [Config].Is. The parameter node is the path of the ephemeral node on which
// this belief rests. If node is "", the belief lasts until the client's session ends.
func (p *Proc) Hold(node string) {
	p.leads(node)
	p.hold(node, Exclusive)
}

// HoldShared is like [Proc.Hold], for a reader of a read-write lock: other readers may hold the
// lock at the same time.
func (p *Proc) HoldShared(node string) { p.hold(node, Shared) }

func (p *Proc) hold(node string, as Access) {
	p.live()
	r := p.declared(Holds)
	if r == nil || p.told.holds && (node == "" || p.told.node == node) {
		return
	}
	if p.told.holds {
		p.letGo()
	}
	p.Mark(Mark{Kind: Holds, Office: r.Path, Node: node, As: as})
}

// LetGo records that the program no longer believes that it leads or holds the lock. A program also
// calls LetGo when it stops waiting: for the lock or leadership, for an item of a queue, or at a
// barrier. Call LetGo before another program can get the lock. Otherwise the records would show two
// holders at the same time.
func (p *Proc) LetGo() {
	p.believe(false)
	switch p.said.Kind {
	case Takes, Enters, Leaves:
		if r := p.declared(p.said.Kind); r != nil && r.Path == p.said.Office {
			p.Mark(Mark{Kind: LetsGo, Office: r.Path, Size: r.Size})
			return
		}
	}
	p.letGo()
}

// Believe records whether the program now believes that it leads, or that it holds the lock that
// its client declares in [Config].Is.
func (p *Proc) Believe(leads bool) {
	p.believe(leads)
	switch {
	case !leads:
		p.letGo()
	case !p.told.holds:
		p.hold("", Exclusive)
	}
}

// letGo ends what Want or Hold has said.
func (p *Proc) letGo() {
	r := p.declared(LetsGo)
	if t := p.told; r != nil && (t.holds || t.waits) {
		p.Mark(Mark{Kind: LetsGo, Office: r.Path, Node: t.node, As: t.as})
	}
}

// tell completes a mark by the declaration, and notes what it says of the declared office. So a
// program may use a recipe of this package, which makes its own marks, and also say the same itself.
func (p *Proc) tell(m *Mark) {
	r := p.declared(m.Kind)
	if r == nil || !r.Office() || m.Office != r.Path {
		return
	}
	m.As = asDeclared(r, m.As)
	switch m.Kind {
	case Waits:
		p.told = told{waits: true, as: m.As}
	case Holds:
		p.told = told{holds: true, node: m.Node, as: m.As}
	case LetsGo:
		p.told = told{}
	}
}

// Say makes a [Mark] of the given kind, for a step of a recipe that the client declares in
// [Config].Is. If no declared recipe has steps of this kind, Say does nothing. The argument what is
// the node of the mark: the path of a queue's item or of the program's own node, or "".
func (p *Proc) Say(kind MarkKind, what string) {
	p.live()
	if kind == LetsGo {
		p.LetGo()
		return
	}
	if r := p.declared(kind); r != nil {
		p.Mark(Mark{Kind: kind, Office: r.Path, Node: what, Size: r.Size})
	}
}

// Declares reports whether the client declares which recipes its programs follow: see [Config].Is.
func (c *Client) Declares() bool { return len(c.config.Is) > 0 }

// Programs returns how many programs the client has started.
func (c *Client) Programs() int { return len(c.procs) }

// told is what a program has said in simple words and not ended.
type told struct {
	waits, holds bool
	node         string
	as           Access
}

// declared returns the first declared recipe that a kind of mark fits; nil if there is none.
func (p *Proc) declared(kind MarkKind) *recipe.Recipe {
	for i := range p.c.config.Is {
		r := &p.c.config.Is[i]
		var fits bool
		switch kind {
		case Waits, Holds, LetsGo:
			fits = r.Office()
		case Puts, HasPut, PerhapsPut, NotPut, Takes, Took, PerhapsTook:
			fits = r.Kind == recipe.KindQueue
		default:
			fits = r.Kind == recipe.KindBarrier
		}
		if fits {
			return r
		}
	}
	return nil
}

// asDeclared is how a program holds an office of a recipe.
func asDeclared(r *recipe.Recipe, as Access) Access {
	switch {
	case r.Leased:
		return Lease
	case r.Kind == recipe.KindRWLock && as == Shared:
		return Shared
	}
	return Exclusive
}
