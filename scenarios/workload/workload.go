package workload

import (
	"slices"
	"strconv"

	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Pace is how long a program pauses between two operations, on average.
const Pace = 1100 * sim.Millisecond

// Looks is the longest time, by the client's clock, that a program lets pass before it checks again
// whether its session is still alive. A program makes these checks while it holds a lock or leads.
const Looks = 2 * Pace

// Workload is a program that clients run.
type Workload struct {
	Name string
	Says string // what it does, in a sentence
	Run  func(p *client.Proc)
	// Seeded, if set, returns the program of one client: its operations depend on the seed and on
	// the client's name, not on the outcomes.
	Seeded func(seed uint64, client string) func(*client.Proc)
	// Breaks is the check that it breaks under some faults, because its programs make a well-known
	// mistake; empty if they are sound.
	Breaks string
	// Is has what its program declares itself to be. A client with such a program has no other.
	Is []recipe.Recipe
}

// All returns the workloads that seeds pick, sorted by name. [OnRequest], [Shared] and [Rare]
// return the others.
func All() []Workload {
	return []Workload{
		{Name: "barriers", Run: meet,
			Says: "two or more clients wait for each other before they begin and before they end"},
		{Name: "bulk", Run: haul,
			Says: "the largest writes that servers accept, about one megabyte each, and writes that are " +
				"one byte larger, which servers refuse"},
		{Name: "bursts", Run: burst,
			Says: "a queue that gets several items together from time to time, while clients wait " +
				"for items"},
		{Name: "careful", Run: repeat(contendCarefully),
			Says: "contenders that step down when they lose their connection"},
		{Name: "closers", Run: reopen,
			Says: "clients that close their sessions and open new ones"},
		{Name: "contenders", Run: repeat(contend),
			Says: "all clients race for one ephemeral node; the winner leads for a while"},
		{Name: "counters", Run: count,
			Says: "increments: read a node, then set it at the version that was read"},
		{Name: "crowds", Run: crowd,
			Says: "a node with a thousand children"},
		{Name: "ephemerals", Run: churn,
			Says: "ephemeral nodes, created and deleted"},
		{Name: "fenced-locks", Run: guard,
			Says: "a lock whose holder writes to an outside store with its fencing token"},
		{Name: "keys", Run: lockUp,
			Says: "short-lived nodes, each with an ACL of its own"},
		{Name: "line", Run: repeat(queueUp),
			Says: "an election by sequential nodes, lowest number first"},
		{Name: "locks", Run: lock,
			Says: "a lock that is acquired, held and released"},
		{Name: "movers", Run: roam,
			Says: "a session that moves from server to server and reads what others write"},
		{Name: "multis", Run: transfer,
			Says: "multis that change two nodes, all or nothing"},
		{Name: "numbers", Run: number,
			Says: "sequential nodes whose sequence numbers overflow"},
		{Name: "owners", Run: restrict,
			Says: "ACLs, identities, and requests that the ACLs forbid"},
		{Name: "primaries", Run: primary,
			Says: "a primary that writes while it holds a lock, until its session ends"},
		{Name: "queue", Run: pass,
			Says: "items put into a queue and taken from it"},
		{Name: "readers-writers", Run: share,
			Says: "a lock for many readers or one writer"},
		{Name: "registers", Run: register,
			Says: "plain writes and reads of a few nodes"},
		{Name: "subscribers", Run: subscribe,
			Says: "watches of every kind, set and removed"},
		{Name: "syncs", Run: agree,
			Says: "writes to one node, and reads of it after a sync"},
		{Name: "verifiers", Run: verify,
			Says: "checks of versions, multis that fail, and reads of several nodes"},
		{Name: "watchers", Run: watch,
			Says: "reads that set a watch and wait for its event"},
		{Name: "workers", Run: work,
			Says: "workers that acquire a lock, do a job, release the lock and queue again"},
	}
}

// Every returns all workloads: [All], then [OnRequest], then [Shared], then [Rare].
func Every() []Workload { return slices.Concat(All(), OnRequest(), Shared(), Rare()) }

var byName = func() map[string]Workload {
	list := make(map[string]Workload)
	for _, w := range Every() {
		list[w.Name] = w
	}
	return list
}()

// Find returns the workload with this name, from [All], [OnRequest], [Shared] or [Rare].
func Find(name string) (Workload, bool) {
	w, ok := byName[name]
	return w, ok
}

// repeat is a program that does something again and again, with pauses, in each session that its
// client has.
func repeat(each func(*client.Proc)) func(*client.Proc) {
	return func(p *client.Proc) {
		for p.WaitConnected() {
			each(p)
			think(p)
		}
	}
}

func think(p *client.Proc) { p.Sleep(p.Rand().Between(0, 2*Pace)) }

// some picks one of a few paths, so that clients meet.
func some(p *client.Proc, name string) string {
	return "/" + name + strconv.Itoa(p.Rand().Intn(3))
}

func value(p *client.Proc, n int) []byte { return []byte(p.Name() + strconv.Itoa(n)) }

func register(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		path := some(p, "r")
		switch p.Rand().Intn(6) {
		case 0:
			p.Create(path, value(p, n), tree.Persistent)
		case 1, 2:
			p.Set(path, value(p, n), tree.AnyVersion)
		case 3:
			p.Sync(path)
			p.Get(path)
		case 4:
			p.Get(path)
		case 5:
			if p.Rand().Intn(4) == 0 {
				p.Delete(path, tree.AnyVersion)
			} else {
				p.Exists(path)
			}
		}
		think(p)
	}
}

