package trace

import (
	"cmp"
	"slices"
	"strconv"
)

// Ask is a question to a reader who steps through the run: who leads next, or what a resource does
// with a write. It is asked after event At, and the run answers it at event Step.
type Ask struct {
	At       int64
	Question string
	Options  []string // at least two
	Answer   string   // one of the options
	Step     int64
}

// mostAsks is the number of questions of a run, at most: a reader should step, not answer.
const mostAsks = 12

// asker finds the questions of a run while the run is written.
type asker struct {
	list   []Ask
	leader *Ask            // open, or nil
	writes map[uint64]*Ask // open questions about writes, by the number of the message
}

// see adds the questions about an event, which s has applied.
func (a *asker) see(e *Event, s *State) {
	if len(a.list) >= mostAsks {
		return
	}
	switch {
	case e.Key == "leader" && a.leader != nil:
		a.close(a.leader, e.N, e.I)
		a.leader = nil
	case e.Patch.Role == "looking" && e.K != "boot" && e.K != "restart" && a.leader == nil:
		a.leader = asksForLeader(e, s)
	case e.K == "send" && e.Key == "write":
		if a.writes == nil {
			a.writes = make(map[uint64]*Ask)
		}
		a.writes[e.M] = &Ask{At: e.I, Options: []string{e.Msg.To + accepts, e.Msg.To + refuses},
			Question: "Does " + e.Msg.To + " accept the write of " + e.N + "?"}
	case e.K == "recv" && a.writes[e.M] != nil:
		answer := e.N + accepts
		if e.Key == "refused" {
			answer = e.N + refuses
		}
		a.close(a.writes[e.M], answer, e.I)
		delete(a.writes, e.M)
	}
}

const accepts, refuses = " accepts it", " refuses it"

// close adds a question with its answer.
func (a *asker) close(q *Ask, answer string, step int64) {
	q.Answer, q.Step = answer, step
	if !slices.Contains(q.Options, answer) { // the server was down when the question was asked
		q.Options = append(q.Options, answer)
	}
	if len(q.Options) > 1 {
		a.list = append(a.list, *q)
	}
}

// asked returns the questions, in the order in which they are asked.
func (a *asker) asked() []Ask {
	slices.SortStableFunc(a.list, func(x, y Ask) int { return cmp.Compare(x.At, y.At) })
	return a.list
}

// asksForLeader returns the question who leads next. It returns nil if a server leads and a
// minority looks for a leader: then there may be no election.
func asksForLeader(e *Event, s *State) *Ask {
	q := &Ask{At: e.I, Question: "Which server leads next?"}
	looking, leading, servers := 0, 0, 0
	for i := range s.Nodes {
		n := &s.Nodes[i]
		if n.Kind != "server" {
			continue
		}
		servers++
		switch n.Role {
		case "looking":
			looking++
		case "leading":
			leading++
		}
		if n.Role != "down" {
			q.Options = append(q.Options, n.ID)
		}
	}
	if leading > 0 && 2*looking <= servers {
		return nil
	}
	return q
}

// append appends the question as JSON.
func (q *Ask) append(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"at":`...), q.At, 10)
	b = text(append(b, `,"q":`...), q.Question)
	b = texts(append(b, `,"options":`...), q.Options)
	b = text(append(b, `,"answer":`...), q.Answer)
	return append(strconv.AppendInt(append(b, `,"i":`...), q.Step, 10), '}')
}
