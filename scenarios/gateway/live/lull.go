package live

import (
	"encoding/binary"

	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

const (
	// longestLull is for how long requests may wait until all earlier ones are answered. It is short
	// compared with every session timeout.
	longestLull = 500 * sim.Millisecond
	// nextLull is how long no request waits after a lull that was in vain.
	nextLull = 5 * sim.Second
)

// lull is the time in which new requests wait, so that the history so far has an end at which it can
// be checked: every request is answered.
type lull struct {
	on     bool
	until  sim.Time
	next   sim.Time // no lull begins before this
	held   []item
	behind map[address]bool // connections of which something waits
}

// holds keeps an item back during a lull: a request, and what its client does on the same connection
// after it. Pings pass, so that no session expires.
func (l *lull) holds(i *item) bool {
	if !l.on || i.do != nil || i.Kind != gateway.Packet && i.Kind != gateway.HangUp {
		return false
	}
	at := address{i.Client, i.Socket}
	ping := len(i.Data) >= 4 && int32(binary.BigEndian.Uint32(i.Data)) == tree.XidPing
	if !l.behind[at] && (i.Kind == gateway.HangUp || ping) {
		return false
	}
	l.behind[at] = true
	l.held = append(l.held, *i)
	return true
}

// check checks the history so far if it is long, and makes a lull for this if it must.
func (h *Host) check(now sim.Time) error {
	l := &h.lull
	switch {
	case !l.on && (now < l.next || len(h.world.Ensemble.Ops()) < h.config.CheckEvery &&
		(h.config.CheckBytes == 0 || h.bytes < h.config.CheckBytes)):
		return nil
	case h.world.Checking():
	case h.world.Settled():
		err := h.world.Inject(gateway.Input{At: now, Kind: gateway.Check})
		switch {
		case h.world.Ensemble.Err() != nil:
			return h.world.Ensemble.Err()
		case err == nil:
			h.bytes = 0
			return h.endLull(now)
		}
	case !l.on:
		*l = lull{on: true, until: now + longestLull, behind: map[address]bool{}}
		return nil
	}
	if l.on && now >= l.until {
		l.next = now + nextLull
		return h.endLull(now)
	}
	return nil
}

// endLull carries out what has waited.
func (h *Host) endLull(now sim.Time) error {
	held := h.lull.held
	h.lull = lull{next: h.lull.next}
	for i := range held {
		if err := h.carryOut(&held[i], now); err != nil {
			return err
		}
	}
	return h.world.Run(max(now, h.world.Ensemble.Now()))
}
