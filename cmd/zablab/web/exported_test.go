package web

// This file has what the tests of the site, in another package, need.

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Tab is a tab of the browser.
type Tab = *browser

// NewBrowser opens a tab.
func NewBrowser(t *testing.T) *browser { return newBrowser(t) }

// Eval is [eval].
func Eval[T any](b *browser, js string) T { return eval[T](b, js) }

// Shoot takes pictures of the page that is open, at two sizes, light and dark, for people to look at.
func (b *browser) Shoot(name string) {
	b.Helper()
	if *shots == "" {
		return
	}
	for _, l := range []look{wide, {1440, 900, "dark", false}, {390, 844, "light", false}, {390, 844, "dark", false}} {
		b.Scheme(l.scheme)
		if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(l.width, l.height)); err != nil {
			b.Fatal(err)
		}
		eval[bool](b, `new Promise(done => setTimeout(() => done(true), 200))`)
		if l.width > 820 { // pages of prose are longer than a window; a run is exactly one
			l.height = max(l.height, min(12_000, eval[int64](b, `document.documentElement.scrollHeight`)))
			if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(l.width, l.height)); err != nil {
				b.Fatal(err)
			}
			eval[bool](b, `new Promise(done => setTimeout(() => done(true), 200))`)
		}
		b.picture(name, l)
	}
	if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(wide.width, wide.height)); err != nil {
		b.Fatal(err)
	}
	// A frame is drawn only when it is on screen.
	if !eval[bool](b, `(() => { const f = document.querySelector('iframe[src]'); f?.scrollIntoView(); return Boolean(f) })()`) {
		return
	}
	eval[bool](b, `new Promise(done => setTimeout(() => done(true), 4000))`)
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(*shots, name+"-run.png"), picture, 0o644)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// Scheme sets the colours that the reader wants: light or dark.
func (b *browser) Scheme(scheme string) {
	b.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}); err != nil {
		b.Fatal(err)
	}
}

// Press presses keys, and waits for the frame after.
func (b *browser) Press(keys string) { b.press(keys) }

// Click clicks a place in the window, which an expression returns as {X, Y} when there is one.
func (b *browser) Click(place string) {
	b.Helper()
	p := eval[point](b, `new Promise(done => { const look = () => { const p = (() => `+place+`)(); p ? done(p) : setTimeout(look, 30) }; look() })`)
	err := chromedp.Do(b.ctx, chromedp.MouseClickXY(p.X, p.Y))
	if err != nil {
		b.Fatal(err)
	}
}

// Visit opens an address in a wide window, and waits until it is loaded.
func (b *browser) Visit(address string) {
	b.Helper()
	err := chromedp.Do(b.ctx, chromedp.EmulateViewport(wide.width, wide.height),
		chromedp.Navigate("about:blank"), chromedp.Navigate(address))
	if err != nil {
		b.Fatal(err)
	}
	eval[bool](b, `new Promise(done => document.readyState === 'complete' ? done(true) : addEventListener('load', () => done(true)))`)
}

// Look reports what is wrong with a page for readers of screens, keyboards and narrow windows.
func (b *browser) Look(t *testing.T, name string) {
	t.Helper()
	for _, width := range []int64{1440, 390} {
		if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 844)); err != nil {
			t.Fatal(err)
		}
		if w := eval[int64](b, `document.documentElement.scrollWidth`); w > width {
			t.Errorf("%s is %d px wide in a window of %d", name, w, width)
		}
		axe, err := os.ReadFile("dev/node_modules/axe-core/axe.min.js")
		if err != nil || !*all && (width > 400 || !slices.Contains([]string{"a chapter after the bet",
			"exercise 2", "exercises"}, name)) {
			continue
		}
		eval[bool](b, string(axe)+`;true`)
		for _, f := range eval[[]string](b, `axe.run(document, { iframes: false, preload: false }).then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 150) + ' ' + n.failureSummary)))`) {
			t.Errorf("%s, %d px: %s", name, width, f)
		}
	}
}

// Shots returns the folder for pictures, or "" if nobody wants any.
func Shots() string { return *shots }

// Figures reports whether figures are asked for.
func Figures() bool { return *figures }
