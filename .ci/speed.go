//go:build ignore

// Speed plays the same seeds with two builds of zablab, in turn, and prints a table of both: the
// processor time for 1,000 seeds of each mix, the memory, and for each known bug the seeds until a
// check breaks.
//
//	go build -o /tmp/before ./cmd/zablab    # and so on, for the other commit
//	go run .ci/speed.go /tmp/before /tmp/after
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
)

// run runs a command and returns its output, its processor time in seconds and its memory in MB.
func run(name string, args ...string) (out []byte, seconds, mb float64) {
	c := exec.Command(name, args...)
	out, err := c.Output()
	state := c.ProcessState
	if state == nil {
		fmt.Fprintln(os.Stderr, "speed:", err)
		os.Exit(2)
	}
	used := (state.UserTime() + state.SystemTime()).Seconds()
	return out, used, float64(state.SysUsage().(*syscall.Rusage).Maxrss) / 1024
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// row plays seeds with both builds, pairs times, and prints the medians.
func row(builds []string, mix string, seeds, pairs int) {
	var times, ratios, memory [2][]float64
	for pair := range pairs {
		var now [2]float64
		for k := range builds {
			i := (k + pair) % 2 // the other one first
			_, seconds, mb := run(builds[i], "fuzz", "--mix", mix, "--workers", "1",
				"--seeds", strconv.Itoa(seeds), "--out", os.TempDir())
			now[i] = seconds / float64(seeds) * 1000
			times[i], memory[i] = append(times[i], now[i]), append(memory[i], mb)
		}
		ratios[0] = append(ratios[0], now[0]/now[1])
	}
	fmt.Printf("| 1,000 seeds of the mix %s, processor time | %.1f s | %.1f s | %.2f |\n", mix,
		median(times[0]), median(times[1]), median(ratios[0]))
	fmt.Printf("| seeds in a second of processor time | %.0f | %.0f | |\n", 1000/median(times[0]),
		1000/median(times[1]))
	fmt.Printf("| memory of one worker | %.0f MB | %.0f MB | %.2f |\n", median(memory[0]),
		median(memory[1]), median(memory[0])/median(memory[1]))
}

// hunted is what zablab flaws --hunt --json prints of one bug.
type hunted struct {
	Name  string `json:"name"`
	Found bool   `json:"found"`
	Seeds int    `json:"seeds"`
}

func hunt(build string, seeds int) (list []hunted) {
	out, _, _ := run(build, "flaws", "--hunt", "--json", "--seeds", strconv.Itoa(seeds),
		"--for", "10m", "--out", os.TempDir())
	var all struct{ Flaws []hunted }
	if err := json.Unmarshal(out, &all); err != nil {
		fmt.Fprintf(os.Stderr, "speed: %s flaws --hunt: %v\n", build, err)
		os.Exit(2)
	}
	return all.Flaws
}

func (h hunted) String() string {
	if h.Found {
		return strconv.Itoa(h.Seeds)
	}
	return "more than " + strconv.Itoa(h.Seeds)
}

func main() {
	seeds := flag.Int("seeds", 200, "seeds of each mix")
	pairs := flag.Int("pairs", 10, "how often each build plays them")
	bugs := flag.Int("hunt", 100, "most seeds of a hunt for each known bug; 0 for no hunt")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run .ci/speed.go [flags] BEFORE AFTER")
		os.Exit(2)
	}
	builds := flag.Args()
	fmt.Print("| What | Before | After | Before / after |\n| --- | --- | --- | --- |\n")
	for _, mix := range []string{"common", "swarm"} {
		row(builds, mix, *seeds, *pairs)
	}
	if *bugs == 0 {
		return
	}
	before, after := hunt(builds[0], *bugs), hunt(builds[1], *bugs)
	for i := range min(len(before), len(after)) {
		fmt.Printf("| seeds until %s is found | %v | %v | |\n", before[i].Name, before[i], after[i])
	}
}
