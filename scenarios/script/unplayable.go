package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
)

// unplayable are calls of ZooKeeper's clients that documents cannot make.
var unplayable = wordSet("getephemerals", "getallchildrennumber", "getacl", "setacl", "addauth",
	"addauthinfo", "removewatches", "removeallwatches", "getconfig", "reconfig", "whoami",
	"deleteall", "rmr", "setquota", "listquota", "delquota", "zoo_get_acl", "zoo_set_acl",
	"get_acl", "set_acl", "get_acls", "set_acls", "add_auth", "zoo_add_auth", "config", "printwatches",
	"getallchildren", "createcontainer", "createttl")

// properties are what a node has besides its data.
var properties = wordSet("acl", "acls", "quota", "quotas", "permission", "permissions", "ttl")

// unplayableCall returns an error for a text that begins with a call that documents cannot make.
func unplayableCall(words []word) error {
	if unwatches(words) {
		return &misread{why: "a document cannot remove a watch: delete the line, or draw a " +
			"crossed arrow (--x) for the notification that the client does not get"}
	}
	if w := property(words); w != "" {
		return &misread{why: fmt.Sprintf("a document cannot set or read the %s of a node: remove this "+
			"part of the line, or put quotes around the word if it is data", w)}
	}
	if sharedLocks.in(words) && firstPath(words) == "" {
		return &misread{why: "several clients may hold such a lock at once, so no single node stands " +
			"for it: draw the nodes of its recipe, as in \"create /lock/read- (ephemeral, sequential)\""}
	}
	if len(words) == 0 || !unplayable[words[0].is] {
		return nil
	}
	return &misread{why: fmt.Sprintf("a document cannot make the call %s: write another call "+
		"(%s), or remove the line",
		trimWord(words[0].raw), callWords)}
}

// property returns the word by which a call names something of a node that is not its data: set ACL
// /x, get the quota of /x, create /x with ACL world:anyone:r. It is "" if there is none.
func property(words []word) string {
	for i := range words {
		if !properties[words[i].is] || words[i].quoted || words[i].isPath() {
			continue
		}
		at, n, v := find(words, calls)
		path := slices.IndexFunc(words, word.isPath)
		if n == 0 || path < 0 || v == verbCreate && words[i].is == "ttl" {
			return "" // no call, or a kind of node that create refuses itself
		}
		joined := has(words[max(0, i-3):i], "with", "and", "having", "under", "using")
		listed := v == verbCreate && heads(words, i) && bracketed(words[path+1:max(path+1, i+1)])
		if i >= at+n && i < path || i > path && (joined || listed) {
			return trimWord(words[i].raw)
		}
	}
	return ""
}

// heads reports whether a word is the first after an opening parenthesis or a comma.
func heads(words []word, i int) bool {
	return strings.HasPrefix(words[i].raw, "(") || i > 0 && (strings.HasSuffix(words[i-1].raw, "(") ||
		strings.HasSuffix(words[i-1].raw, ","))
}

// bracketed reports whether the last of the words is in a parenthesis that one of them opens.
func bracketed(words []word) bool {
	open := 0
	for i := range words {
		open += strings.Count(words[i].raw, "(")
		if i < len(words)-1 {
			open -= strings.Count(words[i].raw, ")")
		}
	}
	return open > 0
}

// unwatches reports whether a text takes a watch back, as in cancel the watch on /a.
func unwatches(words []word) bool {
	for i := 0; i < len(words) && i < 3; i++ {
		if !has(words[i:i+1], "cancel", "cancels", "remove", "removes", "unset", "unsets", "drop",
			"drops", "delete", "deletes", "clear", "clears", "unregister", "unregisters",
			"deregister", "deregisters", "unwatch", "unwatches") || words[i].quoted {
			continue
		}
		if strings.HasPrefix(words[i].is, "unwatch") {
			return true
		}
		for k := i + 1; k < len(words) && k < i+4 && !words[k].isPath(); k++ {
			if has(words[k:k+1], "watch", "watches", "watcher", "watchers", "listener") {
				return true
			}
		}
	}
	return false
}

// persistent turns a watch into a persistent one, if the text says so, as in addWatch /a
// PERSISTENT_RECURSIVE.
func persistent(op *tree.Op, words []word) {
	if op.Type != tree.OpExists || !op.Watch {
		return
	}
	for _, w := range words {
		if w.quoted || w.isPath() || !strings.Contains(w.is, "persistent") {
			continue
		}
		op.Type = tree.OpAddWatch
	}
	if op.Type == tree.OpAddWatch && strings.Contains(joinedWords(words), "recursive") {
		op.WatchMode = tree.WatchPersistentRecursive
	}
}

func joinedWords(words []word) string {
	var b strings.Builder
	for _, w := range words {
		if !w.quoted && !w.isPath() {
			b.WriteString(w.is + " ")
		}
	}
	return b.String()
}

// holders are recipes whose close or release gives up what the client holds, and not its session.
var holders = []string{"latch", "selector", "mutex", "lock", "semaphore", "election"}

// gives reads the close of a recipe, such as LeaderLatch.close(): its client deletes its node.
func (c *compiler) gives(a *Act, op *tree.Op, words []word) error {
	if op.Type != tree.OpCloseSession {
		return nil
	}
	for _, w := range words {
		receiver, _, ok := strings.Cut(strings.ToLower(w.raw), ".")
		for _, h := range holders {
			if !ok || !strings.HasSuffix(receiver, h) {
				continue
			}
			path := c.owns[a.From]
			if path == "" {
				return &misread{why: "the text closes a lock or another recipe, but no line " +
					"above creates its node: write \"delete /lock\" to delete a node, or \"close " +
					"session\" to end the session"}
			}
			*op = tree.Op{Type: tree.OpDelete, Path: path, Version: tree.AnyVersion}
			a.mine = true
			a.told("to close the lock or another recipe, the client deletes its node")
			return nil
		}
	}
	return nil
}

// getsOffice reports whether a text asks for an office with the word "get": tries to get the lock.
func getsOffice(words []word) bool {
	at, n, v := find(words, calls)
	if v != verbGet || firstPath(words) != "" || words[at].quoted {
		return false
	}
	rest := words[at+n:]
	for len(rest) > 0 && (rest[0].is == "the" || rest[0].is == "a" || rest[0].is == "its") {
		rest = rest[1:]
	}
	return has(words[at:at+1], "get", "gets") && len(rest) > 0 && has(rest[:min(2, len(rest))],
		"lock", "leadership", "mutex", "lease", "leader lock") && !has(rest, "owner", "holder",
		"status", "info", "state", "node", "data")
}
