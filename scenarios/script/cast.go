package script

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/zablab/zablab/scenarios/diagram"
)

// RoleKind is the role of a participant in the lab.
type RoleKind uint8

const (
	RoleClient   RoleKind = iota // everybody else
	RoleServer                   // S1…S9, and participants that exchange servers' messages
	RoleEnsemble                 // the ensemble as a client sees it
	RoleResource                 // named by a %% lab: line
	RoleLibrary                  // it runs in each client that calls it, and calls on its behalf
	RoleOther                    // another service, such as etcd or Redis: which is not simulated
)

// Role is one participant.
type Role struct {
	Kind   RoleKind
	Label  string
	Home   int    // of a client: the server that its first arrow names, or 0
	Host   string // the same, if only the run can tell which server that is
	Fenced bool
	// Guessed says of a resource that the drawing shows tokens, and no line names it: only its
	// writes and their answers are played.
	Guessed bool
	Plays   bool // declared, or at an end of an arrow: a note alone makes no participant

	Leads   bool // of a server: the current leader
	Follows int  // of a server: the first, second, ... follower
}

// Cast is the participants of one world. Roles is keyed by the engine's names.
type Cast struct {
	Roles map[string]Role // for lookups only
	Order []string        // in order of appearance

	plays   map[string]string   // the engine's name of a drawn name
	drawn   map[string]string   // and back
	lower   map[string]string   // by name in lower case
	alias   map[string][]alias  // labels, by their first word
	index   map[string]int      // in Order
	told    []string            // what the lab has decided of names
	pure    bool                // somebody is called ZooKeeper, and nothing else
	asks    map[string]bool     // names with an arrow to the ensemble
	talks   map[string]bool     // names that exchange servers' messages
	heads   map[string][]string // while a cast is made: the words of a name and its label
	short   map[string][]string // and without what stands in parentheses, or in a second line
	callers map[string][]string // drawn names: who calls whom
}

// alias is another name of a participant, as words.
type alias struct {
	words []string
	name  string
}

func newCast() *Cast {
	return &Cast{Roles: make(map[string]Role), plays: make(map[string]string),
		drawn: make(map[string]string), lower: make(map[string]string),
		index: make(map[string]int), asks: make(map[string]bool), talks: make(map[string]bool),
		callers: make(map[string][]string), short: make(map[string][]string),
		heads: make(map[string][]string), alias: make(map[string][]alias)}
}

// Drawn returns a participant's name in the drawing.
func (c *Cast) Drawn(name string) string {
	if d, ok := c.drawn[name]; ok {
		return d
	}
	return name
}

// role is the role of a drawn name.
func (c *Cast) role(drawn string) Role { return c.Roles[c.name(drawn)] }

// name is the engine's name of a drawn name.
func (c *Cast) name(drawn string) string {
	if n, ok := c.plays[drawn]; ok {
		return n
	}
	return drawn
}

// add takes in the participants of a diagram. Those already known keep their role.
func (c *Cast) add(d *diagram.Diagram, resources []resource, strict bool) {
	var fresh []diagram.Participant
	for _, p := range d.Participants {
		if _, ok := c.plays[p.Name]; !ok {
			fresh = append(fresh, p)
			c.heads[p.Name] = nameWords(p.Name + " " + p.Label())
			c.short[p.Name] = nameWords(p.Name + " " + firstLine(p.Label()))
		}
	}
	for _, p := range d.Participants {
		c.pure = c.pure || purely(c.heads[p.Name])
	}
	c.watch(d)
	guarded := map[string]bool{}
	if !strict {
		guarded = c.guarded(d)
	}
	for _, p := range fresh {
		r := Role{Kind: c.kind(p), Label: p.Label(), Plays: p.Declared}
		for _, s := range resources {
			if s.name == p.Name {
				r.Kind, r.Fenced = RoleResource, s.fenced
			}
		}
		if fences, ok := guarded[p.Name]; ok && r.Kind == RoleClient {
			r.Kind, r.Fenced, r.Guessed = RoleResource, fences, true
			c.told = append(c.told, fmt.Sprintf("%s takes writes with tokens: as with %%%% lab: "+
				"resource=%s%s", p.Name, p.Name, map[bool]string{true: " fenced"}[fences]))
		}
		c.enter(p, r)
	}
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		a, ok := it.(*diagram.Arrow)
		if !ok {
			return true
		}
		from, to := c.role(a.From), c.role(a.To)
		from.Plays, to.Plays = true, true
		n := c.name(a.To)
		if from.Kind == RoleClient && to.Kind == RoleServer && from.Home == 0 &&
			isServer(n) {
			from.Home = int(n[1] - '0')
		} else if from.Kind == RoleClient && to.Kind == RoleServer && from.Host == "" &&
			from.Home == 0 {
			from.Host = n
		}
		c.Roles[c.name(a.To)] = to
		c.Roles[c.name(a.From)] = from
		return true
	})
}

