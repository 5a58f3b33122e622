package scenarios

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// reply is what a drawing says of an answer.
type reply struct {
	outcome outcome
	code    tree.Code // the reason, if it gives one
	exists  bool      // it says that the node exists, which is good news or bad by what was asked
	values  []string  // what it says came back
}

type outcome uint8

const (
	anyOutcome outcome = iota
	wentWell
	wentWrong
	unanswered
)

// reasons are the words for why a call failed.
var reasons = []phrase[tree.Code]{
	{"already exists", tree.NodeExists}, {"node exists", tree.NodeExists}, {"already there", tree.NodeExists},
	{"no node", tree.NoNode}, {"no such node", tree.NoNode}, {"not found", tree.NoNode},
	{"does not exist", tree.NoNode}, {"doesn't exist", tree.NoNode}, {"nonode", tree.NoNode},
	{"nonodeexception", tree.NoNode}, {"nodeexists", tree.NodeExists},
	{"nodeexistsexception", tree.NodeExists}, {"badversion", tree.BadVersion},
	{"badversionexception", tree.BadVersion}, {"notemptyexception", tree.NotEmpty},
	{"sessionexpiredexception", tree.SessionExpired},
	{"bad version", tree.BadVersion}, {"version mismatch", tree.BadVersion}, {"wrong version", tree.BadVersion},
	{"not empty", tree.NotEmpty}, {"has children", tree.NotEmpty},
	{"no children for ephemerals", tree.NoChildrenForEphemerals},
	{"session expired", tree.SessionExpired}, {"expired", tree.SessionExpired},
	{"session moved", tree.SessionMoved},
}

// outcomes are the words for how a call went.
var outcomes = []phrase[outcome]{
	{"success", wentWell}, {"successful", wentWell}, {"succeeds", wentWell}, {"succeeded", wentWell},
	{"ok", wentWell}, {"okay", wentWell}, {"done", wentWell}, {"created", wentWell}, {"deleted", wentWell},
	{"acquired", wentWell}, {"granted", wentWell}, {"accepted", wentWell}, {"yes", wentWell}, {"true", wentWell},
	{"updated", wentWell}, {"written", wentWell}, {"closed", wentWell}, {"set", wentWell}, {"watching", wentWell},
	{"you are leader", wentWell}, {"you are the leader", wentWell}, {"you lead", wentWell}, {"removed", wentWell},
	{"failed", wentWrong}, {"fails", wentWrong}, {"fail", wentWrong}, {"failure", wentWrong}, {"error", wentWrong},
	{"denied", wentWrong}, {"rejected", wentWrong}, {"refused", wentWrong}, {"no", wentWrong}, {"false", wentWrong},
	{"connection loss", unanswered}, {"connection lost", unanswered}, {"no answer", unanswered},
	{"outcome unknown", unanswered}, {"timeout", unanswered}, {"timed out", unanswered},
}

// parseReply reads an answer; ok is false if nothing in it says how it went, so that it can only be
// a value.
func parseReply(text string) (r reply, ok bool) {
	words := wordsOf(text)
	at, length, how := find(words, outcomes)
	because, _, code := find(words, reasons)
	r.outcome = how
	switch {
	case because >= 0 && (at < 0 || how == wentWrong || because <= at):
		r.outcome, r.code = wentWrong, code
	case at < 0 && has(words, "exists"):
		r.exists = true
	case how == wentWrong && has(words, "exists"):
		r.code = tree.NodeExists
	}
	if r.outcome == anyOutcome || r.outcome == wentWell {
		alone := at < 0 && !r.exists
		if at >= 0 && at+length == len(words)-1 { // ok: 5
			alone, words = true, words[at+length:]
		}
		r.values = valuesIn(text, words, alone)
	}
	return r, at >= 0 || because >= 0 || r.exists
}

// valuesIn finds what a text says came back: what is in quotes or brackets, what stands behind a
// value, data or =, a path; or, where the text says nothing else, its words.
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

// agrees says whether an operation went as a drawing says.
func (r *reply) agrees(o *engine.Op) bool {
	want, code := r.outcome, r.code
	if r.exists {
		want = wentWrong
		code = tree.NodeExists
		if o.Op.Type == tree.OpExists {
			want = wentWell
		}
	}
	switch want {
	case unanswered:
		return o.Outcome == client.Unknown
	case wentWrong:
		return o.Outcome == client.Failed && (code == tree.OK || code == o.Code) ||
			code == tree.SessionExpired && o.Code == code
	case wentWell:
		// That there is nothing is an answer too, to those who only set a watch.
		if o.Outcome != client.OK && !(o.Op.Type == tree.OpExists && o.Op.Watch && o.Code == tree.NoNode) {
			return false
		}
	default:
		if o.Outcome != client.OK {
			return false
		}
	}
	return r.sameValues(o)
}

