package explore

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/zab/flaw"
)

// IsStory reports whether at least one diagram of a document is a story, that is, has the directive
// explore=. Such a diagram shows the steps of a run of a small world (see [Story]).
func IsStory(doc *diagram.Document) bool {
	return slices.ContainsFunc(doc.Diagrams, func(d *diagram.Diagram) bool {
		_, is := directive(d)
		return is
	})
}

// directive returns the directive that makes a diagram a story.
func directive(d *diagram.Diagram) (*diagram.Directive, bool) {
	for _, it := range d.Items {
		if dir, ok := it.(*diagram.Directive); ok {
			if _, ok := dir.Get(diagram.StoryKey); ok {
				return dir, true
			}
		}
	}
	return nil, false
}

// setting is a field of a setup, as a directive writes it.
type setting struct {
	key string
	get func(*Setup) string
	set func(*Setup, string) error
}

func number[T int | uint32 | uint64](key string, field func(*Setup) *T) setting {
	return setting{key,
		func(s *Setup) string { return fmt.Sprint(*field(s)) },
		func(s *Setup, value string) error {
			n, err := strconv.ParseUint(value, 10, 63)
			if v := T(n); err != nil || uint64(v) != n {
				most := uint64(math.MaxInt64)
				return fmt.Errorf("must be a whole number from 0 to %d, such as 3", T(most))
			}
			*field(s) = T(n)
			return nil
		}}
}

func choice(key string, field func(*Setup) *bool) setting {
	return setting{key,
		func(s *Setup) string { return fmt.Sprint(*field(s)) },
		func(s *Setup, value string) error {
			if value != "true" && value != "false" {
				return fmt.Errorf("must be true or false")
			}
			*field(s) = value == "true"
			return nil
		}}
}

// settings has every field of a setup that changes what happens, in the order in which a document
// has them.
var settings = []setting{
	{"flaw", func(s *Setup) string { return s.Flaw.String() }, setFlaw},
	number("servers", func(s *Setup) *int { return &s.Servers }),
	number("observers", func(s *Setup) *int { return &s.Observers }),
	choice("observers-first", func(s *Setup) *bool { return &s.ObserversFirst }),
	choice("oracle", func(s *Setup) *bool { return &s.Oracle }),
	choice("patient", func(s *Setup) *bool { return &s.Patient }),
	choice("atomic", func(s *Setup) *bool { return &s.Atomic }),
	number("writes", func(s *Setup) *int { return &s.Writes }),
	number("crashes", func(s *Setup) *int { return &s.Crashes }),
	number("power", func(s *Setup) *int { return &s.Powers }),
	number("wipes", func(s *Setup) *int { return &s.Wipes }),
	number("timeouts", func(s *Setup) *int { return &s.Timeouts }),
	number("epochs", func(s *Setup) *uint32 { return &s.MaxEpoch }),
	number("rounds", func(s *Setup) *uint64 { return &s.MaxRound }),
	{"disks", func(s *Setup) string { return s.Disks }, func(s *Setup, v string) error {
		s.Disks = v
		return nil
	}},
	number("window", func(s *Setup) *int { return &s.Window }),
	choice("memory-only", func(s *Setup) *bool { return &s.MemoryOnly }),
	number("counter", func(s *Setup) *uint32 { return &s.MaxCounter }),
}

func setFlaw(s *Setup, name string) error {
	if name == flaw.None.String() {
		s.Flaw = flaw.None
		return nil
	}
	e, ok := flaw.Find(name)
	if !ok {
		return fmt.Errorf("no such flaw: zablab flaws lists all flaws")
	}
	s.Flaw = e.Flaw
	return nil
}

// ReadStory reads the story of a document. Its errors are *[diagram.Error], all of them
// joined.
func ReadStory(doc *diagram.Document) (*Story, error) {
	if err := doc.Err(); err != nil {
		return nil, err
	}
	r := storyReader{file: doc.Name}
	for _, d := range doc.Diagrams {
		dir, is := directive(d)
		if !is || r.dir != nil {
			r.refuse(diagram.Pos{Line: d.Line, Column: 1}, "a document with a story (%s=…) has only "+
				"one diagram: move this one to a file of its own", diagram.StoryKey)
			continue
		}
		r.dir, r.out.Line = dir, d.Line
		r.setup(dir)
		diagram.Walk(d.Items, func(it diagram.Item) bool {
			r.item(it)
			return true
		})
	}
	if err := r.out.Setup.Check(); err != nil && len(r.errors) == 0 {
		r.refuse(r.dir.Position(), "%s", err)
	}
	return &r.out, errors.Join(r.errors...)
}

