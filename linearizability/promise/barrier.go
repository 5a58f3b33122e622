package promise

import (
	lin "github.com/zablab/zablab/linearizability"
)

// gate is the name of the node that opens a barrier.
const gate = "ready"

// barriers judges BarrierSize and BarrierLeave.
func (j *judge) barriers() {
	j.declaredBarriers()
	members := make(map[lin.Path][]*lin.Life)
	for i := range j.Marks {
		if m := &j.Marks[i]; m.Kind == lin.Enters && j.is[m.Office] == nil {
			members[m.Office] = nil
		}
	}
	if len(members) == 0 {
		return
	}
	for i := range j.Lives {
		l := &j.Lives[i]
		if list, ok := members[parent(l.Path)]; ok && base(l.Path) != gate {
			members[parent(l.Path)] = append(list, l)
		}
	}
	for i := range j.Marks {
		m := &j.Marks[i]
		if j.is[m.Office] != nil {
			continue
		}
		switch m.Kind {
		case lin.Passes:
			j.passed(m, members[m.Office])
			j.judged(OwnNode)
			if m.Node != "" && j.life(m.Node, m.Session, m.Place) == nil {
				j.broken(OwnNode, m.At, []int64{m.Place},
					"%s passes the barrier %s at %s with the node %s, but its session never "+
						"created that node",
					m.Client, m.Office, seconds(m.At), base(m.Node))
			}
		case lin.HasLeft:
			j.left(m, members[m.Office])
		}
	}
}

// passed judges BarrierSize: before a program passes a barrier, as many programs as the barrier's
// size have been in it at once.
func (j *judge) passed(m *lin.Mark, members []*lin.Life) {
	most := 0
	for _, a := range members {
		n := 0
		for _, b := range members {
			if b.Made <= a.Made && a.Made < b.Gone {
				n++
			}
		}
		if a.Made <= m.Place {
			most = max(most, n)
		}
	}
	j.tooFew(m, m.Size, most)
}

// tooFew judges BarrierSize of a program that passes a barrier. most is how many programs had been
// in the barrier at once before, at most.
func (j *judge) tooFew(m *lin.Mark, size, most int) {
	if j.judged(BarrierSize); most < size {
		j.broken(BarrierSize, m.At, []int64{m.Place},
			"%s passes the barrier %s at %s: %d programs must be in the barrier at the same time "+
				"before one of them passes, but there were never more than %d",
			m.Client, m.Office, seconds(m.At), size, most)
	}
}

// left judges BarrierLeave: no program leaves before all others want to leave. When a program has
// left, no other program's node has existed all the time since the leaver's own node ended. The
// list that the leaver read last is younger than that end.
func (j *judge) left(m *lin.Mark, members []*lin.Life) {
	var own *lin.Life
	for _, l := range members {
		if l.Path == m.Node && l.Made <= m.Place {
			own = l
		}
	}
	if own == nil {
		return
	}
	j.judged(BarrierLeave)
	if own.Gone > m.Place {
		j.broken(BarrierLeave, m.At, []int64{own.Made, m.Place},
			"%s has left the barrier %s at %s, but its own node in the barrier still exists",
			m.Client, m.Office,
			seconds(m.At))
		return
	}
	for _, l := range members {
		if l.Path == m.Node || l.Made > own.Gone || l.Gone <= m.Place || j.wants(l, m) {
			continue
		}
		j.broken(BarrierLeave, m.At, []int64{l.Made, m.Place},
			"%s has left the barrier %s at %s, although the node %s is still in the barrier and "+
				"its program does not want to leave",
			m.Client, m.Office, seconds(m.At), base(l.Path))
		return
	}
}

// wants reports whether the program of a node wanted to leave before m.
func (j *judge) wants(l *lin.Life, m *lin.Mark) bool {
	for i := range j.Marks {
		if k := &j.Marks[i]; k.Kind == lin.Leaves && k.Office == m.Office && k.Node == l.Path &&
			k.Place >= l.Made && k.Place <= m.Place {
			return true
		}
	}
	return false
}
