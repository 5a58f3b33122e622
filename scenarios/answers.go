package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// agrees reports whether the outcome of an operation is the drawn one.
func (p *player) agrees(a *script.Act, o *engine.Op) bool {
	r := &a.Reply
	if p.belied(a, o) != "" {
		return false
	}
	want, code := r.Outcome, r.Code
	if r.Exists {
		want = script.WentWrong
		code = tree.NodeExists
		switch o.Op.Type {
		case tree.OpExists, tree.OpGetData, tree.OpGetChildren2:
			want = script.WentWell
		}
	}
	if o.Op.Type == tree.OpExists && want == script.AnyOutcome && len(r.Values) == 1 {
		switch v := strings.ToLower(r.Values[0]); {
		case v == "null" || v == "nil" || v == "none":
			return o.Code == tree.NoNode
		case strings.HasPrefix(v, "stat"):
			want = script.WentWell
		}
	}
	switch want {
	case script.Unanswered:
		return o.Outcome == client.Unknown || o.Code == tree.ConnectionLoss
	case script.WentWrong:
		return o.Outcome == client.Failed && (code == tree.OK || code == o.Code) ||
			code == tree.SessionExpired && o.Code == code
	case script.WentWell:
		// A call that sets a watch on a missing node succeeds.
		if o.Outcome != client.OK && !(o.Op.Type == tree.OpExists && o.Op.Watch &&
			o.Code == tree.NoNode) {
			return false
		}
	default:
		if o.Outcome != client.OK {
			return false
		}
	}
	if a.HasVersion && hasVersion(o) && a.Version != o.Result.Stat.Version &&
		string(o.Result.Data) != fmt.Sprintf("v%d", a.Version) {
		return false
	}
	if a.HasCount && countsOther(o, a.Count) {
		return false
	}
	return p.sameValues(a, o)
}

// countsOther reports whether the answer to an operation contains another number of children.
func countsOther(o *engine.Op, n uint32) bool {
	switch {
	case o.Outcome != client.OK:
		return false
	case o.Op.Type == tree.OpGetChildren2:
		return uint32(len(o.Result.Children)) != n
	case o.Op.Type == tree.OpExists || o.Op.Type == tree.OpGetData:
		return uint32(o.Result.Stat.NumChildren) != n
	}
	return false
}

// belied says how an operation contradicts what its drawn answer says of the node or the watch,
// such as "created (not ephemeral)". It returns "" if there is no contradiction.
func (p *player) belied(a *script.Act, o *engine.Op) string {
	f := &a.Reply.Flags
	wrong := func(said script.Said, real bool) bool {
		return said == script.No && real || said == script.Yes && !real
	}
	ephemeral := func(real bool) string {
		switch {
		case !wrong(f.Ephemeral, real):
			return ""
		case real:
			return "the node is ephemeral"
		}
		return "the node is not ephemeral"
	}
	switch o.Op.Type {
	case tree.OpCreate, tree.OpCreate2:
		if o.Outcome != client.OK {
			return ""
		}
		why, real := ephemeral(o.Op.Flags.IsEphemeral()), o.Op.Flags.IsSequential()
		switch {
		case why != "" || !wrong(f.Sequential, real):
			return why
		case real:
			return "the node is sequential"
		}
		return "the node is not sequential"
	case tree.OpExists, tree.OpGetData, tree.OpGetChildren2:
		if !o.Done() || a.Watcher != "" {
			return ""
		}
		set := o.Op.Watch && (o.Outcome == client.OK || o.Op.Type == tree.OpExists &&
			o.Code == tree.NoNode)
		if o.Outcome == client.OK && o.Op.Type != tree.OpGetChildren2 {
			if why := ephemeral(o.Result.Stat.EphemeralOwner != 0); why != "" {
				return why
			}
		}
		switch {
		case !wrong(f.Watch, set):
			return ""
		case set:
			return "the call sets a watch"
		}
		return "the call sets no watch"
	}
	return ""
}

// hasVersion reports whether the answer to an operation contains the version of the node.
func hasVersion(o *engine.Op) bool {
	switch o.Op.Type {
	case tree.OpGetData, tree.OpSetData, tree.OpExists, tree.OpCreate2:
		return o.Outcome == client.OK
	}
	return false
}

// sameValues reports whether the values in the drawing, if any, are those of the result.
func (p *player) sameValues(a *script.Act, o *engine.Op) bool {
	if o.Op.Type == tree.OpGetChildren2 && (a.Lists() || len(a.Reply.Values) > 0) {
		return p.sameList(a, o)
	}
	values := a.Reply.Values
	if len(values) == 0 {
		return p.leads(a, o)
	}
	first, all := strings.Trim(values[0], `"'`), strings.Join(values, " ")
	isPath := strings.HasPrefix(first, "/")
	switch o.Op.Type {
	case tree.OpGetData:
		data := string(o.Result.Data)
		return first == data || all == data || a.HasVersion && !a.Sure() || samePairs(all, data)
	case tree.OpCreate, tree.OpCreate2:
		if !isPath && (first == string(o.Op.Data) || all == string(o.Op.Data)) {
			return true
		}
		if o.Op.Flags.IsSequential() && (isPath || a.Lists() || strings.Contains(a.Text, `"`) ||
			a.Sure() && strings.ContainsAny(first, "0123456789")) {
			_, ok := p.binds(first, o)
			return ok
		}
		if !isPath && !o.Op.Flags.IsSequential() && namesNumber(first, o.Op.Path) {
			return true
		}
		return isPath && p.real(first) == o.Result.Path ||
			!isPath && (!a.Sure() || a.HasVersion || o.Op.Flags.IsSequential())
	case tree.OpDelete, tree.OpSetData, tree.OpExists:
		// An answer with the name of another node does not belong to this call.
		if isPath {
			return p.real(first) == o.Op.Path
		}
		return !a.Sure() || a.HasVersion || o.Op.Type == tree.OpSetData && all == string(o.Op.Data) ||
			o.Op.Type == tree.OpExists && strings.HasPrefix(strings.ToLower(first), "stat")
	}
	return true
}

