package script

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/tree"
)

// Recipe is a program of package tree/client that clients of a document run, as in recipe=race
// /leader A B. The recipe makes the calls of these clients. If the drawing shows such a call, the
// lab does not make it, but checks that the recipe does.
type Recipe struct {
	Name string // a name in [Recipes]
	Path string
	Who  []string
	Pos  diagram.Pos
}

// Recipes are the names of the recipes, and what each recipe does.
var Recipes = []struct{ Name, Says string }{
	{"race", "an election on one ephemeral node: the client that creates it is the leader"},
	{"line", "an election by sequential nodes: each client creates one, and the client with the " +
		"lowest number is the leader"},
	{"primary", "the client holds a lock until its session ends"},
	{"worker", "the client acquires a lock, works for a second, releases the lock, and waits for it again"},
	{"kafka", "Kafka's controller: the client that creates the node is the leader, and " +
		"increments the epoch in a second node, whose path is the same with _epoch appended"},
	{"hbase", "HBase's masters: the active master creates path/master, and each backup master " +
		"creates path/backup-masters/…"},
	{"region-server",
		"HBase's region server: the client creates a node below path/rs, and writes to its " +
			"write-ahead log every second"},
	{"hdfs", "HDFS's active NameNode: the client that holds a lock below the path is the leader; " +
		"a second node, the breadcrumb, says whom the next leader must fence"},
	{"latch", "Curator's LeaderLatch: each client creates a sequential node below the path, and " +
		"the client with the lowest number is the leader"},
	{"selector", "Curator's LeaderSelector: the client that holds a lock below the path is the " +
		"leader"},
	{"lease", "Kubernetes' Lease: a record that the leader renews every 2s"},
	{"etcd", "etcd's Election: the client with the oldest key below the path is the leader"},
}

// recipe reads the value of the setting recipe: a name, a path and clients.
func (d *directives) recipe(s *Script, pos diagram.Pos, text string) {
	words := strings.Fields(text)
	names := make([]string, len(Recipes))
	known := false
	for i, r := range Recipes {
		names[i] = r.Name
		known = known || len(words) > 0 && words[0] == r.Name
	}
	switch {
	case !known:
		s.refuse(pos, "recipe=%s: no such recipe: write one of %s, and then a path and clients, "+
			"as in recipe=race /leader A B", text,
			strings.Join(names, ", "))
	case len(words) < 3:
		s.refuse(pos, "recipe=%s: write a recipe, a path and clients, as in recipe=race "+
			"/leader A B", text)
	case tree.ValidatePath(words[1]) != nil || words[1] == "/":
		s.refuse(pos, "recipe=%s: %s is not the path of a node: write a path like "+
			"/leader", text, words[1])
	default:
		d.recipes = append(d.recipes, Recipe{words[0], words[1], words[2:], pos})
	}
}

// run adds the recipes of a diagram to its world.
func (c *compiler) run(list []Recipe) {
	w := c.scene.world
	for _, r := range list {
		if !c.scene.Fresh {
			c.script.refuse(r.Pos, "recipe=%s: a recipe can start only with a new ensemble, but "+
				"this diagram continues the run of the previous diagram: move recipe=%s to the "+
				"diagram with which the run starts, or add the word fresh to the settings of the "+
				"present diagram", r.Name, r.Name)
			continue
		}
		for i, who := range r.Who {
			r.Who[i] = c.cast.name(who)
			if role, ok := c.cast.Roles[r.Who[i]]; !ok || role.Kind != RoleClient || !role.Plays {
				c.script.refuse(r.Pos, "recipe=%s: %s is not a client: the clients are "+
					"%s", r.Name, who,
					strings.Join(c.cast.clients(), ", "))
			} else if w.Runs(r.Who[i]) {
				c.script.refuse(r.Pos, "recipe=%s: %s already runs a recipe: keep one of the two",
					r.Name, who)
			}
		}
		w.Recipes = append(w.Recipes, r)
	}
}

// clients returns the clients that take part in the run, in order of appearance.
func (c *Cast) clients() []string {
	return slices.DeleteFunc(c.Playing(), func(name string) bool {
		return c.Roles[name].Kind != RoleClient
	})
}

// Runs reports whether a client runs a recipe.
func (w *World) Runs(client string) bool {
	for _, r := range w.Recipes {
		for _, who := range r.Who {
			if who == client {
				return true
			}
		}
	}
	return false
}

// Calling reports whether a drawing of the world shows a call by the given client.
func (w *World) Calling(client string) bool {
	for _, s := range w.Scenes {
		for _, a := range s.Arrows {
			if a.Kind == Call && a.From == client {
				return true
			}
		}
	}
	return false
}

// believes reads a note over a client that runs a recipe. The note says whether the client believes
// that it holds its office, such as a lock. believes returns false for another note.
func (c *compiler) believes(a *Act, over []string, l line) bool {
	if len(over) != 1 || !c.scene.world.Runs(over[0]) || hypothetical(l.words) {
		return false
	}
	at, _, what := find(l.words, beliefs)
	lacks := notLeading.in(l.words)
	if at, _, _ := find(l.words, leading); at >= 0 && denied(l.words, at) {
		lacks = true
	}
	if lacks {
		what = BeginsToLead
	} else if at < 0 {
		return false
	}
	a.Kind, a.Happening = Happening, Occurrence{What: what, Client: over[0]}
	if lacks || denied(l.words, at) {
		a.deny()
	}
	return true
}

// notLeading are phrases that say that a client does not lead.
var notLeading = lexiconOf([]string{"is not leader", "is not the leader", "isn't leader",
	"isn't the leader", "is not primary", "is not the primary", "not the leader"})

// leading are phrases that follow a negation, in a note that says that a client does not lead or
// hold a lock: does not become leader.
var leading = lexiconOf([]string{"become leader", "become the leader", "lead", "be leader",
	"be the leader", "become primary", "hold the lock", "get the lock", "have the lock",
	"start leading"})

// beliefs are phrases by which a note says that a client leads or holds a lock, or no longer does.
var beliefs = newLexicon([]phrase[OccurrenceKind]{
	{"leads", BeginsToLead}, {"is leader", BeginsToLead}, {"is the leader", BeginsToLead},
	{"becomes leader", BeginsToLead}, {"becomes the leader", BeginsToLead},
	{"holds the lock", BeginsToLead}, {"has the lock", BeginsToLead},
	{"is primary", BeginsToLead}, {"is the primary", BeginsToLead}, {"i lead", BeginsToLead},
	{"believes it leads", BeginsToLead}, {"starts leading", BeginsToLead},
	{"steps down", StopsLeading}, {"stops leading", StopsLeading}, {"resigns", StopsLeading},
	{"loses leadership", StopsLeading}, {"releases the lock", StopsLeading},
	{"is no longer leader", StopsLeading}, {"no longer leads", StopsLeading},
})