// enter gives a participant its role and its name on the engine.
func (c *Cast) enter(p diagram.Participant, r Role) {
	name := p.Name
	switch {
	case r.Kind == RoleServer:
		name = c.server(p, &r)
	case isServer(p.Name):
		name = c.free(p)
		c.told = append(c.told, fmt.Sprintf("%s is a client, named %s in the run: S1 to S9 are "+
			"server names", p.Name, name))
	}
	c.plays[p.Name] = name
	if name != p.Name {
		c.drawn[name] = p.Name
	}
	c.lower[strings.ToLower(p.Name)] = name
	for _, words := range [][]string{labelWords(p.Label()), labelWords(firstLine(p.Label())),
		nameWords(p.Name)} {
		if len(words) > 0 && len(c.alias[words[0]]) < 100 && len(words[0]) > 1 {
			c.alias[words[0]] = append(c.alias[words[0]], alias{words, name})
		}
	}
	if _, ok := c.Roles[name]; !ok {
		c.index[name] = len(c.Order)
		c.Order = append(c.Order, name)
	}
	c.Roles[name] = r
}

// free is a name for a client that is drawn with the name of a server.
func (c *Cast) free(p diagram.Participant) string {
	name := strings.Map(func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return -1
	}, p.Label())
	if _, taken := c.Roles[name]; taken || len(name) < 2 || len(name) > 12 || isServer(name) ||
		name[0] < 'A' {
		name = "Client" + p.Name[1:]
	}
	return name
}

// server is the engine's name of a participant that is a server: its number's, if it has one, or
// its own, if only the run can tell who that is.
func (c *Cast) server(p diagram.Participant, r *Role) string {
	if isServer(p.Name) {
		return p.Name
	}
	words := c.short[p.Name]
	number := numberIn(words)
	name := ""
	switch {
	case slices.Contains(words, "leader") || slices.Contains(words, "l"):
		r.Leads = true
		c.told = append(c.told, p.Name+" is the current leader")
		return p.Name
	case slices.Contains(words, "follower") || slices.Contains(words, "f"):
		for _, other := range c.Roles { // order: only the greatest counts
			r.Follows = max(r.Follows, other.Follows)
		}
		r.Follows++
		c.told = append(c.told, fmt.Sprintf("%s is follower %d", p.Name, r.Follows))
		return p.Name
	case number >= 1 && number <= 9:
		name = fmt.Sprintf("S%d", number)
	}
	for n := 1; name == "" || c.drawn[name] != "" && n < 10; n++ {
		name = fmt.Sprintf("S%d", n)
	}
	c.told = append(c.told, p.Name+" is server "+name)
	return name
}

// numberIn is the number in a name: Server 2, node-3. 0 if it has none.
func numberIn(words []string) int {
	for _, w := range words {
		if n, ok := number(w); ok && n < 100 {
			return int(n)
		}
	}
	return 0
}

// watch notes who asks the ensemble, and who exchanges servers' messages: deeds count, names help.
func (c *Cast) watch(d *diagram.Diagram) {
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		a, ok := it.(*diagram.Arrow)
		if !ok || a.From == a.To {
			return true
		}
		from, to := c.short[a.From], c.short[a.To]
		switch {
		case serverish(from) && serverish(to) && !purely(c.heads[a.From]) &&
			!purely(c.heads[a.To]) && protocol(diagram.Plain(a.Text)):
			c.talks[a.From], c.talks[a.To] = true, true
		case namesEnsemble(c.heads[a.To]) && !a.Dashed &&
			(!purely(c.heads[a.From]) || purely(c.heads[a.To])):
			c.asks[a.From] = true
		case !a.Dashed && !namesEnsemble(from):
			c.called(a.From, a.To)
		}
		return true
	})
}

