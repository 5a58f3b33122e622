package report

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// layoutFaults lists the faults of a layout that a person would see: text that is cut off, overlaps
// other text, or is too small, and a page wider than its window.
const layoutFaults = `(() => {
  const found = [], texts = [], wide = innerWidth
  if (document.documentElement.scrollWidth > wide) found.push('the page is ' + document.documentElement.scrollWidth + ' wide')
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode, el = node.parentElement, text = node.data.trim()
    if (!text || el.closest('.hidden,.store,title,desc') || !el.checkVisibility({checkVisibilityCSS: true})) continue
    const size = parseFloat(getComputedStyle(el).fontSize)
    if (size < 11) found.push(text + ': ' + size + 'px')
    const scroll = el.closest('.scroll')
    const range = document.createRange()
    range.selectNodeContents(node)
    const rects = el.closest('svg') ? [el.getBoundingClientRect()] : range.getClientRects()
    for (let r of rects) {
      if (!r.width) continue
      let box = {l: r.left, r: r.right, t: r.top + r.height * .2, b: r.bottom - r.height * .2, text, el}
      if (scroll) {
        const s = scroll.getBoundingClientRect()
        box.l = Math.max(box.l, s.left), box.r = Math.min(box.r, s.right)
        if (box.r <= box.l) continue
      } else if (box.l < -.5 || box.r > wide + .5) found.push(text + ': from ' + box.l + ' to ' + box.r)
      const card = el.closest('.card')
      if (card && !scroll) {
        const c = card.getBoundingClientRect()
        if (box.l < c.left || box.r > c.right) found.push(text + ': outside its card')
      }
      texts.push(box)
    }
  }
  texts.sort((a, b) => a.t - b.t)
  for (let i = 0; i < texts.length; i++)
    for (let j = i + 1; j < texts.length && texts[j].t < texts[i].b; j++) {
      const a = texts[i], b = texts[j]
      if (a.el !== b.el && Math.min(a.r, b.r) - Math.max(a.l, b.l) > 1 && Math.min(a.b, b.b) - Math.max(a.t, b.t) > 1)
        found.push(a.text + ' lies on ' + b.text)
    }
  return found.concat(texts.length < 100 ? ['only ' + texts.length + ' texts'] : [])
})()`

// browser opens a headless Chromium, or skips the test. complaints returns what the browser has
// logged about a page.
func browser(t *testing.T) (ctx context.Context, complaints func() []string) {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil && path == "" {
			path = p
		}
	}
	if path == "" {
		t.Skip("there is no Chromium: install Debian's chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	limited, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(stop)
	allocated, stop := chromedp.NewExecAllocator(limited, options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(allocated)
	t.Cleanup(stop)
	var mu sync.Mutex
	var said []string
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			said = append(said, "console: "+string(e.Type))
		case *runtime.EventExceptionThrown:
			said = append(said, "exception: "+e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			said = append(said, "log: "+e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, "file:") {
				said = append(said, "request: "+e.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return ctx, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return said
	}
}

// look opens a file in a window of this width, and returns the faults of its layout.
func look(ctx context.Context, file string, width int64, scheme string) ([]string, error) {
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	if err != nil {
		return nil, err
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900),
		chromedp.Navigate("file://"+file)); err != nil {
		return nil, err
	}
	return chromedp.Run(ctx, chromedp.Evaluate[[]string](layoutFaults))
}

// TestInABrowser opens the page from a file, in wide and narrow windows, light and dark, with every
// table open. ZABLAB_SCREENSHOTS=DIR keeps pictures; ZABLAB_PAGE=FILE checks another page.
func TestInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no browser is started")
	}
	ctx, complaints := browser(t)
	dir := t.TempDir()
	page := func(name string, r *Report) string {
		var b bytes.Buffer
		if err := r.Write(&b); err != nil {
			t.Fatal(err)
		}
		// Check the hidden parts too.
		text := strings.ReplaceAll(b.String(), "<details>", "<details open>")
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	file, other := os.Getenv("ZABLAB_PAGE"), ""
	if file == "" {
		file, other = page("report.html", sample(t)), page("drawn.html", drawn())
	}
	backgrounds := map[string]string{}
	for _, w := range []struct {
		file   string
		width  int64
		scheme string
	}{
		{file, 1440, "light"}, {file, 1440, "dark"}, {file, 820, "light"}, {file, 390, "light"},
		{file, 360, "dark"}, {other, 1440, "light"}, {other, 360, "dark"},
	} {
		file := w.file
		if file == "" {
			continue
		}
		faults, err := look(ctx, file, w.width, w.scheme)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range faults {
			t.Errorf("%d px, %s: %s", w.width, w.scheme, f)
		}
		background, err := chromedp.Run(ctx,
			chromedp.Evaluate[string](`getComputedStyle(document.body).backgroundColor`))
		if err != nil {
			t.Fatal(err)
		}
		backgrounds[w.scheme] = background
		if dir := os.Getenv("ZABLAB_SCREENSHOTS"); dir != "" {
			picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("%s-%d-%s.png",
				strings.TrimSuffix(filepath.Base(file), ".html"), w.width, w.scheme)
			if err := os.WriteFile(filepath.Join(dir, name), picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if backgrounds["light"] == backgrounds["dark"] || backgrounds["light"] == "rgba(0, 0, 0, 0)" {
		t.Errorf("the style does not reach the page: %v", backgrounds)
	}
	for _, c := range complaints() {
		t.Errorf("the browser says: %s", c)
	}
}
