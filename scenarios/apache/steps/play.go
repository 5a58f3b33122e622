package steps

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zablab/zablab/scenarios/apache"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/explore"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Did is what became of a step.
type Did int

// What can become of a step.
const (
	Unplayed Did = iota // it comes after one that differs
	Made                // the lab made it, and the servers agree with the story
	Own                 // an fsync or a timer, which is the servers' own; the servers agree
	Differs             // it was not possible, or the servers then differ from the story
)

// Step is a step of a story on real servers.
type Step struct {
	explore.Moment
	Did  Did
	Note string // the difference; or what was lost with a connection
}

// Played is a story that was played on real servers.
type Played struct {
	Steps []Step
	// Servers has for each server what the story says of it at the end, and what ZooKeeper shows,
	// if all steps were played. Differs has what differs.
	Servers []Server
}

// Server is a server at the end. Each text has the same figures.
type Server struct {
	Story, Real string
	// Open means that an fsync or a snapshot has not ended in the story. On a real server it has:
	// that state cannot be held.
	Open bool
}

// Same reports whether all steps were played and the servers have come to the same. ahead has the
// servers that cannot be held in the state of the story ([Server.Open]).
func (p *Played) Same() (same bool, ahead []string) {
	same = len(p.Servers) > 0
	for i, s := range p.Servers {
		if s.Open {
			ahead = append(ahead, fmt.Sprintf("S%d", i+1))
		}
		same = same && (s.Story == s.Real || s.Open)
	}
	return same, ahead
}

// How long the lab waits until the servers agree with a story.
const (
	soon  = 15 * time.Second       // after a step
	late  = 70 * time.Second       // if servers start, elect or time out: initLimit ticks
	quiet = 300 * time.Millisecond // after the last step: a server may send more than the story says
	ticks = 5                      // initLimit and syncLimit
	tick  = 4 * sim.Second
)

// player plays a story.
type player struct {
	ctx     context.Context
	e       *apache.Ensemble
	hold    *apache.Hold
	soon    time.Duration
	clients []*apache.Wire
}

// Play starts an ensemble and plays a story on it. Doing, if set, is called before each step, and
// before the servers start with nil.
func Play(ctx context.Context, s *explore.Story, doing func(*explore.Moment)) (*Played, error) {
	list, err := s.Moments()
	if err == nil {
		err = Possible(s, list)
	}
	if err != nil {
		return nil, err
	}
	if doing == nil {
		doing = func(*explore.Moment) {}
	}
	doing(nil)
	return play(ctx, s, list, soon, doing)
}

