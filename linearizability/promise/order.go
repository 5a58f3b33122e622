package promise

import (
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// order judges InOrder: a program that holds an office by a numbered node has waited for the end of
// all earlier nodes that exclude it. Numbers are given once, so an earlier node that exists now was
// there when the program looked. And no program waits for the end of a later node. Where the oldest
// node holds the office, the same is judged by the moments at which the nodes were created.
func (j *judge) order() {
	j.ages()
	lines := make(map[lin.Path][]*lin.Life)
	for i := range j.holds {
		if h := &j.holds[i]; h.Line || j.ordered(h) {
			lines[h.Office] = nil
		}
	}
	for i := range j.Lives {
		l := &j.Lives[i]
		if _, numbered := number(l.Path); numbered {
			if line, ok := lines[parent(l.Path)]; ok {
				lines[parent(l.Path)] = append(line, l)
			}
		}
	}
	for i := range j.Marks {
		m := &j.Marks[i]
		own, ok := number(m.Node)
		if first, numbered := number(m.For); m.Kind == lin.Waits && ok && numbered {
			j.judged(InOrder)
			if first >= own {
				j.broken(InOrder, m.At, []int64{m.Place},
					"%s waits in %s with the node %s until %s is deleted, although %[4]s comes "+
						"after %[3]s",
					m.Client, m.Office, base(m.Node), base(m.For))
			}
		}
	}
	for i := range j.holds {
		if h := &j.holds[i]; (h.Line || j.ordered(h)) && h.As != lin.Lease && !j.leased(h.Office) {
			j.inOrder(h, lines[h.Office])
		}
	}
}

// ordered reports whether the office of a hold is declared to be given in order.
func (j *judge) ordered(h *hold) bool {
	is := j.is[h.Office]
	return is != nil && is.Ordered
}

// inOrder judges a hold by the nodes of its line. If the program has not named its node, it is the
// only one of its session in the line; of several, the judge cannot know which.
func (j *judge) inOrder(h *hold, line []*lin.Life) {
	node, life := h.Node, h.life
	if node == "" && j.ordered(h) {
		for _, l := range line {
			if l.Maker != h.Session || l.Made > h.from || l.Gone <= h.from {
				continue
			}
			if life != nil {
				return
			}
			node, life = l.Path, l
		}
	}
	own, ok := number(node)
	if !ok || life == nil {
		return
	}
	j.judged(InOrder)
	for _, l := range line {
		n, _ := number(l.Path)
		if l.Made > h.from || l.Gone <= h.from || n >= own || h.As == lin.Shared && readers(l.Path) {
			continue
		}
		j.broken(InOrder, h.At, []int64{l.Made, h.from},
			"%s holds %s from %s on with the node %s, although the earlier node %s exists",
			h.name(), h.Office, seconds(h.At), base(node), base(l.Path))
		break
	}
}

// ages judges InOrder for the offices that belong to the oldest node.
func (j *judge) ages() {
	candidates := make(map[lin.Path][]*lin.Life)
	for i := range j.Marks {
		m := &j.Marks[i]
		if !m.ByAge {
			continue
		}
		candidates[m.Office] = nil
		if m.Kind != lin.Waits {
			continue
		}
		own := j.life(m.Node, m.Session, m.Place)
		list := j.lives[m.For]
		for len(list) > 0 && j.Lives[list[len(list)-1]].Made > m.Place {
			list = list[:len(list)-1]
		}
		if own == nil || len(list) == 0 {
			continue
		}
		j.judged(InOrder)
		if j.Lives[list[len(list)-1]].Made > own.Made {
			j.broken(InOrder, m.At, []int64{m.Place},
				"%s waits in %s with the node %s until %s is deleted, although %[4]s is younger "+
					"than %[3]s",
				m.Client, m.Office, base(m.Node), base(m.For))
		}
	}
	if len(candidates) == 0 {
		return
	}
	for i := range j.Lives {
		l := &j.Lives[i]
		if list, ok := candidates[parent(l.Path)]; ok && l.Ephemeral {
			candidates[parent(l.Path)] = append(list, l)
		}
	}
	for i := range j.holds {
		h := &j.holds[i]
		if !h.ByAge || h.life == nil {
			continue
		}
		j.judged(InOrder)
		for _, l := range candidates[h.Office] {
			if l.Made < h.life.Made && l.Gone > h.from {
				j.broken(InOrder, h.At, []int64{l.Made, h.from},
					"%s holds %s from %s on with the node %s, although the older node %s exists",
					h.name(), h.Office, seconds(h.At), h.node(), base(l.Path))
				break
			}
		}
	}
}

// readers reports whether a numbered node is a reader's: GUID-r_number.
func readers(path lin.Path) bool { return strings.HasSuffix(string(path[:len(path)-10]), "-r_") }

func parent(path lin.Path) lin.Path {
	return path[:max(strings.LastIndexByte(string(path), '/'), 0)]
}

// number is the number at the end of a sequential node's name: its last ten digits.
func number(path lin.Path) (n int, ok bool) {
	if len(path) < 10 {
		return 0, false
	}
	n, err := strconv.Atoi(string(path[len(path)-10:]))
	return n, err == nil && n >= 0
}
