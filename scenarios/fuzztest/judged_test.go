package fuzztest_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/linearizability/promise"
	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/fuzztest"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// sound is how many schedules of both mixes each sound program passes. All of them passed 500:
//
//	go test ./scenarios/fuzztest -run TestSound -sound 500
var sound = flag.Int("sound", 8, "schedules of both mixes for each sound program")

type programs = []func(*client.Proc)

// lockIs and the others are what the programs of these tests declare.
var (
	lockIs    = recipe.Lock(lockPath)
	jobsIs    = recipe.Queue(jobsPath)
	meetingIs = recipe.Barrier(meetingPath, 2)
)

// TestFinds: each mistake breaks a check within the 100 schedules that Check plays by default. The
// schedules are generated once.
func TestFinds(t *testing.T) {
	var schedules []fuzz.Schedule
	for seed := range uint64(100) {
		schedules = append(schedules, fuzz.Clients.Generate(seed))
	}
	for _, c := range []struct {
		wrong string
		run   programs
		is    recipe.Recipe
		by    []string
	}{
		{"it excludes nobody", programs{noLock}, lockIs, []string{promise.MutualExclusion}},
		{"", programs{ticketLock{wrong: noRecheck}.run}, lockIs, []string{promise.MutualExclusion}},
		{"", programs{ticketLock{wrong: blindRetry}.run}, lockIs, []string{promise.Progress}},
		{"", programs{ticketLock{wrong: oldTicket}.run}, lockIs,
			[]string{promise.OwnNode, promise.MutualExclusion}},
		{"", programs{ticketLock{wrong: wrongWatch}.run}, lockIs, []string{promise.Progress}},
		{"", programs{ticketLock{wrong: lateWatch}.run}, lockIs, []string{promise.Progress}},
		{"", programs{ticketLock{wrong: releaseLate}.run}, lockIs,
			[]string{promise.MutualExclusion}},
		{"", programs{ticketLock{wrong: forgets}.run}, lockIs, []string{promise.Progress}},
		{"it has no fencing", programs{ticketLock{wrong: unfenced, fence: "DB"}.run},
			lockIs.Fenced("DB"), []string{promise.FencedInOrder}},
		{"a lease is no lock", programs{lease}, recipe.Lock("/lease"),
			[]string{promise.MutualExclusion}},
		{"", programs{jobs{}.put, jobs{wrong: takesAnyway}.take}, jobsIs,
			[]string{promise.TakenOnce}},
		{"", programs{jobs{}.put, jobs{wrong: forgetsItem}.take}, jobsIs,
			[]string{promise.NothingLost}},
		{"", programs{meeting{oneShort}.run}, meetingIs, []string{promise.BarrierSize}},
		{"", programs{meeting{leavesEarly}.run}, meetingIs, []string{promise.BarrierLeave}},
	} {
		mine := fuzztest.Client{Programs: c.run, Is: c.is}
		found := ""
		for i, s := range schedules {
			out := &failed{TB: t}
			fuzztest.Run(out, s, mine)
			if found = out.text; found != "" {
				t.Logf("schedule %d: %.150s", i+1, found)
				break
			}
		}
		name, _, _ := strings.Cut(found, ":")
		if !slices.Contains(c.by, name) {
			t.Errorf("%s %v: found %q, want one of %v", c.wrong, c.is, found, c.by)
		}
	}
}

