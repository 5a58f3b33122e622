package scenarios

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/sim"
)

// target says on whom a fault falls when only the run can tell.
type target uint8

const (
	byName         target = iota
	leaderServer          // whoever leads the ensemble
	followerServer        // the first server that follows
	leaderClient          // the client, of those named, that owns an ephemeral node
	whoIsDown             // every server that is down
)

// faultSpec is a fault that a note draws.
type faultSpec struct {
	fault  sim.Fault
	target target
	among  []string // the clients named
	path   string   // the node that tells the leader
}

// ensembleNote is what a note over the ensemble, or over a server, says that happens there.
type ensembleNote struct {
	what   happening
	path   string
	client string
	server string
}

type happening uint8

const (
	nodeDeleted happening = iota + 1
	nodeCreated
	sessionOver
	leaderElected
	becomesLeader
	becomesFollower
	becomesLooking
)

// faultWords are the inflections of faults that a note may use.
var faultWords = []phrase[string]{
	{"crash", "crash"}, {"crashes", "crash"}, {"crashed", "crash"}, {"dies", "crash"}, {"die", "crash"},
	{"died", "crash"}, {"is killed", "crash"}, {"killed", "crash"}, {"kill -9", "crash"}, {"goes down", "crash"},
	{"loses power", "power"}, {"lose power", "power"}, {"lost power", "power"}, {"power", "power"}, {"power loss", "power"},
	{"restart", "restart"}, {"restarts", "restart"}, {"restarted", "restart"}, {"comes back", "restart"},
	{"come back", "restart"}, {"recovers", "restart"}, {"reboots", "restart"},
	{"pause", "pause"}, {"pauses", "pause"}, {"paused", "pause"}, {"is paused", "pause"}, {"freezes", "pause"},
	{"gc pause", "pause"}, {"long gc pause", "pause"}, {"stops for", "pause"}, {"hangs", "pause"},
	{"heal", "heal"}, {"heals", "heal"}, {"network heals", "heal"}, {"partition heals", "heal"},
	{"release", "release"}, {"wipe", "wipe"}, {"loses its disk", "wipe"},
}

// fillers may stand in front of a fault's verb.
var fillers = map[string]bool{
	"the": true, "a": true, "an": true, "its": true, "app": true, "server": true, "process": true,
	"machine": true, "suddenly": true, "then": true, "now": true, "old": true, "all": true, "both": true,
	"leader": true, "follower": true, "primary": true, "worker": true, "client": true, "everybody": true,
	"ensemble": true, "network": true, "it": true, "servers": true, "one": true, "zookeeper": true,
	"node": true, "host": true, "instance": true, "pod": true, "broker": true, "service": true,
	"replica": true, "master": true, "candidate": true, "current": true,
}

// parseFault reads a note as a fault. ok is false if it is none.
func (c *cast) parseFault(n *diagram.Note, text string) (f faultSpec, ok bool, err error) {
	words := wordsOf(text)
	if fault, err := sim.ParseFault(text); err == nil && fault.When == (sim.When{}) && len(fault.Who)+len(fault.Groups) > 0 {
		return faultSpec{fault: fault}, true, nil
	}
	at := 0
	for at < len(words) && (fillers[words[at].is] || c.means(words[at].is)) {
		if i, _, _ := find(words[at:], faultWords); i == 0 {
			break
		}
		at++
	}
	i, length, verb := find(words[at:], faultWords)
	if i != 0 {
		return f, false, plainFault(words)
	}
	f.fault = sim.Fault{Verb: verb}
	f.path = firstPath(words)
	front, behind := words[:at], words[at+length:]
	if verb == "pause" {
		if f.fault.Span, ok = spanIn(behind); !ok {
			return f, true, errors.New("pause for how long? Write pauses 3s")
		}
	}
	switch verb {
	case "heal", "release":
		return f, true, nil
	}
	return f, true, c.aim(&f, n, front)
}

// plainFault is the error of a note that begins like a plan's fault and cannot be read as one.
func plainFault(words []word) error {
	if len(words) == 0 {
		return nil
	}
	for _, v := range sim.Verbs() {
		name, _, _ := strings.Cut(v[0], " ")
		switch name {
		case "split", "cut", "mend", "reset", "delay", "hold", "fsync", "fail-fsync", "tear", "corrupt", "full", "clock", "wall":
		default:
			continue
		}
		if words[0].is != name {
			continue
		}
		raw := make([]string, len(words))
		for i, w := range words {
			raw[i] = w.raw
		}
		f, err := sim.ParseFault(strings.Join(raw, " "))
		if err == nil && f.When != (sim.When{}) {
			err = errors.New("a note happens when it is reached: leave the time out, or give it with --fault")
		}
		return err
	}
	return nil
}

