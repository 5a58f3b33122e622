package zab_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// sighting is one thing that a story may show.
type sighting struct {
	at    sim.Time
	class string // votes, packets, disk, roles, faults
	who   sim.NodeID
	to    []sim.NodeID
	text  string
}

// witness records what one peer does, and passes it on to the audit.
type witness struct {
	zab.Probe
	s    *story
	id   zab.ID
	role string // shown last
}

// Inconsistent reaches the audit, unless the story has forged the message.
func (v *witness) Inconsistent(p *zab.Peer, name, text string) {
	if !v.s.forged {
		v.Probe.Inconsistent(p, name, text)
	}
}

func (v *witness) note(class, format string, args ...any) {
	v.s.gather()
	text := fmt.Sprintf(format, args...)
	v.s.seen = append(v.s.seen, sighting{v.s.w.Now(), class, v.id, nil, text})
}

func (v *witness) Changed(p *zab.Peer) {
	v.Probe.Changed(p)
	text := p.State().String()
	if p.State() == zab.Following || p.State() == zab.Observing {
		text += fmt.Sprintf(" S%d", p.Leader())
	}
	if p.State() != zab.Looking {
		text += ", " + p.Phase().String()
	}
	if text == v.role { // only the epoch is known now
		return
	}
	v.role = text
	v.note("roles", "%s", text)
}

func (v *witness) Refused(format string, args []any) {
	v.Probe.Refused(format, args)
	v.note("roles", "says: "+format, args...)
}

func (v *witness) Truncated(p *zab.Peer, z zab.Zxid) {
	v.Probe.Truncated(p, z)
	v.note("disk", "cuts its log at %v", z)
}

func (v *witness) Snapped(p *zab.Peer, z zab.Zxid) {
	v.Probe.Snapped(p, z)
	v.note("disk", "has a snapshot at %v on disk", z)
}

func (v *witness) Durable(p *zab.Peer, z zab.Zxid) {
	v.Probe.Durable(p, z)
	v.note("disk", "has its history up to %v on disk", z)
}

func (v *witness) Promised(p *zab.Peer, accepted, current uint32) {
	v.Probe.Promised(p, accepted, current)
	v.note("disk", "has acceptedEpoch %d, currentEpoch %d on disk", accepted, current)
}

func (v *witness) Elected(p *zab.Peer, epoch uint32) {
	v.Probe.Elected(p, epoch)
	v.note("roles", "has a quorum's promise for epoch %d", epoch)
}

func (v *witness) Committed(p *zab.Peer, z zab.Zxid) {
	v.Probe.Committed(p, z)
	v.note("roles", "commits %v", z)
}

// gather reads what the world has recorded since the last time.
func (s *story) gather() {
	records := s.w.Records()
	for ; s.at < len(records); s.at++ {
		r := &records[s.at]
		switch r.Kind {
		case sim.KindSend:
			s.sight(r)
		case sim.KindDrop:
			s.lose(r)
		case sim.KindRestart:
			s.seen = append(s.seen, sighting{r.At, "faults", r.Node, nil, "starts again"})
		case sim.KindResume:
			s.seen = append(s.seen, sighting{r.At, "faults", r.Node, nil, "goes on"})
		case sim.KindCrash, sim.KindPause, sim.KindSplit, sim.KindCut, sim.KindHeal, sim.KindDelay,
			sim.KindHold, sim.KindDisk, sim.KindClock:
			text := r.Text
			if strings.HasPrefix(text, "S") {
				_, text, _ = strings.Cut(text, " ")
				s.seen = append(s.seen, sighting{r.At, "faults", r.Node, nil, text})
				continue
			}
			s.seen = append(s.seen, sighting{r.At, "faults", 0, nil, "*** " + text})
		}
	}
}

// sight notes a message. What a server sends to several at one moment is one line, unless that
// would change the order in which one of them gets its messages.
func (s *story) sight(r *sim.Record) {
	text := wording(r.Message)
	if text == "" {
		return
	}
	class := "packets"
	if r.Port == zab.PortElection {
		class = "votes"
		key := [2]sim.NodeID{r.Node, r.To}
		if s.sent[key] == text {
			text += " (again)"
		} else {
			s.sent[key] = text
		}
	}
	for i := len(s.seen) - 1; i >= 0 && s.seen[i].at == r.At; i-- {
		l := &s.seen[i]
		if l.class == class && l.who == r.Node && l.text == text {
			if class != "votes" || !slices.Contains(l.to, r.To) {
				l.to = append(l.to, r.To)
			}
			return
		}
		if l.who == r.Node && slices.Contains(l.to, r.To) {
			break
		}
	}
	s.seen = append(s.seen, sighting{r.At, class, r.Node, []sim.NodeID{r.To}, text})
}

// lose notes that a message did not arrive.
func (s *story) lose(r *sim.Record) {
	if text := wording(r.Message); text != "" && r.Port == zab.PortQuorum {
		s.seen = append(s.seen, sighting{r.At, "packets", r.Node, nil, "misses " + text})
	}
}

