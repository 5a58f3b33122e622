package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
)

// speak remembers a path that a line mentions, so that later lines may shorten or omit it.
func (c *compiler) speak(path string) {
	path = strings.TrimRight(path, "/")
	if path == "" {
		return
	}
	c.last = path
	name := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	if old, known := c.names[name]; len(c.names) >= 10_000 || known && old == path {
		return
	}
	c.names[name] = path
	if n := name[len(strings.TrimRight(name, "0123456789")):]; len(n) >= 3 {
		if other := c.digits[n]; other != "" && other != path {
			path = "/" // two nodes have this number
		}
		c.digits[n] = path
		path = c.last
		if short := strings.TrimLeft(n, "0"); n[0] == '0' {
			if other := c.counts[short]; other != "" && seriesOf(other) != seriesOf(path) {
				path = "/"
			}
			c.counts[short] = path
			path = c.last
		}
	}
	if words := nameWords(name); len(words) > 1 && !hasNumber(words) {
		for _, w := range words {
			if len(c.parts[w]) < 2 {
				c.parts[w] = append(c.parts[w], path)
			}
		}
	}
}

// shortened returns the path of an earlier line whose last name is one of the words; empty if there
// is no such line.
func (c *compiler) shortened(words []word) string {
	for _, w := range words {
		if path := c.names[w.is]; path != "" &&
			strings.Trim(w.is, "abcdefghijklmnopqrstuvwxyz") != "" {
			return path
		}
		if path := c.numbered(w); path != "" {
			return path
		}
	}
	for _, w := range words {
		if len(w.is) >= 3 && strings.Trim(w.is, "0123456789") == "" {
			path := c.digits[w.is]
			if path == "" && w.is[0] == '0' {
				path = c.counts[strings.TrimLeft(w.is, "0")]
			}
			if path != "" && path != "/" {
				return path
			}
		}
	}
	return ""
}

// byWord returns the only path above whose last name contains a word of the text: "the ack" means
// /jobs/1/backup_ack. It returns "" if there are several such paths.
func (c *compiler) byWord(words []word) (path string) {
	for _, w := range words {
		if len(w.is) < 3 || w.quoted || plainWords.in([]word{w}) || startsIn([]word{w}, calls) ||
			isEphemeral(w) || isSequential(w) {
			continue
		}
		for _, p := range c.parts[w.is] {
			if path != "" && path != p {
				return ""
			}
			path = p
		}
	}
	return path
}

// path sets the path of a call that names no path. The path is the one that the call's words
// shorten, the last path that a line mentions, or a new path.
func (c *compiler) path(a *Act, op *tree.Op, words []word) error {
	a.vague = true
	create := op.Type == tree.OpCreate2
	list, why := c.listing()
	if c.watchMany(a, op, words) {
		return nil
	}
	switch name := nodeName(words); {
	case !create && ownNode.in(words) && c.owns[a.From] != "":
		op.Path, a.mine = c.owns[a.From], true
	case c.shortened(words) != "":
		op.Path = c.shortened(words)
		a.Supplied = append(a.Supplied, "the path in full: "+op.Path)
	case c.byWord(words) != "":
		op.Path = c.byWord(words)
		a.Supplied = append(a.Supplied, "the path in full: "+op.Path)
	case !create && len(words) == 2 && c.names[words[1].is] != "":
		op.Path = c.names[words[1].is]
		a.Supplied = append(a.Supplied, "the path in full: "+op.Path)
	case create && name != "":
		op.Path = "/" + name
		a.Supplied = append(a.Supplied, "a slash before the name: "+op.Path)
	case len(words) >= 2 && onlyFlags(words[2:]) && !plainWords.in(words[1:]) && !acquireWords.in(words[1:2]) && !words[1].quoted && validPath(words[1].is):
		op.Path = "/" + strings.Trim(words[1].raw, ".,;:!?()\"'")
		a.Supplied = append(a.Supplied, "a slash before the name: "+op.Path)
	case c.last == "" || c.last == "/":
		c.invent(a, op, words)
	case create && c.registers(words) && c.invented[c.last] != "" && c.invented[c.last] != a.From:
		op.Path = "/" + strings.ToLower(a.From)
		a.Supplied = append(a.Supplied,
			"a new path, because another client created the node that was mentioned last: "+op.Path)
		c.invented[op.Path] = a.From
	case op.Type == tree.OpGetChildren2 && list != "":
		op.Path = list
		a.Supplied = append(a.Supplied, why+": "+op.Path)
	case create && c.office != "" && c.last != c.office && len(c.nouns) > 0 &&
		(offices.in(words) || lockWords.in(words)):
		op.Path = c.office
		a.Supplied = append(a.Supplied, "the path of the lock or leadership in an earlier "+
			"line: "+op.Path)
	case !create && c.nouns[objectOf(words)] != "":
		op.Path = c.nouns[objectOf(words)]
		a.Supplied = append(a.Supplied, "the path of the node that an earlier line calls by the "+
			"same name: "+op.Path)
	case !create && c.office != "" && c.last == c.office && objectOf(words) != "":
		op.Path = "/" + objectOf(words)
		c.nouns[objectOf(words)] = op.Path
		a.Supplied = append(a.Supplied, "a new path, because the node that was mentioned last is "+
			"that of the lock or leadership, and this line mentions neither a lock nor a "+
			"leadership: "+op.Path)
	case !create && c.made[c.last] > 0: // a series: the last of its nodes, or the first
		n := c.made[c.last] - 1
		if ranks.in(words) || has(words, "first") {
			n = 0
		}
		op.Path = fmt.Sprintf("%s%010d", c.last, n)
		a.Supplied = append(a.Supplied, "the sequential node that an earlier call has created: "+
			op.Path)
	default:
		op.Path = c.last
		if op.Flags.IsSequential() && create {
			op.Path = strings.TrimRight(op.Path, "0123456789")
		}
		a.Supplied = append(a.Supplied, "the path that was mentioned last: "+op.Path)
	}
	return tree.ValidateCreatePath(op.Path, op.Flags.IsSequential())
}

