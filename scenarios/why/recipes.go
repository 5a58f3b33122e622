package why

import (
	"fmt"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// wrongStep finds the first wrong step of a recipe or of a server towards a client: who decided
// what, on which input, and what that input asks for. It returns nil if the record does not show
// it.
func (d *fold) wrongStep(f *Failure, s *subjects) *Sign {
	at := f.Events[f.Broke].T
	switch f.Property {
	case "MutualExclusion", "ReadersWriters", "InOrder", "FreshToken":
		return d.entered(s, at)
	case "StepsDown":
		return d.stayed(s)
	case "Registration", "OwnNode":
		return d.adopted(s, at)
	case "OwnRelease":
		return d.released(s, at)
	case "TakenOnce":
		return d.tookGone(s, at)
	case "BarrierSize":
		return d.opened(s, at)
	case "SessionBeforeExpiry":
		return d.gaveUp(s, at)
	case "witness/sync":
		return d.synced(s, at)
	case "witness/fencing":
		return d.unfenced(at)
	case "witness/watches":
		return d.rewatched(s, at)
	}
	return nil
}

// place is the step of a client's event at a moment: the last one up to it.
func (d *fold) place(client string, at int64) int64 {
	for i := len(d.run) - 1; i >= 0; i-- {
		if e := &d.run[i]; e.T <= at && e.N == client {
			return e.I
		}
	}
	return 0
}

func (d *fold) step(client lin.Client, at int64, format string, args ...any) *Sign {
	return &Sign{Kind: "recipe", At: at, Step: d.place(string(client), at),
		who:  []string{string(client)},
		Text: fmt.Sprintf(format, args...)}
}

// lastOp is a client's last operation of a kind on a path that was answered up to a moment.
func (d *fold) lastOp(client lin.Client, path lin.Path, at int64,
	kinds ...lin.Kind) *lin.Operation {
	var best *lin.Operation
	for i := range d.clients.record.Ops {
		op := &d.clients.record.Ops[i]
		if op.Client == client && op.Path == path && op.Outcome != lin.Unknown && op.Return <= at &&
			slices.Contains(kinds, op.Kind) && (best == nil || best.Return < op.Return) {
			best = op
		}
	}
	return best
}

// lastMark is the last mark of a kind for a subject, up to a moment.
func (d *fold) lastMark(s *subjects, at int64, kind lin.MarkKind) *lin.Mark {
	var best *lin.Mark
	for i := range d.clients.record.Marks {
		m := &d.clients.record.Marks[i]
		if m.Kind == kind && m.At <= at && s.speaks(string(m.Client)) &&
			(s.hasPath(string(m.Office)) || s.hasPath(string(m.Node))) && (best == nil ||
			best.At <= m.At) {
			best = m
		}
	}
	return best
}

// entered explains why the last holder should not have entered: by the list that it had.
func (d *fold) entered(s *subjects, at int64) *Sign {
	m := d.lastMark(s, at, lin.Holds)
	if m == nil || !m.Line {
		return nil
	}
	op := d.lastOp(m.Client, m.Office, m.At, lin.Children)
	if op == nil || op.Outcome != lin.OK {
		return nil
	}
	own := base(m.Node)
	var line, before []string
	var direct string
	for _, t := range tickets(op.Result.Children) {
		line = append(line, t.name+d.holder(m.Office, t.name))
		if t.name == own {
			break
		}
		direct = t.name
		if m.As != lin.Shared || t.writer {
			before = append(before, t.name)
		}
	}
	decision := fmt.Sprintf("%s decides that it holds %s with its node %s, because of the list "+
		"of nodes that it read at %s. Sorted by number, the list up to its own node is: %s.",
		m.Client, m.Office, own, seconds(op.Return), strings.Join(line, ", "))
	if len(before) == 0 {
		return d.step(m.Client, m.At,
			"%s So its own node is the first in this list: the nodes of the other client that "+
				"holds %s are missing from the list, or were created later.", decision, m.Office)
	}
	last, woken := before[len(before)-1], d.notified(m, op)
	switch {
	case m.As != lin.Shared:
		return d.step(m.Client, m.At,
			"%s The client should have waited until %s was deleted. %s %s",
			decision, last, d.sorted(m, op, own), woken)
	case direct != last:
		return d.step(m.Client, m.At, "%s The client should have waited until %[2]s was deleted: "+
			"%[2]s is the nearest node of a writer before the client's own node. (%[3]s, the "+
			"node directly before the client's own node, belongs to a reader.) "+
			"%[4]s", decision, last,
			direct, woken)
	}
	return d.step(m.Client, m.At,
		"%s The client should have waited until %[2]s was deleted: %[2]s is the nearest node of "+
			"a writer before the client's own node. %[3]s", decision, last, woken)
}

// holder names the owner of a ticket.
func (d *fold) holder(office lin.Path, name string) string {
	path := string(office) + "/" + name
	for i := range d.events {
		for k := range d.events[i].Patch.Tree {
			if c := &d.events[i].Patch.Tree[k]; c.Path == path && c.Owner != "" {
				return " of " + c.Owner
			}
		}
	}
	return ""
}

// stayed explains a holder that does not let go when its session is over.
func (d *fold) stayed(s *subjects) *Sign {
	r := d.clients.record
	var over, held *lin.Mark
	for i := range r.Marks {
		m := &r.Marks[i]
		switch {
		case !s.speaks(string(m.Client)):
		case m.Kind == lin.Holds && s.hasPath(string(m.Node)) && (over == nil || held == nil):
			held = m
		case m.Kind == lin.SessionOver && held != nil && m.Session == held.Session && over == nil:
			over = m
		}
	}
	if over == nil {
		return nil
	}
	text := fmt.Sprintf("%s learns that %s, which created %s, is over. A program should release "+
		"its lock or leadership as soon as the session that created its node is over. After this "+
		"moment, the program does the following: %s", over.Client,
		d.session(over.Session), held.Node, d.afterwards(held, over))
	return d.step(over.Client, over.At, "%s", text)
}

// afterwards says what a holder did after the end of its session, up to the end of the run.
func (d *fold) afterwards(held, over *lin.Mark) string {
	r := d.clients.record
	var list []string
	again, last := 0, held
	died, released := int64(-1), false
	for i := range r.Marks {
		m := &r.Marks[i]
		if m.Client != over.Client || m.At < over.At {
			continue
		}
		switch {
		case m.Kind == lin.Holds && m.Office == held.Office && m.Node == held.Node:
			again, last = again+1, m
		case m.Kind == lin.Died:
			died = m.At
		case m.Kind == lin.LetsGo && m.Office == held.Office:
			released = true
			list = append(list, fmt.Sprintf("the client releases %s at %s", held.Office,
				seconds(m.At)))
		}
	}
	if again > 0 {
		list = append(list, fmt.Sprintf("at %[1]s the client says again that it holds %[2]s; its "+
			"session is now %[3]s, which has created no node for %[2]s",
			seconds(last.At), held.Office, d.session(last.Session)))
	}
	writes := 0
	var first *lin.Operation
	for i := range r.Ops {
		op := &r.Ops[i]
		if op.Client == over.Client && op.Call > over.At && (op.Kind == lin.Set ||
			op.Kind == lin.Delete ||
			op.Kind == lin.Create && !op.Sequential) && op.Call < last.At+10_000_000 {
			if writes++; first == nil || op.Call < first.Call {
				first = op
			}
		}
	}
	if first != nil {
		list = append(list, fmt.Sprintf("the client continues to write in %s (number of "+
			"writes: %d); the first of these writes is %s %s at %s (%s)",
			d.session(first.Session), writes, first.Kind, first.Path, seconds(first.Call),
			first.Outcome))
	} else {
		list = append(list, "the client writes nothing")
	}
	if died >= 0 && !released {
		list = append(list, fmt.Sprintf("the client does not release %s until %s, when the run "+
			"ends and stops all clients", held.Office, seconds(died)))
	}
	return strings.Join(list, "; ") + "."
}

// adopted explains a holder that takes another session's node for its own.
func (d *fold) adopted(s *subjects, at int64) *Sign {
	m := d.lastMark(s, at, lin.Holds)
	if m == nil {
		for i := range d.clients.record.Marks { // the mark may follow the failure at the same moment
			if o := &d.clients.record.Marks[i]; o.Kind == lin.Holds && s.speaks(string(o.Client)) &&
				s.hasPath(string(o.Node)) && o.At <= at+1 {
				m = o
			}
		}
	}
	var client lin.Client
	for _, n := range s.nodes {
		if s.speaks(n) && d.nodes[n] != nil && d.nodes[n].kind == "client" {
			client = lin.Client(n)
		}
	}
	for _, p := range s.paths {
		op := d.lastOp(client, lin.Path(p), at, lin.Get)
		look := d.lastOp(client, lin.Path(p), at, lin.Exists, lin.Get)
		if look == nil || look.Result.Stat == nil || look.Result.Stat.Owner == 0 {
			continue
		}
		data := ""
		if op != nil && op.Outcome == lin.OK {
			data = fmt.Sprintf(" the data %q there, which %s also writes into its own nodes. The "+
				"client also read",
				op.Result.Data, client)
		}
		return d.step(client, at, "%s mistakes %s for a node of its present session. The client "+
			"read%s that the owner of the node is %[4]s (which created the node with %[5]v), but "+
			"the client's present session is %[6]s. So the node is deleted when %[4]s ends, not "+
			"when the client's present session ends. The client should have compared the two "+
			"sessions.", client, p,
			data, d.session(look.Result.Stat.Owner), look.Result.Stat.Czxid,
			d.session(look.Session))
	}
	return nil
}

// released explains a delete that hits another session's node.
func (d *fold) released(s *subjects, at int64) *Sign {
	m := d.lastMark(s, at, lin.LetsGo)
	if m == nil {
		return nil
	}
	var list []string
	looked := false
	var last *lin.Operation
	for i := range d.run {
		e := &d.run[i]
		if e.T > at || e.T < m.At || e.K != "op.call" || e.N != string(m.Client) ||
			pathOf(e.Drawn) != string(m.Node) {
			continue
		}
		if op := d.clients.ops[e.I]; op != nil && (op.Kind == lin.Get || op.Kind == lin.Exists) {
			looked = true
		}
		if !strings.HasPrefix(e.Drawn, "delete ") {
			continue
		}
		answer := "not answered yet"
		if ret, ok := d.clients.rets[e.I]; ok && d.run[ret].T <= at {
			answer = d.run[ret].Drawn + " at " + seconds(d.run[ret].T)
		}
		if op := d.clients.ops[e.I]; op != nil {
			last = op
			if op.Txn > 0 {
				answer += fmt.Sprintf(", happened as %v", op.Txn)
			}
		}
		list = append(list, fmt.Sprintf("#%d at %s (%s)", d.clients.number[e.I], seconds(e.T),
			answer))
	}
	if len(list) == 0 {
		return nil
	}
	version := "any version"
	if last != nil && last.Version != lin.AnyVersion {
		version = fmt.Sprintf("version %d", last.Version)
	}
	checked := "did not check who owns the node before it repeated the delete"
	if looked {
		checked = "read the node between these calls"
	}
	return d.step(m.Client, at, "%s releases %s at %s, and deletes its node %s (%s) with these calls: "+
		"%s. The client %s. The last delete removes the node of another client.", m.Client, m.Office,
		seconds(m.At), m.Node, version, strings.Join(list, ", "), checked)
}

// tookGone explains an item that two programs took.
func (d *fold) tookGone(s *subjects, at int64) *Sign {
	var wrong *Sign
	var right string
	for i := range d.clients.record.Marks {
		m := &d.clients.record.Marks[i]
		if m.Kind != lin.Took || !s.hasPath(string(m.Node)) {
			continue
		}
		op := d.lastOp(m.Client, m.Node, m.At, lin.Delete)
		switch {
		case op == nil:
		case op.Outcome == lin.Failed && m.At <= at+1_000_000:
			wrong = d.step(m.Client, m.At, "%s says that it took %s, although its delete "+
				"(called at %s, version %d) failed with %q at %s: the item belongs to another "+
				"client.", m.Client, m.Node, seconds(op.Call), op.Version, string(op.Code),
				seconds(op.Return))
		case op.Outcome == lin.OK:
			right = fmt.Sprintf(" %s called delete at %s; the call succeeded at %s, in "+
				"transaction %v.",
				m.Client, seconds(op.Call), seconds(op.Return), op.Txn)
		}
	}
	if wrong != nil {
		wrong.Text += right
	}
	return wrong
}

// opened explains a barrier that opens too early.
func (d *fold) opened(s *subjects, at int64) *Sign {
	for i := range d.clients.record.Ops {
		op := &d.clients.record.Ops[i]
		if op.Kind != lin.Create || op.Call > at || !strings.HasSuffix(string(op.Path), "/ready") ||
			!s.hasPath(string(op.Path)) {
			continue
		}
		office := lin.Path(strings.TrimSuffix(string(op.Path), "/ready"))
		list := d.lastOp(op.Client, office, op.Call, lin.Children)
		if list == nil || list.Outcome != lin.OK {
			continue
		}
		return d.step(op.Client, op.Call, "%s creates %s, which opens the barrier, after it read "+
			"the list %v at %s. The number of nodes in the list is %d, including the client's "+
			"own node, but a client may open the barrier only when this number is at least the "+
			"barrier's size.", op.Client, op.Path,
			list.Result.Children,
			seconds(list.Return),
			len(list.Result.Children))
	}
	return nil
}