// TestSound: sound programs pass, even if sessions expire unnoticed. Most are written with plain
// calls, as the faulty ones are; some use the recipes of package client.
func TestSound(t *testing.T) {
	for name, c := range map[string]fuzztest.Client{
		"tickets": {Programs: programs{ticketLock{}.run}, Is: lockIs},
		"named":   {Programs: programs{ticketLock{tells: true}.run}, Is: lockIs.InOrder()},
		"two": {Programs: programs{ticketLock{}.run, ticketLock{tells: true}.run},
			Is: lockIs.InOrder()},
		"fenced":       {Programs: programs{ticketLock{fence: "DB"}.run}, Is: lockIs.Fenced("DB")},
		"race":         {Programs: programs{raceLock}, Is: lockIs},
		"election":     {Programs: programs{election}, Is: recipe.Election("/leader")},
		"for life":     {Programs: programs{forLife}, Is: recipe.Election(lockPath).InOrder()},
		"two for life": {Programs: programs{forLife, forLife}, Is: lockIs.InOrder()},
		"race for life": {Programs: programs{raceForLife},
			Is: recipe.Election("/leader")},
		"lease":   {Programs: programs{lease}, Is: recipe.Election("/lease").Lease()},
		"readers": {Programs: programs{sharedLock}, Is: recipe.RWLock(lockPath)},
		"jobs":    {Programs: programs{jobs{}.put, jobs{}.take}, Is: jobsIs},
		"meeting": {Programs: programs{meeting{}.run}, Is: meetingIs},
		"several": {Programs: programs{jobs{}.put, jobs{}.take, ticketLock{}.run}, Is: jobsIs,
			More: []recipe.Recipe{lockIs}},
		"client.Race": {Programs: programs{client.Election{Path: "/leader", Hold: sim.Second}.Race},
			Is: recipe.Election("/leader")},
		"client.Line": {Programs: programs{client.Election{Path: "/leader", Hold: sim.Second}.Queue},
			Is: recipe.Election("/leader").InOrder()},
		"client.Primary": {Programs: programs{client.Primary(client.Lock{Path: lockPath}, nil)},
			Is: lockIs.InOrder()},
		"client.Worker": {Programs: programs{worker}, Is: lockIs.InOrder().Fenced("DB")},
		"client.Queue":  {Programs: programs{queueUser}, Is: recipe.Queue("/q")},
		"client.Barrier": {Programs: programs{barrierUser},
			Is: recipe.Barrier("/b", 2)},
		"client.RWLock": {Programs: programs{rwUser}, Is: recipe.RWLock(lockPath).InOrder()},
	} {
		t.Run(name, func(t *testing.T) { passes(t, c) })
	}
}

// passes plays the first schedules of both mixes.
func passes(t *testing.T, c fuzztest.Client) {
	for seed := range uint64(*sound) {
		for _, mix := range []fuzz.Mix{fuzz.Clients, fuzz.Swarm} {
			out := &failed{TB: t}
			if fuzztest.Run(out, mix.Generate(seed), c); out.text != "" {
				t.Fatalf("seed %d of the mix %s: %s", seed, mix, out.text)
			}
		}
	}
}

// TestCheck: Check shrinks a failure to a few faults and fewer clients, and keeps a folder whose
// schedule breaks the same check. The message has the schedule, too.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	c := fuzztest.Client{Programs: programs{ticketLock{wrong: blindRetry}.run}, Is: lockIs,
		Folder: dir}
	out := &failed{TB: t}
	fuzztest.Check(out, c)
	if !strings.HasPrefix(out.text, "Progress: ") ||
		!strings.Contains(out.text, "kept in "+dir) || !strings.Contains(out.text, "page.html") {
		t.Fatalf("it says %s", out.text)
	}
	text := make(map[string]string)
	for _, name := range []string{"schedule", "why.txt", "diagram.md", "trace.ndjson",
		"page.html"} {
		b, err := os.ReadFile(filepath.Join(dir, "fuzztest-Progress", name))
		if err != nil || len(b) == 0 {
			t.Errorf("%s has %d bytes: %v", name, len(b), err)
		}
		text[name] = string(b)
	}
	least := fuzztest.Parse(text["schedule"])
	if len(least.Plan) > 6 || len(least.Clients) > 2 || !strings.Contains(out.text, least.String()) {
		t.Errorf("shrunk to\n%s", text["schedule"])
	}
	again := &failed{TB: t}
	if fuzztest.Run(again, least, c); !strings.HasPrefix(again.text, "Progress: ") {
		t.Errorf("played again, it says %q", again.text)
	}
	if !strings.Contains(text["why.txt"], lockPath) ||
		!strings.Contains(text["diagram.md"], "sequenceDiagram") ||
		!strings.HasPrefix(text["page.html"], "<!doctype html>") {
		t.Errorf("why.txt:\n%s\ndiagram.md:\n%s", text["why.txt"], text["diagram.md"])
	}
}

