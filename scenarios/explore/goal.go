package explore

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/zab"
)

// Goal describes a state in words: a list of conditions that must hold at the same moment. A search
// with a goal ends at the first state in which all conditions hold. No such state can be reached in
// fewer steps.
type Goal struct {
	text   string
	parts  []condition
	except []span // of parts: each is the conditions of a goal that must not be reached
}

// span is the conditions from one index to before another.
type span struct{ from, to int }

// mostConditions is how many conditions a goal may have, a bit of a state for each.
const mostConditions = 32

// condition is about one server.
type condition struct {
	who   int  // 0 for any server
	not   bool // of the servers together
	inner bool // it must not hold of a server: SOME not LEADING
	holds func(*server) bool
}

// GoalWords says what a goal may contain.
const GoalWords = `A condition begins with a server: S1, S2, …, or SOME for at least one server.
Then it has one of these words:
  down, up                         whether its process runs
  LOOKING, FOLLOWING, LEADING, OBSERVING
  ELECTION, DISCOVERY, SYNCHRONIZATION, BROADCAST
  serves                           it may answer clients
  syncing                          it waits for an fsync
  follows S3                       S3 is its leader
  accepted, current, round         its accepted epoch, its current epoch, its election round
  logged, durable, applied         the last zxid in its log, on its disk, in its tree, such as 1/2
The words from "accepted" to "applied" need an operator and a value. The operators are =, !=, <, <=,
> and >=; without an operator, = is meant. "not" may stand before or after the server: "not S1
serves" and "S1 not serves" mean the same, but "not SOME serves" means that no server serves, and
"SOME not serves" means that at least one server does not serve.
A server that looks for a leader has its whole log in its tree, committed or not. Join conditions with
"and". Example:
  S3 LEADING and S1 logged 1/1 and S1 durable < 1/1 and not SOME applied 1/1`

// numbers are the figures of a server that a goal may compare.
var numbers = map[string]func(*zab.Peer) uint64{
	"accepted": func(p *zab.Peer) uint64 { return uint64(p.AcceptedEpoch()) },
	"current":  func(p *zab.Peer) uint64 { return uint64(p.CurrentEpoch()) },
	"round":    (*zab.Peer).Round,
	"logged":   func(p *zab.Peer) uint64 { return uint64(p.LastLogged()) },
	"durable":  func(p *zab.Peer) uint64 { return uint64(p.LastDurable()) },
	"applied":  func(p *zab.Peer) uint64 { return uint64(p.Applied()) },
}

// zxids are those of the numbers that are written as e/n.
var zxids = []string{"logged", "durable", "applied"}

var compares = map[string]func(a, b uint64) bool{
	"=":  func(a, b uint64) bool { return a == b },
	"!=": func(a, b uint64) bool { return a != b },
	"<":  func(a, b uint64) bool { return a < b },
	"<=": func(a, b uint64) bool { return a <= b },
	">":  func(a, b uint64) bool { return a > b },
	">=": func(a, b uint64) bool { return a >= b },
}

// spaced are the operators, which may have spaces around them or not.
var spaced = regexp.MustCompile(`[<>!]=|[<>=]`)

// ParseGoal reads a goal for the servers of a setup: conditions that are joined by "and".
// [GoalWords] describes the conditions.
func ParseGoal(text string, s *Setup) (*Goal, error) {
	g := &Goal{text: text}
	words := strings.Fields(spaced.ReplaceAllString(strings.ReplaceAll(text, ",", " and "), " $0 "))
	for more := true; more; {
		part := words
		at := slices.IndexFunc(words, func(w string) bool { return strings.EqualFold(w, "and") })
		if more = at >= 0; more {
			part, words = words[:at], words[at+1:]
		}
		c, err := parseCondition(part, s)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", strings.Join(part, " "), err)
		}
		g.parts = append(g.parts, c)
	}
	if len(g.parts) > mostConditions {
		return nil, fmt.Errorf("at most %d conditions are allowed, but there are %d",
			mostConditions, len(g.parts))
	}
	return g, nil
}

// Unless returns a goal for the states that fit g and none of the other goals. All goals must be of
// the same setup. If the goals together have too many conditions, Unless returns an error.
func (g *Goal) Unless(others ...*Goal) (*Goal, error) {
	u := &Goal{text: g.text, parts: slices.Clone(g.parts), except: slices.Clone(g.except)}
	for _, o := range others {
		u.except = append(u.except, span{len(u.parts), len(u.parts) + len(o.parts)})
		u.parts = append(u.parts, o.parts...)
		u.text += fmt.Sprintf(" unless %s", o.text)
	}
	if n := len(u.parts) - len(g.parts); len(u.parts) > mostConditions {
		return nil, fmt.Errorf("at most %d conditions are allowed, but there are %d",
			mostConditions-n, len(g.parts))
	}
	return u, nil
}

