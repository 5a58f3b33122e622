package script

import (
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
		if n, _ := versionWords.at([]word{{is: is}}); n == 0 && w.raw != "-v" || w.quoted {
			continue
		}
		for _, next := range append([]word{{is: given}}, words[i+1:]...) {
			digits, _, _ := strings.Cut(strings.TrimLeft(next.is, "="), ")") // withVersion(0).forPath
			if n, ok := number(digits); ok && n < 1<<31 {
				return int32(n), true
			}
			if next.is != "" && next.is != "is" && next.is != "=" && next.is != "==" &&
				next.is != "of" && next.is != "equals" {
				break
			}
		}
	}
	return 0, false
}

// shortVersion returns the version in a text such as "v3" or "v=3"; false if it has none, or if
// that word is the value of a set.
func shortVersion(words []word, value string) (int32, bool) {
	for _, w := range words {
		digits, ok := strings.CutPrefix(w.is, "v")
		if !ok || w.quoted || trimWord(w.raw) == value {
			continue
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

// comparisons are what a text may ask of a version other than that it is the expected one.
var comparisons = lexiconOf([]string{"greater", "less", "more",
	"higher", "lower", "larger", "smaller", "newer", "older", "above", "below", "at least", "at most",
	"up to", "changed", "has changed", "differs", "different", "is greater", "is less", "is higher",
	"is lower", "is newer", "is older", "is different", "is above", "is below", "is at least",
	"is at most", "does not equal", "not equal", "not equals", "is not equal"})

// signs compare for something else than equality.
const signs = "!<>≠≤≥"

// compared returns an error if a set or a delete makes a condition of the version that ZooKeeper
// cannot check: it only compares for equality.
func compared(text string, words []word) error {
	wrong := &misread{why: "a set or a delete checks one thing only: that the version of the node is " +
		"the one that it gives: write its number, as in \"version 7\""}
	for i, w := range words {
		name := w.is
		if at := strings.IndexAny(name, signs); at >= 0 {
			name = name[:at]
		}
		if n, _ := versionWords.at([]word{{is: name}}); n == 0 || w.quoted {
			continue
		}
		rest := words[i+1:]
		between := text[w.begin:]
		if len(rest) > 0 {
			between = text[w.begin:rest[0].begin]
		}
		if strings.ContainsAny(between, signs) ||
			len(rest) > 0 && strings.IndexAny(rest[0].raw, signs) == 0 {
			return wrong
		}
		if n, _ := comparisons.at(rest); n > 0 {
			return wrong
		}
		if len(rest) > 0 && rest[0].is == "is" {
			rest = rest[1:]
		}
		if len(rest) > 1 && rest[0].is == "not" {
			if _, ok := number(rest[1].is); ok {
				return wrong
			}
		}
	}
	return nil
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

// shiftVersions gives the versions that a drawing names for a supplied node the numbers that they
// have in the run. A drawing does not show how the node got its version, so the first one that it
// names stands for the real one, and those below it for as many changes more.
func (w *World) shiftVersions(strict bool) {
	if strict || w.NoParents {
		return
	}
	supplied := make(map[string]bool)
	for _, s := range w.Supplies {
		if s.Op.Type == tree.OpCreate2 && !s.Op.Flags.IsSequential() {
			supplied[s.Op.Path] = true
		}
	}
	shifts := w.shifts(supplied)
	for _, scene := range w.Scenes {
		for _, a := range scene.Arrows {
			switch {
			case a.Kind == Call && a.Op.Version != tree.AnyVersion && writes(&a.Op):
				a.Shift = shifts[a.Op.Path]
				a.Op.Version -= a.Shift
			case a.Kind == Reply && a.Of != nil && a.HasVersion && a.Reply.Outcome != WentWrong:
				a.Shift = shifts[a.Of.Op.Path]
				a.Version -= a.Shift
			case a.Kind == Call && a.Claims && a.HasVersion && a.Reply.Outcome != WentWrong:
				a.Version -= shifts[a.Op.Path]
			}
		}
	}
}

// shifts returns, by the path of a supplied node, by how much the versions that a drawing names are
// greater than the real ones. The first conditional write that succeeds decides.
func (w *World) shifts(supplied map[string]bool) map[string]int32 {
	changes, shifts := make(map[string]int32), make(map[string]int32)
	for _, scene := range w.Scenes {
		for _, a := range scene.Arrows {
			path := a.Op.Path
			if a.Kind != Call || !supplied[path] || !writes(&a.Op) {
				continue
			}
			if _, known := shifts[path]; !known && a.Op.Version != tree.AnyVersion && succeeds(a) {
				a.firstVersion(a.Op.Version-changes[path], shifts, changes)
			}
			if a.Op.Type == tree.OpSetData && !failsAs(a) {
				changes[path]++
			}
		}
	}
	return shifts
}

// Counts reports whether a call adds one to a counter.
func (a *Act) Counts() bool { return a.counts }

// writes reports whether an operation may expect a version.
func writes(op *tree.Op) bool { return op.Type == tree.OpSetData || op.Type == tree.OpDelete }

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

// firstVersion notes by how much the first version that a drawing names for a node differs from the
// real one.
func (a *Act) firstVersion(by int32, shifts, changes map[string]int32) {
	path := a.Op.Path
	if shifts[path] = max(by, 0); by > 0 {
		a.beside("version %d stands for version %d of %s, because the drawing does not show how the "+
			"node got it", a.Op.Version, changes[path], path)
	}
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
