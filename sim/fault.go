package sim

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Fault is one line of a plan: when, and what. The zero When is time 0.
type Fault struct {
	When   When
	Verb   string
	Who    []string   // the machines it names, in order
	Groups [][]string // of a split
	Oneway bool       // S1 > S2
	Kind   string     // the message kind of a hold
	Span   Time       // of pause, delay, fsync, wall
	Rate   int64      // of clock, in thousandths
}

// When is a moment, or the Count-th time that Who does Event.
type When struct {
	At    Time
	Who   string // set: an event, not a moment
	Event string // fsync, boots, crashes, sends, receives, becomes
	Arg   string // what is sent or received, or what it becomes
	Count int    // from 1; 0 counts as 1
}

// verb says what a fault takes. It is the one table that parser, printer and help read.
type verb struct {
	name string
	args string
	help string
}

var verbs = []verb{
	{"crash", "who", "the process dies; its connections are reset, its page cache survives"},
	{"power", "who", "the machine loses power; what was not synced is lost, nobody is told"},
	{"restart", "who", "the machine starts again from its disk"},
	{"pause", "who span", "the process stops for so long, as by SIGSTOP"},
	{"split", "groups", "the groups cannot reach each other"},
	{"cut", "who > who", "nothing passes from the first to the second"},
	{"mend", "who > who", "what a cut or a split stopped from the first to the second passes again"},
	{"heal", "", "every split and cut ends"},
	{"reset", "who who", "every connection between the two is reset"},
	{"delay", "who who span", "messages between the two take so much longer"},
	{"hold", "who > who kind", "messages of that kind, and all behind them, stay on the wire"},
	{"release", "", "every hold ends"},
	{"fsync", "who span", "every sync takes so long from now on"},
	{"fail-fsync", "who", "the next sync fails"},
	{"tear", "who", "the next loss of power leaves half of the last record"},
	{"corrupt", "who", "one bit of the last record flips"},
	{"full", "who", "the disk is full: every append and sync fails until a restart"},
	{"wipe", "who", "the machine loses its process and its whole disk"},
	{"clock", "who rate", "the machine's clock runs so fast from now on"},
	{"wall", "who ±span", "the machine's wall clock jumps"},
	{"expire", "who", "the session of a client is closed by the ensemble"},
}

func findVerb(name string) *verb {
	for i := range verbs {
		if verbs[i].name == name {
			return &verbs[i]
		}
	}
	return nil
}

// Verbs lists the faults, each with its form and what it does.
func Verbs() [][2]string {
	list := make([][2]string, len(verbs))
	for i, v := range verbs {
		list[i] = [2]string{strings.TrimSpace(v.name + " " + v.args), v.help}
	}
	return list
}

// triggers are the events that a fault may wait for, and whether each one names something.
var triggers = []struct {
	name string
	arg  bool
}{{"fsync", false}, {"boots", false}, {"crashes", false}, {"sends", true}, {"receives", true}, {"becomes", true}}

// String is the canonical form: parsing it gives the same fault.
func (f Fault) String() string {
	b := []string{f.When.String(), f.Verb}
	switch {
	case f.Verb == "split":
		for i, g := range f.Groups {
			if i > 0 {
				b = append(b, "|")
			}
			b = append(b, g...)
		}
	case f.Oneway:
		b = append(b, f.Who[0], ">", f.Who[1])
	default:
		b = append(b, f.Who...)
	}
	if f.Kind != "" {
		b = append(b, f.Kind)
	}
	switch f.Verb {
	case "pause", "delay", "fsync":
		b = append(b, f.Span.String())
	case "wall":
		sign := "+"
		if f.Span < 0 {
			sign = ""
		}
		b = append(b, sign+f.Span.String())
	case "clock":
		b = append(b, "x"+thousandths(f.Rate))
	}
	return strings.Join(b, " ")
}

func thousandths(n int64) string {
	s := strconv.FormatInt(n/1000, 10)
	if rest := n % 1000; rest != 0 {
		s += "." + strings.TrimRight(strconv.FormatInt(1000+rest, 10)[1:], "0")
	}
	return s
}

// String is 0.900s, or at S1 fsync 3.
func (w When) String() string {
	if w.Who == "" {
		return w.At.Seconds()
	}
	s := "at " + w.Who + " " + w.Event
	if w.Arg != "" {
		s += " " + w.Arg
	}
	if w.Count > 1 {
		s += " " + strconv.Itoa(w.Count)
	}
	return s
}

// ParseFault reads one line of a plan. A missing moment (crash A) means time 0.
func ParseFault(line string) (Fault, error) {
	words := strings.Fields(line)
	var f Fault
	rest, err := f.When.parse(words)
	if err != nil {
		return Fault{}, err
	}
	if len(rest) == 0 {
		return Fault{}, fmt.Errorf("fault %q: no verb: write one of %s", line, verbNames())
	}
	f.Verb = strings.ToLower(rest[0])
	if findVerb(f.Verb) == nil {
		return Fault{}, fmt.Errorf("fault %q: unknown verb %q: write one of %s", line, rest[0], verbNames())
	}
	if err := f.parseArgs(rest[1:]); err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w: write it as %q", line, err,
			f.Verb+" "+findVerb(f.Verb).args)
	}
	return f, nil
}

func verbNames() string {
	names := make([]string, len(verbs))
	for i, v := range verbs {
		names[i] = v.name
	}
	return strings.Join(names, ", ")
}