// aim says on whom the fault of a note falls.
func (c *cast) aim(f *faultSpec, n *diagram.Note, front []word) error {
	if len(n.Over) == 1 && c.roles[n.Over[0]].kind != roleEnsemble {
		name := n.Over[0]
		if c.roles[name].kind == roleResource {
			return fmt.Errorf("%s is a resource, which has no faults: put the note over a client or a server", name)
		}
		f.fault.Who = []string{name}
		return nil
	}
	for _, name := range c.order {
		if r := c.roles[name]; r.kind == roleClient && r.plays && c.between(n, name) {
			f.among = append(f.among, name)
		}
	}
	clients := len(f.among) > 0 && c.roles[n.Over[0]].kind != roleEnsemble
	switch {
	case clients && f.fault.Verb == "restart":
		f.target = whoIsDown
	case clients && has(front, "leader", "primary"):
		f.target = leaderClient
	case clients:
		return errors.New("on whom does it fall? Put the note over one participant, or say the leader")
	case f.fault.Verb == "restart":
		f.target, f.among = whoIsDown, nil
	case has(front, "leader"):
		f.target = leaderServer
	case has(front, "follower"):
		f.target = followerServer
	default:
		return errors.New("which server? Say the leader or a follower, or put the note over S1")
	}
	return nil
}

// between says that a participant stands under a note over two, the ends included.
func (c *cast) between(n *diagram.Note, name string) bool {
	first, last := c.index(n.Over[0]), c.index(n.Over[len(n.Over)-1])
	if first > last {
		first, last = last, first
	}
	at := c.index(name)
	return first <= at && at <= last
}

// parseWait reads a note as a wait: 10s pass, wait 3s, two ticks later are not.
func parseWait(text string) (sim.Time, bool) {
	words := wordsOf(text)
	span, ok := spanIn(words)
	return span, ok && has(words, passWords...)
}

// passWords are the words that make a wait of a span of time.
var passWords = []string{"pass", "passes", "wait", "waits", "later", "after", "elapse", "elapses"}

// serverHappenings and ensembleHappenings are what is expected of a server, and of the ensemble; the
// first that stands in a note counts.
var serverHappenings = []phrase[happening]{
	{"becomes leader", becomesLeader}, {"becomes the leader", becomesLeader}, {"leads", becomesLeader},
	{"wins", becomesLeader}, {"becomes leading", becomesLeader},
	{"becomes follower", becomesFollower}, {"becomes a follower", becomesFollower}, {"follows", becomesFollower},
	{"becomes following", becomesFollower},
	{"looks for a leader", becomesLooking}, {"becomes looking", becomesLooking}, {"is looking", becomesLooking},
}

var ensembleHappenings = []phrase[happening]{
	{"elects", leaderElected}, {"new leader", leaderElected}, {"is elected", leaderElected}, {"leader election", leaderElected},
	{"deletes", nodeDeleted}, {"removes", nodeDeleted}, {"is deleted", nodeDeleted}, {"is removed", nodeDeleted},
	{"disappears", nodeDeleted}, {"is gone", nodeDeleted},
	{"creates", nodeCreated}, {"is created", nodeCreated},
	{"expires", sessionOver}, {"session is over", sessionOver}, {"session ends", sessionOver},
	{"closes the session", sessionOver}, {"session expired", sessionOver},
}

// happeningIn is the first of a table that stands in a note. What is about a node needs its path.
func happeningIn(words []word, table []phrase[happening], path string) happening {
	for _, p := range table {
		if about := p.means == nodeDeleted || p.means == nodeCreated; has(words, p.text) && (path != "" || !about) {
			return p.means
		}
	}
	return 0
}

// parseHappening reads a note over the ensemble or a server as something that happens there.
func (c *cast) parseHappening(n *diagram.Note, text string) (h ensembleNote, ok bool) {
	words := wordsOf(text)
	h.path = firstPath(words)
	over := c.roles[n.Over[0]]
	if over.kind == roleServer {
		h.server = n.Over[0]
		h.what = happeningIn(words, serverHappenings, h.path)
		return h, h.what != 0
	}
	if over.kind != roleEnsemble || len(n.Over) > 1 {
		return h, false
	}
	for _, w := range words {
		name := strings.TrimSuffix(strings.TrimSuffix(w.raw, "’s"), "'s")
		if r, ok := c.roles[name]; ok && r.kind == roleClient {
			h.client = name
		}
	}
	h.what = happeningIn(words, ensembleHappenings, h.path)
	return h, h.what != 0
}
