package trial

import (
	"encoding/binary"
	"fmt"

	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/sim"
)

// Violation is a broken property.
type Violation struct {
	Name  string
	Text  string
	At    sim.Time
	Index int64 // of the record
}

func (v *Violation) Error() string {
	return fmt.Sprintf("t=%s %s: %s", v.At.Seconds(), v.Name, v.Text)
}

// violate ends the run, unless the property is muted.
func (t *Trial) violate(property, format string, args ...any) {
	if t.Config.Mute != nil && t.Config.Mute(property) || t.World.Err() != nil {
		return
	}
	v := &Violation{
		Name: property, Text: fmt.Sprintf(format, args...), At: t.World.Now(), Index: t.World.Index(),
	}
	if r := t.World.Emit(sim.KindViolation, 0, sim.HashString(v.Name)); r != nil {
		r.Text = v.Name + ": " + v.Text
	}
	t.World.Fail(v)
}

// matter is what the servers have agreed on so far.
type matter struct {
	entries   map[position]known
	committed []known          // by index, from 1
	states    map[uint64]state // by index
	votes     map[vote]string  // the candidate
}

// known is an entry, and the server that had it first.
type known struct {
	position
	hash, prefix uint64
	who          *server
}

type state struct {
	term, digest uint64
	who          *server
}

type vote struct {
	voter *server
	term  uint64
}

func newMatter() matter {
	return matter{
		entries: map[position]known{}, committed: make([]known, 1), states: map[uint64]state{},
		votes: map[vote]string{},
	}
}

// prefix is the hash of the log up to an entry that the server appends now.
func (m *matter) prefix(s *server, e *entry) uint64 {
	var before uint64
	if n := len(s.log); n > 0 {
		before = s.log[n-1].prefix
	} else if e.Index == 1 {
		before = 1
	} else if index, term := s.snapshot(s.m.Disk().Names()); index == e.Index-1 {
		before = m.entries[position{term, index}].prefix
	}
	if before == 0 {
		return 0
	}
	return sim.Mix(before^sim.Mix(e.Term)^e.hash<<1) | 1
}

// matches checks LogMatching for an entry that a server stores.
func (t *Trial) matches(s *server, e *entry) {
	old, ok := t.matter.entries[e.position]
	if !ok || old.prefix == 0 {
		t.matter.entries[e.position] = known{e.position, e.hash, e.prefix, s}
	}
	switch {
	case !ok:
	case old.hash != e.hash:
		t.violate("LogMatching", "%s stores %q at %v, where %s has another entry of the same term",
			s.m.Name, short(e.data), e.position, old.who.m.Name)
	case old.prefix != 0 && e.prefix != 0 && old.prefix != e.prefix:
		t.violate("LogMatching", "%s and %s have the same entry %v, but different entries "+
			"before it", s.m.Name, old.who.m.Name, e.position)
	}
}

func short(b []byte) []byte { return b[:min(len(b), 24)] }

// reported takes a report of a server, until its step ends.
func (t *Trial) reported(m *sim.Machine, what, n uint64, data []byte) {
	s := t.servers[m.ID]
	s.reports = append(s.reports, report{contract.Report(what), n, data})
}

// afterStep looks at what a step has changed.
func (t *Trial) afterStep(m *sim.Machine) {
	s := t.server(m.ID)
	if s == nil {
		return
	}
	if !m.Up() {
		s.reports = s.reports[:0]
		return
	}
	for i := range s.reports {
		r := &s.reports[i]
		switch r.what {
		case contract.Role:
			t.becomes(s, string(r.data), r.n)
		case contract.Serves:
			t.reigns = append(t.reigns, Reign{s.m.Name, r.n, t.World.Now(), -1})
		case contract.Applied, contract.Restored:
			if len(r.data) == 16 {
				t.applies(s, r)
			}
		}
	}
	s.reports = s.reports[:0]
	s.follow()
}

// roles are the roles of servers, as plans name them.
var roles = map[string]string{
	leading: "leading", "candidate": "looking", "follower": "following", "shutdown": "looking",
}

// becomes takes a server's report of its role.
func (t *Trial) becomes(s *server, role string, term uint64) {
	if s.role == role && s.term == term {
		return
	}
	if s.role == leading {
		t.endReign(s)
	}
	s.role, s.term = role, term
	if r := t.World.Emit(kindRole, s.m.ID, sim.HashString(role)^term); r != nil {
		r.Body = Became{role, term}
	}
	if role == leading {
		t.claims(s, term)
		t.completes(s)
	}
	t.World.Become(s.m, roles[role])
}

// claims checks ElectionSafety: the server is, or acts as, the leader of a term.
func (t *Trial) claims(s *server, term uint64) {
	if other := t.leads[term]; other != nil && other != s {
		t.violate("ElectionSafety", "%s and %s both lead term %d", other.m.Name, s.m.Name, term)
	}
	t.leads[term] = s
}

// completes checks LeaderCompleteness for a server that begins to lead.
func (t *Trial) completes(s *server) {
	if len(s.log) == 0 {
		s.follow()
	}
	snap, _ := s.snapshot(s.m.Disk().Names())
	for _, c := range t.matter.committed[1:] {
		if c.Index == 0 || c.Index <= snap || c.Term >= s.term {
			continue
		}
		if e := s.at(c.Index); e == nil || e.Term != c.Term || e.hash != c.hash {
			t.violate("LeaderCompleteness",
				"%s leads term %d without the entry %v, which is committed", s.m.Name, s.term,
				c.position)
			return
		}
	}
}

