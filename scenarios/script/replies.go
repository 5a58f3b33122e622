package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
)

// Answer is the answer to a call, as the drawing shows it.
type Answer struct {
	Outcome Outcome
	Code    tree.Code // the reason of a failure, if the text gives one
	Exists  bool      // the node exists: success for an exists, failure for a create
	Values  []string  // the values that the call returns
	Flags             // what the answer says of its node and its watch
}

type Outcome uint8

const (
	AnyOutcome Outcome = iota
	WentWell
	WentWrong
	Unanswered
)

// reasons are phrases for the reason of a failed call.
var reasons = newLexicon([]phrase[tree.Code]{
	{"already exists", tree.NodeExists}, {"node exists", tree.NodeExists},
	{"already there", tree.NodeExists}, {"already taken", tree.NodeExists},
	{"already created", tree.NodeExists}, {"znode exists", tree.NodeExists},
	{"exists already", tree.NodeExists}, {"node already exists", tree.NodeExists},
	{"no node", tree.NoNode}, {"no such node", tree.NoNode}, {"not found", tree.NoNode},
	{"does not exist", tree.NoNode}, {"doesn't exist", tree.NoNode}, {"nonode", tree.NoNode},
	{"no longer exists", tree.NoNode}, {"not exists", tree.NoNode}, {"not exist", tree.NoNode},
	{"not there", tree.NoNode}, {"missing", tree.NoNode}, {"absent", tree.NoNode},
	{"no znode", tree.NoNode}, {"no such znode", tree.NoNode},
	{"nonodeexception", tree.NoNode}, {"nonodeerror", tree.NoNode}, {"znonode", tree.NoNode},
	{"errnonode", tree.NoNode}, {"nodeexists", tree.NodeExists},
	{"nodeexistsexception", tree.NodeExists}, {"nodeexistserror", tree.NodeExists},
	{"znodeexists", tree.NodeExists}, {"errnodeexists", tree.NodeExists},
	{"node_exists", tree.NodeExists}, {"no_node", tree.NoNode},
	{"badversion", tree.BadVersion}, {"badversionexception", tree.BadVersion},
	{"badversionerror", tree.BadVersion}, {"zbadversion", tree.BadVersion},
	{"errbadversion", tree.BadVersion},
	{"notempty", tree.NotEmpty}, {"notemptyexception", tree.NotEmpty},
	{"notemptyerror", tree.NotEmpty}, {"znotempty", tree.NotEmpty}, {"errnotempty", tree.NotEmpty},
	{"sessionexpired", tree.SessionExpired}, {"sessionexpiredexception", tree.SessionExpired},
	{"sessionexpirederror", tree.SessionExpired}, {"zsessionexpired", tree.SessionExpired},
	{"errsessionexpired", tree.SessionExpired},
	{"nochildrenforephemerals", tree.NoChildrenForEphemerals},
	{"nochildrenforephemeralsexception", tree.NoChildrenForEphemerals},
	{"znochildrenforephemerals", tree.NoChildrenForEphemerals},
	{"bad version", tree.BadVersion}, {"version mismatch", tree.BadVersion},
	{"wrong version", tree.BadVersion}, {"version conflict", tree.BadVersion},
	{"not empty", tree.NotEmpty}, {"has children", tree.NotEmpty},
	{"no children for ephemerals", tree.NoChildrenForEphemerals},
	{"ephemerals cannot have children", tree.NoChildrenForEphemerals},
	{"session expired", tree.SessionExpired}, {"expired", tree.SessionExpired},
	{"session moved", tree.SessionMoved}, {"sessionmovedexception", tree.SessionMoved},
})

