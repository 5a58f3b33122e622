package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
)

// Target says which machine the fault of a note hits: the machine that the note names, or one that
// is known only during the run, such as the leader.
type Target uint8

const (
	ByName         Target = iota
	LeaderServer          // the leader of the ensemble
	FollowerServer        // the first server that is a follower
	LeaderClient          // the client in FaultNote.Among that owns an ephemeral node
	AllDown               // every server that is down
)

// FaultNote is the fault that a note describes.
type FaultNote struct {
	Fault  sim.Fault
	Target Target
	Among  []string // the clients that the note is over
	Path   string   // the node whose owner is the victim
	Open   bool     // a pause without a length
	Parts  string   // the client that the note cuts off from all servers until it connects again
	Delay  sim.Time // the fault happens so long after the note: heals after 2s
	For    sim.Time // a crash or a split ends so long after it began; 0 if it does not
	Over   bool     // the note also says that the session of the victim ends
	Back   bool     // a crash or a split ends: after For, or at once
}

// faultWords are phrases by which a note says that a fault happens.
var faultWords = newLexicon([]phrase[sim.FaultKind]{
	{"crash", sim.FaultCrash}, {"crashes", sim.FaultCrash}, {"crashed", sim.FaultCrash},
	{"crashing", sim.FaultCrash},
	{"dies", sim.FaultCrash}, {"die", sim.FaultCrash}, {"died", sim.FaultCrash},
	{"dead", sim.FaultCrash}, {"is killed", sim.FaultCrash}, {"killed", sim.FaultCrash},
	{"kill -9", sim.FaultCrash}, {"kill 9", sim.FaultCrash}, {"sigkill", sim.FaultCrash},
	{"oom", sim.FaultCrash}, {"out of memory", sim.FaultCrash}, {"oomkilled", sim.FaultCrash},
	{"goes down", sim.FaultCrash}, {"went down", sim.FaultCrash}, {"down", sim.FaultCrash},
	{"goes offline", sim.FaultCrash}, {"fails", sim.FaultCrash}, {"failed", sim.FaultCrash},
	{"failure", sim.FaultCrash}, {"fail", sim.FaultCrash}, {"terminates", sim.FaultCrash},
	{"terminated", sim.FaultCrash}, {"exits", sim.FaultCrash},
	{"loses power", sim.FaultPower}, {"lose power", sim.FaultPower},
	{"lost power", sim.FaultPower}, {"power", sim.FaultPower}, {"power loss", sim.FaultPower},
	{"power failure", sim.FaultPower}, {"power outage", sim.FaultPower},
	{"restart", sim.FaultRestart}, {"restarts", sim.FaultRestart}, {"restarted", sim.FaultRestart},
	{"comes back", sim.FaultRestart}, {"come back", sim.FaultRestart},
	{"recovers", sim.FaultRestart}, {"reboots", sim.FaultRestart}, {"pause", sim.FaultPause},
	{"pauses", sim.FaultPause}, {"paused", sim.FaultPause}, {"is paused", sim.FaultPause},
	{"freezes", sim.FaultPause}, {"frozen", sim.FaultPause}, {"gc pause", sim.FaultPause},
	{"long gc pause", sim.FaultPause}, {"gc", sim.FaultPause}, {"long gc", sim.FaultPause},
	{"stw", sim.FaultPause}, {"stw pause", sim.FaultPause}, {"stw gc", sim.FaultPause},
	{"stw gc pause", sim.FaultPause}, {"gc stw", sim.FaultPause}, {"gc stw pause", sim.FaultPause},
	{"stop-the-world", sim.FaultPause}, {"stop-the-world pause", sim.FaultPause}, {"full gc", sim.FaultPause},
	{"garbage collection", sim.FaultPause},
	{"stops for", sim.FaultPause}, {"hangs", sim.FaultPause}, {"stalls", sim.FaultPause},
	{"sigstop", sim.FaultPause}, {"becomes unresponsive", sim.FaultPause},
	{"unresponsive", sim.FaultPause}, {"stops responding", sim.FaultPause},
	{"lose its connection", sim.FaultSplit}, {"lose the connection", sim.FaultSplit},
	{"lose connection", sim.FaultSplit}, {"lose contact", sim.FaultSplit},
	{"heal", sim.FaultHeal},
	{"heals", sim.FaultHeal}, {"network heals", sim.FaultHeal}, {"partition heals", sim.FaultHeal},
	{"network recovers", sim.FaultHeal}, {"network is back", sim.FaultHeal},
	{"release", sim.FaultRelease}, {"wipe", sim.FaultWipe}, {"loses its disk", sim.FaultWipe},
	{"loses connection", sim.FaultSplit}, {"lost connection", sim.FaultSplit},
	{"loses the connection", sim.FaultSplit}, {"loses its connection", sim.FaultSplit},
	{"lost the connection", sim.FaultSplit}, {"lost its connection", sim.FaultSplit},
	{"lost connectivity", sim.FaultSplit}, {"lost contact", sim.FaultSplit},
	{"lost its tcp connection", sim.FaultSplit}, {"lost tcp connection", sim.FaultSplit},
	{"loses connectivity", sim.FaultSplit}, {"loses network", sim.FaultSplit},
	{"loses contact", sim.FaultSplit}, {"connection lost", sim.FaultSplit},
	{"connection loss", sim.FaultSplit}, {"connection drops", sim.FaultSplit},
	{"connection is lost", sim.FaultSplit}, {"connection breaks", sim.FaultSplit},
	{"network blip", sim.FaultSplit}, {"blip", sim.FaultSplit}, {"unplugged", sim.FaultSplit},
	{"loses its tcp connection", sim.FaultSplit}, {"loses tcp connection", sim.FaultSplit},
	{"cannot reach", sim.FaultSplit}, {"can't reach", sim.FaultSplit},
	{"can not reach", sim.FaultSplit}, {"cannot talk to", sim.FaultSplit},
	{"can't talk to", sim.FaultSplit}, {"goes silent", sim.FaultSplit},
	{"drops off the network", sim.FaultSplit}, {"falls off the network", sim.FaultSplit},
	{"network split", sim.FaultSplit}, {"network is down", sim.FaultSplit},
	{"network goes down", sim.FaultSplit}, {"network down", sim.FaultSplit},
	{"link is down", sim.FaultSplit}, {"link goes down", sim.FaultSplit},
	{"loses its network", sim.FaultSplit}, {"loses network connectivity", sim.FaultSplit},
	{"loses its network connection", sim.FaultSplit}, {"loses its session connection", sim.FaultSplit},
	{"loses connection", sim.FaultSplit}, {"loses the network", sim.FaultSplit},
	{"lost its connection", sim.FaultSplit}, {"lost the connection", sim.FaultSplit},
	{"has lost connection", sim.FaultSplit}, {"loses tcp", sim.FaultSplit},
	{"segfaults", sim.FaultCrash}, {"kernel panic", sim.FaultCrash}, {"panics", sim.FaultCrash},
	{"is evicted", sim.FaultCrash}, {"evicted", sim.FaultCrash}, {"shuts down", sim.FaultCrash},
	{"shut down", sim.FaultCrash}, {"is shut down", sim.FaultCrash},
	{"power cut", sim.FaultPower}, {"rebooted", sim.FaultRestart}, {"reboot", sim.FaultRestart},
	{"hard reset", sim.FaultRestart}, {"power cycle", sim.FaultRestart},
	{"redeployed", sim.FaultRestart}, {"redeploys", sim.FaultRestart},
	{"stuck", sim.FaultPause}, {"is stuck", sim.FaultPause}, {"gets stuck", sim.FaultPause},
	{"stop the world", sim.FaultPause}, {"sigkilled", sim.FaultCrash},
	{"is sigkilled", sim.FaultCrash}, {"catches fire", sim.FaultCrash},
	{"connection suspended", sim.FaultSplit}, {"connection is suspended", sim.FaultSplit},
	{"network partition", sim.FaultSplit}, {"network failure", sim.FaultSplit},
	{"network loss", sim.FaultSplit}, {"network outage", sim.FaultSplit},
	{"network issue", sim.FaultSplit}, {"network fails", sim.FaultSplit},
	{"partition", sim.FaultSplit}, {"partitioned", sim.FaultSplit},
	{"partitioned off", sim.FaultSplit}, {"isolated", sim.FaultSplit},
	{"becomes isolated", sim.FaultSplit}, {"disconnects", sim.FaultSplit},
	{"disconnected", sim.FaultSplit}, {"becomes unreachable", sim.FaultSplit},
	{"unreachable", sim.FaultSplit}, {"cut off", sim.FaultSplit},
	{"stops sending heartbeats", sim.FaultSplit}, {"stops heartbeating", sim.FaultSplit},
	{"stops heartbeats", sim.FaultSplit}, {"stops sending pings", sim.FaultSplit},
	{"heartbeats stop", sim.FaultSplit}, {"heartbeat stops", sim.FaultSplit},
	{"heartbeat lost", sim.FaultSplit}, {"heartbeats lost", sim.FaultSplit},
	{"misses heartbeats", sim.FaultSplit}, {"missed heartbeats", sim.FaultSplit},
	{"missed heartbeat", sim.FaultSplit}, {"no heartbeat", sim.FaultSplit},
	{"no heartbeats", sim.FaultSplit}, {"heartbeats missed", sim.FaultSplit},
	{"heartbeat missed", sim.FaultSplit}, {"heartbeat fails", sim.FaultSplit},
	{"cannot send heartbeats", sim.FaultSplit},
	{"can't send heartbeats", sim.FaultSplit}, {"heartbeats stop arriving", sim.FaultSplit},
})

