package script

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
)

// joint splits the arrow of a client that makes several calls: create /a and then set /b to 1, or
// delete /a & /b. It returns nil if the arrow makes one call, and an error if it makes several but
// does not say plainly which. left is a part of the text that may be another call, and is not
// played.
func (c *compiler) joint(it *diagram.Arrow) (parts []*diagram.Arrow, left string, err error) {
	text := normal(diagram.Plain(it.Text))
	words := c.split(text)
	if texts := c.watchesToo(text, words); texts != nil {
		return copies(it, texts), "", nil
	}
	at, length, v := find(words, calls)
	if v == verbNone || v == verbMulti || v == verbCheck || attempted(words, at) || open(words, at) ||
		denied(words, at) || words[at].quoted {
		return nil, "", nil
	}
	first := slices.IndexFunc(words, func(w word) bool { return w.isPath() && !w.quoted })
	for k := at + length; k+1 < len(words); k++ {
		if words[k].is == "or" && !words[k].quoted && words[k+1].isPath() && !words[k+1].quoted {
			return nil, "", &misread{why: "the text does not say which node the call is for: " +
				"name one node"}
		}
	}
	if texts := severalPaths(text, words, first, v); texts != nil {
		return copies(it, texts), "", nil
	}
	var texts []string
	begin := 0
	path := ""
	if first >= 0 {
		path = words[first].path()
	}
	for k := at + length; k < len(words); k++ {
		n, next := calls.at(words[k:])
		if n == 0 || next == verbNone || next == verbCheck || next == verbMulti || words[k].quoted ||
			!joins(text, words, k) || has(words[:k], "atomically", "transaction", "atomic") {
			continue
		}
		if conditional.in(words[at+length : k]) {
			left = text[words[k].begin:]
			break
		}
		own := firstPath(words[k+n:])
		switch {
		case next == verbWatch && reads(v) && (own == "" || own == path):
			continue // get /a and watch it
		case own != "" && own != path || own == path && next != v, next == verbClose && n > 1:
		case path != "" && startsIn(words[k+n:], sameNode) && next != v && !reads(next):
			text = named(text, words, k+n, path)
		case plainVerbs.in(words[k:k+1]) && next != v && (!reads(next) || strings.Contains(words[k].raw, "get")):
			return nil, "", &misread{why: "the text makes two calls, and the second does not " +
				"name a " +
				"node: draw an arrow for each call", nearest: text[words[k].begin:] + " /x"}
		default:
			if next != verbGet {
				left = text[words[k].begin:]
			}
			continue
		}
		texts = append(texts, cutJoint(text[begin:words[k].begin]))
		begin = words[k].begin
		if own != "" {
			path = own
		}
		v = next
	}
	if texts == nil {
		return nil, cmp.Or(left, otherPath(text, words, first)), nil
	}
	return copies(it, append(texts, text[begin:])), left, nil
}

// watchesToo splits a text that asks for the children of a node and watches one of them: get
// children → watch n-1, getChildren /e + watch n-1. It returns nil for another text.
func (c *compiler) watchesToo(text string, words []word) []string {
	if c.script.strict {
		return nil
	}
	for k := 1; k+1 < len(words); k++ {
		n, v := calls.at(words[k:])
		if v != verbWatch || words[k].quoted || k+n >= len(words) || denied(words, k) {
			continue
		}
		front := strings.TrimRight(text[:words[k].begin], " ")
		cut := strings.TrimRight(front, "+→->")
		if cut == front || !strings.HasSuffix(front, "+") && !afterArrow(front) ||
			c.shortened(words[k+n:k+n+1]) == "" && !words[k+n].isPath() {
			return nil
		}
		if _, _, first := find(words[:k], calls); first != verbChildren &&
			!(first == verbCheck && has(words[:k], "children")) {
			return nil
		}
		return []string{strings.TrimRight(cut, " "), text[words[k].begin:]}
	}
	return nil
}

// named puts a path in place of the words at this index that stand for it: watch it.
func named(text string, words []word, k int, path string) string {
	n, _ := sameNode.at(words[k:])
	for n > 0 && (words[k+n-1].is == "to" || words[k+n-1].is == "data") {
		n--
	}
	end := len(text)
	if k+n < len(words) {
		end = words[k+n].begin
	}
	// The new text is as long as before up to word k, and no later word is looked at again.
	return text[:words[k].begin] + path + " " + text[end:]
}

