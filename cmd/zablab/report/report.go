package report

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/compare/schedules"
	"github.com/zablab/zablab/sim"
)

// Report has the contents of a page: everything that was measured, and how.
type Report struct {
	Command string // the command line that produced the page
	Version string // of zablab
	Partial bool   // the measurement was interrupted

	Name     string // of the Raft library; hashicorp/raft if empty
	Raft     string // version of the Raft library
	Guest    string // sha256 of its WebAssembly guest
	Servers  string
	Seeds    int      // 0 if only a plan was played
	Settings []string // one sentence each
	// Differences has a sentence for each difference that comes from the lab, not from the
	// protocols.
	Differences []string

	Link  sim.Time // of Writes
	Fsync sim.Time

	Writes     []compare.Write
	Latency    []compare.Latency
	Throughput []compare.Throughput
	Reads      []compare.Read
	Failover   []compare.Failover
	Missing    []compare.Failover
	Load       []compare.Failover
	NoPreVote  []compare.Failover // measured for Raft only
	Defaults   []compare.Failover
	AsTheyCome []string // the settings of Defaults

	// Steps are the pages that step through a run of a row of Failover, Missing, Load or NoPreVote.
	Steps []Step

	Runs  *Runs
	Drawn *Drawn
}

// Step is a page that shows, step by step, one run of ZAB and one run of Raft with the same fault.
type Step struct {
	Table         compare.Table // empty for Failover
	Fault         string
	Servers       int
	Missing, Load int    // of its row
	File          string // its address, from this page
}

// Build identifies a Raft library that was measured: its name, its version, and the checksum of the
// WebAssembly module that contains it.
type Build struct{ Name, Version, Sum string }

// Builds returns the libraries that were measured.
func (r *Report) Builds() []Build {
	if r.Drawn != nil && len(r.Drawn.Builds) > 0 {
		return r.Drawn.Builds
	}
	return []Build{{cmp.Or(r.Name, hashicorp), r.Raft, r.Guest}}
}

const hashicorp = "hashicorp/raft"

// Etcd reports whether the Raft library is not hashicorp/raft but etcd-io/raft.
func (r *Report) Etcd() bool { return r.Name != "" && r.Name != hashicorp }

// Library names the libraries that were measured, with their versions.
func (r *Report) Library() string {
	var list []string
	for _, b := range r.Builds() {
		list = append(list, b.Name+" "+b.Version)
	}
	return strings.Join(list, " and ")
}

// Has reports whether the page shows an engine with this CSS class. If the field Drawn is nil, the
// page has no generated schedules, and shows only one Raft library. Has then returns true for the
// class raft, which that library has on such a page, whichever library it is.
func (r *Report) Has(class string) bool {
	if r.Drawn == nil {
		return class == "raft"
	}
	return slices.ContainsFunc(r.Drawn.Batch.Engines, func(e *schedules.Engine) bool {
		return engineClass(compare.Engine(e.Name)) == class
	})
}

// Runs has the two runs of a plan: a run of ZAB and a run of Raft.
type Runs struct {
	Plan    string
	Seed    string
	Servers int
	Length  sim.Time
	Sides   []compare.Side
	Steps   string // the address of the page that steps through them; may be empty
}

//go:embed page.html
var pageText string

//go:embed parts.html
var partsText string

//go:embed style.css
var styleText string

var pageTemplate = func() *template.Template {
	t := template.New("page").Funcs(template.FuncMap{"engine": engineName})
	template.Must(t.New("parts").Parse(partsText))
	return template.Must(t.Parse(pageText))
}()

// page is the data of the HTML template.
type page struct {
	*Report
	Title    string
	CSS      template.CSS
	Policy   string
	Tiles    []chart
	Writes   *writesView
	Latency  []latencyView
	Through  []throughView
	Reads    []readsView
	Failover *failView
	Missing  *failView
	Load     *failView

	NoPreVote *failView
	Defaults  *failView
	Timeline  *timeline
	Drawn     *drawnView
	Contents  []entry
}

// entry is an entry of the table of contents.
type entry struct{ ID, Name string }

// Write writes the page.
func (r *Report) Write(out io.Writer) error {
	css := strings.TrimSpace(styleText)
	sum := sha256.Sum256([]byte(css))
	p := &page{
		Report: r, Title: "ZAB and Raft on the same simulated network",
		CSS: template.CSS(css), // safe: the text is embedded
		Policy: "default-src 'none'; style-src 'sha256-" +
			base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'",
	}
	switch {
	case r.Drawn != nil:
		p.Title = "ZAB and Raft under the same generated schedules of faults"
	case r.Seeds == 0:
		p.Title = "ZAB and Raft under one plan of faults"
	}
	p.Drawn = viewDrawn(r.Drawn)
	p.Writes = viewWrites(r)
	p.Latency = viewLatency(r.Latency)
	p.Through = viewThroughput(r.Throughput)
	p.Reads = viewReads(r.Reads)
	byFault := func(x *compare.Failover) string { return x.Fault }
	p.Failover, p.Defaults = viewFailovers(r.Failover, byFault), viewFailovers(r.Defaults, byFault)
	p.Missing = viewFailovers(r.Missing, labelled(r.Missing, func(x *compare.Failover) string {
		return count(x.Missing, "transaction", "transactions") + " missing"
	}), leadersClient) // clients start after the leader is gone
	p.Load = viewFailovers(r.Load, labelled(r.Load, func(x *compare.Failover) string {
		return count(x.Load, "client writes", "clients write") + " all the time"
	}))
	p.NoPreVote = viewFailovers(r.NoPreVote, byFault)
	p.Failover.link("", r.Steps)
	p.Missing.link(compare.TableMissing, r.Steps)
	p.Load.link(compare.TableLoad, r.Steps)
	p.NoPreVote.link(compare.TablePreVote, r.Steps)
	for _, v := range []*failView{p.Failover, p.Missing, p.Load, p.NoPreVote, p.Defaults} {
		if v != nil {
			v.Explain = true
			break
		}
	}
	p.Timeline = viewRuns(r.Runs)
	p.Tiles = viewTiles(r)
	for _, s := range []struct {
		there    bool
		id, name string
	}{
		{p.Drawn != nil, "drawn", "What was found"}, {p.Drawn != nil, "saw", "What clients saw"},
		{p.Drawn != nil, "checked", "What was checked"},
		{p.Writes != nil, "writes", "One write"}, {len(p.Latency) > 0, "latency", "Waiting"},
		{len(p.Through) > 0, "throughput", "Many writes"}, {len(p.Reads) > 0, "reads", "Reads"},
		{p.Failover != nil, "failover", "Fail-over"},
		{p.Missing != nil, "missing", "Missing transactions"},
		{p.Load != nil, "load", "Under load"}, {p.NoPreVote != nil, "prevote", "Without PreVote"},
		{p.Defaults != nil, "defaults", "Default settings"},
		{p.Timeline != nil, "timeline", "One plan of faults on both engines"}, {true, "settings", "Settings"},
	} {
		if s.there {
			p.Contents = append(p.Contents, entry{s.id, s.name})
		}
	}
	var b bytes.Buffer // write the whole page or nothing
	if err := pageTemplate.Execute(&b, p); err != nil {
		return err
	}
	_, err := out.Write(b.Bytes())
	return err
}
