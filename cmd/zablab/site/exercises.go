package site

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"strconv"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/cmd/zablab/web/fork"
	"github.com/zablab/zablab/cmd/zablab/web/svg"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/learn"
	"github.com/zablab/zablab/scenarios/stage"
)

// exerciseFile is the script of the exercises' pages.
const exerciseFile = "exercise.js"

// address is the page of an exercise; of a repair exercise, which no page can check, its row.
func address(x *learn.Exercise) string {
	if x.Kind == learn.Repair {
		return "exercises.html#" + x.ID()
	}
	return "exercise-" + x.ID() + ".html"
}

// exercises writes the list of the exercises, and a page for each that a page can check.
func (b *builder) exercises() error {
	module, err := ui.ReadFile("ui/" + exerciseFile)
	if err != nil {
		return err
	}
	script, policy := web.Script(string(module))
	b.files[exerciseFile] = script
	write := func(name string, data *pageData) error {
		data.Here, data.Script = "exercises", exerciseFile
		data.Policy = template.HTMLAttr(`content="` + policy + `"`)
		return b.page(name, data)
	}
	if err := write("exercises.html", &pageData{Title: "Exercises", Class: "contents",
		Body: b.exerciseList()}); err != nil {
		return err
	}
	var pages []*learn.Exercise
	for _, x := range b.lessons {
		if x.Kind != learn.Repair {
			pages = append(pages, x)
		}
	}
	for i, x := range pages {
		body, err := b.exercise(x)
		if err != nil {
			return err
		}
		data := &pageData{Title: x.Title, Class: "exercise", Body: body}
		if i > 0 {
			data.Prev = &link{address(pages[i-1]), pages[i-1].Title}
		}
		if i+1 < len(pages) {
			data.Next = &link{address(pages[i+1]), pages[i+1].Title}
		}
		if err := write(address(x), data); err != nil {
			return err
		}
	}
	return nil
}

// kinds says what each kind of exercise asks for.
var kinds = map[learn.Kind]string{
	learn.Predict: "predict what happens when a diagram is played",
	learn.Read:    "find the step of a run that the question asks for",
	learn.Judge:   "say whether a history is linearizable",
	learn.Draw:    "write a diagram whose run shows what the exercise asks for",
	learn.Break:   "make a bug visible", learn.Repair: "correct a program in Go",
	learn.Reach: "describe a state that servers can reach",
}

// exerciseList is the list of the exercises. Its script marks those that the reader has passed.
func (b *builder) exerciseList() template.HTML {
	var s strings.Builder
	s.WriteString(`<h1>Exercises</h1><p class="lead">From the first minute to expert. Nothing is compared with a ` +
		`stored answer: your bet, your drawing and your faults are played, here in the page, and a wrong answer ` +
		`shows you what happens instead.</p><p id="done" class="done" hidden></p><ol class="toc exercises">`)
	for _, x := range b.lessons {
		fmt.Fprintf(&s, `<li id="%s" data-kind="%s" value="%d">`, x.ID(), x.Kind, x.Number)
		words := fmt.Sprintf(`<b>%s</b> <span>%s: %s</span>`, html.EscapeString(x.Title), x.Kind,
			kinds[x.Kind])
		if x.Kind == learn.Repair {
			fmt.Fprintf(&s, `<div class="here">%s <code>zablab learn check %d</code></div>`,
				words, x.Number)
		} else {
			fmt.Fprintf(&s, `<a href="%s">%s <span class="mark"></span></a>`, address(x), words)
		}
		s.WriteString("</li>")
	}
	s.WriteString(`</ol><p class="hint">Programs are compiled, which no page can do: those exercises are for the ` +
		`command line, in a clone of zablab, with Go. <code>zablab learn start</code> writes a file for each of the ` +
		`exercises here, and <code>zablab learn check 9</code> checks the ninth.</p><p class="hint">Your answers and your ` +
		`progress stay in this browser.</p><p><button id="forget" class="plain" hidden>Forget my answers</button></p>`)
	return template.HTML(s.String())
}

// lessonsOf is what leads from a chapter to its exercises.
func (b *builder) lessonsOf(chapter int) template.HTML {
	var list []string
	for _, x := range b.lessons {
		if x.Read == strconv.Itoa(chapter) {
			list = append(list, fmt.Sprintf(`<a href="%s">%d. %s</a>`, address(x), x.Number,
				html.EscapeString(x.Title)))
		}
	}
	if len(list) == 0 {
		return ""
	}
	word := "Exercise"
	if len(list) > 1 {
		word = "Exercises"
	}
	return template.HTML(`<p class="lessons"><b>` + word + `</b> ` +
		strings.Join(list, " · ") + "</p>")
}

