package client_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// ledger records what clients know about the items of a queue.
type ledger struct {
	put, taken           map[string]int // for sure
	maybePut, maybeTaken map[string]int
	order                []string
}

func newLedger() *ledger {
	return &ledger{map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}, nil}
}

func (l *ledger) producer(q client.Queue, n int) func(*client.Proc) {
	return func(p *client.Proc) {
		for i := range n {
			it := fmt.Sprint(p.Name(), i)
			switch err := q.Put(p, []byte(it)); {
			case err == nil:
				l.put[it]++
			case client.Maybe(err):
				l.maybePut[it]++
			}
			p.Sleep(p.Rand().Between(0, 500*sim.Millisecond))
		}
	}
}

func (l *ledger) consumer(q client.Queue) func(*client.Proc) {
	return func(p *client.Proc) {
		for {
			data, err := q.Take(p)
			switch {
			case err == nil:
				l.taken[string(data)]++
				l.order = append(l.order, string(data))
			case client.Maybe(err):
				l.maybeTaken[string(data)]++
			default:
				return
			}
			p.Sleep(p.Rand().Between(0, 50*sim.Millisecond))
		}
	}
}

func TestQueueTakesEachItemOnce(t *testing.T) {
	q := client.Queue{Path: "/q"}
	for seed := uint64(1); seed <= 30; seed++ {
		w := newWorld(t, seed)
		l := newLedger()
		w.client("A", 1, client.Config{}, l.producer(q, 10))
		w.client("B", 2, client.Config{}, l.producer(q, 10))
		w.client("C", 3, client.Config{}, l.consumer(q))
		if seed%2 == 0 {
			w.client("D", 1, client.Config{}, l.consumer(q))
		}
		w.run(10 * sim.Second)
		if len(l.put) != 20 || len(l.taken) != 20 || len(l.order) != 20 ||
			len(l.maybePut)+len(l.maybeTaken) > 0 {
			t.Fatalf("seed %d: %+v", seed, l)
		}
		// The items of one producer leave the queue in the order in which it put them.
		for _, n := range []string{"A", "B"} {
			own := slices.DeleteFunc(slices.Clone(l.order), func(it string) bool {
				return !strings.HasPrefix(it, n)
			})
			if seed%2 == 1 && !slices.IsSortedFunc(own, func(a, b string) int {
				return strings.Compare(a, b)
			}) {
				t.Errorf("seed %d: %v", seed, l.order)
			}
		}
	}
}

// An item that comes while all takers wait wakes them, and one taker takes the item.
func TestQueueWakesWhoWaits(t *testing.T) {
	w := newWorld(t, 1)
	q, l := client.Queue{Path: "/q"}, newLedger()
	for i, n := range []string{"B", "C", "D"} {
		w.client(n, i+1, client.Config{}, l.consumer(q))
	}
	w.run(5 * sim.Second)
	w.client("A", 1, client.Config{}, l.producer(q, 1))
	w.run(sim.Second)
	if len(l.order) != 1 || w.events < 3 {
		t.Errorf("%v taken, %d woken", l.order, w.events)
	}
}

// Servers crash; producers and consumers are paused and cut off, but do not die (a consumer that
// dies takes its item with it). No item is lost or taken twice, except those that a Maybe warned
// of.
func TestQueueUnderFaults(t *testing.T) {
	q := client.Queue{Path: "/q"}
	warned, total := 0, 0
	for seed := uint64(1); seed <= 60; seed++ {
		w := newWorld(t, seed)
		l := newLedger()
		w.client("A", 1, client.Config{Renew: true}, l.producer(q, 60))
		w.client("B", 2, client.Config{Renew: true}, l.producer(q, 60))
		w.client("C", 3, client.Config{Renew: true}, l.consumer(q))
		w.client("D", 1, client.Config{Renew: true}, l.consumer(q))
		w.storm(nil)
		left := list(w, "/q")
		w.run(60 * sim.Second)
		total += len(l.order)
		warned += len(l.maybePut) + len(l.maybeTaken)
		for it, n := range l.taken {
			if n > 1 || l.put[it]+l.maybePut[it] == 0 {
				t.Errorf("seed %d: %s was put %d times, taken %d", seed, it, l.put[it], n)
			}
		}
		for it := range l.put {
			if l.taken[it]+l.maybeTaken[it] == 0 {
				t.Errorf("seed %d: %s is lost", seed, it)
			}
		}
		if len(*left) != 0 || !w.of("A").Finished() || !w.of("B").Finished() {
			t.Errorf("seed %d: left: %v", seed, *left)
		}
	}
	if warned == 0 || total < 5000 {
		t.Errorf("%d items, %d of them in doubt: too dull", total, warned)
	}
}

// H3: an item comes between the list that shows none and a watch set by a second call. Here both
// are one call, so a taker never waits while there is an item.
func TestQueueItemBetweenLookAndSleep(t *testing.T) {
	q := client.Queue{Path: "/q"}
	for seed := uint64(1); seed <= 100; seed++ {
		w := newWorld(t, seed)
		l := newLedger()
		w.client("C", 1, client.Config{}, l.consumer(q))
		w.run(w.Rand("when").Between(0, 60*sim.Millisecond))
		w.client("A", 2, client.Config{}, l.producer(q, 1))
		w.run(2 * sim.Second)
		if len(l.order) != 1 {
			t.Errorf("seed %d: %+v", seed, l)
		}
	}
}
