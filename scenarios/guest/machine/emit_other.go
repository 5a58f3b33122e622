//go:build !wasip1

package machine

var emit = func([]byte) { panic(outside) }

// inside is true in a program that the lab can run. Elsewhere the package compiles, so that editors
// and go vet work, but the program has no machine.
const inside = false
