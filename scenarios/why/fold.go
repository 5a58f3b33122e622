package why

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
)

// fold follows a run event by event.
type fold struct {
	header *trace.Header
	state  *trace.State  // before the present event, and after it when add returns
	events []trace.Event // so far
	run    []trace.Event // all
	nodes  map[string]*node
	voters int
	sends  map[uint64]int64 // the event that sent a message that is under way

	established map[int64]bool
	applied     map[zxid]string             // the first server that applied it
	first       map[zxid][]trace.TreeChange // what it changed there
	closed      map[string]zxid             // by session: the zxid of its end
	ids         map[string][]string         // the sessions of each client
	claims      map[int64]zxid              // by the step of a CONNECT: what its client had seen
	// by client: the end of its last session, as it was proposed
	closing  map[string]zxid
	expiring map[int64]string // by the step of an expiry: the client
	signs    []Sign
	kinds    map[string]bool // kinds of signs so far
	clients  *clients
	all      map[string][]string // the sessions of each client, in the whole run
	zxids    bool                // answers are told with the zxid of their state
}

// node is what the fold knows of a server or client beyond [trace.NodeState].
type node struct {
	id       string
	kind     string
	since    int64  // µs: when it took its role
	phase    string // the sentence of its last role
	vote     vote
	voted    int64
	heard    map[string]int64 // by sender: the last message, µs
	got      string           // the last message of the protocol that it received
	gotAt    int64
	wiped    bool
	began    int64 // its last start
	pausedAt int64
	acked    zxid
	seen     zxid            // of a client: the largest zxid that it has seen
	reported map[string]zxid // of a leader: what learners said that they have
	handed   map[string]zxid // of a leader: the last transaction sent to each with its COMMIT
	due      map[string]zxid // of a leader: handed, when it sent NEWLEADER
	sent     map[string]zxid // of a leader: the last transaction sent to each
	synced   map[string]string
	acks     map[string]zxid  // of a leader: the last ACK of each
	welcomed map[string]int64 // of a leader: the epoch whose NEWLEADER each has acked
	shown    zxid             // what its tree in memory shows
}

// vote is what a notification says.
type vote struct {
	whom  string
	z     zxid
	epoch int64
	round int64
}

func newFold(h *trace.Header) *fold {
	d := &fold{header: h, state: trace.NewState(h.Nodes), nodes: make(map[string]*node),
		established: make(map[int64]bool), applied: make(map[zxid]string),
		first: make(map[zxid][]trace.TreeChange), closed: make(map[string]zxid),
		ids:    make(map[string][]string),
		claims: make(map[int64]zxid), closing: make(map[string]zxid),
		expiring: make(map[int64]string),
		kinds:    make(map[string]bool), sends: make(map[uint64]int64), clients: newClients(nil, nil),
		all: make(map[string][]string)}
	for _, n := range h.Nodes {
		d.nodes[n.ID] = &node{id: n.ID, kind: n.Kind, heard: make(map[string]int64)}
		d.nodes[n.ID].renew()
		if n.Kind == "server" {
			d.voters++
		}
	}
	return d
}

func (n *node) renew() {
	n.reported, n.sent = make(map[string]zxid), make(map[string]zxid)
	n.acks, n.welcomed = make(map[string]zxid), make(map[string]int64)
	n.synced, n.due, n.handed = make(map[string]string), make(map[string]zxid),
		make(map[string]zxid)
}

// add takes the next event.
func (d *fold) add(e *trace.Event) {
	n := d.nodes[e.N]
	if n != nil {
		d.check(e, n)
		d.note(e, n)
	}
	d.state.Apply(e)
	d.events = append(d.events, *e)
}

// last is the last zxid of a server's log.
func last(n *trace.NodeState) zxid {
	if k := len(n.Log); k > 0 {
		return parse(n.Log[k-1].Z)
	}
	return parse(n.Base)
}

// onDisk is the zxid up to which a server's history is on its disk, as far as the server knows.
func onDisk(n *trace.NodeState) zxid {
	z := parse(n.Durable)
	if l := last(n); l.less(z) {
		return l
	}
	return z
}

// holds reports whether a server's history has a transaction. What its snapshot covers counts.
func holds(n *trace.NodeState, z zxid) bool {
	if b := parse(n.Base); !b.less(z) {
		return true
	}
	_, ok := slices.BinarySearchFunc(n.Log, z, func(r trace.Record, z zxid) int {
		switch l := parse(r.Z); {
		case l.less(z):
			return -1
		case z.less(l):
			return 1
		}
		return 0
	})
	return ok
}

var clientPattern = regexp.MustCompile(`\b(\w+)'s session expires`)

var votePattern = regexp.MustCompile(
	`^vote for (\w+) \(zxid (\d+/\d+), epoch (\d+), round (\d+)\)`)

func parseVote(text string) (v vote, ok bool) {
	m := votePattern.FindStringSubmatch(text)
	if m == nil {
		return v, false
	}
	v.whom, v.z = m[1], parse(m[2])
	v.epoch, _ = strconv.ParseInt(m[3], 10, 64)
	v.round, _ = strconv.ParseInt(m[4], 10, 64)
	return v, true
}

func (v vote) String() string {
	if v.whom == "" {
		return ""
	}
	return fmt.Sprintf("%s (%v, epoch %d, round %d)", v.whom, v.z, v.epoch, v.round)
}

