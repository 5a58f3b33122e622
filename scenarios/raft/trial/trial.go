package trial

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/sim"
)

// Library describes a Raft library to a trial: its name, its server's package, and how to decode
// its messages.
type Library interface {
	Name() string    // such as hashicorp/raft
	Package() string // path of its server, which keeps the contract
	Tail() int       // bytes of its server's own after a command, in the data of an entry
	Listen() Ear     // for one run
}

// Ear decodes the messages between servers, for the checks. It gets all messages of a run, in the
// order in which they are sent, and may keep state for each connection.
type Ear interface {
	// Hear says what a message means that the server from sends. dialled is true if it has dialled
	// the connection.
	Hear(conn uint64, dialled bool, from string, data []byte) Heard
}

// Heard is what a message says. A field that does not apply is zero.
type Heard struct {
	Kind        string // for plans and traces; DATA if empty
	Leads       uint64 // the sender leads this term
	Index, Term uint64 // of an entry or a vote
	Holds       bool   // the sender has the entry Index, Term on its disk
	In          uint64 // the term in which Holds is said, if messages may be overtaken by a later term
	Candidate   string // the sender votes for it in Term
}

// Config describes a trial. Times are virtual, in microseconds. A field with the value zero stands
// for its default.
type Config struct {
	Seed    uint64
	Servers int // 3
	Latency sim.Span
	Fsync   sim.Span
	// Bandwidth is of each direction of each link, DiskBandwidth of each disk; 0 is unlimited.
	Bandwidth, DiskBandwidth sim.Bandwidth
	Writeback                bool // see [sim.Disk.LosePower]
	Resample                 sim.Resample

	Heartbeat sim.Time // after which a follower becomes a candidate; 1s
	Election  sim.Time // as Heartbeat
	Lease     sim.Time // half of Heartbeat
	Commit    sim.Time // 50ms
	Timeout   sim.Time // of the transport, and of a client; 1s
	Append    int      // entries in a message at most; 64
	Pipeline  int      // messages in flight; 2
	Snapshots int      // entries after which a snapshot is due; 8192
	Trailing  int      // entries that stay in the log before a snapshot; 10240
	Prevote   bool     // off if false

	Yield, Nap int // in percent: see [guest.Config]
	Bug        string
	Log        bool // servers write their logs to their standard error

	Clients []Client
	Keep    bool // records, for a trace
	Mute    func(property string) bool
}

func (c *Config) setDefaults() {
	orDefault(&c.Servers, 3)
	orDefault(&c.Heartbeat, sim.Second)
	orDefault(&c.Election, c.Heartbeat)
	orDefault(&c.Lease, c.Heartbeat/2)
	orDefault(&c.Commit, 50*sim.Millisecond)
	orDefault(&c.Timeout, sim.Second)
	orDefault(&c.Append, 64)
	orDefault(&c.Pipeline, 2)
	orDefault(&c.Snapshots, 8192)
	orDefault(&c.Trailing, 10240)
}

func orDefault[T comparable](setting *T, def T) {
	var zero T
	if *setting == zero {
		*setting = def
	}
}

// settings are what every server is told.
func (c *Config) settings() []string {
	number := func(key string, n int64) string { return key + "=" + strconv.FormatInt(n, 10) }
	names := make([]string, c.Servers)
	for i := range names {
		names[i] = serverName(i + 1)
	}
	list := []string{
		"servers=" + strings.Join(names, " "),
		number("heartbeat", int64(c.Heartbeat)), number("election", int64(c.Election)),
		number("lease", int64(c.Lease)), number("commit", int64(c.Commit)),
		number("timeout", int64(c.Timeout)), number("append", int64(c.Append)),
		number("pipeline", int64(c.Pipeline)), number("snap-threshold", int64(c.Snapshots)),
		number("snap-interval", int64(2*c.Heartbeat)), number("trailing", int64(c.Trailing)),
		"bug=" + c.Bug,
	}
	if !c.Prevote {
		list = append(list, "prevote=off")
	}
	if c.Log {
		list = append(list, "log=on")
	}
	return list
}

