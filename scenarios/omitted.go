package scenarios

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// Verdict is what came of one arrow of a drawing.
type Verdict string

// The verdicts, from best to worst. Remark and Applied are for what is not a claim: words for the
// reader, and what the drawing itself does.
const (
	Remark    Verdict = "remark"
	Applied   Verdict = "applied"
	AsDrawn   Verdict = "as-drawn"
	Later     Verdict = "later"
	Different Verdict = "different"
	Never     Verdict = "never"
	Unplayed  Verdict = "not-here" // the engine has no counterpart to it: Instead says why
)

var ranks = map[Verdict]int{Remark: 0, Unplayed: 1, Applied: 1, AsDrawn: 2, Later: 3, Different: 4, Never: 5}

func (v Verdict) worse(w Verdict) bool { return ranks[v] > ranks[w] }

// Wrong is true if something else happened than was drawn.
func (v Verdict) Wrong() bool { return v == Different || v == Never }

// Omitted is something that lay between a drawn thing and what enabled it, and is not drawn.
type Omitted struct {
	What OmittedKind `json:"what"`
	Us   sim.Time    `json:"us"`  // how long it took, in µs
	Say  string      `json:"say"` // in a sentence
}

// OmittedKind is a kind of thing that drawings leave out.
type OmittedKind string

// The kinds.
const (
	OmittedExpiry    OmittedKind = "session-expiry"
	OmittedElection  OmittedKind = "election"
	OmittedReconnect OmittedKind = "reconnect"
	OmittedConnect   OmittedKind = "connect"
)

func lateIf(omitted []Omitted) Verdict {
	if len(omitted) > 0 {
		return Later
	}
	return AsDrawn
}

// between is what lay between an action and a moment of one client: elections that were decided
// and connections that were made anew in that time.
func (p *player) between(from action, to sim.Time, who string) (list []Omitted) {
	for i, r := range p.e.Reigns() {
		if r.Index > from.index && r.From <= to {
			list = append(list, p.election(i, from))
		}
	}
	if c := p.e.Actor(who); c != nil {
		list = append(list, reconnects(c, from, to)...)
	}
	return list
}

// reconnects are the connections that a client made anew between an action and a moment.
func reconnects(c engine.Actor, from action, to sim.Time) (list []Omitted) {
	lost := sim.Time(-1)
	for _, s := range c.States() {
		switch {
		case s.At > to:
			return list
		case s.State == client.Disconnected:
			lost = s.At
		case s.State == client.Connected && s.Index > from.index && lost < 0:
			list = append(list, Omitted{OmittedConnect, s.At - from.at, fmt.Sprintf(
				"%s had to connect first, which took %s", c.Who(), (s.At - from.at).Brief())})
		case s.State == client.Connected && s.Index > from.index:
			list = append(list, Omitted{OmittedReconnect, s.At - lost, fmt.Sprintf(
				"%s lost its server and took %s to be connected again", c.Who(), (s.At - lost).Brief())})
			lost = -1
		case s.State == client.Connected:
			lost = -1
		}
	}
	return list
}

// election describes one reign's beginning.
func (p *player) election(i int, from action) Omitted {
	r := p.e.Reigns()[i]
	since := from.at
	for _, old := range p.e.Reigns()[:i] {
		if old.To >= 0 {
			since = max(since, old.To)
		}
	}
	if since > r.From {
		since = from.at
	}
	return Omitted{OmittedElection, r.From - since, fmt.Sprintf(
		"the servers elected %s for epoch %d, which took %s", engine.ServerName(r.Leader), r.Epoch, (r.From - since).Brief())}
}

// behind is what lay behind something that a transaction caused: a notification, or a node's end.
// Back from it to the last thing drawn there may be the end of a session that is not drawn.
func (p *player) behind(f *found, who string, a *act) (list []Omitted) {
	if f.zxid == 0 {
		return nil
	}
	for i := range p.e.Ops() {
		o := p.e.Ops()[i]
		if o.AppliedAt >= 0 && o.AppliedZ == f.zxid {
			return p.between(action{at: o.CalledAt, index: o.CallIndex - 1}, f.at, who)
		}
	}
	for i := range p.e.Closings() {
		c := &p.e.Closings()[i]
		if c.Zxid != f.zxid {
			continue
		}
		from := p.since(c.Index)
		if p.draws(a) {
			p.known[c.Zxid] = true
		}
		if c.Why == engine.TimedOut && !p.known[c.Zxid] {
			list = append(list, p.expiry(c, from))
		}
		return append(list, p.between(from, f.at, who)...)
	}
	return nil
}