func parseCondition(words []string, s *Setup) (c condition, err error) {
	take := func(word string) bool {
		found := len(words) > 0 && strings.EqualFold(words[0], word)
		if found {
			words = words[1:]
		}
		return found
	}
	c.not = take("not")
	switch {
	case len(words) == 0:
		return c, fmt.Errorf("a condition is missing: write, for example, S1 LEADING")
	case take("some"):
	default:
		if c.who, err = serverNumber(words[0], s); err != nil {
			return c, err
		}
		words = words[1:]
	}
	c.inner = take("not")
	if len(words) == 0 {
		return c, fmt.Errorf("the state of the server is missing: write, for example, LEADING")
	}
	if get, ok := numbers[strings.ToLower(words[0])]; ok {
		c.holds, err = parseComparison(strings.ToLower(words[0]), get, words[1:], s)
		return c, err
	}
	if take("follows") {
		if len(words) != 1 {
			return c, fmt.Errorf(`"follows" needs a server: write, for example, follows S3`)
		}
		n, err := serverNumber(words[0], s)
		c.holds = func(v *server) bool {
			return v.up && v.peer.Leader() == zab.ID(n) && v.peer.State() != zab.Leading
		}
		return c, err
	}
	if len(words) == 1 {
		c.holds = stateWord(words[0])
	}
	if c.holds == nil {
		return c, fmt.Errorf("unknown condition %q: zablab explore --reach help lists the "+
			"words", strings.Join(words, " "))
	}
	return c, nil
}

// serverNumber reads S2.
func serverNumber(word string, s *Setup) (int, error) {
	n, err := strconv.Atoi(strings.TrimLeft(word, "Ss"))
	if err != nil || n < 1 || n > s.all() || word[0]|' ' != 's' {
		return 0, fmt.Errorf("no such server: %s: name one of S1 to S%d", word, s.all())
	}
	return n, nil
}

// stateWord returns the condition that one word names, or nil.
func stateWord(word string) func(*server) bool {
	switch strings.ToLower(word) {
	case "down":
		return func(v *server) bool { return !v.up }
	case "up":
		return func(v *server) bool { return v.up }
	case "serves":
		return func(v *server) bool { return v.up && v.peer.Serving() }
	case "syncing":
		return func(v *server) bool { return len(v.syncs) > 0 }
	}
	for _, state := range []zab.State{zab.Looking, zab.Following, zab.Leading, zab.Observing} {
		if strings.EqualFold(word, state.String()) {
			return func(v *server) bool { return v.up && v.peer.State() == state }
		}
	}
	for phase := zab.Election; phase <= zab.Broadcast; phase++ {
		if strings.EqualFold(word, phase.String()) {
			return func(v *server) bool { return v.up && v.peer.Phase() == phase }
		}
	}
	return nil
}

// parseComparison reads what a number of a server is compared with.
func parseComparison(name string, get func(*zab.Peer) uint64, words []string, s *Setup) (
	func(*server) bool, error) {
	if len(words) == 1 { // the word = may be left out
		words = append([]string{"="}, words...)
	}
	if len(words) != 2 || compares[words[0]] == nil {
		return nil, fmt.Errorf("%s needs a comparison and a value: write, for example, %s >= %s", name,
			name, exampleOf(name))
	}
	compare := compares[words[0]]
	want, err := parseNumber(words[1], slices.Contains(zxids, name))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: write, for example, %s", name, err, exampleOf(name))
	}
	return func(v *server) bool { return v.up && compare(get(v.peer), want) }, nil
}

func exampleOf(name string) string {
	if slices.Contains(zxids, name) {
		return "1/2"
	}
	return "2"
}

// parseNumber reads a number, or a zxid.
func parseNumber(word string, isZxid bool) (uint64, error) {
	if !isZxid {
		n, err := strconv.ParseUint(word, 10, 32)
		if err != nil {
			return 0, fmt.Errorf("%s is not a number", word)
		}
		return n, nil
	}
	e, c, _ := strings.Cut(word, "/")
	epoch, err1 := strconv.ParseUint(e, 10, 32)
	counter, err2 := strconv.ParseUint(c, 10, 32)
	if err1 != nil || err2 != nil {
		return 0, fmt.Errorf("%s is not a zxid", word)
	}
	return uint64(zab.MakeZxid(uint32(epoch), uint32(counter))), nil
}

// of returns which conditions hold of a server in its present state, one bit for each.
func (g *Goal) of(v *server) (bits uint32) {
	if g == nil {
		return 0
	}
	for i, c := range g.parts {
		if (c.who == 0 || c.who == v.id) && c.holds(v) != c.inner {
			bits |= 1 << i
		}
	}
	return bits
}

// reached reports whether the goal fits servers that have these bits together.
func (g *Goal) reached(any uint32) bool {
	own := len(g.parts)
	if len(g.except) > 0 {
		own = g.except[0].from
	}
	return g.hold(any, span{0, own}) &&
		!slices.ContainsFunc(g.except, func(s span) bool { return g.hold(any, s) })
}

// hold reports whether some of the conditions all hold.
func (g *Goal) hold(any uint32, s span) bool {
	for i := s.from; i < s.to; i++ {
		if (any>>i&1 == 1) == g.parts[i].not {
			return false
		}
	}
	return true
}

// describe says in the words of a goal what state a server is in.
func describe(v *server) string {
	if !v.up {
		return fmt.Sprintf("S%d down", v.id)
	}
	p, serves := v.peer, "not serves"
	if p.Serving() {
		serves = "serves"
	}
	words := []string{p.State().String(), p.Phase().String(), serves,
		fmt.Sprintf("accepted %d", p.AcceptedEpoch()), fmt.Sprintf("current %d", p.CurrentEpoch()),
		fmt.Sprintf("logged %v", p.LastLogged()), fmt.Sprintf("durable %v", p.LastDurable()),
		fmt.Sprintf("applied %v", p.Applied())}
	return fmt.Sprintf("S%[1]d %[2]s", v.id, strings.Join(words, fmt.Sprintf(" and S%d ", v.id)))
}

// String returns the description that the goal was read from.
func (g *Goal) String() string { return g.text }
