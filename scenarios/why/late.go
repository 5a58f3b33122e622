package why

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
)

// untold finds the first wrong step of a server where no sign has shown it: the step that made the
// state that the check found wrong.
func (d *fold) untold(f *Failure, s *subjects) *Sign {
	for _, name := range s.nodes {
		n := d.state.Find(name)
		if n == nil || !serving(n.Kind) || !s.speaks(name) {
			continue
		}
		var g *Sign
		switch f.Property {
		case "VoteTruth":
			if g = d.keeps(n, f); g == nil {
				g = d.knows(n, s, f)
			}
		case "AckedDurable":
			g = d.rewritten(n, s)
		case "commitInconsistent", "proposalInconsistent":
			if g = d.dropped(n, s); g == nil {
				g = d.unlogged(n, s, f.Events[f.Broke].T)
			}
		case "StateAtZxid", "DurableAtRest", "LogContiguous":
			g = d.hollow(n)
		}
		if g != nil {
			return g
		}
	}
	return nil
}

func stateSign(e *trace.Event, who, format string, args ...any) *Sign {
	return &Sign{Kind: "state", At: e.T, Step: e.I, who: []string{who},
		Text: fmt.Sprintf(format, args...)}
}

// keeps finds a server that votes while its log writer still has records of the role that has
// ended.
func (d *fold) keeps(n *trace.NodeState, f *Failure) *Sign {
	disk := onDisk(n)
	for i := range n.Log {
		if z := parse(n.Log[i].Z); disk.less(z) {
			e := d.took(n.ID, "looking")
			if e == nil {
				e = &f.Events[f.Broke]
			}
			return stateSign(e, n.ID, "%s becomes LOOKING while its log writer still holds the "+
				"transactions %v to %v, which are not on its disk. The server votes with the "+
				"last zxid on its disk (%v), but its log in memory ends at %v: before it voted, "+
				"it should have written these transactions or dropped them.", n.ID, z, last(n),
				disk, last(n))
		}
	}
	return nil
}

// took is the event with which a server took its present role, or nil.
func (d *fold) took(who, role string) *trace.Event {
	for i := len(d.events) - 1; i >= 0; i-- {
		if e := &d.events[i]; e.N == who && e.Patch.Role != "" {
			if e.Patch.Role == role {
				return e
			}
			return nil
		}
	}
	return nil
}

// knows finds a server that votes with a zxid that is not in its log.
func (d *fold) knows(n *trace.NodeState, s *subjects, f *Failure) *Sign {
	for _, z := range s.zxids[:s.named] {
		if holds(n, z) {
			continue
		}
		for i := len(d.events) - 1; i >= 0; i-- {
			e := &d.events[i]
			if e.N != n.ID || e.K != "recv" || e.Cause < 0 || zxidAt(d.events, e) != z {
				continue
			}
			m := d.events[e.Cause].Msg
			switch m.Kind {
			case "PING", "NOTIFICATION", "REQUEST", "ACK":
				continue
			}
			text := fmt.Sprintf("%s knows the zxid %v from a message: the last message with this "+
				"zxid was the %s from %s. At %s, after %[1]s has lost its leader, it votes with "+
				"that zxid, although its log does not contain it.", n.ID, z,
				m.Kind, d.events[e.Cause].N, seconds(f.Events[f.Broke].T))
			switch applied := n.Com; {
			case m.Kind == "SNAP" && !d.installed(n.ID, e.I) && applied == "":
				text += fmt.Sprintf(" The server never installed the snapshot: the log on its "+
					"disk "+
					"still ends at %v, and it has dropped its tree.", last(n))
			case m.Kind == "SNAP" && !d.installed(n.ID, e.I):
				text += fmt.Sprintf(" The server never installed the snapshot: the log on its "+
					"disk "+
					"still ends at %v, and its tree is at %s.", last(n), applied)
			case m.Kind == "DIFF" || m.Kind == "NEWLEADER":
				text += fmt.Sprintf(" But it has received transactions only up to %v.", last(n))
			}
			return stateSign(e, n.ID, "%s", text)
		}
	}
	return nil
}

// installed reports whether a server has installed a snapshot after a step.
func (d *fold) installed(who string, from int64) bool {
	for i := from; i < int64(len(d.events)); i++ {
		if e := &d.events[i]; e.N == who && e.Patch.Reload != nil && e.Why == "snap" {
			return true
		}
	}
	return false
}

