package steps

import (
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/scenarios/apache"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/explore"
	"github.com/zablab/zablab/zab/flaw"
)

// storyTo returns the shortest story to a state, read from its document.
func storyTo(t *testing.T, setup, goal string) *explore.Story {
	t.Helper()
	s, ok := explore.FindSetup(setup)
	if !ok {
		t.Fatalf("no setup %s", setup)
	}
	g, err := explore.ParseGoal(goal, &s)
	if err != nil {
		t.Fatal(err)
	}
	x, err := explore.New(s, explore.Options{Goal: g})
	if err != nil {
		t.Fatal(err)
	}
	r := x.Run()
	if !r.Reached {
		t.Fatalf("%s: %s", goal, r.Sentence())
	}
	doc, err := diagram.Parse("story.md", []byte(r.Story.Document("A title", "A paragraph.")))
	if err != nil {
		t.Fatal(err)
	}
	out, err := explore.ReadStory(doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// moments returns the steps of a story.
func moments(t *testing.T, s *explore.Story) []explore.Moment {
	t.Helper()
	list, err := s.Moments()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func need(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no servers of Apache ZooKeeper are started")
	}
	if _, err := apache.Find(); err != nil {
		t.Skip(err)
	}
}

// TestPlay: real servers take the lab's steps, with crashes, a lost disk, a restart, a second
// epoch, a snapshot and a timer, and have the same messages in transit and the same disks after
// each.
func TestPlay(t *testing.T) {
	need(t)
	for _, c := range []struct{ name, setup, goal string }{
		{"all serve", "write-crash", "S1 applied 1/1 and S2 applied 1/1 and S3 applied 1/1 and " +
			"S1 serves and S2 serves and S3 serves and not SOME syncing"},
		{"second epoch", "crash", "S1 LEADING and S1 current 2 and S3 down and not SOME syncing"},
		{"lost disk", "wipe", "S3 serves and S3 current 2 and S1 current 2 and S1 serves and not SOME " +
			"syncing"},
		{"snapshot", "write-crash", "S1 current 1 and S2 LEADING and S3 current 2 and S3 logged 1/1 " +
			"and not SOME syncing"},
		{"timer", "crash", "S1 down and S3 LOOKING and S3 current 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := Play(t.Context(), storyTo(t, c.setup, c.goal), nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range p.Steps {
				if x.Did != Made && x.Did != Own {
					t.Fatalf("step %d, %s: %d: %s", i+1, x.Says, x.Did, x.Note)
				}
			}
			if same, ahead := p.Same(); !same || len(ahead) > 0 {
				t.Errorf("the servers at the end: %+v", p.Servers)
			}
		})
	}
}

// TestAhead: an fsync that has not ended in the lab has ended on a real server, so the state is
// not claimed.
func TestAhead(t *testing.T) {
	need(t)
	t.Parallel()
	p, err := Play(t.Context(), storyTo(t, "write", "S1 logged 1/1 and S1 durable < 1/1"), nil)
	if err != nil {
		t.Fatal(err)
	}
	same, ahead := p.Same()
	if got := strings.Join(ahead, " "); !same || !strings.Contains(got, "S1") {
		t.Errorf("the same: %v, ahead: %q; the servers: %+v", same, got, p.Servers)
	}
}

// TestDiffers: servers that do something else than a story says are found out: a message that the
// story does not have, one that it has and they do not send, another disk, another leader.
func TestDiffers(t *testing.T) {
	need(t)
	for _, c := range []struct {
		name   string
		change func([]explore.Moment)
		why    string
	}{
		{"more", func(l []explore.Moment) { l[len(l)-1].Transit = nil },
			"in transit, and not in the story: S3 to S1: LEADERINFO 1/0"},
		{"less", func(l []explore.Moment) { l[len(l)-1].Transit[0].To = 2 },
			"S3 has not sent LEADERINFO 1/0 to S2, as in the story"},
		{"other", func(l []explore.Moment) { l[len(l)-1].Transit[0].Texts[0] = "LEADERINFO 3/0" },
			"in transit from S3 to S1: LEADERINFO 1/0, and in the story: LEADERINFO 3/0"},
		{"disk", func(l []explore.Moment) { l[len(l)-1].Servers[2].Current = 4 },
			"S2 has accepted 0, current 0, logged 0/0 on its disk, and in the story accepted 0, " +
				"current 4, logged 0/0"},
		{"delivery", func(l []explore.Moment) { l[1].Text = "ACKEPOCH 0/0" },
			"S1 has not sent this to S3; in transit: S1 to S3: FOLLOWERINFO 0/0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := storyTo(t, "oracle", "S3 accepted 1")
			list := moments(t, s)
			c.change(list)
			p, err := play(t.Context(), s, list, 2*time.Second, func(*explore.Moment) {})
			if err != nil {
				t.Fatal(err)
			}
			why := ""
			for _, x := range p.Steps {
				if x.Did == Differs {
					why = x.Note
				}
			}
			if same, _ := p.Same(); why != c.why || same {
				t.Errorf("the difference is %q, not %q; the same: %v", why, c.why, same)
			}
		})
	}
}

// TestPossible: what real servers cannot do is refused before any starts, and named.
func TestPossible(t *testing.T) {
	flawed := storyTo(t, "oracle", "S3 accepted 1")
	flawed.Setup.Flaw = flaw.All()[0].Flaw
	for _, c := range []struct {
		name, why string
		story     *explore.Story
	}{
		{"power", "(loses power: a process that is killed loses nothing that it has written)",
			storyTo(t, "power", "S1 down")},
		{"early", "the timers of a process cannot be set off",
			storyTo(t, "timeout", "S1 LOOKING and S3 LEADING and S1 current 1")},
		{"votes", "each vote is a step of its own", storyTo(t, "election", "S3 LEADING")},
		{"disks", "prepared disks", storyTo(t, "ahead", "S1 LEADING")},
		{"observer", "observers", storyTo(t, "observer", "S3 LEADING")},
		{"limits", "limits of the lab's servers", storyTo(t, "counter", "S3 LEADING")},
		{"flaw", "injected flaw", flawed},
		{"nothing", "no steps", &explore.Story{Setup: flawed.Setup}},
	} {
		if c.name == "nothing" {
			c.story.Setup.Flaw = flaw.None
		}
		if _, err := Play(t.Context(), c.story, nil); err == nil ||
			!strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: the error is %v, not one with %q", c.name, err, c.why)
		}
	}
}