// outcomes are phrases for the outcome of a call.
var outcomes = newLexicon([]phrase[Outcome]{
	{"success", WentWell}, {"successful", WentWell}, {"succeeds", WentWell},
	{"succeeded", WentWell}, {"successfully", WentWell},
	{"ok", WentWell}, {"okay", WentWell}, {"done", WentWell}, {"ready", WentWell}, {"created", WentWell},
	{"deleted", WentWell}, {"zok", WentWell},
	{"acquired", WentWell}, {"granted", WentWell}, {"accepted", WentWell}, {"yes", WentWell},
	{"true", WentWell}, {"acknowledged", WentWell}, {"confirmed", WentWell},
	{"registered", WentWell}, {"released", WentWell},
	{"updated", WentWell}, {"written", WentWell}, {"closed", WentWell}, {"set", WentWell},
	{"watching", WentWell}, {"watch registered", WentWell},
	{"you are leader", WentWell}, {"you are the leader", WentWell}, {"you lead", WentWell},
	{"you are now leader", WentWell}, {"you're the leader", WentWell}, {"elected", WentWell},
	{"ack", WentWell}, {"acks", WentWell}, {"acknowledgement", WentWell}, {"response", WentWell},
	{"removed", WentWell}, {"no error", WentWell}, {"no errors", WentWell},
	{"acknowledge", WentWell}, {"acknowledges", WentWell}, {"assigned", WentWell},
	{"secured", WentWell}, {"obtained", WentWell}, {"established", WentWell},
	{"confirmation", WentWell}, {"metadata", WentWell}, {"stat", WentWell},
	{"node data", WentWell}, {"znode data", WentWell}, {"node path", WentWell},
	{"nodepath", WentWell}, {"paths", WentWell}, {"child list", WentWell},
	{"children list", WentWell}, {"list of children", WentWell}, {"list of nodes", WentWell},
	{"unique", WentWell}, {"all unique", WentWell}, {"no duplicates", WentWell},
	{"no duplicate", WentWell}, {"no conflict", WentWell}, {"no conflicts", WentWell},
	{"failed", WentWrong}, {"fails", WentWrong}, {"fail", WentWrong}, {"failure", WentWrong},
	{"error", WentWrong}, {"exception", WentWrong}, {"conflict", WentWrong},
	{"denied", WentWrong}, {"rejected", WentWrong}, {"refused", WentWrong}, {"no", WentWrong},
	{"false", WentWrong}, {"you are follower", WentWrong}, {"you are a follower", WentWrong},
	{"you are the follower", WentWrong}, {"you follow", WentWrong}, {"become follower", WentWrong},
	{"be follower", WentWrong}, {"you are standby", WentWrong}, {"taken", WentWrong},
	{"not leader", WentWrong}, {"not the leader", WentWrong}, {"not a leader", WentWrong},
	{"unsuccessful", WentWrong},
	{"connection loss", Unanswered}, {"connection lost", Unanswered}, {"no answer", Unanswered},
	{"outcome unknown", Unanswered}, {"timeout", Unanswered}, {"timed out", Unanswered},
	{"connectionloss", Unanswered}, {"connectionlossexception", Unanswered},
	{"zconnectionloss", Unanswered}, {"connectionlosserror", Unanswered},
	{"no response", Unanswered}, {"no reply", Unanswered}, {"operation timeout", Unanswered},
	{"operationtimeoutexception", Unanswered}, {"zoperationtimeout", Unanswered},
	{"connectionclosederror", Unanswered}, {"errconnectionclosed", Unanswered},
})

// outcomeIn finds the words that say how a call ended, as find does. With a denial they say the
// opposite.
func outcomeIn(words []word) (at, length int, how Outcome) {
	at, length, how = find(words, outcomes)
	if at < 0 {
		return at, length, how
	}
	if how != Unanswered && denied(words, at) {
		how = map[Outcome]Outcome{WentWell: WentWrong, WentWrong: WentWell}[how]
	}
	if how == WentWrong && words[at].is == "no" && length == 1 { // no exception
		if n, what := outcomes.at(words[at+1:]); n > 0 && what == WentWrong {
			how, length = WentWell, n+1
		}
	}
	return at, length, how
}

