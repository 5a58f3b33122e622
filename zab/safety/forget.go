package safety

import (
	"cmp"
	"maps"
	"slices"

	"github.com/zablab/zablab/zab"
)

// Forget forgets the histories up to a zxid, where no server can begin again: the oldest snapshot and
// the oldest log on the disk of every server, also of one that is down, reach at least as far as to.
// What was checked stays checked. The ends of the initial histories, which every later leader must
// hold, stay too. Without it, an audit keeps 16 bytes of each transaction, several times.
func (a *Audit) Forget(to zab.Zxid) {
	keep := make(map[zab.Zxid]bool)
	for _, e := range a.epochs { // order: each epoch alone
		keep[e.initial.zxid], keep[e.end.zxid], keep[e.committed] = true, true, true
	}
	for i := range a.servers {
		s := &a.servers[i]
		keep[s.delivered.zxid], keep[s.acked.zxid], keep[s.base] = true, true, true
		s.snaps = slices.DeleteFunc(s.snaps, func(n snap) bool { return n.zxid < to })
	}
	// Chains share memory, and must still share it afterwards.
	shared := make(map[*mark][]*chain)
	for _, c := range a.chains() {
		if len(c.marks) > 0 {
			shared[&c.marks[0]] = append(shared[&c.marks[0]], c)
		}
	}
	for _, list := range shared { // order: each piece of memory alone
		forget(list, to, keep)
	}
}

// forget shortens chains that begin at the same place in memory. The longest one has the marks of
// all others.
func forget(list []*chain, to zab.Zxid, keep map[zab.Zxid]bool) {
	longest := slices.MaxFunc(list, func(a, b *chain) int {
		return cmp.Compare(len(a.marks), len(b.marks))
	})
	all := longest.marks
	first := max(longest.search(to+1)-1, 0) // the mark at to, or before
	var marks []mark
	ends := make(map[int]int) // how many marks are left, by the old length
	for _, c := range list {
		ends[len(c.marks)] = 0
	}
	for i, m := range all {
		_, end := ends[i+1]
		if i >= first || end || keep[m.zxid] {
			marks = append(marks, m)
		}
		if end {
			ends[i+1] = len(marks)
		}
	}
	for _, c := range list {
		n := ends[len(c.marks)]
		c.marks = marks[:n:n]
	}
}

// chains returns every history that the audit knows.
func (a *Audit) chains() (list []*chain) {
	list = append(list, &a.chosen)
	for _, n := range slices.Sorted(maps.Keys(a.epochs)) {
		list = append(list, &a.epochs[n].broadcast)
	}
	for i := range a.servers {
		s := &a.servers[i]
		list = append(list, &s.log)
		for k := range s.parts {
			list = append(list, &s.parts[k].held)
		}
		for k := range s.snaps {
			list = append(list, &s.snaps[k].history)
		}
		for k := range s.catchUps {
			list = append(list, &s.catchUps[k].sending)
		}
	}
	return list
}

// Oldest returns the last zxid before everything that a server with these files can begin with.
func Oldest(disk DurableDisk) (z zab.Zxid, any bool) {
	for name := range disk.DurableFiles() {
		first, log, ok := zab.FileZxid(name)
		if !ok {
			continue
		}
		if log && first > 0 {
			first--
		}
		if !any || first < z {
			z, any = first, true
		}
	}
	return z, any
}
