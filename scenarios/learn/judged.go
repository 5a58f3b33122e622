package learn

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// linearizable is the answer to an exercise of kind [Judge] whose history is linearizable.
const linearizable = "linearizable"

// checkJudge finds the first operation, in the order of the answers, whose answer no order
// explains, and compares it with the learner's.
func (x *Exercise) checkJudge(text []byte) (Verdict, error) {
	answer, err := answerIn(text)
	if err != nil {
		return unread(err), nil
	}
	h, err := x.operations()
	if err != nil {
		return Verdict{}, err
	}
	said := 0
	switch strings.ToLower(answer) {
	case linearizable, "linearisable", "yes":
	default:
		said, err = strconv.Atoi(answer)
		if err != nil || said < 1 || said > len(h) {
			return unread(fmt.Errorf("%q is not a valid answer: write %s, or the number of an "+
				"operation, from 1 to %d", answer, linearizable, len(h))), nil
		}
	}
	blamed, miss, orders, err := blame(h)
	if err != nil {
		return Verdict{}, fmt.Errorf("%s: %w", x.ID(), err)
	}
	v := Verdict{Status: Passed, Details: lanes(h)}
	switch {
	case said != blamed:
		v.Status, v.Why = Failed, refuted(h, said, miss, orders)
	case blamed == 0:
		v.Details = append(v.Details, "", "One order that explains all answers: "+
			numbers(orders[lastAnswered(h)]))
	}
	return v, nil
}

// numbers lists the operations of an order by their numbers.
func numbers(order []int) string {
	var list []string
	for _, i := range order {
		list = append(list, strconv.Itoa(i+1))
	}
	return strings.Join(list, ", ")
}

// lastAnswered is the number of the operation whose answer came last.
func lastAnswered(h lin.History) (number int) {
	for i := range h {
		if h[i].Outcome != lin.Unknown && (number == 0 || h[i].Return >= h[number-1].Return) {
			number = i + 1
		}
	}
	return number
}

// refuted says why an answer is wrong, without the right one.
func refuted(h lin.History, said int, miss string, orders map[int][]int) string {
	switch {
	case said == 0:
		text := "this history is not linearizable: no order of the operations explains all of " +
			"their answers"
		if miss != "" {
			text += "; " + miss
		}
		return text
	case h[said-1].Outcome == lin.Unknown:
		return fmt.Sprintf("operation %d got no answer, so it cannot be the wrong one: name "+
			"another operation", said)
	case orders[said] != nil:
		return fmt.Sprintf("the answer to operation %d is not wrong: one order of the operations "+
			"explains it and all answers before it: %s", said, numbers(orders[said]))
	}
	return fmt.Sprintf("the answer to operation %d is not the first wrong one: an earlier answer "+
		"is already wrong, because no order of the operations explains it",
		said)
}

// operations reads the history of the exercise.
func (x *Exercise) operations() (lin.History, error) {
	r, err := lin.ReadRecord(x.folder+"/history.jsonl", bytes.NewReader(x.history))
	if err != nil {
		return nil, err
	}
	h := r.Ops
	slices.SortStableFunc(h, func(a, b lin.Operation) int { return cmp.Compare(a.Call, b.Call) })
	return h, nil
}

// blame returns the number of the first operation, in the order of the answers, whose answer no
// order explains, and what it should have been; or 0. For each operation before it, orders has an
// order that explains its answer and those before it.
func blame(h lin.History) (number int, miss string, orders map[int][]int, err error) {
	orders = make(map[int][]int)
	model := lin.Register
	if h[0].Kind.Office() {
		model = lin.Lock
	}
	var answers []int
	for i := range h {
		if h[i].Outcome != lin.Unknown {
			answers = append(answers, i)
		}
	}
	slices.SortStableFunc(answers, func(i, j int) int {
		return cmp.Compare(h[i].Return,
			h[j].Return)
	})
	for _, last := range answers {
		v, err := lin.Check(upTo(h, h[last].Return), lin.Options{Model: model, Scope: lin.All})
		switch {
		case err != nil:
			return 0, "", nil, err
		case v.Result == lin.Undecided:
			return 0, "", nil, errors.New("the judge ran out of time: make the history shorter")
		case v.Result == lin.Broken:
			why := ""
			if len(v.Misses) > 0 {
				why = fmt.Sprintf("it should have been %s, not %s", v.Misses[0].Reference,
					v.Misses[0].Seen)
			}
			return last + 1, why, orders, nil
		}
		orders[last+1] = v.Order
	}
	return 0, "", orders, nil
}

// upTo is what was known at a moment: later answers are unknown, and later calls do not exist yet.
func upTo(h lin.History, at int64) (known lin.History) {
	for _, o := range h {
		if o.Call > at {
			break
		}
		if o.Return > at {
			o.Outcome, o.Return, o.Result, o.Code = lin.Unknown, 0, lin.Result{}, lin.Code("")
		}
		known = append(known, o)
	}
	return known
}

// laneWidth is the width of the picture of a history, in columns.
const laneWidth = 72

// lanes draws a history: a lane for each client, in which each operation has its number and reaches
// from its call to its answer. Below, it lists the operations.
func lanes(h lin.History) (lines []string) {
	last := int64(1)
	var clients []lin.Client
	for i := range h {
		last = max(last, h[i].Call+1, h[i].Return)
		if !slices.Contains(clients, h[i].Client) {
			clients = append(clients, h[i].Client)
		}
	}
	slices.Sort(clients)
	at := func(t int64) int { return int(t * (laneWidth - 1) / last) }
	for _, c := range clients {
		lane := []byte(strings.Repeat(" ", laneWidth+1))
		for i := range h {
			if h[i].Client != c {
				continue
			}
			from, to := at(h[i].Call), laneWidth
			if h[i].Outcome != lin.Unknown {
				to = at(h[i].Return)
			}
			for k := from + 1; k < to; k++ {
				lane[k] = '-'
			}
			lane[from] = '|'
			if h[i].Outcome != lin.Unknown {
				lane[to] = '|'
			}
			copy(lane[(from+to)/2:], strconv.Itoa(i+1))
		}
		lines = append(lines, strings.TrimRight(fmt.Sprintf("%-3s %s", c, lane), " "))
	}
	lines = append(lines, "")
	for i := range h {
		until := fmt.Sprintf("answered at %d", h[i].Return)
		if h[i].Outcome == lin.Unknown {
			until = "never answered"
		}
		lines = append(lines, fmt.Sprintf("%2d  %s (called at %d, %s)", i+1, h[i].String(), h[i].Call,
			until))
	}
	return lines
}
