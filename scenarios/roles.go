package scenarios

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/zab"
)

// castRoles finds out which servers the participants Leader and Follower are, which only the run
// can tell.
func (p *player) castRoles() {
	leader := p.e.LeaderName()
	var followers []string
	for _, name := range p.e.ServerNames() {
		if name != leader && p.e.Stands(name, zab.Following) {
			followers = append(followers, name)
		}
	}
	if i := p.spec.Heir() - 1; i >= 0 && i < len(followers) {
		// The next leader is the follower with the largest number: their histories are equal.
		last := len(followers) - 1
		followers[i], followers[last] = followers[last], followers[i]
	}
	p.roles = make(map[string]string)
	for _, name := range p.spec.Cast.Order {
		switch r := p.spec.Cast.Roles[name]; {
		case r.Leads && leader != "":
			p.roles[name] = leader
		case r.Follows > 0 && r.Follows <= len(followers):
			p.roles[name] = followers[r.Follows-1]
		case r.Leads, r.Follows > 0:
			p.roles[name] = "S9" // no such server: no message comes from it
		}
	}
}

// addGuests adds the clients that call a participant Leader or Follower.
func (p *player) addGuests() error {
	for _, name := range p.spec.Cast.Playing() {
		r := p.spec.Cast.Roles[name]
		if r.Kind != script.RoleClient || r.Host == "" {
			continue
		}
		home := p.roles[r.Host]
		if _, err := p.e.AddActor(name, int(home[1]-'0')); err != nil {
			return err
		}
	}
	return nil
}

// cast replaces the participants Leader and Follower in acts by the names of their servers.
func (p *player) cast(acts []*script.Act) []*script.Act {
	if len(p.roles) == 0 {
		return acts
	}
	out := make([]*script.Act, len(acts))
	for i, a := range acts {
		b := *a
		names := strings.Split(a.From, ",")
		for i := range names {
			names[i] = p.role(names[i])
		}
		b.From, b.To = strings.Join(names, ","), p.role(a.To)
		b.Happening.Server = p.role(a.Happening.Server)
		b.Fault.Fault.Who = slices.Clone(a.Fault.Fault.Who)
		for i, who := range b.Fault.Fault.Who {
			b.Fault.Fault.Who[i] = p.role(who)
		}
		if a.Denied != nil {
			b.Denied = p.cast([]*script.Act{a.Denied})[0]
		}
		b.Branches = slices.Clone(a.Branches)
		for i := range b.Branches {
			b.Branches[i].Acts = p.cast(b.Branches[i].Acts)
		}
		out[i] = &b
	}
	return out
}

// role returns the name of the server that a participant is, or the name of the participant.
func (p *player) role(name string) string {
	if server, ok := p.roles[name]; ok {
		return server
	}
	return name
}
