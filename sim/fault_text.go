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

// String returns the moment or the event, such as "0.900s" or "at S1 fsync 3".
func (w When) String() string {
	if w.Trigger == 0 {
		return w.At.Seconds()
	}
	s := "at " + w.Who + " " + w.Trigger.String()
	if w.Arg != "" {
		s += " " + w.Arg
	}
	if w.Count > 1 {
		s += " " + strconv.Itoa(w.Count)
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
	if c := words[0][0]; c >= '0' && c <= '9' {
		w.At, err = ParseTime(words[0])
		return w, words[1:], err
	}
	if !strings.EqualFold(words[0], "at") {
		return w, words, nil
	}
	if len(words) < 3 {
		return w, nil, errors.New(
			`trigger: incomplete: write, for example, "at S1 fsync 3 crash S1"`)
	}
	if !validName(words[1]) {
		return w, nil, fmt.Errorf(
			`trigger: %q is not a valid name: write, for example, "at S1 fsync 3 crash S1"`,
			words[1])
	}
	w.Who, w.Count = words[1], 1
	event := strings.ToLower(words[2])
	words = words[3:]
	for i, form := range triggerForms {
		if form.name == event {
			w.Trigger = Trigger(i)
		}
	}
	if w.Trigger == 0 {
		return w, nil, fmt.Errorf(`trigger %q: unknown event: write "fsync", "boots", "crashes", `+
			`"sends KIND", "receives KIND" or "becomes ROLE"`, event)
	}
	if triggerForms[w.Trigger].arg {
		if len(words) == 0 {
			return w, nil, fmt.Errorf(
				`trigger %s: no message or role: write, for example, "at %s %s NEWLEADER crash S1"`,
				event, w.Who, event)
		}
		w.Arg, words = words[0], words[1:]
	}
	if len(words) > 0 {
		if n, err := strconv.Atoi(words[0]); err == nil {
			if n < 1 || n > 1_000_000_000 {
				return w, nil, fmt.Errorf("trigger %s: count %d is out of range: counts begin at 1",
					event, n)
			}
			w.Count, words = n, words[1:]
		}
	}
	return w, words, nil
}
