package script

import (
	"slices"
	"strings"
	"unicode"

	"github.com/zablab/zablab/scenarios/diagram"
)

// RoleKind is what a participant of a diagram plays in the lab.
type RoleKind uint8

const (
	RoleClient   RoleKind = iota // everybody else
	RoleServer                   // S1…S9
	RoleEnsemble                 // the ensemble as a client sees it
	RoleResource                 // named by a %% lab: line
)

// Role is one participant.
type Role struct {
	Kind   RoleKind
	Label  string
	Home   int // of a client: the server that its first arrow names, or 0
	Fenced bool
	Plays  bool // declared, or at an end of an arrow: a note alone makes no participant
}

// Cast is who is who in one world.
type Cast struct {
	Roles map[string]Role // for lookups only
	Order []string        // in order of appearance
}

func newCast() *Cast { return &Cast{Roles: make(map[string]Role)} }

// add takes in the participants of a diagram. Those already known keep their role.
func (c *Cast) add(d *diagram.Diagram, resources []resource) {
	for _, p := range d.Participants {
		if _, ok := c.Roles[p.Name]; ok {
			continue
		}
		r := Role{Label: p.Label(), Plays: p.Declared}
		switch {
		case isServer(p.Name):
			r.Kind = RoleServer
		case saysEnsemble(p.Name) || saysEnsemble(r.Label):
			r.Kind = RoleEnsemble
		}
		for _, s := range resources {
			if s.name == p.Name {
				r.Kind, r.Fenced = RoleResource, s.fenced
			}
		}
		c.Roles[p.Name] = r
		c.Order = append(c.Order, p.Name)
	}
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		a, ok := it.(*diagram.Arrow)
		if !ok {
			return true
		}
		from, to := c.Roles[a.From], c.Roles[a.To]
		from.Plays, to.Plays = true, true
		if from.Kind == RoleClient && to.Kind == RoleServer && from.Home == 0 {
			from.Home = int(a.To[1] - '0')
		}
		c.Roles[a.To] = to
		c.Roles[a.From] = from
		return true
	})
}

func (c *Cast) index(name string) int { return slices.Index(c.Order, name) }

// means says whether a word, in lower case, is a participant's name.
func (c *Cast) means(word string) bool {
	for _, name := range c.Order {
		if strings.EqualFold(name, word) {
			return true
		}
	}
	return false
}

// Playing are the participants that take part, in order of appearance.
func (c *Cast) Playing() []string {
	return slices.DeleteFunc(slices.Clone(c.Order),
		func(name string) bool { return !c.Roles[name].Plays })
}

func isServer(name string) bool {
	return len(name) == 2 && name[0] == 'S' && name[1] >= '1' && name[1] <= '9'
}

// saysEnsemble says whether a name or a label is that of the ensemble.
func saysEnsemble(label string) bool {
	words := strings.FieldsFunc(strings.ToLower(label),
		func(r rune) bool { return !unicode.IsLetter(r) })
	for _, w := range words {
		switch w {
		case "zookeeper", "zk", "ensemble", "cluster":
			return true
		}
	}
	return false
}
