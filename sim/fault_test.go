package sim

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFaultsAreReadLeniently(t *testing.T) {
	for line, want := range map[string]string{
		"crash A":                            "0.000s crash A",
		"1s  CRASH\tA":                       "1.000s crash A",
		"0.9s crash A":                       "0.900s crash A",
		"900ms crash A":                      "0.900s crash A",
		"1.5min heal":                        "90.000s heal",
		"1s pause A 3000ms":                  "1.000s pause A 3s",
		"1s fsync A 0.0015s":                 "1.000s fsync A 1500us",
		"1s wall A -90s":                     "1.000s wall A -90s",
		"1s wall A -0s":                      "1.000s wall A +0s",
		"1s clock A x1":                      "1.000s clock A x1",
		"1s clock A x0.125":                  "1.000s clock A x0.125",
		"1s clock A x10.000":                 "1.000s clock A x10",
		"AT S1 FSYNC crash S1":               "at S1 fsync crash S1",
		"at S1 fsync 1 crash S1":             "at S1 fsync crash S1",
		"at S1 boots 2 heal":                 "at S1 boots 2 heal",
		"at S1 crashes heal":                 "at S1 crashes heal",
		"at S1 becomes leading 03 heal":      "at S1 becomes leading 3 heal",
		"at S1 receives ACK heal":            "at S1 receives ACK heal",
		"AT Step 07 heal":                    "at step 7 heal",
		"at step fsync 2 heal":               "at step fsync 2 heal", // of the machine "step"
		"at S1 sends ACK 2 split S1 | S2 S3": "at S1 sends ACK 2 split S1 | S2 S3",
		"at S1 fsync 2 AFTER 5s heal":        "at S1 fsync 2 after 5.000s heal",
		"at S1 boots after 0s heal":          "at S1 boots heal",
		"at S1 receives TRUNC after s1 BOOTS crash S1": "at S1 receives TRUNC after s1 boots " +
			"crash S1",
		"at S1 sends ACK after S2 becomes leading 2 after 1.5s heal": "at S1 sends ACK after " +
			"S2 becomes leading 2 after 1.500s heal",
	} {
		f, err := ParseFault(line)
		if err != nil || f.String() != want {
			t.Errorf("%q is %q, %v: want %q", line, f, err, want)
		}
	}
}

