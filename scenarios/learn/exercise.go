package learn

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/sim"
)

// Kind says what an exercise asks for.
type Kind string

// The kinds of exercises.
const (
	Predict Kind = "predict" // bet on what a drawing does, then play it
	Read    Kind = "read"    // name the cause, or the event, in a run
	Judge   Kind = "judge"   // say whether a history is linearizable, or what is wrong in it
	Draw    Kind = "draw"    // write the drawing whose run shows something
	Break   Kind = "break"   // write the faults that make a bug visible
	Repair  Kind = "repair"  // mend a client program
	Reach   Kind = "reach"   // describe a state that a small world can reach
)

// kinds are all of them.
var kinds = []Kind{Predict, Read, Judge, Draw, Break, Repair, Reach}

// Exercise is one exercise, read from its folder.
type Exercise struct {
	Number int    // from 1; the folder's name begins with it
	Name   string // of the folder, without the number
	Kind   Kind
	Title  string
	Read   string   // the chapter to read first; may be empty
	Hints  []string // each reveals more than the one before
	Lesson string   // what to keep in mind, told after the right answer
	Text   string   // the question, in Markdown
	Task   []byte   // what the learner starts from: of draw, break and repair
	// Solution is the whole answer that comes with the exercise: an answer line of predict, read
	// and judge, else the contents of a file. Nothing shows it to a learner.
	Solution []byte
	// Wrong are answers that must fail, each for its reason.
	Wrong []Wrong

	folder  string
	choices []choice // of predict
	seeds   int      // of predict
	shows   []*when  // of draw; of read, the outcome to explain
	most    int      // lines of a draw or a break, at most; 0 for no limit
	faults  []string // of read: the plan as it is written, a line for each fault
	plan    sim.Plan // of read
	event   *event   // of read: the event that is asked for; nil if it asks for a fault
	par     int      // of break
	stage   string   // of break: the schedule without its faults
	history []byte   // of judge
	office  string   // of repair: what the program is for
	play    []string // of repair: schedules to play before those of seeds, as texts
	setup   string   // of reach: the small world, as zablab explore names it
	states  []string // of reach: the answer may describe any of these states, and no other
}

// choice is a possible answer of predict, and the condition that makes it right.
type choice struct {
	letter, text string
	when         *when
}

// ID is the name of the exercise with its number: 03-the-leader-dies.
func (x *Exercise) ID() string { return fmt.Sprintf("%02d-%s", x.Number, x.Name) }

// File is the path of the learner's file, relative to the learner's folder.
func (x *Exercise) File() string {
	switch x.Kind {
	case Break:
		return x.ID() + ".plan"
	case Repair:
		return x.ID() + "/" + strings.ReplaceAll(x.Name, "-", "_") + ".go"
	}
	return x.ID() + ".md"
}

// Load reads all exercises from a file system: each folder whose name begins with a number is an
// exercise. It returns them in the order of their numbers.
func Load(files fs.FS) (list []*Exercise, err error) {
	folders, err := fs.ReadDir(files, ".")
	if err != nil {
		return nil, fmt.Errorf("exercises: %w", err)
	}
	for _, f := range folders {
		number, name, ok := strings.Cut(f.Name(), "-")
		n, err := strconv.Atoi(number)
		if !f.IsDir() || !ok || err != nil || n < 1 {
			continue
		}
		x := &Exercise{Number: n, Name: name, folder: f.Name()}
		if err := x.read(files); err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	slices.SortStableFunc(list, func(a, b *Exercise) int { return a.Number - b.Number })
	for i := 1; i < len(list); i++ {
		if list[i].Number == list[i-1].Number {
			return nil, fmt.Errorf("%s and %s have the same number: change one", list[i-1].folder,
				list[i].folder)
		}
	}
	return list, nil
}

// read reads the files of an exercise.
func (x *Exercise) read(files fs.FS) error {
	name := path.Join(x.folder, "exercise.md")
	data, err := readText(files, name)
	if err != nil {
		return fmt.Errorf("%s: no file exercise.md: write its header and its text", x.folder)
	}
	header, text, ok := strings.Cut(string(data), "\n---\n")
	if !ok {
		return &diagram.Error{File: name, Line: 1, Column: 1,
			Message: `no line "---" between the header and the text: add it`}
	}
	x.Text = strings.TrimSpace(text) + "\n"
	for i, line := range strings.Split(header, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		key, value, ok := strings.Cut(line, ":")
		if err := x.set(key, strings.TrimSpace(value), ok); err != nil {
			return &diagram.Error{File: name, Line: i + 1, Column: 1, Message: err.Error()}
		}
	}
	if err := x.rest(files); err != nil {
		return err
	}
	if lack := x.lacks(); lack != "" {
		return &diagram.Error{File: name, Line: 1, Column: 1, Message: fmt.Sprintf(
			"the exercise has no %s, which an exercise of the kind %s needs", lack, x.Kind)}
	}
	return nil
}

// readText reads a file, with the ends of lines of Unix.
func readText(files fs.FS, name string) ([]byte, error) {
	data, err := fs.ReadFile(files, name)
	return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), err
}

