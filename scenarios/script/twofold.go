package script

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/tree"
)

// twofold splits an arrow that says two things: that a client is notified, and what it asks then.
// It may be drawn in either direction: B->>ZK: watch fired! reads /c, or ZK-->>B: fired → get
// children.
func (c *compiler) twofold(it *diagram.Arrow) []*diagram.Arrow {
	from, to := c.cast.Roles[c.cast.name(it.From)].Kind, c.cast.Roles[c.cast.name(it.To)].Kind
	asks := from == RoleClient && to == RoleEnsemble
	if c.script.strict || it.Head == diagram.HeadCross ||
		!asks && !(from == RoleEnsemble && to == RoleClient) {
		return []*diagram.Arrow{it}
	}
	text := normal(diagram.Plain(it.Text))
	words := c.split(text)
	at, n, _ := find(words, notices)
	if at < 0 || at > 2 {
		return []*diagram.Arrow{it}
	}
	for k := at + n; k < len(words); k++ {
		length, v := calls.at(words[k:])
		if length == 0 || v == verbNone || v == verbCheck || words[k].quoted {
			continue
		}
		begin := words[k].begin
		before := strings.TrimRight(text[:begin], " \n")
		if !(asks && words[k].fresh) && !strings.HasSuffix(before, "→") &&
			!strings.HasSuffix(before, "->") && !strings.HasSuffix(before, "then") {
			continue
		}
		told, asked := *it, *it
		told.Text = strings.TrimRight(strings.TrimSuffix(before, "then"), " ,;→->")
		asked.Text = text[begin:]
		if told.Dashed, asked.Dashed = true, false; asks {
			told.From, told.To = it.To, it.From
		} else {
			asked.From, asked.To = it.To, it.From
		}
		return []*diagram.Arrow{&told, &asked}
	}
	return []*diagram.Arrow{it}
}

// pluralNodes are phrases for all children of a watched node.
var pluralNodes = lexiconOf([]string{"znodes", "nodes", "entries", "changes of children"})

// watchMany lets a watch without a path watch the children that its words name. These are the
// children of the last path, or, as in topic changes, the children of /topics.
func (c *compiler) watchMany(a *Act, op *tree.Op, words []word) bool {
	if !op.Watch || op.Type != tree.OpExists {
		return false
	}
	if pluralNodes.in(words) {
		op.Type = tree.OpGetChildren2
		return false
	}
	for i, w := range words {
		name := strings.TrimSuffix(w.is, "s")
		if i == 0 || !kinds[name] || i+1 == len(words) || !has(words[i+1:i+2], "changes", "updates",
			"events", "additions") {
			continue
		}
		op.Type, op.Path = tree.OpGetChildren2, "/"+name+"s"
		a.told("the path %s, from the word \"%s\" in the text", op.Path, w.is)
		return true
	}
	return false
}

// childrenOf reads a change without a node as a change of the children, if its client watches a
// list of children: topics changed.
func (s *supplier) childrenOf(i int, e *Act) {
	n := &e.Notice
	if n.Event != tree.NodeDataChanged || n.Path != "" || has(e.words(), "data", "value",
		"nodedatachanged") {
		return
	}
	for k := i - 1; k >= 0; k-- {
		if a := s.acts[k]; a.Kind == Call && a.From == e.To && a.Op.Watch {
			if a.Op.Type == tree.OpGetChildren2 {
				n.Event = tree.NodeChildrenChanged
				e.told("the change is in the list of children of %s, because line %d watches "+
					"that list",
					a.Op.Path, a.Pos.Line)
			}
			return
		}
	}
}

// kinds are what clients register, and watch the changes of.
var kinds = wordSet("topic", "broker", "member", "worker", "partition", "consumer", "service",
	"instance", "task", "job", "server", "assignment", "config", "provider", "shard", "replica")

// entry reads a write as a create, if no client has made the node and the drawing does not mention
// it before. To write, store or publish something makes the node; to set or update it does not.
func (s *supplier) entry(i int, a *Act) {
	words := a.words()
	at, _, v := find(words, calls)
	if a.Op.Type != tree.OpSetData || a.Op.Version != tree.AnyVersion || v != verbSet ||
		!entryWords.in(words[at:min(len(words), at+1)]) || a.vague ||
		s.createdBefore(i, a.Op.Path) || s.exists[a.Op.Path] || s.called[a.Op.Path] ||
		oldWords.in(words) || s.seenToChange(i, a) {
		return
	}
	a.Op = createOf(a.Op.Path, string(a.Op.Data))
	s.created[a.Op.Path] = true
	a.told("this call is a create, because no client has created %s before", a.Op.Path)
}

// counted gives the increment of a counter its value: what its answer shows or, without one, one
// more than the increment before. A document draws one call where a client makes two: it reads the
// counter, and sets it if the version is still the same.
func (s *supplier) counted(a *Act) {
	if !a.counts {
		return
	}
	n, known := s.counters[a.Op.Path]
	if !known && a.Answer != nil && len(a.Answer.Reply.Values) == 1 {
		if shown, ok := number(a.Answer.Reply.Values[0]); ok && shown > 0 {
			n = shown - 1
		}
	}
	s.counters[a.Op.Path] = n + 1
	a.Op.Data = fmt.Appendf(nil, "%d", n+1)
	a.told("this call increments a counter to %d", n+1)
}

// oldWords say of a write that its node is there before.
var oldWords = lexiconOf([]string{"set", "sets", "setdata", "set_data", "set data", "update",
	"updates", "updated", "modified", "changed", "overwrite", "overwrites"})

// seenToChange says whether the next event that a write can cause tells another client that a node
// has changed.
func (s *supplier) seenToChange(i int, a *Act) bool {
	for _, b := range s.after(i) {
		switch {
		case b.Kind == Call && b.Op.Type.Writes():
			return false
		case b.Kind == Event || b.Kind == Reply && b.Either:
			return b.Notice.Event == tree.NodeDataChanged && b.To != a.From
		}
	}
	return false
}

// entryWords are words for a write that may make its node.
var entryWords = lexiconOf([]string{"write", "writes", "store", "stores", "publish", "publishes",
	"save", "saves", "put", "puts", "report", "reports"})