func TestWhatIsNoFault(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"", `fault: empty line: write a fault, such as "0.900s crash S1"`},
		{"1s", `fault "1s": no verb: write one of crash, power,`},
		{"1x crash A", `time "1x": missing or unknown unit: write 1.5s`},
		{"1s explode A",
			`fault "1s explode A": unknown verb "explode": write one of crash, power,`},
		{"crash", `fault "crash": expected one name, not 0 words: write "crash NAME"`},
		{"crash A B", `expected one name, not 2 words`},
		{"heal A", `expected no name, not 1 words`},
		{"crash 3s", `"3s" is not a valid name`},
		{"crash 0", `"0" is not a valid name`},
		{"crash 9", `"9" is not a valid name`},
		{"reset A", `expected two names, not 1 words: write "reset NAME NAME"`},
		{"pause A", `expected one name and a time`},
		{"pause A soon", `time "soon": missing or unknown unit`},
		{"pause 1s A", `time "A": missing or unknown unit`},
		{"delay A 4s", `expected two names and a time`},
		{"cut A B", `expected two names with > between them: write "cut NAME > NAME"`},
		{"cut A > B C", `expected two names with > between them`},
		{"hold A > B", `expected two names with > between them, followed by a kind of message`},
		{"split A", `expected at least two groups with | between them`},
		{"split A |", `a group is empty: write a name on each side of |`},
		{"split | A", `a group is empty: write a name on each side of |`},
		{"split A | B A", `"A" appears twice: write each name once`},
		{"split A | >", `">" is not a valid name`},
		{"clock A 1.2", `expected a name and a rate such as x1.2`},
		{"clock A x", `the rate must lie between x0.1 and x10`},
		{"clock A x0.09", `the rate must lie between x0.1 and x10`},
		{"clock A x10.001", `the rate must lie between x0.1 and x10`},
		{"clock A x1.2345", `with three decimals at most`},
		{"clock A x-0.5", `the rate must lie between x0.1 and x10`},
		{"clock A x+1", `the rate must lie between x0.1 and x10`},
		{"clock A x1.+2", `the rate must lie between x0.1 and x10`},
		{"clock A x9999999999", `the rate must lie between x0.1 and x10`},
		{"wall A 1h", `expected a name and a jump such as +1h or -30s`},
		{"wall A +", `time "": missing or unknown unit`},
		{"wall A", `expected a name and a jump`},
		{"at S1", `trigger: incomplete: write, for example, "at S1 fsync 3 crash S1"`},
		{"at S1 sleeps crash S1", `trigger "sleeps": unknown event: write "fsync", "boots", "crashes",`},
		{"at S1 sends", `trigger sends: the kind of message is missing: write, for example, "at S1 sends NEW`},
		{"at S1 becomes", `trigger becomes: the role is missing: write, for example, "at S1 becomes leading c`},
		{"at S1 fsync 0 crash S1",
			`trigger fsync: count 0 is out of range: write a count from 1 to 1000000000`},
		{"at S1 fsync -1 crash S1", `count -1 is out of range`},
		{"at S1 fsync 1000000001 crash S1", `count 1000000001 is out of range`},
		{"at step 3 after 5s heal", `trigger step 3: "after" is not allowed here: leave it out, because a run has only one step 3`},
		{"at step 0 heal", `trigger "0": unknown event`},
		{"at S1 fsync after", `trigger: nothing follows "after": write, for example,`},
		{"at S1 fsync after 5s", `no verb`},
		{"at S1 fsync after 5x heal", `time "5x": missing or unknown unit`},
		{"at S1 fsync after S2 heal", `trigger "heal": unknown event`},
		{"at S1 fsync after S2 boots after", `trigger: nothing follows "after"`},
		{"at S1 fsync after S2 boots after S3 boots heal", `time "S3": missing or unknown unit`},
		{"at S1 fsync after S2 sends", `trigger sends: the kind of message is missing`},
		{"at S1 fsync", `no verb`},
		{"at S1 fsync 3", `no verb`},
		{"at 3 fsync crash S1", `trigger: "3" is not a valid name of a machine, such as S1 in "at S1`},
		{"at > fsync crash S1", `trigger: ">" is not a valid name`},
		{"expire #1", `"#1" is not a valid name`},
	} {
		line, want := c.line, c.want
		f, err := ParseFault(line)
		if err == nil || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%q is %+v, %v: want an error with %s", line, f, err, want)
		}
	}
}

func TestPlansAreReadLineByLine(t *testing.T) {
	text := "# a plan\n\n  1s crash A  \r\n\t# and a remark\n2s restart A"
	p, err := ParsePlan("my.plan", text)
	if want := "1.000s crash A\n2.000s restart A\n"; err != nil || p.String() != want {
		t.Errorf("%q, %v: want %q", p, err, want)
	}
	if p, err := ParsePlan("my.plan", ""); err != nil || len(p) != 0 || p.String() != "" {
		t.Errorf("an empty plan is %v, %v", p, err)
	}
	for text, want := range map[string]string{
		"heal\n\n  explode A": `my.plan:3:3: fault "explode A": unknown verb "explode"`,
		"1x heal":             `my.plan:1:1: time "1x": missing or unknown unit`,
		"\tat S1":             `my.plan:1:2: trigger: incomplete`,
	} {
		if _, err := ParsePlan("my.plan", text); err == nil ||
			!strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

var position = regexp.MustCompile(`^my\.plan:[1-9][0-9]*:[1-9][0-9]*: `)

// checkPlan holds a text to the contract of the parser.
func checkPlan(text string) error {
	p, err := ParsePlan("my.plan", text)
	if err != nil {
		if !position.MatchString(err.Error()) {
			return fmt.Errorf("the error %q does not begin with file:line:column", err)
		}
		return nil
	}
	printed := p.String()
	again, err := ParsePlan("printed", printed)
	if err != nil {
		return fmt.Errorf("%q prints as %q, which is no plan: %w", text, printed, err)
	}
	if fmt.Sprintf("%#v", again) != fmt.Sprintf("%#v", p) {
		return fmt.Errorf("%q is\n%#v\nand its print\n%#v", text, p, again)
	}
	if again.String() != printed {
		return fmt.Errorf("%q prints as %q and then as %q", text, printed, again)
	}
	return nil
}

func FuzzPlan(f *testing.F) {
	f.Add(everyFault)
	for _, line := range strings.Split(everyFault, "\n") {
		f.Add(line)
	}
	f.Add("# remark\n\n at s1 BECOMES 3 4 clock S1 x0.125\n")
	f.Add("1000000.9h heal\n.5s wall \u00e9 -0.25h\n9999999999us hold a > b >")
	f.Fuzz(func(t *testing.T, text string) {
		if err := checkPlan(text); err != nil {
			t.Error(err)
		}
	})
}

func TestPlansSurvivePrintAndParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pick := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "pick") }
		var p Plan
		for n := rapid.IntRange(0, 8).Draw(t, "faults"); len(p) < n; {
			p = append(p, late(anyFault(FaultKinds(), pick), pick))
		}
		got, err := ParsePlan("printed", p.String())
		if err != nil || fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", p) {
			t.Fatalf("%#v\nprints as\n%s, which is %v\n%#v", p, p, err, got)
		}
	})
}

