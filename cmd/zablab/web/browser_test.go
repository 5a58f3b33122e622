package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/zab/flaw"
)

// browser is a headless Chromium with an empty profile. The test fails if a page logs anything, or
// asks for any address but its own.
type browser struct {
	*testing.T
	ctx     context.Context
	file    string // the page that is open
	forgive string // what the browser may say
}

// chromium is the one Chromium that all tests of the package share. Each test has a tab.
var chromium struct {
	once sync.Once
	ctx  context.Context
	stop []context.CancelFunc
	why  string // there is none
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, stop := range slices.Backward(chromium.stop) {
		stop()
	}
	os.Exit(code)
}

func startChromium() {
	c := &chromium
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil && path == "" {
			path = p
		}
	}
	if path == "" {
		c.why = "there is no Chromium: install Debian's chromium"
		return
	}
	dir, err := os.MkdirTemp("", "zablab-web-")
	if c.err = err; err != nil {
		return
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(dir),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	if !*figures { // compiling the engine twice takes longer than the runs of the tests
		options = append(options, chromedp.Flag("js-flags", "--no-wasm-tier-up"))
	}
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stopBrowser := chromedp.NewContext(allocated)
	c.stop = []context.CancelFunc{func() { os.RemoveAll(dir) }, stop, stopBrowser}
	c.ctx, c.err = ctx, chromedp.Do(ctx)
}

// newBrowser opens a tab, and lets the test run beside others.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no browser is started")
	}
	if !*figures {
		t.Parallel()
	}
	chromium.once.Do(startChromium)
	if chromium.why != "" {
		t.Skip(chromium.why)
	}
	if chromium.err != nil {
		t.Fatal(chromium.err)
	}
	limit := 4 * time.Minute
	if *figures || *shots != "" {
		limit = 20 * time.Minute
	}
	limited, stop := context.WithTimeout(chromium.ctx, limit)
	t.Cleanup(stop)
	ctx, stop := chromedp.NewContext(limited)
	t.Cleanup(stop)
	b := &browser{T: t, ctx: ctx}
	var mu sync.Mutex
	var said []string
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			said = append(said, "console: "+string(e.Type))
		case *runtime.EventExceptionThrown:
			text := fmt.Sprintf("exception: %+v", e.ExceptionDetails)
			if x := e.ExceptionDetails.Exception; x != nil {
				text += " " + x.Description
			}
			said = append(said, text)
		case *log.EventEntryAdded:
			said = append(said, "log: "+e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if !ownAddress.MatchString(e.Request.URL) {
				said = append(said, "request: "+e.Request.URL)
			}
		}
	})
	if err == nil {
		_, err = chromedp.Call(ctx, emulation.SetFocusEmulationEnabled,
			emulation.SetFocusEmulationEnabledParams{Enabled: true})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		mu.Lock()
		defer mu.Unlock()
		for _, s := range said {
			if b.forgive == "" || !strings.Contains(s, b.forgive) {
				t.Errorf("the browser says: %s", s)
			}
		}
	})
	return b
}

// ownAddress matches the addresses that a page may ask for: its file, its modules, its worker, a
// server on loopback.
var ownAddress = regexp.MustCompile(`^(file:|data:|blob:|http://127\.0\.0\.1:)`)

// look says how a window looks.
type look struct {
	width, height int64
	scheme        string // light or dark
	still         bool   // the reader wants no movement
}

var wide = look{width: 1440, height: 900, scheme: "light"}

// show opens a page of a trace in a window, at the moment that the link names.
func (b *browser) show(p Page, l look, link string) {
	b.Helper()
	b.file = filepath.Join(b.TempDir(), "page.html")
	if err := os.WriteFile(b.file, []byte(page(b.T, p)), 0o644); err != nil {
		b.Fatal(err)
	}
	b.open(l, link)
}

