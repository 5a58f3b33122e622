package script

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zablab/zablab/tree"
)

// verb is the kind of a call.
type verb uint8

const (
	verbNone verb = iota
	verbCreate
	verbSet
	verbGet
	verbExists
	verbChildren
	verbDelete
	verbSync
	verbWatch
	verbMulti
	verbClose
	verbCheck // only in a multi
)

// calls are phrases for each kind of call.
var calls = newLexicon([]phrase[verb]{
	{"create", verbCreate}, {"creates", verbCreate}, {"creating", verbCreate}, {"make", verbCreate},
	{"makes", verbCreate}, {"create2", verbCreate}, {"zoo_create", verbCreate},
	{"zoo_acreate", verbCreate}, {"ensure_path", verbCreate}, {"mkdir", verbCreate},
	{"register", verbCreate}, {"registers", verbCreate}, {"re-create", verbCreate},
	{"re-register", verbCreate}, {"re-registers", verbCreate}, {"reregister", verbCreate},
	{"reregisters", verbCreate},
	{"recreate", verbCreate}, {"recreates", verbCreate},
	{"creation", verbCreate}, {"acquire", verbCreate}, {"acquires", verbCreate},
	{"claim", verbCreate}, {"claims", verbCreate}, {"acquirelock", verbCreate},
	{"acquirelease", verbCreate}, {"grantlock", verbCreate},
	{"set", verbSet}, {"sets", verbSet}, {"set data", verbSet}, {"setdata", verbSet},
	{"set_data", verbSet}, {"zoo_set", verbSet}, {"zoo_aset", verbSet},
	{"write", verbSet}, {"writes", verbSet}, {"update", verbSet}, {"updates", verbSet},
	{"put", verbSet}, {"puts", verbSet}, {"store", verbSet}, {"stores", verbSet},
	{"broadcast", verbSet}, {"broadcasts", verbSet}, {"commit", verbSet}, {"commits", verbSet},
	{"publish", verbSet}, {"publishes", verbSet}, {"save", verbSet}, {"saves", verbSet},
	{"compareandset", verbSet}, {"compare-and-set", verbSet}, {"compare and set", verbSet},
	{"check-and-set", verbSet}, {"conditional set", verbSet},
	{"report", verbSet}, {"reports", verbSet}, {"initialize", verbSet}, {"initializes", verbSet},
	{"increment", verbSet}, {"increments", verbSet}, {"incrementandget", verbSet},
	{"getandincrement", verbSet},
	{"get", verbGet}, {"gets", verbGet}, {"get data", verbGet}, {"getdata", verbGet},
	{"get_data", verbGet}, {"getw", verbGet}, {"zoo_get", verbGet}, {"zoo_wget", verbGet},
	{"zoo_aget", verbGet}, {"fetch", verbGet}, {"fetches", verbGet}, {"retrieve", verbGet},
	{"retrieves", verbGet}, {"load", verbGet}, {"loads", verbGet}, {"query", verbGet},
	{"queries", verbGet}, {"lookup", verbGet}, {"look up", verbGet}, {"read", verbGet},
	{"reads", verbGet},
	{"exists", verbExists}, {"exist", verbExists}, {"check if", verbExists},
	{"check whether", verbExists},
	{"checks if", verbExists}, {"checks whether", verbExists}, {"check existence", verbExists},
	{"checks existence", verbExists}, {"checkexists", verbExists}, {"existsw", verbExists},
	{"poll", verbExists}, {"polls", verbExists}, {"polling", verbExists},
	{"zoo_exists", verbExists}, {"zoo_wexists", verbExists}, {"stat", verbExists},
	{"children", verbChildren}, {"get children", verbChildren}, {"getchildren", verbChildren},
	{"get_children", verbChildren}, {"gets children", verbChildren},
	{"getchildren2", verbChildren}, {"childrenw", verbChildren},
	{"childrenwatch", verbChildren}, {"datawatch", verbGet},
	{"tryacquire", verbCreate}, {"tryacquirelock", verbCreate}, {"trylock", verbCreate},
	{"tryacquireleadership", verbCreate}, {"acquireleadership", verbCreate},
	{"zoo_get_children", verbChildren}, {"zoo_wget_children", verbChildren},
	{"get the children", verbChildren}, {"gets the children", verbChildren},
	{"list children", verbChildren}, {"list", verbChildren}, {"lists", verbChildren},
	{"ls", verbChildren}, {"ls2", verbChildren},
	{"delete", verbDelete}, {"deletes", verbDelete}, {"deleting", verbDelete},
	{"remove", verbDelete}, {"removes", verbDelete}, {"zoo_delete", verbDelete},
	{"unregister", verbDelete}, {"unregisters", verbDelete}, {"deregister", verbDelete},
	{"deregisters", verbDelete}, {"release", verbDelete}, {"releases", verbDelete},
	{"releaselock", verbDelete}, {"releaselease", verbDelete}, {"unlock", verbDelete},
	{"unlocks", verbDelete},
	{"sync", verbSync}, {"syncs", verbSync},
	{"watch", verbWatch}, {"watches", verbWatch}, {"watching", verbWatch},
	{"create watch", verbWatch}, {"create a watch", verbWatch}, {"creates a watch", verbWatch},
	{"creates watch", verbWatch}, {"create watcher", verbWatch}, {"create a watcher", verbWatch},
	{"creates a watcher", verbWatch}, {"make a watch", verbWatch}, {"makes a watch", verbWatch},
	{"establish a watch", verbWatch}, {"establishes a watch", verbWatch},
	{"install a watch", verbWatch}, {"installs a watch", verbWatch},
	{"start watching", verbWatch}, {"starts watching", verbWatch},
	{"set watch", verbWatch}, {"set watcher", verbWatch}, {"sets watcher", verbWatch},
	{"set a watch", verbWatch}, {"set a watcher", verbWatch}, {"sets a watcher", verbWatch},
	{"sets a watch", verbWatch}, {"sets watch", verbWatch}, {"re-watch", verbWatch},
	{"add watch", verbWatch}, {"add a watch", verbWatch}, {"adds a watch", verbWatch},
	{"addwatch", verbWatch}, {"addwatcher", verbWatch}, {"monitor", verbWatch},
	{"monitors", verbWatch}, {"listen", verbWatch}, {"listens", verbWatch},
	{"observe", verbWatch}, {"observes", verbWatch}, {"wait for", verbWatch},
	{"waits for", verbWatch}, {"place a watch", verbWatch}, {"places a watch", verbWatch},
	{"put a watch", verbWatch}, {"puts a watch", verbWatch}, {"leave a watch", verbWatch},
	{"leaves a watch", verbWatch}, {"register watch", verbWatch}, {"register watcher", verbWatch},
	{"register a watch", verbWatch}, {"register a watcher", verbWatch},
	{"registers a watch", verbWatch}, {"registers watch", verbWatch},
	{"registers a watcher", verbWatch}, {"subscribe", verbWatch}, {"subscribes", verbWatch},
	{"multi", verbMulti},
	{"close", verbClose}, {"closes", verbClose}, {"close session", verbClose},
	{"closes its session", verbClose}, {"zookeeper_close", verbClose},
	{"check", verbCheck}, {"checks", verbCheck},
})

