package sim

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// chatter is a program that does what its stream of chance says, and whose every word depends on
// all that it has lived through and on what its disk held when it booted.
type chatter struct {
	r        *Rand
	base     ConnID
	dials    ConnID
	conns    []ConnID
	state    uint64
	deadline Time
}

func bootChatter(m *Machine) Program {
	p := &chatter{r: m.World().Rand(fmt.Sprintf("%s/%d", m.Name, m.Incarnation()))}
	for _, n := range m.Disk().Names() {
		p.state = Mix(p.state ^ HashString(n) + HashBytes(m.Disk().Read(n)))
	}
	return p
}

func (p *chatter) Deadline() Time { return p.deadline }

func (p *chatter) Step(now Time, e Event, out []Effect) []Effect {
	p.state = Mix(p.state + uint64(now) ^ uint64(e.Kind)<<56 ^ uint64(e.From)<<48 ^ e.Token ^
		uint64(e.Wall)*3)
	switch e.Kind {
	case Boot:
		p.base = e.Conn
	case Connected, Accepted:
		p.conns = append(p.conns, e.Conn)
	case Received:
		p.state ^= e.Msg.Key()
		if p.r.Chance(1, 3) {
			out = append(out, Effect{Kind: Send, Conn: e.Conn, Msg: p.word("ACK")})
		}
		return out
	case Closed, Refused:
		for i, c := range p.conns {
			if c == e.Conn {
				p.conns = append(p.conns[:i], p.conns[i+1:]...)
				break
			}
		}
	}
	if e.Kind == Wake || e.Kind == Boot {
		for n := 1 + p.r.Intn(3); n > 0; n-- {
			out = append(out, p.act(now))
		}
		p.deadline = now + p.r.Between(Millisecond, 30*Millisecond)
	}
	return out
}

func (p *chatter) word(kind string) word { return word(fmt.Sprintf("%s %x", kind, p.state)) }

func (p *chatter) act(now Time) Effect {
	file := []string{"log", "tmp"}[p.r.Intn(2)]
	conn := ConnID(1)
	if len(p.conns) > 0 {
		conn = p.conns[p.r.Intn(len(p.conns))]
	}
	switch n := p.r.Intn(20); {
	case n < 3 || len(p.conns) == 0:
		p.dials++
		return Effect{Kind: Dial, Conn: p.base + p.dials, To: NodeID(1 + p.r.Intn(4)),
			Span: p.r.Between(0, 3*Second)}
	case n < 10:
		return Effect{Kind: Send, Conn: conn, Msg: p.word("PING")}
	case n == 10:
		return Effect{Kind: Close, Conn: conn}
	case n < 14:
		return Effect{Kind: Append, File: file, Data: []byte(p.word("record"))}
	case n == 14:
		return Effect{Kind: Truncate, File: file, N: int64(p.r.Intn(100))}
	case n == 15:
		return Effect{Kind: Rename, File: "tmp", Name: "log"}
	case n == 16 && p.r.Chance(1, 4):
		return Effect{Kind: Remove, File: file}
	case n == 17 && p.r.Chance(1, 40):
		return Effect{Kind: Exit, Name: "chance"}
	}
	return Effect{Kind: Fsync, File: []string{file, ""}[p.r.Intn(2)], Token: p.state}
}

// chat is three seconds of four chatterers under forty faults.
func chat(t testing.TB, seed uint64, keep bool) *World {
	return resampled(t, seed, keep, Resample{})
}

// resampled is a chat whose latencies change after a step.
func resampled(t testing.TB, seed uint64, keep bool, r Resample) *World {
	w := NewWorld(Config{Seed: seed, Lenient: true, IgnoreMissing: true, Resample: r})
	if keep {
		w.Keep()
	}
	converse(t, w)
	return w
}

func converse(t testing.TB, w *World) {
	w.OnForeign = func(Fault) error { return nil }
	for _, name := range []string{"S1", "S2", "S3", "A"} {
		w.Start(w.Add(name, "server", bootChatter))
	}
	r := w.Rand("plan")
	kinds := FaultKinds()[:FaultExpire] // with more kinds, the recorded fingerprints would change
	var p Plan
	for i := 0; i < 40; i++ {
		p = append(p, anyFault(kinds, r.Intn))
	}
	for at := 200 * Millisecond; at < 3*Second; at += 200 * Millisecond {
		for _, m := range w.Machines() {
			p = append(p, Restart(m.Name).At(at))
		}
		p = append(p, Heal().At(at), Release().At(at))
	}
	if err := w.Schedule(p); err != nil {
		t.Fatal(err)
	}
	if !w.Run(3*Second, nil) {
		t.Fatalf("seed %d: %v", w.Config().Seed, w.Err())
	}
}

