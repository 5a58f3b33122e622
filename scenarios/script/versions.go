package script

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
)

// versionWords name the version of a node, which a set or a delete may expect.
var versionWords = lexiconOf([]string{"version", "expectedversion", "expected_version", "ver",
	"dataversion", "data version", "withversion", "revision", "rev", "mod_revision", "modrevision",
	"mversion"})

// versionIn returns the version that a text names, as in "version 3", "version == 3", "ver=3" or
// "-v 3".
func versionIn(words []word) (int32, bool) {
	for i, w := range words {
		is, given, _ := strings.Cut(w.is, "=")
		n, _ := versionWords.at([]word{{is: is}})
		if n == 0 && strings.TrimLeft(w.raw, "(") != "-v" || w.quoted {
			continue
		}
		for _, next := range append([]word{{is: given}}, words[i+1:]...) {
			digits, _, _ := strings.Cut(strings.TrimLeft(next.is, "="), ")") // withVersion(0).forPath
			if n, ok := number(digits); ok && n < 1<<31 {
				return int32(n), true
			}
			if next.is != "" && !joinsVersion[next.is] {
				break
			}
		}
	}
	return 0, false
}

// joinsVersion are words that may stand between a version word and its number.
var joinsVersion = wordSet("is", "=", "==", "===", "of", "equals", "still", "matches", "match",
	"equal", "to")

// shortVersion returns the version in a text such as "v3" or "v=3"; false if it has none, or if
// that word is the value of a set.
func shortVersion(words []word, value string) (int32, bool) {
	for i, w := range words {
		digits, ok := strings.CutPrefix(w.is, "v")
		if !ok || w.quoted || trimWord(w.raw) == value {
			continue
		}
		if next := words[i+1:]; strings.Trim(digits, "=") == "" && len(next) > 0 { // v == 3
			digits += next[0].is
			if strings.Trim(digits, "=") == "" && len(next) > 1 {
				digits += next[1].is
			}
			if digits[0] != '=' {
				continue
			}
		}
		if n, ok := number(strings.TrimLeft(digits, "=")); ok && n < 1<<31 {
			return int32(n), true
		}
	}
	return 0, false
}

// answeredVersion returns the version in an answer such as "ok (v3)" or "ok, v3".
func answeredVersion(words []word) (int32, bool) {
	if n, ok := versionIn(words); ok {
		return n, true
	}
	n, _ := outcomes.at(words)
	if n == 0 || n == len(words) || !words[n].fresh {
		return 0, false
	}
	return shortVersion(words[n:], "")
}

// staleVersions are versions that a text names without a number, and that are not the node's.
var staleVersions = lexiconOf([]string{"stale version", "old version", "wrong version",
	"outdated version", "bad version", "incorrect version", "previous version", "another version",
	"expired version", "obsolete version", "older version"})

// unknownVersion returns an error if a set or a delete expects a version that is wrong on purpose,
// and the text does not say which.
func unknownVersion(text string, words []word, version int32) error {
	if err := compared(text, words); err != nil {
		return err
	}
	if version != tree.AnyVersion || !staleVersions.in(words) {
		return nil
	}
	return &misread{why: "the text does not say which version the call expects: write its " +
		"number, as in \"version 7\""}
}

// anyVersion notes that a call expects a version which its text does not give.
func (a *Act) anyVersion(op *tree.Op, words []word) {
	if (op.Type == tree.OpSetData || op.Type == tree.OpDelete) && op.Version == tree.AnyVersion &&
		versionWords.in(words) {
		a.beside("the call accepts any version, because the text gives no number")
	}
}

// besideVersion returns the value in an answer that has nothing but a value and a version:
// v1 (version 3). It returns nil for any other answer.
func besideVersion(words []word) []string {
	if len(words) < 3 || len(words) > 4 || !words[1].fresh || startsIn(words, outcomes) ||
		startsIn(words, reasons) || words[0].isPath() {
		return nil
	}
	if n, _ := versionWords.at(words[1:]); n == 0 {
		return nil
	}
	return []string{strings.Trim(words[0].raw, `",;()`)}
}

// course is what a drawing shows of the version of a supplied node, until the node is deleted: by
// how much the versions that it names are greater than the real ones, and the changes so far.
type course struct {
	shift, changes int32
	decided        bool
}

// shown is a version that a drawing names: in a call's operation or, if op is nil, in an answer.
type shown struct {
	a  *Act
	op *tree.Op
	of *course
}

// shifter walks over the arrows of a world, and finds the courses of its supplied nodes.
type shifter struct {
	now     map[string]*course // by path
	of      map[*Act]course    // of a call's node, after the call
	same    map[*Act]*course   // of a call's node
	checked map[string]bool    // a conditional write of the node succeeds
	all     []shown
}

// shiftVersions gives the versions that a drawing names for a supplied node the numbers that they
// have in the run. A drawing does not show how the node got its version, so the first one that it
// names stands for the real one, and those below it for as many changes more. A node that the
// drawing deletes or creates has the versions that are drawn.
func (w *World) shiftVersions(strict bool) {
	if strict || w.NoParents {
		return
	}
	s := shifter{now: make(map[string]*course), of: make(map[*Act]course),
		same: make(map[*Act]*course), checked: make(map[string]bool)}
	for _, x := range w.Supplies {
		if x.Op.Type == tree.OpCreate2 && !x.Op.Flags.IsSequential() {
			s.now[x.Op.Path] = &course{}
		}
	}
	for _, scene := range w.Scenes {
		for _, a := range scene.Arrows {
			if a.Kind != Call || !succeeds(a) {
				continue
			}
			for _, op := range parts(&a.Op) {
				s.checked[op.Path] = s.checked[op.Path] || guarded(op)
			}
		}
	}
	for _, scene := range w.Scenes {
		for _, a := range scene.Arrows {
			if a.Kind == Call {
				s.call(a)
			}
			s.answer(a)
		}
	}
	for _, x := range s.all {
		x.shift()
	}
}