// notFaults are words after which a word for a fault is not one: "fails" in "fails to acquire".
var notFaults = lexiconOf([]string{"to", "over", "with", "because", "detection", "detector",
	"recovery", "tolerance", "tolerant", "tolerates", "attempt", "check", "avoided", "averted",
	"prevented", "handling", "handler", "test", "drill", "safe", "proof", "free"})

// trials are words after "fails" which show that a call or a task fails, not a machine: fails
// again, fails (retry 1/3).
var trials = lexiconOf([]string{"again", "retry", "retries", "retrying", "validation"})

// finishes follow a word for a pause and say that it is over.
var finishes = lexiconOf([]string{"ends", "ended", "completes", "completed", "finishes", "finished",
	"is over", "over", "done"})

// fillers are words that may come before the verb of a fault.
var fillers = map[string]bool{
	"the": true, "a": true, "an": true, "its": true, "app": true, "server": true, "process": true,
	"machine": true, "suddenly": true, "then": true, "now": true, "old": true, "all": true,
	"both":   true,
	"leader": true, "follower": true, "primary": true, "worker": true, "client": true,
	"everybody": true,
	"ensemble":  true, "network": true, "it": true, "servers": true, "one": true, "zookeeper": true,
	"node": true, "host": true, "instance": true, "pod": true, "broker": true, "service": true,
	"replica": true, "master": true, "candidate": true, "current": true,
	"is": true, "has": true, "was": true, "gets": true, "got": true, "does": true, "did": true,
	"been": true, "be": true, "new": true, "jvm": true, "unexpectedly": true, "long": true,
	"zk": true, "controller": true, "holder": true, "lock": true, "active": true, "namenode": true,
	"scheduler": true, "this": true, "that": true, "his": true, "also": true, "temporarily": true,
	"hard": true, "full": true, "jvm's": true, "are": true, "namely": true, "experiences": true,
	"suffers": true, "enters": true, "hits": true, "goes": true, "into": true,
	"stays": true, "process's": true, "tcp": true, "event": true, "loop": true, "thread": true,
	"main": true, "runtime": true, "real": true, "actual": true,
}

