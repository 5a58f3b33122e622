package sim

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// lab is a world of toys, in which a link and a fsync take exactly 1ms unless a test says other.
type lab struct {
	*World
	t     testing.TB
	lines map[string][]string // what each machine lived through since the last expect
}

func newLab(t testing.TB, c Config, names ...string) *lab {
	if c.Latency == (Span{}) {
		c.Latency = Span{Millisecond, Millisecond}
	}
	if c.Fsync == (Span{}) {
		c.Fsync = Span{Millisecond, Millisecond}
	}
	l := &lab{World: NewWorld(c), t: t, lines: map[string][]string{}}
	for _, n := range names {
		l.Start(l.Add(n, "server", func(m *Machine) Program {
			return &toy{lab: l, m: m, deadline: Never, conns: map[NodeID]ConnID{}}
		}))
	}
	l.run(0)
	for _, n := range names {
		l.expect(n, "0.000s boot")
	}
	return l
}

// toy is a program that writes down what happens to it and obeys orders.
type toy struct {
	lab      *lab
	m        *Machine
	base     ConnID
	dials    ConnID
	conns    map[NodeID]ConnID // the newest connection to or from each machine
	deadline Time
	onEvent  func(e Event, out []Effect) []Effect
}

func (p *toy) Deadline() Time { return p.deadline }

func (p *toy) Step(now Time, e Event, out []Effect) []Effect {
	who := func() string { return p.lab.Machine(e.From).Name }
	switch e.Kind {
	case Boot:
		p.base = e.Conn
		p.say("boot")
	case Wake:
		p.deadline = Never
		p.say("wake %s", now.Seconds())
	case Connected:
		p.say("connected to %s", who())
	case Refused:
		p.say("refused by %s", who())
	case Accepted:
		p.conns[e.From] = e.Conn
		p.say("accepted %s", who())
	case Received:
		p.say("%s says %s", who(), e.Msg.(word))
	case Closed:
		p.say("closed by %s", who())
	case Fsynced:
		p.say("fsynced %d", e.Token)
	case DiskFailed:
		p.say("failed %d", e.Token)
	case Told:
		for _, command := range e.Msg.(order) {
			if command == "look" {
				p.say("local %s wall %s", now.Seconds(), e.Wall.Seconds())
				continue
			}
			out = p.obey(now, strings.Fields(command), out)
		}
	}
	if p.onEvent != nil {
		out = p.onEvent(e, out)
	}
	return out
}

func (p *toy) say(format string, args ...any) {
	p.lab.lines[p.m.Name] = append(p.lab.lines[p.m.Name],
		p.lab.Now().Seconds()+" "+fmt.Sprintf(format, args...))
}

// obey carries out one command, in words: dial S2 [5s], send S2 PING 1, close S2, append f abc,
// truncate f 2, rename f g, remove f, fsync f 7 (fsync . 7 for the directory), wake 5s, exit why.
func (p *toy) obey(now Time, c []string, out []Effect) []Effect {
	arg := func(i int) string {
		if i < len(c) {
			return c[i]
		}
		return ""
	}
	peer := NodeID(0)
	if m := p.lab.Find(arg(1)); m != nil {
		peer = m.ID
	}
	n, _ := strconv.Atoi(arg(2))
	switch c[0] {
	case "dial":
		span, err := ParseTime(arg(2))
		if err != nil {
			span = Second
		}
		p.dials++
		p.conns[peer] = p.base + p.dials
		return append(out, Effect{Kind: Dial, Conn: p.conns[peer], To: peer, Span: span, Port: 7})
	case "send":
		return append(out, Effect{
			Kind: Send, Conn: p.conns[peer], Msg: word(strings.Join(c[2:], " ")),
		})
	case "close":
		return append(out, Effect{Kind: Close, Conn: p.conns[peer]})
	case "append":
		return append(out, Effect{Kind: Append, File: c[1], Data: []byte(c[2]), Token: 99})
	case "truncate":
		return append(out, Effect{Kind: Truncate, File: c[1], N: int64(n)})
	case "rename":
		return append(out, Effect{Kind: Rename, File: c[1], Name: c[2]})
	case "remove":
		return append(out, Effect{Kind: Remove, File: c[1]})
	case "fsync":
		return append(out, Effect{Kind: Fsync, File: strings.Trim(c[1], "."), Token: uint64(n)})
	case "exit":
		return append(out, Effect{Kind: Exit, Name: arg(1)})
	case "wake":
		span, err := ParseTime(c[1])
		if err != nil {
			p.lab.t.Fatal(err)
		}
		p.deadline = now + span
		return out
	case "nonsense":
		return append(out, Effect{Kind: 200})
	case "assert":
		panic(&AssertionError{"a toy finds itself impossible"})
	}
	p.lab.t.Fatalf("toy: no such command: %v", c)
	return out
}

