//go:build !wasip1

package learn

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/zablab/zablab/scenarios/learn/trial"
)

// How programs are played.
const (
	trialSeeds = 24
	shrinkRuns = 60
)

// Properties in words that come before the sentence of the check.
var inWords = map[string]string{
	"MutualExclusion": "two clients are holders at the same moment",
	"ReadersWriters":  "a writer holds the lock at the same moment as another client",
	"InOrder":         "a client overtakes another client in the waiting line",
	"Progress":        "a client waits for ever, although what it waits for is free",
	"NoStuckWaiter":   "a client waits for an event that cannot come",
	"OwnNode":         "a client is a holder because of a node that its session did not create",
	"OwnRelease":      "a client deletes a node that is not its own",
	"FencedInOrder":   "the store accepts a write of a former holder",
	"TakenOnce":       "an item is taken twice",
	"NothingLost":     "an item is lost",
	"PutOnce":         "one put adds two items",
	"Registration": "a client believes that it is a holder because of a node that its session " +
		"did not create",
	"OneTicket":    "a client has two nodes in the waiting line",
	trial.Stays:    "the node of a holder stays when the holder dies",
	trial.Kept:     "a former holder does not delete its node",
	trial.Refused:  "the store refuses a write of the present holder",
	trial.GivesUp:  "a function returns an error instead of waiting",
	trial.Vanishes: "an item is lost",
	trial.Herd:     "a release wakes several clients",
	trial.Apart:    "readers exclude each other",
	trial.Nothing:  "the program breaks no check, but it also does nothing",
	trial.Idle:     "the program does nothing",
	trial.Panics:   "the program panics",
}

// checkRepair compiles a program and plays it.
func (x *Exercise) checkRepair(ctx context.Context, text []byte, lab *Lab) (Verdict, error) {
	list, err := x.checkPrograms(ctx, [][]byte{text}, lab)
	if err != nil {
		return Verdict{}, err
	}
	return list[0], nil
}

// checkPrograms checks several answers to one exercise. They are compiled together, which takes
// about as long as compiling one.
func (x *Exercise) checkPrograms(ctx context.Context, texts [][]byte, lab *Lab) ([]Verdict, error) {
	office, err := officeOf(x.office)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", x.ID(), err)
	}
	if lab.Clone == "" {
		return nil, fmt.Errorf("%s: the lab's sources, with which a program is compiled, were "+
			"not found: give the folder of a clone with --clone", x.ID())
	}
	verdicts := make([]Verdict, len(texts))
	var answers []answer
	for i, text := range texts {
		if e := refusals(x.File(), text, office.functions); e != nil {
			verdicts[i] = unread(e)
			continue
		}
		answers = append(answers, answer{fmt.Sprintf("a%d", i), x.File(), text, office})
	}
	o := trial.Settings{Recipe: office.recipe, Schedules: x.play, Seeds: trialSeeds,
		Shrinking: shrinkRuns}
	take := func(key string, v Verdict) {
		var i int
		_, _ = fmt.Sscanf(key, "a%d", &i)
		verdicts[i] = v
	}
	for len(answers) > 0 {
		refused, err := trials(ctx, answers, &o, lab, take)
		if err != nil {
			return nil, err
		}
		if refused == "" {
			break
		}
		answers = slices.DeleteFunc(answers, func(a answer) bool { return a.key == refused })
	}
	return verdicts, nil
}

// trials builds the answers and tries each. If the compiler refuses one, trials tries none, hands
// over the verdict on that one, and returns its key.
func trials(ctx context.Context, answers []answer, o *trial.Settings, lab *Lab,
	take func(key string, v Verdict)) (refused string, err error) {
	folder, err := os.MkdirTemp("", "zablab-learn-")
	if err != nil {
		return "", fmt.Errorf("learn: %w", err)
	}
	defer os.RemoveAll(folder)
	file, err := build(ctx, lab.Clone, folder, answers, !lab.Sandbox)
	var mistake *compileError
	if errors.As(err, &mistake) {
		if mistake.key == "" && len(answers) > 1 { // whose mistake it is shows when each is alone
			for i := range answers {
				if _, err := trials(ctx, answers[i:i+1], o, lab, take); err != nil {
					return "", err
				}
			}
			return "", nil
		}
		key := cmp.Or(mistake.key, answers[0].key)
		take(key, unread(mistake))
		return key, nil
	}
	if err != nil {
		return "", err
	}
	var box *sandbox
	if lab.Sandbox {
		if box, err = openSandbox(ctx, file); err != nil {
			return "", err
		}
		defer box.close(ctx)
	}
	limit := lab.Limit
	if limit == 0 {
		limit = DefaultLimit
	}
	for _, a := range answers {
		var r trial.Report
		if box != nil {
			r, err = box.run(ctx, a.key, o, limit)
		} else {
			r, err = runNative(ctx, file, a.key, o, limit)
		}
		var end *stopped
		switch {
		case errors.As(err, &end):
			take(a.key, wrong("%s", end.text))
		case err != nil:
			return "", err
		default:
			take(a.key, judged(&r))
		}
	}
	return "", nil
}

// judged makes a verdict of a report.
func judged(r *trial.Report) Verdict {
	if r.Property == "" {
		return Verdict{Status: Passed, Details: []string{fmt.Sprintf(
			"%d runs with %d faults: every check held, and %d times a client got what it waited "+
				"for",
			r.Runs, r.Faults, r.Got)}}
	}
	why := plainly(r.Text)
	if words := inWords[r.Property]; words != "" {
		why = words + ": " + why
	}
	v := wrong("%s", why)
	v.Details, v.Drawing, v.Schedule = r.Why, plainly(r.Drawing), r.Schedule
	return v
}
