package script

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/zablab/zablab/tree"
)

// A drawing names its nodes as its author likes: by their last names, by a number alone, or not at
// all. What follows is how the lines of a drawing share the names that one of them shows.

// lastName is the last name of a path, in lower case.
func lastName(path string) string {
	return strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
}

// enters remembers whose a node is, and which names a series may have. A sequential node without a
// name has the one that the ensemble gives.
func (c *compiler) enters(who string, op *tree.Op) {
	path := op.Path
	if op.Flags.IsSequential() && len(c.series) < 10_000 {
		family := strings.TrimRight(path, "0123456789")
		if family == path {
			path = fmt.Sprintf("%s%010d", family, c.made[family])
		}
		if strings.HasSuffix(family, "/") {
			family = op.Path
		}
		c.series[lastName(family)] = family
		c.made[family]++
	}
	if op.Flags.IsEphemeral() {
		c.owns[who] = path
	}
}

// nameOf notes under which name a client's sequential node is known, if an answer shows it.
func (c *compiler) nameOf(who, path string, words []word) {
	family := strings.TrimRight(c.owns[who], "0123456789")
	if path == "" {
		path = c.shortened(words)
	}
	if family != "" && len(path) > len(family) && strings.HasPrefix(path, family) &&
		strings.Trim(path[len(family):], "0123456789") == "" {
		c.owns[who] = path
	}
}

// numbered is the path of a sequential node that a word names by its last name: lock-0001, after a
// create of /locks/lock- or of /locks/lock.
func (c *compiler) numbered(w word) string {
	prefix := strings.TrimRight(w.is, "0123456789")
	digits := w.is[len(prefix):]
	if digits == "" || prefix == "" || w.isPath() {
		return ""
	}
	if path := c.series[prefix]; path != "" {
		return path + digits
	}
	bare := strings.TrimRight(prefix, "-_")
	if path := c.series[bare]; path != "" && bare != "" {
		return path + prefix[len(bare):] + digits
	}
	return ""
}

// underSeries completes a path that has only the last name of a sequential node: /lock-1, after a create of
// /locks/lock-. A node at the root that a line makes keeps its name.
func (c *compiler) underSeries(a *Act, op *tree.Op) {
	name := strings.TrimPrefix(op.Path, "/")
	stem := seriesOf(name)
	family, digits := c.series[strings.ToLower(stem)], name[len(stem):]
	if c.script.strict || family == "" || digits == "" || strings.IndexByte(name, '/') >= 0 ||
		op.Type == tree.OpCreate2 || parentOf(family) == "/" || c.leaves[op.Path] {
		return
	}
	if full := c.counts[strings.TrimLeft(digits, "0")]; len(full) > 1 { // as an answer shows it
		digits = full[len(seriesOf(full)):]
	}
	op.Path = family + digits
	a.told("the path in full: %s", op.Path)
}

// listing returns the path of a call for children that names no path: the path of the last such
// call, or the parent of the node that a line mentions last, if clients own such nodes.
func (c *compiler) listing() (path, why string) {
	if c.listed != "" {
		return c.listed, "the path whose children were listed last"
	}
	family := seriesOf(c.last)
	own := c.series[lastName(family)] != "" || family != c.last &&
		(strings.HasSuffix(family, "-") || strings.HasSuffix(family, "_"))
	for _, path := range c.owns { // order: any will do
		own = own || path == c.last
	}
	if !own {
		return "", ""
	}
	return parentOf(c.last), "the parent of the path that was mentioned last"
}

// watched is the node that a text says its reader watches: by its path, by its last name, or by the
// name of its owner; empty if it says none.
func (c *compiler) watched(words []word) string {
	path := cmp.Or(firstPath(words), c.shortened(words))
	for i := 1; i < len(words) && path == ""; i++ {
		if who, n := c.cast.named(words[i:]); n > 0 {
			path = c.owns[who]
		}
	}
	if tree.ValidateCreatePath(path, false) != nil {
		return ""
	}
	return path
}
