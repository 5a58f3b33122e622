package script

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/zablab/zablab/scenarios/diagram"
)

// RoleKind is the role of a participant: client, server, ensemble, and so on.
type RoleKind uint8

const (
	RoleClient   RoleKind = iota // a client: every participant without another role
	RoleServer                   // S1 to S9, and participants that exchange messages of servers
	RoleEnsemble                 // the whole ensemble, as clients see it
	RoleResource                 // a service outside the ensemble, from a "%% lab:" line
	RoleLibrary                  // a library, which runs in the clients that use it
	RoleOther                    // another service, such as etcd or Redis, which is not simulated
)

// Role describes one participant: the kind of its role, and what the document says of it, such as
// its home server.
type Role struct {
	Kind   RoleKind
	Label  string
	Home   int    // of a client: number of the server that its first arrow names, or 0
	Host   string // of a client: that server's name, if only the run shows its number
	Fenced bool
	// Guessed is true for a resource that no setting names, because its arrows show tokens: only
	// its writes and their answers are played.
	Guessed bool
	Plays   bool // declared, or at an end of an arrow: a note alone makes no participant
	// Declared is true for a participant that a line of its own declares.
	Declared bool

	Part bool // of the ensemble: a participant that stands for a part of it, as Watch Manager does

	Leads    bool // of a server: drawn as the current leader
	Follows  int  // of a server: drawn as follower 1, 2, …; 0 for other servers
	Observes int  // of a server: drawn as observer 1, 2, …; 0 for other servers
}

// Cast has the participants of one world and their roles. It identifies a participant by its name
// in the run, which may differ from its name in the drawing.
type Cast struct {
	Roles map[string]Role // for lookups only
	Order []string        // in order of appearance

	plays     map[string]string   // name in the run, by drawn name
	drawn     map[string]string   // drawn name, by name in the run, if they differ
	lower     map[string]string   // name in the run, by drawn name in lower case
	alias     map[string][]alias  // labels, by their first word
	index     map[string]int      // index in Order, by name in the run
	told      []string            // notices about names, for the reader
	pure      bool                // a participant has no name but ZooKeeper's
	zookeeper bool                // a participant is called ZooKeeper, not only a cluster
	asks      map[string]bool     // drawn names with an arrow to the ensemble
	hears     map[string]bool     // drawn names with an arrow from the ensemble
	meets     map[string]bool     // drawn names with an arrow to or from others
	talks     map[string]bool     // drawn names that exchange messages of servers
	heads     map[string][]string // words of a name and its label, by drawn name
	short     map[string][]string // words of the label's first line without parentheses
	callers   map[string][]string // the callers of a participant, all by drawn name
	beats     [][2]string         // drawn names between which heartbeats are drawn
	strict    bool
	StandIn   string          // the drawn name of the service that is played as ZooKeeper, or ""
	votes     bool            // a drawing shows votes
	labels    bool            // the labels of S1 to S9 say which of them leads
	nodes     map[string]bool // drawn names of participants that stand for nodes of the tree
	znodes    map[string]bool // those whose label is the path of such a node
	writers   map[string]bool // drawn names of servers that only write to such nodes
}

// alias is the words of a label, and the name of its participant in the run.
type alias struct {
	words []string
	name  string
}

func newCast() *Cast {
	return &Cast{Roles: make(map[string]Role), plays: make(map[string]string),
		drawn: make(map[string]string), lower: make(map[string]string),
		index: make(map[string]int), asks: make(map[string]bool), talks: make(map[string]bool),
		nodes: make(map[string]bool), znodes: make(map[string]bool),
		writers: make(map[string]bool),
		hears:   make(map[string]bool), meets: make(map[string]bool),
		callers: make(map[string][]string), short: make(map[string][]string),
		heads: make(map[string][]string), alias: make(map[string][]alias)}
}

// Drawn takes the name of a participant in the run, and returns its name in the drawing.
func (c *Cast) Drawn(name string) string {
	if d, ok := c.drawn[name]; ok {
		return d
	}
	return name
}