// parseReply reads an answer. ok is false if the text has no word for an outcome: then it can only
// be a value.
func parseReply(text string, words []word) (r Answer, ok bool, err error) {
	if r, ok := marked(text); ok {
		return r, true, nil
	}
	at, length, how := outcomeIn(words)
	because, lasting, code := find(words, reasons)
	if code == tree.OK {
		because, lasting, code = codeIn(words)
	}
	if at < 0 && because < 0 && returned(words) {
		at, how = 0, WentWell
	}
	if word := future(words, at); word != "" {
		return r, false, &misread{why: fmt.Sprintf("%q says what may happen later, but this "+
			"arrow is an answer: write the outcome of the call, such as \"ok\"", word)}
	}
	if because >= 0 && denied(words, because) {
		return r, false, strayError(words[because].raw)
	}
	if raw := stray(words, max(at+length, because+lasting, 0)); raw != "" {
		return r, false, strayError(raw)
	}
	if raw := hedge(words); raw != "" && (at >= 0 || because >= 0) {
		return r, false, &misread{why: fmt.Sprintf("unclear outcome, because of %q: write only the "+
			"outcome", raw)}
	}
	if r.Flags, err = flagsIn(words); err != nil {
		return r, false, err
	}
	r.Outcome = how
	exists := existsWords.in(words)
	switch {
	case because >= 0 && (at < 0 || how == WentWrong || because <= at):
		r.Outcome, r.Code = WentWrong, code
	case at < 0 && exists:
		r.Exists = true
	case how == WentWrong && exists:
		r.Code = tree.NodeExists
	}
	if how == WentWell && at+length < len(words) && r.Code == tree.OK {
		_, _, then := find(words[at+length:], outcomes)
		if then == WentWrong || then == Unanswered {
			return r, false, &misread{why: "the answer says both success and failure: keep one"}
		}
	}
	if unclearValue(words) {
		return r, false, &misread{why: "unclear value in parentheses: write a value, as in value " +
			"\"5\", or write in the parentheses only how old the value may be, as in value " +
			"(possibly stale)"}
	}
	if r.Outcome == AnyOutcome || r.Outcome == WentWell {
		alone := at < 0 && !r.Exists
		rest := words
		if at >= 0 && at+length == len(words)-1 && valuable(words[at+length:]) { // ok: 5
			alone, rest = true, words[at+length:]
		}
		r.Values = valuesIn(text, rest, alone)
		if _, ok := versionIn(words); ok && strings.Contains(strings.ToLower(
			strings.Join(r.Values, " ")), "version") {
			r.Values = besideVersion(words)
		}
		if _, ok := countIn(words); ok && at < 0 {
			r.Outcome, r.Values = WentWell, nil
			at = 0
		}
	}
	return r, at >= 0 || because >= 0 || r.Exists, nil
}

// marked reads an answer that is a mark, such as ✓ or ✗.
func marked(text string) (Answer, bool) {
	mark := strings.Trim(text, " \t\n\ufe0f")
	switch mark {
	case "✓", "✔", "✅", "👍":
		return Answer{Outcome: WentWell}, true
	case "✗", "✘", "❌", "✖", "👎":
		return Answer{Outcome: WentWrong}, true
	}
	return Answer{}, false
}

// codeIn returns the reason of a failure that a text gives by its number: rc=-101, error: -110. The
// numbers are those of KeeperException.Code.
func codeIn(words []word) (at, length int, code tree.Code) {
	for i, w := range words {
		name, number, given := strings.Cut(w.is, "=")
		if !given && i+1 < len(words) {
			number = words[i+1].raw
		}
		switch name {
		case "rc", "error", "err", "code", "keepererrorcode":
		default:
			continue
		}
		switch strings.Trim(number, "(),.;") {
		case "-101":
			return i, 2, tree.NoNode
		case "-103":
			return i, 2, tree.BadVersion
		case "-110":
			return i, 2, tree.NodeExists
		case "-111":
			return i, 2, tree.NotEmpty
		case "-112":
			return i, 2, tree.SessionExpired
		}
	}
	return -1, 0, tree.OK
}

