package linearizability

import "fmt"

// Miss explains why a part of a history is not linearizable: where the longest valid order of its
// operations ends, which operation must come next, and how the model would have answered this
// operation.
type Miss struct {
	Op        int    // the operation that cannot come next: of those left, the first to return
	After     int    // the last operation of the longest order of its part; -1 if that is empty
	State     string // of the model, after that order
	Reference string // the model's answer
	Seen      string // the answer that the client got
	Text      string
}

// explain runs the model through the longest order of one part. Then it asks the model for the
// right answer to the operation that cannot come next.
func (v *Verdict) explain(h History, order []int, at int) Miss {
	m := Miss{Op: at, After: -1}
	state := v.model.Init()
	for _, i := range order {
		_, state = v.model.Step(state, sorted(&h[i]), nil)
		m.After = i
	}
	op := sorted(&h[at])
	m.State = v.model.DescribeState(state)
	m.Reference = v.answer(state, op)
	m.Seen = op.answered()[len(": "):]
	m.Text = fmt.Sprintf("%s: cannot be the next operation: the model would answer %s "+
		"(model state: %s)", op.String(), m.Reference, short(m.State))
	return m
}

// short cuts the text of a state to fit into a sentence.
func short(text string) string {
	const most = 120
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// answer returns the model's answer to an operation in a state, in the words of [Operation.String].
func (v *Verdict) answer(s any, op *Operation) string {
	told := *op
	told.Outcome, told.Code, told.Result = OK, noCode, Result{}
	fail := func(c Code) { told.Outcome, told.Code = Failed, c }
	switch s := s.(type) {
	case *state:
		if op.Kind == Multi {
			if c := multiCode(s, op); c != noCode {
				fail(c)
			}
			break
		}
		_, r := (&tree{}).apply(s, op, op.Session, false)
		if r.code != noCode {
			fail(r.code)
			break
		}
		told.Result = Result{Path: r.path, Children: r.children, Deleted: r.deleted}
		if r.node == nil {
			break
		}
		told.Result.Data = r.node.data
		if seen := op.Result.Stat; seen != nil {
			told.Result.Stat = &Stat{Version: r.node.version, Czxid: r.node.czxid,
				Mzxid: r.node.mzxid, Owner: r.node.owner}
		}
	case registerState:
		if told.Result.Data = s.data; !s.present {
			fail(NoNode)
		}
	case office:
		if c := s.refusal(op); c != noCode {
			fail(c)
		} else if told.Result.Data = s.name; op.Kind == Acquire && op.Result.Token != 0 {
			return "a token above " + Zxid(s.token).either()
		}
	}
	return told.answered()[len(": "):]
}

// multiCode returns the code of a multi's first failed part.
func multiCode(s *state, op *Operation) Code {
	t := &tree{}
	for i := range op.Ops {
		next, r := t.apply(s, &op.Ops[i], op.Session, false)
		if r.code != noCode {
			return r.code
		}
		s = next
	}
	return noCode
}

// refusal returns the code with which the model of a lock refuses an operation, or no code.
func (s office) refusal(op *Operation) Code {
	switch {
	case op.Kind == Acquire && s.held:
		return Held
	case op.Kind == Create && s.held:
		return NodeExists
	case op.Kind == Release && (!s.held || s.holder != op.Session), op.Kind == Holder && !s.held:
		return NotHeld
	case op.Kind == Use && op.Token < s.seen:
		return StaleToken
	case op.Kind != Acquire && op.Kind != Create && op.Kind != Use && op.Kind != CloseSession &&
		!s.held:
		return NoNode
	}
	return noCode
}
