// Package sha computes SHA-1 and SHA-256 (FIPS 180-4) without Go's package crypto. Package crypto
// would add a hundred kilobytes to the WebAssembly program that runs in web pages, and runs its
// self-tests at each start of that program.
//
// Do not use this package for security. The lab uses SHA-256 only to detect accidental changes of a
// trace, and SHA-1 only for the ids of ZooKeeper's digest scheme.
package sha

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
)

// The sizes of a block, of a SHA-1 hash and of a SHA-256 hash, in bytes.
const (
	block      = 64
	Size1      = 20
	Size256    = 32
	lengthSize = 8 // of the length that ends the last block
)

// SHA256 computes the SHA-256 hash of all bytes that are written to it. The zero value is not
// ready: use [New256].
type SHA256 struct {
	state  [8]uint32
	buf    [block]byte
	n      int    // bytes in buf
	length uint64 // bytes written
}

// New256 returns a SHA256 to which nothing has been written yet.
func New256() *SHA256 {
	return &SHA256{state: [8]uint32{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
		0x9b05688c, 0x1f83d9ab, 0x5be0cd19}}
}

// Write adds bytes. It never fails.
func (d *SHA256) Write(p []byte) (int, error) {
	written := len(p)
	d.length += uint64(written)
	if d.n > 0 {
		n := copy(d.buf[d.n:], p)
		d.n, p = d.n+n, p[n:]
		if d.n < block {
			return written, nil
		}
		d.add(d.buf[:])
		d.n = 0
	}
	for ; len(p) >= block; p = p[block:] {
		d.add(p[:block])
	}
	d.n = copy(d.buf[:], p)
	return written, nil
}

// Sum returns the hash of the bytes written so far.
func (d *SHA256) Sum() (sum [Size256]byte) {
	last := *d
	last.Write(end(d.length))
	for i, v := range last.state {
		binary.BigEndian.PutUint32(sum[4*i:], v)
	}
	return sum
}

// Hex returns the hash of the bytes written so far, in hexadecimal digits.
func (d *SHA256) Hex() string {
	sum := d.Sum()
	return hex.EncodeToString(sum[:])
}

// end is what completes the last block: a one, zeros, and the length in bits.
func end(length uint64) []byte {
	zeros := (2*block - lengthSize - 1 - int(length%block)) % block
	return binary.BigEndian.AppendUint64(append([]byte{0x80}, make([]byte, zeros)...), length*8)
}

// add adds a block. Each turn of its last loop makes eight rounds, after which the eight words stand
// in their own variables again: in WebAssembly, to move them after each round takes longer than the
// round.
func (d *SHA256) add(p []byte) {
	var w [block]uint32
	for i := range 16 {
		w[i] = binary.BigEndian.Uint32(p[4*i:])
	}
	for i := 16; i < block; i++ {
		a, b := w[i-15], w[i-2]
		w[i] = w[i-16] + w[i-7] +
			(bits.RotateLeft32(a, -7) ^ bits.RotateLeft32(a, -18) ^ a>>3) +
			(bits.RotateLeft32(b, -17) ^ bits.RotateLeft32(b, -19) ^ b>>10)
	}
	s := &d.state
	a, b, c, x, e, f, g, h := s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]
	for i := 0; i < block; i += 8 {
		k, v := (*[8]uint32)(k256[i:]), (*[8]uint32)(w[i:])
		x, h = round(a, b, c, x, e, f, g, h, k[0]+v[0])
		c, g = round(h, a, b, c, x, e, f, g, k[1]+v[1])
		b, f = round(g, h, a, b, c, x, e, f, k[2]+v[2])
		a, e = round(f, g, h, a, b, c, x, e, k[3]+v[3])
		h, x = round(e, f, g, h, a, b, c, x, k[4]+v[4])
		g, c = round(x, e, f, g, h, a, b, c, k[5]+v[5])
		f, b = round(c, x, e, f, g, h, a, b, k[6]+v[6])
		e, a = round(b, c, x, e, f, g, h, a, k[7]+v[7])
	}
	for i, v := range [...]uint32{a, b, c, x, e, f, g, h} {
		s[i] += v
	}
}

// round returns the two words that a round changes, the fourth and the eighth.
func round(a, b, c, x, e, f, g, h, kv uint32) (fourth, eighth uint32) {
	t := h + (bits.RotateLeft32(e, -6) ^ bits.RotateLeft32(e, -11) ^ bits.RotateLeft32(e, -25)) +
		(g ^ e&(f^g)) + kv
	u := (bits.RotateLeft32(a, -2) ^ bits.RotateLeft32(a, -13) ^ bits.RotateLeft32(a, -22)) +
		(a&b | c&(a|b))
	return x + t, t + u
}

// k256 has the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
var k256 = [block]uint32{
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}

// Sum1 returns the SHA-1 hash of data.
func Sum1(data []byte) (sum [Size1]byte) {
	s := [5]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}
	rest := append(append([]byte{}, data...), end(uint64(len(data)))...)
	for ; len(rest) > 0; rest = rest[block:] {
		add1(&s, rest[:block])
	}
	for i, v := range s {
		binary.BigEndian.PutUint32(sum[4*i:], v)
	}
	return sum
}

// add1 adds a block to the state of SHA-1.
func add1(state *[5]uint32, p []byte) {
	var w [80]uint32
	for i := range w {
		if i < 16 {
			w[i] = binary.BigEndian.Uint32(p[4*i:])
		} else {
			w[i] = bits.RotateLeft32(w[i-3]^w[i-8]^w[i-14]^w[i-16], 1)
		}
	}
	s := *state
	for i, v := range w {
		b, c, d := s[1], s[2], s[3]
		var f, k uint32
		switch i / 20 {
		case 0:
			f, k = b&c|^b&d, 0x5a827999
		case 1:
			f, k = b^c^d, 0x6ed9eba1
		case 2:
			f, k = b&c|b&d|c&d, 0x8f1bbcdc
		default:
			f, k = b^c^d, 0xca62c1d6
		}
		s = [5]uint32{bits.RotateLeft32(s[0], 5) + f + s[4] + k + v, s[0],
			bits.RotateLeft32(b, 30), c, d}
	}
	for i, v := range s {
		state[i] += v
	}
}
