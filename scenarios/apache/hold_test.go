package apache

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/zab"
)

// flow takes what may go on now, as a relay does, and returns how many bytes of each message do.
func flow(list *[]loopback.Held) (passed []int) {
	for len(*list) > 0 {
		b, ok := (*list)[0]()
		if !ok {
			break
		}
		passed, *list = append(passed, len(b)), (*list)[1:]
	}
	return passed
}

// TestHold: messages wait in their order until they are released; PINGs do not wait by themselves;
// with the end of a connection, what was sent before it and not released is lost.
func TestHold(t *testing.T) {
	h := &Hold{}
	gates := h.gates(1, 3)
	back := gates[loopback.Back]
	ping := record(packetPing, 0, nil)
	diff := record(packetDiff, zab.MakeZxid(1, 2), nil)
	newLeader := record(packetNewLeader, zab.MakeZxid(2, 0), nil)
	upToDate := record(packetUpToDate, 1<<64-1, nil)
	var list []loopback.Held
	read := func(b ...[]byte) {
		for _, chunk := range b {
			list = append(list, back.Read(chunk)...)
		}
	}
	expect := func(want string, passed ...int) {
		t.Helper()
		if got := flow(&list); fmt.Sprint(got) != fmt.Sprint(passed) {
			t.Errorf("%v bytes go on, not %v", got, passed)
		}
		var texts []string
		for _, x := range h.Transit() {
			texts = append(texts, fmt.Sprintf("S%d>S%d %s", x.From, x.To, strings.Join(x.Texts, ", ")))
		}
		if got := strings.Join(texts, "; "); got != want {
			t.Errorf("in transit: %q, not %q", got, want)
		}
	}
	read(ping, diff[:10], append(diff[10:], newLeader...), ping)
	expect("S3>S1 DIFF 1/2, NEWLEADER 2/0", len(ping))
	if _, ok := h.Release(3, 1, "NEWLEADER 2/0"); ok {
		t.Error("NEWLEADER is released before DIFF")
	}
	if _, ok := h.Release(1, 3, "DIFF 1/2"); ok {
		t.Error("a message in the other direction is released")
	}
	if lost, ok := h.Release(3, 1, "DIFF 1/2"); !ok || len(lost) > 0 {
		t.Errorf("DIFF is not released, or %v is lost", lost)
	}
	expect("S3>S1 NEWLEADER 2/0", len(diff))
	read(upToDate, nil)
	expect("S3>S1 NEWLEADER 2/0, UPTODATE, end of the connection")
	lost, ok := h.Release(3, 1, EndOfConnection)
	if got := strings.Join(lost, ", "); !ok || got != "NEWLEADER 2/0, UPTODATE" {
		t.Errorf("lost with the connection: %q, %v", got, ok)
	}
	expect("", 0, len(ping), 0, 0)
	// What S1 sends to S3 cannot arrive, because S3 has closed the connection.
	forth := gates[loopback.Forth].Read(append(record(packetAck, zab.MakeZxid(2, 0), nil), ping...))
	if got := flow(&forth); len(got) > 0 {
		t.Errorf("%v bytes go on to a server that has closed the connection", got)
	}
	expect("")
}
