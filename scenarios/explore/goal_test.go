package explore

import (
	"strings"
	"testing"
)

// TestGoals: a goal that some world reaches is reached by the fewest steps, and one that none reaches
// is a sentence about all worlds.
func TestGoals(t *testing.T) {
	for _, c := range []struct {
		setup, goal string
		steps       int    // 0: no world reaches it
		last        string // what the last step contains
	}{
		{"write", "S1 up", -1, ""},
		{"write", "S3 LEADING and S1 logged 1/1 and S1 durable < 1/1 and not SOME applied 1/1", 18,
			"S1 receives PROPOSAL"},
		{"write", "some not LEADING, S2 serves", 15, "S2 has fsynced its directory"},
		{"write", "S1 LEADING and S2 LEADING", 0, ""},
		{"write", "S1 applied 1/1 and not SOME LEADING", 0, ""},
		{"stale", "S1 follows S2 and S2 follows S1", 0, ""},
		{"crash", "S3 down and S1 LEADING", 12, "elect S1"},
	} {
		s := setup(t, c.setup)
		g, err := ParseGoal(c.goal, &s)
		if err != nil {
			t.Errorf("%s: %v", c.goal, err)
			continue
		}
		_, r := search(t, s, Options{Goal: g})
		steps := max(c.steps, 0)
		if r.Broken != nil || r.Differs != "" || r.Reached != (c.steps != 0) || len(r.Steps) != steps ||
			r.Complete == r.Reached {
			t.Errorf("%s: reached %v after %d steps, want %d: %s", c.goal, r.Reached, len(r.Steps), steps,
				r.Sentence())
			for _, s := range r.Steps {
				t.Logf("  %s", s.Says)
			}
		}
		if steps > 0 && steps == len(r.Steps) && !strings.Contains(r.Steps[len(r.Steps)-1].Says, c.last) {
			t.Errorf("%s: the last step is %q", c.goal, r.Steps[len(r.Steps)-1].Says)
		}
		want := "true in none of the"
		if r.Reached {
			want = "is reached after"
		}
		if !strings.Contains(r.Sentence(), want) {
			t.Errorf("%s: %s", c.goal, r.Sentence())
		}
	}
}

// TestUnless: a goal with exceptions passes over the states that fit an exception, and finds the next
// one by as few steps as there are; the state is told in the words of a goal.
func TestUnless(t *testing.T) {
	s := setup(t, "timeout")
	parse := func(text string) *Goal {
		g, err := ParseGoal(text, &s)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	two := parse("S2 LEADING and S3 LEADING")
	for _, c := range []struct {
		except []string
		same   string // the same goal without exceptions; empty if no state fits
		server string // what the state of S2 begins with
	}{
		{nil, "S2 LEADING and S3 LEADING", "S2 LEADING and S2 DISCOVERY and S2 not serves and S2 accepted 0 "},
		{[]string{"S2 DISCOVERY", "S1 up and not S1 serves"},
			"S2 LEADING and S3 LEADING and not S2 DISCOVERY and S1 serves",
			"S2 LEADING and S2 BROADCAST and S2 serves "},
		{[]string{"S2 serves", "S3 serves"},
			"S2 LEADING and S3 LEADING and not S2 serves and not S3 serves",
			"S2 LEADING and S2 DISCOVERY and S2 not serves"},
		{[]string{"S1 up", "S1 down"}, "", ""},
	} {
		var others []*Goal
		for _, text := range c.except {
			others = append(others, parse(text))
		}
		g, err := two.Unless(others...)
		if err != nil {
			t.Fatal(err)
		}
		_, r := search(t, s, Options{Goal: g})
		steps := 0
		if c.same != "" {
			_, other := search(t, s, Options{Goal: parse(c.same)})
			steps = len(other.Steps)
		}
		if r.Reached != (steps > 0) || len(r.Steps) != steps {
			t.Errorf("%s: %s", c.except, r.Sentence())
		}
		if steps > 0 && (len(r.Servers) != 3 || !strings.HasPrefix(r.Servers[1], c.server)) {
			t.Errorf("%s: %q", c.except, r.Servers)
		}
	}
	many := parse(strings.Repeat("S1 up and ", 30) + "S1 up")
	if _, err := many.Unless(two); err == nil || !strings.Contains(err.Error(), "at most 30 conditions") {
		t.Errorf("33 conditions: %v", err)
	}
}

// TestGoalIsNotMissed: the table of local states keeps what holds of each. A search that builds each
// server again and a search with other hashes reach a goal after as many states.
func TestGoalIsNotMissed(t *testing.T) {
	s := setup(t, "write")
	g, err := ParseGoal("S2 durable 1/1 and S1 logged < 1/1 and not S3 applied 1/1", &s)
	if err != nil {
		t.Fatal(err)
	}
	_, r := search(t, s, Options{Goal: g})
	for _, o := range []Options{{Goal: g, Cold: true}, {Goal: g, Seed: 99}, {Goal: g, Check: true}} {
		_, other := search(t, s, o)
		if !r.Reached || !other.Reached || r.States != other.States || len(r.Steps) != len(other.Steps) {
			t.Errorf("%s\nand %s", r.Sentence(), other.Sentence())
		}
	}
}

// TestBadGoals: each mistake has its sentence.
func TestBadGoals(t *testing.T) {
	s := setup(t, "write")
	for goal, want := range map[string]string{
		"":                                     "a condition is missing",
		"S1 LEADING and":                       "a condition is missing",
		"S9 LEADING":                           "no such server: S9: name one of S1 to S3",
		"A LEADING":                            "no such server: A",
		"S1":                                   "the state of the server is missing",
		"S1 leaping":                           `unknown condition "leaping"`,
		"S1 LEADING LOOKING":                   `unknown condition "LEADING LOOKING"`,
		"S1 logged":                            "logged needs a comparison and a value: write, for example, logged >= 1/2",
		"S1 logged ~ 1/1":                      "logged needs a comparison",
		"S1 logged 7":                          "7 is not a zxid",
		"S1 accepted 1/2":                      "1/2 is not a number",
		"S1 follows":                           "needs a server",
		"S1 follows S0":                        "no such server: S0",
		strings.Repeat("S1 up,", 40) + "S1 up": "at most 32 conditions are allowed, but there are 41",
	} { // order: each mistake alone
		if _, err := ParseGoal(goal, &s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", goal, err, want)
		}
	}
}