func serverName(i int) string { return "S" + strconv.Itoa(i) }

// Trial is one run.
type Trial struct {
	World   *sim.World
	Config  Config
	Library Library

	group   *guest.Group
	ear     Ear
	servers []*server // by number, from 1
	clients []*user
	ops     []*Op
	leads   map[uint64]*server // by term
	reigns  []Reign
	matter  matter

	restored int // snapshots
}

// New makes a trial whose servers run the program of the given [guest.Host], and starts the servers
// and the clients at time 0.
func New(host *guest.Host, lib Library, c Config) (*Trial, error) {
	c.setDefaults()
	if c.Servers < 1 || c.Servers > 9 {
		return nil, fmt.Errorf("trial: %d servers: use 1 to 9", c.Servers)
	}
	t := &Trial{
		Config: c, Library: lib, ear: lib.Listen(), servers: make([]*server, c.Servers+1),
		leads: map[uint64]*server{}, matter: newMatter(),
		World: sim.NewWorld(sim.Config{
			Seed: c.Seed, Latency: c.Latency, Fsync: c.Fsync, Lenient: true, Writeback: c.Writeback,
			IgnoreMissing: true, SlowFailures: true, Bandwidth: c.Bandwidth,
			DiskBandwidth: c.DiskBandwidth, Resample: c.Resample,
		}),
	}
	w := t.World
	if c.Keep {
		w.Keep()
	}
	w.OnCrash = t.onCrash
	w.OnFault = t.onFault
	w.AfterStep = t.afterStep
	t.group = host.Join(w)
	for i := 1; i <= c.Servers; i++ {
		s := newServer(t)
		t.servers[i] = s
		s.m = t.group.Add(serverName(i), guest.Config{
			Settings: c.settings(), Yield: c.Yield, Nap: c.Nap, Kind: t.said, Reported: t.reported,
			Ended: t.ended, More: t.more,
		})
		w.Start(s.m)
	}
	for i := range c.Clients {
		t.AddClient(c.Clients[i])
	}
	return t, nil
}

// Run runs the world until limit, or until stop (if not nil) returns true after an event. It
// returns false if the run has failed: see Err.
func (t *Trial) Run(limit sim.Time, stop func() bool) bool { return t.World.Run(limit, stop) }

// Err returns why the run has failed: a [*Violation], or another error.
func (t *Trial) Err() error { return t.World.Err() }

// Close ends all servers.
func (t *Trial) Close() { t.group.Close() }

// Memory returns the size of all servers' memories, in bytes.
func (t *Trial) Memory() uint64 { return t.group.Memory() }

// Leader returns the name of the running server that has reported itself as the leader of the
// highest term, or "" if no running server leads.
func (t *Trial) Leader() string {
	if l := t.leader(); l != nil {
		return l.m.Name
	}
	return ""
}

func (t *Trial) leader() (best *server) {
	for _, s := range t.servers[1:] {
		if s.m.Up() && s.role == leading && (best == nil || s.term > best.term) {
			best = s
		}
	}
	return best
}

// Reign is the period in which the leader of a term answers reads. From is when the server begins
// to answer reads. To is when the server reports that it no longer leads, or when its process ends;
// To is -1 while the server still leads.
type Reign struct {
	Server   string
	Term     uint64
	From, To sim.Time
}

// Reigns returns the reigns of all leaders that began to answer reads, ordered by From.
func (t *Trial) Reigns() []Reign { return t.reigns }

// endReign notes that a server no longer leads, if it did.
func (t *Trial) endReign(s *server) {
	for i := range t.reigns {
		if r := &t.reigns[i]; r.Server == s.m.Name && r.To < 0 {
			r.To = t.World.Now()
		}
	}
}