// late makes the trigger of a fault, if it has one, begin to count later.
func late(f Fault, pick func(n int) int) Fault {
	if f.When.Trigger == 0 {
		return f
	}
	switch pick(4) {
	case 0:
		f.When = f.When.Since(Time(1 + pick(2_000_000)))
	case 1:
		f.When = f.When.Following(Becomes("S1", "leading", 1+pick(2)))
	case 2:
		f.When = f.When.Following(Boots("A").Since(Time(1 + pick(2_000_000))))
	}
	return f
}

// anyFault makes a fault of one of the kinds by the choices of pick, which returns numbers in
// [0, n).
func anyFault(kinds []FaultKind, pick func(n int) int) Fault {
	names := []string{"S1", "S2", "S3", "A"}
	for i := range names { // shuffled: a fault takes the first ones
		j := i + pick(len(names)-i)
		names[i], names[j] = names[j], names[i]
	}
	messages := []string{"PING", "ACK", "x|y"}
	span := func() Time {
		unit := spanUnits[pick(len(spanUnits))].size
		return Time(1+pick(2000)) * unit / Time(1+pick(2)*(int(min(unit, 1000))-1))
	}
	f := Fault{Kind: kinds[pick(len(kinds))]}
	// No toy looks at its clock, so TriggerLook is left out: TestLook has it.
	if trigger := Trigger(pick(2*int(TriggerBecome)) + 1); trigger <= TriggerBecome {
		f.When = When{Trigger: trigger, Who: names[pick(4)], Count: 1 + pick(3)}
		if triggerForms[trigger].arg != "" {
			f.When.Arg = messages[pick(len(messages))]
		}
	} else {
		f.When.At = Time(pick(2_000_000))
	}
	switch f.Kind {
	case FaultHeal, FaultRelease:
	case FaultSplit:
		cut := 1 + pick(len(names)-1)
		f.Groups = [][]string{names[:cut:cut], names[cut:]}
	case FaultCut, FaultMend, FaultHold, FaultReset, FaultDelay, FaultBandwidth:
		f.Who = names[:2]
	default:
		f.Who = names[:1]
	}
	switch f.Kind {
	case FaultHold:
		f.Message = messages[pick(len(messages))]
	case FaultPause, FaultDelay, FaultFsync:
		f.Span = span()
	case FaultWall:
		f.Span = span() * Time(1-2*pick(2))
	case FaultClock:
		f.Rate = int64(100 + pick(9901))
	case FaultBandwidth:
		f.Rate = int64(pick(1001)) * int64(bandwidthUnits[pick(3)].size)
	}
	return f
}

