package script

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/sim"
)

// Target is the victim of a fault, if only the run can tell who that is.
type Target uint8

const (
	ByName         Target = iota
	LeaderServer          // the leader of the ensemble
	FollowerServer        // the first server that follows
	LeaderClient          // the client among those named that owns an ephemeral node
	AllDown               // every server that is down
)

// FaultNote is the fault of a note.
type FaultNote struct {
	Fault  sim.Fault
	Target Target
	Among  []string // the clients named
	Path   string   // the node whose owner is meant
}

// Occurrence is what a note over the ensemble or a server says that happens there.
type Occurrence struct {
	What   OccurrenceKind
	Path   string
	Client string
	Server string
}

type OccurrenceKind uint8

const (
	NodeDeleted OccurrenceKind = iota + 1
	NodeCreated
	SessionOver
	LeaderElected
	BecomesLeader
	BecomesFollower
	BecomesLooking
)

// faultWords are the words for faults in notes.
var faultWords = []phrase[sim.FaultKind]{
	{"crash", sim.FaultCrash}, {"crashes", sim.FaultCrash}, {"crashed", sim.FaultCrash},
	{"dies", sim.FaultCrash}, {"die", sim.FaultCrash}, {"died", sim.FaultCrash},
	{"is killed", sim.FaultCrash}, {"killed", sim.FaultCrash}, {"kill -9", sim.FaultCrash},
	{"goes down", sim.FaultCrash}, {"loses power", sim.FaultPower}, {"lose power", sim.FaultPower},
	{"lost power", sim.FaultPower}, {"power", sim.FaultPower}, {"power loss", sim.FaultPower},
	{"restart", sim.FaultRestart}, {"restarts", sim.FaultRestart}, {"restarted", sim.FaultRestart},
	{"comes back", sim.FaultRestart}, {"come back", sim.FaultRestart},
	{"recovers", sim.FaultRestart}, {"reboots", sim.FaultRestart}, {"pause", sim.FaultPause},
	{"pauses", sim.FaultPause}, {"paused", sim.FaultPause}, {"is paused", sim.FaultPause},
	{"freezes", sim.FaultPause}, {"gc pause", sim.FaultPause}, {"long gc pause", sim.FaultPause},
	{"stops for", sim.FaultPause}, {"hangs", sim.FaultPause}, {"heal", sim.FaultHeal},
	{"heals", sim.FaultHeal}, {"network heals", sim.FaultHeal}, {"partition heals", sim.FaultHeal},
	{"release", sim.FaultRelease}, {"wipe", sim.FaultWipe}, {"loses its disk", sim.FaultWipe},
}

// fillers may precede a fault's verb.
var fillers = map[string]bool{
	"the": true, "a": true, "an": true, "its": true, "app": true, "server": true, "process": true,
	"machine": true, "suddenly": true, "then": true, "now": true, "old": true, "all": true,
	"both":   true,
	"leader": true, "follower": true, "primary": true, "worker": true, "client": true,
	"everybody": true,
	"ensemble":  true, "network": true, "it": true, "servers": true, "one": true, "zookeeper": true,
	"node": true, "host": true, "instance": true, "pod": true, "broker": true, "service": true,
	"replica": true, "master": true, "candidate": true, "current": true,
}

// parseFault reads a note as a fault. ok is false if it is not one.
func (c *Cast) parseFault(n *diagram.Note, text string) (f FaultNote, ok bool, err error) {
	words := wordsOf(text)
	if fault, err := sim.ParseFault(text); err == nil && fault.When == (sim.When{}) &&
		len(fault.Who)+len(fault.Groups) > 0 {
		return FaultNote{Fault: fault}, true, nil
	}
	at := 0
	for at < len(words) && (fillers[words[at].is] || c.means(words[at].is)) {
		if i, _, _ := find(words[at:], faultWords); i == 0 {
			break
		}
		at++
	}
	i, length, kind := find(words[at:], faultWords)
	if i != 0 {
		return f, false, plainFault(words)
	}
	f.Fault = sim.Fault{Kind: kind}
	f.Path = firstPath(words)
	front, rest := words[:at], words[at+length:]
	if kind == sim.FaultPause {
		if f.Fault.Span, ok = spanIn(rest); !ok {
			return f, true, errors.New("pause for how long? Write pauses 3s")
		}
	}
	switch kind {
	case sim.FaultHeal, sim.FaultRelease:
		return f, true, nil
	}
	return f, true, c.aim(&f, n, front)
}

// plainFault is the error of a note that begins like a line of a plan but is not one.
func plainFault(words []word) error {
	if len(words) == 0 {
		return nil
	}
	kind, _ := sim.FindFaultKind(words[0].is)
	switch kind {
	case sim.FaultSplit, sim.FaultCut, sim.FaultMend, sim.FaultReset, sim.FaultDelay, sim.FaultHold,
		sim.FaultFsync, sim.FaultFailFsync, sim.FaultTear, sim.FaultCorrupt, sim.FaultFull,
		sim.FaultClock, sim.FaultWall:
	default:
		return nil
	}
	raw := make([]string, len(words))
	for i, w := range words {
		raw[i] = w.raw
	}
	f, err := sim.ParseFault(strings.Join(raw, " "))
	if err == nil && f.When != (sim.When{}) {
		err = errors.New(
			"a note takes effect when it is reached: leave out the time, or use --fault")
	}
	return err
}

