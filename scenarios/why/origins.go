package why

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
)

// origin says in a sentence where a server has a zxid from, if not from its log.
func (d *fold) origin(who string, z zxid) string {
	for i := len(d.events) - 1; i >= 0; i-- {
		e := &d.events[i]
		if e.N != who || zxidAt(d.events, e) != z {
			continue
		}
		switch {
		case e.K == "recv" && e.Cause >= 0 && d.events[e.Cause].Msg != nil:
			m := d.events[e.Cause].Msg
			switch m.Kind {
			case "PING", "NOTIFICATION", "REQUEST", "ACK":
				continue
			}
			return fmt.Sprintf("The server knows %v from the %s of %s at %s", z, m.Kind,
				d.events[e.Cause].N, seconds(e.T))
		case strings.Contains(e.Say, " applies "), strings.Contains(e.Say, " replays "):
			return fmt.Sprintf("%v is the zxid of the server's tree in memory at %s", z,
				seconds(e.T))
		case e.K == "send" && e.Msg != nil && (e.Msg.Kind == "LEADERINFO" ||
			e.Msg.Kind == "NEWLEADER"):
			return fmt.Sprintf("%v is the start of the epoch that the server tried to lead at "+
				"%s", z,
				seconds(e.T))
		case e.K == "snap":
			return fmt.Sprintf("%v is the zxid of the snapshot that the server installed at "+
				"%s", z,
				seconds(e.T))
		case e.Patch.Log != nil:
			return fmt.Sprintf("The server logged %v at %s, but the transaction has since "+
				"disappeared from the log", z, seconds(e.T))
		}
	}
	return ""
}

// zxidAt is the zxid that an event is about; of a message that arrives, the message's.
func zxidAt(events []trace.Event, e *trace.Event) zxid {
	if e.K == "recv" && e.Cause >= 0 && e.Cause < int64(len(events)) && events[e.Cause].Msg != nil {
		return parse(events[e.Cause].Msg.Z)
	}
	return zxidOf(e)
}

// Signs returns the steps of a run that break a rule of the protocol ([Sign]): the first step of
// each kind.
func Signs(h *trace.Header, events []trace.Event) []Sign {
	d := newFold(h)
	for i := range events {
		d.add(&events[i])
	}
	return d.signs
}
