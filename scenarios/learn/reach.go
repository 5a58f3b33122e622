package learn

import (
	"context"
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/explore"
)

// setupOf finds a small world by its name.
func setupOf(name string) (explore.Setup, error) {
	s, ok := explore.FindSetup(name)
	if !ok {
		return s, fmt.Errorf("setup: %s: no such setup: zablab explore --list shows all", name)
	}
	return s, nil
}

// searchMemory bounds the memory of a search, in bytes.
const searchMemory = 512 << 20

// checkReach searches all states of a small world: the answer must fit some of them, and only those
// that the exercise asks for.
func (x *Exercise) checkReach(ctx context.Context, text []byte) (Verdict, error) {
	answer, err := answerIn(text)
	if err != nil {
		return unread(err), nil
	}
	s, err := setupOf(x.setup)
	if err != nil {
		return Verdict{}, err
	}
	goal, err := explore.ParseGoal(answer, &s)
	if err != nil {
		return unread(err), nil
	}
	var asked []*explore.Goal
	for _, text := range x.states {
		g, err := explore.ParseGoal(text, &s)
		if err != nil {
			return Verdict{}, fmt.Errorf("%s: state: %s: %w", x.ID(), text, err)
		}
		asked = append(asked, g)
	}
	others, err := goal.Unless(asked...)
	if err != nil {
		return unread(err), nil
	}
	found, err := x.search(ctx, s, goal)
	if err != nil {
		return Verdict{}, err
	}
	if !found.Reached {
		return wrong("no state fits your description: the search has visited every state of this " +
			"setup"), nil
	}
	other, err := x.search(ctx, s, others)
	if err != nil {
		return Verdict{}, err
	}
	if other.Reached {
		v := wrong("your description also fits a state that the exercise does not ask for: the " +
			"steps below lead to this state")
		v.Details = told(other)
		return v, nil
	}
	return Verdict{Status: Passed, Details: told(found)}, nil
}

// search searches a small world for a state, completely if there is none.
func (x *Exercise) search(ctx context.Context, s explore.Setup, goal *explore.Goal) (*explore.Result,
	error) {
	search, err := explore.New(s, explore.Options{Goal: goal, Memory: searchMemory,
		Progress: func(explore.Progress) bool { return ctx.Err() == nil }})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", x.ID(), err)
	}
	r := search.Run()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if !r.Reached && !r.Complete {
		return nil, fmt.Errorf("%s: the search did not finish: %s: choose a smaller setup", x.ID(),
			r.Sentence())
	}
	return r, nil
}

// told lists the steps to a state, and the state.
func told(r *explore.Result) (lines []string) {
	for i, s := range r.Steps {
		line := fmt.Sprintf("%3d  %s", i+1, s.Says)
		if len(s.Then) > 0 {
			line += "  → " + strings.Join(s.Then, "; ")
		}
		lines = append(lines, line)
	}
	lines = append(lines, "", "The state:")
	for _, v := range r.Servers {
		lines = append(lines, "  "+v)
	}
	return lines
}