// faultRead is a fault that was read from a line.
type faultRead struct {
	FaultNote
	denied   bool
	supplied []string
}

// parseFault reads the beginning of a note as a fault. ok is false if the note is not a fault.
func (c *compiler) parseFault(over []string, l line) (f faultRead, ok bool, err error) {
	words := l.words
	if len(words) == 0 {
		return f, false, nil
	}
	if fault, ok := parsePlan(l.text, words); ok && !has(words, "power cut") && fault.When == (sim.When{}) &&
		len(fault.Who)+len(fault.Groups) > 0 && !has(words, "full gc") {
		c.rename(&fault)
		return faultRead{FaultNote: FaultNote{Fault: fault}}, true, nil
	}
	h, ok := c.faultAt(words)
	if !ok {
		h, ok = c.pausedIn(over, words)
	}
	if !ok {
		return f, false, c.plainFault(words)
	}
	if h.who == "" && len(over) > 1 {
		h.who = c.cast.onlyClient(over, h.front)
	}
	if h.who == "" && c.holdsSession(over, words, &h) {
		h.who = c.cast.onlyCaller()
		f.Over = h.who != ""
	}
	f.denied = h.denied
	f.Fault = sim.Fault{Kind: h.kind}
	f.Path = firstPath(words)
	if err := c.twoFaults(&h); err != nil {
		return f, true, err
	}
	if err := c.lengths(&f.FaultNote, &h); err != nil {
		return f, true, err
	}
	switch {
	case h.kind == sim.FaultHeal, h.kind == sim.FaultRelease:
		return f, true, nil
	case h.who != "":
		f.Fault.Who = []string{h.who}
	case h.kind == sim.FaultSplit && len(over) > 0 && c.cast.Roles[over[0]].Kind == RoleEnsemble &&
		!has(h.front, "leader", "follower"):
		return f, false, nil
	default:
		if err := c.aim(&f.FaultNote, over, h.front); err != nil {
			return f, true, err
		}
	}
	if h.kind == sim.FaultSplit && len(f.Fault.Who) == 1 {
		who := f.Fault.Who[0]
		f.Fault = c.isolate(who)
		f.supplied = append(f.supplied, c.cast.Drawn(who)+" is cut off from all servers")
		if !f.denied && c.cast.Roles[who].Kind == RoleClient {
			c.cut[who], f.Parts = true, who
		}
	}
	return f, true, nil
}