func TestFingerprintsDoNotDependOnTheRecords(t *testing.T) {
	seen := map[uint64]uint64{}
	for seed := uint64(0); seed < 20; seed++ {
		kept, lost := chat(t, seed, true), chat(t, seed, false)
		if kept.Fingerprint() != lost.Fingerprint() || kept.Index() != lost.Index() {
			t.Errorf("seed %d: %x after %d events with records, %x after %d without", seed,
				kept.Fingerprint(), kept.Index(), lost.Fingerprint(), lost.Index())
		}
		if !kept.Recording() || lost.Recording() || len(lost.Records()) != 0 ||
			int64(len(kept.Records())) != kept.Index() {
			t.Errorf("seed %d: %d and %d records of %d are kept", seed,
				len(kept.Records()), len(lost.Records()), kept.Index())
		}
		if other, ok := seen[kept.Fingerprint()]; ok {
			t.Errorf("seeds %d and %d have one fingerprint", seed, other)
		}
		seen[kept.Fingerprint()] = seed
	}
}

func TestFingerprintsSeeSmallThings(t *testing.T) {
	run := func(plan, text string) uint64 {
		l := newLab(t, Config{}, "S1", "S2")
		l.connect("S1", "S2")
		l.plan(plan)
		l.do("S1", text)
		l.run(3 * Second)
		return l.Fingerprint()
	}
	calm := run("", "send S2 A")
	if calm != run("", "send S2 A") {
		t.Error("equal runs differ")
	}
	for _, c := range [][2]string{{"", "send S2 B"}, {"", "look"}, {"1s heal", "send S2 A"},
		{"1s fsync S1 1s", "send S2 A"}, {"1s tear S1", "send S2 A"},
		{"1s bandwidth S1 S2 8Mbit", "send S2 A"}} {
		if run(c[0], c[1]) == calm {
			t.Errorf("%s, %s: the same fingerprint as without", c[0], c[1])
		}
	}
	if run("1s fsync S1 1s", "look") == run("1s fsync S1 2s", "look") {
		t.Error("two faults that differ in a time have one fingerprint")
	}
}

func TestFingerprintsDoNotDependOnTheScheduler(t *testing.T) {
	want := chat(t, 7, false).Fingerprint()
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, n := range []int{1, 2, 8} {
		runtime.GOMAXPROCS(n)
		var all sync.WaitGroup
		var got [4]uint64
		for i := range got {
			all.Go(func() { got[i] = chat(t, 7, i%2 == 0).Fingerprint() })
		}
		all.Wait()
		for _, g := range got {
			if g != want {
				t.Errorf("GOMAXPROCS %d: %x, want %x", n, g, want)
			}
		}
	}
}

// golden are the fingerprints of the seeds from 0 on: the same on every architecture, which is
// what this test is for. A change that means to change runs changes them too: -rewrite.
//
//go:embed testdata/fingerprints.txt
var golden string

var rewrite = flag.Bool("rewrite", false, "rewrite testdata/fingerprints.txt")

func TestFingerprintsAreTheSameEverywhere(t *testing.T) {
	var b strings.Builder
	for seed := uint64(0); seed < 10; seed++ {
		w := chat(t, seed, false)
		s := w.Stats()
		fmt.Fprintf(&b, "seed %d: %016x after %d events, %d messages, %d fsyncs\n", seed,
			w.Fingerprint(), w.Index(), s.Messages, s.Fsyncs)
	}
	if *rewrite {
		if err := os.WriteFile("testdata/fingerprints.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != golden {
		t.Errorf("testdata/fingerprints.txt says\n%s\nand here, on %s/%s, it is\n%s\n"+
			"If runs were meant to change: go test ./sim -run Fingerprints -rewrite",
			golden, runtime.GOOS, runtime.GOARCH, b.String())
	}
}
