package sim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestQueueOrdersByTimeThenSequence(t *testing.T) {
	r := NewRand(1)
	var q queue
	var want []entry
	for round := 0; round < 2000; round++ {
		if r.Chance(2, 5) && q.len() > 0 {
			slices.SortStableFunc(want, func(a, b entry) int { return cmp.Compare(a.at, b.at) })
			if got := q.pop(); got != want[0] {
				t.Fatalf("round %d: popped %+v, want %+v", round, got, want[0])
			}
			want = want[1:]
			continue
		}
		e := entry{at: r.Between(0, 20), ref: uint32(round)}
		q.push(e)
		e.seq = q.seq
		want = append(want, e)
	}
	if q.len() != len(want) {
		t.Errorf("%d entries left, want %d", q.len(), len(want))
	}
}

func TestEventsOfOneMomentComeInTheOrderOfTheirMaking(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.doAt("2s", "S2", "look")
	l.doAt("1s", "S2", "look")
	var order []string
	l.AfterStep = func(m *Machine) { order = append(order, m.Name) }
	for i := 0; i < 5; i++ {
		l.doAt("2s", "S1", "look")
		l.doAt("2s", "S2", "look")
	}
	l.run(3 * Second)
	if got, want := strings.Join(order, " "), "S2 S2"+strings.Repeat(" S1 S2", 5); got != want {
		t.Errorf("stepped %s, want %s", got, want)
	}
}

func TestEffectsAreCarriedOutInOrderBeforeAnythingElse(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.do("S1", "append f abc", "truncate f 1", "append f d", "rename f g", "append f x")
	l.do("S1", "append g e")
	l.Next(Never)
	l.disk("S1", "f=x g=ad")
	l.Next(Never)
	l.disk("S1", "f=x g=ade")
}

func TestTenThousandEventsAtOneInstantEndTheRun(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	steps := 0
	p := l.Find("S1").program.(*toy)
	p.onEvent = func(e Event, out []Effect) []Effect {
		steps++
		p.deadline = p.m.Local() // it wants to be woken at once, for ever
		return out
	}
	l.doAt("1s", "S1", "look")
	if l.Run(2*Second, nil) {
		t.Fatal("the world went on")
	}
	if l.Now() != Second || steps != 9_999 {
		t.Errorf("ended at %s after %d steps, want 1.000s after 9999", l.Now().Seconds(), steps)
	}
	want := "sim: 10000 events at one instant, t=1.000s: programs answer events with new events " +
		"for ever, "
	if l.Err() == nil || !strings.HasPrefix(l.Err().Error(), want) {
		t.Errorf("error %v, want %s", l.Err(), want)
	}
	if l.Run(9*Second, nil) || l.Now() != Second {
		t.Error("a run that has failed goes on")
	}
}

func TestManyEventsAtTwoInstantsAreFine(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	for i := 0; i < 2*9_999; i++ {
		l.TellAt(Second+Time(i%2), l.Find("S1"), order{})
	}
	l.run(2 * Second)
}

func TestTheClockMovesToTheLimitAndNoFurther(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.doAt("5s", "S1", "look")
	l.run(5*Second - 1)
	l.expect("S1")
	if l.Now() != 5*Second-1 || l.Idle() {
		t.Errorf("t=%s, idle %v", l.Now().Seconds(), l.Idle())
	}
	l.run(1)
	l.expect("S1", "5.000s local 5.000s wall 5.000s")
	if !l.Idle() {
		t.Error("something is left to happen")
	}
	if l.Run(Never, nil); l.Now() != 5*Second {
		t.Errorf("an idle world went on to %s", l.Now().Seconds())
	}
}

func TestRunStopsWhenAsked(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	for i := 1; i < 10; i++ {
		l.TellAt(Time(i)*Second, l.Find("S1"), order{"look"})
	}
	ok := l.Run(20*Second, func() bool { return len(l.lines["S1"]) == 3 })
	if !ok || l.Now() != 3*Second {
		t.Errorf("stopped at %s, ok %v, want 3s", l.Now().Seconds(), ok)
	}
}

func TestWhatEndsARun(t *testing.T) {
	boom := errors.New("boom")
	for _, c := range []struct {
		name, want string
		do         func(l *lab)
	}{
		{"an assertion", "assertion failed at step 2, t=0.000s: a toy finds itself impossible",
			func(l *lab) { l.do("S1", "assert") }},
		{"an unknown effect", "sim: S1 emitted an effect of the unknown kind 200",
			func(l *lab) { l.do("S1", "nonsense") }},
		{"the first failure", "boom", func(l *lab) { l.Fail(boom); l.Fail(errors.New("later")) }},
		{"an audit", "boom", func(l *lab) {
			l.AfterStep = func(*Machine) { l.Fail(boom) }
			l.do("S1", "look")
		}},
		{"a dial to nobody", "S1 dials machine 9: no such machine", func(l *lab) {
			l.do("S1", "look")
			l.Find("S1").program.(*toy).onEvent = func(e Event, out []Effect) []Effect {
				return append(out, Effect{Kind: Dial, Conn: 1, To: 9})
			}
		}},
		{"a connection named twice", "connection 0x1 already exists", func(l *lab) {
			l.do("S1", "look")
			l.Find("S1").program.(*toy).onEvent = func(e Event, out []Effect) []Effect {
				dial := Effect{Kind: Dial, Conn: 1, To: 1, Span: Second}
				return append(out, dial, dial)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLab(t, Config{}, "S1")
			c.do(l)
			if l.Run(Second, nil) {
				t.Fatal("the world goes on")
			}
			if !strings.Contains(l.Err().Error(), c.want) {
				t.Errorf("error %q, want %q in it", l.Err(), c.want)
			}
		})
	}
}

func TestAnotherPanicIsNotSwallowed(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.AfterStep = func(*Machine) { panic("not an assertion") }
	l.do("S1", "look")
	defer func() {
		if r := recover(); fmt.Sprint(r) != "not an assertion" {
			t.Errorf("recovered %v", r)
		}
	}()
	l.Run(Second, nil)
}

func TestAnAssertionInARestartEndsTheRunToo(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.must("crash S1")
	l.Find("S1").boot = func(*Machine) Program { panic(&AssertionError{"a disk that cannot be"}) }
	if err := l.fault("restart S1"); err == nil || l.Err() == nil {
		t.Errorf("apply says %v, the world %v", err, l.Err())
	}
}

func TestMachinesAreFoundByNameAndNumber(t *testing.T) {
	l := newLab(t, Config{Seed: 5}, "S1", "A")
	if l.Find("A").ID != 2 || l.Machine(2).Name != "A" || len(l.Machines()) != 2 ||
		l.Config().Seed != 5 {
		t.Error("A is not machine 2")
	}
	if l.Find("B") != nil || l.Machine(0) != nil || l.Machine(3) != nil {
		t.Error("somebody is there who was not added")
	}
}

func TestTheDeadHearNothing(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.must("crash S1")
	l.do("S1", "look")
	l.run(Second)
	l.expect("S1")
	l.Start(l.Find("S1"))
	l.Start(l.Find("S1")) // it runs already: nothing happens
	l.run(0)
	l.expect("S1", "1.000s boot")
	l.nothingLeft()
}
