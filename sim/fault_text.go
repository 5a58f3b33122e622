package sim

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// String returns the canonical text of a fault. ParseFault reads it back as the same fault.
func (f Fault) String() string { return f.When.String() + " " + f.Action() }

// Action returns the fault without its moment, such as "crash S1".
func (f Fault) Action() string {
	form := f.Kind.form()
	words := []string{form.name}
	if form.args.print != nil {
		words = append(words, form.args.print(&f)...)
	}
	return strings.Join(words, " ")
}

// String returns the moment or the event as a plan writes it, such as "0.900s" or "at S1 fsync 3".
func (w When) String() string {
	if w.Trigger == 0 {
		return w.At.Seconds()
	}
	if w.Trigger == TriggerStep {
		return "at step " + strconv.Itoa(w.Count)
	}
	return "at " + eventText(w.Trigger, w.Who, w.Arg, w.Count) + w.After.String()
}

// String returns the part of a plan that says from when on events are counted. For example, " after
// S1 boots after 5.000s" means: after the first start of S1 at 5 s or later. For the zero value it
// returns "".
func (a After) String() (s string) {
	if a.Trigger != 0 {
		s = " after " + eventText(a.Trigger, a.Who, a.Arg, a.Count)
	}
	if a.At > 0 {
		s += " after " + a.At.Seconds()
	}
	return s
}

func eventText(event Trigger, who, arg string, count int) string {
	s := who + " " + event.String()
	if arg != "" {
		s += " " + arg
	}
	if count > 1 {
		s += " " + strconv.Itoa(count)
	}
	return s
}

// String returns the canonical text of a plan, one fault a line. ParsePlan reads it back as the
// same plan.
func (p Plan) String() string {
	var b strings.Builder
	for _, f := range p {
		b.WriteString(f.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// ParsePlan reads a plan: one fault a line. It skips blank lines and lines that begin with #.
// Errors begin with file:line:column.
func ParsePlan(file, text string) (Plan, error) {
	var p Plan
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		f, err := ParseFault(trimmed)
		if err != nil {
			column := strings.Index(line, trimmed) + 1
			return nil, fmt.Errorf("%s:%d:%d: %w", file, i+1, column, err)
		}
		p = append(p, f)
	}
	return p, nil
}

// ParseFault reads one line of a plan. A line without a moment, such as "crash A", means time 0.
func ParseFault(line string) (Fault, error) {
	var f Fault
	when, words, err := parseWhen(strings.Fields(line))
	if err != nil {
		return Fault{}, err
	}
	if len(words) == 0 {
		return Fault{}, fmt.Errorf("fault %q: no verb: write one of %s", line, verbs())
	}
	kind, ok := FindFaultKind(strings.ToLower(words[0]))
	if !ok {
		return Fault{}, fmt.Errorf("fault %q: unknown verb %q: write one of %s",
			line, words[0], verbs())
	}
	f.When, f.Kind = when, kind
	if err := kind.form().args.parse(&f, words[1:]); err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w: write %q", line, err, kind.Form())
	}
	return f, nil
}

func verbs() string {
	var list []string
	for _, k := range FaultKinds() {
		list = append(list, k.String())
	}
	return strings.Join(list, ", ")
}

// parseWhen reads the first words of a fault, if they are a moment or an event, and returns the
// others.
func parseWhen(words []string) (w When, rest []string, err error) {
	if len(words) == 0 {
		return w, nil, errors.New(`fault: empty line: write a fault, such as "0.900s crash S1"`)
	}
	if beginsWithDigit(words[0]) {
		w.At, err = ParseTime(words[0])
		return w, words[1:], err
	}
	if !strings.EqualFold(words[0], "at") {
		return w, words, nil
	}
	if n, ok := parseStep(words[1:]); ok {
		w, words = Step(n), words[3:]
		if len(words) > 0 && strings.EqualFold(words[0], "after") {
			return w, nil, fmt.Errorf(`trigger step %d: "after" is not allowed here: leave it out, `+
				"because a run has only one step %d", n, n)
		}
		return w, words, nil
	}
	if w.Trigger, w.Who, w.Arg, w.Count, words, err = parseEvent(words[1:]); err != nil {
		return w, nil, err
	}
	w.After, words, err = parseAfter(words)
	return w, words, err
}

// parseStep reads "step 40". Without a number in range, "step" is the name of a machine.
func parseStep(words []string) (n int, ok bool) {
	if len(words) < 2 || !strings.EqualFold(words[0], stepWord) {
		return 0, false
	}
	n, err := strconv.Atoi(words[1])
	return n, err == nil && n >= 1 && n <= 1_000_000_000
}

// parseAfter reads "after 5s", or "after" and an event, and then perhaps "after 5s" again.
func parseAfter(words []string) (a After, rest []string, err error) {
	if len(words) == 0 || !strings.EqualFold(words[0], "after") {
		return a, words, nil
	}
	if words = words[1:]; len(words) > 0 && !beginsWithDigit(words[0]) {
		a.Trigger, a.Who, a.Arg, a.Count, words, err = parseEvent(words)
		if err != nil || len(words) == 0 || !strings.EqualFold(words[0], "after") {
			return a, words, err
		}
		words = words[1:]
	}
	if len(words) == 0 {
		return a, nil, errors.New(`trigger: nothing follows "after": write, for example, ` +
			`"at S1 receives TRUNC after 5s crash S1" or "at S1 receives TRUNC after S1 boots ` +
			`crash S1"`)
	}
	a.At, err = ParseTime(words[0])
	return a, words[1:], err
}

func beginsWithDigit(word string) bool { return word[0] >= '0' && word[0] <= '9' }

// parseEvent reads an event: who, what, the message or role if it has one, and a count.
func parseEvent(words []string) (
	trigger Trigger, who, arg string, count int, rest []string, err error,
) {
	fail := func(format string, args ...any) (Trigger, string, string, int, []string, error) {
		return 0, "", "", 0, nil, fmt.Errorf(format, args...)
	}
	if len(words) < 2 {
		return fail(`trigger: incomplete: write, for example, "at S1 fsync 3 crash S1"`)
	}
	if !validName(words[0]) {
		return fail(`trigger: %q is not a valid name of a machine, such as S1 in "at S1 fsync 3 crash S1"`,
			words[0])
	}
	who, count = words[0], 1
	event := strings.ToLower(words[1])
	words = words[2:]
	for i, form := range triggerForms {
		if form.name == event {
			trigger = Trigger(i)
		}
	}
	if trigger == 0 {
		return fail(`trigger %q: unknown event: write "fsync", "boots", "crashes", `+
			`"sends KIND", "receives KIND", "becomes ROLE" or "looks", or "at step N"`, event)
	}
	if triggerForms[trigger].arg != "" {
		if len(words) == 0 {
			what, example := "the kind of message", "NEWLEADER"
			if trigger == TriggerBecome {
				what, example = "the role", "leading"
			}
			return fail(`trigger %s: %s is missing: write, for example, "at %s %s %s crash S1"`,
				event, what, who, event, example)
		}
		arg, words = words[0], words[1:]
	}
	if len(words) > 0 {
		if n, err := strconv.Atoi(words[0]); err == nil {
			if n < 1 || n > 1_000_000_000 {
				return fail("trigger %s: count %d is out of range: write a count from 1 to "+
					"1000000000", event, n)
			}
			count, words = n, words[1:]
		}
	}
	return trigger, who, arg, count, words, nil
}