// alive are phrases for a heartbeat, which says that a session is alive. A text with one of them is
// not a call.
var alive = []string{
	"alive", "connected", "heartbeat", "heartbeats", "ping", "pings", "keepalive", "keep-alive",
	"connect", "connects", "reconnect", "reconnects", "create session", "creates session",
	"create a session", "creates a session", "create connection", "creates connection",
	"open session", "opens session", "opens a session", "open a session", "starts a session",
	"start a session", "establish a session", "establishes a session", "establish session", "establishes session",
	"re-establish session", "renew lease", "renews lease", "renew session", "renews session",
	"renewlock", "renewlease", "renewsession", "re-establish fresh session", "refresh lease",
	"refreshes lease", "refresh session", "maintain session", "keep alive", "lease renewal",
	"session renewal", "lock renewal", "renew lock", "renews lock", "renew leader lease",
	"renews leader lease", "renew the lease", "renew the lock", "renew the session",
}

var aliveWords = lexiconOf(alive)

const callWords = "create, get, set, exists, children, delete, sync, watch, multi, close, or alive"

// errNoPath is the error of a call without a path.
var errNoPath = errors.New("no path: name the node, as in \"create /leader\"")

// parseCall reads a call. denies is true if the text says that the call is not made.
func parseCall(text string, words []word) (op tree.Op, denies bool, err error) {
	if rest, ok := atOnce(text, words); ok {
		text, words = rest, wordsOf(rest)
	}
	at, length, v := find(words, calls)
	if v == verbCheck {
		return op, false, errors.New("\"check\" is only allowed in a multi: write \"exists\", or " +
			"\"multi check /x version 3, set /x to 1\"")
	}
	if v == verbNone {
		return op, false, unknown(text, words, calls, "this text contains no call", callWords)
	}
	verb := words[at].raw
	switch {
	case attempted(words, at):
		return op, false, &misread{why: "the text reports a failed attempt: write the call itself, " +
			"and draw its answer", nearest: text[words[at].begin:]}
	case open(words, at):
		return op, false, &misread{why: fmt.Sprintf("unclear whether the client makes this call "+
			"here or only intends to: if it makes the call here, begin with the verb %q", verb),
			nearest: text[words[at].begin:]}
	}
	if v == verbMulti {
		op, err = parseMulti(text[words[at].begin+len(verb):])
		return op, denied(words, at), err
	}
	if raw := stray(words, at+length); raw != "" {
		return op, false, strayError(raw)
	}
	if rest := words[at+length:]; (v == verbSet || v == verbDelete) && has(rest, "unless") {
		return op, false, &misread{why: "unclear whether the client makes this call here, because of " +
			"\"unless\": write the call that it makes, as in \"delete /x (version 3)\""}
	}
	op, err = parseOne(v, text, words, words[at+length:])
	return op, denied(words, at), err
}