// protocol says whether a text names a message between servers.
func protocol(text string) bool {
	words := wordsOf(normal(text))
	at, _, name := find(words, packets)
	switch name {
	case "PING", "SYNC", "REQUEST":
		return false
	case "NOTIFICATION":
		return words[at].is != "notification" || has(words, "vote", "leader", "zxid")
	}
	return at >= 0
}

// kind is what a participant is, by what it does and, where that leaves it open, by its name.
func (c *Cast) kind(p diagram.Participant) RoleKind {
	words := c.heads[p.Name]
	switch {
	case c.talks[p.Name] && !(c.asks[p.Name] && c.pure):
		return RoleServer
	case isServer(p.Name) && !c.asks[p.Name] &&
		(p.Alias == "" || serverish(nameWords(firstLine(p.Label())))):
		return RoleServer
	case isServer(p.Name):
		return RoleClient
	case says(words, otherNames) && !says(words, ensembleNames):
		return RoleOther
	case c.library(p, words):
		return RoleLibrary
	case namesEnsemble(words) && (!c.asks[p.Name] || purely(words)):
		return RoleEnsemble
	}
	return RoleClient
}

// The words of names. Deeds come first: see [Cast.kind].
var (
	ensembleNames = wordSet("zookeeper", "zk", "zookeepers", "zkcluster", "zkensemble",
		"zookeepercluster", "zookeeperensemble", "zks", "zkserver", "zkservers")
	groupNames  = wordSet("ensemble", "cluster")
	clientNames = wordSet("client", "clients", "failover", "zkfc", "curator", "kazoo", "library",
		"lib", "sdk", "driver", "watcher", "latch", "recipe", "session")
	groupsElse = wordSet("app", "application", "worker", "workers", "broker", "brokers", "kafka",
		"user", "consumer", "producer", "hdfs", "namenode", "hadoop", "hbase", "solr", "spark",
		"flink", "k8s", "kubernetes", "database", "db", "storage", "cassandra", "postgres", "mysql")
	otherNames = wordSet("etcd", "consul", "redis", "chubby", "hazelcast", "nacos", "eureka",
		"dynamodb", "memcached", "redlock")
	serverNouns = wordSet("server", "servers", "node", "peer", "zk", "zookeeper", "replica",
		"member",
		"leader", "follower", "observer", "candidate", "participant", "s", "n", "l", "f", "o", "p",
		"peers", "nodes", "followers", "keeper",
		"the", "only", "new", "old", "quorum", "voter", "first", "second", "third", "and", "id",
		"myid", "sid", "prospective", "looking", "elected", "新", "旧", "老", "原")
)

func wordSet(words ...string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

// purely says whether a name is nothing but the ensemble's.
func purely(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool {
		return !ensembleNames[w] && !groupNames[w]
	})
}

// namesEnsemble says whether a name is that of the ensemble as its clients see it.
func namesEnsemble(words []string) bool {
	return !says(words, clientNames) && (says(words, ensembleNames) ||
		says(words, groupNames) && !says(words, groupsElse) && !says(words, otherNames))
}

// says says whether one of the words is in a set.
func says(words []string, set map[string]bool) bool {
	return slices.ContainsFunc(words, func(w string) bool { return set[w] })
}

// serverish says whether a name could be that of a server: Server 2, Leader, F1, ZK3.
func serverish(words []string) bool {
	noun := false
	for _, w := range words {
		noun = noun || serverNouns[w] && len(w) > 1
	}
	for _, w := range words {
		if _, ok := number(w); !ok && !serverNouns[w] && !(noun && len(w) <= 2) {
			return false
		}
	}
	return len(words) > 0
}

// ensemble are the names of the ensemble.
func (c *Cast) ensemble() []string {
	for _, name := range c.Order {
		if c.Roles[name].Kind == RoleEnsemble {
			return []string{name}
		}
	}
	return nil
}

