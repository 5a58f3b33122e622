package report

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/compare"
)

// viewTiles returns the key figures of both engines, for the first number of servers.
func viewTiles(r *Report) (tiles []chart) {
	pair := func(title, note string, list []bar, unit string, show func(float64) string) {
		if len(list) == 2 {
			b := bars{title: title, note: note, unit: unit, show: show, list: list}
			c := b.chart()
			c.Axis, c.Class = nil, "tile"
			tiles = append(tiles, c)
		}
	}
	msText := func(x float64) string { return millis(int64(x * 1000)) }
	var messages, waits []bar
	for _, w := range r.Writes {
		if w.Servers == r.Writes[0].Servers && w.Enters == "leader" {
			b := bar{
				engine: w.Engine, name: engineName(w.Engine), value: w.Messages, expect: -1,
				small: []string{"n " + number(w.N)},
			}
			messages = append(messages, b)
			b.value = float64(w.Latency) / 1000
			waits = append(waits, b)
		}
	}
	if len(messages) > 0 {
		pair("Messages per write", sized(r.Writes[0].Servers), messages, "", figure)
		pair("A write takes", fmt.Sprintf("links %s, disks %s", r.Link, r.Fsync),
			waits, "ms", msText)
	}
	var rate []bar
	most := 0
	for _, x := range r.Throughput {
		if x.Servers == r.Throughput[0].Servers {
			most = max(most, x.Clients)
		}
	}
	for _, x := range r.Throughput {
		if x.Servers == r.Throughput[0].Servers && x.Clients == most {
			rate = append(rate, bar{
				engine: x.Engine, name: engineName(x.Engine), value: x.Rate, expect: -1,
				text:  rounded(x.Rate, x.RateLow, x.RateHigh),
				small: []string{rateBetween(x.RateLow, x.RateHigh), "n " + number(x.N)},
			})
		}
	}
	pair("Writes per second", count(most, "client", "clients")+" at once", rate, "", whole)
	for _, i := range tileFaults(r.Failover) {
		var list []bar
		for _, x := range r.Failover {
			if f := r.Failover[i]; x.Fault == f.Fault && x.Servers == f.Servers && x.First.N > 0 {
				list = append(list, bar{
					engine: x.Engine, name: engineName(x.Engine),
					value: float64(x.First.Median) / 1e6, expect: -1, text: short(&x.First),
					small: []string{between(&x.First), runs(&x.First, &x)},
				})
			}
		}
		pair("First write after the fault", r.Failover[i].Fault, list, "s", nil)
	}
	return tiles
}

// tileFaults returns the rows of the two faults that have a tile: the first fault, and the first
// that breaks no connection.
func tileFaults(list []compare.Failover) (rows []int) {
	for i := range list {
		if i == 0 || list[i].Fault == compare.CutOff().Name && list[i].Fault != list[0].Fault {
			if list[i].Servers == list[0].Servers && list[i].Engine == list[0].Engine {
				rows = append(rows, i)
			}
		}
	}
	return rows
}
