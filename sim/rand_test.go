package sim

import "testing"

// The first numbers of SplitMix64 from the state 1234567, as its users publish them.
func TestRandIsSplitMix64(t *testing.T) {
	r := Rand{state: 1234567}
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423,
		4593380528125082431, 16408922859458223821} {
		if got := r.Uint64(); got != want {
			t.Errorf("number %d is %d, want %d", i, got, want)
		}
	}
}

func TestHashStringIsFNV1aMixed(t *testing.T) {
	for s, want := range map[string]uint64{"": 0xcbf29ce484222325, "a": 0xaf63dc4c8601ec8c,
		"foobar": 0x85944171f73967e8} {
		if got := HashString(s); got != Mix(want) {
			t.Errorf("%q hashes to %x, want %x", s, got, Mix(want))
		}
	}
}

func TestHashBytesSeesEveryByte(t *testing.T) {
	seen := map[uint64]bool{}
	data := make([]byte, 20)
	for n := range data {
		for i := 0; i <= n; i++ {
			b := append([]byte(nil), data[:n+1]...)
			b[i] = 1
			if h := HashBytes(b); seen[h] {
				t.Errorf("%v hashes as something before it", b)
			} else {
				seen[h] = true
			}
		}
	}
}

func TestForksDoNotShiftEachOther(t *testing.T) {
	r := NewRand(7)
	a := r.Fork("a")
	first := a.Uint64()
	b := r.Fork("b")
	b.Uint64()
	if again := NewRand(7).Fork("a"); again.Uint64() != first {
		t.Error("the stream a depends on something besides seed and name")
	}
	if NewRand(8).Fork("a").Uint64() == first || b.Uint64() == a.Uint64() {
		t.Error("two streams are one")
	}
}

func TestDrawsStayInTheirRanges(t *testing.T) {
	r := NewRand(3)
	low, high, yes := false, false, 0
	for i := 0; i < 3000; i++ {
		at := r.Between(5, 9)
		if at < 5 || at > 9 {
			t.Fatalf("between 5 and 9 lies %d", at)
		}
		low, high = low || at == 5, high || at == 9
		if n := r.Intn(7); n < 0 || n > 6 {
			t.Fatalf("Intn(7) is %d", n)
		}
		if r.Chance(1, 3) {
			yes++
		}
	}
	if !low || !high {
		t.Error("an end of the range is never drawn")
	}
	if yes < 900 || yes > 1100 {
		t.Errorf("one in three came %d times in 3000", yes)
	}
	if r.Intn(0) != 0 || r.Intn(-1) != 0 || r.Uint64n(0) != 0 || r.Between(4, 4) != 4 ||
		r.Between(4, 1) != 4 {
		t.Error("an empty range is not its lower end")
	}
}

func TestKeyedDependsOnEachArgument(t *testing.T) {
	seen := map[uint64]bool{}
	for seed := uint64(0); seed < 8; seed++ {
		for key := uint64(0); key < 8; key++ {
			for k := uint64(0); k < 8; k++ {
				seen[keyed(seed, key<<32|key, k)] = true
			}
		}
	}
	if len(seen) != 512 {
		t.Errorf("512 keys give %d draws", len(seen))
	}
}