// agree writes to one node, or syncs and reads it: the read must not miss a write that was answered
// before the sync.
func agree(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		if p.Rand().Intn(2) == 0 {
			if _, err := p.Set("/agreed", value(p, n), tree.AnyVersion); err != nil {
				p.Create("/agreed", value(p, n), tree.Persistent)
			}
		} else {
			p.Sync("/agreed")
			p.Get("/agreed")
		}
		think(p)
	}
}

// roam reads on one server, moves, and reads again.
func roam(p *client.Proc) {
	for p.WaitConnected() {
		path := some(p, "r")
		p.Get(path)
		p.Move()
		if p.WaitConnected() {
			p.Get(path)
		}
		think(p)
	}
}

func count(p *client.Proc) {
	for p.WaitConnected() {
		path := some(p, "c")
		if p.Rand().Intn(3) == 0 {
			p.Sync(path)
		}
		data, stat, err := p.Get(path)
		if err != nil {
			p.Create(path, []byte("0"), tree.Persistent)
		} else {
			n, _ := strconv.Atoi(string(data))
			p.Set(path, []byte(strconv.Itoa(n+1)), stat.Version)
		}
		think(p)
	}
}

func churn(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		path, err := p.Create("/e-", value(p, n), tree.EphemeralSequential)
		think(p)
		if err == nil && p.Rand().Intn(2) == 0 {
			p.Delete(path, tree.AnyVersion)
		}
		if p.Rand().Intn(3) == 0 {
			p.Children("/")
		}
	}
}

// lockUp creates and deletes nodes with ACLs that no other node has.
func lockUp(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		key := tree.ACL{Perms: tree.PermAll, Scheme: "digest", ID: string(value(p, n)) + ":key"}
		path := some(p, "k")
		p.Do(tree.Op{Type: tree.OpCreate, Path: path, Data: value(p, n), ACL: []tree.ACL{key}})
		p.Sleep(p.Rand().Between(0, Pace/4))
		p.Delete(path, tree.AnyVersion)
		p.Sleep(p.Rand().Between(0, Pace))
	}
}

// hold picks how long to lead or to hold a lock.
func hold(p *client.Proc) sim.Time { return p.Rand().Between(Pace, 6*Pace) }

func contend(p *client.Proc) {
	race(p, client.Election{Path: "/leader", Data: []byte(p.Name()), Hold: hold(p)})
}

func contendCarefully(p *client.Proc) {
	race(p, client.Election{Path: "/leader", Data: []byte(p.Name()), Hold: hold(p), Careful: true})
}

// race runs an election, and ends the run if that gives up too early: a program races until it has
// led for Hold, or until its session is over and no new session follows.
func race(p *client.Proc, e client.Election) {
	begun := p.Now()
	e.Race(p)
	if !p.State().Final() && p.Now() < begun+e.Hold {
		wrong(p, ": Election.Race returned after "+(p.Now()-begun).String()+
			", before the client had led for "+e.Hold.String())
	}
}

// wrong ends the run: a client does not do what package client says. text follows its name.
func wrong(p *client.Proc, text string) {
	panic(&sim.AssertionError{Text: "client " + p.Name() + text})
}

func queueUp(p *client.Proc) {
	client.Election{Path: "/election", Data: []byte(p.Name()), Hold: hold(p)}.Queue(p)
}

func lock(p *client.Proc) {
	takeTurns(p, client.Lock{Path: "/lock"}.Acquire)
}