// tells says that an answer is one that tells of a node, as that to a sync does not.
func (r *reply) tells() bool { return r.exists || r.code != tree.OK || len(r.values) > 0 }

// sameValues compares what came back with what a drawing says came back, if it says so.
func (r *reply) sameValues(o *engine.Op) bool {
	if len(r.values) == 0 {
		return true
	}
	switch o.Op.Type {
	case tree.OpGetData:
		data := string(o.Result.Data)
		return r.values[0] == data || strings.Join(r.values, " ") == data
	case tree.OpGetChildren2:
		return slices.Equal(slices.Sorted(slices.Values(r.values)), slices.Sorted(slices.Values(o.Result.Children)))
	case tree.OpCreate, tree.OpCreate2:
		return !strings.HasPrefix(r.values[0], "/") || r.values[0] == o.Result.Path
	case tree.OpDelete, tree.OpSetData, tree.OpExists:
		// An answer that names a node is about that node: it is not the one to this call.
		return !strings.HasPrefix(r.values[0], "/") || r.values[0] == o.Op.Path
	}
	return true
}

// answer says in words how an operation went.
func answer(o *engine.Op) string {
	switch {
	case o.Lost:
		return "its client died before it was answered"
	case o.Outcome == client.Pending:
		return "no answer"
	case o.Outcome == client.Unknown:
		return "connection lost: it may have happened"
	case o.Outcome == client.NotSent:
		return "not sent: " + o.Code.Error()
	case o.Outcome == client.Failed:
		parent, _, _ := tree.SplitPath(o.Op.Path)
		if (o.Op.Type == tree.OpCreate || o.Op.Type == tree.OpCreate2) && o.Code == tree.NoNode && parent != "" {
			return o.Code.Error() + ": nobody has created its parent " + parent
		}
		return o.Code.Error()
	}
	switch o.Op.Type {
	case tree.OpGetData:
		return "ok: " + clip(string(o.Result.Data))
	case tree.OpGetChildren2:
		return "ok: [" + strings.Join(o.Result.Children, " ") + "]"
	case tree.OpCreate, tree.OpCreate2:
		if o.Op.Flags.IsSequential() {
			return "ok: " + o.Result.Path
		}
	}
	return "ok"
}

// notice is what a drawing says of a watch event; event is 0 if it does not say which.
type notice struct {
	event tree.EventType
	path  string
}

var noticeWords = []string{
	"notification", "notifications", "notify", "notifies", "notified", "event", "watch fires",
	"watch fired", "watch triggers", "watch triggered", "watcher fires", "fires", "told",
	"nodedeleted", "nodecreated", "nodedatachanged", "nodechildrenchanged",
}

var eventWords = []phrase[tree.EventType]{
	{"gone", tree.NodeDeleted}, {"deleted", tree.NodeDeleted}, {"removed", tree.NodeDeleted},
	{"disappeared", tree.NodeDeleted}, {"vanished", tree.NodeDeleted}, {"nodedeleted", tree.NodeDeleted},
	{"created", tree.NodeCreated}, {"appeared", tree.NodeCreated}, {"nodecreated", tree.NodeCreated},
	{"children", tree.NodeChildrenChanged}, {"children changed", tree.NodeChildrenChanged},
	{"child", tree.NodeChildrenChanged}, {"nodechildrenchanged", tree.NodeChildrenChanged},
	{"changed", tree.NodeDataChanged}, {"nodedatachanged", tree.NodeDataChanged},
	{"data changed", tree.NodeDataChanged},
}

// parseNotice reads a notification. sure is false if the text may as well be an answer: deleted.
func parseNotice(text string) (n notice, ok, sure bool) {
	words := wordsOf(text)
	_, _, n.event = find(words, eventWords)
	n.path = firstPath(words)
	sure = has(words, noticeWords...)
	return n, sure || n.event != 0, sure
}

func (n *notice) agrees(e tree.WatchEvent) bool {
	return (n.event == 0 || n.event == e.Type) && (n.path == "" || n.path == e.Path)
}
