package web_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/web"
)

// TestSiteFigures measures how long a chapter of the site and its runs take to load from a disk, until
// a reader can use them. It has no bounds: figures of a shared machine are no test.
//
//	go test ./cmd/zablab/web -run TestSiteFigures -figures -v
func TestSiteFigures(t *testing.T) {
	if !web.Figures() {
		t.Skip("no figures asked for: -figures")
	}
	b := web.NewBrowser(t)
	dir := filepath.Join(t.TempDir(), "site")
	writeSite(t, dir, "05-two-leaders.md")
	for _, c := range []struct{ what, page, ready string }{
		{"chapter, until its bet can be placed", "05-two-leaders.html",
			`new Promise(done => { const look = () => { const f = document.querySelector('.bet form'); f && !f.hidden ? requestAnimationFrame(() => done(performance.now())) : setTimeout(look, 1) }; look() })`},
		{"run, until its first frame", "runs/05-two-leaders-1.html",
			`new Promise(done => { const look = () => globalThis.lab?.first ? done(lab.first) : setTimeout(look, 1); look() })`},
		{"run, until the engine has played it again", "runs/05-two-leaders-1.html",
			`new Promise(done => { const look = () => globalThis.lab?.first && lab.engine.can() ? lab.engine.play({}).then(() => done(performance.now())) : setTimeout(look, 1); look() })`},
	} {
		var list []float64
		for range 5 {
			b.Visit(address(dir, c.page))
			list = append(list, web.Eval[float64](b, c.ready))
		}
		slices.Sort(list)
		t.Logf("%s: median %.0f ms of 5 (%.0f to %.0f)", c.what, list[2], list[0], list[4])
	}
}