// otherPath returns the second path of a text, if it is joined to the first; or "".
func otherPath(text string, words []word, first int) string {
	for k := first + 1; first >= 0 && k < len(words); k++ {
		if words[k].isPath() && !words[k].quoted && joins(text, words, k) && words[first].raw[0] != '(' &&
			!strings.HasSuffix(text[:words[first].begin], "(") {
			return text[words[k].begin:]
		}
	}
	return ""
}

// conditional words between two calls leave open whether the second is made.
var conditional = lexiconOf([]string{"if", "unless", "when", "whenever", "once", "until", "upon",
	"after", "before", "else", "otherwise", "to", "for", "because", "so", "while", "or"})

// sameNode words stand for the node of the call before.
var sameNode = lexiconOf([]string{"it", "the node", "the znode", "that node", "its data", "to",
	"data to"})

// plainVerbs are verbs that mean a call of ZooKeeper and nothing else.
var plainVerbs = lexiconOf([]string{"create", "creates", "set", "sets", "setdata", "delete",
	"deletes", "getdata", "getchildren", "set_data", "get_data", "get_children"})

// joins reports whether the word at this index begins another call: it follows "and", "then" or a
// mark such as "&" or ",".
func joins(text string, words []word, k int) bool {
	front := text[:words[k].begin]
	if strings.Count(front, "(") > strings.Count(front, ")") {
		return false
	}
	switch words[k-1].is {
	case "and", "then", "+":
		return true
	}
	before := strings.TrimRight(front, " \n")
	return words[k].fresh && words[k].raw[0] != '(' && before != "" &&
		strings.IndexByte("&,;+", before[len(before)-1]) >= 0
}

// cutJoint returns the text of a call without the words that join it to the next call.
func cutJoint(text string) string {
	for {
		cut := strings.TrimRight(text, " \n,;&+")
		for _, w := range []string{" and", " then"} {
			cut = strings.TrimSuffix(cut, w)
		}
		if cut == text {
			return cut
		}
		text = cut
	}
}

// severalPaths splits a call of several nodes: create /a and /b (ephemeral). Calls that are written
// as in a program have other arguments after their path.
func severalPaths(text string, words []word, first int, v verb) (texts []string) {
	switch v {
	case verbCreate, verbDelete, verbGet, verbExists, verbChildren, verbWatch:
	default:
		return nil
	}
	if first < 0 || strings.HasSuffix(strings.TrimRight(text[:words[first].begin], `"' `), "(") ||
		words[first].raw[0] == '(' {
		return nil
	}
	paths := []int{first}
	for k := first + 1; k < len(words); k++ {
		if words[k].is == "and" || words[k].is == "+" || words[k].is == "then" {
			continue
		}
		if !words[k].isPath() || words[k].quoted || !joins(text, words, k) {
			break
		}
		paths = append(paths, k)
	}
	if len(paths) == 1 {
		return nil
	}
	last := words[paths[len(paths)-1]]
	front, rest := text[:words[first].begin], text[last.begin+len(last.raw):]
	for _, k := range paths {
		texts = append(texts, front+strings.TrimRight(words[k].raw, ",;&+")+rest)
	}
	return texts
}

// copies returns an arrow for each text.
func copies(it *diagram.Arrow, texts []string) (list []*diagram.Arrow) {
	for _, text := range texts {
		part := *it
		part.Text = text
		list = append(list, &part)
	}
	return list
}

// joined applies the answer to one of several calls of an arrow to all of them. If the answer says
// that the calls went well, each call must.
func (s *supplier) joined() {
	for i := 0; i < len(s.acts); {
		n := i + 1
		for n < len(s.acts) && s.acts[i].Joint && s.acts[n].Joint &&
			s.acts[n].Pos == s.acts[i].Pos && s.acts[n].From == s.acts[i].From {
			n++
		}
		well := slices.ContainsFunc(s.acts[i:n], func(a *Act) bool {
			return a.Answer != nil && a.Answer.Reply.Outcome == WentWell
		})
		for _, a := range s.acts[i:n] {
			if n > i+1 && well && a.Kind == Call && a.Answer == nil && !a.Claims {
				a.Reply, a.Claims = Answer{Outcome: WentWell}, true
				a.beside("the answer below applies to each call of this line")
			}
		}
		i = n
	}
}