// What a constructor makes is what a plan's line says.
func TestAFaultCanBeMade(t *testing.T) {
	made := Plan{
		Crash("A").At(900 * Millisecond),
		PowerLoss("S3").At(1200 * Millisecond),
		Restart("S3").At(2 * Second),
		Pause("S2", 3*Second).At(1500 * Millisecond),
		Split([]string{"S1", "S2", "S3"}, []string{"S4", "S5"}).At(1650 * Millisecond),
		Cut("S1", "S2").At(1700 * Millisecond),
		Mend("S1", "S2").At(1800 * Millisecond),
		Heal().At(2900 * Millisecond),
		Reset("A", "S2").At(3 * Second),
		Delay("S1", "S2", 40*Millisecond).At(3100 * Millisecond),
		Hold("S1", "S2", "PROPOSAL").At(3300 * Millisecond),
		Release().At(3400 * Millisecond),
		SlowFsync("S1", 80*Millisecond).At(4 * Second),
		FailFsync("S1").At(4100 * Millisecond),
		Tear("S1").At(4200 * Millisecond),
		Corrupt("S1").At(4300 * Millisecond),
		FillDisk("S1").At(4400 * Millisecond),
		Wipe("S1").At(4500 * Millisecond),
		SetClock("S2", 1200).At(5 * Second),
		JumpWall("S1", Hour).At(5100 * Millisecond),
		LimitBandwidth("S1", "S2", 100*Mbit).At(5150 * Millisecond),
		Expire("A").At(5200 * Millisecond),
		Crash("S1").On(Fsyncs("S1", 3)),
		PowerLoss("S2").On(Sends("S2", "NEWLEADER", 1)),
	}
	if made.String() != everyFault {
		t.Errorf("made\n%s\nwant\n%s", made, everyFault)
	}
	read, err := ParsePlan("every", everyFault)
	if err != nil || fmt.Sprintf("%#v", read) != fmt.Sprintf("%#v", made) {
		t.Errorf("made\n%#v\nread, %v,\n%#v", made, err, read)
	}
	for when, want := range map[When]string{
		Boots("S1"): "at S1 boots", Crashes("S1"): "at S1 crashes",
		Receives("S1", "ACK", 2):      "at S1 receives ACK 2",
		Becomes("S1", "leading", 1):   "at S1 becomes leading",
		Looks("S1", 4):                "at S1 looks 4",
		Fsyncs("S1", 2).Since(Second): "at S1 fsync 2 after 1.000s",
		Receives("S1", "ACK", 1).Following(Boots("S2").Since(Second)): "at S1 receives ACK " +
			"after S2 boots after 1.000s",
	} {
		if w, _, err := parseWhen(strings.Fields(want)); err != nil || w != when ||
			w.String() != want {
			t.Errorf("%v, %v: want %s", w, err, want)
		}
	}
}

// The text of a fault is hashed and stands in files: verbs and their order are for ever.
func TestEveryKindOfFaultHasItsLineInTheTable(t *testing.T) {
	for _, k := range FaultKinds() {
		if again, ok := FindFaultKind(k.String()); !ok || again != k || k.Help() == "" ||
			k.form().apply == nil {
			t.Errorf("kind %d: %q, %q", k, k.Form(), k.Help())
		}
	}
	want := "crash, power, restart, pause, split, cut, mend, heal, reset, delay, hold, " +
		"release, fsync, fail-fsync, tear, corrupt, full, wipe, clock, wall, expire, bandwidth"
	if verbs() != want {
		t.Errorf("the verbs are %s, want %s", verbs(), want)
	}
}

// Every moment in the guide is one that a plan may have.
func TestMoments(t *testing.T) {
	for _, m := range Moments() {
		line := strings.NewReplacer("at ...", "at S2 fsync 3", "NAME", "S1", "KIND", "ACK",
			"ROLE", "leading", "TIME", "5s").Replace(m.Form)
		line = strings.Replace(line, " N", " 2", 1) + " crash S1"
		if f, err := ParseFault(line); err != nil || f.When == (When{}) || m.Help == "" {
			t.Errorf("%s: %q is %v: %v", m.Form, line, f, err)
		}
	}
}
