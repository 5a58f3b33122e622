package serve

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"
)

// memory is the bound of --memory, in bytes.
type memory int64

// least is the least bound: the servers themselves need some.
const least = 64 << 20

// Set reads a bound such as 512MB or 4GB.
func (m *memory) Set(text string) error {
	number, unit := strings.CutSuffix(text, "GB")
	size := int64(1 << 30)
	if !unit {
		number, unit = strings.CutSuffix(text, "MB")
		size = 1 << 20
	}
	n, err := strconv.ParseInt(number, 10, 32)
	switch {
	case !unit || err != nil:
		return errors.New("not a size: write one, such as 512MB or 4GB")
	case n*size < least:
		return fmt.Errorf("must be at least %v", memory(least))
	}
	*m = memory(n * size)
	return nil
}

// String returns the bound as Set reads it.
func (m memory) String() string {
	if m%(1<<30) == 0 {
		return fmt.Sprintf("%dGB", m>>30)
	}
	return fmt.Sprintf("%dMB", m>>20)
}

// Type is what the help calls the value.
func (*memory) Type() string { return "size" }

// bound makes the collector keep the process within the bound, as far as it can. restore undoes
// that.
func (m memory) bound() (restore func()) {
	percent := debug.SetGCPercent(100) // other commands run for seconds, and collect seldom
	limit := debug.SetMemoryLimit(int64(m))
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

// share is how many times the bound is larger than what a session may use: its checks, and garbage,
// need the rest.
const share = 4

// usedUp waits until what the last collection has left exceeds the share of the session. It returns
// false when ctx ends before.
func (m memory) usedUp(ctx context.Context) bool {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		metrics.Read(live)
		if live[0].Value.Uint64() > uint64(m)/share {
			return true
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return false
		}
	}
}