// pausedIn reads a note over a client whose first clause is a word for a pause behind words that say
// no more than how bad it is: a very unlucky GC pause. With any other word the clause may be about
// something else, or about a pause that does not happen here.
func (c *compiler) pausedIn(over []string, words []word) (h faultHead, ok bool) {
	if c.script.strict || len(over) != 1 || c.cast.Roles[over[0]].Kind != RoleClient ||
		c.bystander(over[0]) || c.paused[over[0]] {
		return h, false
	}
	end := 1
	for end < len(words) && !words[end].fresh {
		end++
	}
	last := words[end-1]
	if !pauseNouns[last.is] || last.quoted || strings.HasSuffix(last.raw, "?") ||
		startsIn(words[end:], finishes) || startsIn(words[end:], notFaults) {
		return h, false
	}
	from := 0
	if name, n := c.cast.named(words[:end-1]); name == over[0] && startsIn(words[n:], suffers) {
		from = n
	}
	n, _ := suffers.at(words[from:])
	from += n
	front := words[from : end-1]
	for i := 0; i < len(front); {
		n, _ := pauseFront.at(front[i:])
		if n == 0 || front[i].quoted {
			return h, false
		}
		i += n
	}
	if last.is != "gc" && !runtimes.in(front) {
		return h, false
	}
	return faultHead{kind: sim.FaultPause, front: words[:end-1], rest: words[end:]}, true
}

