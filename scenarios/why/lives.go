package why

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
)

// The most subjects whose lives are told.
const (
	mostZxids    = 2
	mostPaths    = 2
	mostSessions = 3
)

// lives tells the life of each zxid, node and session that is a subject.
func (d *fold) lives(s *subjects) (list []string) {
	list = d.lines(s)
	n, most := 0, mostZxids
	if s.outside(d) {
		most = 1
	}
	for _, z := range s.zxids {
		if t := d.lifeOfZxid(s, z); t != "" && n < most {
			list = append(list, t)
			n++
		}
	}
	n = 0
	for _, p := range s.paths {
		if t := d.lifeOfNode(p); t != "" && n < mostPaths && !d.parent(list, p, t) {
			list = append(list, t)
			n++
		}
	}
	for _, id := range s.sessions[:min(mostSessions, len(s.sessions))] {
		if t := d.lifeOfSession(id); t != "" {
			list = append(list, t)
		}
	}
	return list
}

// parent reports whether a node is the office, whose children are listed, and nothing more.
func (d *fold) parent(list []string, path, life string) bool {
	return !strings.Contains(life, "ephemeral") && slices.ContainsFunc(list, func(l string) bool {
		return strings.HasPrefix(l, "below "+path+", ")
	})
}

// group collects machines with a moment each: "1.200s S1 S2, 1.300s S3".
type group struct {
	names []string
	at    []int64
	text  []string
}

func (g *group) add(who string, at int64) {
	if !slices.Contains(g.names, who) {
		g.names = append(g.names, who)
		if k := len(g.at) - 1; k >= 0 && brief(g.at[k]) == brief(at) {
			g.text[k] += " " + who
		} else {
			g.at, g.text = append(g.at, at), append(g.text, brief(at)+" "+who)
		}
	}
}

// brief is a time with milliseconds.
func brief(us int64) string { return fmt.Sprintf("%d.%03ds", us/1e6, us/1000%1000) }

// life is what happened to a transaction, up to the failure.
type life struct {
	op, by                                 string
	logged, sent, got, acked, applied, cut group
	committed                              string
}

// live follows a transaction.
func (d *fold) live(s *subjects, z zxid) (l life) {
	text := z.String()
	for i := range d.events {
		e := &d.events[i]
		switch {
		case e.Patch.Log != nil && e.Patch.Log.Z == text:
			if l.op == "" {
				l.op, l.by = e.Patch.Log.Op, fmt.Sprintf("%s at %s", e.N, brief(e.T))
			}
			l.logged.add(e.N, e.T)
		case e.K == "recv" && e.Cause >= 0 && e.Cause < int64(len(d.events)) && s.hasNode(e.N) &&
			d.events[e.Cause].Msg != nil && d.events[e.Cause].Msg.Z == text:
			if k := d.events[e.Cause].Msg.Kind; k == "PROPOSAL" || k == "INFORM" {
				l.got.add(e.N, e.T)
			}
		case e.K == "send" && e.Msg != nil && e.Msg.Z == text:
			switch e.Msg.Kind {
			case "PROPOSAL", "INFORM":
				l.sent.add(e.Msg.To, e.T)
			case "ACK":
				l.acked.add(e.N, e.T)
			}
		case e.K == "commit" && strings.Contains(e.Say, "commits "+text+":"):
			l.committed = fmt.Sprintf("; %s commits the transaction at %s", e.N, brief(e.T))
		case e.K == "commit" && strings.Contains(e.Say, "applies "+text+":"):
			l.applied.add(e.N, e.T)
		case e.Patch.Trunc != nil && parse(*e.Patch.Trunc).less(z) &&
			slices.Contains(l.logged.names, e.N):
			l.cut.add(e.N, e.T)
		}
	}
	return l
}

// lifeOfZxid tells where a transaction was proposed, logged, made durable, acked, committed and
// applied, and where it is now.
func (d *fold) lifeOfZxid(s *subjects, z zxid) string {
	l := d.live(s, z)
	if z.c == 0 || l.op == "" {
		return ""
	}
	logger := l.by
	b := fmt.Sprintf("%v (%s): logged first by %s", z, l.op, logger)
	if !s.outside(d) {
		b += l.sent.told("sent to") + l.acked.told("acked by")
	}
	b += l.cut.told("truncated on")
	for _, who := range l.got.names {
		if !slices.Contains(l.logged.names, who) {
			b += fmt.Sprintf("; %s has received this transaction but not logged it", who)
		}
	}
	for _, who := range s.nodes {
		if n := d.nodes[who]; n != nil && serving(n.kind) && !slices.Contains(l.sent.names, who) &&
			!slices.Contains(l.logged.names, who) && !holds(d.state.Find(who), z) &&
			len(l.sent.names) > 0 {
			b += fmt.Sprintf("; never sent to %s", who)
		}
	}
	b += l.committed
	if len(l.applied.names) > 0 {
		b += "; applied by " + strings.Join(l.applied.names, ", ")
	}
	return b + d.holding(z)
}