func (w *When) parse(words []string) ([]string, error) {
	if len(words) == 0 {
		return nil, errors.New("fault: empty line: write 0.900s crash S1")
	}
	if c := words[0][0]; c >= '0' && c <= '9' {
		t, err := ParseTime(words[0])
		w.At = t
		return words[1:], err
	}
	if !strings.EqualFold(words[0], "at") {
		return words, nil
	}
	if len(words) < 3 {
		return nil, errors.New("trigger: incomplete: write at S1 fsync 3 crash S1")
	}
	if !validName(words[1]) {
		return nil, fmt.Errorf("trigger: %q is no name: write at S1 fsync 3 crash S1", words[1])
	}
	w.Who, w.Event, w.Count = words[1], strings.ToLower(words[2]), 1
	words = words[3:]
	known := false
	for _, t := range triggers {
		if t.name != w.Event {
			continue
		}
		known = true
		if t.arg {
			if len(words) == 0 {
				return nil, fmt.Errorf("trigger %s: says not what: write at %s %s NEWLEADER …", w.Event, w.Who, w.Event)
			}
			w.Arg, words = words[0], words[1:]
		}
	}
	if !known {
		return nil, fmt.Errorf("trigger %q: unknown event: write fsync, boots, crashes, sends KIND, receives KIND or becomes ROLE", w.Event)
	}
	if len(words) > 0 {
		if n, err := strconv.Atoi(words[0]); err == nil {
			if n < 1 || n > 1_000_000_000 {
				return nil, fmt.Errorf("trigger %s: count %d is out of range: count from 1", w.Event, n)
			}
			w.Count, words = n, words[1:]
		}
	}
	return words, nil
}

func (f *Fault) parseArgs(args []string) error {
	switch f.Verb {
	case "heal", "release":
		return f.take(args, 0)
	case "crash", "power", "restart", "fail-fsync", "tear", "corrupt", "full", "wipe", "expire":
		return f.take(args, 1)
	case "reset":
		return f.take(args, 2)
	case "pause", "fsync":
		return f.takeSpan(args, 1)
	case "delay":
		return f.takeSpan(args, 2)
	case "cut", "mend", "hold":
		return f.parseOneway(args)
	case "split":
		return f.parseGroups(args)
	case "clock":
		return f.parseRate(args)
	case "wall":
		return f.parseWall(args)
	}
	return errors.New("unknown verb")
}

func (f *Fault) take(args []string, n int) error {
	if len(args) != n {
		return fmt.Errorf("it takes %d names and has %d words", n, len(args))
	}
	for _, a := range args {
		if !validName(a) {
			return fmt.Errorf("%q is no name", a)
		}
	}
	if n > 0 {
		f.Who = append([]string(nil), args...)
	}
	return nil
}

func validName(s string) bool {
	return s != "" && !strings.ContainsAny(s, "|>#") && !(s[0] >= '0' && s[0] <= '9')
}

func (f *Fault) takeSpan(args []string, n int) error {
	if len(args) != n+1 {
		return fmt.Errorf("it takes %d names and a time", n)
	}
	var err error
	if f.Span, err = ParseTime(args[n]); err != nil {
		return err
	}
	return f.take(args[:n], n)
}

func (f *Fault) parseOneway(args []string) error {
	want, what := 3, "two names with > between them"
	if f.Verb == "hold" {
		want, what = 4, what+" and a kind"
	}
	if len(args) != want || args[1] != ">" {
		return fmt.Errorf("it takes %s", what)
	}
	if f.Verb == "hold" {
		f.Kind = args[3]
	}
	f.Oneway = true
	return f.take([]string{args[0], args[2]}, 2)
}

func (f *Fault) parseGroups(args []string) error {
	group := []string{}
	seen := map[string]bool{}
	for i := 0; i <= len(args); i++ {
		if i == len(args) || args[i] == "|" {
			if len(group) == 0 {
				return errors.New("a group is empty")
			}
			f.Groups = append(f.Groups, group)
			group = []string{}
			continue
		}
		if !validName(args[i]) || seen[args[i]] {
			return fmt.Errorf("%q is no name, or is there twice", args[i])
		}
		seen[args[i]] = true
		group = append(group, args[i])
	}
	if len(f.Groups) < 2 {
		return errors.New("it takes at least two groups with | between them")
	}
	return nil
}

func (f *Fault) parseRate(args []string) error {
	if len(args) != 2 || !strings.HasPrefix(args[1], "x") {
		return errors.New("it takes a name and a rate such as x1.2")
	}
	whole, fraction, _ := strings.Cut(args[1][1:], ".")
	n, err := strconv.ParseUint(whole, 10, 32)
	for len(fraction) < 3 {
		fraction += "0"
	}
	m, err2 := strconv.ParseUint(fraction, 10, 32)
	f.Rate = int64(n)*1000 + int64(m)
	if err != nil || err2 != nil || len(fraction) > 3 || f.Rate < 100 || f.Rate > 10_000 {
		return errors.New("the rate must lie between x0.1 and x10, with three decimals at most")
	}
	return f.take(args[:1], 1)
}

func (f *Fault) parseWall(args []string) error {
	if len(args) != 2 || args[1] == "" || args[1][0] != '+' && args[1][0] != '-' {
		return errors.New("it takes a name and a jump such as +1h or -30s")
	}
	t, err := ParseTime(args[1][1:])
	if err != nil {
		return err
	}
	if args[1][0] == '-' {
		t = -t
	}
	f.Span = t
	return f.take(args[:1], 1)
}

// Plan is a list of faults in the order in which they were written.
type Plan []Fault

// String is the canonical text, one fault a line. Parsing it gives the same plan.
func (p Plan) String() string {
	var b strings.Builder
	for _, f := range p {
		b.WriteString(f.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// ParsePlan reads a plan: a fault a line, blank lines and lines that begin with # are passed
// over. Errors begin with file:line:column.
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
