package script

import (
	"errors"
	"fmt"
	"strings"

	"github.com/zablab/zablab/tree"
)

// verb is a call that a client can make.
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

// calls are the words for the verbs.
var calls = []phrase[verb]{
	{"create", verbCreate}, {"creates", verbCreate}, {"creating", verbCreate}, {"make", verbCreate},
	{"makes", verbCreate},
	{"register", verbCreate}, {"registers", verbCreate},
	{"set", verbSet}, {"sets", verbSet}, {"set data", verbSet}, {"setdata", verbSet},
	{"write", verbSet}, {"writes", verbSet}, {"update", verbSet}, {"updates", verbSet},
	{"put", verbSet},
	{"get", verbGet}, {"gets", verbGet}, {"get data", verbGet}, {"getdata", verbGet},
	{"read", verbGet}, {"reads", verbGet},
	{"exists", verbExists}, {"check if", verbExists}, {"check whether", verbExists},
	{"checks if", verbExists}, {"checks whether", verbExists},
	{"children", verbChildren}, {"get children", verbChildren}, {"getchildren", verbChildren},
	{"list children", verbChildren}, {"list", verbChildren}, {"lists", verbChildren},
	{"ls", verbChildren},
	{"delete", verbDelete}, {"deletes", verbDelete}, {"remove", verbDelete},
	{"removes", verbDelete},
	{"sync", verbSync}, {"syncs", verbSync},
	{"watch", verbWatch}, {"watches", verbWatch}, {"set watch", verbWatch},
	{"set a watch", verbWatch},
	{"sets a watch", verbWatch}, {"sets watch", verbWatch}, {"re-watch", verbWatch},
	{"multi", verbMulti},
	{"close", verbClose}, {"closes", verbClose}, {"close session", verbClose},
	{"closes its session", verbClose},
	{"check", verbCheck}, {"checks", verbCheck},
}

// alive are the words for a session that is up. They come before every call.
var alive = []string{
	"alive", "connected", "heartbeat", "heartbeats", "ping", "pings", "keepalive", "keep-alive",
	"connect", "connects", "reconnect", "reconnects",
}

const callWords = "create, get, set, exists, children, delete, sync, watch, multi, close, or alive"

// parseCall reads a call.
func parseCall(text string) (tree.Op, error) {
	words := wordsOf(text)
	at, length, v := find(words, calls)
	if v == verbCheck {
		return tree.Op{}, errors.New("check is only allowed in a multi: write exists, or multi " +
			"check /x version 3, set /x to 1")
	}
	if v == verbNone {
		return tree.Op{}, unknown(text, words, calls, "no word in it is a call", callWords)
	}
	if v == verbMulti {
		return parseMulti(text[words[at].begin+len(words[at].raw):])
	}
	return parseOne(v, text, words, words[at+length:])
}

// parseOne reads one operation; rest are the words after its verb.
func parseOne(v verb, text string, words, rest []word) (tree.Op, error) {
	op := tree.Op{Path: firstPath(rest), Version: tree.AnyVersion}
	if op.Path == "" {
		op.Path = firstPath(words)
	}
	if op.Path == "" && v != verbSync && v != verbClose {
		return op, errors.New("which node? Write its path, like create /leader")
	}
	if op.Path != "" {
		if err := tree.ValidateCreatePath(op.Path, v == verbCreate &&
			mentions(words, "sequential")); err != nil {
			return op, err
		}
	}
	if n, ok := versionIn(words); ok {
		op.Version = n
	}
	watch := v == verbWatch || has(words, "watch", "watching", "watches")
	switch v {
	case verbCreate:
		op.Type, op.ACL = tree.OpCreate2, tree.OpenACL
		if mentions(words, "ephemeral") {
			op.Flags |= tree.Ephemeral
		}
		if mentions(words, "sequential") {
			op.Flags |= tree.PersistentSequential
		}
		value, _ := valueAfter(text, op.Path)
		op.Data = []byte(value)
	case verbSet:
		op.Type = tree.OpSetData
		value, ok := valueAfter(text, op.Path)
		if !ok {
			return op, errors.New("set it to what? Write set " + op.Path + " to 5")
		}
		op.Data = []byte(value)
	case verbGet:
		op.Type, op.Watch = tree.OpGetData, watch
	case verbExists:
		op.Type, op.Watch = tree.OpExists, watch
	case verbChildren:
		op.Type, op.Watch = tree.OpGetChildren2, watch
	case verbWatch:
		op.Type, op.Watch = tree.OpExists, true
		if has(words, "children", "child") {
			op.Type = tree.OpGetChildren2
		}
	case verbDelete:
		op.Type = tree.OpDelete
	case verbSync:
		op.Type = tree.OpSync
		if op.Path == "" {
			op.Path = "/"
		}
	case verbClose:
		op = tree.Op{Type: tree.OpCloseSession}
	case verbCheck:
		op.Type = tree.OpCheck
	}
	return op, nil
}

// parseMulti reads the parts of a multi, which commas or the word and separate.
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
		default:
			return multi, fmt.Errorf("part %s of the multi is not a create, set, delete or "+
				"check: write multi create /a, set /b to 1",
				Clip(strings.TrimSpace(part)))
		}
		op, err := parseOne(v, part, words, words[at+length:])
		if err != nil {
			return multi, err
		}
		multi.Ops = append(multi.Ops, op)
	}
	if len(multi.Ops) == 0 {
		return multi, errors.New("the multi is empty: write multi create /a, set /b to 1")
	}
	return multi, nil
}

// versionIn finds a version: (version 3), if version is 3, version=3.
func versionIn(words []word) (int32, bool) {
	for i, w := range words {
		is, given, _ := strings.Cut(w.is, "=")
		if is != "version" {
			continue
		}
		for _, next := range append([]word{{is: given}}, words[i+1:]...) {
			if n, ok := number(next.is); ok && n < 1<<31 {
				return int32(n), true
			}
			if next.is != "" && next.is != "is" && next.is != "=" {
				break
			}
		}
	}
	return 0, false
}

// valueAfter finds the data that follows a path: /x = 5, /x to "two words".
func valueAfter(text, path string) (string, bool) {
	_, rest, _ := strings.Cut(text, path)
	said := false
	for {
		rest = strings.TrimLeft(rest, " \t:")
		low := strings.ToLower(rest)
		cut := ""
		for _, w := range []string{"to ", "= ", "=", "with ", "data ", "value ", "as "} {
			if strings.HasPrefix(low, w) {
				cut = w
				break
			}
		}
		if cut == "" {
			break
		}
		rest, said = rest[len(cut):], true
	}
	if rest == "" {
		return "", false
	}
	if rest[0] == '"' {
		value, _, ok := strings.Cut(rest[1:], `"`)
		return value, ok
	}
	first := strings.Fields(rest)[0]
	value := strings.TrimRight(first, ".,;:!?)")
	if !said && (value == "" || strings.Trim(first, "(—–-…✗✓") != first) {
		return "", false
	}
	return value, value != ""
}
