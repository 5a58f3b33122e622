package why

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
)

// serverTable shows what each server has and does at the end of the fold. A server that looks for a
// leader is shown with its vote, and one that joins a leader with the last message that it got.
func (d *fold) serverTable() [][]string {
	if d.allServe() {
		return nil
	}
	rows := [][]string{{"Server", "Epochs on disk", "Log ends", "On disk", "Applied", "Doing"}}
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
		com := s.Com
		if com == "" {
			com = "-"
		}
		rows = append(rows, []string{name, fmt.Sprintf("acc %d, cur %d", s.Acc, s.Cur), last(s).String(),
			onDisk(s).String(), com, d.doing(s, n)})
	}
	return rows
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
		if s.Role != "leading" && s.Role != "following" && s.Role != "observing" || s.Epoch != first.Epoch ||
			last(s) != last(first) || s.Cur != s.Acc || d.nodes[s.ID].pausedAt > 0 {
			return false
		}
	}
	return first != nil
}

// calmly is the one sentence about servers that all serve.
func (d *fold) calmly() string {
	var all, lag []string
	leader := ""
	var epoch uint32
	most := zxid{}
	for i := range d.state.Nodes {
		s := &d.state.Nodes[i]
		if !serving(s.Kind) {
			continue
		}
		if s.Role == "leading" {
			leader, epoch = s.ID, s.Epoch
		}
		most = later(most, parse(s.Com))
		all = append(all, s.ID)
	}
	for _, id := range all {
		if s := d.state.Find(id); parse(s.Com) != most {
			lag = append(lag, fmt.Sprintf("%s at %s", id, s.Com))
		}
	}
	text := fmt.Sprintf("%s leads epoch %d, and all other servers follow it; applied: %v", leader, epoch, most)
	if len(lag) > 0 {
		text += ", but " + strings.Join(lag, ", ")
	}
	return text
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
		return fmt.Sprintf("LOOKING%s, votes for %v%s", since, n.vote, paused)
	case "syncing":
		phase := strings.TrimPrefix(n.phase, s.ID+" ")
		if n.gotAt < n.since {
			return fmt.Sprintf("%s%s, has heard nothing yet%s", phase, since, paused)
		}
		return fmt.Sprintf("%s%s, last got %s%s", phase, since, n.got, paused)
	case "leading":
		return fmt.Sprintf("leads epoch %d%s%s", s.Epoch, since, paused)
	}
	return fmt.Sprintf("follows %s in epoch %d%s%s", s.Leader, s.Epoch, since, paused)
}

// clientTable shows the clients that are subjects.
func (d *fold) clientTable(s *subjects) [][]string {
	rows := [][]string{{"Client", "State", "Sessions", "Believes", "Waits for"}}
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
			belief = "that it leads or holds"
		}
		rows = append(rows, []string{n.ID, state, d.sessionsText(n.ID), belief, d.waits(n.ID)})
	}
	return rows
}

// sessionsText lists the sessions of a client.
func (d *fold) sessionsText(client string) string {
	var list []string
	for _, id := range d.ids[client] {
		if end, ok := d.closed[id]; ok {
			id += fmt.Sprintf(" (ended by %v)", end)
		}
		list = append(list, id)
	}
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list[max(0, len(list)-2):], ", ")
}

// waits says for which watches a client waits: those that servers have.
func (d *fold) waits(client string) string {
	var list []string
	for i := range d.state.Nodes {
		n := &d.state.Nodes[i]
		for _, w := range n.Watches {
			if path, who, _ := strings.Cut(w, " "); who == client {
				list = append(list, fmt.Sprintf("%s (watch on %s)", path, n.ID))
			}
		}
	}
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list[max(0, len(list)-2):], ", ")
}
