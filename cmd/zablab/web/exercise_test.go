package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/scenarios/learn"
)

// tried is what the page of an exercise shows after an answer.
type tried struct {
	Head, Text string
	Drawn      int // drawings of a run
	Run        bool
	Mark       string
}

// give gives an answer in the page of an exercise, by the field that it has, and waits for the
// verdict.
const give = `(async answer => {
  const form = document.getElementById('ask'), field = form.elements.answer
  if (field instanceof RadioNodeList) [...field].find(o => o.value === answer).click()
  else {
    field.value = answer
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
  const box = document.getElementById('verdict'), check = document.getElementById('check')
  box.replaceChildren()
  check.click()
  await new Promise(done => { const look = () => check.disabled || !box.firstChild ? setTimeout(look, 5) : done(); look() })
  const frame = document.querySelector('#run iframe')
  return { head: box.querySelector('h2').textContent, text: box.textContent,
    drawn: box.querySelectorAll('svg.sd .row,svg.sd .op').length, run: Boolean(frame?.src),
    mark: document.querySelector('.kind .mark').textContent }
})`

// tail is a sentence without its first letter, which the page writes large.
func tail(sentence string) string { return sentence[min(1, len(sentence)):] }

// Each exercise that a page can check is answered wrongly and then rightly, from a disk.
// The page says what zablab learn check says.
func TestExercisesInSite(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: no browser is started")
	}
	dir := filepath.Join(t.TempDir(), "a sub", "path")
	writeSite(t, dir, "none")
	list := learn.All()
	var passed atomic.Int32
	t.Run("each", func(t *testing.T) {
		t.Run("keys", func(t *testing.T) { byKeys(t, web.NewBrowser(t), dir) })
		t.Run("pages", func(t *testing.T) { twoPages(t, web.NewBrowser(t), dir) })
		seen := make(map[learn.Kind]bool)
		for _, x := range list {
			if x.Kind == learn.Repair {
				continue // a page has no compiler
			}
			look := !seen[x.Kind]
			seen[x.Kind] = true
			t.Run(x.ID(), func(t *testing.T) {
				tryExercise(t, web.NewBrowser(t), dir, x, look)
				passed.Add(1)
			})
		}
	})
	b := web.NewBrowser(t)
	b.Visit(address(dir, "exercises.html"))
	b.Shoot("exercises")
	b.Look(t, "exercises")
	want := "All 16 that a page can check are passed."
	if s := web.Eval[string](b, `document.getElementById('done').textContent`); s != want {
		t.Errorf("after %d exercises the list says %q", passed.Load(), s)
	}
}

