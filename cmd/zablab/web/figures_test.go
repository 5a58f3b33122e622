package web

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/zablab/zablab/cmd/zablab/web/fork"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
)

var figures = flag.Bool("figures", false, "measure the page of a run of 100,000 events")

// large is a document whose run has at least 100,000 events, and the trace of it: 8 clients of 5 servers
// set 40 nodes.
func large(t *testing.T) (text string, run []byte) {
	t.Helper()
	var d strings.Builder
	d.WriteString("sequenceDiagram\ntitle A large run\n%% lab: servers=5\n")
	for i := range 40 {
		fmt.Fprintf(&d, "A->>ZK: create /n%d = 0\n", i)
	}
	for i := range 1600 {
		fmt.Fprintf(&d, "%c->>ZK: set /n%d to %d\n", 'A'+i%8, i%40, i)
		if i%400 == 200 {
			d.WriteString("Note over ZK: the leader crashes\nNote over ZK: restarts\n")
		}
	}
	doc, err := diagram.Parse("large.mmd", []byte(d.String()))
	if err != nil {
		t.Fatal(err)
	}
	s, err := script.Compile(doc, script.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenarios.Replay(s, scenarios.Options{Keep: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Worlds[0].Close()
	var b bytes.Buffer
	if err := r.Worlds[0].WriteTrace(&b); err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(b.Bytes(), []byte("\n{\"i\":")); n < 100_000 {
		t.Fatalf("the run has %d events only", n)
	}
	return d.String(), b.Bytes()
}

// processor is the time that the page's main thread has used of the processor, in s: on a shared
// machine it says more than the time that passed.
func (b *browser) processor() float64 {
	b.Helper()
	r, err := chromedp.Call(b.ctx, performance.GetMetrics, cdp.Empty{})
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range r.Metrics {
		if m.Name == "TaskDuration" {
			return m.Value
		}
	}
	b.Fatal("the browser does not measure its tasks")
	return 0
}

// TestFigures measures the page of a run of 100,000 events. It has no bounds: figures of a shared
// machine are no test.
//
//	go test ./cmd/zablab/web -run TestFigures -figures -v
func TestFigures(t *testing.T) {
	if !*figures {
		t.Skip("no figures asked for: -figures")
	}
	doc, text := large(t)
	b := newBrowser(t)
	program, err := engine()
	if err != nil {
		t.Fatal(err)
	}
	p := Page{Title: "A large run", Trace: text}
	without := len(page(t, p))
	p.Source, p.Engine = &fork.Source{Name: "large.mmd", Text: doc}, program
	b.show(p, wide, "")
	t.Logf("%s", load())
	t.Logf("%d events, %d messages; trace %.1f MB, page %.2f MB, with the engine %.2f MB",
		eval[int](b, `lab.store.h.events.length`), eval[int](b, `lab.store.h.messages.length`),
		float64(len(text))/1e6, float64(without)/1e6, float64(len(page(t, p)))/1e6)
	b.loads()
	b.redraws()
	b.heap("")
	b.open(wide, "")
	b.plays()
	b.forks()
	b.heap(", with three forks of the same size")
}

// load is how busy the machine is.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "load of the machine unknown"
	}
	return fmt.Sprintf("%d processors; load of the machine %s", goruntime.NumCPU(), strings.TrimSpace(string(text)))
}

// burnt is the time that the browser, all its processes and threads together, has used of the
// processors, in s. It grows less than the time that passes when the machine is busy elsewhere.
func (b *browser) burnt() float64 {
	b.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	parents, ticks := make(map[int]int), make(map[int]int)
	for _, name := range stats {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // the process has ended
		}
		pid, rest, _ := strings.Cut(string(text), " ")
		rest = rest[strings.LastIndex(rest, ")")+1:]
		f := strings.Fields(rest) // state, parent, …; the times are the 12th and the 13th
		id, _ := strconv.Atoi(pid)
		parents[id], _ = strconv.Atoi(f[1])
		user, _ := strconv.Atoi(f[11])
		system, _ := strconv.Atoi(f[12])
		ticks[id] = user + system
	}
	sum := 0
	for id, n := range ticks {
		for up := parents[id]; up > 1; up = parents[up] {
			if up == os.Getpid() {
				sum += n
				break
			}
		}
	}
	return float64(sum) / 100 // ticks a second, on Linux
}

// watchTasks counts the tasks of the main thread that take more than 50 ms from the first frame on.
const watchTasks = `(() => {
  lab.tasks = []
  new PerformanceObserver(list => lab.tasks.push(...list.getEntries().filter(e => e.startTime > lab.first).map(e => Math.round(e.duration)))).observe({ type: 'longtask', buffered: true })
  return true })()`

// tasks returns those that were counted since it was called last.
func (b *browser) tasks() string {
	b.Helper()
	list := eval[[]int](b, `new Promise(done => setTimeout(() => { done(lab.tasks); lab.tasks = [] }, 100))`)
	if len(list) == 0 {
		return "no task of the main thread over 50 ms"
	}
	return fmt.Sprintf("%d tasks of the main thread over 50 ms: %d ms", len(list), list)
}

// loads measures how long the page takes to its first frame, and to have verified every hash.
func (b *browser) loads() {
	b.Helper()
	var loads []float64
	for range 5 {
		b.open(wide, "")
		loads = append(loads, eval[float64](b, `lab.first`))
	}
	eval[bool](b, watchTasks)
	verified := eval[float64](b, `new Promise(done => { const look = () => lab.store.verified ? done(performance.now()) : setTimeout(look, 5); look() })`)
	slices.Sort(loads)
	b.Logf("load to first frame: median %.0f ms of 5 (%.0f to %.0f); all hashes verified after %.0f ms, %s",
		loads[2], loads[0], loads[4], verified, b.tasks())
}