// pauseNouns are words for a pause at the end of a clause.
var pauseNouns = wordSet("pause", "freeze", "stall", "gc")

// suffers are verbs that say that a pause happens, pauseFront is what may stand between them and
// the pause, and runtimes are those of these words that say that it is a pause of a machine.
var (
	suffers = lexiconOf([]string{"has", "suffers", "suffers from", "enters", "hits", "goes into",
		"experiences", "jvm triggers", "vm triggers", "jvm enters", "vm enters"})

	pauseFront = lexiconOf([]string{"a", "an", "the", "its", "very", "really", "extremely", "quite",
		"so", "suddenly", "unexpectedly", "sudden", "unexpected", "unlucky", "unfortunate", "long", "lengthy",
		"huge", "major", "big", "massive", "severe", "heavy", "extended", "prolonged", "bad", "nasty",
		"terrible", "full", "jvm", "jvm's", "java", "gc", "stw", "stop-the-world", "stop the world",
		"garbage collection", "garbage collector", "vm", "process", "thread"})

	runtimes = lexiconOf([]string{"jvm", "jvm's", "java", "gc", "stw", "stop-the-world",
		"stop the world", "garbage collection", "garbage collector", "vm", "process", "thread", "long"})
)

// peers reports whether words name the other side of a connection: to ZooKeeper, with the ensemble.
func (c *compiler) peers(words []word) bool {
	if len(words) < 2 || !has(words[:1], "to", "with", "from") {
		return false
	}
	rest := words[1:]
	if has(rest[:1], "the", "its", "all", "every", "our") {
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return false
	}
	name, n := c.cast.named(rest)
	kind := c.cast.Roles[name].Kind
	return n > 0 && (kind == RoleEnsemble || kind == RoleServer) || ensembleNames[rest[0].is] ||
		groupNames[rest[0].is] || has(rest[:1], "server", "servers", "quorum", "leader", "network")
}

// parsePlan reads a text as a line of a plan: crash S1. ok is false if it is none.
func parsePlan(text string, words []word) (f sim.Fault, ok bool) {
	if _, ok := sim.FindFaultKind(words[0].is); !ok {
		return f, false
	}
	f, err := sim.ParseFault(text)
	return f, err == nil
}

// faultHead is a clause that names a fault, split into its parts.
type faultHead struct {
	kind        sim.FaultKind
	who         string // the participant that the clause names, or empty
	front, rest []word // the words before and after the words for the fault
	denied      bool
}

// faultAt reads the beginning of a text as a clause with a victim and the words for a fault.
func (c *compiler) faultAt(words []word) (h faultHead, ok bool) {
	at := 0
	for at < len(words) {
		n, kind := faultWords.at(words[at:])
		if b := c.breaks(words[at:]); n == 0 && b > 0 {
			n, kind = b, sim.FaultSplit
		}
		if n == 0 {
			n, kind = eitherFault(words[at])
		}
		if n > 0 {
			h.kind, h.front, h.rest = kind, words[:at], words[at+n:]
			if kind == sim.FaultRelease && len(h.rest) > 0 ||
				kind == sim.FaultPause && startsIn(h.rest, finishes) {
				return h, false
			}
			if len(h.rest) > 0 && !h.rest[0].fresh &&
				!(kind == sim.FaultSplit && c.peers(h.rest)) { // loses its connection to ZooKeeper
				if n, _ := notFaults.at(h.rest); n > 0 {
					return h, false
				}
			}
			if strings.HasSuffix(words[at+n-1].raw, "?") {
				return h, false // a question
			}
			if strings.HasPrefix(words[at].is, "fail") && startsIn(h.rest, trials) {
				return h, false
			}
			return h, true
		}
		w := words[at]
		if name, n := c.cast.named(words[at:]); n > 0 {
			if k := c.cast.Roles[name].Kind; k == RoleClient || k == RoleServer {
				h.who = name
			}
			at += n
			continue
		}
		switch {
		case at > 0 && w.fresh:
			return h, false
		case spanLength(words, at) > 0:
			at += spanLength(words, at) - 1
		case c.labelled(w):
			h.who = c.under
		case c.undrawn(w) && !c.script.strict:
			h.who = strings.ToUpper(w.is)
		case negates(words[at:]):
			h.denied = true
		case !fillers[strings.TrimSuffix(w.is, "'s")]:
			return h, false
		}
		at++
	}
	return h, false
}

