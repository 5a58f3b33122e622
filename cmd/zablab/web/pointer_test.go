package web

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/zablab/zablab/cmd/zablab/web/lzma"
)

// On the diagram, the wheel zooms where the pointer is, a drag moves the view, two fingers zoom, and a
// click goes to a moment, or to the event of a message.
func TestPointer(t *testing.T) {
	b := newBrowser(t)
	b.show(Page{Title: "The leader dies", Trace: tutorial(t)}, wide, "#e=400")
	for _, c := range []struct{ name, do string }{
		{"the wheel does not zoom at the pointer", `
  const u = at(.25), w = width()
  el.dispatchEvent(new WheelEvent('wheel', { deltaY: -400, clientX: x(.25), clientY: y, cancelable: true }))
  return width() < w * .6 && Math.abs(at(.25) - u) < w * .01`},
		{"the wheel with Shift does not move the view", `
  const { a } = lab.store.view, w = width()
  el.dispatchEvent(new WheelEvent('wheel', { deltaY: 200, shiftKey: true, clientX: x(.5), clientY: y, cancelable: true }))
  return lab.store.view.a > a && Math.abs(width() - w) < 1`},
		{"two fingers do not zoom", `
  const w = width(), p = (type, id, share) => el.dispatchEvent(new PointerEvent(type, { pointerId: id, pointerType: 'touch', clientX: x(share), clientY: y }))
  el.setPointerCapture = () => {}
  p('pointerdown', 11, .4)
  p('pointerdown', 12, .6)
  p('pointermove', 11, .2)
  p('pointermove', 12, .8)
  p('pointerup', 11, .2)
  p('pointerup', 12, .8)
  delete el.setPointerCapture
  return width() < w * .6`},
	} {
		if !eval[bool](b, `(async () => {
  const el = document.getElementById('space'), r = el.getBoundingClientRect(), left = 90, y = r.y + r.height / 2
  const x = share => r.x + left + share * (r.width - left - 8), width = () => lab.store.view.b - lab.store.view.a
  const at = share => lab.store.view.a + share * width()
  `+c.do+` })()`) {
			t.Error(c.name)
		}
		b.frame()
	}
	mid := b.middle("#space")
	before := eval[float64](b, `lab.store.view.a`)
	b.pull(mid, point{mid.X - 120, mid.Y})
	if after := eval[float64](b, `lab.store.view.a`); after <= before {
		t.Errorf("after a drag to the left the view begins at %g, not after %g", after, before)
	}
	pos := eval[int](b, `lab.store.pos`)
	if err := chromedp.Do(b.ctx, chromedp.MouseClickXY(mid.X+150, mid.Y)); err != nil {
		t.Fatal(err)
	}
	b.frame()
	if now := eval[int](b, `lab.store.pos`); now == pos {
		t.Errorf("a click leaves the page at event %d", now)
	}
}

// An engine that fails gives the report of a bug: what it said, and the run that it was asked for.
func TestEngineFails(t *testing.T) {
	b := newBrowser(t)
	p := Page{Title: "The leader dies", Trace: tutorial(t), Source: source(t, "the-leader-dies", 0, 1),
		Engine: lzma.Compress([]byte("this is no program"))}
	b.show(p, wide, "#e=400")
	eval[bool](b, `document.querySelector('#whatif [data-fork^="crash S3"]').click(), true`)
	if s := eval[string](b, done); !strings.Contains(s, "The engine failed.") {
		t.Errorf("the page says %q", s)
	}
	report := eval[string](b, `document.querySelector('.fault pre').textContent`)
	for _, want := range []string{"WebAssembly", `"seed":"0x1"`, "crash S3"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report has no %s: %.300s", want, report)
		}
	}
	if n := eval[int](b, `lab.store.runs.length`); n != 1 {
		t.Errorf("%d runs are on screen", n)
	}
}
