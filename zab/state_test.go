package zab

import (
	"bytes"
	"reflect"
	"testing"
	"unsafe"

	"github.com/zablab/zablab/sim"
)

// leftOut has the fields that AppendState leaves out, with the reason.
var leftOut = map[string]string{
	"Peer.config":          "the same for all peers that are compared",
	"Peer.app":             "the caller appends its state",
	"Peer.io":              "empty between two steps",
	"Peer.probe":           "an observer",
	"Peer.recoverError":    "read at Boot, before the first state",
	"Peer.stored":          "read at Boot, before the first state",
	"Peer.refusals":        "counts, for reports",
	"links.p":              "the peer itself",
	"writer.p":             "the peer itself",
	"snapper.p":            "the peer itself",
	"writer.token":         "a count: Awaits says which fsync matters",
	"snapper.token":        "a count: Awaits says which fsync matters",
	"electing.resendAt":    "time: a looking peer always resends at some time",
	"electing.resendWait":  "time: how long it waits until then",
	"learning.deadline":    "time: a learner always has a read timeout",
	"leading.nextAt":       "time: the smallest of other times",
	"leading.pingAt":       "time: a leader always pings at some time",
	"leading.tick":         "time: a count of ticks",
	"leading.odd":          "time: whether the next ping is a tick",
	"learner.deadline":     "time: in ticks",
	"learner.unackedSince": "time: in ticks",
	"learner.nextAt":       "time: a snapshot that is being sent always has a next piece",
	"flawed.role":          "whether it is the present role decides whether late counts",
	"pendingSync.msg":      "by its key",
}

// stateReader is a snapshot reader with a state.
type stateReader struct{ n byte }

func (r *stateReader) Next(dst []byte, _ int) ([]byte, bool) { return dst, true }
func (r *stateReader) Size() int                             { return 1 }
func (r *stateReader) AppendState(dst []byte) []byte         { return append(dst, r.n) }

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
	case reflect.Interface:
		switch v.Type() {
		case reflect.TypeFor[SnapshotReader]():
			v.Set(reflect.ValueOf(&stateReader{1}))
		case reflect.TypeFor[sim.Message]():
			v.Set(reflect.ValueOf(&Ack{Zxid: 1}))
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
		if v.Type() == reflect.TypeFor[sim.Time]() {
			change(func() { v.SetInt(int64(sim.Never)) })
			return
		}
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
	case reflect.Interface:
		vary(v.Elem().Elem(), name, try)
	}
}

// Every field of a peer is part of its state, or is left out for a reason: a change of any other
// field changes the state, in at least one of the roles.
func TestState(t *testing.T) {
	seen, lost := map[string]bool{}, map[string]bool{}
	for _, role := range []string{"electing", "learning", "leading"} {
		p := &Peer{}
		fill(reflect.ValueOf(p).Elem())
		p.writer.p = p
		for i := range p.lead.syncs {
			p.lead.syncs[i].msg = &Sync{&stateBody{1}}
		}
		if p.flawed.role = p.learn; role != "electing" {
			p.elect = nil
		}
		if role == "leading" {
			p.learn = nil
		}
		before := p.AppendState(nil, 0)
		vary(reflect.ValueOf(p).Elem(), "Peer", func(name string) {
			if bytes.Equal(p.AppendState(nil, 0), before) {
				lost[name] = true
			} else {
				seen[name] = true
			}
		})
		if !bytes.Equal(p.AppendState(nil, 0), before) {
			t.Fatal("the test does not restore what it changes")
		}
	}
	for name := range lost {
		if !seen[name] {
			t.Errorf("a change of %s does not change the state: append it, or say why not", name)
		}
	}
	if len(seen) < 90 {
		t.Errorf("only %d fields were changed", len(seen))
	}
	for name := range leftOut {
		if seen[name] {
			t.Errorf("%s is left out, and changes the state", name)
		}
	}
}

type stateBody struct{ n uint64 }

func (b *stateBody) Size() int   { return 1 }
func (b *stateBody) Key() uint64 { return b.n }

// A part that a world does not need is left out, and nothing else.
func TestStateParts(t *testing.T) {
	p := &Peer{}
	fill(reflect.ValueOf(p).Elem())
	p.writer.p, p.learn, p.lead = p, nil, nil
	parts := func() [2]string {
		return [2]string{string(p.AppendState(nil, ElectionState)),
			string(p.AppendState(nil, SnapshotState))}
	}
	before := parts()
	p.round++
	p.elect.received[0].round++
	p.links.to[0].conn++
	if now := parts(); now[0] != before[0] || now[1] == before[1] {
		t.Error("ElectionState leaves out too much or too little")
	}
	before = parts()
	p.snapper.since++
	if now := parts(); now[0] == before[0] || now[1] != before[1] {
		t.Error("SnapshotState leaves out too much or too little")
	}
}
