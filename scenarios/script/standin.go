package script

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/scenarios/diagram"
)

// lockServices and serviceWords are the words in the name of a service that gives out locks or
// leases, such as Lock Service: at least one word is from lockServices.
var (
	lockServices = wordSet("lock", "locks", "locking", "lease", "leases", "coordination",
		"lockservice", "lockmanager", "lockserver", "lockprovider", "locksvc", "locker",
		"leaseservice", "leasemanager", "coordinationservice", "dlm", "distributedlock",
		"distributedlocks", "distributedlockservice", "distributedlockmanager")
	serviceWords = wordSet("service", "services", "server", "servers", "manager", "provider",
		"svc", "system", "coordinator", "cluster", "ensemble", "distributed", "global", "central",
		"coord", "store", "registry", "the", "ls", "dls", "lm", "l")
	dataStores = wordSet("db", "database", "databases", "store", "storage", "disk", "postgres",
		"postgresql", "mysql", "mongo", "mongodb", "sql", "cache", "table", "s")
)

// protocolNames are protocols other than ZooKeeper's. A service that is drawn beside its log or its
// group in one of them does not stand for ZooKeeper.
var protocolNames = wordSet("raft", "multiraft", "kraft", "paxos", "multipaxos")

// standsIn finds the service that a drawing without ZooKeeper shows in its place: a service that
// gives out locks or leases. The lab plays it as ZooKeeper, and says so. A drawing that shows
// another product, servers, or the store in which the service keeps its locks has none.
func (c *Cast) standsIn(d *diagram.Diagram, fresh []diagram.Participant) {
	if c.pure || c.service() {
		return
	}
	found := ""
	for _, p := range d.Participants {
		heads := c.heads[p.Name]
		switch {
		case c.namesEnsemble(heads), says(heads, otherNames), says(heads, protocolNames):
			return
		case found == "" && slices.Contains(fresh, p) && (isLockService(c.short[p.Name]) ||
			p.Alias != "" && isLockService(nameWords(firstLine(p.Label())))):
			found = p.Name
		}
	}
	if found == "" {
		found = c.coordinator(d, fresh)
	}
	if found == "" || !c.gives(d, found) {
		return
	}
	c.StandIn = found
	c.heads[found], c.short[found] = []string{"zookeeper"}, []string{"zookeeper"}
	c.told = append(c.told, fmt.Sprintf("%s is played as ZooKeeper, because the drawing has no "+
		"ZooKeeper", found))
}

// coordinator returns the participant that is called only a coordinator, in a drawing of fencing
// tokens: who gives out leases there, and not who commits a transaction. It returns "" if there is
// none.
func (c *Cast) coordinator(d *diagram.Diagram, fresh []diagram.Participant) (name string) {
	for _, p := range fresh {
		words := c.short[p.Name]
		if len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool {
			return w != "coordinator" && w != "coord" && !(w == "c" && len(words) > 1)
		}) {
			name = p.Name
		}
	}
	if name == "" || c.transacts(d, name) {
		return ""
	}
	leases, tokens := false, false
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		if a, ok := it.(*diagram.Arrow); ok {
			words := wordsOf(normal(diagram.Plain(a.Text)))
			_, token := tokenIn(words)
			tokens = tokens || token && a.From != name && a.To != name
			leases = leases || (a.From == name || a.To == name) && has(words, "lease", "leases", "lock",
				"leadership")
		}
		return true
	})
	if !leases || !tokens {
		return ""
	}
	return name
}

// transacts reports whether a drawing shows that a coordinator is one of transactions: its arrows say
// so, or it calls others, who do not call it, and gives them no lock.
func (c *Cast) transacts(d *diagram.Diagram, name string) (found bool) {
	callers := map[string]bool{name: true}
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		if a, ok := it.(*diagram.Arrow); ok && a.To == name && !a.Dashed {
			callers[a.From] = true
		}
		return true
	})
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		if a, ok := it.(*diagram.Arrow); ok && (a.From == name || a.To == name) {
			words := wordsOf(normal(diagram.Plain(a.Text)))
			found = found || transactions.in(words) || a.From == name && !a.Dashed && !callers[a.To] &&
				!has(words, "lease", "lock", "leadership", "grant", "grants", "granted")
		}
		return true
	})
	return found
}

