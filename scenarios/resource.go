package scenarios

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// resourceRun is a resource outside the ensemble, to which leaders write. Every write has the
// fencing token of its client. A fenced resource refuses a token that is older than one it has
// seen.
type resourceRun struct {
	name    string
	fenced  bool
	machine *sim.Machine
	highest zab.Zxid
	sent    int // writes
	answers []resourceAnswer
	used    int
}

// resourceAnswer is the outcome of one write.
type resourceAnswer struct {
	write  int // its number among those sent
	client string
	token  zab.Zxid
	newest zab.Zxid // the newest token that the resource had seen
	ok     bool
	stale  bool // the token is older than newest
	at     sim.Time
	index  int64
}

// newResource creates a resource in a simulated world. With other engines a write arrives at once.
func newResource(e *ensemble.Ensemble, name string, fenced bool) *resourceRun {
	r := &resourceRun{name: name, fenced: fenced}
	if e == nil {
		return r
	}
	w := e.World
	r.machine = w.Add(name, "resource",
		func(*sim.Machine) sim.Program { return (*resourceProgram)(r) })
	w.Start(r.machine)
	return r
}

type resourceProgram resourceRun

func (p *resourceProgram) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	m, ok := e.Msg.(*narration.Write)
	if !ok {
		return out
	}
	w := p.machine.World()
	(*resourceRun)(p).take(m, w.Now(), w.Index()-1)
	return out
}

// take accepts or refuses a write that arrives.
func (r *resourceRun) take(m *narration.Write, at sim.Time, index int64) {
	a := resourceAnswer{
		write: m.N, client: m.Client, token: m.Token, newest: r.highest, at: at, index: index,
	}
	a.stale = m.Token < r.highest
	a.ok = !a.stale || !r.fenced
	r.highest = max(r.highest, m.Token)
	m.Newest, m.Refused = r.highest, !a.ok
	r.answers = append(r.answers, a)
}

func (p *resourceProgram) Deadline() sim.Time { return sim.Never }

// write sends a client's write to a resource, as soon as the client is running and has no open
// call. The token is the czxid of the ephemeral node that the client created last.
func (p *player) write(t *thread, a *script.Act) {
	writer, resource := a.From, a.To
	c, res := p.e.Actor(writer), p.resources[resource]
	never := func(why string) {
		p.judge(a, &arrowRun{verdict: Never, at: -1, index: -1, instead: writer + " " + why})
	}
	if !c.Up() {
		never("is down because of an earlier fault")
		return
	}
	free := func() bool {
		return c.Up() && !c.Paused() && c.Idle()
	}
	until := p.now() + p.e.GiveUp()
	t.wait = &waiting{until: until, ready: free, then: func() {
		if !free() {
			never("did not start the write")
			return
		}
		if a.Presents && p.token(writer) == 0 {
			never("has no token, because it could not get the lock")
			return
		}
		n := res.sent
		res.sent++
		p.wrote[a] = n
		write := &narration.Write{N: n, Client: writer, Token: p.token(writer)}
		if p.sim == nil {
			index := p.act(a)
			res.take(write, p.now(), index)
			got := res.answer(n)
			p.judge(a, got.run())
			return
		}
		w := p.sim.World
		write.Sent = w.Index()
		r := w.Rand(fmt.Sprintf("write %s %s %d", writer, resource, write.Sent))
		at := w.Now() + r.Between(p.spec.Stage.Latency.Min, p.spec.Stage.Latency.Max)
		p.actAs(a, narration.Writing{Write: write, To: resource, Arrive: at})
		w.TellAt(at, res.machine, write)
		t.wait = &waiting{until: at + 1, ready: func() bool { return res.answer(n) != nil },
			then: func() {
				got := res.answer(n)
				if got == nil {
					never("wrote, but " + resource + " did not answer")
					return
				}
				p.judge(a, got.run())
			}}
	}}
}

// answer returns the outcome of the nth write, or nil while it is on its way.
func (r *resourceRun) answer(n int) *resourceAnswer {
	for i := len(r.answers) - 1; i >= 0; i-- {
		if r.answers[i].write == n {
			return &r.answers[i]
		}
	}
	return nil
}

// token returns the fencing token of a client: the czxid of its last ephemeral node, or 0.
func (p *player) token(name string) zab.Zxid {
	for i := len(p.e.Ops()) - 1; i >= 0; i-- {
		if o := p.e.Ops()[i]; o.Client == name {
			if nodes, at := o.Created(); len(nodes) > 0 {
				return at
			}
		}
	}
	return 0
}

// say returns the outcome in words.
func (a *resourceAnswer) say() string {
	switch {
	case a.stale && a.ok:
		return fmt.Sprintf("accepted without fencing: token %v is older than %v", a.token,
			a.newest)
	case a.stale:
		return fmt.Sprintf("rejected: token %v is older than %v", a.token, a.newest)
	}
	return fmt.Sprintf("accepted with token %v", a.token)
}

// run returns the outcome of the arrow of the write.
func (a *resourceAnswer) run() *arrowRun {
	return &arrowRun{verdict: AsDrawn, at: a.at, index: a.index, answer: a.say(),
		bad: a.stale && a.ok}
}

// lookAnswer returns the answer of a resource to the write for which the drawing shows it or, if
// that is not known, the oldest answer to the client that no arrow has shown.
func (p *player) lookAnswer(x *expectation) found {
	r := p.resources[x.a.From]
	n, known := p.wrote[x.a.Judges]
	for i := r.used; i < len(r.answers); i++ {
		if r.answers[i].client == x.a.To && (!known || r.answers[i].write == n) {
			return found{ok: true, op: -1, event: i, at: r.answers[i].at, index: r.answers[i].index}
		}
	}
	return found{op: -1}
}

// concludeAnswer judges an arrow from a resource.
func (p *player) concludeAnswer(x *expectation, f *found, out *arrowRun) {
	r, writer := p.resources[x.a.From], x.a.To
	if !f.ok {
		out.verdict, out.at, out.instead = Never, -1,
			"the drawing has no unanswered write by "+writer
		return
	}
	a := &r.answers[f.event]
	r.used = f.event + 1
	out.verdict, out.answer, out.bad = AsDrawn, a.say(), a.stale && a.ok
	said := x.a.Reply.Outcome
	if said == script.WentWrong && a.ok || said == script.WentWell && !a.ok {
		out.verdict, out.instead = Different, a.say()
	}
}
