package why

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
)

// differences lists which data of the servers differ: for servers at one zxid, the first nodes of
// their trees that differ, and their sessions; else their logs.
func (d *fold) differences(property string, s *subjects) (list []string) {
	list = append(list, d.replayed()...)
	list = append(list, d.trees()...)
	list = append(list, d.logs(s)...)
	list = append(list, d.strange(s)...)
	list = append(list, d.queued(s)...)
	switch property {
	case "LiveAfterHealing":
		list = append(append(list, d.silent(s)...), d.unrest()...)
	case "ExpiryInTime":
		list = append(list, d.unrest()...)
	}
	return list[:min(len(list), 6)]
}

// trees compares the trees of servers that have applied the same zxid.
func (d *fold) trees() (list []string) {
	seen := make(map[zxid]*trace.NodeState)
	for i := range d.state.Nodes {
		n := &d.state.Nodes[i]
		z := parse(n.Com)
		if !serving(n.Kind) || z.e == 0 || n.Role != "leading" && n.Role != "following" &&
			n.Role != "observing" {
			continue
		}
		if o, ok := seen[z]; ok {
			list = append(list, compare(o, n, z)...)
			continue
		}
		seen[z] = n
	}
	return list
}

// most limits the differences that are listed between two servers.
const most = 3

// compare compares the trees and sessions of two servers at one zxid.
func compare(a, b *trace.NodeState, z zxid) (list []string) {
	i, k := 0, 0
	for (i < len(a.Tree) || k < len(b.Tree)) && len(list) < most {
		switch {
		case k == len(b.Tree) || i < len(a.Tree) && a.Tree[i].Path < b.Tree[k].Path:
			list = append(list, fmt.Sprintf("at %v, %s has the node %s (created by %s), but %s "+
				"does not", z, a.ID, a.Tree[i].Path, a.Tree[i].Cz, b.ID))
			i++
		case i == len(a.Tree) || b.Tree[k].Path < a.Tree[i].Path:
			list = append(list, fmt.Sprintf("at %v, %s has the node %s (created by %s), but %s "+
				"does not", z, b.ID, b.Tree[k].Path, b.Tree[k].Cz, a.ID))
			k++
		default:
			if t := fields(&a.Tree[i], &b.Tree[k], a.ID, b.ID); t != "" {
				list = append(list, fmt.Sprintf("at %v, node %s: %s", z, a.Tree[i].Path, t))
			}
			i, k = i+1, k+1
		}
	}
	for _, pair := range [][2]*trace.NodeState{{a, b}, {b, a}} {
		for _, line := range pair[0].Sessions {
			if !slices.Contains(pair[1].Sessions, line) && len(list) < most {
				id, client, _ := strings.Cut(line, " ")
				list = append(list, fmt.Sprintf("at %v, %s has the session %s of %s, but %s "+
					"does not", z, pair[0].ID, id, client, pair[1].ID))
			}
		}
	}
	return list
}

// fields says in which fields the copies of a node on two servers differ, or "" if they are equal.
func fields(a, b *trace.TreeChange, onA, onB string) string {
	var list []string
	add := func(name string, x, y any) {
		if x != y {
			list = append(list, fmt.Sprintf("%s is %v on %s and %v on %s", name, x, onA, y, onB))
		}
	}
	add("version", a.Version, b.Version)
	add("data", fmt.Sprintf("%.20q", a.Data), fmt.Sprintf("%.20q", b.Data))
	add("czxid", a.Cz, b.Cz)
	add("mzxid", a.Mz, b.Mz)
	add("owner", a.Owner, b.Owner)
	return strings.Join(list, "; ")
}

