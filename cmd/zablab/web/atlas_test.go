package web_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/explore"
	"github.com/zablab/zablab/cmd/zablab/web"
)

// TestAtlasPage: the picture of an atlas is a page, and a click on a moment of it opens the run with
// the fault at that moment, played by the page.
func TestAtlasPage(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no browser is started")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "moments.html")
	cmd := explore.Atlas()
	cmd.SetArgs([]string{"--who", "LEADER", "--most", "60", "--html", file, "../../../scenarios/book/03-the-leader-dies.md"})
	cmd.SetOut(new(strings.Builder))
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil || strings.Contains(string(text), "written without") {
		t.Fatalf("%v: %.300s", err, text)
	}
	b := web.NewBrowser(t)
	b.Visit(address(dir, "moments.html"))
	b.Shoot("atlas")
	for _, scheme := range []string{"dark", "light"} {
		b.Scheme(scheme)
		b.Look(t, "atlas")
	}
	type lane struct {
		Boxes int
		Link  string
		Says  string
	}
	got := web.Eval[lane](b, `(() => {
		const boxes = [...document.querySelectorAll('.pic svg a')], lost = boxes.find(a => a.querySelector('.o3'))
		return { boxes: boxes.length, link: lost.getAttribute('href'), says: lost.getAttribute('aria-label') }
	})()`)
	if got.Boxes < 4 || !strings.Contains(got.Link, "moments-run.html#a=at%20step%20") ||
		!strings.Contains(got.Says, "another leader") {
		t.Fatalf("the picture has %+v", got)
	}
	b.Visit(address(dir, got.Link))
	said := web.Eval[string](b, `(async () => {
		for (let i = 0; i < 600; i++) {
			const run = document.querySelector('#runs [aria-pressed=true]')
			if (run && /crash S3/.test(run.textContent)) return run.textContent
			await new Promise(done => setTimeout(done, 50))
		}
		return document.body.innerText.slice(0, 2000)
	})()`)
	if !strings.Contains(said, "crash S3") {
		t.Errorf("the link %s shows %s", got.Link, said)
	}
	b.Shoot("atlas-run")
}
