package seeds

import "testing"

func TestRange(t *testing.T) {
	for text, want := range map[string][2]int{ // order: independent
		"1": {1, 1}, "1000": {1, 1000}, "500-999": {500, 500}, "0-5": {0, 6}, "7-7": {7, 1},
		"0": {}, "1001": {}, "1-1001": {}, "9-8": {}, "": {}, "x": {}, "-": {}, "1-": {}, "-5": {},
		"0x2a": {}, "99999999999999999999": {}, "0-9223372036854775807": {},
	} {
		first, n, ok := Range(text, 1000)
		if first != uint64(want[0]) || n != want[1] || ok != (n > 0) {
			t.Errorf("%q: from %d, %d seeds, %t", text, first, n, ok)
		}
	}
}