// note remembers what an event tells of its machine.
func (d *fold) note(e *trace.Event, n *node) {
	if e.Patch.Role != "" {
		s := d.state.Find(e.N)
		if s.Role != e.Patch.Role || e.Patch.Leader != nil && *e.Patch.Leader != s.Leader {
			n.since = e.T
		}
		n.phase = e.Say
		if e.Patch.Role == "expired" {
			n.seen = zxid{}
		}
		if e.Patch.Role == "looking" || e.Patch.Role == "down" {
			n.renew()
		}
	}
	switch e.K {
	case "boot", "restart":
		n.began, n.seen = e.T, zxid{}
	case "pause":
		n.pausedAt = e.T
	case "resume":
		n.pausedAt = 0
	case "wipe":
		n.wiped = true
	case "send":
		d.noteSend(e, n)
	case "recv":
		d.noteRecv(e, n)
	case "commit":
		d.noteCommit(e)
		if !strings.Contains(e.Say, "a quorum has the transaction") {
			n.shown = later(n.shown, zxidOf(e))
		}
	case "snap":
		if e.Patch.Reload != nil {
			n.shown = parse(e.Patch.Reload.Base)
		}
	case "session.expire":
		if m := clientPattern.FindStringSubmatch(e.Say); m != nil && e.Key == "expire" {
			d.expiring[e.I] = m[1]
		}
	case "log":
		if c, ok := d.expiring[e.Cause]; ok && e.Patch.Log != nil {
			d.closing[c] = parse(e.Patch.Log.Z)
		}
	}
	if e.Patch.Reload != nil && e.Why == "boot" {
		n.shown = parse(e.Patch.Reload.Base)
	}
	if e.Key == "leader" {
		if e.Patch.Epoch == nil {
			d.established[int64(d.state.Find(e.N).Epoch)] = true
		}
	}
	if e.Patch.Reload != nil && e.Why == "snap" {
		n.wiped = false
	}
	if strings.HasSuffix(e.Say, " loses its disk") {
		n.wiped = true
	}
	if e.Patch.Acc != nil && *e.Patch.Acc > 0 && e.K == "persist" {
		n.wiped = false
	}
}

func (d *fold) noteSend(e *trace.Event, n *node) {
	d.sends[e.M] = e.I
	m := e.Msg
	if m == nil {
		return
	}
	z := parse(m.Z)
	switch m.Kind {
	case "CONNECT":
		d.claims[e.I] = n.seen
	case "NOTIFICATION":
		if v, ok := parseVote(e.Drawn); ok {
			n.vote, n.voted = v, e.T
		}
	case "DIFF":
		n.sent[m.To], n.synced[m.To] = n.reported[m.To], "DIFF"
		n.handed[m.To] = n.reported[m.To]
	case "TRUNC", "SNAP":
		n.sent[m.To], n.synced[m.To], n.handed[m.To] = z, m.Kind, z
	case "PROPOSAL", "INFORM":
		n.sent[m.To] = z
		if m.Kind == "INFORM" {
			n.handed[m.To] = z
		}
	case "COMMIT":
		n.handed[m.To] = z
	case "NEWLEADER":
		n.due[m.To] = n.handed[m.To]
	case "ACK":
		if z.c > 0 {
			n.acked = z
		}
	}
}

func (d *fold) noteRecv(e *trace.Event, n *node) {
	if e.Cause < 0 || e.Cause >= int64(len(d.events)) {
		return
	}
	by := &d.events[e.Cause]
	m := by.Msg
	if m == nil {
		return
	}
	n.heard[by.N] = e.T
	z := parse(m.Z)
	switch m.Kind {
	case "PING", "NOTIFICATION":
		return
	case "ACKEPOCH":
		n.reported[by.N] = z
	case "ACK":
		if z.c == 0 {
			n.welcomed[by.N] = z.e
		} else {
			n.acks[by.N] = z
		}
	case "REPLY", "CONNECTED":
		n.seen = later(n.seen, z)
	}
	n.got, n.gotAt = fmt.Sprintf("%s from %s", strings.TrimSpace(m.Kind+" "+m.Z), by.N), e.T
}

func (d *fold) noteCommit(e *trace.Event) {
	z := zxidOf(e)
	if z.e == 0 || !strings.Contains(e.Say, " applies ") {
		return
	}
	if _, ok := d.applied[z]; !ok {
		d.applied[z] = e.N
		d.first[z] = e.Patch.Tree
	}
	for _, c := range e.Patch.Sess {
		if c.Open && strings.Contains(e.Say, "applies") && zxidOf(e) != d.closing[c.Client] &&
			!slices.Contains(d.ids[c.Client], c.ID) {
			delete(d.closing, c.Client) // a new session
		}
		if !slices.Contains(d.ids[c.Client], c.ID) {
			d.ids[c.Client] = append(d.ids[c.Client], c.ID)
		}
		if !c.Open {
			if _, ok := d.closed[c.ID]; !ok {
				d.closed[c.ID] = z
			}
		}
	}
}

// zxidOf is the zxid that an event is about: of its log record, or in its sentence.
func zxidOf(e *trace.Event) zxid {
	switch {
	case e.Patch.Log != nil:
		return parse(e.Patch.Log.Z)
	case e.Patch.Com != nil:
		return parse(*e.Patch.Com)
	case e.Msg != nil:
		return parse(e.Msg.Z)
	}
	if m := zxidPattern.FindString(e.Say); m != "" {
		return parse(m)
	}
	return zxid{}
}