// tryExercise gives a wrong answer and the right one in the page of an exercise. The wrong one is the
// first that is played: an answer that cannot be read has no drawing. If look is set, the page is
// also looked at.
func tryExercise(t *testing.T, b web.Tab, dir string, x *learn.Exercise, look bool) {
	wrong := ""
	for i := len(x.Wrong) - 1; i >= 0; i-- {
		if v, err := x.Check(t.Context(), x.Answered(x.Wrong[i].Answer), nil); err == nil &&
			v.Status == learn.Failed {
			wrong = strings.TrimSpace(string(x.Wrong[i].Answer))
		}
	}
	b.Visit(address(dir, "exercise-"+x.ID()+".html"))
	for _, answer := range []string{wrong, string(x.Solution)} {
		v, err := x.Check(t.Context(), x.Answered([]byte(answer)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer == wrong && look {
			b.Shoot("exercise-" + string(x.Kind))
		}
		quoted, _ := json.Marshal(answer) // text can always be encoded
		got := web.Eval[tried](b, give+`(`+string(quoted)+`)`)
		head := "✗ Not yet"
		if v.Status == learn.Passed {
			head = "✓ Passed"
		}
		if got.Head != head || !strings.Contains(got.Text, tail(v.Why)) ||
			!strings.Contains(got.Text, v.Lesson) {
			t.Errorf("%q: the page says %q, %q; want %q: %s", answer, got.Head, got.Text, head, v.Why)
		}
		if drawn := v.Drawing != "" || x.Kind == learn.Judge; got.Drawn == 0 && drawn &&
			v.Status != learn.Passed {
			t.Errorf("%q: nothing is drawn", answer)
		}
		if want := x.Kind == learn.Read || x.Kind == learn.Predict; got.Run != want {
			t.Errorf("the run is shown: %t", got.Run)
		}
		if !strings.HasPrefix(got.Mark, head[:len("✓")]) {
			t.Errorf("marked %q after %q", got.Mark, head)
		}
		if !look {
			continue
		}
		b.Shoot("exercise-" + string(x.Kind) + "-" + string(v.Status))
		for _, scheme := range []string{"dark", "light"} {
			b.Scheme(scheme)
			b.Look(t, "exercise "+strconv.Itoa(x.Number))
		}
	}
}

// byKeys solves an exercise with the keyboard alone: Tab to the choices, an arrow key to the right
// one, Enter; then Tab to the hints. The site is below a path of a server.
func byKeys(t *testing.T, b web.Tab, dir string) {
	server := httptest.NewServer(http.StripPrefix("/some/path/", http.FileServer(http.Dir(dir))))
	t.Cleanup(server.Close)
	b.Visit(server.URL + "/some/path/exercise-07-a-blip.html")
	tabTo := func(what string) {
		t.Helper()
		for range 30 {
			if b.Press(kb.Tab); web.Eval[bool](b, `document.activeElement.matches('`+what+`')`) {
				return
			}
		}
		t.Fatalf("Tab does not reach %s", what)
	}
	tabTo("[name=answer]")
	b.Press(" ") // the first choice, a, is right
	tabTo("#check")
	b.Press(kb.Enter)
	head := web.Eval[string](b, `new Promise(done => { const look = () => document.querySelector('#verdict h2')
  ? done(document.querySelector('#verdict h2').textContent) : setTimeout(look, 5); look() })`)
	if head != "✓ Passed" {
		t.Errorf("the page says %q", head)
	}
	tabTo("#hint")
	b.Press(kb.Enter)
	if n := web.Eval[int](b, `document.querySelectorAll('#hints li:not([hidden])').length`); n != 1 {
		t.Errorf("%d hints are shown after one was asked for", n)
	}
}

// twoPages opens an exercise and, in a frame, the list of exercises, as a reader would in two tabs. Each
// shows what the other has stored, and neither loses it; the list forgets also what it did not know
// when it was loaded.
func twoPages(t *testing.T, b web.Tab, dir string) {
	// Another origin than that of the other tests, whose records this test forgets.
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(server.Close)
	b.Visit(server.URL + "/exercise-07-a-blip.html")
	web.Eval[bool](b, `new Promise(done => { const f = document.createElement('iframe')
  f.src = 'exercises.html'
  f.onload = () => { globalThis.list = f.contentWindow; done(true) }
  document.body.append(f) })`)
	const record = `'zablab.learn/1/07-a-blip'`
	got := web.Eval[string](b, `(list.localStorage.setItem(`+record+`, JSON.stringify({ status: 'passed', tries: 3, lines: 2 })),
  document.getElementById('hint').click(), (r => [r.status, r.tries, r.hints, r.lines].join())(JSON.parse(localStorage.getItem(`+record+`))))`)
	if got != "passed,3,1,2" {
		t.Errorf("a hint on one page leaves %q of what the other stored", got)
	}
	// wait waits until both pages say something.
	wait := func(mark, done string) {
		web.Eval[bool](b, `new Promise(ok => { const look = () => document.querySelector('.kind .mark').textContent === '`+mark+
			`' && list.document.getElementById('done').checkVisibility() === `+done+` ? ok(true) : setTimeout(look, 10); look() })`)
	}
	wait("✓ passed with 2 lines", "true")
	web.Eval[bool](b, `list.document.getElementById('forget').click(), true`)
	wait("", "false")
	if n := web.Eval[int](b, `localStorage.length`); n != 0 {
		t.Errorf("%d records are left", n)
	}
}
