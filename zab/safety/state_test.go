package safety

import (
	"bytes"
	"reflect"
	"testing"
	"unsafe"

	"github.com/zablab/zablab/zab"
)

// leftOut has the fields that AppendState leaves out, with the reason.
var leftOut = map[string]string{
	"Audit.voters":      "the same for all audits that are compared",
	"Audit.fail":        "a function",
	"Audit.booted":      "a function",
	"Audit.search":      "the same for all audits of a search",
	"Audit.pledged":     "for PromiseQuorum, which a search leaves out",
	"server.snapped":    "for LogRolls, which a search leaves out",
	"roll.first":        "for LogRolls, which a search leaves out",
	"roll.last":         "for LogRolls, which a search leaves out",
	"Audit.epochs":      "varied by itself",
	"Audit.reigns":      "varied by itself",
	"Audit.last":        "varied by itself",
	"Audit.servers":     "varied by itself",
	"epoch.leader":      "varied by itself",
	"Audit.Elections":   "a count, for reports",
	"Audit.Deliveries":  "a count, for reports",
	"Audit.Truncations": "a count, for reports",
	"Audit.Snapshots":   "a count, for reports",
	"Audit.Diffs":       "a count, for reports",
	"server.id":         "its place among the servers",
	"server.life":       "by whether an epoch's leader is still in it",
	"order.reign":       "by its number",
}

// settable returns v so that it can be changed, even if it is a field with a small letter.
func settable(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}

// fill gives every field below v a value that is not zero.
func fill(v reflect.Value) {
	v = settable(v)
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(1)
	case reflect.String:
		v.SetString("a")
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if leftOut[v.Type().Name()+"."+v.Type().Field(i).Name] == "" {
				fill(v.Field(i))
			}
		}
	}
}

// vary calls try with each field below v changed, one after another. name is that of the innermost
// struct and its field.
func vary(v reflect.Value, name string, try func(name string)) {
	v = settable(v)
	old := reflect.New(v.Type()).Elem()
	old.Set(v)
	change := func(set func()) {
		set()
		try(name)
		v.Set(old)
	}
	switch v.Kind() {
	case reflect.Bool:
		change(func() { v.SetBool(!v.Bool()) })
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		change(func() { v.SetInt(v.Int() + 1) })
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		change(func() { v.SetUint(v.Uint() + 1) })
	case reflect.String:
		change(func() { v.SetString(v.String() + "b") })
	case reflect.Slice:
		vary(v.Index(0), name, try)
		change(func() { v.SetLen(0) })
	case reflect.Pointer:
		if !v.IsNil() { // the roles that this peer does not have
			vary(v.Elem(), name, try)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Name() + "." + v.Type().Field(i).Name
			if leftOut[field] == "" {
				vary(v.Field(i), field, try)
			}
		}
	}
}

// Every field of an audit is part of its state, or is left out for a reason.
func TestState(t *testing.T) {
	a := New(zab.SetOf(1), 1, nil)
	fill(reflect.ValueOf(a).Elem())
	e := &epoch{}
	fill(reflect.ValueOf(e).Elem())
	e.leader = 1
	fill(reflect.ValueOf(&a.servers[1]).Elem())
	a.servers[1].life = 1
	a.epochs, a.reigns, a.last = map[uint32]*epoch{1: e}, []*epoch{e}, e
	before := a.AppendState(nil)
	if read, _ := ReadState(before, a.voters, 1, nil); !bytes.Equal(read.AppendState(nil), before) {
		t.Error("an audit that is read is in another state")
	}
	n := 0
	try := func(name string) {
		n++
		if name != "epoch.number" && bytes.Equal(a.AppendState(nil), before) {
			t.Errorf("a change of %s does not change the state: append it, or say why not", name)
		}
	}
	vary(reflect.ValueOf(a).Elem(), "Audit", try)
	vary(reflect.ValueOf(e).Elem(), "epoch", try)
	vary(reflect.ValueOf(&a.servers[1]).Elem(), "server", try)
	e.leader = 0
	try("epoch.leader")
	e.leader = 1
	a.servers[1].life++
	try("server.life")
	a.servers[1].life--
	a.servers[1].catchUps[0].order.reign = e
	try("order.reign")
	a.servers[1].catchUps[0].order.reign = nil
	a.last = nil
	try("Audit.last")
	a.last, a.reigns = e, nil
	try("Audit.reigns")
	a.reigns = []*epoch{e}
	a.epochs = nil
	try("Audit.epochs")
	a.epochs = map[uint32]*epoch{1: e}
	if !bytes.Equal(a.AppendState(nil), before) || n < 50 {
		t.Errorf("the test does not restore what it changes, or changes only %d fields", n)
	}
}

// An audit that is read is in the same state, and goes its own way.
func TestReadState(t *testing.T) {
	var said []string
	a := New(zab.SetOf(1, 2, 3), 3, func(name, _ string) { t.Error(name) })
	a.Search()
	boot := func(a *Audit, id zab.ID) *Watch {
		w := a.Watch(id, 1)
		a.DiskEpochs(id, 1, 1)
		w.Booted(&scripted{})
		return w
	}
	for id := zab.ID(1); id <= 3; id++ {
		boot(a, id)
	}
	a.Resume(3).Elected(1)
	a.Resume(3).Established(1)
	e := zab.Entry{Zxid: zab.MakeZxid(1, 1), Data: []byte("x")}
	a.Resume(3).Proposed(e)
	before := a.AppendState(nil)
	b, rest := ReadState(append(bytes.Clone(before), "more"...), zab.SetOf(1, 2, 3), 3,
		func(name, _ string) { said = append(said, name) })
	if !bytes.Equal(b.AppendState(nil), before) || string(rest) != "more" {
		t.Fatalf("an audit that is read is in another state, and leaves %q", rest)
	}
	b.Resume(3).Committed(e.Zxid) // on no disk
	b.Resume(2).Logged(&scripted{}, e)
	b.DiskLog(2, e.Zxid)
	if len(said) == 0 || said[0] != "CommitQuorum" {
		t.Errorf("the audit that is read says %v", said)
	}
	if !bytes.Equal(a.AppendState(nil), before) {
		t.Error("what happens to an audit that is read changes the original")
	}
	if bytes.Equal(b.AppendState(nil), before) {
		t.Error("what happens to an audit that is read does not change it")
	}
}

// scripted is a server without a history.
type scripted struct{}

func (*scripted) State() zab.State     { return zab.Looking }
func (*scripted) Phase() zab.Phase     { return zab.Election }
func (*scripted) Epoch() uint32        { return 1 }
func (*scripted) Leader() zab.ID       { return 0 }
func (*scripted) Applied() zab.Zxid    { return 0 }
func (*scripted) Base() zab.Zxid       { return 0 }
func (*scripted) Entries() []zab.Entry { return nil }