// role returns the role of the participant with this drawn name.
func (c *Cast) role(drawn string) Role { return c.Roles[c.name(drawn)] }

// name returns the name in the run of the participant with this drawn name.
func (c *Cast) name(drawn string) string {
	if n, ok := c.plays[drawn]; ok {
		return n
	}
	return drawn
}

// add adds the participants of a diagram. Participants of an earlier diagram keep their roles.
func (c *Cast) add(d *diagram.Diagram, resources []resource, strict bool) {
	var fresh []diagram.Participant
	for _, p := range d.Participants {
		if _, ok := c.plays[p.Name]; !ok {
			fresh = append(fresh, p)
			c.heads[p.Name] = nameWords(p.Name + " " + p.Label())
			c.short[p.Name] = nameWords(p.Name + " " + firstLine(p.Label()))
		}
	}
	if !strict {
		c.standsIn(d, fresh)
	}
	for _, p := range d.Participants {
		c.pure = c.pure || purely(c.heads[p.Name])
		c.zookeeper = c.zookeeper || !strict && says(c.heads[p.Name], ensembleNames) &&
			!says(c.heads[p.Name], clientNames)
	}
	c.strict = strict
	c.watch(d)
	guarded := map[string]bool{}
	if !strict {
		guarded = c.guarded(d)
		c.labels = c.labels || !c.votes && slices.ContainsFunc(fresh, c.labelledLeader)
	}
	for _, p := range fresh {
		r := Role{Kind: c.kind(p), Label: p.Label(), Plays: p.Declared, Declared: p.Declared}
		r.Part = r.Kind == RoleEnsemble && !strict && c.part(p, c.heads[p.Name])
		if r.Part && c.isNode(p) {
			c.told = append(c.told, fmt.Sprintf("%s is played as ZooKeeper, because the drawing has no "+
				"ZooKeeper", p.Name))
		}
		for _, s := range resources {
			if s.name == p.Name {
				r.Kind, r.Fenced = RoleResource, s.fenced
			}
		}
		if fences, ok := guarded[p.Name]; ok && r.Kind == RoleClient {
			r.Kind, r.Fenced, r.Guessed = RoleResource, fences, true
			c.told = append(c.told, fmt.Sprintf("%s accepts writes with tokens, so it is a "+
				"resource, as if the diagram had a line %%%% lab: resource=%s%s", p.Name, p.Name,
				map[bool]string{true: " fenced"}[fences]))
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

// enter adds a participant with its role and its name in the run.
func (c *Cast) enter(p diagram.Participant, r Role) {
	name := p.Name
	switch {
	case r.Kind == RoleServer:
		name = c.server(p, &r)
	case isServer(p.Name):
		if r.Kind != RoleClient {
			name = c.free(p.Label(), "Other"+p.Name[1:])
			break
		}
		name = c.free(p.Label(), "Client"+p.Name[1:])
		c.told = append(c.told, fmt.Sprintf("%s is a client, named %s in the run, because S1 to S9 "+
			"are names of servers", p.Name, name))
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

// free returns a name in the run for a participant whose drawn name, such as S1, is that of another
// server: its label, or else the given name.
func (c *Cast) free(label, other string) string {
	name := strings.Map(func(r rune) rune {
		if r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return -1
	}, label)
	if _, taken := c.Roles[name]; taken || len(name) < 2 || len(name) > 12 || isServer(name) ||
		name[0] < 'A' {
		name = other
	}
	return name
}

// numberIn returns the number in a name such as "Server 2" or "node-3", or 0.
func numberIn(words []string) int {
	for _, w := range words {
		if n, ok := number(w); ok && n < 100 {
			return int(n)
		}
	}
	return 0
}

// watch finds out from the arrows of a diagram who calls the ensemble, and who exchanges messages
// of servers.
func (c *Cast) watch(d *diagram.Diagram) {
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		a, ok := it.(*diagram.Arrow)
		if !ok || a.From == a.To {
			return true
		}
		from, to := c.short[a.From], c.short[a.To]
		switch toIt := c.namesEnsemble(c.heads[a.To]); {
		case c.strict:
		case c.namesEnsemble(c.heads[a.From]):
			c.hears[a.To] = true
		case toIt && a.Head == diagram.HeadCross:
			c.hears[a.From] = true
		case !toIt:
			c.meets[a.From], c.meets[a.To] = true, true
		}
		switch {
		case serverish(from) && serverish(to) && !purely(c.heads[a.From]) &&
			!purely(c.heads[a.To]) && (protocol(diagram.Plain(a.Text)) || !c.strict &&
			inOffice(from) && inOffice(to)):
			c.talks[a.From], c.talks[a.To] = true, true
			c.votes = c.votes || votes(diagram.Plain(a.Text))
		case leads(from) != leads(to) && follows(from) != follows(to) && pings(a.Text):
			c.beats = append(c.beats, [2]string{a.From, a.To})
		case c.namesEnsemble(c.heads[a.To]) && !a.Dashed &&
			(!purely(c.heads[a.From]) || purely(c.heads[a.To])):
			c.asks[a.From] = true
		case !a.Dashed && !c.namesEnsemble(from):
			c.called(a.From, a.To)
			if !c.strict && overHTTP(a.Text) {
				c.znodes[a.To] = false
			} else if _, known := c.znodes[a.To]; !c.strict && !known && c.isPath(d, a) {
				c.znodes[a.To] = true
			}
			if says(to, treeNames) && writesNode(diagram.Plain(a.Text)) {
				c.nodes[a.To] = true
			}
		}
		return true
	})
	if len(c.znodes) > 0 && slices.ContainsFunc(d.Participants, func(p diagram.Participant) bool {
		return c.serves(p) && !c.writesNodes(d, p)
	}) {
		clear(c.znodes)
	}
	for _, pair := range c.beats { // between a leader and its followers, if one is known as a server
		if c.talks[pair[0]] != c.talks[pair[1]] {
			c.talks[pair[0]], c.talks[pair[1]] = true, true
		}
	}
}

// inOffice reports whether a name is that of a server with its office: ZooKeeper Observer.
func inOffice(words []string) bool {
	return says(words, ensembleNames) && officeOf(words) != noOffice
}

// isPath reports whether the text of an arrow has the name of its target as a path: create /clock,
// to the participant Clock.
func (c *Cast) isPath(d *diagram.Diagram, a *diagram.Arrow) bool {
	p, ok := d.Participant(a.To)
	label := strings.TrimPrefix(firstLine(p.Label()), "/")
	_, rest, found := strings.Cut(a.Text, "/"+label)
	if !ok || !found || len(label) < 4 || strings.ContainsAny(label, " /") {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return r == utf8.RuneError || !strings.ContainsRune("/-_.", r) && (r > unicode.MaxASCII ||
		!unicode.IsLetter(r) && !unicode.IsDigit(r))
}

// serves reports whether the name of a participant is that of an ensemble, of a server, or of another
// service, so that no other participant is played as ZooKeeper.
func (c *Cast) serves(p diagram.Participant) bool {
	words := c.heads[p.Name]
	return c.namesEnsemble(words) || says(words, otherNames) || isServer(p.Name) ||
		officeOf(c.short[p.Name]) != noOffice || c.role(p.Name).Kind == RoleEnsemble ||
		c.role(p.Name).Kind == RoleServer
}

// writesNodes reports whether a participant with the name of a server only speaks to participants
// that stand for nodes, and nobody speaks to it: it is drawn as their writer.
func (c *Cast) writesNodes(d *diagram.Diagram, p diagram.Participant) bool {
	writes, other := false, c.strict
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		if a, ok := it.(*diagram.Arrow); ok && a.From != a.To {
			writes = writes || a.From == p.Name && c.znodes[a.To]
			other = other || a.To == p.Name && !c.znodes[a.From] || a.From == p.Name && !c.znodes[a.To]
		}
		return true
	})
	if writes && !other {
		c.writers[p.Name] = true
	}
	return writes && !other
}

// overHTTP reports whether the text of an arrow has a method of HTTP before a path: GET /orders.
func overHTTP(text string) bool {
	front, _, _ := strings.Cut(text, "/")
	return slices.ContainsFunc(strings.Fields(front), func(w string) bool {
		switch strings.Trim(w, "`\"'(:") {
		case "GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", "HTTP", "HTTPS":
			return true
		}
		return false
	})
}

// serverParts are words in the name of a part of a server that a drawing shows beside it: Data Tree,
// transaction log.
var serverParts, partWords = wordSet("tree", "datatree", "log", "logs", "wal", "disk", "snapshot",
	"snapshots", "memory", "zkdatabase", "journal"), wordSet("data", "in", "transaction", "txn",
	"transactions", "commit", "committed", "write", "ahead", "state", "local", "database", "db", "the",
	"file", "files", "storage", "stable", "zk", "zookeeper", "znode")

// serverClasses are names of classes inside ZooKeeper's servers. A drawing of them is about the inside
// of one server.
var serverClasses = wordSet("servercnxn", "nioservercnxn", "nettyservercnxn", "servercnxnfactory",
	"nioservercnxnfactory", "nettyservercnxnfactory", "sessiontracker", "sessiontrackerimpl",
	"datatree", "zkdatabase", "preprequestprocessor", "syncrequestprocessor",
	"finalrequestprocessor", "commitprocessor", "proposalrequestprocessor", "ackrequestprocessor",
	"leaderrequestprocessor", "followerrequestprocessor", "observerrequestprocessor",
	"sendackrequestprocessor", "tobeappliedrequestprocessor", "requestprocessor", "learnerhandler",
	"quorumcnxmanager", "filetxnsnaplog", "filetxnlog", "filesnap")

// processorNouns are words for what processes requests inside a server: request pipeline.
var processorNouns = wordSet("pipeline", "processor", "processors")

// stored reports whether a participant is a part of a server, in a drawing that shows servers. It
// sends and gets no messages.
func (c *Cast) stored(p diagram.Participant) bool {
	words := nameWords(firstLine(p.Label()))
	if label := nameWords(p.Name + " " + p.Label()); !c.strict && (says(label, serverClasses) ||
		!c.asks[p.Name] && says(label, processorNouns) && slices.Contains(label, "request")) {
		return true
	}
	return !c.strict && len(c.talks) > 0 && !c.asks[p.Name] && says(words, serverParts) &&
		!slices.ContainsFunc(words, func(w string) bool { return !serverParts[w] && !partWords[w] })
}

// treeNames are words in the name of a participant that may stand for nodes of the tree.
var treeNames = wordSet("node", "nodes", "znode", "znodes", "tree", "namespace", "path")

// writesNode reports whether a text says that a node of ZooKeeper is written or read.
func writesNode(text string) bool {
	words := wordsOf(normal(text))
	return calls.in(words) && has(words, "znode", "znodes", "zk node", "zk nodes", "zookeeper node",
		"zookeeper nodes")
}

// part reports whether a participant stands for a part of the ensemble.
func (c *Cast) part(p diagram.Participant, words []string) bool {
	return c.pure && c.nodes[p.Name] && !c.asks[p.Name] || c.relays(p, words) || c.isNode(p)
}

// isNode reports whether a participant stands for a node of the tree in a drawing without ZooKeeper.
func (c *Cast) isNode(p diagram.Participant) bool {
	return c.znodes[p.Name] && !c.asks[p.Name] && len(c.talks) == 0
}

// relays reports whether a participant passes the ensemble's notifications on, and asks for
// nothing: Watch Manager. It is a part of the ensemble.
func (c *Cast) relays(p diagram.Participant, words []string) bool {
	if c.asks[p.Name] || len(c.callers[p.Name]) > 0 || !c.pure {
		return false
	}
	watch := false
	for _, w := range words {
		switch w {
		case "watch", "watcher", "watches", "watchers", "notification", "notifications":
			watch = true
		case "manager", "event", "events", "mechanism", "service", "zk", "zookeeper", "w", "通知":
		default:
			return false
		}
	}
	return watch
}

// leads and follows report whether a name is that of a leader, or of a follower.
func leads(words []string) bool   { return slices.Contains(words, "leader") }
func follows(words []string) bool { return slices.Contains(words, "follower") }

// pings reports whether a text says that one server shows another that it is alive.
func pings(text string) bool {
	words := wordsOf(normal(diagram.Plain(text)))
	return has(words, "heartbeat", "heartbeats", "ping", "pings", "pong")
}

// unglued sets a blank between a Latin word and the letters of another script that follow it, as in
// languages that are written without blanks.
func unglued(text string) string {
	var b strings.Builder
	last := 0
	for i, r := range text {
		if i > 0 && r > unicode.MaxASCII && unicode.IsLetter(r) && (text[i-1] >= 'A' && text[i-1] <= 'Z' ||
			text[i-1] >= 'a' && text[i-1] <= 'z') {
			b.WriteString(text[last:i] + " ")
			last = i
		}
	}
	if last == 0 {
		return text
	}
	b.WriteString(text[last:])
	return b.String()
}

// protocol reports whether a text names a message between servers.
func protocol(text string) bool {
	words := wordsOf(unglued(normal(text)))
	at, _, name := find(words, packets)
	switch name {
	case "PING", "SYNC", "REQUEST":
		return false
	case "NOTIFICATION":
		return words[at].is != "notification" || has(words, "vote", "leader", "zxid")
	}
	return at >= 0
}

// kind returns the role of a participant. Its arrows decide; if they do not, its name does.
func (c *Cast) kind(p diagram.Participant) RoleKind {
	words := c.heads[p.Name]
	switch {
	case c.writers[p.Name] && len(c.znodes) > 0:
		return RoleClient
	case c.talks[p.Name] && !(c.asks[p.Name] && c.pure):
		return RoleServer
	case len(c.talks) > 0 && !c.asks[p.Name] && officeOf(c.short[p.Name]) != noOffice &&
		serverish(c.short[p.Name]):
		return RoleServer
	case p.Name == "S3" && !p.Declared && c.pure && len(c.callers["S3"]) > 0 &&
		c.heads["S1"] == nil && c.heads["S2"] == nil: // the storage service
		return RoleOther
	case isServer(p.Name) && !c.asks[p.Name] && !(c.pure && c.hears[p.Name] && len(c.talks) == 0) &&
		(p.Alias == "" || serverish(nameWords(firstLine(p.Label())))):
		return RoleServer
	case isServer(p.Name):
		return RoleClient
	case c.stored(p):
		return RoleOther
	case c.part(p, words):
		return RoleEnsemble
	case says(words, otherNames) && !says(words, ensembleNames):
		return RoleOther
	case c.library(p, words):
		return RoleLibrary
	case c.namesEnsemble(words) && (!c.asks[p.Name] || purely(words)):
		return RoleEnsemble
	}
	return RoleClient
}

// The words in names that suggest a role. Arrows come first: see [Cast.kind].
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
		"the", "only", "other", "others", "connected", "remaining", "new", "old", "quorum", "voter",
		"first", "second", "third", "and", "id",
		"myid", "sid", "prospective", "looking", "elected", "zab", "current", "ensemble", "新", "旧",
		"老", "原")
)