func play(ctx context.Context, s *explore.Story, list []explore.Moment, soon time.Duration,
	doing func(*explore.Moment)) (*Played, error) {
	c := apache.Config{Hold: &apache.Hold{}, Stage: engine.Stage{Servers: s.Setup.Servers, Tick: tick,
		InitLimit: ticks, SyncLimit: ticks}}
	e, err := apache.Start(ctx, c)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	p := &player{ctx: ctx, e: e, hold: c.Hold, soon: soon}
	defer p.close()
	out := &Played{Steps: make([]Step, len(list))}
	for i := range list {
		out.Steps[i].Moment = list[i]
	}
	for i := range out.Steps {
		x := &out.Steps[i]
		doing(&x.Moment)
		why := p.settled(out.Steps, i)
		if why == "" {
			why = p.step(x)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if why != "" {
			x.Did, x.Note = Differs, why
			return out, nil
		}
	}
	last := &out.Steps[len(out.Steps)-1]
	p.await(quiet, func() string { return "not yet" })
	if why := p.differs(&last.Moment); why != "" {
		last.Did, last.Note = Differs, why
		return out, nil
	}
	out.Servers = p.end(last.Servers)
	return out, ctx.Err()
}

func (p *player) close() {
	for _, w := range p.clients {
		w.Close()
	}
}

// settled waits, before a process dies, until it has written what the story says: also what is not
// fsynced survives. It returns the difference, or nothing.
func (p *player) settled(list []Step, i int) string {
	m := &list[i].Moment
	if m.Kind != explore.Crashes || i == 0 {
		return ""
	}
	return p.await(p.soon, func() string { return p.disk(m.Server, &list[i-1].Servers[m.Server]) })
}

// step makes a step, and waits until the servers agree with the story. It returns the difference,
// or nothing.
func (p *player) step(x *Step) string {
	x.Did = Made
	patience := late
	switch m := &x.Moment; m.Kind {
	case explore.Arrives:
		patience = p.soon
		if text := inZooKeeper(m.Text); text != "" {
			lost, ok := p.hold.Release(m.Other, m.Server, text)
			if !ok {
				return fmt.Sprintf("S%d has not sent this to S%d; in transit: %s", m.Other, m.Server,
					inTransit(p.hold.Transit()))
			}
			if len(lost) > 0 {
				x.Note = "lost with the connection: " + strings.Join(lost, ", ")
			}
		} else {
			x.Did = Own // the data of a snapshot comes with SNAP
		}
	case explore.Fsyncs:
		x.Did, patience = Own, p.soon
	case explore.Fires:
		x.Did = Own
	case explore.Elects:
		p.e.Elect(m.Set...)
		defer p.e.Elect()
	case explore.Joins:
		set := []int{m.Server, m.Other}
		for i, s := range m.Servers {
			if i != m.Server && s.Up && s.Leader == m.Other && s.State == zab.Following {
				set = append(set, i)
			}
		}
		p.e.Elect(set...)
		defer p.e.Elect()
	default:
		if err := p.fault(m); err != nil {
			return err.Error()
		}
	}
	return p.await(patience, func() string { return p.differs(&x.Moment) })
}

// fault carries out a step that is a client's or a fault.
func (p *player) fault(m *explore.Moment) error {
	switch m.Kind {
	case explore.Writes:
		return p.write(m)
	case explore.Crashes:
		return p.e.Kill(m.Server)
	case explore.LosesDisk:
		return p.e.Wipe(m.Server)
	case explore.Restarts:
		return p.e.Restart(m.Server)
	}
	return fmt.Errorf("this step cannot be made: %s", m.Says)
}

// write sends a client's write, and does not wait for its answer. The client's session is of its
// server only (localSessionsEnabled), so that it is no transaction.
func (p *player) write(m *explore.Moment) error {
	var w *apache.Wire
	why := p.await(p.soon, func() string {
		var err error
		w, err = apache.DialWire(p.e.Address(m.Server), &tree.ConnectRequest{TimeoutMs: 60_000,
			Passwd: make([]byte, 16)})
		if err != nil {
			return fmt.Sprintf("no session at S%d: %v", m.Server, err)
		}
		return ""
	})
	if why != "" {
		return fmt.Errorf("%s", why)
	}
	p.clients = append(p.clients, w)
	_, name, _ := strings.Cut(m.Line.Text, " ")
	go func() { // it ends when the client's connection is closed
		_, _, _ = w.Ask(&tree.Request{Xid: 1, Op: tree.Op{Type: tree.OpCreate, Path: "/" + name,
			ACL: tree.OpenACL}})
	}()
	return nil
}

// await waits until differs returns nothing. Else it returns the last difference.
func (p *player) await(patience time.Duration, differs func() string) string {
	for until := time.Now().Add(patience); ; {
		why := differs()
		if why == "" || time.Now().After(until) {
			return why
		}
		select {
		case <-p.ctx.Done():
			return why
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// differs returns how the servers differ from a story after a step, or nothing.
func (p *player) differs(m *explore.Moment) string {
	for i := range m.Servers {
		s := &m.Servers[i]
		if i == 0 || !s.Up {
			continue
		}
		if last, exited := p.e.Ended(i); exited {
			return fmt.Sprintf("the process of S%d has ended: %s", i, last)
		}
		if why := p.disk(i, s); why != "" {
			return why
		}
	}
	return messages(m, p.hold.Transit())
}

// disk returns how a server's disk differs from a story, or nothing.
func (p *player) disk(i int, s *explore.ServerState) string {
	d := p.e.Stored(i)
	if s.Syncing && d.Accepted >= s.Accepted && d.Current >= s.Current && d.Logged >= s.Logged {
		return ""
	}
	if d.Accepted != s.Accepted || d.Current != s.Current || d.Logged != s.Logged {
		return fmt.Sprintf("S%d has %s on its disk, and in the story %s", i,
			figures(d.Accepted, d.Current, d.Logged), figures(s.Accepted, s.Current, s.Logged))
	}
	return ""
}

func figures(accepted, current uint32, logged zab.Zxid) string {
	return fmt.Sprintf("accepted %d, current %d, logged %v", accepted, current, logged)
}

// messages returns how what is in transit differs from a story, or nothing. Of the connections in
// the same direction between two servers, the oldest comes first in both.
func messages(m *explore.Moment, real []apache.Transit) string {
	rest := slices.Clone(real)
	for _, t := range m.Transit {
		var texts []string
		for _, text := range t.Texts {
			if text = inZooKeeper(text); text != "" {
				texts = append(texts, text)
			}
		}
		if len(texts) == 0 {
			continue
		}
		at := slices.IndexFunc(rest, func(r apache.Transit) bool {
			return r.From == t.From && r.To == t.To
		})
		if at < 0 {
			return fmt.Sprintf("S%d has not sent %s to S%d, as in the story", t.From,
				strings.Join(texts, ", "), t.To)
		}
		sent := rest[at].Texts
		rest = slices.Delete(rest, at, at+1)
		ahead := open(&m.Servers[t.From])
		if len(sent) < len(texts) || !slices.Equal(sent[:len(texts)], texts) ||
			len(sent) > len(texts) && !ahead {
			return fmt.Sprintf("in transit from S%d to S%d: %s, and in the story: %s", t.From, t.To,
				strings.Join(sent, ", "), strings.Join(texts, ", "))
		}
	}
	rest = slices.DeleteFunc(rest, func(r apache.Transit) bool { return open(&m.Servers[r.From]) })
	if len(rest) > 0 {
		return "in transit, and not in the story: " + inTransit(rest)
	}
	return ""
}

// open reports whether a server has begun what a real one does at once: an fsync, or to send a
// snapshot. Then the real one may be ahead.
func open(s *explore.ServerState) bool { return s.Up && (s.Syncing || s.Sending) }

// inTransit lists what is in transit.
func inTransit(list []apache.Transit) string {
	var parts []string
	for _, t := range list {
		parts = append(parts, fmt.Sprintf("S%d to S%d: %s", t.From, t.To, strings.Join(t.Texts, ", ")))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}

// inZooKeeper returns the text of a message of a story, as [apache.Hold] names it; empty for one
// that does not wait there.
func inZooKeeper(text string) string {
	switch name, _, _ := strings.Cut(text, " "); name {
	case (&zab.UpToDate{}).Name():
		return name
	case (&zab.SnapData{}).Name():
		return ""
	}
	return text
}

// end compares the servers at the end.
func (p *player) end(story []explore.ServerState) (list []Server) {
	p.await(p.soon, func() string {
		list = list[:0]
		differs := ""
		for i := range story[1:] {
			s := p.server(i+1, &story[i+1])
			if list = append(list, s); s.Story != s.Real && !s.Open {
				differs = s.Real
			}
		}
		return differs
	})
	return list
}

// server says what a server is at the end. What ZooKeeper's servers are before they serve clients,
// they do not say.
func (p *player) server(i int, s *explore.ServerState) Server {
	out := Server{Open: open(s), Story: "down", Real: "down"}
	tell := func(mode string, accepted, current uint32, logged zab.Zxid) string {
		return fmt.Sprintf("%s, %s", mode, figures(accepted, current, logged))
	}
	if s.Up {
		mode := "does not serve"
		if s.Serves {
			mode = map[zab.State]string{zab.Leading: "serves, leader",
				zab.Following: "serves, follower"}[s.State]
		}
		out.Story = tell(mode, s.Accepted, s.Current, s.Logged)
	}
	if p.e.Up(i) {
		mode := "does not serve"
		if a, err := apache.AskStatus(p.e.Address(i)); err == nil && a.Serves() {
			mode = "serves, " + a.Mode
		}
		d := p.e.Stored(i)
		out.Real = tell(mode, d.Accepted, d.Current, d.Logged)
	}
	return out
}