// atOnce writes a text of several writes in one transaction as a multi: transaction: create /a and
// set /b 1. ok is false for another text.
func atOnce(text string, words []word) (multi string, ok bool) {
	if !has(words, "transaction", "atomically", "atomic") {
		return "", false
	}
	first, n := -1, 0
	for i := range words {
		switch length, v := calls.at(words[i:]); {
		case length == 0 || words[i].quoted:
		case v == verbMulti, negates(words[max(0, i-1):]), denied(words, i):
			return "", false
		case v == verbCreate || v == verbSet || v == verbDelete:
			if first < 0 {
				first = i
			}
			if firstPath(words[i:]) != "" && (n == 0 || joins(text, words, i)) {
				n++
			}
		}
	}
	if n < 2 {
		return "", false
	}
	return "multi: " + text[words[first].begin:], true
}

// parseOne reads one operation, a call or a part of a multi. rest are the words after the verb.
func parseOne(v verb, text string, words, rest []word) (tree.Op, error) {
	op := tree.Op{Path: firstPath(rest), Version: tree.AnyVersion}
	if op.Path == "" {
		op.Path = firstPath(words)
	}
	if op.Path == "/" && (v == verbCreate || v == verbDelete) {
		op.Path = "" // a slash between two words
	}
	slash := len(op.Path) > 1 && strings.HasSuffix(op.Path, "/")
	if slash {
		op.Path = strings.TrimRight(op.Path, "/")
	}
	if parent, all := strings.CutSuffix(op.Path, "/*"); all { // the children of a node
		if !reads(v) || parent == "" {
			return op, &misread{why: op.Path + " stands for several nodes: write a call for " +
				"each node"}
		}
		op.Path, op.Type = parent, tree.OpGetChildren2
		if v == verbGet || v == verbExists {
			v = verbChildren
		}
	}
	args := arguments(text, op.Path)
	watch, err := flagsOf(&op, v, words)
	if err != nil {
		return op, err
	}
	if slash && v == verbCreate && op.Flags.IsSequential() { // the name is the number alone
		op.Path += "/"
	}
	if n, ok := versionIn(words); ok {
		op.Version = n
	} else if n, ok := versionAmong(v, args); ok {
		op.Version = n
	}
	switch v {
	case verbGet:
		if listed.in(rest) || has(rest, "children") {
			op.Type = tree.OpGetChildren2
		}
	case verbCreate:
		value, _ := valueOf(text, op.Path, args)
		op.Data = []byte(value)
	case verbSet, verbDelete, verbCheck:
		value := ""
		if v == verbSet {
			value, _ = valueOf(text, op.Path, args)
			op.Data = []byte(value)
		}
		if n, ok := shortVersion(rest, value); ok && op.Version == tree.AnyVersion {
			op.Version = n
		}
		if err := unknownVersion(text, words, op.Version); err != nil {
			return op, err
		}
	case verbClose:
		return tree.Op{Type: tree.OpCloseSession}, nil
	case verbSync:
		if op.Path == "" {
			op.Path = "/"
		}
	}
	op.Watch = watch || reads(v) && watchArgument(args)
	if op.Path == "" {
		return op, errNoPath
	}
	return op, tree.ValidateCreatePath(op.Path, v == verbCreate && op.Flags.IsSequential())
}

