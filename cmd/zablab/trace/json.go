package trace

import (
	"encoding/json"
	"io"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/trace"
)

// jsonDiffers is a difference between two runs, in the output of --json. Its keys are stable: keys
// may be added, but never renamed.
type jsonDiffers struct {
	What   string `json:"what"`
	First  string `json:"first"`
	Second string `json:"second"`
}

func jsonOfDiffers(list []trace.Differs) []jsonDiffers {
	out := []jsonDiffers{}
	for _, d := range list {
		out = append(out, jsonDiffers{d.What, d.A, d.B})
	}
	return out
}

// jsonEvents returns events in the format of the trace file.
func jsonEvents(list []trace.Event) []json.RawMessage {
	out := []json.RawMessage{}
	for i := range list {
		out = append(out, list[i].AppendJSON(nil))
	}
	return out
}

// json prints the chosen events, and the state after the last one.
func (s *shown) json(out io.Writer, state *trace.State) {
	doc := struct {
		Of      int64             `json:"of"`
		Ended   bool              `json:"ended"`
		Missing int64             `json:"missing"`
		Events  []json.RawMessage `json:"events"`
		State   json.RawMessage   `json:"state,omitempty"`
	}{Of: s.total, Ended: s.ended, Missing: s.missing, Events: jsonEvents(s.events())}
	if state != nil {
		doc.State = json.RawMessage(state.Canonical())
	}
	command.WriteJSON(out, doc)
}
