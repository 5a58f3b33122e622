package web_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

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
    drawn: box.querySelectorAll('svg.sd .row').length, run: Boolean(frame?.src),
    mark: document.querySelector('.kind .mark').textContent }
})`

// tail is a sentence without its first letter, which the page writes large.
func tail(sentence string) string { return sentence[min(1, len(sentence)):] }

// An exercise of each kind that a page can check is answered wrongly and then rightly, from a disk.
// The page says what zablab learn check says.
func TestExercisesInSite(t *testing.T) {
	b := web.NewBrowser(t)
	dir := filepath.Join(t.TempDir(), "a sub", "path")
	writeSite(t, dir, "none")
	list := learn.All()
	for _, c := range []struct {
		number, wrong string
		drawn         bool // the wrong answer shows a drawing
	}{
		{"2", "a", true}, {"4", "1", true}, {"5", "linearizable", false},
		{"6", "3s pause B 300ms\n", true}, {"19", "too much", true},
	} {
		x := learn.Find(list, c.number)
		wrong := c.wrong
		for _, w := range x.Wrong {
			if x.Kind == learn.Draw && strings.HasPrefix(w.Reason, "every read shows") {
				wrong = string(w.Answer)
			}
		}
		b.Visit(address(dir, "exercise-"+x.ID()+".html"))
		for _, answer := range []string{wrong, string(x.Solution)} {
			v, err := x.Check(context.Background(), x.Answered([]byte(answer)), nil)
			if err != nil {
				t.Fatal(err)
			}
			if answer == wrong {
				b.Shoot("exercise-" + string(x.Kind))
			}
			quoted, _ := json.Marshal(answer) // text can always be encoded
			got := web.Eval[tried](b, give+`(`+string(quoted)+`)`)
			head := "✗ Not yet"
			if v.Status == learn.Passed {
				head = "✓ Passed"
			}
			if got.Head != head || !strings.Contains(got.Text, tail(v.Why)) || !strings.Contains(got.Text, v.Lesson) {
				t.Errorf("%s, %q: the page says %q, %q; want %q: %s", x.ID(), answer, got.Head, got.Text, head,
					v.Why)
			}
			if v.Status != learn.Passed && got.Drawn > 0 != c.drawn {
				t.Errorf("%s, %q: %d arrows drawn", x.ID(), answer, got.Drawn)
			}
			if want := x.Kind == learn.Read || x.Kind == learn.Predict; got.Run != want {
				t.Errorf("%s: the run is shown: %t", x.ID(), got.Run)
			}
			b.Shoot("exercise-" + string(x.Kind) + "-" + string(v.Status))
			if !strings.HasPrefix(got.Mark, head[:len("✓")]) {
				t.Errorf("%s: marked %q after %q", x.ID(), got.Mark, head)
			}
		}
	}
	b.Visit(address(dir, "exercises.html"))
	b.Shoot("exercises")
	if s := web.Eval[string](b, `document.getElementById('done').textContent`); !strings.HasPrefix(s, "5 of the 15") {
		t.Errorf("after five exercises the list says %q", s)
	}
}