// listed are phrases for a read of a list: read member list, get all members.
var listed = lexiconOf([]string{"member list", "the member list", "all members", "list of members",
	"list of nodes", "list of children", "node list", "worker list", "server list", "broker list",
	"child list", "children list", "the list of members", "all children", "child nodes",
	"descendants", "live descendants", "all child nodes", "all nodes", "the list of nodes",
	"the list of children"})

// flagsOf sets the type and the flags of an operation. watch is true if the operation sets a watch.
func flagsOf(op *tree.Op, v verb, words []word) (watch bool, err error) {
	on, off := flag(words, isWatch)
	if v == verbWatch {
		on, off = true, false
	}
	if on && off {
		return false, contradicts("watch")
	}
	switch v {
	case verbCreate:
		op.Type, op.ACL = tree.OpCreate2, tree.OpenACL
		return false, modeOf(op, words)
	case verbSet:
		op.Type = tree.OpSetData
	case verbGet:
		op.Type, watch = tree.OpGetData, on
	case verbExists:
		op.Type, watch = tree.OpExists, on
	case verbChildren:
		op.Type, watch = tree.OpGetChildren2, on
	case verbWatch:
		op.Type, watch = tree.OpExists, true
		if childWords.in(words) {
			op.Type = tree.OpGetChildren2
		}
	case verbDelete:
		op.Type = tree.OpDelete
	case verbSync:
		op.Type = tree.OpSync
	case verbCheck:
		op.Type = tree.OpCheck
	}
	return watch, nil
}

var childWords = lexiconOf([]string{"children", "child", "directory", "members", "subtree"})

// modeOf reads the flags of a create.
func modeOf(op *tree.Op, words []word) error {
	ephemeral, lasting := flag(words, isEphemeral)
	sequential, plain := flag(words, isSequential)
	persistent, notPersistent := flag(words, isPersistent)
	switch {
	case ephemeral && lasting:
		return contradicts("ephemeral")
	case sequential && plain:
		return contradicts("sequential")
	case ephemeral && persistent:
		return &misread{why: "the create is both ephemeral and persistent: keep one"}
	case notPersistent && !ephemeral:
		ephemeral = true
	}
	for i, w := range words {
		switch {
		case w.quoted || w.isPath():
		case w.is == "ttl" && lockWords.in(words): // of the session
		case w.is == "container" || w.is == "ttl":
			return &misread{why: "a document cannot create a container node or a TTL node: " +
				"remove \"container\" or \"ttl\""}
		case len(w.is) >= 7 && i > 0 && !isEphemeral(w) && !isSequential(w):
			for _, known := range []string{"ephemeral", "sequential"} {
				if distance(w.is, known) <= 2 {
					return &misread{why: fmt.Sprintf("unknown word %q: did you mean %q?",
						strings.Trim(w.raw, "(),.;:"), known)}
				}
			}
		}
	}
	if ephemeral {
		op.Flags |= tree.Ephemeral
	}
	if sequential {
		op.Flags |= tree.PersistentSequential
	}
	return nil
}

func contradicts(flag string) error {
	return &misread{why: "the text says both " + flag + " and not " + flag + ": keep one"}
}