// rewritten finds a server that wrote records after a TRUNC that its disk does not show.
func (d *fold) rewritten(n *trace.NodeState, s *subjects) *Sign {
	for i := len(d.events) - 1; i >= 0; i-- {
		e := &d.events[i]
		if e.N != n.ID || e.Patch.Trunc == nil {
			continue
		}
		from := d.removed(n.ID, int64(i))
		for k := i + 1; k < len(d.events); k++ {
			if o := &d.events[k]; o.N == n.ID && o.Patch.Log != nil {
				return stateSign(o, n.ID, "At %[4]s, %[1]s truncated its log after %[3]s%[5]s. "+
					"Now it writes %[2]s to the log. The write succeeds, but a restart finds "+
					"nothing after %[3]s in the log: so the server did not write the transaction "+
					"at the point where TRUNC cut the log (rule D7 in "+
					"zab/RULES.md).", n.ID, o.Patch.Log.Z, *e.Patch.Trunc, seconds(e.T), from,
					*e.Patch.Trunc)
			}
		}
		return nil
	}
	return nil
}

// removed says which records a TRUNC removed.
func (d *fold) removed(who string, step int64) string {
	cut := parse(*d.events[step].Patch.Trunc)
	var end zxid
	for i := range step {
		e := &d.events[i]
		if e.N != who {
			continue
		}
		switch {
		case e.Patch.Log != nil:
			end = parse(e.Patch.Log.Z)
		case e.Patch.Reload != nil:
			end = parse(e.Patch.Reload.Base)
			if k := len(e.Patch.Reload.Records); k > 0 {
				end = parse(e.Patch.Reload.Records[k-1].Z)
			}
		}
	}
	if cut.less(end) {
		return fmt.Sprintf(" (the log ended at %v)", end)
	}
	return " (the log already ended there)"
}

// dropped finds a follower that received a proposal while it joined, and has neither logged nor
// kept it.
func (d *fold) dropped(n *trace.NodeState, s *subjects) *Sign {
	for _, z := range s.zxids[:s.named] {
		var got, done *trace.Event
		for i := range d.events {
			e := &d.events[i]
			if e.N != n.ID {
				continue
			}
			switch {
			case e.K == "recv" && e.Cause >= 0 && d.events[e.Cause].Msg != nil &&
				d.events[e.Cause].Msg.Z == z.String() &&
				d.events[e.Cause].Msg.Kind == "PROPOSAL":
				got, done = e, nil
			case e.Patch.Log != nil && parse(e.Patch.Log.Z) == z:
				got = nil
			case got != nil && done == nil && e.K == "send" && e.Msg != nil &&
				e.Msg.Kind == "ACK" && parse(e.Msg.Z).c == 0:
				done = e
			}
		}
		if got != nil && done != nil {
			return stateSign(done, n.ID, "%s acks NEWLEADER %s. Before that, at %[4]s, it "+
				"received the PROPOSAL %[3]v, without its COMMIT. Now %[5]v is neither in its "+
				"log, which ends at %[6]v, nor in its list of proposals that wait for a COMMIT: "+
				"the server has dropped the proposal, and the later COMMIT will not find it "+
				"(rule I4 in zab/RULES.md).", n.ID, done.Msg.Z,
				z, seconds(got.T), z, last(n))
		}
	}
	return nil
}

// hollow finds a server whose snapshot is empty when it reads its disk.
func (d *fold) hollow(n *trace.NodeState) *Sign {
	var put *trace.Event
	for i := range d.events {
		e := &d.events[i]
		if e.N != n.ID {
			continue
		}
		switch {
		case e.Patch.Reload != nil && e.Why == "snap":
			put = e
		case e.Patch.Reload != nil && e.Why == "boot" && put != nil:
			for _, t := range d.reloaded(e) {
				if strings.Contains(t, "is empty") {
					return stateSign(put, n.ID, "%s installs the snapshot at %s; after the loss "+
						"of power the snapshot file exists, but is empty. So its contents were "+
						"not durable (no fsync) when the server renamed the file and acked "+
						"NEWLEADER (rule D4 in zab/RULES.md).", n.ID,
						put.Patch.Reload.Base)
				}
			}
		}
	}
	return nil
}