// redraws measures how long the page takes to draw random moments, with a part of the run and with
// all of it in view.
func (b *browser) redraws() {
	b.Helper()
	_, err := chromedp.Call(b.ctx, performance.Enable, performance.EnableParams{TimeDomain: "threadTicks"})
	if err != nil {
		b.Fatal(err)
	}
	for _, m := range []struct{ name, view string }{
		{"260 ms in view", ``}, {"whole run in view", `lab.whole()`},
	} {
		used := b.processor()
		list := eval[[]float64](b, `(async () => {
  `+m.view+`
  const frame = () => new Promise(done => requestAnimationFrame(done)), list = []
  let seed = 7
  for (let i = 0; i < 240; i++) {
    seed = (seed * 1664525 + 1013904223) % 4294967296
    if (i % 20 === 0) await frame()
    lab.seek(seed / 4294967296 * lab.store.h.end)
    const began = performance.now()
    lab.draw()
    list.push(performance.now() - began)
  }
  return list.sort((a, b) => a - b)
})()`)
		used = b.processor() - used
		b.Logf("redraw, %s: median %.1f ms, p95 %.1f ms of 240 random seeks; of the processor, mean %.1f ms",
			m.name, list[120], list[228], used*1000/240)
	}
	if s := eval[string](b, `document.getElementById('zoom').textContent`); !strings.Contains(s, "drawn as activity") {
		b.Errorf("the whole run is shown as %q", s)
	}
}

// heap measures what the page keeps.
func (b *browser) heap(with string) {
	b.Helper()
	if _, err := chromedp.Call(b.ctx, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
		b.Fatal(err)
	}
	heap, err := chromedp.Call(b.ctx, runtime.GetHeapUsage, cdp.Empty{})
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("heap after a collection%s: %.0f MB", with, heap.UsedSize/1e6)
}

// plays measures the frames of a run that plays, and of one that a reader scrubs.
func (b *browser) plays() {
	b.Helper()
	eval[bool](b, watchTasks)
	b.Logf("the page is open and verified: %s", func() string {
		eval[bool](b, `new Promise(done => { const look = () => lab.store.verified ? done(true) : setTimeout(look, 5); look() })`)
		return b.tasks()
	}())
	for _, m := range []struct{ name, before, each string }{
		{"play at 1/8, 260 ms in view", `lab.seek(lab.store.h.end * .4); lab.store.bets = false; lab.store.speed = 3; document.querySelector('.play').click()`, ``},
		{"play at 1, 260 ms in view", `lab.store.speed = 5; lab.store.playing || document.querySelector('.play').click()`, ``},
		{"play at 1, whole run in view", `lab.seek(lab.store.h.end * .1); lab.whole(); lab.store.playing || document.querySelector('.play').click()`, ``},
		{"scrub, a random moment a frame", `lab.store.playing && document.querySelector('.play').click()`,
			`seed = (seed * 1664525 + 1013904223) % 4294967296; lab.seek(seed / 4294967296 * lab.store.h.end)`},
	} {
		began, main := b.burnt(), b.processor()
		got := eval[[]float64](b, `(async () => {
  `+m.before+`
  const frame = () => new Promise(done => requestAnimationFrame(done)), gaps = []
  let seed = 7
  for (let i = 0; i < 20; i++) await frame()
  let last = await frame(), began = last
  while (last - began < 4000) {
    `+m.each+`
    const now = await frame()
    gaps.push(now - last)
    last = now
  }
  gaps.sort((a, b) => a - b)
  return [gaps.length * 1000 / (last - began), gaps[Math.floor(gaps.length * .95)], lab.store.playing ? 1 : 0, gaps.length + 21]
})()`)
		if plays := strings.HasPrefix(m.name, "play"); plays != (got[2] == 1) {
			b.Errorf("%s: the run plays: %t", m.name, !plays)
		}
		frames := got[3]
		b.Logf("%s: %.1f frames a second, 95 %% within %.1f ms; of the processor, %.1f ms a frame, of them %.1f ms of the main thread; %s",
			m.name, got[0], got[1], (b.burnt()-began)*1000/frames, (b.processor()-main)*1000/frames, b.tasks())
	}
	eval[bool](b, `lab.store.playing && document.querySelector('.play').click(), true`)
}

// forks measures how long the engine in the page takes to play the run again, from the click until both
// runs are on screen, and when the bar of progress appears.
func (b *browser) forks() {
	b.Helper()
	for i := range 3 {
		used, main := b.burnt(), b.processor()
		got := eval[[]float64](b, `(async () => {
  const frame = () => new Promise(done => requestAnimationFrame(done)), runs = lab.store.runs.length
  document.querySelector('[data-run="0"]')?.click()
  lab.seek(lab.store.h.end * .9)
  await frame(); await frame()
  const began = performance.now()
  let bar = -1
  document.querySelector('#whatif [data-fork^="crash"]').click()
  while (lab.store.runs.length === runs && !lab.store.fault) {
    await frame()
    if (bar < 0 && document.querySelector('#runs progress')) bar = performance.now() - began
  }
  await frame()
  return [performance.now() - began, bar, lab.store.runs.at(-1).h.events.length]
})()`)
		name := "another fork"
		if i == 0 {
			name = "the first fork, with the engine to unpack and compile"
		}
		used, main = b.burnt()-used, b.processor()-main
		b.Logf("%s: %.0f ms for %.0f events, the bar after %.0f ms; of the processor, %.0f ms, of them %.0f ms of the main thread; %s",
			name, got[0], got[2], got[1], used*1000, main*1000, b.tasks())
		if s := eval[string](b, `lab.store.fault?.text ?? ''`); s != "" {
			b.Fatal(s)
		}
	}
}