// arguments returns the arguments after the path of a call that is written as in a program: "2" and
// version=0 of setData(/a, "2", version=0).
func arguments(text, path string) []string {
	at := strings.Index(text, path)
	if path == "" || at < 0 {
		return nil
	}
	front := strings.TrimRight(text[:at], `"' `)
	rest := strings.TrimLeft(text[at+len(path):], `"' `)
	if !strings.HasSuffix(front, "(") && !strings.HasSuffix(front, ",") ||
		!strings.HasPrefix(rest, ",") {
		return nil
	}
	var list []string
	depth, quoted, begin := 0, false, 1
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[' || c == '{':
			depth++
		case (c == ')' || c == ']' || c == '}') && depth > 0:
			depth--
		case c == ')':
			return append(list, strings.TrimSpace(rest[begin:i]))
		case c == ',' && depth == 0:
			list = append(list, strings.TrimSpace(rest[begin:i]))
			begin = i + 1
		}
	}
	return append(list, strings.TrimSpace(rest[begin:]))
}

// isOption reports whether an argument is an option of the call, not its data.
func isOption(arg string) bool {
	low := strings.ToLower(arg)
	for _, part := range []string{"ephemeral", "sequen", "persistent", "acl", "watch", "version",
		"createmode", "callback", "ctx", "context", "makepath", "flags"} {
		if strings.Contains(low, part) {
			return true
		}
	}
	switch low {
	case "true", "false", "null", "nil", "none", "this", "0", "stat", "&stat", "":
		return true
	}
	return false
}

// valueOf returns the data of a create or a set; false if the text has none.
func valueOf(text, path string, args []string) (string, bool) {
	if path == "" {
		return "", false
	}
	if args == nil {
		return valueAfter(text, path)
	}
	for _, arg := range args {
		key, value, named := strings.Cut(arg, "=")
		switch strings.TrimSpace(strings.ToLower(key)) {
		case "data", "value", "payload":
			if named {
				arg = strings.TrimSpace(value)
				return bare(arg), true
			}
		}
		if !isOption(arg) {
			return bare(arg), true
		}
	}
	return "", false
}

// bare returns an argument without the syntax of a programming language, such as quotation marks.
func bare(arg string) string {
	arg = strings.TrimPrefix(strings.TrimPrefix(arg, "b"+`"`), `"`)
	if value, _, ok := strings.Cut(arg, `"`); ok {
		return value
	}
	return strings.Trim(arg, "'")
}

// versionAmong returns the version among the arguments of a set or a delete: the last number.
func versionAmong(v verb, args []string) (int32, bool) {
	least := 1
	switch v {
	case verbSet:
	case verbDelete:
		least = 0
	default:
		return 0, false
	}
	if len(args) <= least {
		return 0, false
	}
	n, ok := number(args[len(args)-1])
	return int32(n), ok && n < 1<<31
}

// parseMulti reads the parts of a multi, separated by commas or the word "and".
func parseMulti(text string) (tree.Op, error) {
	multi := tree.Op{Type: tree.OpMulti}
	for _, part := range strings.FieldsFunc(strings.ReplaceAll(text, " and ", " , "),
		func(r rune) bool { return r == ',' || r == '+' }) {
		words := wordsOf(part)
		if len(words) == 0 {
			continue
		}
		at, length, v := find(words, calls)
		switch v {
		case verbCreate, verbSet, verbDelete, verbCheck:
			if denied(words, at) || stray(words, at+length) != "" {
				return multi, strayError(words[0].raw)
			}
		default:
			return multi, fmt.Errorf("part %s of the multi is not a create, set, delete or "+
				"check: write \"multi create /a, set /b to 1\"",
				Clip(strings.TrimSpace(part)))
		}
		op, err := parseOne(v, part, words, words[at+length:])
		if err != nil {
			return multi, err
		}
		multi.Ops = append(multi.Ops, op)
	}
	if len(multi.Ops) == 0 {
		return multi, errors.New("the multi is empty: write \"multi create /a, set /b to 1\"")
	}
	return multi, nil
}

