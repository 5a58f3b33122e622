package sim

// Rand is a stream of random numbers: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). It uses only
// integers, so a seed gives the same numbers on every host. Each part of a world has its own
// stream, forked by name, so the numbers that one part draws never change those of another.
//
// The zero Rand is a valid stream: the stream for seed 0.
type Rand struct{ state uint64 }

// NewRand returns the stream for a seed.
func NewRand(seed uint64) *Rand { return &Rand{state: Mix(seed)} }

// Fork returns the stream for a name. The stream depends only on the seed of r and the name,
// provided that r is used only for forking.
func (r *Rand) Fork(name string) *Rand { return &Rand{state: Mix(r.state ^ HashString(name))} }

// Uint64 takes 64 bits.
func (r *Rand) Uint64() uint64 {
	r.state += 0x9e3779b97f4a7c15
	return Mix(r.state)
}

// Uint64n picks a number in [0, n); n = 0 gives 0.
func (r *Rand) Uint64n(n uint64) uint64 {
	if n == 0 {
		return 0
	}
	return r.Uint64() % n // the bias is under 2^-40 for every n a simulation uses
}

// Intn picks a number in [0, n); n <= 0 gives 0.
func (r *Rand) Intn(n int) int {
	if n <= 0 {
		return 0
	}
	return int(r.Uint64n(uint64(n)))
}

// Between picks a time in [low, high], both included.
func (r *Rand) Between(low, high Time) Time {
	if high <= low {
		return low
	}
	return low + Time(r.Uint64n(uint64(high-low)+1))
}

// Chance returns true with probability n/d.
func (r *Rand) Chance(n, d uint64) bool { return r.Uint64n(d) < n }

// Mix scatters the bits of x with the finaliser of SplitMix64. Different numbers have different
// results.
func Mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// HashString returns the FNV-1a hash of the bytes of s, mixed by Mix.
func HashString(s string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return Mix(h)
}

// HashBytes returns a hash of b, computed over eight bytes at a time.
func HashBytes(b []byte) uint64 {
	h := 0xcbf29ce484222325 ^ uint64(len(b))
	for len(b) >= 8 {
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		h = (h ^ Mix(w)) * 0x9e3779b97f4a7c15
		b = b[8:]
	}
	for _, c := range b {
		h = (h ^ uint64(c)) * 0x100000001b3
	}
	return Mix(h)
}

// keyed returns a random number that depends on its arguments alone, so that removing one fault
// does not change the random choices of anything else.
func keyed(seed, key, k uint64) uint64 {
	return Mix(Mix(seed^key*0x9e3779b97f4a7c15) + k*0xd1342543de82ef95)
}

// spread maps a random number to a time in [low, high].
func spread(chance uint64, low, high Time) Time {
	if high <= low {
		return low
	}
	return low + Time(chance%(uint64(high-low)+1))
}
