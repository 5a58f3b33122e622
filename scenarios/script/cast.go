package scenarios

import (
	"slices"
	"strings"
	"unicode"

	"github.com/zablab/zablab/scenarios/diagram"
)

// roleKind is what a participant of a diagram is in the lab.
type roleKind uint8

const (
	roleClient   roleKind = iota // everybody who is nothing else
	roleServer                   // S1…S9
	roleEnsemble                 // the ensemble as a client sees it
	roleResource                 // named by a directive
)

// role is one participant.
type role struct {
	kind   roleKind
	label  string
	home   int // of a client: the server that its first arrow names; 0 for none
	fenced bool
	plays  bool // it is declared, or at the end of an arrow: a note alone makes nobody
}

// cast is who is who, in one world.
type cast struct {
	roles map[string]role // for lookups only
	order []string        // in order of appearance
}

func newCast() *cast { return &cast{roles: make(map[string]role)} }

// add takes a diagram's participants in. One that is there already stays what it is.
func (c *cast) add(d *diagram.Diagram, resources []resource) {
	for _, p := range d.Participants {
		if _, ok := c.roles[p.Name]; ok {
			continue
		}
		r := role{label: p.Label(), plays: p.Declared}
		switch {
		case isServer(p.Name):
			r.kind = roleServer
		case saysEnsemble(p.Name) || saysEnsemble(r.label):
			r.kind = roleEnsemble
		}
		for _, s := range resources {
			if s.name == p.Name {
				r.kind, r.fenced = roleResource, s.fenced
			}
		}
		c.roles[p.Name] = r
		c.order = append(c.order, p.Name)
	}
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		a, ok := it.(*diagram.Arrow)
		if !ok {
			return true
		}
		from, to := c.roles[a.From], c.roles[a.To]
		from.plays, to.plays = true, true
		if from.kind == roleClient && to.kind == roleServer && from.home == 0 {
			from.home = int(a.To[1] - '0')
		}
		c.roles[a.To] = to
		c.roles[a.From] = from
		return true
	})
}

func (c *cast) index(name string) int { return slices.Index(c.order, name) }

// means says that a word of a text, in lower case, is a participant's name.
func (c *cast) means(word string) bool {
	for _, name := range c.order {
		if strings.EqualFold(name, word) {
			return true
		}
	}
	return false
}

// playing are those who take part, in order of appearance.
func (c *cast) playing() []string {
	return slices.DeleteFunc(slices.Clone(c.order), func(name string) bool { return !c.roles[name].plays })
}

func isServer(name string) bool {
	return len(name) == 2 && name[0] == 'S' && name[1] >= '1' && name[1] <= '9'
}

// saysEnsemble says that a name or a label is ZooKeeper's.
func saysEnsemble(label string) bool {
	words := strings.FieldsFunc(strings.ToLower(label), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, w := range words {
		switch w {
		case "zookeeper", "zk", "ensemble", "cluster":
			return true
		}
	}
	return false
}