// draws says that a note shows the end of a session itself, not only what follows from it.
func (p *player) draws(a *act) bool {
	return a.kind == Happening && (a.happening.what == sessionOver ||
		has(wordsOf(a.text), "expires", "expired", "times out", "timeout", "session timeout"))
}

func (p *player) expiry(c *engine.Closing, from action) Omitted {
	name := p.e.ClientOf(c.Session)
	timeout := p.spec.stage.SessionTimeout
	return Omitted{OmittedExpiry, c.AppliedAt - from.at, fmt.Sprintf(
		"%s's session had to expire first: its timeout is %s, the leader had not heard of it for %s", name, timeout, c.Silent.Brief())}
}

// Facts are figures about the time of one diagram, of what it does not show.
type Facts struct {
	From, To sim.Time
	Reigns   []Reign
	Messages uint64 // on all connections, or, where nobody can look into them, between servers
	Bytes    uint64
	Syncs    uint64 // fsyncs completed
	Events   uint64
	Sent     []Count  // by kind of message, where records are kept
	Commits  int      // transactions that changed the tree
	Faults   []string // of the plan, which no drawing shows, or that had no effect, and why
}

// Reign is who led the ensemble, and when.
type Reign struct {
	Server   string   `json:"server"`
	Epoch    uint32   `json:"epoch"`
	From, To sim.Time `json:"-"` // To is -1 while it lasts
}

// Count is how many there were of something.
type Count struct {
	What string
	N    int
}

// facts collects what a person who reads a drawing would not see in it.
func (p *player) facts(run *sceneRun) Facts {
	f := Facts{From: run.began, To: p.now()}
	for _, r := range p.e.Reigns() {
		if r.To < 0 || r.To >= run.began {
			f.Reigns = append(f.Reigns, Reign{engine.ServerName(r.Leader), r.Epoch, r.From, r.To})
		}
	}
	seen := make(map[zab.Zxid]bool)
	for _, c := range p.e.Changes() {
		if c.At >= run.began && !seen[c.Zxid] {
			seen[c.Zxid] = true
			f.Commits++
		}
	}
	if p.sim != nil {
		p.simFacts(run, &f)
		return f
	}
	var sent counting
	list, _ := p.packets()
	for _, m := range list {
		if m.SentAt >= run.began {
			sent.count(m.Message.Name())
			f.Messages++
		}
	}
	f.Sent = sent.list
	return f
}

// counting counts things in the order in which they first came.
type counting struct {
	list  []Count
	index map[string]int
}

func (c *counting) count(what string) {
	i, known := c.index[what]
	if !known {
		if c.index == nil {
			c.index = make(map[string]int)
		}
		i = len(c.list)
		c.index[what] = i
		c.list = append(c.list, Count{What: what})
	}
	c.list[i].N++
}

// simFacts are those that only a simulated ensemble shows.
func (p *player) simFacts(run *sceneRun, f *Facts) {
	stats := p.sim.World.Stats()
	f.Messages, f.Bytes = stats.Messages-run.base.Messages, stats.Bytes-run.base.Bytes
	f.Syncs, f.Events = stats.Syncs-run.base.Syncs, stats.Events-run.base.Events
	f.Faults = p.undrawn(run)
	var sent counting
	for i := range p.sim.World.Records() {
		r := &p.sim.World.Records()[i]
		if r.Kind != sim.KindSend || r.At < run.began {
			continue
		}
		sent.count(strings.ToUpper(r.Message.Name()))
	}
	f.Sent = sent.list
}

// undrawn are the faults of the plan in the time of one diagram.
func (p *player) undrawn(run *sceneRun) (list []string) {
	for i := range p.sim.World.Records() {
		r := &p.sim.World.Records()[i]
		if r.At < run.began {
			continue
		}
		switch f, ok := r.Body.(sim.Fault); {
		case !ok || f.When == (sim.When{}):
		case f.When.Who != "":
			list = append(list, r.At.Seconds()+" "+r.Text+" ("+f.When.String()+")")
		default:
			list = append(list, r.At.Seconds()+" "+r.Text)
		}
		if why, ok := strings.CutPrefix(r.Text, "no effect: "); ok {
			list = append(list, r.At.Seconds()+" no effect: "+why)
		}
	}
	return list
}