// ownNode are phrases for the node of the client that makes a call.
var ownNode = lexiconOf([]string{"own node", "own znode", "own ephemeral node", "its node",
	"its znode", "its ephemeral node", "my node", "my znode", "its own", "their node"})

// objectOf is the noun after the verb of a call, if it can only be the name of a thing of the
// application's own: pointer, in watches active pointer. It is empty if the call names none, or
// names a node, an office or another word of ZooKeeper's.
func objectOf(words []word) (noun string) {
	at, n, v := find(words, calls)
	if v != verbSet && v != verbGet && v != verbWatch && v != verbExists {
		return ""
	}
	for _, w := range words[at+n:] {
		if w.fresh || w.quoted || w.is == "=" || strings.Trim(w.is, "abcdefghijklmnopqrstuvwxyz") != "" ||
			startsIn([]word{w}, boundaries) {
			break
		}
		if offices.in([]word{w}) && w.is != "active" || w.is == "owner" || w.is == "holder" {
			return ""
		}
		noun = w.is
	}
	w := []word{word0(noun)}
	if len(noun) < 3 || noPaths[noun] || plainWords.in(w) || offices.in(w) || nodeNouns.in(w) ||
		ranks.in(w) || kinds[strings.TrimSuffix(noun, "s")] || tickets.in(w) || eventWords.in(w) ||
		isEphemeral(w[0]) || isSequential(w[0]) {
		return ""
	}
	return noun
}

// boundaries are words that end the object of a verb.
var boundaries = lexiconOf([]string{"to", "for", "of", "in", "on", "at", "from", "with",
	"by", "as", "and", "or", "if", "when", "until", "epoch", "version", "via", "again", "under"})

// invent gives a call a path that the drawing names nowhere.
func (c *compiler) invent(a *Act, op *tree.Op, words []word) {
	op.Path = "/node"
	if lockWords.in(words) || has(words, "lock") {
		op.Path = "/lock"
	}
	if op.Flags.IsSequential() {
		op.Path += "-"
	}
	c.invented[op.Path] = a.From
	a.Supplied = append(a.Supplied, "a new path: "+op.Path)
}

// registers says whether a create is a client's entry of itself, and not of something shared.
func (c *compiler) registers(words []word) bool {
	return has(words, "register", "registers", "registration", "join", "joins")
}

// parentOf is the parent of a path.
func parentOf(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}

// nodeName is a word that can only be the name of a node: lock-0001, n_3.
func nodeName(words []word) string {
	for _, w := range words {
		name := strings.Trim(w.raw, ".,;:!?()[]\"'")
		bare := strings.TrimRight(name, "0123456789")
		if len(bare) > 1 && len(bare) < len(name) && validPath(w.is) &&
			strings.IndexByte("-_", bare[len(bare)-1]) >= 0 && isLetter(bare[0]) {
			return name
		}
	}
	return ""
}

// onlyFlags reports whether all words are flags of a create, or of a watch.
func onlyFlags(words []word) bool {
	return !slices.ContainsFunc(words, func(w word) bool {
		return !isEphemeral(w) && !isSequential(w) && !isPersistent(w) && !isWatch(w) &&
			!strings.HasPrefix(w.is, "ttl=") && !strings.HasPrefix(w.is, "timeout=")
	})
}

// noPaths are words after a call's verb that are no path without its slash.
var noPaths = wordSet("children", "data", "ok", "config", "configuration", "metadata", "session",
	"status", "state", "value", "path", "node", "nodes", "znode", "znodes", "lock", "leadership",
	"leader", "itself", "again", "list", "members", "changes", "updates", "offset", "offsets",
	"url", "request", "service", "services", "instance", "brokers", "broker", "predecessor",
	"successor", "parent", "child", "callback", "listener", "this", "everything", "all")

// word0 is a word alone.
func word0(is string) word { return word{is: is, raw: is} }

// validPath reports whether a word could be a path without its slash.
func validPath(word string) bool {
	w := word0(word)
	if isEphemeral(w) || isSequential(w) || isPersistent(w) || isWatch(w) || noPaths[word] {
		return false
	}
	return strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789-_/") == ""
}