// eitherFault reads a word that joins two faults, such as hangs/crashes, as the first of them. n is
// 0 for another word.
func eitherFault(w word) (n int, kind sim.FaultKind) {
	first, second, ok := strings.Cut(w.is, "/")
	if !ok || first == "" || w.quoted {
		return 0, 0
	}
	if n, _ := faultWords.at([]word{word0(second)}); n == 0 {
		return 0, 0
	}
	return faultWords.at([]word{word0(first)})
}

// undrawn says whether a word in a note over the ensemble names a server that is not drawn: S1.
func (c *compiler) undrawn(w word) bool {
	name := strings.ToUpper(strings.TrimSuffix(w.is, "'s"))
	if c.under == "" || c.cast.Roles[c.under].Kind != RoleEnsemble || !isServer(name) || w.quoted {
		return false
	}
	_, drawn := c.cast.Roles[name]
	stage := &c.scene.world.Stage
	return !drawn && int(name[1]-'0') <= stage.Servers+stage.Observers
}

// labelled says whether a word is a part of the label of the participant under a note: Node-1
// crashes, over Scheduler Node 1. A number of another is none.
func (c *compiler) labelled(w word) bool {
	if k := c.cast.Roles[c.under].Kind; c.under == "" || k != RoleClient && k != RoleServer {
		return false
	}
	label := nameWords(c.cast.Roles[c.under].Label)
	words := nameWords(w.is)
	for _, part := range words {
		if !slices.Contains(label, part) {
			return false
		}
	}
	return len(words) > 0
}

// long returns the length of a pause that the text does not give: more than the session timeout.
func (c *compiler) long() sim.Time {
	s := &c.scene.world.Stage
	return s.SessionTimeout + 4*s.Tick
}

// rename replaces the drawn names in a fault by the names in the run.
func (c *compiler) rename(f *sim.Fault) {
	for i, who := range f.Who {
		f.Who[i] = c.cast.name(who)
	}
	for _, g := range f.Groups {
		for i, who := range g {
			g[i] = c.cast.name(who)
		}
	}
}

// hurt remembers which machines a fault silences or brings back.
func (c *compiler) hurt(f *FaultNote) {
	switch f.Fault.Kind {
	case sim.FaultCrash, sim.FaultPower, sim.FaultPause, sim.FaultWipe, sim.FaultExpire:
		c.serverHurt = c.serverHurt || f.Target == LeaderServer || f.Target == FollowerServer
		for _, who := range f.Fault.Who {
			c.silent[who], c.hurtLast = true, who
			c.paused[who] = f.Fault.Kind == sim.FaultPause
			c.serverHurt = c.serverHurt || isServer(who)
		}
		for _, who := range f.Among {
			c.silent[who] = true
		}
	case sim.FaultSplit, sim.FaultCut:
		for _, g := range append(f.Fault.Groups, f.Fault.Who) {
			for _, who := range g {
				c.silent[who] = true
				c.serverHurt = c.serverHurt || isServer(who)
				if !isServer(who) {
					c.hurtLast = who
				}
			}
		}
	case sim.FaultHeal, sim.FaultMend:
		clear(c.cut)
	case sim.FaultRestart:
		for _, who := range f.Fault.Who {
			delete(c.silent, who)
		}
	}
}

