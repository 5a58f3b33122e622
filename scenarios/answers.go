package scenarios

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// agrees says whether an operation went as the drawing says.
func agrees(r *script.Answer, o *engine.Op) bool {
	want, code := r.Outcome, r.Code
	if r.Exists {
		want = script.WentWrong
		code = tree.NodeExists
		if o.Op.Type == tree.OpExists {
			want = script.WentWell
		}
	}
	switch want {
	case script.Unanswered:
		return o.Outcome == client.Unknown
	case script.WentWrong:
		return o.Outcome == client.Failed && (code == tree.OK || code == o.Code) ||
			code == tree.SessionExpired && o.Code == code
	case script.WentWell:
		// A watch on a node that does not exist is set: the call succeeded.
		if o.Outcome != client.OK && !(o.Op.Type == tree.OpExists && o.Op.Watch &&
			o.Code == tree.NoNode) {
			return false
		}
	default:
		if o.Outcome != client.OK {
			return false
		}
	}
	return sameValues(r, o)
}

// sameValues compares the result with the values in the drawing, if it has any.
func sameValues(r *script.Answer, o *engine.Op) bool {
	if len(r.Values) == 0 {
		return true
	}
	switch o.Op.Type {
	case tree.OpGetData:
		data := string(o.Result.Data)
		return r.Values[0] == data || strings.Join(r.Values, " ") == data
	case tree.OpGetChildren2:
		return slices.Equal(slices.Sorted(slices.Values(r.Values)),
			slices.Sorted(slices.Values(o.Result.Children)))
	case tree.OpCreate, tree.OpCreate2:
		return !strings.HasPrefix(r.Values[0], "/") || r.Values[0] == o.Result.Path
	case tree.OpDelete, tree.OpSetData, tree.OpExists:
		// An answer that names another node is not the answer to this call.
		return !strings.HasPrefix(r.Values[0], "/") || r.Values[0] == o.Op.Path
	}
	return true
}

// answer is the outcome of an operation in words.
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
		if (o.Op.Type == tree.OpCreate || o.Op.Type == tree.OpCreate2) && o.Code == tree.NoNode &&
			parent != "" {
			return o.Code.Error() + ": nobody has created its parent " + parent
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
