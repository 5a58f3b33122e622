package compare

import (
	"fmt"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/compare"
)

// failovers prints a table for each kind of fail-over.
func (p *printer) failovers(c *comparison) {
	byFault := func(x *compare.Failover) string { return x.Fault }
	p.failover("Fail-over",
		fmt.Sprintf("times since the fault: median (95%% interval; with fewer than %d runs, "+
			"minimum–maximum); \"Old leader's client\": time until the first write of the client "+
			"that was connected to the old leader is acknowledged", compare.EnoughRuns),
		"Fault", c.Failover, byFault)
	p.failover("Fail-over while a server lags",
		"the leader crashes; the new quorum needs a server that lacks transactions "+
			"(column \"Lacks\")", "Lacks", c.Missing,
		func(x *compare.Failover) string { return fmt.Sprint(x.Missing) })
	p.failover("Fail-over under load",
		"the leader crashes while clients write without pauses",
		"Clients", c.Load, func(x *compare.Failover) string { return fmt.Sprint(x.Load) })
	p.failover("Fail-over without PreVote", "Raft with its option PreVote turned off: the leader "+
		"is cut off, or a follower is cut off for 3s",
		"Fault", c.NoPreVote, byFault)
	p.failover("Fail-over with default settings", strings.Join(c.AsTheyCome, ""),
		"Fault", c.Defaults, byFault)
	if slices.ContainsFunc(c.fails(), func(x compare.Failover) bool {
		return x.Engine == compare.ZAB && x.Linearizable == lin.Broken
	}) {
		fmt.Fprintf(p.out, "\n%s\n",
			p.Faint("Linearizable: for ZAB, \"broken\" means that a read was stale, which "+
				"ZooKeeper allows"))
	}
}

// failover prints one table. first is the heading of its first column, which distinguishes the
// rows.
func (p *printer) failover(title, about, first string, rows []compare.Failover,
	by func(*compare.Failover) string) {
	type f = compare.Failover
	about += "; \"Serves\": the new leader answers clients; \"Terms\": epochs or terms that began; " +
		"\"Unanswered\": calls without an answer; \"Doubled writes\": writes that took effect more " +
		"than once; \"Runs\": runs with a write after the fault, of all runs"
	table(p, title, about, rows,
		column[f]{first, by},
		column[f]{"Engine", func(x *f) string { return string(x.Engine) }},
		column[f]{"Servers", func(x *f) string { return fmt.Sprint(x.Servers) }},
		column[f]{"Detected", func(x *f) string { return span(&x.Detected) }},
		column[f]{"Elected", func(x *f) string { return span(&x.Elected) }},
		column[f]{"Serves", func(x *f) string { return span(&x.Recovered) }},
		column[f]{"First write", func(x *f) string { return span(&x.First) }},
		column[f]{"Old leader's client", func(x *f) string { return span(&x.Led) }},
		column[f]{"Terms", func(x *f) string { return fmt.Sprint(x.Terms.Median) }},
		column[f]{"Unanswered", func(x *f) string { return fmt.Sprint(x.Unknown) }},
		column[f]{"Stale reads",
			func(x *f) string { return fmt.Sprintf("%d/%d", x.Stale, x.Reads) }},
		column[f]{"Lost writes", func(x *f) string { return fmt.Sprint(x.Lost) }},
		column[f]{"Doubled writes", func(x *f) string { return fmt.Sprint(x.Doubled) }},
		column[f]{"Linearizable", func(x *f) string { return string(x.Linearizable) }},
		column[f]{"Runs", func(x *f) string { return fmt.Sprintf("%d/%d", x.First.N, x.Seeds) }})
}

// span formats the time of one part of a fail-over: 1.20s (1.11–1.35).
func span(p *compare.Part) string {
	if p.N == 0 {
		return "–"
	}
	return within(p.Median, p.Low, p.High, 1e6, 2, "s")
}