// aside says whether all of some participants are other services, or resources that no line names.
func (c *Cast) aside(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		r := c.Roles[name]
		return r.Kind != RoleOther && !(r.Kind == RoleResource && r.Guessed)
	})
}

// service says whether there is an ensemble or a server to ask.
func (c *Cast) service() bool {
	return slices.ContainsFunc(c.Order, func(name string) bool {
		k := c.Roles[name].Kind
		return k == RoleEnsemble || k == RoleServer
	})
}

// some are the first participants that take part, for an error.
func (c *Cast) some() []string {
	names := c.Playing()
	for i, name := range names {
		names[i] = c.Drawn(name)
		if i == 9 {
			return append(names[:i], "…")
		}
	}
	return names
}

// onlyClient is the client of a note over the ensemble and one client: the note is about it, unless
// it speaks of a leader or of a follower among servers.
func (c *Cast) onlyClient(over []string, front []word) (who string) {
	for _, name := range over {
		switch c.Roles[name].Kind {
		case RoleClient:
			if who != "" {
				return ""
			}
			who = name
		case RoleEnsemble:
		default:
			return ""
		}
	}
	return who
}

// Playing lists the participants that take part, in order of appearance.
func (c *Cast) Playing() []string {
	return slices.DeleteFunc(slices.Clone(c.Order),
		func(name string) bool { return !c.Roles[name].Plays })
}

// Dynamic reports whether only the run shows which servers some participants are.
func (c *Cast) Dynamic() bool {
	return slices.ContainsFunc(c.Order, func(name string) bool {
		r := c.Roles[name]
		return r.Leads || r.Follows > 0
	})
}

func isServer(name string) bool {
	return len(name) == 2 && name[0] == 'S' && name[1] >= '1' && name[1] <= '9'
}

// nameWords are the words of a name and a label, in lower case; digits are words.
func nameWords(label string) []string {
	var words []string
	begin, kind := 0, 0
	flush := func(end int) {
		if kind != 0 {
			words = append(words, strings.ToLower(label[begin:end]))
		}
	}
	for i, r := range label {
		now := 0
		switch {
		case unicode.IsLetter(r) && r > unicode.MaxASCII && !unicode.Is(unicode.Latin, r):
			now = 3
		case unicode.IsLetter(r):
			now = 1
		case unicode.IsDigit(r):
			now = 2
		}
		if now != kind {
			flush(i)
			begin, kind = i, now
		}
	}
	flush(len(label))
	return words
}

// firstLine is a label without a second line, and without what stands in parentheses.
func firstLine(label string) string {
	line, _, _ := strings.Cut(label, "\n")
	line, _, _ = strings.Cut(line, "(")
	return line
}

// labelWords are the words of a label as they stand in a text.
func labelWords(label string) []string {
	var words []string
	for _, w := range wordsOf(normal(label)) {
		words = append(words, w.is)
	}
	return words
}

// articled are words that "a" may be the article of, not the name.
var articled = wordSet("leader", "follower", "server", "client", "node", "broker", "worker",
	"process", "replica", "master", "primary", "machine", "host", "participant", "candidate",
	"network", "new", "long", "gc", "second", "minority", "majority", "quorum")

// named is the participant whose name or label a text begins with, and how many words that is.
func (c *Cast) named(words []word) (name string, n int) {
	if len(words) == 0 {
		return "", 0
	}
	for _, a := range c.alias[strings.TrimSuffix(words[0].is, "'s")] {
		if len(a.words) > n && len(words) >= len(a.words) {
			same := true
			for i, w := range a.words {
				if is := words[i].is; is != w && strings.TrimSuffix(is, "'s") != w {
					same = false
					break
				}
			}
			if same {
				name, n = a.name, len(a.words)
			}
		}
	}
	if n == 0 {
		is := strings.TrimSuffix(words[0].is, "'s")
		who, ok := c.lower[is]
		if is == "a" && (words[0].raw[0] == 'a' || len(words) > 1 && articled[words[1].is]) {
			ok = false // the article
		}
		if ok {
			return who, 1
		}
	}
	return name, n
}