// call follows a call that makes, changes or removes a supplied node.
func (s *shifter) call(a *Act) {
	for _, op := range parts(&a.Op) {
		c := s.now[op.Path]
		if c == nil {
			continue
		}
		mismatch := false
		if guarded(op) {
			if !c.decided && succeeds(a) {
				a.decide(c, op.Path, op.Version, c.changes)
			}
			mismatch = c.decided && op.Version-c.shift != c.changes && !succeeds(a)
			s.all = append(s.all, shown{a, op, c})
		}
		s.same[a] = c
		switch done := !failsAs(a) && !mismatch; {
		case !done:
		case op.Type == tree.OpSetData:
			c.changes++
		case op.Type == tree.OpDelete, makesNode(op) && !op.Flags.IsSequential():
			s.now[op.Path] = &course{decided: true}
		}
		if makesNode(op) {
			s.same[a] = s.now[op.Path]
		}
		s.of[a] = *s.same[a]
	}
}

// answer follows an answer that names a version. The first one decides, if a write below expects a
// version; without such a write, the number is taken as drawn.
func (s *shifter) answer(a *Act) {
	call := a.Of
	if a.Kind == Call && a.Claims {
		call = a
	}
	if call == nil || a.Kind != Call && a.Kind != Reply || !a.HasVersion ||
		a.Reply.Outcome == WentWrong || a.Reply.Code != tree.OK || s.same[call] == nil {
		return
	}
	c, op := s.same[call], &call.Op
	value := slices.Contains(a.Reply.Values, fmt.Sprintf("v%d", a.Version)) // v7 may be the data
	if !c.decided && s.checked[op.Path] && !value &&
		(op.Type == tree.OpGetData || op.Type == tree.OpExists || op.Type == tree.OpSetData) {
		a.decide(c, op.Path, a.Version, s.of[call].changes)
	}
	s.all = append(s.all, shown{a, nil, c})
}

// neverVersion is a version that no node has in a run.
const neverVersion = math.MaxInt32

// shift gives a version its real number. One from before the first number that the drawing shows
// is no version of the node in the run: it gets one that the node never has.
func (x *shown) shift() {
	by, at := x.of.shift, &x.a.Version
	if x.op != nil {
		at = &x.op.Version
	}
	switch {
	case by == 0:
	case *at < by:
		*at = neverVersion
	default:
		*at -= by
		if x.op != nil || x.a.Kind == Reply {
			x.a.Shift = by
		}
	}
}

// decide notes by how much the first version that a drawing names for a node differs from the real
// one.
func (a *Act) decide(c *course, path string, drawn, real int32) {
	c.decided = true
	if c.shift = max(drawn-real, 0); c.shift > 0 {
		a.beside("version %d in the drawing is version %d of %s in the run, because the drawing "+
			"does not show all writes", drawn, real, path)
	}
}

// parts are the operations of a multi, or the operation itself.
func parts(op *tree.Op) []*tree.Op {
	if op.Type != tree.OpMulti {
		return []*tree.Op{op}
	}
	var list []*tree.Op
	for i := range op.Ops {
		list = append(list, &op.Ops[i])
	}
	return list
}

// guarded reports whether an operation expects a version.
func guarded(op *tree.Op) bool {
	return op.Version != tree.AnyVersion &&
		(op.Type == tree.OpSetData || op.Type == tree.OpDelete || op.Type == tree.OpCheck)
}

// makesNode reports whether an operation creates a node.
func makesNode(op *tree.Op) bool {
	return op.Type == tree.OpCreate || op.Type == tree.OpCreate2
}

// Counts reports whether a call adds one to a counter.
func (a *Act) Counts() bool { return a.counts }

// failsAs reports whether the drawing shows that a call fails.
func failsAs(call *Act) bool {
	return call.Claims && call.Reply.Outcome == WentWrong ||
		call.Answer != nil && (call.Answer.Reply.Outcome == WentWrong ||
			call.Answer.Reply.Code != tree.OK)
}

// succeeds reports whether the drawing shows that a call succeeds.
func succeeds(call *Act) bool {
	return call.Claims && call.Reply.Outcome == WentWell ||
		call.Answer != nil && call.Answer.Reply.Outcome == WentWell
}

// childNouns are words for the children that a number counts.
var childNouns = wordSet("children", "child", "childs")

// countAt returns the number of children that a text gives at the word for them: 3 children, no
// children.
func countAt(words []word, at int) (uint32, bool) {
	if at < 1 || !childNouns[words[at].is] || words[at].quoted {
		return 0, false
	}
	if words[at-1].is == "no" && (at+1 == len(words) || words[at+1].is != "for") {
		return 0, true
	}
	return number(words[at-1].is)
}

// countIn returns the number of children that a text gives: 3 children, numChildren=3.
func countIn(words []word) (uint32, bool) {
	for i, w := range words {
		if key, value, given := strings.Cut(w.is, "="); given && (key == "numchildren" ||
			key == "children") {
			return number(value)
		}
		if n, ok := countAt(words, i); ok {
			return n, true
		}
	}
	return 0, false
}

// numbers gives an answer the version of the node and the number of children that its text names.
func (a *Act) numbers() {
	if a.Denied != nil {
		a.Denied.numbers()
	}
	if a.Kind != Reply && !a.Claims {
		return
	}
	words := a.words()
	a.Version, a.HasVersion = answeredVersion(words)
	a.Count, a.HasCount = countIn(words)
}