// replayed compares the replay of each server that has just started with what the first server did
// with the same transactions. It also shows snapshots that already contain what is replayed
// over them.
func (d *fold) replayed() (list []string) {
	told := make(map[string]bool)
	for i := range d.events {
		e := &d.events[i]
		if e.Patch.Reload != nil && e.Why == "boot" {
			list = append(list, d.reloaded(e)...)
		}
		if e.K != "commit" || !strings.Contains(e.Say, " replays ") || told[e.N] {
			continue
		}
		z := zxidOf(e)
		first, ok := d.first[z]
		if !ok {
			continue
		}
		for k := range e.Patch.Tree {
			c := &e.Patch.Tree[k]
			o := find(first, c.Path)
			if o == nil {
				continue
			}
			first := d.applied[z]
			if t := fields(o, c, first, e.N); t != "" {
				told[e.N] = true
				line := fmt.Sprintf("%v, node %s: %s. %s was the first server that applied "+
					"%[1]v. %[5]s replays %[1]v", z, c.Path, t, first, e.N)
				if b := d.over(int64(i), e.N, c.Path); b != nil && b.Version >= o.Version {
					line += fmt.Sprintf(" on top of the snapshot %s: in this snapshot, the node "+
						"already has version %d and mzxid "+
						"%s", d.baseAt(int64(i), e.N), b.Version, b.Mz)
				}
				list = append(list, line)
			}
		}
	}
	return list
}

// reloaded compares what a server finds on its disk with what it had acked, and with its snapshot.
func (d *fold) reloaded(e *trace.Event) (list []string) {
	base := parse(e.Patch.Reload.Base)
	end := base
	if k := len(e.Patch.Reload.Records); k > 0 {
		end = parse(e.Patch.Reload.Records[k-1].Z)
		if first := parse(e.Patch.Reload.Records[0].Z); !first.follows(base) && base.e > 0 {
			missing := zxid{base.e, base.c + 1}
			list = append(list, fmt.Sprintf("the disk of %s at %s has a snapshot at %v and a log "+
				"from %v on: %v is missing between the two", e.N, seconds(e.T), base, first,
				missing))
		}
	}
	var acked, snap zxid
	for i := e.I - 1; i >= 0; i-- {
		o := &d.events[i]
		if o.N != e.N {
			continue
		}
		if o.Patch.Trunc != nil || o.Patch.Reload != nil && o.Why == "boot" || o.Key == "crash" &&
			strings.Contains(o.Say, "disk") {
			break
		}
		if o.K == "send" && o.Msg != nil && o.Msg.Kind == "ACK" {
			if z := parse(o.Msg.Z); z.c > 0 {
				acked = later(acked, z)
			}
		}
		if o.Patch.Reload != nil && o.Why == "snap" {
			snap = later(snap, parse(o.Patch.Reload.Base))
		}
	}
	if end.less(acked) {
		list = append(list, fmt.Sprintf("%s had acked all transactions up to %v, but at %s the "+
			"log on its disk ends at %v",
			e.N, acked,
			seconds(e.T), end))
	}
	if base.less(snap) {
		list = append(list, fmt.Sprintf("%s had installed a snapshot with zxid %v, but at %s "+
			"the snapshot on its disk has zxid %v",
			e.N, snap, seconds(e.T), base))
	}
	if snap.e > 0 && base == snap {
		for i := e.I; i < min(e.I+5, int64(len(d.events))); i++ {
			if o := &d.events[i]; o.N == e.N && o.Patch.Wipe {
				if n := len(o.Patch.Tree) + len(o.Patch.Sess); n == 0 && snap.c > 0 {
					list = append(list, fmt.Sprintf("%s had installed a snapshot with zxid %v; "+
						"at %s it reads that snapshot from its disk, and the snapshot is empty: "+
						"no node, no session", e.N, snap, seconds(e.T)))
				}
			}
		}
	}
	return list
}

func find(list []trace.TreeChange, path string) *trace.TreeChange {
	for i := range list {
		if list[i].Path == path && !list[i].Deleted {
			return &list[i]
		}
	}
	return nil
}

// over returns the node in the snapshot over which a server replays, before an event.
func (d *fold) over(step int64, who, path string) *trace.TreeChange {
	for i := step - 1; i >= 0; i-- {
		if e := &d.events[i]; e.N == who {
			if c := find(e.Patch.Tree, path); c != nil {
				return c
			}
			if e.Patch.Wipe {
				return nil
			}
		}
	}
	return nil
}

