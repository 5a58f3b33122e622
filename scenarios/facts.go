package scenarios

import (
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// Facts has figures of one diagram's run that the diagram itself does not show.
type Facts struct {
	From, To sim.Time
	Reigns   []engine.Reign
	Messages uint64 // on all connections; between servers only, if the others cannot be seen
	Unseen   bool   // no message can be seen
	Bytes    uint64
	Fsyncs   uint64 // fsyncs completed
	Events   uint64
	Sent     []Count  // by kind of message, where records are kept
	Commits  int      // transactions that changed the tree
	Faults   []string // of the plan; for a fault without effect, the reason
	Refused  []string // timed faults that this engine cannot cause, with line and reason
}

// Count says how often something occurred.
type Count struct {
	What string
	N    int
}

// facts collects the figures of one diagram's run.
func (p *player) facts(run *sceneRun) Facts {
	f := Facts{From: run.began, To: p.now()}
	for _, r := range p.e.Reigns() {
		if r.To < 0 || r.To >= run.began {
			f.Reigns = append(f.Reigns, r)
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
	f.Faults, f.Refused, p.carried, p.refused = p.carried, p.refused, nil, nil
	var sent counting
	list, ok := p.packets()
	f.Unseen = !ok
	for _, m := range list {
		if m.SentAt >= run.began {
			sent.count(m.Message.Name())
			f.Messages++
		}
	}
	f.Sent = sent.list
	return f
}

// counting counts names, in the order of their first occurrence.
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

// simFacts adds the figures that only a simulated ensemble has.
func (p *player) simFacts(run *sceneRun, f *Facts) {
	stats := p.sim.World.Stats()
	f.Messages, f.Bytes = stats.Messages-run.base.Messages, stats.Bytes-run.base.Bytes
	f.Fsyncs, f.Events = stats.Fsyncs-run.base.Fsyncs, stats.Events-run.base.Events
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

// undrawn returns the faults of the plan during one diagram.
func (p *player) undrawn(run *sceneRun) (list []string) {
	for i := range p.sim.World.Records() {
		r := &p.sim.World.Records()[i]
		if r.At < run.began {
			continue
		}
		switch f, ok := r.Body.(sim.Fault); {
		case !ok || f.When == (sim.When{}):
		case f.When.Trigger != 0:
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
