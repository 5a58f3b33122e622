package host

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// MaxLag is how late a timer may be. If a timer is later than that, the process was suspended or
// got no CPU time, and the server's clock does not count the time by which the timer was late.
const MaxLag = time.Second

// Peer is one server of the ensemble.
type Peer struct {
	ID       zab.ID
	Address  string // host:port, for the other servers
	Observer bool
}

// Begin says with which history a server starts.
type Begin uint8

// How a server begins.
const (
	Resume Begin = iota // with its files: an error if there are none
	New                 // with an empty history, as a server of a new ensemble
	Rejoin              // without a history, after the loss of its disk: a leader sends it all
)

// Config is the configuration of a server. A field with the value zero stands for its default.
type Config struct {
	ID     zab.ID
	Peers  []Peer // all servers of the ensemble, this one too
	Client string // host:port for clients; port 0 is a free one
	Files  Files  // closed when the server ends
	Begin  Begin

	Tick        sim.Time // default 2s
	InitLimit   int      // ticks, default 10
	SyncLimit   int      // ticks, default 5
	SnapCount   int      // transactions between snapshots, default 10,000
	TTL         bool     // allow nodes with a time to live
	SuperDigest string
	QuorumSync  bool // a sync waits for a quorum: see [zab.Config]

	Limits Limits
	Words  []string // four-letter words that are answered; nil means all

	// Log, if set, is called with one line for each thing that the owner should know. Changed, if
	// set, is called when the role of the server changes. Both are called from the server's
	// goroutines: they must not wait for the server.
	Log     func(line string)
	Changed func(Status)

	clock    func() time.Duration // since the start; real time if nil
	greeting time.Duration        // how long a new connection may take to say what it is
}

// Limits bound the resources that clients may use.
type Limits struct {
	Connections int // of one IP address (maxClientCnxns); default 1,000
	Sessions    int // of the ensemble, when a client asks this server for a new one; default 100,000
	Outstanding int // requests of a connection without an answer; then it is not read; default 1,000
	Packet      int // bytes of a packet (jute.maxbuffer); default 1,048,575
	Unread      int // bytes that wait for a client that does not read; default 64 MB
}

// Status says which role a server has, whether it serves clients, and in which epoch.
type Status struct {
	State   zab.State
	Serving bool
	Epoch   uint32
}

// String is a line for the log.
func (s Status) String() string {
	text := s.State.String()
	if s.State != zab.Looking {
		text += fmt.Sprintf(" in epoch %d", s.Epoch)
	}
	if s.Serving {
		text += ", serves clients"
	}
	return text
}

// greeting is how long a new connection may take to say what it is.
const greeting = 10 * time.Second

// maxServers is the number of servers that an ensemble may have (zab.ID).
const maxServers = 63

// ParsePeers parses the servers of an ensemble, such as 1=127.0.0.1:2888,2=127.0.0.1:2889. The
// suffix :observer marks an observer.
func ParsePeers(text string) (list []Peer, err error) {
	for _, part := range strings.Split(text, ",") {
		fail := func(cause string) ([]Peer, error) {
			return nil, fmt.Errorf("%q: %s: write 1=127.0.0.1:2888,2=127.0.0.1:2889 and so on", part,
				cause)
		}
		number, address, ok := strings.Cut(strings.TrimSpace(part), "=")
		id, err := strconv.Atoi(number)
		if !ok || err != nil || id < 1 || id > maxServers {
			return fail("the part before \"=\" must be a server number from 1 to 63")
		}
		p := Peer{ID: zab.ID(id)}
		p.Address, p.Observer = strings.CutSuffix(address, ":observer")
		host, port, err := net.SplitHostPort(p.Address)
		if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 1 || n > 65535 {
			return fail("the part after \"=\" must be an address and a port from 1 to 65535")
		}
		if net.ParseIP(host) == nil {
			return fail(host + " is not an IP address")
		}
		for _, other := range list {
			if other.ID == p.ID || other.Address == p.Address {
				return fail("an earlier server of the list has the same number or address")
			}
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b Peer) int { return int(a.ID) - int(b.ID) })
	return list, nil
}

// setDefaults fills in the defaults, and checks the rest.
func (c *Config) setDefaults() error {
	def := func(n *int, d int) {
		if *n == 0 {
			*n = d
		}
	}
	def(&c.SnapCount, 10_000)
	def(&c.Limits.Connections, 1000)
	def(&c.Limits.Sessions, 100_000)
	def(&c.Limits.Outstanding, 1000)
	def(&c.Limits.Packet, 0xfffff)
	def(&c.Limits.Unread, 64<<20)
	if c.Log == nil {
		c.Log = func(string) {}
	}
	if c.Changed == nil {
		c.Changed = func(Status) {}
	}
	if c.greeting == 0 {
		c.greeting = greeting
	}
	if c.clock == nil {
		began := time.Now()
		c.clock = func() time.Duration { return time.Since(began) }
	}
	voters, _ := c.sets()
	switch {
	case c.self() == nil:
		return fmt.Errorf("the list of the ensemble's servers does not contain this server, S%d: "+
			"add it to the list",
			c.ID)
	case voters == 0:
		return errors.New("every server is an observer: at least one must vote")
	case c.Files == nil:
		return errors.New("Config.Files is nil: open the server's folder with OpenDir")
	}
	return nil
}

// self is this server's entry in Peers, or nil.
func (c *Config) self() *Peer { return c.peer(c.ID) }

func (c *Config) peer(id zab.ID) *Peer {
	for i := range c.Peers {
		if c.Peers[i].ID == id {
			return &c.Peers[i]
		}
	}
	return nil
}

// sets returns who votes and who does not.
func (c *Config) sets() (voters, observers zab.Set) {
	for _, p := range c.Peers {
		if p.Observer {
			observers = observers.With(p.ID)
		} else {
			voters = voters.With(p.ID)
		}
	}
	return voters, observers
}

// members is a hash of who votes and who does not: servers that differ in it must not talk.
func (c *Config) members() uint64 {
	voters, observers := c.sets()
	return sim.Mix(uint64(voters)) ^ sim.Mix(uint64(observers)+1)
}
