package wire

import (
	"reflect"
	"testing"
)

// What is written can be read back, and no shorter text is taken for it.
func TestRoundTrip(t *testing.T) {
	s := Start{
		Name: "S1", Life: 3, Seed: 1 << 63, Yield: 20, Nap: 5, Machines: []string{"S1", "S2", "A"},
		Settings: []string{"tick=200", "bug="}, Files: []File{{"log", []byte{0, 1, 255}}, {"x", []byte{}}},
	}
	b := s.Bytes()
	if again, ok := ParseStart(b); !ok || !reflect.DeepEqual(again, s) {
		t.Errorf("%+v, %t: want %+v", again, ok, s)
	}
	for n := range b {
		if again, ok := ParseStart(b[:n]); ok {
			t.Errorf("the first %d of %d bytes are read as %+v", n, len(b), again)
		}
	}
	stream := Put(Put(nil, Boot, 7, 0, b), Received, 9, 1<<40, []byte("a"), []byte("bc"))
	f, rest, ok := Next(stream)
	if !ok || f.Kind != Boot || f.A != 7 || string(f.Data) != string(b) {
		t.Fatalf("first frame %+v, %t", f, ok)
	}
	for n := range rest {
		if f, _, ok := Next(rest[:n]); ok {
			t.Errorf("the first %d of %d bytes are read as %+v", n, len(rest), f)
		}
	}
	if f, rest, ok = Next(rest); !ok || f.Kind != Received || f.A != 9 || f.B != 1<<40 ||
		string(f.Data) != "abc" || len(rest) > 0 {
		t.Errorf("second frame %+v, %t, and %d bytes", f, ok, len(rest))
	}
}