// aim finds the victim of a note's fault.
func (c *Cast) aim(f *FaultNote, n *diagram.Note, front []word) error {
	if len(n.Over) == 1 && c.Roles[n.Over[0]].Kind != RoleEnsemble {
		name := n.Over[0]
		if c.Roles[name].Kind == RoleResource {
			return fmt.Errorf("%s is a resource and has no faults: put the note over a client or "+
				"a server", name)
		}
		f.Fault.Who = []string{name}
		return nil
	}
	for _, name := range c.Order {
		if r := c.Roles[name]; r.Kind == RoleClient && r.Plays && c.covers(n, name) {
			f.Among = append(f.Among, name)
		}
	}
	clients := len(f.Among) > 0 && c.Roles[n.Over[0]].Kind != RoleEnsemble
	switch {
	case clients && f.Fault.Kind == sim.FaultRestart:
		f.Target = AllDown
	case clients && has(front, "leader", "primary"):
		f.Target = LeaderClient
	case clients:
		return errors.New("whom does it affect? Put the note over one participant, or say the " +
			"leader")
	case f.Fault.Kind == sim.FaultRestart:
		f.Target, f.Among = AllDown, nil
	case has(front, "leader"):
		f.Target = LeaderServer
	case has(front, "follower"):
		f.Target = FollowerServer
	default:
		return errors.New("which server? Say the leader or a follower, or put the note over S1")
	}
	return nil
}

// covers says whether a note over two participants covers a third, or one of the two.
func (c *Cast) covers(n *diagram.Note, name string) bool {
	first, last := c.index(n.Over[0]), c.index(n.Over[len(n.Over)-1])
	if first > last {
		first, last = last, first
	}
	at := c.index(name)
	return first <= at && at <= last
}

// parseWait reads a note as a wait: 10s pass, or wait 3s; two ticks later is not one.
func parseWait(text string) (sim.Time, bool) {
	words := wordsOf(text)
	span, ok := spanIn(words)
	return span, ok && has(words, passWords...)
}

// passWords are the words that turn a span of time into a wait.
var passWords = []string{"pass", "passes", "wait", "waits", "later", "after", "elapse", "elapses"}

// serverHappenings and ensembleHappenings are what can be expected of a server and of the ensemble.
// The first phrase of the table that stands in a note counts.
var serverHappenings = []phrase[OccurrenceKind]{
	{"becomes leader", BecomesLeader}, {"becomes the leader", BecomesLeader},
	{"leads", BecomesLeader},
	{"wins", BecomesLeader}, {"becomes leading", BecomesLeader},
	{"becomes follower", BecomesFollower}, {"becomes a follower", BecomesFollower},
	{"follows", BecomesFollower},
	{"becomes following", BecomesFollower},
	{"looks for a leader", BecomesLooking}, {"becomes looking", BecomesLooking},
	{"is looking", BecomesLooking},
}

var ensembleHappenings = []phrase[OccurrenceKind]{
	{"elects", LeaderElected}, {"new leader", LeaderElected}, {"is elected", LeaderElected},
	{"leader election", LeaderElected},
	{"deletes", NodeDeleted}, {"removes", NodeDeleted}, {"is deleted", NodeDeleted},
	{"is removed", NodeDeleted},
	{"disappears", NodeDeleted}, {"is gone", NodeDeleted},
	{"creates", NodeCreated}, {"is created", NodeCreated},
	{"expires", SessionOver}, {"session is over", SessionOver}, {"session ends", SessionOver},
	{"closes the session", SessionOver}, {"session expired", SessionOver},
}

// happeningIn is the first entry of a table that stands in a note. One about a node needs a path.
func happeningIn(words []word, table []phrase[OccurrenceKind], path string) OccurrenceKind {
	for _, p := range table {
		if about := p.means == NodeDeleted || p.means == NodeCreated; has(words, p.text) &&
			(path != "" || !about) {
			return p.means
		}
	}
	return 0
}

// parseHappening reads a note over the ensemble or a server as something expected there.
func (c *Cast) parseHappening(n *diagram.Note, text string) (h Occurrence, ok bool) {
	words := wordsOf(text)
	h.Path = firstPath(words)
	over := c.Roles[n.Over[0]]
	if over.Kind == RoleServer {
		h.Server = n.Over[0]
		h.What = happeningIn(words, serverHappenings, h.Path)
		return h, h.What != 0
	}
	if over.Kind != RoleEnsemble || len(n.Over) > 1 {
		return h, false
	}
	for _, w := range words {
		name := strings.TrimSuffix(strings.TrimSuffix(w.raw, "’s"), "'s")
		if r, ok := c.Roles[name]; ok && r.Kind == RoleClient {
			h.Client = name
		}
	}
	h.What = happeningIn(words, ensembleHappenings, h.Path)
	return h, h.What != 0
}
