package calm

import (
	"slices"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// Config describes a run to the judge: its servers and their settings, its links and disks.
type Config struct {
	Voters, Observers zab.Set
	Tick              sim.Time
	InitLimit         int      // ticks
	SyncLimit         int      // ticks
	Latency           sim.Span // of a link, one way
	Fsync             sim.Span // of a disk
	SessionTimeout    sim.Time // that servers grant
	QuorumSync        bool
	// ExpireOnDisconnect is true if a session ends with its connection: then a client that moves
	// loses its session.
	ExpireOnDisconnect bool
	Sized              bool   // links or disks have a bandwidth: then no time counts as calm
	MaxCounter         uint32 // of an epoch; 0 if it is out of reach
}

// Role is what a server does from the time At until its next Role.
type Role struct {
	At       sim.Time
	ID       zab.ID
	Down     bool // its process does not exist
	State    zab.State
	Phase    zab.Phase
	Leader   zab.ID   // that it follows, or itself; 0 for none
	Accepted uint32   // the highest epoch promised
	Epoch    uint32   // 0 while it is not known
	Last     zab.Zxid // the end of its log
	Elected  bool     // a quorum has promised the epoch that this server leads
	Snap     bool     // its leader has sent it a SNAP
}

// Log records what the judge needs to know of a run: the faults, and the roles of the servers. Call
// each method at the moment of its event, in the order of time.
type Log struct {
	config  Config
	sky     sky
	servers weather
	up      zab.Set
	wiped   zab.Set // lost their disks: their promises may not count for a quorum
	clients []subject
	roles   []Role
}

// subject is one client in the log.
type subject struct {
	name    string
	weather weather
	lives   []life
}

// life is when a client's process ran.
type life struct{ from, to sim.Time }

// NewLog returns the log of a run that begins with every server down.
func NewLog(c Config) *Log {
	return &Log{config: c}
}

// Client adds a client to the log. The client is down until ClientUp.
func (l *Log) Client(now sim.Time, name string) {
	l.clients = append(l.clients, subject{name: name})
	l.shiftClient(now, &l.clients[len(l.clients)-1])
}

func (l *Log) client(name string) *subject {
	for i := range l.clients {
		if l.clients[i].name == name {
			return &l.clients[i]
		}
	}
	return nil
}

// Fault records that a fault is about to be carried out. If the fault changes the bandwidth of a
// link, backlog is the time at which the link will have sent all messages that are queued on it
// now. For other faults, backlog has no meaning.
func (l *Log) Fault(now sim.Time, f *sim.Fault, backlog sim.Time) {
	l.sky.take(now, f, l.config.Fsync.Max, backlog)
	if f.Kind == sim.FaultWipe {
		for id := zab.ID(1); id < maxID; id++ {
			if engine.ServerName(id) == f.Who[0] {
				l.wiped = l.wiped.With(id)
			}
		}
	}
	if k := l.onlyClient(f); k != nil {
		l.shiftClient(now, k)
		return
	}
	l.shift(now)
}

// onlyClient returns the client that a fault acts on, if it acts on nothing else, or nil.
func (l *Log) onlyClient(f *sim.Fault) (k *subject) {
	if len(f.Who) == 0 {
		return nil
	}
	for _, who := range f.Who {
		if c := l.client(who); c != nil {
			k = c
		}
	}
	if len(f.Who) == 2 && k == nil || f.Kind == sim.FaultHold {
		return nil
	}
	return k
}

// SetMaxCounter sets the largest counter that the zxids of an epoch may have. 0 means that the
// largest counter is too large for any run to reach it.
func (l *Log) SetMaxCounter(n uint32) { l.config.MaxCounter = n }

// Up: a server starts.
func (l *Log) Up(now sim.Time, id zab.ID) {
	l.up = l.up.With(id)
	l.sky.broken = with(l.sky.broken, engine.ServerName(id), false)
	l.roles = append(l.roles, Role{At: now, ID: id})
	l.shift(now)
}

// Down records that the process of a server ends.
func (l *Log) Down(now sim.Time, id zab.ID) {
	l.up = l.up.Without(id)
	l.roles = append(l.roles, Role{At: now, ID: id, Down: true})
	l.shift(now)
}

// ClientUp: a client starts.
func (l *Log) ClientUp(now sim.Time, name string) {
	if k := l.client(name); k != nil {
		k.lives = append(k.lives, life{now, sim.Never})
		l.shiftClient(now, k)
	}
}

// ClientDown records that the process of a client ends.
func (l *Log) ClientDown(now sim.Time, name string) {
	if k := l.client(name); k != nil {
		if n := len(k.lives); n > 0 {
			k.lives[n-1].to = min(k.lives[n-1].to, now)
		}
		l.shiftClient(now, k)
	}
}

// Changed records a change of a server's role, phase, leader or promised epoch.
func (l *Log) Changed(now sim.Time, p *zab.Peer) { l.roles = append(l.roles, role(now, p)) }

// Elected records that a quorum has promised the epoch that this server leads.
func (l *Log) Elected(now sim.Time, p *zab.Peer) {
	r := role(now, p)
	r.Elected = true
	l.roles = append(l.roles, r)
}

// Snap records that a leader begins to send its whole state to a learner.
func (l *Log) Snap(now sim.Time, p *zab.Peer) {
	r := role(now, p)
	r.Snap = true
	l.roles = append(l.roles, r)
}

func role(now sim.Time, p *zab.Peer) Role {
	return Role{
		At: now, ID: p.ID(), State: p.State(), Phase: p.Phase(), Leader: p.Leader(),
		Accepted: p.AcceptedEpoch(), Epoch: p.Epoch(), Last: p.LastLogged(),
	}
}

// calm reports whether nothing acts on machines that a function accepts, nor between them and the
// servers, and since when. Where links or disks have a bandwidth, nothing counts as calm: the
// judge's bounds do not know sizes.
func (l *Log) calm(of func(string) bool) (from sim.Time, ok bool) {
	from, ok = l.sky.calm(of, l.isServer)
	return from, ok && !l.config.Sized
}

func (l *Log) shift(now sim.Time) {
	from, ok := l.calm(l.isServer)
	l.servers.shift(now, from, ok && l.quorate(), l.up)
	for i := range l.clients {
		l.shiftClient(now, &l.clients[i])
	}
}

func (l *Log) shiftClient(now sim.Time, k *subject) {
	from, ok := l.calm(l.isServer)
	is := func(name string) bool { return name == k.name }
	own, also := l.calm(is)
	k.weather.shift(now, max(from, own), ok && also && l.quorate(), l.up)
}

// quorate reports whether the servers that run can elect a leader.
func (l *Log) quorate() bool { return (l.up &^ l.wiped).Majority(l.config.Voters) }

func (l *Log) isServer(name string) bool {
	return slices.IndexFunc(l.clients, func(k subject) bool { return k.name == name }) < 0
}
