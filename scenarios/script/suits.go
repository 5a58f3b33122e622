package script

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
)

// Suit is how well a drawn answer suits a call.
type Suit uint8

const (
	SuitsNot  Suit = iota
	SuitsIll       // the answer does not contradict the call
	SuitsWell      // the answer is typical of this kind of call
)

// suitWords are words that only the answers of some kinds of calls have.
var suitWords = []phrase[[]tree.OpCode]{
	{"created", []tree.OpCode{tree.OpCreate2, tree.OpMulti}},
	{"create", []tree.OpCode{tree.OpCreate2, tree.OpMulti}},
	{"acquired", []tree.OpCode{tree.OpCreate2, tree.OpMulti, tree.OpGetChildren2}},
	{"deleted", []tree.OpCode{tree.OpDelete, tree.OpMulti}},
	{"removed", []tree.OpCode{tree.OpDelete, tree.OpMulti}},
	{"updated", []tree.OpCode{tree.OpSetData, tree.OpMulti}},
	{"written", []tree.OpCode{tree.OpSetData, tree.OpCreate2, tree.OpMulti}},
	{"closed", []tree.OpCode{tree.OpCloseSession}},
	{"yes", []tree.OpCode{tree.OpExists}}, {"no", []tree.OpCode{tree.OpExists}},
	{"true", []tree.OpCode{tree.OpExists}}, {"false", []tree.OpCode{tree.OpExists}},
	{"watching", []tree.OpCode{tree.OpExists, tree.OpGetData, tree.OpGetChildren2}},
}

// codeSuits are the kinds of calls that can fail for a reason, by reason.
var codeSuits = map[tree.Code][]tree.OpCode{ // for lookups only
	tree.NodeExists: {tree.OpCreate2, tree.OpMulti},
	tree.NoNode: {tree.OpExists, tree.OpGetData, tree.OpGetChildren2, tree.OpSetData,
		tree.OpDelete, tree.OpMulti},
	tree.NotEmpty:                {tree.OpDelete, tree.OpMulti},
	tree.BadVersion:              {tree.OpSetData, tree.OpDelete, tree.OpMulti},
	tree.NoChildrenForEphemerals: {tree.OpCreate2, tree.OpMulti},
}

// Suits returns how well an answer suits a call. For example, a list suits a call for children, and
// a value suits a read.
func (a *Act) Suits(op *tree.Op) Suit { return a.suits(op, a.words()) }

// suits does the same with the words of the answer.
func (a *Act) suits(op *tree.Op, words []word) Suit {
	r := &a.Reply
	switch {
	case a.Either:
		return suitsEvent(op, a.Notice.Event)
	case r.Flags.Watch == Yes && op.Watch && r.Code == tree.OK && r.Outcome == WentWell:
		return SuitsWell
	case a.Lists():
		if op.Type == tree.OpGetChildren2 {
			return SuitsWell
		}
		return SuitsNot
	case r.Exists:
		if op.Type == tree.OpGetData {
			return SuitsIll
		}
		return suits(op, []tree.OpCode{tree.OpExists, tree.OpCreate2, tree.OpMulti})
	case r.Code != tree.OK && codeSuits[r.Code] != nil:
		if r.Code == tree.NoNode && op.Type == tree.OpCreate2 {
			return SuitsIll // the parent may not exist
		}
		return suits(op, codeSuits[r.Code])
	}
	if path := firstPath(words); path != "" {
		return suitsPath(op, path)
	}
	for i := range words {
		for _, p := range suitWords {
			if begins(words[i:], p.text) == 0 {
				continue
			}
			if s := suits(op, p.means); s != SuitsNot || !slices.Contains([]string{"yes", "no",
				"true", "false"}, p.text) {
				return s
			}
			return SuitsIll
		}
	}
	if _, ok := versionIn(words); ok || len(r.Values) == 0 || op.Type == tree.OpCreate2 &&
		op.Flags.IsSequential() || string(op.Data) == strings.Join(r.Values, " ") {
		return SuitsIll
	}
	if op.Type == tree.OpGetData {
		return SuitsWell
	}
	if op.Type == tree.OpGetChildren2 {
		return SuitsIll
	}
	return SuitsNot
}

// suitsEvent returns how well a text such as "deleted", which may be a notification, suits a call
// as its answer.
func suitsEvent(op *tree.Op, e tree.EventType) Suit {
	switch e {
	case tree.NodeDeleted:
		return suits(op, []tree.OpCode{tree.OpDelete, tree.OpMulti})
	case tree.NodeCreated:
		return suits(op, []tree.OpCode{tree.OpCreate2, tree.OpMulti})
	case tree.NodeDataChanged:
		return suits(op, []tree.OpCode{tree.OpSetData, tree.OpMulti})
	case tree.NodeChildrenChanged:
		return suits(op, []tree.OpCode{tree.OpGetChildren2})
	}
	return SuitsIll
}

func suits(op *tree.Op, kinds []tree.OpCode) Suit {
	if slices.Contains(kinds, op.Type) {
		return SuitsWell
	}
	return SuitsNot
}

// suitsPath returns how well an answer with this path suits a call.
func suitsPath(op *tree.Op, path string) Suit {
	switch {
	case op.Type == tree.OpCreate2 && op.Flags.IsSequential():
		return SuitsWell
	case op.Path == path, op.Type == tree.OpMulti:
		return SuitsWell
	case op.Type == tree.OpGetData:
		return SuitsIll // a value may look like a path
	case op.Type == tree.OpGetChildren2 && strings.HasPrefix(path, strings.TrimSuffix(op.Path, "/")+"/"):
		return SuitsWell
	case op.Type == tree.OpCreate2:
		return SuitsIll
	}
	return SuitsNot
}

// Lists reports whether an answer is a list, such as [n-1, n-2].
func (a *Act) Lists() bool {
	if a.detailed {
		return a.Of.Op.Type == tree.OpGetChildren2
	}
	_, rest, ok := strings.Cut(a.Text, "[")
	return ok && strings.Contains(rest, "]") && a.Reply.Outcome != WentWrong
}

// Sure reports whether the text of an answer is certainly data, such as a value or a list, and not
// prose.
func (a *Act) Sure() bool {
	return a.detailed || len(a.Reply.Values) == 1 || a.Lists() || strings.Contains(a.Text, `"`)
}

// Leads reports whether an answer says that its client leads.
func (a *Act) Leads() bool { return a.Reply.Outcome == WentWell && leadWords.in(a.words()) }

// leadWords are phrases by which an answer says that its client leads or holds the lock.
var leadWords = lexiconOf([]string{"you are leader", "you are the leader", "you lead",
	"you are now leader", "you're the leader", "elected", "you are lowest", "you are the lowest",
	"you hold the lock", "you are the new leader", "isleader", "takeleadership"})

// Connects returns two results for an arrow that is read as a heartbeat: whether its text says that
// the client connects, and whether it says that the client gets a new session.
func (a *Act) Connects() (anew, fresh bool) {
	words := a.words()
	fresh = has(words, "new session", "fresh session", "another session")
	return fresh || reconnectWords.in(words) || has(words, "connect", "connects",
		"opens a session", "open session", "create session", "creates session", "create a session",
		"creates a session", "create connection", "opens session", "establish session",
		"establishes session", "re-establish session"), fresh
}
