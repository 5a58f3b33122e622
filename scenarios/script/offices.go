package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
)

// office is what a name says that a server is.
type office uint8

const (
	noOffice office = iota
	isLeader
	isFollower
	isObserver
	isHeir // of a leader that is drawn too
)

// officeOf returns the office that the words of a name or a label name.
func officeOf(words []string) office {
	switch {
	case slices.Contains(words, "observer") || slices.Contains(words, "observers") ||
		slices.Contains(words, "o"):
		return isObserver
	case slices.Contains(words, "follower") || slices.Contains(words, "followers") ||
		slices.Contains(words, "f"):
		return isFollower
	case slices.Contains(words, "leader") && says(words, heirWords):
		return isHeir
	case slices.Contains(words, "leader") || slices.Contains(words, "l"):
		return isLeader
	}
	return noOffice
}

// heirWords say of a leader that it does not lead yet.
var heirWords = wordSet("new", "next", "future", "prospective", "successor")

// labelledLeader reports whether a participant S1 to S9 has a label that says that it leads.
func (c *Cast) labelledLeader(p diagram.Participant) bool {
	return isServer(p.Name) && p.Alias != "" && c.officeOf(p) == isLeader
}

// officeOf returns the office of a server according to its name and label. What stands in
// parentheses or on a second line of the label counts if the drawing shows no votes. A new leader,
// next to the old one, is still a follower.
func (c *Cast) officeOf(p diagram.Participant) office {
	o := officeOf(c.short[p.Name])
	if o == noOffice && !c.votes && len(p.Label()) > 2 {
		o = officeOf(c.heads[p.Name])
	}
	if o != isHeir {
		return o
	}
	for _, words := range c.short { // order: any leader counts
		if officeOf(words) == isLeader {
			return isFollower
		}
	}
	return isLeader
}

// server returns the name in the run of a participant that is a server: S1 to S9, by the number in
// its name if there is one. A participant that is drawn as the leader, a follower or an observer
// keeps its drawn name, because only the run shows which server it is; if that is S1 to S9, it gets
// a name that is not a server's.
func (c *Cast) server(p diagram.Participant, r *Role) string {
	o, named := c.officeOf(p), isServer(p.Name)
	switch {
	case named && o == isObserver && p.Alias != "":
	case named && !c.labels:
		return p.Name
	case named && o == noOffice:
		o = isFollower
	}
	var name, says string
	switch o {
	case isLeader:
		r.Leads = true
		says = "is the current leader"
		name = "Leader"
	case isFollower:
		for _, other := range c.Roles { // order: only the greatest counts
			r.Follows = max(r.Follows, other.Follows)
		}
		r.Follows++
		says = fmt.Sprintf("is follower %d", r.Follows)
		name = fmt.Sprintf("Follower%d", r.Follows)
	case isObserver:
		for _, other := range c.Roles { // order: only the greatest counts
			r.Observes = max(r.Observes, other.Observes)
		}
		r.Observes++
		says = fmt.Sprintf("is observer %d", r.Observes)
		name = fmt.Sprintf("Observer%d", r.Observes)
	default:
		return c.numbered(p)
	}
	if !named {
		name = p.Name
	} else {
		says += ", as its label says; the run may give this server a different number"
		if _, taken := c.Roles[name]; taken {
			name = c.free(p.Label(), "Server"+p.Name[1:])
		}
	}
	c.told = append(c.told, p.Name+" "+says)
	return name
}

// numbered returns the name in the run, S1 to S9, of a server without an office.
func (c *Cast) numbered(p diagram.Participant) (name string) {
	if n := numberIn(c.short[p.Name]); n >= 1 && n <= 9 {
		name = fmt.Sprintf("S%d", n)
	}
	for n := 1; name == "" || c.drawn[name] != "" && n < 10; n++ {
		name = fmt.Sprintf("S%d", n)
	}
	c.told = append(c.told, p.Name+" is server "+name)
	return name
}

// votes reports whether a text names a vote.
func votes(text string) bool {
	_, _, name := find(wordsOf(normal(text)), packets)
	return name == "NOTIFICATION" || strings.Contains(strings.ToLower(text), "vote")
}