// faulty reports whether the text of an arrow is a fault of its sender, such as "crashes".
func (c *compiler) faulty(l line, from, to string) bool {
	kind := c.cast.Roles[from].Kind
	if kind != RoleClient && kind != RoleServer || len(l.words) == 0 {
		return false
	}
	h, ok := c.faultAt(l.words)
	if !ok || h.who != "" && h.who != from {
		return false
	}
	if h.kind == sim.FaultSplit && c.cast.Roles[to].Kind == RoleClient && kind == RoleClient &&
		from != to && !c.script.strict && !c.cast.nobody(to) {
		return false // a connection between clients, which is none to ZooKeeper
	}
	switch h.kind {
	case sim.FaultCrash, sim.FaultPower, sim.FaultPause, sim.FaultSplit:
	default:
		return false
	}
	first := l.words[len(h.front)].is
	if from != to && strings.HasPrefix(first, "fail") && !l.cross && !c.cast.nobody(to) && !c.cast.asks[c.cast.Drawn(from)] &&
		kind == RoleClient && !c.script.strict {
		return false // the answer of a bystander
	}
	if kind == RoleServer {
		return strings.HasPrefix(first, "crash") || strings.HasPrefix(first, "die")
	}
	return !strings.HasPrefix(first, "fail") && first != "power" && first != "pause" ||
		len(h.rest) == 0 && c.cast.Roles[to].Kind != RoleEnsemble
}

// strikes reports whether an arrow says what one who never calls the ensemble does to a client that
// does: User->>A: kill -9.
func (c *compiler) strikes(l line, from, to string) bool {
	if from == to || c.script.strict || len(l.words) == 0 || l.cross ||
		c.cast.asks[c.cast.Drawn(from)] || !c.cast.asks[c.cast.Drawn(to)] ||
		c.cast.Roles[to].Kind != RoleClient ||
		c.cast.Roles[from].Kind != RoleClient && c.cast.Roles[from].Kind != RoleOther {
		return false
	}
	h, ok := c.faultAt(l.words)
	return ok && !h.denied && h.who == "" && len(h.front) == 0 && strikes.in(l.words[:1])
}

// strikes are the faults that one does to another.
var strikes = lexiconOf([]string{"crash", "crashes", "kill", "kills", "sigkill", "sigstop", "pause",
	"pauses", "restart", "restarts", "isolate", "isolates", "partition", "partitions"})

// plainFault is the error of a note that begins like a line of a plan but is not one. A line of a
// plan names somebody: fsync the log does not.
func (c *compiler) plainFault(words []word) error {
	if len(words) == 0 || !slices.ContainsFunc(words[1:], func(w word) bool {
		_, known := c.cast.lower[w.is]
		return known && w.is != "a" || isServer(strings.ToUpper(w.is)) || w.raw == "A"
	}) {
		return nil
	}
	kind, _ := sim.FindFaultKind(words[0].is)
	switch kind {
	case sim.FaultSplit, sim.FaultCut, sim.FaultMend, sim.FaultReset, sim.FaultDelay, sim.FaultHold,
		sim.FaultFsync, sim.FaultFailFsync, sim.FaultTear, sim.FaultCorrupt, sim.FaultFull,
		sim.FaultClock, sim.FaultWall, sim.FaultBandwidth:
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
			"a fault in a note happens where the note is drawn: remove the time, or use --fault")
	}
	return err
}

