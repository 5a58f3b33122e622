package sim

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// content is all of a disk that can be seen from outside.
func content(d *Disk) string {
	return files(d.Names(), d.Read) + " | " + files(d.DurableNames(), d.Durable)
}

// change does something to a disk by chance, and may begin or complete an fsync.
func change(d *Disk, r *Rand, begun []FsyncRequest) []FsyncRequest {
	name := string(rune('a' + r.Intn(3)))
	switch r.Intn(10) {
	case 0, 1, 2:
		d.Append(name, []byte(strings.Repeat(string(rune('0'+r.Intn(10))), 1+r.Intn(40))))
	case 3:
		d.Truncate(name, int64(r.Intn(20)))
	case 4:
		d.Rename(name, string(rune('a'+r.Intn(3))))
	case 5:
		d.Remove(name)
	case 6:
		if f, ok := d.Fsync([]string{name, ""}[r.Intn(2)]); ok {
			begun = append(begun, f)
		}
	case 7:
		if len(begun) > 0 {
			d.Complete(&begun[0])
			begun = begun[1:]
		}
	case 8:
		d.Corrupt()
	case 9:
		if r.Chance(1, 5) {
			d.LosePower(r, r.Chance(1, 2))
		}
	}
	return begun
}

// A clone goes its own way, and the same way if the same is done to it.
func TestAClonedDiskIsADiskOfItsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		r := NewRand(seed)
		var d Disk
		var begun []FsyncRequest
		for i := 0; i < 50; i++ {
			begun = change(&d, r, begun)
		}
		before := content(&d)
		twin, other := d.Clone(), d.Clone()
		requests := slices.Clone(begun)
		again := *r
		for i := 0; i < 50; i++ {
			begun = change(&d, r, begun)
		}
		if content(&twin) != before || content(&other) != before {
			t.Fatalf("a clone holds %s, not %s", content(&twin), before)
		}
		for i := 0; i < 50; i++ {
			requests = change(&twin, &again, requests)
		}
		if content(&twin) != content(&d) {
			t.Fatalf("the disk holds %s, its clone after the same %s", content(&d), content(&twin))
		}
		if content(&other) != before {
			t.Fatalf("a clone nobody has changed holds %s, not %s", content(&other), before)
		}
	})
}

// Files that no name leads to are gone.
func TestADiskForgetsRemovedFiles(t *testing.T) {
	var d Disk
	for i := 0; i < 100; i++ {
		d.Append("tmp", []byte("x"))
		d.Rename("tmp", "file")
		f, _ := d.Fsync("")
		d.Complete(&f)
	}
	if len(d.files) != 1 || content(&d) != "file=x | file=" {
		t.Errorf("%d files, and the disk holds %s", len(d.files), content(&d))
	}
}

// BenchmarkDiskClone is one clone of a disk with three files of 64 kB.
func BenchmarkDiskClone(b *testing.B) {
	var d Disk
	for _, name := range []string{"currentEpoch", "log.1", "snapshot.0"} {
		d.Append(name, make([]byte, 64<<10))
	}
	b.ReportAllocs()
	for b.Loop() {
		d.Clone()
	}
}
