package server_test

import (
	"encoding/base64"
	"encoding/json"
	"sort"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// The forms of the recording: results as it writes them, and operations as it asks for them.

// result puts ours into the recording's form and compares.
func (p *player) result(s *step, r *tree.OpResult) {
	want := s.Res
	got := p.fields(r)
	switch s.Op {
	case "multi", "multiRead":
		var list []any
		for i := range r.Results {
			part := p.fields(&r.Results[i])
			part["err"], part["type"] = float64(r.Results[i].Code), float64(r.Results[i].Type)
			if r.Results[i].Type == tree.OpError {
				part["bodyErr"] = part["err"]
				part["bodyErrName"] = r.Results[i].Code.String()
			}
			list = append(list, part)
		}
		list = append(list, map[string]any{"done": true, "err": float64(-1), "type": float64(-1)})
		got = map[string]any{"results": list}
	case "closeSession":
		c := p.wires[s.Sess]
		p.w.until(sim.Second, "the connection is closed", func() bool { return c.closed })
		return
	case "addWatch":
		got["bodyErr"] = float64(0)
	}
	if want == nil {
		want = map[string]any{}
	}
	p.same(s, "result", canonical(got), canonical(want))
}

// canonical is a value as JSON, keys sorted.
func canonical(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func (p *player) fields(r *tree.OpResult) map[string]any {
	m := map[string]any{}
	if r.Type == tree.OpCreate || r.Type == tree.OpCreate2 || r.Type == tree.OpSync {
		m["path"] = r.Path
	}
	switch r.Type {
	case tree.OpCreate2, tree.OpSetData, tree.OpSetACL, tree.OpExists, tree.OpGetData, tree.OpGetChildren2, tree.OpGetACL:
		m["stat"] = p.stat(&r.Stat)
	}
	switch r.Type {
	case tree.OpGetData:
		m["data"] = textOf(r.Data)
	case tree.OpGetChildren, tree.OpGetChildren2:
		list := append([]string{}, r.Children...)
		sort.Strings(list)
		m["children"] = list
	case tree.OpGetACL:
		acl := []any{}
		sorted := append([]tree.ACL(nil), r.ACL...)
		sort.Slice(sorted, func(i, j int) bool { return sorted[i].ID > sorted[j].ID }) // there: of a hash set
		for _, a := range sorted {
			acl = append(acl, map[string]any{"perms": a.Perms, "scheme": a.Scheme, "id": a.ID})
		}
		m["acl"] = acl
	case tree.OpGetAllChildrenNumber:
		m["n"] = r.Number
	}
	return m
}

func textOf(data []byte) any {
	if data == nil {
		return nil
	}
	for _, b := range data {
		if b == 0 || b >= 0x80 {
			return "base64:" + base64.StdEncoding.EncodeToString(data)
		}
	}
	return string(data)
}

func (p *player) stat(s *tree.Stat) map[string]any {
	times := "later"
	switch {
	case s.Ctime == 0:
		times = "0"
	case s.Ctime == s.Mtime:
		times = "same"
	}
	var owner any = float64(0)
	if s.EphemeralOwner != 0 {
		owner = p.ids[s.EphemeralOwner]
	}
	return map[string]any{
		"aversion": s.Aversion, "cversion": s.Cversion, "version": s.Version, "times": times,
		"czxid": p.counter(s.Czxid), "mzxid": p.counter(s.Mzxid), "pzxid": p.counter(s.Pzxid),
		"dataLength": s.DataLength, "numChildren": s.NumChildren, "ephemeralOwner": owner,
	}
}

var opCodes = map[string]tree.OpCode{
	"create": tree.OpCreate, "create2": tree.OpCreate2, "delete": tree.OpDelete, "exists": tree.OpExists,
	"getData": tree.OpGetData, "setData": tree.OpSetData, "getACL": tree.OpGetACL, "setACL": tree.OpSetACL,
	"getChildren": tree.OpGetChildren, "getChildren2": tree.OpGetChildren2, "sync": tree.OpSync,
	"ping": tree.OpPing, "check": tree.OpCheck, "multi": tree.OpMulti, "multiRead": tree.OpMultiRead,
	"addAuth": tree.OpAuth, "setWatches": tree.OpSetWatches, "addWatch": tree.OpAddWatch,
	"removeWatches": tree.OpRemoveWatches, "checkWatches": tree.OpCheckWatches,
	"getAllChildrenNumber": tree.OpGetAllChildrenNumber, "closeSession": tree.OpCloseSession,
}

// operation reads a step's operation. The parts of a multi leave out what the recording always
// used: data of one byte and an open list.
func operation(s *step) tree.Op {
	op := operationOf(s.Op, s.Args)
	if list, ok := s.Args["ops"].([]any); ok {
		for _, part := range list {
			args := part.(map[string]any)
			if _, ok := args["data"]; !ok {
				args["data"] = "m"
			}
			if _, ok := args["acl"]; !ok {
				args["acl"] = "world:anyone:cdrwa"
			}
			op.Ops = append(op.Ops, operationOf(args["op"].(string), args))
		}
	}
	return op
}

func operationOf(name string, args map[string]any) tree.Op {
	op := tree.Op{Type: opCodes[name]}
	number := func(key string) int32 { f, _ := args[key].(float64); return int32(f) }
	op.Path, _ = args["path"].(string)
	op.Flags, op.Version = tree.CreateMode(number("flags")), number("version")
	op.Watch, _ = args["watch"].(bool)
	op.WatchMode, op.WatcherType = tree.AddWatchMode(number("mode")), tree.WatcherType(number("type"))
	op.Scheme, _ = args["scheme"].(string)
	if d, ok := args["data"].(string); ok {
		op.Data = []byte(d)
		if raw, ok := strings.CutPrefix(d, "base64:"); ok {
			op.Data, _ = base64.StdEncoding.DecodeString(raw)
		}
	}
	if auth, ok := args["auth"].(string); ok {
		op.Data = []byte(auth)
	}
	switch acl := args["acl"].(type) {
	case string:
		op.ACL = tree.OpenACL
	case []any:
		for _, a := range acl {
			m := a.(map[string]any)
			op.ACL = append(op.ACL, tree.ACL{
				Perms: int32(m["perms"].(float64)), Scheme: m["scheme"].(string), ID: m["id"].(string),
			})
		}
	}
	if op.Type == tree.OpSetWatches {
		texts := func(key string) (list []string) {
			for _, v := range args[key].([]any) {
				list = append(list, v.(string))
			}
			return list
		}
		op.SetWatches = &tree.SetWatches{
			RelativeZxid: int64(number("relativeZxid")),
			Data:         texts("data"), Exist: texts("exist"), Child: texts("child"),
		}
	}
	return op
}