// storyReader reads one story.
type storyReader struct {
	file   string
	dir    *diagram.Directive
	out    Story
	errors []error
}

func (r *storyReader) refuse(at diagram.Pos, format string, args ...any) {
	r.errors = append(r.errors, &diagram.Error{File: r.file, Line: at.Line, Column: at.Column,
		Message: fmt.Sprintf(format, args...)})
}

// setup reads the words of the directive.
func (r *storyReader) setup(dir *diagram.Directive) {
	name, _ := dir.Get(diagram.StoryKey)
	s, ok := FindSetup(name.Value)
	if !ok {
		r.refuse(name.Pos, "%s=%s: no such setup: zablab explore --list shows all setups",
			diagram.StoryKey, name.Value)
	}
	r.out.Setup = s
	for _, w := range dir.Words {
		if w.Key == diagram.StoryKey {
			continue
		}
		i := slices.IndexFunc(settings, func(x setting) bool { return x.key == w.Key })
		if i < 0 {
			r.refuse(w.Pos, "%s: unknown word of a story: the words are %s", w.Key, keys())
		} else if err := settings[i].set(&r.out.Setup, w.Value); err != nil {
			r.refuse(w.Pos, "%s=%s: %s", w.Key, w.Value, err)
		}
	}
}

// keys lists the keys of the settings.
func keys() string {
	list := []string{diagram.StoryKey}
	for _, x := range settings {
		list = append(list, x.key)
	}
	return strings.Join(list, ", ")
}

// item reads one statement of the diagram.
func (r *storyReader) item(it diagram.Item) {
	switch it := it.(type) {
	case *diagram.Arrow:
		switch it.Head {
		case diagram.HeadCross:
			r.refuse(it.Pos, "a story cannot lose a message (-x): write the event that ends the "+
				"connection instead, such as a crash")
		case diagram.HeadBoth:
			r.refuse(it.Pos, "an arrow of a story has one direction: write two arrows")
		}
		r.out.Lines = append(r.out.Lines, Line{From: it.From, To: it.To,
			Text: diagram.Plain(it.Text), Pos: it.Pos})
	case *diagram.Note:
		r.out.Lines = append(r.out.Lines, Line{Over: it.Over, Text: diagram.Plain(it.Text),
			Pos: it.Pos})
	case *diagram.Directive:
		if it != r.dir {
			r.refuse(it.Pos, "a story has only one line of settings, line %d: move these words "+
				"there", r.dir.Line)
		}
	case *diagram.Block:
		r.refuse(it.Pos, "a story has no blocks (%s): write its steps one after the other", it.Kind)
	}
}

// Document returns the story as a document: a title, a paragraph, and the diagram.
func (s *Story) Document(title, says string) string {
	b := diagram.NewDiagram("")
	b.Directive(s.words()...)
	for i := 1; i <= s.Setup.all(); i++ {
		b.Participant(fmt.Sprintf("S%d", i), "")
	}
	if slices.ContainsFunc(s.Lines, func(l Line) bool { return l.From == client }) {
		b.Participant(client, "")
	}
	for _, l := range s.Lines {
		if l.To != "" {
			b.Arrow(l.From, l.To, l.Text)
		} else {
			b.Note(l.Text, l.Over...)
		}
	}
	return fmt.Sprintf("# %s\n\n%s\n\n```mermaid\n%s```\n", title, says, diagram.Print(b.Diagram()))
}

// words are the setup, as the words of a directive: its name, and what differs from the setup of
// that name.
func (s *Story) words() []diagram.Word {
	base, _ := FindSetup(s.Setup.Name)
	list := []diagram.Word{{Key: diagram.StoryKey, Value: s.Setup.Name}}
	for _, x := range settings {
		if v := x.get(&s.Setup); v != x.get(&base) {
			list = append(list, diagram.Word{Key: x.key, Value: v})
		}
	}
	return list
}
