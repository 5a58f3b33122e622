package scenarios

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// castRoles finds out which servers the participants Leader and Follower are, which only the run
// can tell.
func (p *player) castRoles() {
	leader := p.e.LeaderName()
	var followers []string
	for _, name := range p.e.ServerNames()[:p.spec.Stage.Servers] {
		if name != leader && p.e.Stands(name, zab.Following) {
			followers = append(followers, name)
		}
	}
	if i := p.spec.Heir() - 1; i >= 0 && i < len(followers) {
		// The next leader is the follower with the largest number: their histories are equal.
		last := len(followers) - 1
		followers[i], followers[last] = followers[last], followers[i]
	}
	p.roles = p.observers()
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

// observers returns the servers of the participants that are drawn as observers: those with the
// numbers after the voters'.
func (p *player) observers() map[string]string {
	roles := make(map[string]string)
	for _, name := range p.spec.Cast.Order {
		if n := p.spec.Cast.Roles[name].Observes; n > p.spec.Stage.Observers {
			roles[name] = "S9" // no such server
		} else if n > 0 {
			roles[name] = engine.ServerName(zab.ID(p.spec.Stage.Servers + n))
		}
	}
	return roles
}

// addGuests adds the clients that call a participant Leader, Follower or Observer.
func (p *player) addGuests() error {
	for _, name := range p.spec.Cast.Playing() {
		r := p.spec.Cast.Roles[name]
		if r.Kind != script.RoleClient || r.Host == "" {
			continue
		}
		home := int(p.roles[r.Host][1] - '0')
		if home > p.spec.Stage.Servers+p.spec.Stage.Observers {
			home = 0 // no such server
		}
		if _, err := p.e.AddActor(name, home, p.spec.Timeouts[name]); err != nil {
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
		b.Fault.Fault = p.roleFault(a.Fault.Fault)
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

// roleFault returns a fault with the names of servers in place of participants Leader and Follower.
// The other servers of a split are all but those on its first side.
func (p *player) roleFault(f sim.Fault) sim.Fault {
	f.Who = slices.Clone(f.Who)
	for i, who := range f.Who {
		f.Who[i] = p.role(who)
	}
	f.Groups = slices.Clone(f.Groups)
	for i, group := range f.Groups {
		f.Groups[i] = nil
		for _, who := range group {
			who = p.role(who)
			if i == 0 || !slices.Contains(f.Groups[0], who) {
				f.Groups[i] = append(f.Groups[i], who)
			}
		}
	}
	return f
}