// open opens the page that is open again.
func (b *browser) open(l look, link string) {
	b.Helper()
	motion := "no-preference"
	if l.still {
		motion = "reduce"
	}
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme},
			{Name: "prefers-reduced-motion", Value: motion}}})
	if err == nil {
		err = chromedp.Do(b.ctx, chromedp.EmulateViewport(l.width, l.height),
			chromedp.Navigate("about:blank"), chromedp.Navigate("file://"+b.file+link))
	}
	if err != nil {
		b.Fatal(err)
	}
	b.settle()
}

// settle waits until the page has drawn what it has to draw: a run, or what is wrong with it.
func (b *browser) settle() {
	b.Helper()
	eval[bool](b, `new Promise(done => {
  const look = () => globalThis.lab && (lab.store.h || !document.getElementById('banner').hidden) &&
    document.getElementById('load').hidden ? requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true), 60))) : setTimeout(look, 5)
  look()
})`)
}

// eval evaluates an expression in the page. If its value is a promise, it waits for it.
func eval[T any](b *browser, js string) T {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %v", js, err)
	}
	return v
}

// press presses keys, and waits for the frame after.
func (b *browser) press(keys string, options ...chromedp.KeyOption) {
	b.Helper()
	if err := chromedp.Do(b.ctx, chromedp.KeyEvent(keys, options...)); err != nil {
		b.Fatal(err)
	}
	eval[bool](b, `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))`)
}

// load opens other traces in the page, as if they were dropped on it.
func (b *browser) load(text []byte) {
	b.Helper()
	eval[bool](b, `(async () => { lab.store.h = null; document.getElementById('banner').hidden = true
  await lab.open(Uint8Array.from(atob("`+base64.StdEncoding.EncodeToString(text)+`"), c => c.charCodeAt(0)), {}); return true })()`)
	b.settle()
}

