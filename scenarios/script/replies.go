package script

import (
	"strings"

	"github.com/zablab/zablab/tree"
)

// Answer is what a drawing says about the answer to a call.
type Answer struct {
	Outcome Outcome
	Code    tree.Code // the reason, if given
	Exists  bool      // it says that the node exists: success for an exists, failure for a create
	Values  []string  // what was returned
}

type Outcome uint8

const (
	AnyOutcome Outcome = iota
	WentWell
	WentWrong
	Unanswered
)

// reasons are the words for why a call failed.
var reasons = []phrase[tree.Code]{
	{"already exists", tree.NodeExists}, {"node exists", tree.NodeExists},
	{"already there", tree.NodeExists},
	{"no node", tree.NoNode}, {"no such node", tree.NoNode}, {"not found", tree.NoNode},
	{"does not exist", tree.NoNode}, {"doesn't exist", tree.NoNode}, {"nonode", tree.NoNode},
	{"nonodeexception", tree.NoNode}, {"nodeexists", tree.NodeExists},
	{"nodeexistsexception", tree.NodeExists}, {"badversion", tree.BadVersion},
	{"badversionexception", tree.BadVersion}, {"notemptyexception", tree.NotEmpty},
	{"sessionexpiredexception", tree.SessionExpired},
	{"bad version", tree.BadVersion}, {"version mismatch", tree.BadVersion},
	{"wrong version", tree.BadVersion},
	{"not empty", tree.NotEmpty}, {"has children", tree.NotEmpty},
	{"no children for ephemerals", tree.NoChildrenForEphemerals},
	{"session expired", tree.SessionExpired}, {"expired", tree.SessionExpired},
	{"session moved", tree.SessionMoved},
}

// outcomes are the words for the outcome of a call.
var outcomes = []phrase[Outcome]{
	{"success", WentWell}, {"successful", WentWell}, {"succeeds", WentWell},
	{"succeeded", WentWell},
	{"ok", WentWell}, {"okay", WentWell}, {"done", WentWell}, {"created", WentWell},
	{"deleted", WentWell},
	{"acquired", WentWell}, {"granted", WentWell}, {"accepted", WentWell}, {"yes", WentWell},
	{"true", WentWell},
	{"updated", WentWell}, {"written", WentWell}, {"closed", WentWell}, {"set", WentWell},
	{"watching", WentWell},
	{"you are leader", WentWell}, {"you are the leader", WentWell}, {"you lead", WentWell},
	{"removed", WentWell},
	{"failed", WentWrong}, {"fails", WentWrong}, {"fail", WentWrong}, {"failure", WentWrong},
	{"error", WentWrong},
	{"denied", WentWrong}, {"rejected", WentWrong}, {"refused", WentWrong}, {"no", WentWrong},
	{"false", WentWrong},
	{"connection loss", Unanswered}, {"connection lost", Unanswered}, {"no answer", Unanswered},
	{"outcome unknown", Unanswered}, {"timeout", Unanswered}, {"timed out", Unanswered},
}

// parseReply reads an answer. ok is false if no word in it is an outcome, so that it can only be a
// value.
func parseReply(text string) (r Answer, ok bool) {
	words := wordsOf(text)
	at, length, how := find(words, outcomes)
	because, _, code := find(words, reasons)
	r.Outcome = how
	switch {
	case because >= 0 && (at < 0 || how == WentWrong || because <= at):
		r.Outcome, r.Code = WentWrong, code
	case at < 0 && has(words, "exists"):
		r.Exists = true
	case how == WentWrong && has(words, "exists"):
		r.Code = tree.NodeExists
	}
	if r.Outcome == AnyOutcome || r.Outcome == WentWell {
		alone := at < 0 && !r.Exists
		if at >= 0 && at+length == len(words)-1 { // ok: 5
			alone, words = true, words[at+length:]
		}
		r.Values = valuesIn(text, words, alone)
	}
	return r, at >= 0 || because >= 0 || r.Exists
}

// valuesIn finds the returned values in a text: in quotes or brackets, after value, data or =, or a
// path; or all its words, if the text says nothing else.
func valuesIn(text string, words []word, alone bool) []string {
	if _, rest, ok := strings.Cut(text, `"`); ok {
		if value, _, ok := strings.Cut(rest, `"`); ok {
			return []string{value}
		}
	}
	if _, rest, ok := strings.Cut(text, "["); ok {
		if list, _, ok := strings.Cut(rest, "]"); ok {
			return strings.FieldsFunc(list, func(r rune) bool { return r == ' ' || r == ',' })
		}
	}
	for i, w := range words {
		switch {
		case w.isPath():
			return []string{w.path()}
		case (w.is == "value" || w.is == "data" || w.is == "=" || w.is == "is") && i+1 < len(words):
			return []string{trimWord(words[i+1].raw)}
		case strings.HasPrefix(w.is, "=") && len(w.is) > 1:
			return []string{trimWord(w.raw)[1:]}
		}
	}
	if !alone {
		return nil
	}
	var list []string
	for _, w := range words {
		list = append(list, strings.Trim(w.raw, `",;()`))
	}
	return list
}

// Tells says whether an answer is about a node. The answer to a sync is not.
func (r *Answer) Tells() bool { return r.Exists || r.Code != tree.OK || len(r.Values) > 0 }

// Notice is what a drawing says about a watch event. Event is 0 if it does not say which.
type Notice struct {
	Event tree.EventType
	Path  string
}

var noticeWords = []string{
	"notification", "notifications", "notify", "notifies", "notified", "event", "watch fires",
	"watch fired", "watch triggers", "watch triggered", "watcher fires", "fires", "told",
	"nodedeleted", "nodecreated", "nodedatachanged", "nodechildrenchanged",
}

var eventWords = []phrase[tree.EventType]{
	{"gone", tree.NodeDeleted}, {"deleted", tree.NodeDeleted}, {"removed", tree.NodeDeleted},
	{"disappeared", tree.NodeDeleted}, {"vanished", tree.NodeDeleted},
	{"nodedeleted", tree.NodeDeleted},
	{"created", tree.NodeCreated}, {"appeared", tree.NodeCreated},
	{"nodecreated", tree.NodeCreated},
	{"children", tree.NodeChildrenChanged}, {"children changed", tree.NodeChildrenChanged},
	{"child", tree.NodeChildrenChanged}, {"nodechildrenchanged", tree.NodeChildrenChanged},
	{"changed", tree.NodeDataChanged}, {"nodedatachanged", tree.NodeDataChanged},
	{"data changed", tree.NodeDataChanged},
}

// parseNotice reads a notification. sure is false if the text may also be an answer: deleted.
func parseNotice(text string) (n Notice, ok, sure bool) {
	words := wordsOf(text)
	_, _, n.Event = find(words, eventWords)
	n.Path = firstPath(words)
	sure = has(words, noticeWords...)
	return n, sure || n.Event != 0, sure
}

func (n *Notice) Agrees(e tree.WatchEvent) bool {
	return (n.Event == 0 || n.Event == e.Type) && (n.Path == "" || n.Path == e.Path)
}
