package sim

import (
	"bytes"
	"fmt"
	"testing"
)

// A disk that may keep what a program appends holds the same as one that copies it, after any
// changes, and neither writes into the program's memory.
func TestFixedBytesAreKept(t *testing.T) {
	for seed := range uint64(300) {
		chance := NewRand(seed)
		var kept, copied Disk
		var given [][2][]byte // what the program appended, and a copy
		whole := make([]byte, 0, 64+chance.Intn(200))
		for step := range 60 {
			name := fmt.Sprint(chance.Intn(2))
			switch chance.Intn(8) {
			case 0, 1, 2: // the next piece of one array
				at := len(whole)
				for range chance.Intn(9) {
					whole = append(whole, byte(step))
				}
				data, fixed := whole[at:], chance.Chance(3, 4)
				given = append(given, [2][]byte{data, bytes.Clone(data)})
				kept.append(name, data, fixed)
				copied.Append(name, data)
			case 3:
				data := []byte{1, byte(step)}
				kept.append(name, data, chance.Chance(1, 2))
				copied.Append(name, data)
			case 4:
				n := int64(chance.Intn(20))
				kept.Truncate(name, n)
				copied.Truncate(name, n)
			case 5:
				for _, d := range []*Disk{&kept, &copied} {
					for _, file := range []string{name, ""} {
						if asked, ok := d.Fsync(file); ok {
							d.Complete(&asked)
						}
					}
				}
			case 6:
				a, b := NewRand(seed+1), NewRand(seed+1)
				writeback := chance.Chance(1, 2)
				kept.LosePower(a, writeback)
				copied.LosePower(b, writeback)
			case 7:
				if chance.Chance(1, 3) {
					kept.Corrupt()
					copied.Corrupt()
				} else {
					kept = kept.Clone()
				}
			}
			for _, name := range []string{"0", "1"} {
				if !bytes.Equal(kept.Read(name), copied.Read(name)) ||
					!bytes.Equal(kept.Durable(name), copied.Durable(name)) {
					t.Fatalf("seed %d, step %d: file %s holds %v, durable %v; with copies %v, %v",
						seed, step, name, kept.Read(name), kept.Durable(name), copied.Read(name),
						copied.Durable(name))
				}
			}
		}
		for _, g := range given {
			if !bytes.Equal(g[0], g[1]) {
				t.Fatalf("seed %d: the disk has changed the program's bytes %v to %v", seed, g[1], g[0])
			}
		}
	}
}