// takeTurns repeatedly acquires a lock, holds it for a while and releases it, in each session that
// its client has.
func takeTurns(p *client.Proc, take func(*client.Proc) (*client.Held, error)) {
	for p.WaitConnected() {
		held, err := take(p)
		if err != nil {
			return
		}
		think(p)
		held.Release() // with ErrSessionOver the node ends with its session: the next one lines up
		think(p)
	}
}

// guard writes to a store that remembers the newest token, as long as the program has no reason to
// doubt that it holds the lock, even if it is not connected: then the store may have to refuse the
// write.
func guard(p *client.Proc) {
	l := client.Lock{Path: "/guarded"}
	for p.WaitConnected() {
		held, err := l.Acquire(p)
		if err != nil {
			return
		}
		for n := p.Rand().Intn(6); n >= 0 && held.Still(); n-- {
			p.Use("store", held.Token)
			think(p)
		}
		if held.Release() == client.ErrSessionOver && !p.WaitConnected() {
			return
		}
	}
}

func transfer(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		from, to := some(p, "m"), some(p, "m")
		_, err := p.Multi(
			tree.Op{Type: tree.OpSetData, Path: from, Data: value(p, n), Version: tree.AnyVersion},
			tree.Op{Type: tree.OpCreate2, Path: to + "/t-", ACL: tree.OpenACL,
				Flags: tree.PersistentSequential})
		if err != nil {
			p.Create(from, nil, tree.Persistent)
			p.Create(to, nil, tree.Persistent)
		}
		think(p)
		if p.Rand().Intn(3) == 0 {
			p.Children(from)
		}
	}
}

func pass(p *client.Proc) {
	q := client.Queue{Path: "/queue"}
	for n := 0; p.WaitConnected(); n++ {
		if err := q.Put(p, value(p, n)); err == client.ErrSessionOver {
			return
		}
		think(p)
		if p.Rand().Intn(2) == 0 {
			if _, err := q.Take(p); err == client.ErrSessionOver {
				return
			}
			think(p)
		}
	}
}

// burst takes items all the time, or now and then puts a few in a row. A taker that misses an item
// waits long for the next one to wake it.
func burst(p *client.Proc) {
	q := client.Queue{Path: "/queue"}
	if p.Rand().Intn(2) == 0 {
		for p.WaitConnected() {
			q.Take(p)
		}
	}
	for n := 0; p.WaitConnected(); n++ {
		p.Sleep(p.Rand().Between(2*Pace, 8*Pace))
		for range 3 {
			q.Put(p, value(p, n))
		}
	}
}

func watch(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ {
		path := some(p, "r")
		var w *client.Watch
		var err error
		switch p.Rand().Intn(4) {
		case 0:
			_, _, w, err = p.GetW(path)
		case 1, 2:
			_, _, w, err = p.ExistsW(path)
		case 3:
			_, _, w, err = p.ChildrenW("/")
		}
		if err == nil {
			w.WaitFor(4 * Pace)
		}
		if p.Rand().Intn(3) == 0 {
			p.Set(path, value(p, n), tree.AnyVersion)
		}
		think(p)
	}
}

// served writes on behalf of the holder of a lock, until another client may hold it.
func served(p *client.Proc, path string, held *client.Held) {
	stopped := true
	defer func() {
		if stopped { // as programs do that may be stopped at any time
			p.Believe(false)
		}
	}()
	p.Create(path, value(p, 0), tree.Persistent)
	for n := 0; held.WaitConnected(); n++ {
		p.Set(path, value(p, n), tree.AnyVersion)
		think(p)
	}
	stopped = false
}

func primary(p *client.Proc) {
	client.Primary(client.Lock{Path: "/primary"}, func(p *client.Proc, held *client.Held) {
		served(p, "/served", held)
	})(p)
}

func work(p *client.Proc) {
	client.Worker(client.Lock{Path: "/jobs"}, 0, func(p *client.Proc, held *client.Held) {
		p.Create("/done-", []byte(p.Name()), tree.PersistentSequential)
		think(p)
	})(p)
}

func share(p *client.Proc) {
	l := client.RWLock{Path: "/shared"}
	takeTurns(p, func(p *client.Proc) (*client.Held, error) {
		if p.Rand().Intn(3) == 0 {
			return l.Write(p)
		}
		return l.Read(p)
	})
}

func meet(p *client.Proc) {
	for n := 0; p.WaitConnected(); n++ { // a barrier is for one round
		b := client.Barrier{Path: "/meeting" + strconv.Itoa(n), Size: 2}
		if b.Enter(p) != nil {
			return
		}
		think(p)
		if b.Leave(p) != nil {
			return
		}
		think(p)
	}
}
