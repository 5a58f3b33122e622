package elect

import (
	"errors"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Term is the time from when a program becomes leader until it stops, as far as the program knows.
// A leader that is paused or cut off may believe that its term has not ended although another
// program already leads (hazards H2 and H8 of package client).
type Term struct {
	Node  string // the holder's own node; empty for a [Lease]
	Token int64  // a fencing token, larger than the tokens of all earlier terms of the office

	p       *client.Proc
	session int64       // in which the office was taken
	mark    client.Mark // what the holder says of itself
	until   sim.Time    // when the holder resigns; sim.Never if it does not
	careful bool        // a lost connection ends the term
	gone    func() bool // something else has ended it; may be nil
	ended   bool        // an answer to the holder has shown that it is over
	deaf    bool        // the holder ignores all of this
}

// Still reports whether the term has not ended yet, as far as the leader knows.
func (t *Term) Still() bool { return !t.over() && t.p.Now() < t.until }

// over reports whether the term has ended without the holder's will.
func (t *Term) over() bool {
	p := t.p
	if t.deaf {
		return false
	}
	return p.Session() != t.session || p.State().Final() ||
		t.careful && p.State() != client.Connected || t.ended || t.gone != nil && t.gone()
}

// Sleep waits for the time d, or until the term ends if that comes first. It returns [Term.Still].
func (t *Term) Sleep(d sim.Time) bool {
	t.p.Until(d, func() bool { return !t.Still() })
	return t.Still()
}

// serve holds the office for hold, or for ever if hold is 0, until the term ends or the function
// lead, if any, returns. It reports whether the holder has to resign: it still holds the office, as
// far as it knows.
func (t *Term) serve(hold sim.Time, lead func(*client.Proc, *Term)) (resigns bool) {
	p, m := t.p, t.mark
	t.until = sim.Never
	if hold > 0 {
		t.until = p.Now() + hold
	}
	if t.over() { // while the candidate prepared for it
		return false
	}
	m.Kind, m.Node, m.Token = client.Holds, t.Node, t.Token
	m.Attends, m.Careful = lead == nil, lead == nil && t.careful
	p.Hold(t.Node)
	p.Mark(m)
	if lead != nil {
		lead(p, t)
	} else {
		p.Until(t.until-p.Now(), func() bool { return !t.Still() })
	}
	p.Believe(false)
	m.Kind = client.LetsGo
	p.Mark(m)
	return !t.over()
}

// campaign tries to take an office, again and again, until a try returns true because the program
// has led and resigned, or until the session is over and no new session follows.
func campaign(p *client.Proc, m client.Mark, try func() (resigned bool)) {
	for p.WaitConnected() {
		waits(p, m)
		if try() {
			return
		}
	}
	m.Kind = client.LetsGo
	p.Mark(m)
}

// await waits until a node is deleted, for which a candidate with its own node waits. The call that
// shows that the node exists also sets the watch (hazard H3 of package client).
func await(p *client.Proc, own, node string, m client.Mark) {
	_, _, w, err := p.GetW(node)
	if err != nil {
		if !errors.Is(err, tree.NoNode) {
			p.PauseAfter(err)
		}
		return
	}
	m.Node, m.For = own, node
	waits(p, m)
	w.Wait()
}

// waits marks that a program waits for an office.
func waits(p *client.Proc, m client.Mark) {
	m.Kind = client.Waits
	p.Mark(m)
}

// ensure creates a node and its parents, unless they exist.
func ensure(p *client.Proc, path string) {
	for i := 1; i <= len(path); i++ {
		if i == len(path) || path[i] == '/' {
			_, err := p.Create(path[:i], nil, tree.Persistent)
			if err != nil && !errors.Is(err, tree.NodeExists) {
				p.PauseAfter(err)
				return
			}
		}
	}
}

// parent returns the path above a path, without a slash at its end.
func parent(path string) string { return path[:strings.LastIndexByte(path, '/')] }

// deleteOwn deletes a node of a session. It returns when no node of that session has this path. If
// the answer to its delete is lost, it looks whose node is there before it deletes again, because
// meanwhile the successor may have created its own (H11).
func deleteOwn(p *client.Proc, path string, session int64) {
	for unsure := false; p.WaitConnected() && p.Session() == session; {
		if unsure {
			if err := p.Sync(path); err != nil {
				p.PauseAfter(err)
				continue
			}
			found, stat, err := p.Exists(path)
			if err != nil {
				continue
			}
			if !found || stat.EphemeralOwner != session {
				return
			}
		}
		err := p.Delete(path, tree.AnyVersion)
		if err == nil || errors.Is(err, tree.NoNode) {
			return
		}
		unsure = unsure || client.Maybe(err)
		p.PauseAfter(err)
	}
}

// exclusive is what the holders and candidates of an office say of themselves.
func exclusive(office string) client.Mark {
	return client.Mark{Office: office, As: client.Exclusive}
}
