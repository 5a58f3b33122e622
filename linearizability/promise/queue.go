package promise

import (
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// queues judges what programs say of the items of queues: numbered nodes item-… below its path.
func (j *judge) queues() {
	j.items()
	queues := make(map[lin.Path]bool)
	taken := make(map[lin.Path]*lin.Mark) // for certain
	told := make(map[lin.Path]lin.Client) // who said that it took the item, or perhaps did
	for i := range j.Marks {
		m := &j.Marks[i]
		if j.names[m.Office] {
			continue
		}
		switch m.Kind {
		case lin.Puts, lin.Takes:
			queues[m.Office] = true
		case lin.Took:
			j.took(m, taken[m.Node])
			taken[m.Node], told[m.Node] = m, m.Client
			j.oldestFirst(m)
		case lin.PerhapsTook:
			if told[m.Node] == "" {
				told[m.Node] = m.Client
			}
		}
	}
	for i := range j.Lives {
		l := &j.Lives[i]
		if queues[parent(l.Path)] && isItem(l.Path) && l.Died != 0 {
			j.lost(l, told)
		}
	}
	j.puts()
}

func isItem(path lin.Path) bool { return strings.HasPrefix(base(path), "item-") }

// took judges TakenOnce: each item is taken once. The mark before is that of an earlier program
// that took the item.
func (j *judge) took(m, before *lin.Mark) {
	if j.again(before, m) {
		return
	}
	for _, i := range j.lives[m.Node] {
		if l := &j.Lives[i]; l.Ender == m.Session && l.Gone <= m.Place {
			return
		}
	}
	j.broken(TakenOnce, m.At, []int64{m.Place},
		"%s says that it took %s at %s, but its session did not delete that node", m.Client, m.Node,
		seconds(m.At))
}

// again judges whether an item is taken a second time. The mark before is that of the earlier
// program that took it; nil without one.
func (j *judge) again(before, m *lin.Mark) bool {
	j.judged(TakenOnce)
	if before == nil {
		return false
	}
	j.broken(TakenOnce, m.At, []int64{before.Place, m.Place},
		"%s took %s at %s, and %s took it again at %s", before.Client, m.Node, seconds(before.At),
		m.Client, seconds(m.At))
	return true
}

// lost judges NothingLost: the program that deleted an item reports that it took the item, or
// perhaps took it. It need not report this if its client died before the answer to the delete came.
func (j *judge) lost(l *lin.Life, told map[lin.Path]lin.Client) {
	for i := range j.Ops {
		o := &j.Ops[i]
		if o.Kind != lin.Delete || o.Path != l.Path || o.Session != l.Ender || o.Txn != l.Died {
			continue
		}
		if o.Place == 0 {
			return // its client never got an answer
		}
		j.judged(NothingLost)
		if told[l.Path] == "" {
			time := l.To
			j.broken(NothingLost, time, []int64{l.Made, l.Gone},
				"%s was deleted by %s at %s, but no program reported that it took the item",
				l.Path, o.Client, seconds(time))
		}
		return
	}
}

// oldestFirst judges OldestFirst: a program takes the first item of its list. The list that the
// taker read last before its delete shows no earlier item that outlives that delete.
func (j *judge) oldestFirst(m *lin.Mark) {
	own, ok := number(m.Node)
	var del, list *lin.Operation
	for i := range j.Ops {
		o := &j.Ops[i]
		switch {
		case o.Client != m.Client || o.Session != m.Session || o.Outcome != lin.OK:
		case o.Kind == lin.Delete && o.Path == m.Node:
			del = o
		case o.Kind == lin.Children && o.Path == m.Office && o.Return <= m.At &&
			(list == nil || o.Return > list.Return):
			list = o
		}
	}
	if !ok || del == nil || list == nil || del.Call < list.Return || list.Zxid == 0 ||
		del.Txn == 0 {
		return
	}
	j.judged(OldestFirst)
	for i := range j.Lives {
		l := &j.Lives[i]
		if l.Born > list.Zxid || l.Died != 0 && l.Died < del.Txn || !isItem(l.Path) ||
			parent(l.Path) != m.Office {
			continue
		}
		if n, numbered := number(l.Path); numbered && n < own {
			j.broken(OldestFirst, m.At, []int64{l.Made, m.Place},
				"%s took %s at %s, although the earlier item %s was in the list that it had read",
				m.Client, m.Node, seconds(m.At), base(l.Path))
			return
		}
	}
}

// puts judges PutOnce. Two programs of one client that put into one queue are not told apart by
// their calls: they are left out.
func (j *judge) puts() {
	programs := make(map[who]int) // by client and queue: the program, or -1 for several
	for i := range j.Marks {
		if m := &j.Marks[i]; m.Kind == lin.Puts {
			at := who{client: m.Client, office: m.Office}
			if p, known := programs[at]; known && p != m.Program {
				programs[at] = -1
			} else {
				programs[at] = m.Program
			}
		}
	}
	open := make(map[who]*lin.Mark)
	for i := range j.Marks {
		m := &j.Marks[i]
		at := who{client: m.Client, office: m.Office}
		if j.names[m.Office] {
			continue
		}
		switch m.Kind {
		case lin.Puts:
			open[at] = m
		case lin.HasPut, lin.PerhapsPut, lin.NotPut:
			if from := open[at]; from != nil && programs[at] == m.Program {
				j.put(from, m)
			}
			delete(open, at)
		}
	}
}

// put compares what a program says of a put with the items that the put created.
func (j *judge) put(from, m *lin.Mark) {
	j.judged(PutOnce)
	made := 0
	for i := range j.Ops {
		o := &j.Ops[i]
		if o.Client != m.Client || o.Kind != lin.Create || parent(o.Path) != m.Office ||
			!between(o, from, m) || o.Outcome == lin.Failed || !isItem(o.Path) {
			continue
		}
		made++
	}
	least, most := 0, 0
	switch m.Kind {
	case lin.HasPut:
		least, most = 1, 1
	case lin.PerhapsPut:
		most = 1
	}
	if made < least || made > most {
		j.broken(PutOnce, m.At, []int64{from.Place, m.Place},
			"%s says at %s that it %s an item into %s, but since %s it has created %d items in %[4]s",
			m.Client, seconds(m.At), m.Kind, m.Office, seconds(from.At), made)
	}
}

// between reports whether an operation is called after one mark and before another, by its place if
// that is known: a call may be over in the microsecond in which it began.
func between(o *lin.Operation, from, to *lin.Mark) bool {
	if o.CallPlace == 0 {
		return o.Call >= from.At && o.Call < to.At
	}
	return o.CallPlace > from.Place && o.CallPlace <= to.Place
}
