package command

import (
	"os"
	"path/filepath"
	"testing"
)

// TestCheckOutputs: an output may be no input and no other output, by whatever name. A device may.
// Its folder must exist.
func TestCheckOutputs(t *testing.T) {
	dir := t.TempDir()
	in, link := filepath.Join(dir, "in.md"), filepath.Join(dir, "link.md")
	if err := os.WriteFile(in, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(in, link); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(dir, "new")
	for _, x := range []struct {
		outputs, inputs []string
		ok              bool
	}{
		{[]string{fresh, ""}, []string{in}, true}, {[]string{"", ""}, []string{""}, true},
		{[]string{in}, []string{in}, false}, {[]string{link}, []string{in}, false},
		{[]string{fresh, filepath.Join(dir, ".", "new")}, nil, false},
		{[]string{fresh, dir + "/./new"}, nil, false}, {[]string{in, link}, nil, false},
		{[]string{os.DevNull, os.DevNull}, nil, true}, {[]string{fresh}, []string{"01-chapter"}, true},
		{[]string{filepath.Join(dir, "no", "new")}, nil, false},
	} {
		if err := CheckOutputs(x.outputs, x.inputs); (err == nil) != x.ok {
			t.Errorf("%v from %v: %v", x.outputs, x.inputs, err)
		}
	}
}