func wordSet(words ...string) map[string]bool {
	set := make(map[string]bool, len(words))
	for _, w := range words {
		set[w] = true
	}
	return set
}

// purely reports whether all words of a name are names of the ensemble.
func purely(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool {
		return !ensembleNames[w] && !groupNames[w]
	})
}

// namesEnsemble reports whether a name names the ensemble as clients see it. Where a participant is
// called ZooKeeper, another cluster is none of it.
func (c *Cast) namesEnsemble(words []string) bool {
	return !says(words, clientNames) && (says(words, ensembleNames) ||
		!c.zookeeper && says(words, groupNames) && !says(words, groupsElse) &&
			!says(words, otherNames))
}

// says reports whether one of the words is in a set.
func says(words []string, set map[string]bool) bool {
	return slices.ContainsFunc(words, func(w string) bool { return set[w] })
}

// serverish reports whether a name could be a server's: Server 2, Leader, F1, ZK3.
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

// ensemble returns the name of the ensemble as a list, empty if the drawing has no ensemble.
func (c *Cast) ensemble() []string {
	for _, part := range []bool{false, true} {
		for _, name := range c.Order {
			if r := c.Roles[name]; r.Kind == RoleEnsemble && r.Part == part {
				return []string{name}
			}
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

// service reports whether the drawing has an ensemble or a server that clients can call.
func (c *Cast) service() bool {
	return slices.ContainsFunc(c.Order, func(name string) bool {
		k := c.Roles[name].Kind
		return k == RoleEnsemble || k == RoleServer
	})
}

// nobody reports whether a participant is a cross at the end of an arrow that Mermaid takes for a
// name: A->>X: crash. It is neither declared nor does it have a label.
func (c *Cast) nobody(name string) bool {
	r := c.Roles[name]
	return strings.ToLower(c.Drawn(name)) == "x" && !r.Declared && r.Kind == RoleClient
}

// acts reports whether a note can be about what its client does: a client that only notes show
// takes part in nothing.
func (c *Cast) acts(over []string) bool {
	return !slices.ContainsFunc(over, func(name string) bool {
		r := c.Roles[name]
		return r.Kind == RoleClient && !r.Plays
	})
}

// elsewhere reports whether a drawing without ZooKeeper shows another service in its place: etcd.
func (c *Cast) elsewhere() bool {
	return !c.service() && slices.ContainsFunc(c.Order, func(name string) bool {
		return c.Roles[name].Kind == RoleOther && says(nameWords(c.Drawn(name)+" "+c.Roles[name].Label),
			otherNames)
	})
}

// some returns the drawn names of up to nine participants, for an error.
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

// onlyClient returns the client of a note over one client and perhaps the ensemble: such a note is
// about the client. It returns "" for another note.
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

// Playing returns the participants that take part in the run, in order of appearance.
func (c *Cast) Playing() []string {
	return slices.DeleteFunc(slices.Clone(c.Order),
		func(name string) bool { return !c.Roles[name].Plays })
}

// Dynamic reports whether any participant is drawn as the leader or as a follower, so that only the
// run shows which server it is.
func (c *Cast) Dynamic() bool {
	return slices.ContainsFunc(c.Order, func(name string) bool {
		r := c.Roles[name]
		return r.Leads || r.Follows > 0
	})
}

func isServer(name string) bool {
	return len(name) == 2 && name[0] == 'S' && name[1] >= '1' && name[1] <= '9'
}

// nameWords returns the words of a name or label in lower case. A number is a word of its own.
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

// firstLine returns the first line of a label, without text in parentheses.
func firstLine(label string) string {
	line, _, _ := strings.Cut(label, "\n")
	line, _, _ = strings.Cut(line, "(")
	return line
}

// labelWords returns the words of a label, split as words of a text are.
func labelWords(label string) []string {
	var words []string
	for _, w := range wordsOf(normal(label)) {
		words = append(words, w.is)
	}
	return words
}

// articled are nouns before which "a" is an article, not participant A.
var articled = wordSet("leader", "follower", "server", "client", "node", "broker", "worker",
	"process", "replica", "master", "primary", "machine", "host", "participant", "candidate",
	"network", "new", "long", "gc", "second", "minority", "majority", "quorum")

// named returns the participant with whose name or label a text begins, and the number of words in
// that name.
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
			ok = false // "a" is the article
		}
		if ok {
			return who, 1
		}
	}
	return name, n
}

// bystander reports whether a client has arrows to others, but none to or from the ensemble: it has
// no session.
func (c *compiler) bystander(name string) bool {
	d := c.cast.Drawn(name)
	return !c.script.strict && c.cast.Roles[name].Kind == RoleClient && c.cast.meets[d] &&
		!c.cast.asks[d] && !c.cast.hears[d] && c.asked[name] == nil && c.cast.service()
}