// transactions are words on the arrows of a coordinator of transactions.
var transactions = lexiconOf([]string{"prepare", "prepares", "prepared", "commit", "commits", "committed",
	"abort", "aborts", "aborted", "vote", "votes", "rollback", "transaction", "transactions"})

// isLockService reports whether a name is that of a service that gives out locks or leases.
func isLockService(words []string) bool {
	return says(words, lockServices) && !slices.ContainsFunc(words, func(w string) bool {
		return !lockServices[w] && !serviceWords[w]
	})
}

// gives reports whether the arrows at a service show that it gives out locks or leases, and keeps
// them itself. A text that speaks of another system shows the opposite.
func (c *Cast) gives(d *diagram.Diagram, service string) bool {
	locks, relays := false, false
	behind := backs(d, service)
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		if n, ok := it.(*diagram.Note); ok {
			relays = relays || elsewhere(wordsOf(normal(diagram.Plain(n.Text))))
		}
		a, ok := it.(*diagram.Arrow)
		if !ok {
			return true
		}
		words := wordsOf(normal(diagram.Plain(a.Text)))
		relays = relays || elsewhere(words)
		if a.From != service && a.To != service {
			return true
		}
		locks = locks || lockTalk.in(words)
		relays = relays || sharedLocks.in(words) // no node stands for a lock that several hold
		relays = relays || a.From == service && !a.Dashed && says(c.short[a.To], dataStores)
		relays = relays || a.From == service && !a.Dashed && behind[a.To]
		relays = relays || a.To == service && commits.in(words[:min(1, len(words))])
		return true
	})
	return locks && !relays
}

// backs returns the participants that speak to nobody but a service, which they only answer: the
// service keeps its locks there.
func backs(d *diagram.Diagram, service string) map[string]bool {
	answers, other := make(map[string]bool), make(map[string]bool)
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		a, ok := it.(*diagram.Arrow)
		switch {
		case !ok || a.From == a.To:
		case a.To == service && a.Dashed:
			answers[a.From] = true
		default:
			other[a.From] = true
			if a.From != service {
				other[a.To] = true
			}
		}
		return true
	})
	for name := range answers { // order: each is looked at alone
		answers[name] = !other[name]
	}
	return answers
}

// commits are the first words of arrows to the lock manager of a database.
var commits = lexiconOf([]string{"commit", "commits", "rollback", "rolls back", "abort", "aborts"})

// sharedLocks are words for a lock that several clients may hold at once.
var sharedLocks = lexiconOf([]string{"read lock", "read locks", "shared lock", "shared locks",
	"readlock", "read-lock", "reader lock", "rlock"})

// elsewhereTalk are words of other systems that give out locks.
var elsewhereTalk = lexiconOf([]string{"redis", "redlock", "redisson", "jedis", "setnx", "nx", "px",
	"etcd", "etcdctl", "jetcd", "consul", "dynamodb", "chubby"})

// elsewhere reports whether a text speaks of another system, and not of ZooKeeper beside it: Redis /
// ZooKeeper leaves the choice.
func elsewhere(words []word) bool {
	return elsewhereTalk.in(words) && !has(words, "zookeeper", "zk")
}

// acquireWords are verbs, and never the names of nodes: try acquire.
var acquireWords = lexiconOf([]string{"acquire", "acquires", "acquiring"})

// lockTalk are words on the arrows of a service that gives out locks or leases.
var lockTalk = lexiconOf([]string{"acquire", "acquires", "acquired", "acquirelock", "acquirelease",
	"acquireasync", "releaselock", "renewlease", "grantlock",
	"tryacquire", "tryacquirelock", "trylock", "lock", "locks", "lease", "leases",
	"release", "releases", "leader", "leadership", "ephemeral"})