// rest reads the files besides exercise.md, those that there are.
func (x *Exercise) rest(files fs.FS) error {
	entries, err := fs.ReadDir(files, x.folder)
	if err != nil {
		return fmt.Errorf("%s: %w", x.folder, err)
	}
	for _, e := range entries {
		name := path.Join(x.folder, e.Name())
		data, err := readText(files, name)
		if err != nil {
			if e.IsDir() {
				continue
			}
			return fmt.Errorf("%s: %w", name, err)
		}
		switch base, _, _ := strings.Cut(e.Name(), "."); base {
		case "task":
			x.Task = data
		case "solution":
			x.Solution = data
		case "history":
			x.history = data
		case "schedule":
			x.stage = string(data)
		case "schedules": // one after another, with a line --- between them
			x.play = strings.Split(string(data), "\n---\n")
		case "wrong":
			if x.Wrong, err = readWrong(name, data, x.Solution); err != nil {
				return err
			}
		}
	}
	return nil
}

// set sets one line of the header.
func (x *Exercise) set(key, value string, ok bool) (err error) {
	if !ok || value == "" {
		return fmt.Errorf("header line %q: the value is missing: write it in the form KEY: VALUE", key)
	}
	switch key {
	case "kind":
		x.Kind = Kind(value)
		if !slices.Contains(kinds, x.Kind) {
			err = fmt.Errorf("kind: %s: must be one of %s", value, joined(kinds))
		}
	case "title":
		x.Title = value
	case "read":
		x.Read = value
	case "hint":
		x.Hints = append(x.Hints, value)
	case "lesson":
		x.Lesson = value
	case "solution":
		x.Solution = []byte(value)
	case "choice":
		return x.addChoice(value)
	case "seeds":
		x.seeds, err = number(key, value)
	case "most":
		x.most, err = number(key, value)
	case "par":
		x.par, err = number(key, value)
	case "shows":
		var w *when
		if w, err = parseWhen(value); err == nil {
			x.shows = append(x.shows, w)
		}
	case "fault":
		var f sim.Fault
		if f, err = sim.ParseFault(value); err == nil {
			x.faults, x.plan = append(x.faults, value), append(x.plan, f)
		}
	case "event":
		x.event, err = parseEvent(value)
	case "office":
		x.office = value
		_, err = officeOf(value)
	case "setup":
		x.setup = value
		_, err = setupOf(value)
	case "state":
		x.states = append(x.states, value)
	default:
		err = fmt.Errorf("%s: no such key: go doc ./scenarios/learn lists the keys", key)
	}
	return err
}

// joined is a list of kinds in words.
func joined(list []Kind) string {
	words := make([]string, len(list))
	for i, k := range list {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}

func number(key, value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s: %s: must be a whole number, at least 1", key, value)
	}
	return n, nil
}

func (x *Exercise) addChoice(value string) error {
	parts := strings.Split(value, " | ")
	if len(parts) != 3 || len(parts[0]) != 1 {
		return fmt.Errorf("choice: %s: write LETTER | TEXT | CONDITION", value)
	}
	w, err := parseWhen(parts[2])
	if err != nil {
		return err
	}
	x.choices = append(x.choices, choice{parts[0], parts[1], w})
	return nil
}

// lacks names what an exercise of its kind needs and does not have, or "".
func (x *Exercise) lacks() string {
	for _, need := range []struct {
		what   string
		absent bool
	}{
		{"kind", x.Kind == ""},
		{"title", x.Title == ""},
		{"solution", len(x.Solution) == 0},
		{"hint", len(x.Hints) == 0},
		{"lesson", x.Lesson == ""},
		{"choice", x.Kind == Predict && len(x.choices) < 2},
		{"condition (shows)", x.Kind == Draw && len(x.shows) == 0},
		{`key "event" (or keys "fault" and "shows")`,
			x.Kind == Read && x.event == nil && (len(x.plan) == 0 || len(x.shows) == 0)},
		{"file history.jsonl", x.Kind == Judge && len(x.history) == 0},
		{"file schedule", x.Kind == Break && x.stage == ""},
		{"par", x.Kind == Break && x.par == 0},
		{"file task", (x.Kind == Repair || x.Kind == Draw) && len(x.Task) == 0},
		{"office", x.Kind == Repair && x.office == ""},
		{"setup", x.Kind == Reach && x.setup == ""},
		{"state", x.Kind == Reach && len(x.states) == 0},
	} {
		if need.absent {
			return need.what
		}
	}
	return ""
}