// baseAt is the zxid of the snapshot with which a server started last.
func (d *fold) baseAt(step int64, who string) string {
	for i := step - 1; i >= 0; i-- {
		if e := &d.events[i]; e.N == who && e.Patch.Reload != nil {
			return e.Patch.Reload.Base
		}
	}
	return "0/0"
}

// logs compares the logs of the servers that the failure is about with their leaders' logs.
func (d *fold) logs(s *subjects) (list []string) {
	for _, name := range s.nodes {
		n := d.state.Find(name)
		if n == nil || !serving(n.Kind) || n.Leader == "" || n.Leader == n.ID {
			continue
		}
		l := d.state.Find(n.Leader)
		if l == nil {
			continue
		}
		for i := range n.Log {
			if z := parse(n.Log[i].Z); !holds(l, z) {
				list = append(list, fmt.Sprintf("%s has %v (%s) in its log; its leader %s, "+
					"whose log ends at %v, does not have this transaction",
					n.ID, z, n.Log[i].Op, l.ID, last(l)))
				break
			}
		}
	}
	return list
}

// strange says from where a server knows a zxid that is not in its log.
func (d *fold) strange(s *subjects) (list []string) {
	for _, name := range s.nodes {
		n := d.state.Find(name)
		if n == nil || !serving(n.Kind) || !strings.Contains(s.text, name) {
			continue
		}
		for _, z := range s.zxids[:s.named] {
			if holds(n, z) && z.c > 0 || z == last(n) {
				continue
			}
			if origin := d.origin(name, z); origin != "" {
				list = append(list, fmt.Sprintf("the log of %s does not have %v. %s", name, z,
					origin))
			}
		}
	}
	return list
}

// queued lists the records that a server gave to its log writer in an earlier role and that are not
// on disk.
func (d *fold) queued(s *subjects) (list []string) {
	for _, name := range s.nodes {
		n := d.state.Find(name)
		if n == nil || !serving(n.Kind) || !strings.Contains(s.text, name) || n.Role != "looking" {
			continue
		}
		disk := onDisk(n)
		for i := range n.Log {
			if z := parse(n.Log[i].Z); disk.less(z) {
				list = append(list, fmt.Sprintf("transactions %[2]v to %[3]v are not on the disk "+
					"of %[1]s: its log writer got them before the server's last role ended at "+
					"%[4]s, and has neither written nor dropped them since then", name, z,
					last(n), seconds(d.nodes[name].since)))
				break
			}
		}
	}
	return list
}

// unrest says which condition of a healed ensemble does not hold although no client runs: a leader,
// equal trees, no session.
func (d *fold) unrest() (list []string) {
	var leader *trace.NodeState
	for i := range d.state.Nodes {
		n := &d.state.Nodes[i]
		if n.Kind == "client" && n.Role != "down" {
			return nil
		}
		if n.Role == "leading" && (leader == nil || leader.Epoch < n.Epoch) {
			leader = n
		}
	}
	if leader == nil {
		return []string{"there is no leader: the table of servers below says what each server " +
			"waits for"}
	}
	for _, line := range leader.Sessions {
		id, client, _ := strings.Cut(line, " ")
		c := d.nodes[client]
		text := fmt.Sprintf("on leader %s the session %s of %s is still open", leader.ID, id,
			client)
		if c != nil {
			text += fmt.Sprintf(", although the client went down at %s", brief(c.since))
		}
		if z, ms := d.opening(id); z.e > 0 {
			opened := fmt.Sprintf("was opened by %v", z)
			if z.e < int64(leader.Epoch) {
				opened += fmt.Sprintf(", before %s began to lead at %s: %[1]s found the session "+
					"in its own log, and has not committed a transaction that ends the "+
					"session", leader.ID,
					brief(d.nodes[leader.ID].since))
			}
			text += fmt.Sprintf(". It has a timeout of %dms, and %s", ms, opened)
		}
		list = append(list, text)
	}
	return list
}

// opening is the transaction that opened a session, and the session's timeout.
func (d *fold) opening(id string) (z zxid, ms int32) {
	for i := range d.events {
		for _, c := range d.events[i].Patch.Sess {
			if c.ID == id && c.Open {
				return zxidOf(&d.events[i]), c.Ms
			}
		}
	}
	return z, 0
}
