package sim

import "testing"

// BenchmarkQueue is one push and one pop with 64 entries in the queue.
func BenchmarkQueue(b *testing.B) {
	var q queue
	r := NewRand(1)
	for i := 0; i < 64; i++ {
		q.push(entry{at: r.Between(0, 5*Millisecond)})
	}
	b.ReportAllocs()
	for b.Loop() {
		e := q.pop()
		e.at += Time(e.seq*2654435761%5000) + 1
		q.push(e)
	}
}

// pinger answers every message with itself, after a fsync if it has a file.
type pinger struct {
	m        *Machine
	file     string
	record   []byte
	conn     ConnID
	answer   Message
	deadline Time
}

func (p *pinger) Deadline() Time { return p.deadline }

func (p *pinger) Step(now Time, e Event, out []Effect) []Effect {
	p.deadline = now + 100*Millisecond // a timer that never comes: every message moves it away
	switch e.Kind {
	case Boot:
		if p.m.ID%2 == 1 {
			out = append(out, Effect{Kind: Dial, Conn: e.Conn + 1, To: p.m.ID + 1, Span: Second})
		}
	case Connected:
		out = append(out, Effect{Kind: Send, Conn: e.Conn, Msg: word("PING")})
	case Received:
		if p.file == "" {
			return append(out, Effect{Kind: Send, Conn: e.Conn, Msg: e.Msg})
		}
		p.conn, p.answer = e.Conn, e.Msg
		return append(out, Effect{Kind: Append, File: p.file, Data: p.record},
			Effect{Kind: Fsync, File: p.file, Token: 1})
	case Fsynced:
		return append(out, Effect{Kind: Send, Conn: p.conn, Msg: p.answer})
	}
	return out
}

// pingers is a world of n machines that play ping-pong in pairs.
func pingers(n int, file string, record []byte) *World {
	w := NewWorld(Config{Seed: 1})
	for i := 0; i < n; i++ {
		w.Start(w.Add(string(rune('a'+i)), "server", func(m *Machine) Program {
			return &pinger{m: m, file: file, record: record}
		}))
	}
	w.Run(Second, nil)
	return w
}

func benchmarkWorld(b *testing.B, file string) {
	w := pingers(64, file, make([]byte, 8))
	start := w.Stats()
	b.ReportAllocs()
	for b.Loop() {
		if !w.Next(Never) {
			b.Fatal(w.Err())
		}
	}
	end := w.Stats()
	b.ReportMetric(float64(end.Events-start.Events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(end.Messages-start.Messages)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkPingPong is one event of a world in which 32 pairs play ping-pong.
func BenchmarkPingPong(b *testing.B) { benchmarkWorld(b, "") }

// BenchmarkPingPongFsynced is the same, and every message is on disk before it is answered.
func BenchmarkPingPongFsynced(b *testing.B) { benchmarkWorld(b, "log") }

// An event of a world that goes on as it did allocates nothing, but for what its files hold.
func TestTheSteadyStateAllocatesNothing(t *testing.T) {
	for _, file := range []string{"", "log"} {
		w := pingers(64, file, nil)
		n := testing.AllocsPerRun(5, func() {
			for i := 0; i < 2000; i++ {
				w.Next(Never)
			}
		})
		if w.Err() != nil {
			t.Fatal(w.Err())
		}
		if n != 0 {
			t.Errorf("2000 events with file %q allocate %v times", file, n)
		}
	}
}