// wording is a message in words; "" for a PING.
func wording(msg sim.Message) string {
	name := msg.Name()
	switch m := msg.(type) {
	case *zab.Notification:
		if m.Vote.Leader == 0 {
			return fmt.Sprintf("%v votes nobody, round %d", m.State, m.Round)
		}
		return fmt.Sprintf("%v votes S%d %v epoch %d, round %d",
			m.State, m.Vote.Leader, m.Vote.Zxid, m.Vote.Epoch, m.Round)
	case *zab.FollowerInfo:
		return fmt.Sprintf("%s accepted %d", name, m.AcceptedEpoch)
	case *zab.AckEpoch:
		if m.Again {
			return fmt.Sprintf("%s %v, epoch accepted before", name, m.LastZxid)
		}
		return fmt.Sprintf("%s %v current %d", name, m.LastZxid, m.CurrentEpoch)
	case *zab.LeaderInfo:
		return fmt.Sprintf("%s epoch %d", name, m.Epoch)
	case *zab.NewLeader:
		return fmt.Sprintf("%s epoch %d", name, m.Epoch)
	case *zab.Proposal:
		return fmt.Sprintf("%s %v %s", name, m.Entry.Zxid, short(m.Entry.Data))
	case *zab.Inform:
		return fmt.Sprintf("%s %v %s", name, m.Entry.Zxid, short(m.Entry.Data))
	case *zab.SnapData:
		text := fmt.Sprintf("%s %q", name, m.Data)
		if m.Last {
			text += " end"
		}
		return text
	case *zab.Ping:
		return ""
	case zab.Message:
		return fmt.Sprintf("%s %v", name, m.At())
	}
	return ""
}

// short prints a long word in the form that propose takes.
func short(b []byte) string {
	if len(b) > 40 {
		return fmt.Sprintf("%s*%d", b[:1], len(b))
	}
	return string(b)
}

func (s *story) skip() error {
	s.gather()
	s.seen = nil
	return nil
}

var classes = []string{"votes", "packets", "disk", "roles"}

// show prints what has happened, of the classes and servers that args name; without a class,
// packets and roles. Faults are always shown.
func (s *story) show(args []string) error {
	s.gather()
	var want []string
	var who []sim.NodeID
	for _, a := range args {
		m := s.w.Find(a)
		switch {
		case a == "all":
			want = classes
		case slices.Contains(classes, a):
			want = append(want, a)
		case m != nil:
			who = append(who, m.ID)
		default:
			return fmt.Errorf("unknown server or class: %s", a)
		}
	}
	if want == nil {
		want = []string{"packets", "roles"}
	}
	for _, l := range s.seen {
		mine := len(who) == 0 || slices.Contains(who, l.who)
		for _, id := range l.to {
			mine = mine || slices.Contains(who, id)
		}
		if l.class == "faults" || mine && slices.Contains(want, l.class) {
			s.print(&l)
		}
	}
	s.seen = nil
	return nil
}

func (s *story) print(l *sighting) {
	fmt.Fprintf(&s.out, "%7s ", l.at.Seconds())
	if l.who != 0 {
		fmt.Fprintf(&s.out, "S%d ", l.who)
	}
	if len(l.to) > 0 {
		s.out.WriteString("> ")
		for _, id := range l.to {
			fmt.Fprintf(&s.out, "S%d ", id)
		}
	}
	s.out.WriteString(l.text + "\n")
}

// state prints one line per server, and what the audit sees on the disks of a quorum.
func (s *story) state() error {
	for _, m := range s.w.Machines() {
		n := peerOf(m)
		fmt.Fprintf(&s.out, "%s ", m.Name)
		if n == nil {
			s.out.WriteString("is down\n")
			continue
		}
		role := n.State().String()
		if n.State() == zab.Following || n.State() == zab.Observing {
			role += fmt.Sprintf(" S%d", n.Leader())
		}
		if n.State() != zab.Looking && !n.Serving() {
			role += " " + n.Phase().String()
		}
		if m.Paused() {
			role += " (paused)"
		}
		fmt.Fprintf(&s.out, "%-12s accepted %d current %d, log%s, applied %v\n", role,
			n.AcceptedEpoch(), n.CurrentEpoch(), ranges(n.Base(), n.Entries()), n.Applied())
	}
	if z := s.audit.Chosen(); z != 0 {
		fmt.Fprintf(&s.out, "a quorum's disks hold %v\n", z)
	}
	return nil
}

// ranges is a history in short: " snapshot 1/5, 1/6-1/9 2/1".
func ranges(base zab.Zxid, log []zab.Entry) string {
	text := ""
	if base != 0 {
		text = fmt.Sprintf(" (snapshot %v)", base)
	}
	for i := 0; i < len(log); {
		j := i
		for j+1 < len(log) && log[j+1].Zxid == log[j].Zxid+1 {
			j++
		}
		text += " " + log[i].Zxid.String()
		if j > i {
			text += "-" + log[j].Zxid.String()
		}
		i = j + 1
	}
	if text == "" {
		return " empty"
	}
	return text
}

// disk prints what is durable on a server's disk.
func (s *story) disk(args []string) error {
	m, err := s.machine(args)
	if err != nil {
		return err
	}
	d := m.Disk()
	fmt.Fprintf(&s.out, "%s's disk:", m.Name)
	for _, name := range d.DurableNames() {
		b := d.Durable(name)
		z, log, ok := zab.FileZxid(name)
		switch {
		case !ok:
			fmt.Fprintf(&s.out, " %s %s;", name, b)
		case !log:
			fmt.Fprintf(&s.out, " snapshot %v;", z)
		default:
			var entries []zab.Entry
			for {
				e, rest, ok := zab.NextRecord(b)
				if !ok {
					break
				}
				entries, b = append(entries, e), rest
			}
			fmt.Fprintf(&s.out, " log%s", ranges(0, entries))
			if len(b) > 0 {
				fmt.Fprintf(&s.out, " and %d torn bytes", len(b))
			}
			s.out.WriteString(";")
		}
	}
	s.out.WriteString("\n")
	return nil
}