// exercise is the page of an exercise.
func (b *builder) exercise(x *learn.Exercise) (template.HTML, error) {
	words, err := x.Question("the frame below")
	if err != nil {
		return "", err
	}
	w := writer{}
	if doc, err := diagram.Parse(x.ID()+".md", []byte(words)); err == nil {
		w.c = &chapter{doc: doc}
	}
	if x.Kind == learn.Judge {
		h, err := x.History()
		if err != nil {
			return "", err
		}
		w.history = svg.History(h)
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<h1>%d. %s</h1><p class="kind"><b>%s</b> %s`, x.Number, html.EscapeString(x.Title),
		x.Kind, kinds[x.Kind])
	if n, err := strconv.Atoi(x.Read); err == nil && n >= 1 && n <= len(b.list) {
		fmt.Fprintf(&s, ` · read first: <a href="%s.html">%d. %s</a>`, b.list[n-1].base, n,
			html.EscapeString(b.list[n-1].doc.Title))
	}
	s.WriteString(` <span class="mark"></span></p>` + string(w.prose(words)))
	run, err := b.exerciseRun(x)
	if err != nil {
		return "", err
	}
	frame := ""
	if run != "" {
		frame = fmt.Sprintf(`<div class="run" id="run"%s><p class="rh"><b>The run</b> <span>Step with the arrow keys, `+
			`or go from one key moment to the next with [ and ].</span> <a class="go" href="%s">Open it alone</a></p>`+
			`<iframe title="The run of this exercise" data-src="%s"></iframe></div>`, hiddenIf(x.Kind != learn.Read),
			run, run)
	}
	if x.Kind == learn.Read {
		s.WriteString(frame)
	}
	if b.Engine == nil {
		fmt.Fprintf(&s, `<p class="ask">%s To check an answer, run <code>zablab learn start</code>, write it into `+
			`<code>%s</code>, and run <code>zablab learn check %d</code>.</p>`, html.EscapeString(b.WhyNot), x.File(),
			x.Number)
	} else if err := form(&s, x); err != nil {
		return "", err
	}
	if x.Kind != learn.Read {
		s.WriteString(frame)
	}
	return template.HTML(s.String()), nil
}

func hiddenIf(hidden bool) string {
	if hidden {
		return " hidden"
	}
	return ""
}

// form writes the field for the answer, and the hints.
func form(s *strings.Builder, x *learn.Exercise) error {
	options, err := x.Options()
	if err != nil {
		return err
	}
	fmt.Fprintf(s, `<form class="ask" id="ask" data-exercise="%s" data-kind="%s" data-engine="%s" data-par="%d" `+
		`data-most="%d">`, x.ID(), x.Kind, web.EngineFile, x.Par(), x.Most())
	switch {
	case len(options) > 0:
		s.WriteString(`<fieldset><legend>Your answer</legend>`)
		for _, o := range options {
			fmt.Fprintf(s, `<label class="choice"><input type="radio" name="answer" value="%s"><b>%s</b> <span>%s</span>`+
				`</label>`, html.EscapeString(o.Answer), html.EscapeString(o.Answer),
				html.EscapeString(o.Text))
		}
		s.WriteString(`</fieldset>`)
	case x.Kind == learn.Read:
		s.WriteString(`<label for="answer">Your answer: the number of a step</label>` +
			`<input id="answer" name="answer" inputmode="numeric" autocomplete="off" size="8">`)
	case x.Kind == learn.Reach:
		s.WriteString(`<label for="answer">Your answer: the state, in words of the search</label>` +
			`<textarea id="answer" name="answer" rows="3" spellcheck="false" autocomplete="off" ` +
			`autocapitalize="off"></textarea>`)
	default:
		label, rows := "Faults to inject, one per line", 6
		if x.Kind == learn.Draw {
			label, rows = "Your drawing", 16
		}
		fmt.Fprintf(s, `<label for="answer">%s</label><textarea id="answer" name="answer" rows="%d" spellcheck="false" `+
			`autocomplete="off" autocapitalize="off">%s</textarea><p class="count" id="count"></p>`, label, rows,
			html.EscapeString("\n"+string(x.Task)))
	}
	s.WriteString(`<p class="acts"><button id="check">Play and check</button>` +
		`<button id="stop" type="button" class="plain" hidden>Stop</button>`)
	s.WriteString(`<span id="busy" role="status"></span></p></form><section id="verdict" aria-label="Verdict" ` +
		`tabindex="-1" hidden></section><section class="hints" id="hints" aria-label="Hints"><ol>`)
	for _, h := range x.Hints {
		s.WriteString("<li hidden>" + html.EscapeString(h) + "</li>")
	}
	s.WriteString(`</ol><button type="button" class="plain" id="hint">A hint</button></section>`)
	return nil
}

// exerciseRun writes the page of the run that an exercise shows: for an exercise of kind
// [learn.Read], the run with its faults; for [learn.Predict], the run that the question is about.
// It returns the page's address, or "" if there is none.
func (b *builder) exerciseRun(x *learn.Exercise) (string, error) {
	if x.Kind != learn.Read && x.Kind != learn.Predict {
		return "", nil
	}
	trace, err := x.Trace()
	if err != nil {
		return "", err
	}
	p := web.Page{Title: x.Title, Trace: trace, Shared: "../", Engine: b.Engine, WhyNot: b.WhyNot}
	if x.Kind == learn.Read && len(x.Faults()) == 0 {
		p.Filter = web.FilterProtocol // the step that it asks for is none of the key moments
	}
	if b.Engine != nil {
		p.Source = &fork.Source{Name: x.ID() + ".md", Text: x.Text, Plan: x.Faults(),
			Commit: stage.Commit()}
	}
	var page bytes.Buffer
	if err := p.Write(&page); err != nil {
		return "", err
	}
	name := "runs/exercise-" + x.ID() + ".html"
	b.files[name] = page.Bytes()
	return name, nil
}
