package linearizability

import (
	"testing"

	"pgregory.net/rapid"
)

func both(t interface {
	Fatal(...any)
}, h History) [2]Verdict {
	var v [2]Verdict
	for i, scope := range []Scope{Writes, All} {
		var err error
		if v[i], err = Check(h, Options{Scope: scope, Initial: refInitial}); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

func tell(t *rapid.T, h History) {
	for i := range h {
		t.Logf("%d: [%d, %d] %s", i, h[i].Call, h[i].Return, h[i].String())
	}
}

// TestAcceptsWhatHappened: what one tree really did is never rejected.
func TestAcceptsWhatHappened(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := genHistory(t, rapid.IntRange(1, 40).Draw(t, "operations"), 25)
		for _, v := range both(t, h) {
			if v.Result != Linearizable {
				tell(t, h)
				t.Fatalf("%s in scope %s: longest %v, blame %v", v.Result, v.Scope, v.Longest,
					v.Blame)
			}
			checkOrder(t, h, v)
		}
	})
}

// checkOrder verifies an order on its own: it contains every judged operation with an answer,
// keeps real time, and the reference gives every answer in it.
func checkOrder(t *rapid.T, h History, v Verdict) {
	left := make(map[int]bool)
	for _, i := range v.Left {
		left[i] = true
	}
	r, placed, newest := newReference(), make(map[int]bool), int64(0)
	for _, i := range v.Order {
		if placed[i] || left[i] {
			t.Fatalf("order %v: %d is in it twice, or was not judged", v.Order, i)
		}
		placed[i] = true
		newest = max(newest, h[i].Call)
		if h[i].Outcome != Unknown && h[i].Return < newest {
			tell(t, h)
			t.Fatalf("order %v: %d comes too late", v.Order, i)
		}
		got := r.do(h[i])
		if h[i].Outcome != Unknown && !same(got, h[i]) {
			tell(t, h)
			t.Fatalf("order %v: at %d the reference says %s", v.Order, i, got.String())
		}
	}
	for i := range h {
		idle := h[i].Kind == CloseSession && len(h[i].Result.Deleted) == 0
		if !placed[i] && !left[i] && !idle && h[i].Outcome != Unknown {
			t.Fatalf("order %v: %d is missing", v.Order, i)
		}
	}
}

// TestAgreesWithEnumeration: of small histories, some with a false answer, exactly those are
// rejected that no order explains.
func TestAgreesWithEnumeration(t *testing.T) {
	count := [2]int{}
	rapid.Check(t, func(t *rapid.T) {
		h := genHistory(t, rapid.IntRange(2, 6).Draw(t, "operations"), 25)
		for range rapid.IntRange(1, 2).Draw(t, "lies") {
			mutate(t, h)
		}
		for _, v := range both(t, h) {
			left := make(map[int]bool)
			for _, i := range v.Left {
				left[i] = true
			}
			var rest []int
			for i := range h {
				if !left[i] {
					rest = append(rest, i)
				}
			}
			want := Broken
			if newReference().explains(h, rest) {
				want = Linearizable
			}
			if v.Result != want {
				tell(t, h)
				t.Fatalf("scope %s: %s, but enumeration says %s (left %v)", v.Scope, v.Result, want,
					v.Left)
			}
			if v.Result == Broken && len(v.Blame) == 0 {
				t.Fatal("nobody is to blame")
			}
			if v.Result == Broken {
				count[0]++
			} else {
				count[1]++
			}
		}
	})
	t.Logf("%d broken, %d ok", count[0], count[1])
}