// word is a message; its kind is its first word.
type word string

func (w word) Name() string { name, _, _ := strings.Cut(string(w), " "); return name }
func (w word) Size() int    { return len(w) }
func (w word) Key() uint64  { return HashString(string(w)) }

// order is what a toy does in one step.
type order []string

func (order) Name() string  { return "ORDER" }
func (order) Size() int     { return 0 }
func (o order) Key() uint64 { return HashString(strings.Join(o, "\n")) }

// do tells a machine to carry out commands in one step, now.
func (l *lab) do(name string, commands ...string) { l.Tell(l.Find(name), order(commands)) }

// doAt is do at a moment.
func (l *lab) doAt(at, name string, commands ...string) {
	l.TellAt(l.time(at), l.Find(name), order(commands))
}

func (l *lab) time(s string) Time {
	l.t.Helper()
	at, err := ParseTime(s)
	if err != nil {
		l.t.Fatal(err)
	}
	return at
}

// run lets d pass.
func (l *lab) run(d Time) {
	l.t.Helper()
	if !l.Run(l.Now()+d, nil) {
		l.t.Fatal(l.Err())
	}
}

// plan schedules faults, one a line.
func (l *lab) plan(text string) {
	l.t.Helper()
	p, err := ParsePlan("plan", text)
	if err == nil {
		err = l.Schedule(p)
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

// fault carries out one fault now and returns what comes of it.
func (l *lab) fault(line string) error {
	l.t.Helper()
	f, err := ParseFault(line)
	if err != nil {
		l.t.Fatal(err)
	}
	return l.Inject(f)
}

// must carries out faults that must make sense.
func (l *lab) must(lines ...string) {
	l.t.Helper()
	for _, line := range lines {
		if err := l.fault(line); err != nil {
			l.t.Fatal(err)
		}
	}
}

// expect holds what a machine lived through since the last expect against lines.
func (l *lab) expect(name string, lines ...string) {
	l.t.Helper()
	got := l.lines[name]
	l.lines[name] = nil
	if strings.Join(got, "\n") != strings.Join(lines, "\n") {
		l.t.Errorf("t=%s: %s lived through\n\t%s\nwant\n\t%s", l.Now().Seconds(), name,
			strings.Join(got, "\n\t"), strings.Join(lines, "\n\t"))
	}
}

// connect lets the first dial the second and forgets what they lived through.
func (l *lab) connect(a, b string) {
	l.t.Helper()
	l.do(a, "dial "+b)
	l.run(5 * Millisecond)
	if n := len(l.lines[a]); n == 0 || !strings.HasSuffix(l.lines[a][n-1], "connected to "+b) {
		l.t.Fatalf("%s does not get through to %s: %v", a, b, l.lines[a])
	}
	l.lines[a], l.lines[b] = nil, nil
}

// disk holds the content of a machine's files against "name=content" words, sorted by name.
func (l *lab) disk(name, want string) {
	l.t.Helper()
	d := l.Find(name).Disk()
	if got := files(d.Names(), d.Read); got != want {
		l.t.Errorf("t=%s: the disk of %s holds %q, want %q", l.Now().Seconds(), name, got, want)
	}
}

// durable is disk for what the loss of power would leave.
func (l *lab) durable(name, want string) {
	l.t.Helper()
	d := l.Find(name).Disk()
	if got := files(d.DurableNames(), d.Durable); got != want {
		l.t.Errorf("t=%s: %q is durable on %s, want %q", l.Now().Seconds(), got, name, want)
	}
}

func files(names []string, read func(string) []byte) string {
	var words []string
	for _, n := range names {
		words = append(words, n+"="+string(read(n)))
	}
	return strings.Join(words, " ")
}

// pending is how much of what was under way is left.
func (l *lab) pending() int {
	n := l.net.flights.used() + l.World.plan.timed.used()
	for _, m := range l.Machines() {
		n += m.fsyncs.used() + m.tellings.used()
	}
	return n
}
