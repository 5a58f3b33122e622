package web

import (
	"bytes"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
)

var figures = flag.Bool("figures", false, "measure the page of a run of 100,000 events")

// large is the trace of a run with at least 100,000 events: 8 clients of 5 servers set 40 nodes.
func large(t *testing.T) []byte {
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
	return b.Bytes()
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
func TestFigures(t *testing.T) {
	if !*figures {
		t.Skip("no figures asked for: -figures")
	}
	text := large(t)
	b := newBrowser(t)
	p := Page{Title: "A large run", Trace: text}
	b.show(p, wide, "")
	var loads []float64
	for range 5 {
		b.open(wide, "")
		loads = append(loads, eval[float64](b, `lab.first`))
	}
	verified := eval[float64](b, `new Promise(done => { const look = () => lab.store.verified ? done(performance.now()) : setTimeout(look, 5); look() })`)
	label := func(view string) []float64 {
		return eval[[]float64](b, `(async () => {
  `+view+`
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
	}
	_, err := chromedp.Call(b.ctx, performance.Enable, performance.EnableParams{TimeDomain: "threadTicks"})
	if err != nil {
		t.Fatal(err)
	}
	used := []float64{b.processor()}
	near := label(``)
	used = append(used, b.processor())
	far := label(`lab.whole()`)
	used = append(used, b.processor())
	if s := eval[string](b, `document.getElementById('zoom').textContent`); !strings.Contains(s, "drawn as activity") {
		t.Errorf("the whole run is shown as %q", s)
	}
	if _, err = chromedp.Call(b.ctx, heapprofiler.CollectGarbage, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	heap, err := chromedp.Call(b.ctx, runtime.GetHeapUsage, cdp.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(loads)
	t.Logf("%d events, %d messages; trace %.1f MB, page %.2f MB", eval[int](b, `lab.store.h.events.length`),
		eval[int](b, `lab.store.h.messages.length`), float64(len(text))/1e6, float64(len(page(t, p)))/1e6)
	t.Logf("load to first frame: median %.0f ms of 5 (%.0f to %.0f); all hashes verified after %.0f ms",
		loads[2], loads[0], loads[4], verified)
	for _, m := range []struct {
		name string
		list []float64
		used float64 // s
	}{{"260 ms in view", near, used[1] - used[0]}, {"whole run in view", far, used[2] - used[1]}} {
		t.Logf("redraw, %s: median %.1f ms, p95 %.1f ms of 240 random seeks; of the processor, mean %.1f ms",
			m.name, m.list[120], m.list[228], m.used*1000/240)
	}
	t.Logf("heap after a collection: %.0f MB", heap.UsedSize/1e6)
}
