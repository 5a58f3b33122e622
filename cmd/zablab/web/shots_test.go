package web

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/zab/flaw"
)

var shots = flag.String("shots", "", "folder for screenshots of the page")

var pages = flag.String("pages", "", "with -shots: absolute paths of pages, separated by spaces")

// TestShots takes pictures for people to look at, with TestShotsMade:
//
//	go test ./cmd/zablab/web -run TestShots -shots DIR
func TestShots(t *testing.T) {
	if *shots == "" {
		t.Skip("no folder: -shots DIR")
	}
	b := newBrowser(t)
	bug, _ := flaw.Find("setwatches.no-compare")
	for _, s := range []struct {
		name  string
		page  Page
		key   string // the key moment that is shown, the first or (with a minus) the last
		shift int    // steps after it
		keys  string // pressed then
	}{
		{"tutorial", forkable(t, "the-leader-dies", 0, 1), "-watch", 0, ""},
		{"tutorial-causes", forkable(t, "the-leader-dies", 0, 1), "-watch", 0, "h"},
		{"stale-write", lastWorld(t, "two-leaders"), "-refused", 0, ""},
		{"election", forkable(t, "elections-inside", 0, 1), "-looking", 14, ""},
		{"partition", lastWorld(t, "discovery-and-synchronisation"), "-leader", 3, ""},
		{"failure", Page{Trace: failure(t, 1, bug.Flaw)}, "", 0, ""},
	} {
		run, err := trace.Read(s.name, bytes.NewReader(s.page.Trace))
		if err != nil {
			t.Fatal(err)
		}
		s.page.Title = run.Header.Title
		link := ""
		if s.key != "" {
			at := -1
			for i, e := range run.Events {
				if e.Key == s.key && at < 0 || "-"+e.Key == s.key {
					at = i
				}
			}
			if at < 0 {
				t.Fatalf("%s: no key moment %s", s.name, s.key)
			}
			link = fmt.Sprintf("#e=%d", at+s.shift)
		}
		for i, l := range []look{wide, {1440, 900, "dark", false}, {390, 844, "light", false}, {390, 844, "dark", false}} {
			if i == 0 {
				b.show(s.page, l, link)
			} else {
				b.open(l, link)
			}
			if s.keys != "" {
				b.press(s.keys)
			}
			b.picture(s.name, l)
		}
	}
}

// picture writes what a window shows; of a narrow one, which scrolls, all of the page.
func (b *browser) picture(name string, l look) {
	b.Helper()
	if err := os.MkdirAll(*shots, 0o755); err != nil {
		b.Fatal(err)
	}
	if l.width < 821 { // a window of the page's height, so that what is fixed to its edge is there
		tall := max(l.height, min(12_000, eval[int64](b, `document.documentElement.scrollHeight`)))
		if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(l.width, tall)); err != nil {
			b.Fatal(err)
		}
		eval[bool](b, `new Promise(done => setTimeout(() => done(true), 200))`)
	}
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(*shots, fmt.Sprintf("%s-%d-%s.png", name, l.width, l.scheme)),
			picture, 0o644)
	}
	if err != nil {
		b.Fatal(err)
	}
}

func last(list [][]byte) []byte { return list[len(list)-1] }

// lastWorld is the page of the last run of a chapter, with the engine.
func lastWorld(t *testing.T, chapter string) Page {
	return forkable(t, chapter, len(traces(t, chapter, 1))-1, 1)
}