// At 200 random positions of every trace, the state in the page is that of the Go package, to the
// byte, whatever position was visited before.
func TestFold(t *testing.T) {
	b := newBrowser(t)
	list := [][]byte{last(traces(t, "discovery-and-synchronisation", 5))}
	if *all {
		list = append(list, failure(t, 7, flaw.None), failure(t, 9, flaw.None))
		for seed, chapter := range []string{"the-leader-dies", "why-consensus", "two-leaders",
			"elections-inside", "discovery-and-synchronisation"} {
			list = append(list, traces(t, chapter, uint64(seed+1))...)
		}
	}
	b.show(Page{Trace: list[0]}, wide, "")
	for k, text := range list {
		b.load(text)
		run, err := trace.NewReader("t", bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		size := 0
		for run.Next() {
			size++
		}
		r := rand.New(rand.NewPCG(1, uint64(k)))
		positions := make([]int, 200)
		for i := range positions {
			positions[i] = r.IntN(size + 1)
		}
		states := statesAt(t, text, positions)
		got := eval[[]string](b, fmt.Sprintf(`%s.map(i => lab.state(i))`,
			strings.ReplaceAll(fmt.Sprint(positions), " ", ",")))
		for i, pos := range positions {
			if got[i] != states[pos] {
				t.Fatalf("trace %d, %s, after %d events: the page has\n%s\nwant\n%s", k,
					run.Header.Scenario, pos, got[i], states[pos])
			}
		}
		if !eval[bool](b, `new Promise(done => { const look = () => lab.store.verified || lab.store.trouble?.kind === 'bad' ? done(!lab.store.hidden) : setTimeout(look, 5); look() })`) {
			t.Errorf("trace %d: the page says that its states are wrong", k)
		}
	}
}

// statesAt returns the canonical states of a run after some numbers of events.
func statesAt(t *testing.T, text []byte, positions []int) map[int]string {
	t.Helper()
	run, err := trace.NewReader("t", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	states := map[int]string{0: trace.NewState(run.Header.Nodes).Canonical()}
	for n := 1; run.Next(); n++ {
		if slices.Contains(positions, n) {
			states[n] = run.State().Canonical()
		}
	}
	return states
}

// The page of every kind of failure opens, offers nothing to fetch, and shows the blamed event.
func TestBlame(t *testing.T) {
	b := newBrowser(t)
	bug, _ := flaw.Find("setwatches.no-compare")
	text := failure(t, 1, bug.Flaw)
	run, err := trace.Read("t", bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	b.show(Page{Title: "failure", Trace: text}, wide, "")
	want := run.End.Broken[0]
	for _, x := range slices.Backward(run.End.Broken) {
		if x.Step >= 0 {
			want.Step = x.Step // of the first that knows where it breaks
		}
	}
	if got := eval[int64](b, `lab.store.pos - 1`); got != want.Step {
		t.Errorf("the page opens at step %d, not at %d, where %s breaks", got, want.Step, want.Name)
	}
	for _, id := range []string{"chip", "banner", "verdict"} {
		if s := eval[string](b, `document.getElementById('`+id+`').textContent`); !strings.Contains(s, want.Name) {
			t.Errorf("%s says %q, without %s", id, s, want.Name)
		}
	}
	if eval[bool](b, `document.getElementById('chip').textContent.includes('✓')`) {
		t.Error("a broken run has a ✓")
	}
	b.forgive = "Content Security Policy"
	if eval[bool](b, `fetch('data:text/plain,x').then(() => true, () => false)`) {
		t.Error("the page can fetch")
	}
}

// Whatever is wrong with a trace, the page says so, and shows no run that is not there.
func TestBrokenInput(t *testing.T) {
	b := newBrowser(t)
	text := tutorial(t)
	lines := bytes.SplitAfter(text, []byte("\n"))
	edit := func(i int, old, to string) []byte {
		l := slices.Clone(lines)
		if !bytes.Contains(l[i], []byte(old)) {
			t.Fatalf("line %d has no %s", i+1, old)
		}
		l[i] = bytes.Replace(l[i], []byte(old), []byte(to), 1)
		return bytes.Join(l, nil)
	}
	long := traces(t, "why-consensus", 1)[1] // it has an event of kind check
	check := bytes.Index(long, []byte(`"k":"check"`))
	hash := check + bytes.Index(long[check:], []byte(`"hash":"`)) + len(`"hash":"`)
	wrong := slices.Clone(long)
	if wrong[hash]++; wrong[hash] > '9' {
		wrong[hash] = '0'
	}
	b.show(Page{Trace: text}, wide, "")
	for _, c := range []struct {
		name  string
		text  []byte
		shows bool // the run, or a part of it
		says  string
	}{
		{"empty", []byte(" \n"), false, "The file is empty"},
		{"no trace", []byte("%PDF-1.4 </script><b>x"), false, "This is not a trace"},
		{"schema", edit(0, "trace/1", "trace/9"), false, "this page reads zablab.trace/1"},
		{"no nodes", edit(0, `"nodes"`, `"knots"`), false, "no list of nodes"},
		{"not JSON", edit(5, `{"i"`, `{i`), false, "Line 6 is not JSON"},
		{"gap", edit(5, `"i":4`, `"i":5`), false, "event 5 where event 4 should be: 1 event is missing"},
		{"time", edit(40, `"t":`, `"t":-`), false, "time goes back"},
		{"cause", edit(10, `"c":`, `"c":9`), false, "is not earlier"},
		{"cut off", text[:len(text)/2], true, "This file was cut off"},
		{"cut off in the header", lines[0][:200], false, "This is not a trace"},
		{"changed", edit(30, `"say":"`, `"say":"x`), true, "This trace was changed"},
		{"lines lost", bytes.Join(slices.Concat(lines[:400], lines[len(lines)-3:]), nil), false,
			"changed"},
		{"wrong hash", wrong, true, "would show a wrong state"},
	} {
		b.load(c.text)
		eval[bool](b, `new Promise(done => { // until the file is verified
  const until = performance.now() + 60_000
  const look = () => !lab.store.h || lab.store.verified || lab.store.trouble?.kind === 'bad' || lab.store.h.run.cutOff || performance.now() > until ? setTimeout(() => done(true), 60) : setTimeout(look, 5)
  look() })`)
		says := eval[string](b, `document.getElementById('banner').hidden ? '' : document.getElementById('banner').textContent`)
		shows := eval[bool](b, `!document.getElementById('app').hidden`)
		if !strings.Contains(says, c.says) || shows != c.shows {
			t.Errorf("%s: shows a run: %t, want %t; says %q, want %q", c.name, shows, c.shows, says,
				c.says)
		}
		if c.name == "wrong hash" && eval[string](b, `getComputedStyle(document.getElementById('stage')).visibility`) != "hidden" {
			t.Error("a wrong state is shown")
		}
		if c.name == "cut off" && eval[bool](b, `document.getElementById('chip').textContent.includes('✓')`) {
			t.Errorf("%s: the verdict has a ✓", c.name)
		}
	}
	if !*all {
		return
	}
	huge := eval[string](b, `(async () => {
  const parts = ['{"schema":"zablab.trace/1","engine":{},"scenario":"s","title":"t","seed":"0x1","nodes":[]}\n']
  for (let i = 0; i < 1000001; i++) parts.push('{"i":' + i + ',"t":0,"n":"net","k":"x","say":""}\n')
  lab.store.h = null
  await lab.open(new TextEncoder().encode(parts.join('')), {})
  return document.getElementById('banner').textContent })()`)
	if !strings.Contains(huge, "too large") || !strings.Contains(huge, "trace trim") {
		t.Errorf("1,000,001 events: the page says %q", huge)
	}
}

// Text of a trace is text: HTML, the end of a script, bidi characters, a value of a megabyte.
func TestTextIsText(t *testing.T) {
	b := newBrowser(t)
	evil := `</script><img src=x onerror="document.title='evil'">` + "\u202egnp.exe"
	var out bytes.Buffer
	w := trace.NewWriter(&out, &trace.Header{Title: evil, Scenario: evil, Seed: 1,
		Nodes: []trace.Node{{ID: "S1", Kind: "server"}, {ID: evil, Kind: "client", Home: "S1"}},
		Why:   []trace.Explanation{{Key: "w", Text: evil}}})
	role, data := "leading", evil+strings.Repeat("x<b>", 1<<18)
	epoch, watch := uint32(1), &trace.WatchChange{Set: true, Path: "/" + evil, Client: evil}
	for i, p := range []trace.Patch{{Role: role, Epoch: &epoch},
		{Tree: []trace.TreeChange{{Path: "/" + evil, Data: data, Owner: evil, Cz: "1/1", Mz: "1/1"}}},
		{Log: &trace.Record{Z: "1/1", Op: evil}}, {Watch: watch}} {
		w.Add(&trace.Event{I: int64(i), T: int64(i), N: "S1", K: "note", Cause: -1, Patch: p,
			Say: evil[:40], Why: "w", Key: "call", Drawn: evil})
	}
	end := trace.End{Drawn: []trace.Diagram{{Title: evil, Rows: []trace.Row{{From: evil, To: "S1",
		Text: evil, Verdict: "never", Says: evil, At: -1, Step: -1}}}},
		Broken: []trace.Broken{{Name: evil, Text: evil, Step: 3}}}
	if err := w.End(&end, nil); err != nil {
		t.Fatal(err)
	}
	b.show(Page{Title: evil, Trace: out.Bytes()}, wide, "")
	for _, js := range []string{`document.querySelectorAll('img').length`,
		`document.title === 'evil' ? 1 : 0`, `[...document.querySelectorAll('b')].filter(e => e.textContent === '').length`} {
		if n := eval[int](b, js); n != 0 {
			t.Errorf("%s = %d: text of a trace became HTML", js, n)
		}
	}
	if !strings.Contains(eval[string](b, `document.getElementById('tree').textContent`), "</script>") {
		t.Error("the tree does not show its data as text")
	}
	if n := eval[int](b, `document.body.innerHTML.replace(/<script[^]*?<\/script>/g, '').length`); n > 100_000 {
		t.Errorf("a value of a megabyte makes a page of %d bytes", n)
	}
}