// TestCovers: a success says what it covered, and is none if the program never did what it declares.
func TestCovers(t *testing.T) {
	out := &failed{TB: t}
	c := fuzztest.Client{Programs: programs{ticketLock{}.run}, Is: lockIs, Seeds: 5}
	if fuzztest.Check(out, c); out.text != "" {
		t.Errorf("a sound lock fails: %s", out.text)
	}
	for _, what := range []string{"5 schedules", "declared: a lock at /lock",
		"contention: the lock or leadership was held ",
		"elections: ", "sessions expired: ", "moved: ", "MutualExclusion in 5", "Progress in 5"} {
		if !strings.Contains(out.log, what) {
			t.Errorf("the log lacks %q:\n%s", what, out.log)
		}
	}
	for _, x := range []struct {
		run  func(*client.Proc)
		is   recipe.Recipe
		says string
	}{
		{func(p *client.Proc) { p.Sync("/") }, lockIs, "no program ever held /lock"},
		{func(p *client.Proc) { p.Sync("/"); p.Hold(""); p.LetGo() }, lockIs,
			"no program ever waited for /lock, so progress was not checked"},
		{func(p *client.Proc) { p.Sync("/"); p.Want(); p.Hold(""); p.LetGo() }, lockIs,
			"while another held it"},
		{func(p *client.Proc) { p.Sync("/") }, jobsIs, "no program ever took an item"},
		{func(p *client.Proc) { p.Sync("/") }, meetingIs, "no program ever passed the barrier"},
		{func(*client.Proc) {}, recipe.Recipe{}, "no call of any client succeeded"},
	} {
		out := &failed{TB: t}
		fuzztest.Check(out, fuzztest.Client{Programs: programs{x.run}, Is: x.is, Seeds: 2})
		if !strings.Contains(out.text, x.says) {
			t.Errorf("%v: it says %q, and not %q", x.is, out.text, x.says)
		}
	}
	out = &failed{TB: t}
	fuzztest.Check(out, fuzztest.Client{Programs: programs{noLock}, Is: recipe.Lock("lock")})
	if want := fmt.Sprintf("the declared lock at %q needs the path of a node", "lock"); !strings.Contains(out.text,
		want) {
		t.Errorf("it says %q, and not %q", out.text, want)
	}
}

// worker does jobs under the lock of package client, and writes to DB.
func worker(p *client.Proc) {
	client.Worker(client.Lock{Path: lockPath}, 0, func(p *client.Proc, h *client.Held) {
		rest(p)
		p.Use("DB", h.Token)
	})(p)
}

func queueUser(p *client.Proc) {
	for p.WaitConnected() {
		_ = client.Queue{Path: "/q"}.Put(p, nil)
		_, _ = client.Queue{Path: "/q"}.Take(p)
		rest(p)
	}
}

func barrierUser(p *client.Proc) {
	for p.WaitConnected() {
		if b := (client.Barrier{Path: "/b", Size: 2}); b.Enter(p) == nil {
			rest(p)
			_ = b.Leave(p)
			p.Sleep(sim.Never / 2)
		}
	}
}

func rwUser(p *client.Proc) {
	l := client.RWLock{Path: lockPath}
	for p.WaitConnected() {
		get := l.Read
		if p.Rand().Intn(2) == 0 {
			get = l.Write
		}
		if h, err := get(p); err == nil {
			rest(p)
			_ = h.Release()
		}
	}
}
