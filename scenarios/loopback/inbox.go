package loopback

import (
	"context"
	"sync"
	"time"

	"github.com/zablab/zablab/sim"
)

// Inbox passes events from other goroutines to the engine's goroutine. The inbox has the engine's
// clock, from which each event gets its time, and it numbers the events.
type Inbox struct {
	began time.Time
	wake  chan struct{}

	mu    sync.Mutex
	list  []News
	index int64 // only on the engine's goroutine
}

// News is an event in the inbox.
type News struct {
	At sim.Time
	// Tells is true if the event shows a result of earlier transactions, so that these are recorded
	// before it.
	Tells bool
	Take  func(at sim.Time)
}

// NewInbox returns an empty inbox, whose clock begins now.
func NewInbox() *Inbox { return &Inbox{began: time.Now(), wake: make(chan struct{}, 1)} }

// Began returns the host's wall-clock time at which the inbox was made.
func (b *Inbox) Began() time.Time { return b.began }

// Now returns the time since the inbox was made, in µs.
func (b *Inbox) Now() sim.Time { return sim.Time(time.Since(b.began) / time.Microsecond) }

// Post puts an event into the inbox. Any goroutine may call it.
func (b *Inbox) Post(tells bool, take func(at sim.Time)) {
	b.mu.Lock()
	b.list = append(b.list, News{b.Now(), tells, take})
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Later posts an event after the duration span. The function do is called when the engine takes the
// event.
func (b *Inbox) Later(span sim.Time, do func()) {
	time.AfterFunc(HostTime(span), func() { b.Post(false, func(sim.Time) { do() }) })
}

// Empty removes all events from the inbox, and returns them.
func (b *Inbox) Empty() []News {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := b.list
	b.list = nil
	return list
}

// Run calls take: first at once, then after each Post, and whenever no event has arrived for the
// duration look. It returns nil when Now has reached limit, or when stop (if not nil) returns true.
// It returns the error if take fails, or if ctx is cancelled.
func (b *Inbox) Run(ctx context.Context, look time.Duration, limit sim.Time, stop func() bool,
	take func() error) error {
	timer := time.NewTimer(look)
	defer timer.Stop()
	for {
		err := take()
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || stop != nil && stop() || b.Now() >= limit {
			return err
		}
		timer.Reset(look)
		select {
		case <-b.wake:
		case <-timer.C:
		case <-ctx.Done():
		}
	}
}

// Next returns the number of the next event: 0 at the first call, 1 at the second call, and so on.
func (b *Inbox) Next() int64 {
	b.index++
	return b.index - 1
}

// Index returns the number that the next event will get, and does not use the number up.
func (b *Inbox) Index() int64 { return b.index }

// HostTime converts a duration of virtual time to a time.Duration.
func HostTime(t sim.Time) time.Duration { return time.Duration(t) * time.Microsecond }
