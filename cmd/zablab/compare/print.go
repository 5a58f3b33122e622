package compare

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/compare"
)

// print prints a table for each part that was measured.
func (c *comparison) print(out io.Writer, took time.Duration) {
	p := &printer{terminal.PaintFor(out), out}
	p.title("ZAB and "+c.Library+" "+c.Raft,
		fmt.Sprintf("%.1fs · WebAssembly module of Raft %s", took.Seconds(), c.Guest[:16]))
	for _, s := range c.Settings {
		fmt.Fprintf(out, "  %s\n", s)
	}
	p.listed("Differences that come from the lab, not from the protocols", c.Differ)
	p.writes(c)
	p.latency(c.Latency)
	p.throughput(c.Throughput)
	p.reads(c.Reads)
	p.failovers(c)
	if c.rest != "" {
		fmt.Fprintf(out, "\n%s\n", p.Faint(c.rest))
	}
}

// printer prints the tables.
type printer struct {
	terminal.Paint
	out io.Writer
}

// title prints the title of a table and a line that explains the table.
func (p *printer) title(title, about string) {
	fmt.Fprintf(p.out, "%s  %s\n", p.Bold(title), p.Faint(about))
}

// column is a column of a table: its heading, and a function for its cell in each row.
type column[R any] struct {
	head string
	cell func(*R) string
}

// table prints a table if there are rows.
func table[R any](p *printer, title, about string, rows []R, columns ...column[R]) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintln(p.out)
	p.title(title, about)
	var heads []string
	for _, c := range columns {
		heads = append(heads, c.head)
	}
	t := terminal.NewTable(p.out, heads...)
	for i := range rows {
		var cells []string
		for _, c := range columns {
			cells = append(cells, c.cell(&rows[i]))
		}
		t.Row(cells...)
	}
	t.Render()
}

// writes prints what one write costs, and how long it takes.
func (p *printer) writes(c *comparison) {
	type w = compare.Write
	engine := column[w]{"Engine", func(x *w) string { return string(x.Engine) }}
	servers := column[w]{"Servers", func(x *w) string { return fmt.Sprint(x.Servers) }}
	enters := column[w]{"Sent to", func(x *w) string { return x.Enters }}
	count := column[w]{"n", func(x *w) string { return fmt.Sprint(x.N) }}
	table(p, "One write at a time",
		fmt.Sprintf("each message takes δ = %s, each fsync takes f = %s; one seed; \"Sent to\": "+
			"the server to which the client sends its writes; \"Expected\": what the protocol "+
			"predicts for the column to its left; \"Sent later\": messages that only announce the commit to the followers, and are "+
			"sent only if no other write follows; n: number of writes",
			c.Link, c.Fsync), c.Writes,
		engine, servers, enters,
		column[w]{"Messages", func(x *w) string { return figure(x.Messages) }},
		column[w]{"Expected", func(x *w) string { return figure(x.Expect) }},
		column[w]{"Leader sends", func(x *w) string { return figure(x.Leader) }},
		column[w]{"Expected", func(x *w) string { return figure(x.ExpectLeader) }},
		column[w]{"Sent later", func(x *w) string { return figure(x.Idle) }},
		column[w]{"Bytes", func(x *w) string { return fmt.Sprintf("%.0f", x.Bytes) }},
		column[w]{"Leader's bytes", func(x *w) string { return fmt.Sprintf("%.0f", x.Sent) }},
		column[w]{"Fsyncs", func(x *w) string { return figure(x.Fsyncs) }},
		count)
	table(p, "Latency of a write",
		"\"Links\" and \"Disks\": the extra time when all links, or all disks, are twice as slow; "+
			"\"Expected\": what the protocol predicts for the column to its left; \"Formula\": the "+
			"number of messages, the latency, and the time until the write is visible on all servers, "+
			"where n is the number of servers; last column: number of writes",
		c.Writes,
		engine, servers, enters,
		column[w]{"Latency", func(x *w) string { return ms(int64(x.Latency)) }},
		column[w]{"Expected", func(x *w) string { return ms(int64(x.ExpectLatency)) }},
		column[w]{"Links", func(x *w) string { return ms(int64(x.Network)) }},
		column[w]{"Disks", func(x *w) string { return ms(int64(x.Disks)) }},
		column[w]{"Visible everywhere", func(x *w) string { return ms(int64(x.Visible)) }},
		column[w]{"Expected", func(x *w) string { return ms(int64(x.ExpectVisible)) }},
		column[w]{"Formula", func(x *w) string { return x.Formula }},
		count)
}

