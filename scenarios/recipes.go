package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/client/elect"
)

// jobTime is the length of one job in the recipe "worker".
const jobTime = sim.Second

// recipes has the program of each recipe in [script.Recipes], by name.
var recipes = map[string]func(path string, data []byte) func(*client.Proc){
	"race": func(path string, data []byte) func(*client.Proc) {
		return client.Election{Path: path, Data: data}.Race
	},
	"line": func(path string, data []byte) func(*client.Proc) {
		return client.Election{Path: path, Data: data}.Queue
	},
	"primary": func(path string, data []byte) func(*client.Proc) {
		return client.Primary(client.Lock{Path: path, Data: data}, nil)
	},
	"worker": func(path string, data []byte) func(*client.Proc) {
		return client.Worker(client.Lock{Path: path, Data: data}, 0,
			func(p *client.Proc, _ *client.Held) { p.Sleep(jobTime) })
	},
	"kafka": func(path string, _ []byte) func(*client.Proc) { return elect.Kafka{Path: path}.Run },
	"hbase": func(path string, _ []byte) func(*client.Proc) { return elect.HBase{Path: path}.Run },
	"region-server": func(path string, _ []byte) func(*client.Proc) {
		return elect.HBase{Path: path}.RegionServer(jobTime)
	},
	"hdfs":  func(path string, _ []byte) func(*client.Proc) { return elect.HDFS{Path: path}.Run },
	"latch": func(path string, _ []byte) func(*client.Proc) { return elect.Latch{Path: path}.Run },
	"selector": func(path string, _ []byte) func(*client.Proc) {
		return elect.Selector{Path: path}.Run
	},
	"lease": func(path string, _ []byte) func(*client.Proc) { return elect.Lease{Path: path}.Run },
	"etcd":  func(path string, _ []byte) func(*client.Proc) { return elect.Etcd{Path: path}.Run },
}

// addClient adds a client. If the document names a recipe for it, the client runs the recipe.
func (p *player) addClient(name string, home int) error {
	program := p.program(name)
	if program == nil {
		_, err := p.e.AddActor(name, home, p.spec.Timeouts[name])
		return err
	}
	if p.sim == nil {
		return &engine.NotHere{Why: "recipes need simulated servers: use --engine lab, or " +
			"remove recipe="}
	}
	_, err := p.sim.AddClientWith(name, home, client.Config{
		Wait: true, Renew: true, SessionTimeout: p.spec.Timeouts[name],
		Programs: []func(*client.Proc){program},
	})
	return err
}

// program returns the recipe that a client runs, or nil.
func (p *player) program(who string) func(*client.Proc) {
	for _, r := range p.spec.Recipes {
		if slices.Contains(r.Who, who) {
			return recipes[r.Name](r.Path, []byte(who))
		}
	}
	return nil
}

// startRecipes starts the recipes of clients without drawn calls. The recipe of any other client
// starts at its first drawn call.
func (p *player) startRecipes() {
	for _, r := range p.spec.Recipes {
		for _, who := range r.Who {
			if !p.spec.Calling(who) {
				p.start(who)
			}
		}
	}
}

// start starts the recipe of a client, unless it is already running.
func (p *player) start(who string) (started bool) {
	if _, ok := p.scanned[who]; ok || p.sim == nil {
		return false
	}
	p.scanned[who] = len(p.e.Ops())
	p.sim.World.TellAt(p.now()+1, p.sim.Client(who).Machine(), &client.Begin{})
	return true
}

// made waits for a drawn call that a recipe has to make.
func (p *player) made(t *thread, a *script.Act) {
	from := p.since(p.e.Index())
	if p.start(a.From) {
		from = p.actionAt(p.act(a))
	}
	find := func() int {
		for i := p.scanned[a.From]; i < len(p.e.Ops()); i++ {
			if o := p.e.Ops()[i]; o.Client == a.From && p.isCall(&a.Op, &o.Op) {
				return i
			}
		}
		return -1
	}
	t.wait = &waiting{
		until: p.now() + p.e.GiveUp(),
		ready: func() bool {
			i := find()
			return i >= 0 && (p.e.Ops()[i].AppliedAt >= 0 || p.e.Ops()[i].Done())
		},
		then: func() {
			i := find()
			if i < 0 {
				who := a.From
				p.judge(a, &arrowRun{verdict: Never, at: -1, index: -1, instead: "the recipe of " +
					who + " made no such call within " + p.e.GiveUp().String()})
				return
			}
			p.scanned[a.From] = i + 1
			p.called(a, i, &attempt{from: from})
		},
	}
}

// isCall reports whether a call of a recipe is the drawn one. Three differences are allowed:
// another way of reading the node, other names of sequential nodes, and what follows a comma in the
// name of a server of HBase (its port and start code).
func (p *player) isCall(drawn, made *tree.Op) bool {
	want := p.realOp(*drawn)
	path := made.Path
	if want.Flags.IsSequential() && made.Flags.IsSequential() {
		want.Path, _, _ = tree.SplitPath(want.Path)
		path, _, _ = tree.SplitPath(path)
	}
	if host, _, ok := strings.Cut(path, ","); ok && want.Path == host {
		path = host
	}
	return want.Path == path && sortOf(want.Type) == sortOf(made.Type) && (made.Watch || !want.Watch) &&
		want.Flags.IsEphemeral() == made.Flags.IsEphemeral()
}

// sortOf returns the type of an operation, or the type that a drawing cannot distinguish from it.
func sortOf(t tree.OpCode) tree.OpCode {
	switch t {
	case tree.OpCreate:
		return tree.OpCreate2
	case tree.OpGetChildren:
		return tree.OpGetChildren2
	case tree.OpGetData:
		return tree.OpExists
	}
	return t
}

// whyNoBelief returns the reason why a recipe did not begin or stop to lead.
func (p *player) whyNoBelief(h *script.Occurrence) string {
	if h.What == script.StopsLeading {
		return h.Client + " did not stop leading"
	}
	for _, c := range p.sim.Clients() {
		if n := len(c.Beliefs()); n > 0 && c.Beliefs()[n-1].Leads && c.Up() {
			return fmt.Sprintf("%s leads, and %s did not begin to lead", c.Name, h.Client)
		}
	}
	return h.Client + " did not begin to lead"
}

// lookBelief finds the moment after a record at which a recipe begins or stops to lead.
func (p *player) lookBelief(h *script.Occurrence, after int64) found {
	if c := p.sim.Client(h.Client); c != nil {
		for _, b := range c.Beliefs() {
			if b.Index > after && b.Leads == (h.What == script.BeginsToLead) {
				return found{ok: true, op: -1, at: b.At, index: b.Index}
			}
		}
	}
	return found{op: -1}
}
