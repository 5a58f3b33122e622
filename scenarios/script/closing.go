package script

import "github.com/zablab/zablab/tree"

// closingWords are phrases by which a note says that a client closes its session.
var closingWords = lexiconOf([]string{
	"closes its session", "closes the session", "closes session", "closes its connection",
	"closes the connection", "closes its client", "closes the client", "session.close",
	"shuts down gracefully", "shuts down cleanly", "graceful shutdown", "clean shutdown",
	"exits cleanly", "exits gracefully", "disconnects gracefully", "disconnects cleanly",
	"gracefully disconnects", "gracefully shuts down", "gracefully closes", "closes gracefully",
	"stops gracefully", "stops cleanly", "shutdown gracefully", "gracefully stops",
	"gracefully exits", "leaves gracefully", "gracefully leaves",
})

// closes reads a note over a client which says that the client closes its session. The client makes
// that call, and the ensemble deletes its ephemeral nodes at once.
func (c *compiler) closes(a *Act, over []string, l line) bool {
	if len(over) != 1 || c.cast.Roles[over[0]].Kind != RoleClient || hypothetical(l.words) ||
		!c.cast.service() {
		return false
	}
	at, _, _ := find(l.words, closingWords)
	if at < 0 {
		return false
	}
	a.Kind, a.From = Call, over[0]
	a.Op = tree.Op{Type: tree.OpCloseSession}
	if list := c.cast.ensemble(); len(list) > 0 {
		a.To = list[0]
	}
	client := over[0]
	a.Supplied = append(a.Supplied, client+" closes its session")
	if denied(l.words, at) {
		a.Supplied = nil
		a.deny()
	}
	return true
}
