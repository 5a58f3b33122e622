package learn

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/zablab/zablab/sim"
)

// What the sentences of checks say in the lab's terms, and a learner has not been given.
var (
	micros  = regexp.MustCompile(`\b(\d+) ?(?:µs|us)\b`)
	tokens  = regexp.MustCompile(`\btoken (\d{10,})\b`)
	guids   = regexp.MustCompile(`\b([0-9a-f]{4})[0-9a-f]{12}-([a-z]_?)?(?:0*(\d+))?`)
	exact   = regexp.MustCompile(`\b(\d+\.\d{3})\d{3}s\b`)
	preface = regexp.MustCompile(`^(?:safety: )?(\w+) broken at step \d+, t=[0-9.]+s: `)
)

// mostEpochs is more epochs than any run of an exercise has.
const mostEpochs = 10_000

// plainly puts a sentence of a check into the words that the exercises use: times in seconds,
// tokens as epoch/counter, and short names of nodes.
func plainly(text string) string {
	text = preface.ReplaceAllString(text, "")
	text = micros.ReplaceAllStringFunc(text, func(m string) string {
		n, err := strconv.ParseInt(micros.FindStringSubmatch(m)[1], 10, 64)
		if err != nil {
			return m
		}
		return seconds(sim.Time(n))
	})
	text = tokens.ReplaceAllStringFunc(text, func(m string) string {
		n, err := strconv.ParseInt(tokens.FindStringSubmatch(m)[1], 10, 64)
		if err != nil || n>>32 > mostEpochs {
			return m // something else
		}
		return fmt.Sprintf("token %d/%d", n>>32, n&(1<<32-1))
	})
	text = exact.ReplaceAllString(text, "${1}s")
	return guids.ReplaceAllString(text, "$1…-$2$3")
}