// returned says whether an answer only says in words what it gives: returns the list of members.
func returned(words []word) bool {
	if len(words) < 2 {
		return false
	}
	if open := slices.IndexFunc(words, func(w word) bool { return w.raw[0] == '(' }); open > 0 &&
		explains(words[open:]) && has(words[open-1:open], "data", "value") {
		words = words[:open] // data (at most a minute old)
	}
	if n, _ := contents.at(words); n != len(words) && !has(words[:1], "return", "returns", "returned",
		"returning", "current", "latest", "fresh", "up-to-date", "newest") {
		return false
	}
	for _, w := range words {
		if w.quoted || w.isPath() || strings.ContainsAny(w.raw, "0123456789=[{\"") {
			return false
		}
	}
	return contents.in(words) || lists.in(words)
}

// explains reports whether the parentheses at the beginning of these words say how old a value is, in
// more than one word, and give no value. A version may stand there, too: it is checked by itself.
func explains(words []word) bool {
	in := inParentheses(words)
	if len(in) == 2 && in[0].is == "version" {
		_, ok := versionIn(in)
		return ok
	}
	if len(in) < 2 {
		return false
	}
	if len(in) > 3 && has(in[:1], "max", "maximum", "most") && has(in[2:3], "s", "sec", "second",
		"seconds", "min", "minute", "minutes", "ms") {
		in = in[3:] // max 1 min stale
	}
	return ages.in(in) && !hints.in(in) && !slices.ContainsFunc(in, func(w word) bool {
		return w.quoted || w.isPath() || strings.ContainsAny(w.raw, "=\"'`0123456789[{")
	})
}

// ages are words that say how old a value is.
var ages = lexiconOf([]string{"old", "older", "newer", "fresh", "fresher", "stale", "recent", "latest",
	"newest", "up-to-date", "outdated", "behind", "cached"})

// hints are words before a value, or that stand for one: still 4, always null.
var hints = lexiconOf([]string{"still", "always", "now", "is", "was", "it", "null", "nil", "empty",
	"none", "nothing", "undefined", "true", "false", "blank", "unset", "zero"})

// inParentheses returns the words in the parentheses with which these words begin.
func inParentheses(words []word) []word {
	if len(words) == 0 || words[0].raw[0] != '(' {
		return nil
	}
	end := slices.IndexFunc(words, func(w word) bool { return strings.Contains(w.raw, ")") })
	return words[:end+1]
}

// unclearValue reports whether parentheses after the word data or value seem to give a value among
// other words: data (still 4).
func unclearValue(words []word) bool {
	for i := 1; i < len(words); i++ {
		if in := inParentheses(words[i:]); len(in) > 1 && has(words[i-1:i], "data", "value") &&
			!negated(words[:i-1]) { // no data (still being written)
			return !explains(in) && (startsIn(in, hints) || ages.in(in))
		}
	}
	return false
}

// valuable says whether the one word after an outcome is a value, as in ok: 5, and not the object
// of a verb, as in acknowledges registration.
func valuable(words []word) bool {
	w := words[0]
	if w.raw[0] == '(' && !strings.ContainsAny(w.raw, "0123456789\"[{/=") {
		return false // what stands in parentheses explains the outcome
	}
	return !startsIn(words, outcomes) && (w.fresh || w.quoted || w.isPath() ||
		strings.ContainsAny(w.raw, "0123456789\"[{"))
}

// hedge returns the word of an answer that takes its outcome back in part, or joins it to another:
// partially ok, failed but created, success or exists. It returns "" if there is none. What stands
// in parentheses explains the outcome.
func hedge(words []word) string {
	for i, w := range words {
		if w.raw[0] == '(' && i > 0 {
			if has(words[i:], "not really", "sort of", "kind of", "not quite", "in theory") {
				return w.raw
			}
			break
		}
		if strings.HasSuffix(w.raw, "?") && i == len(words)-1 && !w.quoted && !w.isPath() {
			return w.raw // a question
		}
		if w.quoted || w.isPath() {
			continue
		}
		switch w.is {
		case "partially", "partial", "partly", "almost", "hardly", "barely", "nearly", "unsuccessfully",
			"maybe", "perhaps":
			return w.raw
		case "but", "or":
			if i > 0 && i+1 < len(words) {
				return w.raw
			}
		}
	}
	return ""
}

