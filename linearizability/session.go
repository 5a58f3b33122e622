package linearizability

import (
	"cmp"
	"fmt"
	"slices"
)

// Breach is a place in a history where a promise is broken. Op and Before are indices into the
// history; -1 means none.
type Breach struct {
	Op        int // the operation whose answer is wrong
	Before    int // the earlier one that it contradicts
	Reference string
	Seen      string // instead of the reference
	Text      string
}

// SessionOrder checks what ZooKeeper promises about reads: a session never sees an older state
// after a newer one. Replies arrive in call order, and their zxids never decrease, so that a read
// after the session's own write sees that write. A session's operations are ordered by Call;
// operations with equal Call keep their order in the history. Operations without a zxid or an
// answer are ignored.
func SessionOrder(h History) []Breach {
	var calls []int
	for i := range h {
		if h[i].Session != 0 && h[i].Zxid != 0 && h[i].Outcome != Unknown &&
			h[i].Kind != CloseSession {
			calls = append(calls, i)
		}
	}
	slices.SortStableFunc(calls, func(a, b int) int {
		return cmp.Or(cmp.Compare(h[a].Session, h[b].Session), cmp.Compare(h[a].Call, h[b].Call))
	})
	var breaches []Breach
	newest := -1
	for _, i := range calls {
		if newest < 0 || h[newest].Session != h[i].Session {
			newest = i
			continue
		}
		if h[i].Zxid >= h[newest].Zxid {
			newest = i
			continue
		}
		breach := "sees an older state after a newer one"
		if h[newest].Kind.Write() && !h[i].Kind.Write() {
			breach = "does not see its own write"
		}
		op, other := h[i].String(), h[newest].String()
		text := fmt.Sprintf("session %s %s: %s has zxid %v, but the earlier %s has zxid %v",
			session(h[i].Session), breach, op, h[i].Zxid, other, h[newest].Zxid)
		breaches = append(breaches, Breach{
			Op: i, Before: newest, Text: text,
			Reference: "zxid " + h[newest].Zxid.String() + " or later", Seen: h[i].Zxid.String(),
		})
	}
	return breaches
}