// latency prints how long clients wait.
func (p *printer) latency(rows []compare.Latency) {
	type l = compare.Latency
	table(p, "How long clients wait", "p50 and p99 with a 95% interval; three clients, links 1 to "+
		"5ms, fsyncs 0.5 to 3ms; ZAB's reads are local and may be stale, Raft's are confirmed by "+
		"a quorum; \"Sent to\": the server to which the client sends its operations; n: number of "+
		"operations", rows,
		column[l]{"Engine", func(x *l) string { return string(x.Engine) }},
		column[l]{"Servers", func(x *l) string { return fmt.Sprint(x.Servers) }},
		column[l]{"Operation", func(x *l) string {
			if x.Read {
				return "read"
			}
			return "write"
		}},
		column[l]{"Sent to", func(x *l) string { return x.Enters }},
		column[l]{"p50", func(x *l) string {
			return msWithin(int64(x.P50), int64(x.Low), int64(x.High))
		}},
		column[l]{"p99", func(x *l) string {
			if x.Beyond(990) < compare.LeastBeyond {
				return "–"
			}
			return msWithin(int64(x.P99), int64(x.P99Low), int64(x.P99High))
		}},
		column[l]{"p99.9", func(x *l) string {
			if x.Beyond(999) < compare.LeastBeyond {
				return "–"
			}
			return ms(int64(x.P999))
		}},
		column[l]{"n", func(x *l) string { return fmt.Sprint(x.N) }},
		column[l]{"Seeds", func(x *l) string { return fmt.Sprint(x.Seeds) }})
}

// throughput prints how many writes per second the ensemble completes for many clients.
func (p *printer) throughput(rows []compare.Throughput) {
	type t = compare.Throughput
	table(p, "Concurrent writes",
		fmt.Sprintf("each client writes without pauses, for %s; "+
			"only messages and fsyncs take time", compare.Busy), rows,
		column[t]{"Clients", func(x *t) string { return fmt.Sprint(x.Clients) }},
		column[t]{"Engine", func(x *t) string { return string(x.Engine) }},
		column[t]{"Servers", func(x *t) string { return fmt.Sprint(x.Servers) }},
		column[t]{"Writes/s", func(x *t) string { return rate(x.Rate, x.RateLow, x.RateHigh) }},
		column[t]{"p50", func(x *t) string { return ms(int64(x.P50)) }},
		column[t]{"p99", func(x *t) string { return percentile(int64(x.P99), x.N) }},
		column[t]{"Messages per write", func(x *t) string { return figure(x.Messages) }},
		column[t]{"Fsyncs per write", func(x *t) string { return figure(x.Fsyncs) }},
		column[t]{"n", func(x *t) string { return fmt.Sprint(x.N) }})
}

// reads prints the ways to read: how long each takes, and how stale its answers are.
func (p *printer) reads(rows []compare.Read) {
	type r = compare.Read
	table(p, "Kinds of reads", fmt.Sprintf(
		"three clients read, one writes; \"Concurrent reads\": %d clients read without pauses;\n"+
			"  \"cut off\": reads at a leader that receives no messages and whose clock runs at a "+
			"quarter of its speed; \"Stalest\": how old the stalest read was", compare.Readers), rows,
		column[r]{"Engine", func(x *r) string { return string(x.Engine) }},
		column[r]{"Servers", func(x *r) string { return fmt.Sprint(x.Servers) }},
		column[r]{"Kind of read", func(x *r) string { return x.Way }},
		column[r]{"Sent to", func(x *r) string { return x.Enters }},
		column[r]{"p50", func(x *r) string {
			return msWithin(int64(x.P50), int64(x.Low), int64(x.High))
		}},
		column[r]{"p99", func(x *r) string { return percentile(int64(x.P99), x.N) }},
		column[r]{"Concurrent reads/s", func(x *r) string { return rate(x.Rate, x.RateLow, x.RateHigh) }},
		column[r]{"Stale", func(x *r) string { return fmt.Sprintf("%d/%d", x.Stale, x.N) }},
		column[r]{"Stalest", func(x *r) string { return ms(int64(x.Oldest)) }},
		column[r]{"Stale, cut off",
			func(x *r) string { return fmt.Sprintf("%d/%d", x.CutStale, x.CutN) }},
		column[r]{"Stalest, cut off", func(x *r) string { return ms(int64(x.CutOldest)) }},
		column[r]{"Guarantee", func(x *r) string { return x.Promise }},
		column[r]{"n", func(x *r) string { return fmt.Sprint(x.N) }},
		column[r]{"Seeds", func(x *r) string { return fmt.Sprint(x.Seeds) }})
}

// figure formats a number with at most two decimals.
func figure(x float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", x), "0"), ".")
}

// percentile formats a 99th percentile of n values, if enough of them lie beyond it.
func percentile(us int64, n int) string {
	if n < 100*compare.LeastBeyond {
		return "–"
	}
	return ms(us)
}

// within formats a figure and its confidence interval, with the decimals that the interval allows.
// The interval is left out if it rounds to the figure alone.
func within(median, low, high, one int64, most int, unit string) string {
	d := compare.Decimals(low, high, one, most)
	text := func(x int64) string { return fmt.Sprintf("%.*f", d, float64(x)/float64(one)) }
	if text(low) == text(high) {
		return text(median) + unit
	}
	return fmt.Sprintf("%s%s (%s–%s)", text(median), unit, text(low), text(high))
}

func msWithin(median, low, high int64) string { return within(median, low, high, 1000, 1, "ms") }

// rate formats a rate and its confidence interval, rounded to what the interval allows.
func rate(x, low, high float64) string {
	text := func(x float64) string { return fmt.Sprintf("%.0f", compare.Rounded(x, low, high)) }
	if text(low) == text(high) {
		return text(x)
	}
	return fmt.Sprintf("%s (%s–%s)", text(x), text(low), text(high))
}

func ms(us int64) string { return fmt.Sprintf("%.1fms", float64(us)/1000) }