// aim finds the victim of the fault in a note over these participants.
func (c *compiler) aim(f *FaultNote, over []string, front []word) error {
	roles := c.cast.Roles
	if len(over) == 0 {
		over = c.cast.ensemble()
	}
	if len(over) == 0 {
		return errors.New("the note does not say what fails: write \"the leader\", or a name")
	}
	if len(over) == 1 && roles[over[0]].Kind != RoleEnsemble {
		name := over[0]
		if roles[name].Kind == RoleResource {
			return fmt.Errorf("%s is a resource, which cannot fail: put the note over a client "+
				"or a server", name)
		}
		f.Fault.Who = []string{name}
		return nil
	}
	for _, name := range c.cast.Order {
		if r := roles[name]; r.Kind == RoleClient && r.Plays && c.cast.covers(over, name) {
			f.Among = append(f.Among, name)
		}
	}
	clients := len(f.Among) > 0 && roles[over[0]].Kind != RoleEnsemble
	switch {
	case clients && f.Fault.Kind == sim.FaultRestart:
		f.Target = AllDown
	case clients && has(front, "leader", "primary"):
		f.Target = LeaderClient
	case clients:
		return errors.New("unclear which client fails: put the note over one client, or write " +
			"\"the leader\"")
	case f.Fault.Kind == sim.FaultRestart:
		f.Target, f.Among = AllDown, nil
	case has(front, "leader"):
		f.Target = LeaderServer
	case has(front, "follower"):
		f.Target = FollowerServer
	default:
		return errors.New("unclear which server fails: write \"the leader\" or \"a follower\", " +
			"or put the note over one server")
	}
	return nil
}

// sessionHolders are words for who has a session, in a note over the ensemble: the node dies, its lease
// expires.
var sessionHolders = wordSet("client", "node", "process", "holder", "owner", "worker", "instance",
	"app", "application", "session", "pod", "host", "machine", "it")

// holdsSession reports whether a note over the ensemble says of one who has a session that he fails,
// that his session ends with that, and nothing else.
func (c *compiler) holdsSession(over []string, words []word, h *faultHead) bool {
	rest := h.rest
	happens := len(h.front) < len(words) && has(words[len(h.front):len(h.front)+1], "dies", "crashes",
		"fails", "hangs", "freezes", "is killed")
	for i := 1; i < len(rest) && happens && !c.script.strict; i++ {
		if rest[i].fresh && has(rest[:i], "lease", "session") && sessionEnds.in(rest[:i]) {
			rest = rest[:i] // what comes of it: its lease expires, 37 is free again
		}
	}
	if c.script.strict || len(over) != 1 || c.cast.Roles[over[0]].Kind != RoleEnsemble || h.denied ||
		h.kind != sim.FaultCrash && h.kind != sim.FaultPower && h.kind != sim.FaultPause ||
		!has(rest, "its session", "its lease") && !(happens &&
			has(rest[:min(1, len(rest))], "lease", "session")) || negated(rest) || len(rest) > 5 {
		return false
	}
	at, what := happeningIn(rest, sessionEnds, false)
	if what != SessionOver || open(rest, at) || later(rest[at:]) || eventWords.in(rest) ||
		has(rest, "or", "if", "unless", "before", "until", "/") {
		return false
	}
	return slices.ContainsFunc(h.front, func(w word) bool { return sessionHolders[w.is] }) &&
		!has(h.front, "leader", "follower", "server", "servers", "ensemble", "zookeeper", "all", "both")
}

// onlyCaller returns the client that calls the ensemble, if it is the only one, or "".
func (c *Cast) onlyCaller() (who string) {
	for _, name := range c.Order {
		if r := c.Roles[name]; r.Kind != RoleClient || !r.Plays || !c.asks[c.Drawn(name)] {
			continue
		}
		if who != "" {
			return ""
		}
		who = name
	}
	return who
}

// between are the participants that a note covers.
func (c *Cast) between(over []string) (list []string) {
	for _, name := range c.Order {
		if c.covers(over, name) {
			list = append(list, name)
		}
	}
	return list
}

// covers reports whether a note is over a participant or across its lifeline.
func (c *Cast) covers(over []string, name string) bool {
	first, last := c.index[over[0]], c.index[over[len(over)-1]]
	if first > last {
		first, last = last, first
	}
	at := c.index[name]
	return first <= at && at <= last
}