// plainWords are words after a path that are not data.
var plainWords = lexiconOf([]string{
	"znode", "node", "and", "if", "with", "for", "on", "in", "by", "under", "using", "before",
	"after", "again", "first", "only", "a", "an", "the", "flag", "mode", "or", "then", "when",
	"now", "at", "of", "from", "because", "since", "is", "was", "fails", "failed",
	"succeeds", "without", "not", "no", "but", "unless", "exists", "where", "which", "that", "lock", "leader",
	"it", "them", "this", "these", "itself", "twice", "once", "every", "each", "repeatedly",
	"forever", "periodically", "always", "concurrently", "simultaneously", "later",
})

// valueAfter returns the data that follows a path, as in: /x = 5, /x to "two words".
func valueAfter(text, path string) (string, bool) {
	_, rest, _ := strings.Cut(text, path)
	rest = afterMode(rest)
	said, weak, arrow := false, false, false
	for {
		rest = strings.TrimLeft(rest, " \t:")
		low := strings.ToLower(rest)
		cut := ""
		for _, w := range []string{"to ", "= ", "=", "→ ", "→", "-> ", "->", "with ", "data ", "value ",
			"as "} {
			if strings.HasPrefix(low, w) {
				cut = w
				break
			}
		}
		if cut == "" {
			break
		}
		rest, said, weak = rest[len(cut):], true, cut == "with " || cut == "as "
		arrow = arrow || cut[0] == '-' || strings.HasPrefix(cut, "→")
	}
	if rest == "" || strings.TrimSpace(rest) == "" ||
		arrow && announces(wordsOf(rest)) {
		return "", false
	}
	if object := objectIn(rest); object != "" {
		return object, true
	}
	if rest[0] == '"' && strings.Count(rest, `"`) > 1 {
		value, _, ok := strings.Cut(rest[1:], `"`)
		return value, ok
	}
	rest = strings.TrimLeft(rest, `"'`)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return "", false
	}
	first := fields[0]
	value := strings.TrimRight(first, ".,;:!?)'")
	if w := wordsOf(first); len(w) == 0 || isEphemeral(w[0]) || isSequential(w[0]) ||
		isPersistent(w[0]) || isWatch(w[0]) || (!said || weak) && plainWords.in(w[:1]) {
		return "", false
	}
	if at := strings.Index(rest, first) + len(first); !said && strings.HasSuffix(first, ",") &&
		value != "" && versionWords.in(wordsOf(rest[at:])) {
		return value, true // setData /e 2, expected version 0
	}
	if !said && (value == "" || strings.Trim(first, "(—–-…✗✓→,;") != first) {
		return "", false
	}
	return value, value != ""
}

// afterMode returns what follows a mode in parentheses and begins with =, as in: (ephemeral) = 5.
// It returns any other text unchanged.
func afterMode(text string) string {
	mode, open := strings.CutPrefix(strings.TrimLeft(text, " \t"), "(")
	mode, rest, closed := strings.Cut(mode, ")")
	if !open || !closed || !strings.HasPrefix(strings.TrimLeft(rest, " \t"), "=") {
		return text
	}
	for _, w := range wordsOf(mode) {
		if !isEphemeral(w) && !isSequential(w) && !isPersistent(w) {
			return text
		}
	}
	return rest
}

// announces reports whether what stands after an arrow is the outcome of a call, and not a value.
func announces(words []word) bool {
	return startsIn(words, claimWords) || startsIn(words, reasons) ||
		startsIn(words, outcomes) && !has(words[:1], "done")
}

// objectIn returns the object in braces that a text begins with, such as {"id": 1}, or "".
func objectIn(text string) string {
	if text[0] != '{' {
		return ""
	}
	depth := 0
	for i := range len(text) {
		switch text[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return text[:i+1]
			}
		}
	}
	return ""
}

// reads reports whether a verb is one of the three reads that can set a watch.
func reads(v verb) bool { return v == verbGet || v == verbExists || v == verbChildren }

// watchArgument reports whether the second argument of a read sets a watch, as in Java:
// getData("/a", true, stat), exists("/a", this).
func watchArgument(args []string) bool {
	return len(args) > 0 && (strings.EqualFold(args[0], "true") || args[0] == "this")
}