// told is a group after a verb; "" if it is empty.
func (g *group) told(verb string) string {
	if len(g.text) == 0 {
		return ""
	}
	return "; " + verb + " " + strings.Join(g.text, ", ")
}

// holding says which servers have a transaction in their histories.
func (d *fold) holding(z zxid) string {
	var list []string
	for i := range d.state.Nodes {
		n := &d.state.Nodes[i]
		switch {
		case !serving(n.Kind) || !holds(n, z):
		case onDisk(n).less(z):
			list = append(list, n.ID+" (in memory)")
		default:
			list = append(list, n.ID)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return "; when the check failed, these servers had the transaction in their " +
		"histories: " + strings.Join(list, ", ")
}

// lifeOfNode tells which transactions created, changed and deleted a node. The first server that
// applied each counts.
func (d *fold) lifeOfNode(path string) string {
	var list []string
	seen := make(map[zxid]bool)
	for i := range d.events {
		e := &d.events[i]
		if e.K != "commit" {
			continue
		}
		z := zxidOf(e)
		if seen[z] {
			continue
		}
		for k := range e.Patch.Tree {
			c := &e.Patch.Tree[k]
			if c.Path != path {
				continue
			}
			seen[z] = true
			switch {
			case c.Deleted:
				list = append(list, fmt.Sprintf("deleted by %v at %s", z, brief(e.T)))
			case c.Cz == z.String() && c.Owner != "":
				list = append(list, fmt.Sprintf("created by %v at %s, ephemeral, owner %s", z,
					brief(e.T), c.Owner))
			case c.Cz == z.String():
				list = append(list, fmt.Sprintf("created by %v at %s", z, brief(e.T)))
			default:
				list = append(list, fmt.Sprintf("set by %v at %s to %.20q (version %d)", z,
					brief(e.T), c.Data,
					c.Version))
			}
		}
	}
	if len(list) == 0 {
		return ""
	}
	if n := len(list); n > 5 {
		list = append(list[:1:1], append([]string{fmt.Sprintf("… %d more", n-4)}, list[n-3:]...)...)
	}
	return path + ": " + strings.Join(list, "; ")
}

// lifeOfSession tells where a session was opened, when it moved, and how it ended.
func (d *fold) lifeOfSession(id string) string {
	var list []string
	client := ""
	ended := false
	for i := range d.events {
		e := &d.events[i]
		for _, c := range e.Patch.Sess {
			if c.ID != id || strings.Contains(e.Say, "rebuilds") || strings.Contains(e.Say, " "+
				"replays ") {
				continue
			}
			if c.Open && client == "" {
				client = c.Client
				list = append(list, fmt.Sprintf("opened by %v at %s, timeout %dms", zxidOf(e),
					brief(e.T), c.Ms))
			}
			if !c.Open && !ended {
				ended = true
				list = append(list, fmt.Sprintf("ended by %v at %s", zxidOf(e), brief(e.T)))
			}
		}
		if client != "" && e.N == client && e.K == "role" {
			if s := e.Say; !strings.HasSuffix(s, "connecting") {
				list = append(list, fmt.Sprintf("%s at %s", s, brief(e.T)))
			}
		}
		if client != "" && e.K == "session.expire" && e.Key == "expire" &&
			strings.Contains(e.Say, client+"'s") {
			list = append(list, fmt.Sprintf("%s, at %s", e.Say, brief(e.T)))
		}
	}
	if client == "" {
		return ""
	}
	if n := len(list); n > 7 {
		list = append(list[:1:1], append([]string{fmt.Sprintf("… %d more", n-6)}, list[n-5:]...)...)
	}
	return fmt.Sprintf("session %s of %s: %s", id, client, strings.Join(list, "; "))
}

// lines lists the nodes below each path that the failure's sentence names, to show who is in line.
func (d *fold) lines(s *subjects) (list []string) {
	n := d.newest()
	if n == nil {
		return nil
	}
	for _, p := range slices.Clone(s.paths) {
		var nodes []string
		for i := range n.Tree {
			c := &n.Tree[i]
			name, ok := strings.CutPrefix(c.Path, p+"/")
			if !ok || strings.Contains(name, "/") {
				continue
			}
			if c.Owner != "" {
				name += " of " + c.Owner
			}
			nodes = append(nodes, fmt.Sprintf("%s (created by %s)", name, c.Cz))
			if !slices.Contains(s.paths, c.Path) {
				s.paths = append(s.paths, c.Path)
			}
		}
		if k := len(nodes); k > 0 && k <= 8 {
			list = append(list, fmt.Sprintf("the nodes below %s, on %s at %s: %s", p, n.ID, n.Com,
				strings.Join(nodes, ", ")))
		}
	}
	return list
}

// newest is the server that has applied most.
func (d *fold) newest() (best *trace.NodeState) {
	for i := range d.state.Nodes {
		n := &d.state.Nodes[i]
		if serving(n.Kind) && n.Com != "" && (best == nil || parse(best.Com).less(parse(n.Com))) {
			best = n
		}
	}
	return best
}
