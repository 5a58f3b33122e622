package why

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
)

// serverTable shows what each server has and does at the moment of the failure. A server that looks
// for a leader is shown with its vote, and one that joins a leader with the last message that it
// got. It is nil if all servers serve, or if the failure is one of clients only.
func (d *fold) serverTable(s *subjects) [][]string {
	if d.allServe() || s.outside(d) {
		return nil
	}
	headings := []string{"Server", "Epochs on disk", "Log in memory", "Log on disk", "Tree at",
		"What it does"}
	rows := [][]string{headings}
	for i := range d.state.Nodes {
		s := &d.state.Nodes[i]
		if !serving(s.Kind) {
			continue
		}
		n := d.nodes[s.ID]
		name := s.ID
		if s.Kind == "observer" {
			name += " (observer)"
		}
		accepted, current, tree := s.Acc, s.Cur, s.Com
		if tree == "" {
			tree = "-"
		}
		rows = append(rows, []string{name, fmt.Sprintf("accepted %d, current %d", accepted,
			current),
			history(s), "up to " + onDisk(s).String(), tree, d.doing(s, n)})
	}
	return rows
}

// history says where the log of a server ends. A server whose log is empty has a snapshot only.
func history(s *trace.NodeState) string {
	if k := len(s.Log); k > 0 {
		return "up to " + s.Log[k-1].Z
	}
	if parse(s.Base).e > 0 {
		return "empty, snapshot " + s.Base
	}
	return "empty"
}

// allServe reports whether all servers serve in one epoch, and have the same log.
func (d *fold) allServe() bool {
	var first *trace.NodeState
	for i := range d.state.Nodes {
		s := &d.state.Nodes[i]
		if !serving(s.Kind) {
			continue
		}
		if first == nil {
			first = s
		}
		if s.Role != "leading" && s.Role != "following" && s.Role != "observing" ||
			s.Epoch != first.Epoch ||
			last(s) != last(first) || s.Cur != s.Acc || d.nodes[s.ID].pausedAt > 0 {
			return false
		}
	}
	return first != nil
}

// calmly describes in one sentence what the servers do: who leads with whom.
func (d *fold) calmly() string {
	var list, rest []string
	for i := range d.state.Nodes {
		l := &d.state.Nodes[i]
		if !serving(l.Kind) {
			continue
		}
		if l.Role != "leading" {
			if n := d.state.Find(l.Leader); n == nil || n.Role != "leading" ||
				n.Epoch != l.Epoch || l.Role == "syncing" {
				rest = append(rest, l.ID+" is "+l.Role)
			}
			continue
		}
		var with []string
		for k := range d.state.Nodes {
			if n := &d.state.Nodes[k]; n.ID != l.ID && n.Leader == l.ID &&
				n.Epoch == l.Epoch && n.Role != "syncing" {
				with = append(with, n.ID)
			}
		}
		followers, applied := "nobody", l.Com
		if len(with) > 0 {
			followers = strings.Join(with, ", ")
		}
		list = append(list,
			fmt.Sprintf("%s leads epoch %d (its tree is at zxid %s), followed by %s",
				l.ID, l.Epoch, applied, followers))
	}
	return strings.Join(append(list, rest...), "; ")
}

// doing says for whom or for what a server waits, and since when.
func (d *fold) doing(s *trace.NodeState, n *node) string {
	since := " since " + seconds(n.since)
	paused := ""
	if n.pausedAt > 0 {
		paused = ", paused at " + seconds(n.pausedAt)
	}
	switch s.Role {
	case "down":
		return "down" + since
	case "looking":
		if n.vote.whom == "" {
			return fmt.Sprintf("LOOKING%s, has sent no vote%s", since, paused)
		}
		return fmt.Sprintf("LOOKING%s, votes for %v%s", since, n.vote, paused)
	case "syncing":
		phase := strings.TrimPrefix(n.phase, s.ID+" ")
		if n.gotAt < n.since {
			return fmt.Sprintf("%s%s, no message yet in this phase%s", phase, since, paused)
		}
		return fmt.Sprintf("%s%s, last message: %s%s", phase, since, n.got, paused)
	case "leading":
		return fmt.Sprintf("leads epoch %d%s%s", s.Epoch, since, paused)
	}
	return fmt.Sprintf("follows %s in epoch %d%s%s", s.Leader, s.Epoch, since, paused)
}

// clientTable shows the clients that are subjects.
func (d *fold) clientTable(s *subjects) [][]string {
	headings := []string{"Client", "State", "Sessions", "Belief", "Waits for a change of"}
	rows := [][]string{headings}
	for i := range d.state.Nodes {
		n := &d.state.Nodes[i]
		if n.Kind != "client" || !s.hasNode(n.ID) {
			continue
		}
		state := n.Role
		if n.Server != "" {
			state += " to " + n.Server
		}
		belief := "-"
		if n.Belief {
			belief = d.offices(n.ID)
		}
		rows = append(rows, []string{n.ID, state, d.sessionsText(n.ID), belief, d.waits(n.ID, s)})
	}
	return rows
}

// offices lists what a client's programs believe that they hold.
func (d *fold) offices(client string) string {
	var list []string
	now := d.events[len(d.events)-1].T
	for _, b := range d.clients.record.Beliefs {
		if string(b.Client) == client && b.From <= now && now < b.To && !slices.Contains(list,
			b.Role) {
			list = append(list, b.Role)
		}
	}
	if len(list) == 0 {
		return "believes that it leads, or holds a lock"
	}
	return "believes that it holds " + strings.Join(list, ", ")
}

// sessionsText lists the last sessions of a client.
func (d *fold) sessionsText(client string) string {
	var list []string
	for i, id := range d.ids[client] {
		text := ordinal(i+1) + " " + id
		if end, ok := d.closed[id]; ok {
			text += fmt.Sprintf(" (ended by %v)", end)
		}
		list = append(list, text)
	}
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list[max(0, len(list)-2):], ", ")
}

// waits says for which watches on the subjects a client waits: those that servers have.
func (d *fold) waits(client string, s *subjects) string {
	var list []string
	for i := range d.state.Nodes {
		n := &d.state.Nodes[i]
		for _, w := range n.Watches {
			if path, who, _ := strings.Cut(w, " "); who == client && s.hasPath(path) {
				list = append(list, fmt.Sprintf("%s (watch set on %s)", path, n.ID))
			}
		}
	}
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list[max(0, len(list)-2):], ", ")
}