// Servers returns the servers' machines, in the order of their numbers.
func (t *Trial) Servers() (list []*sim.Machine) {
	for _, s := range t.servers[1:] {
		list = append(list, s.m)
	}
	return list
}

// Heal undoes every lasting fault: it ends all cuts and splits of the network, releases held
// messages, and restarts machines that are down.
func (t *Trial) Heal() error {
	for _, f := range []sim.Fault{sim.Heal(), sim.Release()} {
		if err := t.World.Inject(f); err != nil {
			return err
		}
	}
	for _, m := range t.World.Machines() {
		if !m.Up() && !t.lost(m) {
			if err := t.World.Inject(sim.Restart(m.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// lost reports whether the machine is a server whose disk was lost.
func (t *Trial) lost(m *sim.Machine) bool {
	s := t.server(m.ID)
	return s != nil && s.lost
}

func (t *Trial) server(id sim.NodeID) *server {
	if id >= 1 && int(id) < len(t.servers) {
		return t.servers[id]
	}
	return nil
}

// CaughtUp reports whether all servers are running, have equal logs, have applied the same entries,
// and have equal states. Servers whose disk was lost do not count.
func (t *Trial) CaughtUp() bool { return t.Lags() == "" }

// Lags says which server lags, and how; "" if no server lags.
func (t *Trial) Lags() string {
	l := t.leader()
	if l == nil {
		return "no server leads"
	}
	for _, s := range t.servers[1:] {
		switch {
		case s.lost:
		case !s.m.Up() || s.m.Paused():
			return s.m.Name + " is not running"
		case s.last() != l.last() && s.end() != l.end():
			return fmt.Sprintf("the log of %s ends at %v, but the leader's at %v", s.m.Name, s.end(),
				l.end())
		case s.applied != l.applied || s.digest != l.digest:
			return fmt.Sprintf("%s has applied entries up to %d, but the leader up to %d", s.m.Name,
				s.applied, l.applied)
		}
	}
	return ""
}

// more are the settings of one start.
func (t *Trial) more(m *sim.Machine) []string {
	if t.lost(m) {
		return []string{"lost=yes"}
	}
	return nil
}

func (t *Trial) onFault(f sim.Fault) {
	if f.Kind == sim.FaultWipe {
		if m := t.World.Find(f.Who[0]); m != nil && t.server(m.ID) != nil {
			t.server(m.ID).lost = true
		}
	}
}

func (t *Trial) onCrash(m *sim.Machine, power bool) {
	if s := t.server(m.ID); s != nil {
		t.endReign(s)
		s.down()
		return
	}
	for _, u := range t.clients {
		if u.m == m {
			u.giveUp()
		}
	}
}

// diskError is in the panic of a server whose disk has failed.
const diskError = "machine: disk: a write failed"

func (t *Trial) ended(m *sim.Machine, code uint32, text string) {
	if t.lost(m) || strings.Contains(text, diskError) {
		return
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	i := max(0, slices.IndexFunc(lines, func(l string) bool {
		return strings.HasPrefix(l,
			"panic")
	}))
	t.violate("ServerPanic", "%s exits with status %d: %s", m.Name, code, lines[i])
}

// Counts says how often some events happened in a run.
type Counts struct {
	Leaders  int // terms in which a server led
	Restored int // snapshots that a server got or read
	Lost     int // disks
}

// Counts returns the counts so far.
func (t *Trial) Counts() Counts {
	n := Counts{Leaders: len(t.leads), Restored: t.restored}
	for _, s := range t.servers[1:] {
		if s.lost {
			n.Lost++
		}
	}
	return n
}

// Checks returns the names of the checks in the package comment, without Linearizable, in the same
// order.
func Checks() []string {
	return []string{
		"ElectionSafety", "LeaderAppendOnly", "LogMatching", "LeaderCompleteness",
		"StateMachineSafety", "TermMonotonic", "OneVote", "VoteDurable", "AppendDurable", "AckedDurable",
		"LiveAfterHealing", "ServerPanic",
	}
}
