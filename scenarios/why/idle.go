package why

import (
	"fmt"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/trace"
)

// gaveUp explains a client that believes that its session is over, although it never had one.
func (d *fold) gaveUp(s *subjects, until int64) *Sign {
	for _, who := range s.nodes {
		n := d.nodes[who]
		if n == nil || n.kind != "client" || !s.speaks(who) {
			continue
		}
		asked, opened, began := 0, 0, int64(0)
		for i := range d.run {
			e := &d.run[i]
			switch {
			case e.T > until || e.N != who:
			case e.K == "boot" || e.K == "restart":
				began = e.T
			case e.K == "send" && e.Msg != nil && e.Msg.Kind == "CONNECT":
				asked++
			case strings.HasSuffix(e.Say, "has a new connection"):
				opened++
			}
		}
		return d.step(lin.Client(who), until, "%s after its start, %s says that its session is "+
			"over. Before this it opened %d connections and asked for a session %d times, but no "+
			"server answered: the client never had a session that could end. It decided by its "+
			"own clock that the session is over, but should have gone on asking.",
			seconds(until-began),
			who, opened, asked)
	}
	return nil
}

// unlogged explains a COMMIT for which a follower that joins has no pending proposal, although the
// proposal is in its log.
func (d *fold) unlogged(n *trace.NodeState, s *subjects, until int64) *Sign {
	for _, z := range s.zxids[:s.named] {
		var got, logged, toDate *trace.Event
		for i := range d.events {
			e := &d.events[i]
			if e.N != n.ID || e.T > until {
				continue
			}
			m := &trace.Message{}
			if e.K == "recv" && e.Cause >= 0 && d.events[e.Cause].Msg != nil {
				m = d.events[e.Cause].Msg
			}
			switch {
			case m.Kind == "PROPOSAL" && m.Z == z.String():
				got, logged, toDate = e, nil, nil
			case m.Kind == "UPTODATE":
				toDate = e
			case got != nil && e.Patch.Log != nil && parse(e.Patch.Log.Z) == z:
				logged = e
			}
		}
		if got == nil || logged == nil || toDate != nil {
			continue
		}
		return stateSign(logged, n.ID, "%s is joining its leader. It got the proposal %v at %s "+
			"and logs it here, before UPTODATE. The COMMIT %v comes at %s, still before "+
			"UPTODATE. At that moment, %v is in the server's log, but no longer in its list of "+
			"proposals that wait for a COMMIT, where it must stay until the COMMIT (rule I4 in "+
			"zab/RULES.md).",
			n.ID, z, seconds(got.T), z, seconds(until), z)
	}
	return nil
}

// silent lists what servers that look for a leader have sent and received in total.
func (d *fold) silent(s *subjects) (list []string) {
	for _, who := range s.nodes {
		n := d.state.Find(who)
		if n == nil || !serving(n.Kind) || n.Role != "looking" || !s.speaks(who) {
			continue
		}
		sent, got, opened, lost := 0, 0, 0, 0
		var to []string
		for i := range d.events {
			e := &d.events[i]
			switch {
			case e.N != who:
			case e.K == "send" && e.Msg != nil && e.Msg.Kind == "NOTIFICATION":
				if sent++; !slices.Contains(to, e.Msg.To) {
					to = append(to, e.Msg.To)
				}
			case e.K == "recv" && e.Cause >= 0 && strings.HasPrefix(d.events[e.Cause].Drawn, "vote for "):
				got++
			case strings.HasSuffix(e.Say, " has a new connection"):
				opened++
			case strings.HasSuffix(e.Say, " loses a connection"):
				lost++
			}
		}
		kind := n.Kind
		if kind == "server" {
			kind = "voter"
		}
		list = append(list, fmt.Sprintf("%s (%s) has been LOOKING since %s. During the run it "+
			"has sent %d votes (%s) and got %d; %d connections with other servers were opened, "+
			"and %d were lost", who, kind,
			brief(d.nodes[who].since), sent, "to "+orNobody(to), got, opened, lost))
	}
	return list
}

func orNobody(list []string) string {
	if len(list) == 0 {
		return "nobody"
	}
	return strings.Join(list, ", ")
}

// hidden says that a check saw a difference which the trace does not show: the trees in the trace
// are equal at the zxid of the check. The named server may reach that zxid only after the failure.
func hidden(f *Failure, s *subjects) []string {
	d := newFold(f.Header)
	for i := range f.Events {
		e := &f.Events[i]
		d.add(e)
		if int64(i) < f.Broke || e.K != "commit" && e.K != "role" {
			continue
		}
		for _, who := range s.nodes {
			n := d.state.Find(who)
			if n == nil || !serving(n.Kind) || n.Role != "following" && n.Role != "observing" {
				continue
			}
			l := d.state.Find(n.Leader)
			if l == nil || l.Com != n.Com || parse(n.Com).less(s.zxids[0]) {
				continue
			}
			if list := compare(l, n, parse(n.Com)); len(list) > 0 {
				return list
			}
			return []string{fmt.Sprintf("at %s (%s) the trees of %s and %s are equal in all that "+
				"the trace shows: nodes, data, versions, czxid, mzxid, owners and sessions. So "+
				"they differ in something that the trace does not show: an ACL or a "+
				"cversion", n.Com,
				seconds(e.T), who, l.ID)}
		}
	}
	return nil
}
