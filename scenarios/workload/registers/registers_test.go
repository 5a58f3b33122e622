package registers

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
)

// TestProgram: a program follows from seed, name and mix, and does what the mix says.
func TestProgram(t *testing.T) {
	mix := Mix{Registers: 3, Reads: 30, Size: 20, Pause: 40 * sim.Millisecond}
	play := func(seed uint64, name string) (text string) {
		p := New(seed, name, mix)
		reads, values, registers := 0, map[string]bool{}, map[string]bool{}
		for range 1000 {
			o, pause := p.Next(), p.Pause()
			text += fmt.Sprint(o, pause)
			registers[o.Register] = true
			if o.Read {
				reads++
			} else if values[o.Value] || len(o.Value) != mix.Size ||
				!strings.HasPrefix(o.Value, name) {
				t.Fatalf("value %q", o.Value)
			} else {
				values[o.Value] = true
			}
			if pause < mix.Pause/2 || pause > mix.Pause*3/2 {
				t.Fatalf("pause %s", pause)
			}
		}
		if reads < 250 || reads > 350 || len(registers) != 3 {
			t.Errorf("%d reads of 1000, registers %v", reads, registers)
		}
		return text
	}
	first := play(1, "A")
	if play(1, "A") != first || play(2, "A") == first || play(1, "B") == first {
		t.Error("a program does not follow from its seed and its name alone")
	}
	if p := New(1, "A", Mix{}); p.Pause() != 0 || p.Next().Register != "r0" {
		t.Error("an empty mix is writes of r0 without a pause")
	}
}