// applies checks StateMachineSafety for a command that a server applies, or a snapshot that it
// restores.
func (t *Trial) applies(s *server, r *report) {
	index := r.n
	term, digest := binary.LittleEndian.Uint64(r.data), binary.LittleEndian.Uint64(r.data[8:])
	if r.what == contract.Applied && index <= s.applied {
		t.violate("StateMachineSafety", "%s applies %d after %d", s.m.Name, index, s.applied)
	}
	s.applied, s.digest = index, digest
	if rec := t.World.Emit(kindCommit, s.m.ID, index^digest); rec != nil {
		key, value := s.command(index)
		rec.Body = Took{term, index, r.what == contract.Restored, key, value}
	}
	if r.what == contract.Restored {
		s.matched = index
		t.restored++
	} else {
		t.commits(s, index)
	}
	old, ok := t.matter.states[index]
	switch {
	case !ok:
		t.matter.states[index] = state{term, digest, s}
	case old.term != term || old.digest != digest:
		t.violate("StateMachineSafety", "after applying index %d, the state machines of %s (term "+
			"%d) and %s (term %d) differ", index, s.m.Name, term, old.who.m.Name, old.term)
	}
}

// commits notes that the server's log is committed up to an index, including the library's own
// entries.
func (t *Trial) commits(s *server, index uint64) {
	for i := s.matched + 1; i <= index; i++ {
		e := s.at(i)
		if e == nil {
			continue // in a snapshot
		}
		for uint64(len(t.matter.committed)) <= i {
			t.matter.committed = append(t.matter.committed, known{})
		}
		c := &t.matter.committed[i]
		if c.Index == 0 {
			*c = known{e.position, e.hash, e.prefix, s}
		} else if c.position != e.position || c.hash != e.hash {
			t.violate("StateMachineSafety", "%s applies entry %v %q, but at that index "+
				"%s has applied %v", s.m.Name, e.position, short(e.data), c.who.m.Name, c.position)
		}
	}
	s.matched = index
}

// command is the write of an entry; empty if the server's log does not have it any more.
func (s *server) command(index uint64) (key, value string) {
	if e := s.at(index); e != nil {
		k, v, _ := contract.Pair(s.t.words(e.data))
		return k, string(v)
	}
	return "", ""
}

// words is the command in the data of an entry, without what the server has added.
func (t *Trial) words(data []byte) []byte { return data[:max(0, len(data)-t.Library.Tail())] }

// said names a message that a server sends, and checks what the server claims in it.
func (t *Trial) said(m *sim.Machine, conn sim.ConnID, data []byte) (kind, place string) {
	s := t.servers[m.ID]
	dialler := sim.NodeID(conn >> 44) // see [sim.Machine]: the base of a process's connections
	if u := t.user(dialler); u != nil {
		t.answers(s, u, data)
		return "REPLY", ""
	}
	h := t.ear.Hear(uint64(conn), dialler == m.ID, m.Name, data)
	if h.Leads != 0 {
		t.claims(s, h.Leads)
	}
	if h.Holds && !s.holds(h.Index, h.Term, 0) && !s.replaced(h.Index, h.In) {
		t.violate("AppendDurable", "%s answers that it holds %v, which is not on its disk", m.Name,
			position{h.Term, h.Index})
	}
	if h.Candidate != "" {
		t.votes(s, h.Candidate, h.Term)
	}
	if h.Kind == "" {
		h.Kind = "DATA"
	}
	if h.Index > 0 && t.Config.Keep {
		place = position{h.Term, h.Index}.String()
	}
	return h.Kind, place
}

// votes checks a vote that a server sends.
func (t *Trial) votes(s *server, candidate string, term uint64) {
	v := vote{s, term}
	if old, ok := t.matter.votes[v]; ok && old != candidate {
		t.violate("OneVote", "%s votes for %s and for %s in term %d", s.m.Name, old,
			candidate, term)
	}
	t.matter.votes[v] = candidate
	stored, votedIn, kept := bigEndian(s.kept(currentTerm)), bigEndian(s.kept(voteTerm)),
		s.kept(votedFor)
	if stored > term { // it can never vote in this term again
		return
	}
	if stored < term || votedIn != term || string(kept) != candidate {
		t.violate("VoteDurable", "%s votes for %s in term %d before this vote is on its disk: "+
			"there, the term is %d, and the last vote is for %q in term "+
			"%d", s.m.Name, candidate, term, stored, kept, votedIn)
	}
}

// answers checks AckedDurable for an answer to a client.
func (t *Trial) answers(s *server, u *user, data []byte) {
	if len(data) < 4 {
		return
	}
	a, ok := contract.ParseAnswer(data[4:])
	o := u.open
	if !ok || a.Status != contract.OK || o == nil || o.Do != contract.Write || a.Number != o.number {
		return
	}
	n := 0
	for _, other := range t.servers[1:] {
		other.follow()
		e := other.at(a.Index)
		mine := e != nil &&
			string(t.words(e.data)) == string(contract.AppendPair(nil, o.Key, []byte(o.Value)))
		if other.lost || other.holds(a.Index, 0, 0) && (mine || e == nil) {
			n++
		}
	}
	if n <= t.Config.Servers/2 {
		t.violate("AckedDurable", "%s acknowledges %s=%s at index %d, but only %d of %d disks "+
			"hold that entry", s.m.Name, o.Key, o.Value, a.Index, n, t.Config.Servers)
	}
}
