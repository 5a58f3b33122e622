package sha

import (
	"crypto/sha1"
	"crypto/sha256"
	"testing"
)

// The sums are those of package crypto, for every length around the ends of blocks, however the
// bytes are written.
func TestSums(t *testing.T) {
	data := make([]byte, 4*block+3)
	for i := range data {
		data[i] = byte(i*i + 7)
	}
	for n := range data {
		if got, want := Sum1(data[:n]), sha1.Sum(data[:n]); got != want {
			t.Fatalf("SHA-1 of %d bytes: %x, want %x", n, got, want)
		}
		for _, first := range []int{0, 1, n / 2, min(n, block), n} {
			d := New256()
			d.Write(data[:min(n, first)])
			d.Sum() // changes nothing
			if k, err := d.Write(data[min(n, first):n]); k != n-min(n, first) || err != nil {
				t.Fatal(k, err)
			}
			if got, want := d.Sum(), sha256.Sum256(data[:n]); got != want {
				t.Fatalf("SHA-256 of %d bytes, %d first: %x, want %x", n, first, got, want)
			}
		}
	}
}

func BenchmarkSHA256(b *testing.B) {
	data := make([]byte, 1<<14)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		New256().Write(data)
	}
}
