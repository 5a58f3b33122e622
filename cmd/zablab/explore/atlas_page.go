package explore

import (
	"bytes"
	"cmp"
	_ "embed" // the template of the page
	"fmt"
	"html/template"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/cmd/zablab/web/fork"
	"github.com/zablab/zablab/scenarios/atlas"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/sim"
)

//go:embed atlas.html
var atlasHTML string

var atlasPage = template.Must(template.New("atlas").Parse(atlasHTML))

// The sizes of the picture, in units of its SVG.
const (
	laneLeft   = 92
	leastWidth = 1000 // of a lane
	cellWidth  = 3    // at least
	laneHeight = 34
	markWidth  = 12 // the least width of a stretch that shows its mark
)

// pageAtlas, pageWorld, pageLane, pageBox and pageTick are an atlas as its page shows it.
type pageAtlas struct {
	Title, Fault string
	Runs         int
	Every        int
	Cut          bool
	Slack        string
	Worlds       []pageWorld
	Legend       []pageKey
	WhyNot       string // links cannot play the fault
}

type pageKey struct {
	Class, Mark, Says string
	Count             int
}

type pageWorld struct {
	Diagrams string
	Where    string // if there are several: which world it is
	Steps    int
	Run      string // address of the page of the run without a fault
	Width    int
	Lane     int // width of a lane
	Height   int
	Lanes    []pageLane
	Ticks    []pageTick
}

type pageLane struct {
	Who   string
	Y     int
	Boxes []pageBox
}

type pageBox struct {
	X, Width  int
	Half      int // of the width
	Class     string
	Mark      string // in the picture; empty if the stretch is too short
	Glyph     string // the mark in the list
	Says      string
	Steps     string
	At, Event string // where the outcome changes to this one
	Link      string
	Plan      string
}

type pageTick struct {
	X    int
	Time string
}

// classOf names an outcome in the style of the page.
func classOf(o atlas.Outcome) string { return fmt.Sprintf("o%d", int(o)) }

// writeAtlas writes the page of an atlas, and beside it the page of each run without a fault, whose
// links play the fault at a moment. It returns the names of the files.
func writeAtlas(f *atlasFlags, engine []byte, file *command.File, a *atlas.Atlas) (
	written []string, err error) {
	text, err := diagram.Text(file.Name, file.Text)
	if err != nil {
		return nil, err
	}
	why := ""
	if engine == nil {
		why = "The page was written without the engine. The links therefore open the run without the " +
			"fault, at the step where the fault would be."
	}
	name := f.html
	p := &pageAtlas{Title: a.Title, Fault: faultText(a), Runs: a.Runs, Every: a.Every, Cut: a.Cut,
		Slack: atlas.Slack.Brief(), WhyNot: why}
	for i := range a.Worlds {
		w := &a.Worlds[i]
		run := command.Numbered(strings.TrimSuffix(name, filepath.Ext(name))+"-run.html", i+1)
		page := web.Page{Title: w.Title, Trace: w.Trace, WhyNot: why}
		if engine != nil {
			page.Engine = engine
			page.Source = &fork.Source{Name: file.Doc.Name, Text: text, World: i, Seed: f.seed,
				Commit: stage.Commit()}
		}
		data, err := page.Bytes()
		if err != nil {
			return written, err
		}
		if err := command.WriteFile(run, data); err != nil {
			return written, err
		}
		written = append(written, run)
		world := worldOf(w, "./"+url.PathEscape(filepath.Base(run)), engine != nil)
		if len(a.Worlds) > 1 {
			world.Where = fmt.Sprintf("Run %d of the document, from line %d · ", i+1, w.Lines[0])
		}
		p.Worlds = append(p.Worlds, world)
	}
	for _, o := range atlas.Outcomes() {
		if n := a.Count(o); n > 0 {
			p.Legend = append(p.Legend, pageKey{classOf(o), string(o.Mark()), o.String(), n})
		}
	}
	var b bytes.Buffer
	if err := atlasPage.Execute(&b, p); err != nil {
		return written, err
	}
	return append([]string{name}, written...), command.WriteFile(name, b.Bytes())
}

// faultText says which fault an atlas plays.
func faultText(a *atlas.Atlas) string {
	if a.Fault == atlas.Pause {
		return a.Fault + " of " + a.Span.Brief()
	}
	return a.Fault
}

// worldOf lays out one world.
func worldOf(w *atlas.World, run string, forks bool) pageWorld {
	laneWidth := leastWidth
	for i := range w.Rows {
		laneWidth = max(laneWidth, cellWidth*len(w.Rows[i].Cells))
	}
	p := pageWorld{Diagrams: titles(w), Steps: len(w.Events), Run: run, Lane: laneWidth,
		Width: laneLeft + laneWidth + 8, Height: len(w.Rows)*laneHeight + 30}
	for i := range w.Rows {
		r := &w.Rows[i]
		lane, at := pageLane{Who: r.Who, Y: i * laneHeight}, 0
		for k, s := range r.Stretches() {
			from := at * laneWidth / len(r.Cells)
			at += s.Moments
			box := pageBox{X: laneLeft + from, Width: at*laneWidth/len(r.Cells) - from,
				Class: classOf(s.Outcome), Steps: steps(&s),
				Says: saysOf(&s), Plan: s.First.Plan, Glyph: string(s.Outcome.Mark()),
				Link: run + "#e=" + fmt.Sprint(s.First.Step)}
			box.Half = box.Width / 2
			if box.Width >= markWidth && s.Outcome != atlas.Down {
				box.Mark = string(s.Outcome.Mark())
			}
			if s.First.Plan != "" && forks {
				box.Link = run + "#a=" + strings.ReplaceAll(url.QueryEscape(s.First.Plan), "+", "%20") +
					"&e=" + fmt.Sprint(s.First.Step)
			}
			if e := w.Event(s.First.Step); e != nil && k > 0 {
				box.At, box.Event = sim.Time(e.T).Seconds(), e.Say
			}
			lane.Boxes = append(lane.Boxes, box)
		}
		p.Lanes = append(p.Lanes, lane)
	}
	if len(w.Rows) > 0 {
		cells := w.Rows[0].Cells
		for k := range 6 {
			n := k * (len(cells) - 1) / 5
			if n < 0 || k > 0 && n == (k-1)*(len(cells)-1)/5 {
				continue
			}
			if e := w.Event(cells[n].Step); e != nil {
				text := "0"
				if e.T > 0 {
					text = sim.Time(e.T).Brief()
				}
				p.Ticks = append(p.Ticks, pageTick{laneLeft + n*laneWidth/len(cells), text})
			}
		}
	}
	return p
}

// titles names the diagrams of a world.
func titles(w *atlas.World) string {
	return cmp.Or(strings.Join(slices.Compact(slices.Clone(w.Diagrams)), ", "), "The drawing")
}

// saysOf says in one line what comes of a fault in a stretch.
func saysOf(s *atlas.Stretch) string {
	says := s.Outcome.String()
	if s.Most > atlas.Slack {
		late := s.Most.Brief()
		if least := s.Least.Brief(); least != late {
			late = least + " to " + late
		}
		if s.Outcome == atlas.Late {
			says += ", by " + late
		} else {
			says += ", with a delay of " + late
		}
	}
	if s.First.Says != "" {
		says += ": " + s.First.Says
	}
	if s.First.Line > 0 {
		says += fmt.Sprintf(" (line %d)", s.First.Line)
	}
	return says
}
