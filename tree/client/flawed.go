package client

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab/flaw"
)

// The flaws of the recipes, which are bugs to inject, apart from the sound code. The recipes call
// has where a flaw acts. Code of a flaw that is longer than a line is here.

// has is true if f is the injected flaw, and then counts a hit. A condition calls has last, after
// it has found that the flaw would make a difference.
func (c *Client) has(f flaw.Flaw) bool {
	if c.config.Places != nil {
		c.config.Places[f]++
	}
	return c.config.Flaw.At(f, c.config.Hits)
}

// givesUpAt (GivesUp) returns when a client that has no session yet says that its session has
// expired: 4/3 of the timeout after it first asked for one, as a client with a session does in
// ZooKeeper 3.9.3.
func (c *Client) givesUpAt() sim.Time {
	if c.config.Flaw != flaw.GivesUp || c.session != 0 || c.state != Connecting {
		return sim.Never
	}
	return c.unbornAt + c.timeout*4/3
}

// mistakesForOwn (OldSelf) is true if a node has these data, from which a client with the flaw
// concludes that the node is its own. Only the flaw makes the call that reads the data, so this
// condition calls has first.
func (p *Proc) mistakesForOwn(path string, data []byte) bool {
	if !p.c.has(flaw.OldSelf) {
		return false
	}
	found, _, err := p.Get(path)
	return err == nil && bytes.Equal(found, data)
}

// waitsForHolder (Herd) is true if a waiter watches the first ticket of the line, although without
// the flaw it would watch another.
func (p *Proc) waitsForHolder(line []ticket, first string) bool {
	return line[0].name != first && p.c.has(flaw.Herd)
}

// watchLate (LateWatch) reads a node first, and sets the watch by a second call.
func (p *Proc) watchLate(node string) (*Watch, error) {
	if _, _, err := p.Get(node); err != nil {
		return nil, err
	}
	_, _, w, err := p.ExistsW(node)
	return w, err
}

// withoutLook (NoSecondLook, H9) is true if a waiter that has been woken takes the lock, although
// first is before it.
func (p *Proc) withoutLook(woken bool, first string) bool {
	return woken && first != "" && p.c.has(flaw.NoSecondLook)
}

// releasesByPath (ReleaseByPath, H11) is true if a holder whose delete was not answered deletes the
// same path again, without a look at whose node is there. It matters where all have one name.
func (h *Held) releasesByPath() bool {
	return h.Node == h.office && h.p.c.has(flaw.ReleaseByPath)
}

// isOver is true if a leader's session is not its client's any more. LeadsOn (H10) overlooks that.
func (p *Proc) isOver(session int64) bool {
	return p.c.session != session && !p.c.has(flaw.LeadsOn)
}

// takesAnyway (TakesAnyway, H12) is true if a delete of an item failed because the item was gone,
// and the taker returns the item.
func (p *Proc) takesAnyway(err error) bool {
	return errors.Is(err, tree.NoNode) && p.c.has(flaw.TakesAnyway)
}

// opensShort (OneShort, H13) is true if a barrier lacks one program, and opens.
func (b Barrier) opensShort(p *Proc, entered int) bool {
	return entered == b.Size-1 && p.c.has(flaw.OneShort)
}

// byName (StringOrder, H14) sorts tickets as strings, if that changes their order.
func (p *Proc) byName(line []ticket) []ticket {
	order := func(a, b ticket) int { return strings.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(line, order) && p.c.has(flaw.StringOrder) {
		slices.SortFunc(line, order)
	}
	return line
}

// readsDirectly (ReaderDirect, H15) is true if a writer is before a reader, but not directly, and
// the reader enters.
func (p *Proc) readsDirectly(writer, direct string) bool {
	return writer != "" && writer != direct && p.c.has(flaw.ReaderDirect)
}

// sameSession is true if the client's session is the one that acquired the lock. AnySession (H10)
// accepts any session.
func (h *Held) sameSession() bool {
	return h.p.c.session == h.session || h.p.c.has(flaw.AnySession)
}

// hears is true if a primary's lock is no longer its own. DeafHolder (H10) does not hear of it.
func (h *Held) hears() bool { return !h.Still() && !h.p.c.has(flaw.DeafHolder) }

// formerTicket (FormerTicket, H4) returns the index of a ticket with the data of this candidate,
// whatever session created it; -1 if there is no such ticket. It makes calls that a sound client
// does not make.
func (p *Proc) formerTicket(line []ticket, path string, data []byte) int {
	if p.c.config.Flaw != flaw.FormerTicket || len(data) == 0 {
		return -1
	}
	for i := range line {
		found, _, err := p.Get(path + "/" + line[i].name)
		if err == nil && bytes.Equal(found, data) && p.c.has(flaw.FormerTicket) {
			return i
		}
	}
	return -1
}
