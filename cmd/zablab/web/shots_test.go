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

// TestShots takes pictures for people to look at:
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
		{"tutorial", Page{Trace: tutorial(t)}, "-watch", 0, ""},
		{"tutorial-causes", Page{Trace: tutorial(t)}, "-watch", 0, "h"},
		{"stale-write", Page{Trace: last(traces(t, "two-leaders", 1))}, "-refused", 0, ""},
		{"election", Page{Trace: traces(t, "elections-inside", 1)[0], Filter: FilterProtocol}, "-looking", 14, ""},
		{"partition", Page{Trace: last(traces(t, "discovery-and-synchronisation", 1))}, "split", 12, ""},
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
			shoot := chromedp.CaptureScreenshot()
			if l.width < 821 {
				shoot = chromedp.FullScreenshot(100)
			}
			picture, err := chromedp.Run(b.ctx, shoot)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(*shots, fmt.Sprintf("%s-%d-%s.png", s.name, l.width, l.scheme))
			if err := os.WriteFile(file, picture, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func last(list [][]byte) []byte { return list[len(list)-1] }