// namesNumber reports whether a value is the number at the end of a path: 42, of /workers/042.
func namesNumber(value, path string) bool {
	_, digits, ok := splitNumber(path)
	return ok && value != "" && strings.Trim(value, "0123456789") == "" &&
		compareNumbers(value, digits) == 0
}

// samePairs reports whether two values are the same keys with the same values, in whatever
// notation: brokerid=1 and {"brokerid": 1}.
func samePairs(a, b string) bool {
	return strings.ContainsAny(a, ":=") && strings.ContainsAny(b, ":=") && pairsOf(a) == pairsOf(b)
}

// pairsOf is a value without the punctuation that notations differ in.
func pairsOf(value string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '{', '}', '"', '\'', ' ', ';':
			return -1
		case ':':
			return '='
		}
		return r
	}, value)
}

// leads says whether a list of children that is drawn as "you lead" begins with a node of its
// client.
func (p *player) leads(a *script.Act, o *engine.Op) bool {
	if o.Op.Type != tree.OpGetChildren2 || !a.Leads() && !a.Trails {
		return true
	}
	if len(o.Result.Children) == 0 {
		return false
	}
	under := strings.TrimSuffix(o.Op.Path, "/") + "/"
	first := slices.MinFunc(o.Result.Children, func(a, b string) int {
		_, n, _ := splitNumber(a)
		_, m, _ := splitNumber(b)
		return cmp.Or(compareNumbers(n, m), strings.Compare(a, b))
	})
	return slices.Contains(p.e.Owned(o.Client), under+first) != a.Trails
}

// answerTo returns the answer to a call in words, with the details that the drawing mentions.
func (p *player) answerTo(a *script.Act, o *engine.Op) string {
	text := answer(o)
	if why := p.belied(a, o); why != "" {
		return text + ": " + why
	}
	if a.HasVersion && hasVersion(o) {
		text += fmt.Sprintf(", version %d", o.Result.Stat.Version)
	}
	if a.HasCount && o.Op.Type != tree.OpGetChildren2 && countsOther(o, a.Count) {
		text += fmt.Sprintf(", children %d", o.Result.Stat.NumChildren)
	}
	switch o.Op.Type {
	case tree.OpCreate2, tree.OpSetData, tree.OpDelete, tree.OpExists:
		if text == "ok" && a.Lists() {
			text += ", without a list"
		} else if text == "ok" && len(a.Reply.Values) > 0 {
			text += ", without a value"
		}
	}
	return text
}

// answer returns the outcome of an operation in words.
func answer(o *engine.Op) string {
	switch {
	case o.Lost:
		return "the client crashed before the answer arrived"
	case o.Outcome == client.Pending:
		return "no answer"
	case o.Outcome == client.Unknown:
		return "connection lost: the operation may have happened"
	case o.Outcome == client.NotSent:
		return "not sent: " + o.Code.Error()
	case o.Outcome == client.Failed:
		parent, _, _ := tree.SplitPath(o.Op.Path)
		if (o.Op.Type == tree.OpCreate || o.Op.Type == tree.OpCreate2) && o.Code == tree.NoNode &&
			parent != "" {
			return o.Code.Error() + ": the parent node " + parent + " does not exist"
		}
		return o.Code.Error()
	}
	switch o.Op.Type {
	case tree.OpGetData:
		return "ok: " + script.Clip(string(o.Result.Data))
	case tree.OpGetChildren2:
		return "ok: [" + strings.Join(o.Result.Children, " ") + "]"
	case tree.OpCreate, tree.OpCreate2:
		if o.Op.Flags.IsSequential() {
			return "ok: " + o.Result.Path
		}
	}
	return "ok"
}

// suiting returns the open call that a drawn answer fits best; of several equally good ones, the
// oldest. Drawings rarely show the answers to calls that set a watch and to sync, so other calls
// are preferred.
func (p *player) suiting(a *script.Act, list []int) (at int) {
	if a.Of != nil && a.Of.Kind == script.Heartbeat {
		return -1
	}
	if a.Of != nil {
		for n, i := range list {
			if c := p.calls[i]; c != nil && c.a == a.Of {
				return n
			}
		}
	}
	at = -1
	best := -1
	for n, i := range list {
		op := &p.e.Ops()[i].Op
		rank := 2 * int(a.Suits(op))
		if rank == 0 {
			continue
		}
		if !op.Watch && (op.Type != tree.OpSync || !a.Reply.Tells()) {
			rank++
		} else if a.Either {
			continue
		}
		if rank > best {
			at, best = n, rank
		}
	}
	if at >= 0 || a.Either {
		return at
	}
	for n, i := range list {
		if !p.e.Ops()[i].Op.Watch {
			return n
		}
	}
	if len(list) > 0 {
		return 0
	}
	return -1
}
