package promise

import (
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/recipe"
)

// This file judges barriers that are declared: by what their programs say, not by nodes.

// crowd is who is in a declared barrier, by the marks up to some place.
type crowd struct {
	now     map[who]*lin.Mark // the last Enters, Passes or Leaves of each program inside
	entered map[who]bool      // the programs inside that said Enters
	most    int               // how many of them were inside at one moment, at most
}

func newCrowd() *crowd {
	return &crowd{now: make(map[who]*lin.Mark), entered: make(map[who]bool)}
}

// take notes a mark of the barrier, or that a client died.
func (c *crowd) take(m *lin.Mark) {
	at := who{m.Client, m.Program, m.Office}
	switch m.Kind {
	case lin.Died:
		forget(c.now, m.Client)
		forget(c.entered, m.Client)
	case lin.Enters:
		c.now[at], c.entered[at] = m, true
		c.most = max(c.most, len(c.entered))
	case lin.Passes, lin.Leaves:
		c.now[at] = m
	default: // HasLeft, LetsGo
		delete(c.now, at)
		delete(c.entered, at)
	}
}

// standing returns who is in a declared barrier before a place.
func (j *judge) standing(office lin.Path, before int64) *crowd {
	c := newCrowd()
	for i := range j.Marks {
		m := &j.Marks[i]
		if m.Place >= before {
			break
		}
		if m.Kind == lin.Died || m.Office == office {
			c.take(m)
		}
	}
	return c
}

// declaredBarriers judges BarrierSize and BarrierLeave of barriers that are declared.
func (j *judge) declaredBarriers() {
	crowds := make(map[lin.Path]*crowd)
	for path, is := range j.is { // order: each is separate
		if is.Kind == recipe.KindBarrier {
			crowds[path] = newCrowd()
		}
	}
	if len(crowds) == 0 {
		return
	}
	for first, end := 0, 0; first < len(j.Marks); first = end {
		for end < len(j.Marks) && j.Marks[end].Place == j.Marks[first].Place {
			end++
		}
		j.atBarriers(j.Marks[first:end], crowds)
	}
}

// atBarriers judges the marks of one place. Who leaves is compared with the crowd before that
// place, who passes with the one after it: a program may enter and pass in one step.
func (j *judge) atBarriers(marks []lin.Mark, crowds map[lin.Path]*crowd) {
	for i := range marks {
		m := &marks[i]
		if c := crowds[m.Office]; c != nil && m.Kind == lin.HasLeft {
			j.leftDeclared(m, c)
		}
	}
	for i := range marks {
		m := &marks[i]
		if c := crowds[m.Office]; c != nil {
			c.take(m)
		} else if m.Kind == lin.Died {
			for _, c := range crowds { // order: each is separate
				c.take(m)
			}
		}
	}
	for i := range marks {
		m := &marks[i]
		if c := crowds[m.Office]; c != nil && m.Kind == lin.Passes {
			j.tooFew(m, j.is[m.Office].Size, c.most)
		}
	}
}

// leftDeclared judges BarrierLeave of a declared barrier: a program leaves only when all others
// want to leave. It looks at the programs that passed the barrier before m's program wanted to
// leave, and whose sessions live. The crowd is the one before m.
func (j *judge) leftDeclared(m *lin.Mark, c *crowd) {
	j.judged(BarrierLeave)
	own := c.now[who{m.Client, m.Program, m.Office}]
	if own == nil {
		return
	}
	var there *lin.Mark        // the first that passed
	for _, in := range c.now { // order: a minimum
		if in != own && in.Kind == lin.Passes && in.Place < own.Place &&
			j.sessionEnd(in.Session) > m.At && (there == nil || in.Place < there.Place) {
			there = in
		}
	}
	if there == nil {
		return
	}
	j.broken(BarrierLeave, m.At, []int64{there.Place, m.Place},
		"%s has left the barrier %s at %s, although %s passed it at %s and does not want to leave",
		m.Client, m.Office, seconds(m.At), there.Client, seconds(there.At))
}

// openDeclared returns since when a declared barrier has been open for a program that waits to
// enter or to leave it: as many as its size have entered, or nobody inside wants to stay.
func (j *judge) openDeclared(w wait, since int64, end *lin.Mark) (_ int64, free bool) {
	now := j.standing(w.Office, end.Place).now
	for _, in := range now { // order: a maximum
		if w.Kind == lin.Leaves && in.Kind == lin.Passes &&
			j.sessionEnd(in.Session) > end.At && in.Client != w.Client {
			return 0, false
		}
		since = max(since, in.At)
	}
	return since, w.Kind == lin.Leaves || len(now) >= j.is[w.Office].Size
}
