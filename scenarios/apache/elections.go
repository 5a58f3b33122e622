package apache

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Election has the times measured in one round of [Elect], on any engine, in µs. In a round, one
// client has created an ephemeral node, as the leader of an application does, and other clients
// watch the node.
type Election struct {
	// from the crash of the client that held the office until its node was deleted
	Gone sim.Time `json:"gone_us"`
	// from a client's close of its session until its node was deleted
	Closed sim.Time   `json:"closed_us"`
	Pings  []sim.Time `json:"pings_us"`  // spans between an idle client's pings
	Spread sim.Time   `json:"spread_us"` // from the first notification to the last
	// the client that was notified first is connected to the leader
	AtLeader bool `json:"at_leader"`
	// the servers of the watching clients, in the order of notification
	Order string `json:"order"`
	// from the leader's crash until another server leads
	Leaderless sim.Time `json:"leaderless_us"`
	Written    sim.Time `json:"written_us"` // from the crash until D has written
	Frozen     sim.Time `json:"frozen_us"`  // from the leader's pause until another leads
}

// Rules are those settings of the ensemble, in µs, that affect how long the parts of a round of
// [Elect] take.
type Rules struct {
	Tick     sim.Time
	Patience sim.Time // how long followers wait for a silent leader: syncLimit ticks
}

// idle is how long a client is watched for its pings.
const idle = 3500 * sim.Millisecond

// Elect plays one round with five clients, A to E. First A creates an ephemeral node, and B, C and
// D, each at its own server, watch this node. Then A crashes, at a random moment within a tick:
// sessions expire only at ticks, and a fixed moment would always give the same wait for the expiry.
// Then E closes its session. Then the leading server crashes, D creates a node, and the crashed
// server restarts. At the end the leading server is paused until its followers have given it up. The
// names of clients and nodes end in the round's number. The function pings must return the times of
// all pings of the client with the given name.
func Elect(e engine.Engine, round int, r Rules,
	pings func(name string) []sim.Time) (x Election, err error) {
	p := elect{e: e, round: round}
	p.until("every server serves clients", e.Serves)
	servers := len(e.ServerNames())
	for i, who := range []string{"A", "B", "C", "D", "E"} {
		a, err := e.AddActor(p.name(who), i%servers+1, 0)
		if err != nil {
			return x, err
		}
		a.Start()
		p.until(who+" is connected", a.Connected)
	}
	leader, own := p.path("/leader"), p.path("/own")
	p.do("A", tree.Op{Type: tree.OpCreate, Path: leader, ACL: tree.OpenACL, Flags: tree.Ephemeral})
	p.do("E", tree.Op{Type: tree.OpCreate, Path: own, ACL: tree.OpenACL, Flags: tree.Ephemeral})
	for _, who := range []string{"B", "C", "D"} {
		p.do(who, tree.Op{Type: tree.OpExists, Path: leader, Watch: true})
	}
	p.wait(idle + e.Chance(fmt.Sprintf("round %d", round)).Between(0, r.Tick))
	if p.err == nil {
		x.Pings = between(pings(p.name("D")))
	}

	at := p.apply(sim.Crash(p.name("A")))
	x.Gone = p.gone(leader) - at
	x.told(&p)

	at = e.Now()
	p.do("E", tree.Op{Type: tree.OpCloseSession})
	x.Closed = p.gone(own) - at

	x.leaderDies(&p)
	x.leaderStands(&p, r.Patience)
	return x, p.err
}

// told waits until all watching clients are notified, and records the order of notification.
func (x *Election) told(p *elect) {
	watchers := []string{"B", "C", "D"}
	p.until("all watching clients are notified", func() bool {
		return !slices.ContainsFunc(watchers, func(who string) bool {
			return len(p.e.Actor(p.name(who)).Events()) == 0
		})
	})
	if p.err != nil {
		return
	}
	first := func(who string) sim.Time { return p.e.Actor(p.name(who)).Events()[0].At }
	slices.SortStableFunc(watchers, func(a, b string) int { return int(first(a) - first(b)) })
	x.Spread = first(watchers[2]) - first(watchers[0])
	servers := p.e.ServerNames()
	var order []string
	for _, who := range watchers {
		order = append(order, servers[int(who[0]-'A')%len(servers)])
	}
	x.Order, x.AtLeader = strings.Join(order, " "), order[0] == p.e.LeaderName()
}

