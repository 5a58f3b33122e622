package lzma

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// samples are files of all kinds: empty, chance, long runs, text, and this program.
func samples(t *testing.T) map[string][]byte {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	chance, few := make([]byte, 5000), make([]byte, 20_000)
	for i := range chance {
		chance[i] = byte(r.Uint32())
	}
	for i := range few {
		few[i] = byte(r.IntN(3))
	}
	list := map[string][]byte{"empty": nil, "one byte": {7}, "two": {7, 7}, "five": []byte("ababa"),
		"chance": chance, "few": few, "zeros": make([]byte, 100_000),
		"twice": append(bytes.Clone(chance), chance...)}
	for i := range 40 {
		list["prefix "+string(rune('a'+i))] = few[:i]
	}
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	list["program"] = program[:min(len(program), 400_000)]
	return list
}

// What is compressed can be decompressed; by xz too, if it is there.
func TestRoundTrip(t *testing.T) {
	xz, missing := exec.LookPath("xz")
	for name, data := range samples(t) {
		packed := Compress(data)
		if got, err := Decompress(packed); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %d bytes become %d others, %v", name, len(data), len(got), err)
		}
		for _, n := range []int{0, 17, len(packed) / 2} {
			if len(data) > 1000 {
				if _, err := Decompress(packed[:n]); err == nil {
					t.Errorf("%s: %d bytes of %d are read without an error", name, n, len(packed))
				}
			}
		}
		if missing != nil || len(data) < 1000 {
			continue
		}
		file := filepath.Join(t.TempDir(), "x.lzma")
		if err := os.WriteFile(file, packed, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := exec.Command(xz, "--format=lzma", "-dc", file).Output()
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: xz reads %d bytes of %d: %v", name, len(got), len(data), err)
		}
	}
}

// The limits of sizes: what is equal is found, and a program is smaller than gzip makes it.
func TestSizes(t *testing.T) {
	list := samples(t)
	for name, most := range map[string]int{"zeros": 120, "twice": 5000*102/100 + 100, "few": 20_000 * 25 / 100} {
		if n := len(Compress(list[name])); n > most {
			t.Errorf("%s: %d bytes, more than %d", name, n, most)
		}
	}
}
