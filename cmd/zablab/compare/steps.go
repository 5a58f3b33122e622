package compare

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/report"
	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/why"
)

// stepped returns the page that steps through two runs of one plan, on one axis of time.
func stepped(title string, sides []compare.Side, names [2]string) ([]byte, error) {
	p := web.Page{Title: title, Trace: []byte(sides[0].Result.Trace),
		WhyNot: "This page was made from a plan of faults, not from a document. To play other faults, " +
			"write them to a file, such as my.plan, and run zablab compare --plan my.plan --html page.html.",
		Beside: &web.Beside{Trace: []byte(sides[1].Result.Trace), Names: names}}
	for i := range sides[0].Run.Events {
		if e := &sides[0].Run.Events[i]; e.T > 0 && why.Fault(e) {
			p.Beside.At, p.Step = e.T, &e.I
			break
		}
	}
	return p.Bytes()
}

// stepsFile is the name of the nth page of runs beside a report; 0 is the only one.
func (f *flags) stepsFile(n int) string {
	ext := filepath.Ext(f.html)
	name := strings.TrimSuffix(f.html, ext) + "-steps"
	if n > 0 {
		name += fmt.Sprint("-", n)
	}
	return name + ext
}

// writeSteps writes the page of two runs to a file.
func (o *order) writeSteps(file, title string, sides []compare.Side) error {
	text, err := stepped(title, sides, [2]string{"ZAB", o.kind.Library.Name()})
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return command.WriteFile(file, text)
}

// failoverSteps plays each measured fault once more on both engines, with seed 1, and writes a page
// for each. If interrupted, it returns the pages so far.
func (o *order) failoverSteps(ctx context.Context, lab *compare.Lab, rows []compare.Failover,
) (list []report.Step, err error) {
	for _, servers := range o.sizes {
		for _, fault := range o.faults {
			if ctx.Err() != nil {
				return list, nil
			}
			if !slices.ContainsFunc(rows, func(r compare.Failover) bool {
				return r.Fault == fault.Name && r.Servers == servers
			}) {
				continue
			}
			plan := fault.Plan(servers)
			length, err := compare.PlanLength("--fault", plan, servers)
			if err != nil {
				return nil, err
			}
			sides, err := lab.Both(ctx, plan, servers, 1, length)
			if err != nil {
				return nil, err
			}
			file := o.stepsFile(len(list) + 1)
			title := fmt.Sprintf("%s, %d servers", fault.Name, servers)
			if err := o.writeSteps(file, title, sides); err != nil {
				return nil, err
			}
			list = append(list, report.Step{Fault: fault.Name, Servers: servers,
				File: filepath.Base(file)})
		}
	}
	return list, nil
}

// mostLagging is the largest number of missing transactions of a run that a page steps through.
const mostLagging = 1000

// tableSteps writes a page for each row of the tables of lagging servers, load and PreVote,
// numbered after the pages before; not for runs that are too long to step through. If interrupted,
// it returns the pages so far.
func (o *order) tableSteps(ctx context.Context, lab *compare.Lab, r *report.Report) ([]report.Step, error) {
	list := r.Steps
	faults := []compare.Fault{compare.CutOff(), compare.Shunned()}
	raft := o.kind.Library.Name()
	for _, t := range []struct {
		table compare.Table
		rows  []compare.Failover
		names [2]string
	}{
		{compare.TableMissing, r.Missing, [2]string{"ZAB", raft}},
		{compare.TableLoad, r.Load, [2]string{"ZAB", raft}},
		{compare.TablePreVote, r.NoPreVote, [2]string{"with PreVote", "without"}},
	} {
		least := 0 // of the clients in the table of load
		for i := range t.rows {
			if n := t.rows[i].Load; least == 0 || n < least {
				least = n
			}
		}
		for i := range t.rows {
			row := &t.rows[i]
			if row.Engine != compare.Raft || row.Missing > mostLagging || row.Load > least {
				continue // each pair of rows once
			}
			at := slices.IndexFunc(faults, func(f compare.Fault) bool { return f.Name == row.Fault })
			if ctx.Err() != nil || at < 0 && t.table == compare.TablePreVote {
				continue
			}
			sides, err := lab.Shown(ctx, t.table, row, faults[max(at, 0)])
			if err != nil {
				return list, err
			}
			file := o.stepsFile(len(list) + 1)
			title := fmt.Sprintf("%s, %d servers", row.Fault, row.Servers)
			text, err := stepped(title, sides, t.names)
			if err != nil {
				return list, fmt.Errorf("write %s: %w", file, err)
			}
			if err := command.WriteFile(file, text); err != nil {
				return list, err
			}
			list = append(list, report.Step{Table: t.table, Fault: row.Fault, Servers: row.Servers,
				Missing: row.Missing, Load: row.Load, File: filepath.Base(file)})
		}
	}
	return list, nil
}