// leaderDies crashes the leader, and repeats a create of client D until one succeeds.
func (x *Election) leaderDies(p *elect) {
	name, reigns := p.e.LeaderName(), len(p.e.Reigns())
	at := p.apply(sim.Crash(name))
	x.Leaderless = p.leads(reigns) - at
	for try := 0; ; try++ {
		o := p.do("D", tree.Op{
			Type: tree.OpCreate, Path: fmt.Sprintf("%s-%d", p.path("/after"), try),
			ACL: tree.OpenACL,
		})
		if o.Code == tree.SessionExpired {
			p.err = fmt.Errorf("round %d: the session of %s expired, although it should outlive the "+
				"election: run the round again on a less busy machine", p.round, o.Client)
		}
		if p.err != nil {
			return
		}
		if o.Outcome == client.OK {
			x.Written = o.ReturnedAt - at
			break
		}
	}
	p.apply(sim.Restart(name))
	p.until("all serve", p.e.Serves)
}

// standsStill is in µs: the leader's pause lasts this much longer than its followers wait.
const standsStill = 3 * sim.Second

// leaderStands pauses the leader for longer than its followers wait, so that they elect another.
func (x *Election) leaderStands(p *elect, patience sim.Time) {
	reigns := len(p.e.Reigns())
	at := p.apply(sim.Pause(p.e.LeaderName(), patience+standsStill))
	x.Frozen = p.leads(reigns) - at
	p.wait(at + patience + standsStill - p.e.Now())
	p.until("all serve", p.e.Serves)
}

// leads waits until another server leads, and returns when its reign began.
func (p *elect) leads(had int) sim.Time {
	p.until("another server leads", func() bool {
		return p.e.LeaderName() != "" && len(p.e.Reigns()) > had
	})
	if p.err != nil {
		return 0
	}
	return p.e.Reigns()[had].From
}

// elect is one round in progress.
type elect struct {
	e     engine.Engine
	round int
	tag   int64
	err   error
}

func (p *elect) name(who string) string { return fmt.Sprintf("%s%d", who, p.round) }
func (p *elect) path(p0 string) string  { return fmt.Sprintf("%s%d", p0, p.round) }

// until waits until is() is true. After the engine's GiveUp it sets err instead.
func (p *elect) until(what string, is func() bool) {
	if p.err != nil {
		return
	}
	bound := p.e.GiveUp()
	switch {
	case !p.e.Run(p.e.Now()+bound, is):
		p.err = p.e.Err()
	case !is():
		p.err = fmt.Errorf("round %d: timed out after %s, waiting until %s: run the round "+
			"again on a less busy machine", p.round, bound, what)
	}
}

func (p *elect) wait(span sim.Time) {
	if p.err == nil && !p.e.Run(p.e.Now()+span, func() bool { return false }) {
		p.err = p.e.Err()
	}
}

// do makes a client perform an operation, and waits for the answer.
func (p *elect) do(who string, op tree.Op) (o *engine.Op) {
	if p.err != nil {
		return &engine.Op{}
	}
	p.tag++
	tag, first := int64(p.round)<<16|p.tag, len(p.e.Ops())
	p.e.Actor(p.name(who)).Do(op, tag)
	p.until(who+" is answered", func() bool {
		for _, k := range p.e.Ops()[first:] {
			if k.Tag == tag && k.Done() {
				o = k
			}
		}
		return o != nil
	})
	if o == nil {
		return &engine.Op{}
	}
	return o
}

func (p *elect) apply(f sim.Fault) sim.Time {
	if p.err == nil {
		p.err = p.e.Apply(f)
	}
	return p.e.Now()
}

// gone waits until a node is deleted, and returns the time of the deletion.
func (p *elect) gone(path string) (at sim.Time) {
	p.until(path+" is gone", func() bool {
		for _, c := range p.e.Changes() {
			if c.Path == path && c.Event == tree.NodeDeleted {
				at = c.At
				return true
			}
		}
		return false
	})
	return at
}

// between returns the spans between consecutive times.
func between(list []sim.Time) (spans []sim.Time) {
	for i := 1; i < len(list); i++ {
		spans = append(spans, list[i]-list[i-1])
	}
	return spans
}

// Pings returns the time of each ping that the client has sent after its latest start. Times are in
// µs from the start of the engine.
func (e *Engine) Pings(name string) []sim.Time {
	if c := e.clients.Find(name); c != nil {
		return c.Pings()
	}
	return nil
}