var existsWords = lexiconOf([]string{"exists"})

// valuesIn returns the values in an answer: in quotes or brackets, after "value", "data" or "=", or
// a path. If alone is true, the text has nothing but values, and all its words are one.
func valuesIn(text string, words []word, alone bool) []string {
	if object := strings.TrimSpace(text); object != "" && objectIn(object) == object {
		return []string{object}
	}
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
		case w.is == "=" && i+3 < len(words): // prose: lowest = holds the lock
		case i+1 < len(words) && explains(words[i+1:]): // data (at most a minute old)
		case (w.is == "value" || w.is == "data" || w.is == "=" || valued(words, i)) && i+1 < len(words):
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

// Tells reports whether an answer says something about a node. The answer to a sync never does.
func (r *Answer) Tells() bool { return r.Exists || r.Code != tree.OK || len(r.Values) > 0 }

// Notice is a notification, as the drawing shows it. Event is its type, or 0 if the drawing does
// not name the type.
type Notice struct {
	Event tree.EventType
	Path  string
}

var noticeWords = []string{
	"notification", "notifications", "notify", "notifies", "notified", "event", "events",
	"watch fires", "watch fired", "watch triggers", "watch triggered", "watcher fires", "fires",
	"fire", "trigger", "told", "watcher fired", "watcher triggered", "watch event", "watchevent", "watchedevent",
	"triggered", "triggers", "fired", "callback", "watch notification", "notifying", "trigger",
	"nodedeleted", "nodecreated", "nodedatachanged", "nodechildrenchanged", "node_deleted",
	"node_created", "node_added", "node_updated", "node_changed", "node_removed", "child_added",
	"child_updated", "child_removed", "node_data_changed", "node_children_changed", "eventnodedeleted",
	"eventnodecreated", "zoo_deleted_event", "zoo_created_event", "zoo_changed_event",
	"zoo_child_event", "leadership available", "topology change", "topology changed", "new member",
	"detected",
}

var notices = lexiconOf(noticeWords)

var eventWords = newLexicon([]phrase[tree.EventType]{
	{"gone", tree.NodeDeleted}, {"deleted", tree.NodeDeleted}, {"removed", tree.NodeDeleted},
	{"disappeared", tree.NodeDeleted}, {"vanished", tree.NodeDeleted},
	{"nodedeleted", tree.NodeDeleted}, {"node_deleted", tree.NodeDeleted},
	{"eventnodedeleted", tree.NodeDeleted}, {"zoo_deleted_event", tree.NodeDeleted},
	{"node deleted", tree.NodeDeleted}, {"deletion", tree.NodeDeleted},
	{"released", tree.NodeDeleted}, {"freed", tree.NodeDeleted},
	{"node_added", tree.NodeCreated}, {"node_updated", tree.NodeDataChanged}, // of Curator's caches
	{"node_changed", tree.NodeDataChanged}, {"node_removed", tree.NodeDeleted},
	{"child_added", tree.NodeChildrenChanged}, {"child_removed", tree.NodeChildrenChanged},
	{"created", tree.NodeCreated}, {"appeared", tree.NodeCreated},
	{"nodecreated", tree.NodeCreated}, {"node_created", tree.NodeCreated},
	{"eventnodecreated", tree.NodeCreated}, {"zoo_created_event", tree.NodeCreated},
	{"node created", tree.NodeCreated},
	{"added", tree.NodeChildrenChanged}, {"member joined", tree.NodeChildrenChanged},
	{"eventnodechildrenchanged", tree.NodeChildrenChanged},
	{"eventnodedatachanged", tree.NodeDataChanged},
	{"children", tree.NodeChildrenChanged}, {"children changed", tree.NodeChildrenChanged},
	{"child", tree.NodeChildrenChanged}, {"nodechildrenchanged", tree.NodeChildrenChanged},
	{"node_children_changed", tree.NodeChildrenChanged},
	{"zoo_child_event", tree.NodeChildrenChanged},
	{"changed", tree.NodeDataChanged}, {"nodedatachanged", tree.NodeDataChanged},
	{"data changed", tree.NodeDataChanged}, {"node_data_changed", tree.NodeDataChanged},
	{"zoo_changed_event", tree.NodeDataChanged},
})

// parseNotice reads a notification. ok is false if the text cannot be one. sure is false if the
// text may also be an answer, as "deleted" may.
func parseNotice(words []word) (n Notice, ok, sure bool) {
	words = unawaited(words)
	for i, w := range words {
		// type=NodeDeleted, path=/a
		if key, value, given := strings.Cut(w.is, "="); given && value != "" {
			switch {
			case strings.HasSuffix(key, "path") && n.Path == "":
				n.Path = words[i].path()
			case strings.HasSuffix(key, "type"):
				_, n.Event = eventWords.at([]word{{is: lastPart(value)}})
				sure = sure || n.Event != 0
			}
		}
	}
	if n.Event == 0 && !anyEvent(words) {
		var at int
		if at, _, n.Event = find(words, eventWords); at >= 0 {
			if _, counts := countAt(words, at); counts { // 3 children is a number, not a change
				n.Event = 0
			}
		}
	}
	sure = sure || anyEvent(words) || len(words) > 1 && words[0].is == "process" &&
		words[1].raw[0] == '('
	if n.Path == "" {
		n.Path = firstPath(words)
	}
	if triggers(words) {
		return Notice{}, false, false
	}
	sure = sure || notices.in(words)
	return n, sure || n.Event != 0, sure
}

// unawaited returns the words of a text before those that say what its client waits for: exists,
// waiting for the notification.
func unawaited(words []word) []word {
	for i := 1; i < len(words); i++ {
		if words[i].fresh && has(words[i:i+1], "wait", "waits", "waiting", "awaiting", "awaits",
			"await") {
			return words[:i]
		}
	}
	return words
}

// triggers says whether a text is an order to begin something, as in trigger a rebalance, and not
// about a watch that fires.
func triggers(words []word) bool {
	if len(words) < 2 || !has(words[:1], "trigger", "initiate", "initiates") {
		return false
	}
	return !isWatchIn(words) && firstPath(words) == "" && !eventWords.in(words) &&
		!has(words, "event", "events", "notification", "callback", "listener", "listeners")
}

// anyEvent says whether a text has alternatives that are all events: NodeCreated/NodeDeleted.
func anyEvent(words []word) bool {
	for _, w := range words {
		parts := strings.Split(w.is, "/")
		for i := 0; i < len(parts) && len(parts) > 1; i++ {
			if n, _ := eventWords.at([]word{word0(lastPart(parts[i]))}); n == 0 {
				parts = nil
			}
		}
		if len(parts) > 1 {
			return true
		}
	}
	return false
}

// noticed returns the index of the first word for a notification, or -1.
func noticed(words []word) int {
	at, _, _ := find(words, notices)
	if i, _, _ := find(words, eventWords); at < 0 || i >= 0 && i < at {
		return i
	}
	return at
}

func (n *Notice) Agrees(e tree.WatchEvent) bool {
	return (n.Event == 0 || n.Event == e.Type) && (n.Path == "" || n.Path == e.Path)
}

// valued reports whether the word at this index is "is" with a value after it, as in "the value is
// 5", but not in "B is the leader".
func valued(words []word, at int) bool {
	if words[at].is != "is" {
		return false
	}
	return at == 0 || has(words[at-1:at], "value", "data", "it", "answer", "result", "content")
}
