package conformance

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
)

// Forms writes results in the form of a recording: with a session's name in place of its number,
// and with only the counter of a zxid.
type Forms struct {
	Session func(id int64) string // the name of a session; never called with 0
	Counter func(zxid int64) int64
	Times   func(*tree.Stat) string // describes ctime and mtime; default: "0", "same" or "later"
}

// Result returns the result of an operation as JSON with sorted keys.
func (f *Forms) Result(op tree.OpCode, r *tree.OpResult) string {
	m := f.fields(r)
	switch op {
	case tree.OpMulti, tree.OpMultiRead:
		list := []any{}
		for i := range r.Results {
			part := f.fields(&r.Results[i])
			part["err"], part["type"] = r.Results[i].Code, r.Results[i].Type
			if r.Results[i].Type == tree.OpError {
				part["bodyErr"] = part["err"]
				part["bodyErrName"] = r.Results[i].Code.String()
			}
			list = append(list, part)
		}
		list = append(list, map[string]any{"done": true, "err": -1, "type": -1})
		m = map[string]any{"results": list}
	case tree.OpAddWatch:
		m["bodyErr"] = 0
	}
	return canonical(m)
}

// canonical is a value as JSON with sorted keys.
func canonical(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// canonicalRaw sorts the keys of a JSON value; empty input becomes an empty object.
func canonicalRaw(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "{}"
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return err.Error()
	}
	return canonical(v)
}

func (f *Forms) fields(r *tree.OpResult) map[string]any {
	m := map[string]any{}
	switch r.Type {
	case tree.OpCreate, tree.OpSync:
		m["path"] = r.Path
	case tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL:
		m["path"], m["stat"] = r.Path, f.stat(&r.Stat)
	case tree.OpSetData, tree.OpSetACL, tree.OpExists:
		m["stat"] = f.stat(&r.Stat)
	case tree.OpGetData:
		m["data"], m["stat"] = textOf(r.Data), f.stat(&r.Stat)
	case tree.OpGetChildren:
		m["children"] = sorted(r.Children)
	case tree.OpGetChildren2:
		m["children"], m["stat"] = sorted(r.Children), f.stat(&r.Stat)
	case tree.OpGetACL:
		m["acl"], m["stat"] = aclForm(r.ACL), f.stat(&r.Stat)
	case tree.OpGetAllChildrenNumber:
		m["n"] = r.Number
	case tree.OpWhoAmI:
		m["who"] = sorted(r.Children)
	case tree.OpGetEphemerals:
		m["ephemerals"] = sorted(r.Children)
	}
	return m
}

func sorted(names []string) []string {
	list := append([]string{}, names...)
	slices.Sort(list)
	return list
}

// aclForm is an ACL as a recording writes it, sorted, because ZooKeeper's order is that of a hash
// set.
func aclForm(list []tree.ACL) []any {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b tree.ACL) int {
		return cmp.Or(strings.Compare(b.ID, a.ID), strings.Compare(a.Scheme, b.Scheme),
			cmp.Compare(a.Perms, b.Perms))
	})
	acl := []any{}
	for _, a := range list {
		acl = append(acl, map[string]any{"perms": a.Perms, "scheme": a.Scheme, "id": a.ID})
	}
	return acl
}

// textOf is a node's data as a recording writes it: text, null, or "base64:…" for data that is not
// ASCII text.
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

// bytesOf returns the data that textOf writes as text.
func bytesOf(text *string) ([]byte, error) {
	if text == nil {
		return nil, nil
	}
	if raw, ok := strings.CutPrefix(*text, "base64:"); ok {
		data, err := base64.StdEncoding.DecodeString(raw)
		if err != nil {
			return nil, fmt.Errorf("data: %w", err)
		}
		return data, nil
	}
	return []byte(*text), nil
}

func (f *Forms) stat(s *tree.Stat) map[string]any {
	times := "later"
	switch {
	case f.Times != nil:
		times = f.Times(s)
	case s.Ctime == 0:
		times = "0"
	case s.Ctime == s.Mtime:
		times = "same"
	}
	var owner any = 0
	if s.EphemeralOwner != 0 {
		owner = f.Session(s.EphemeralOwner)
	}
	return map[string]any{
		"aversion": s.Aversion, "cversion": s.Cversion, "version": s.Version, "times": times,
		"czxid": f.Counter(s.Czxid), "mzxid": f.Counter(s.Mzxid), "pzxid": f.Counter(s.Pzxid),
		"dataLength": s.DataLength, "numChildren": s.NumChildren, "ephemeralOwner": owner,
	}
}
