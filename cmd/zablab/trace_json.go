package main

import (
	"encoding/json"
	"io"

	"github.com/zablab/zablab/scenarios/trace"
)

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

// jsonEvents are events as the file has them.
func jsonEvents(list []trace.Event) []json.RawMessage {
	out := []json.RawMessage{}
	for i := range list {
		out = append(out, list[i].AppendJSON(nil))
	}
	return out
}

func (s *told) json(out io.Writer, state *trace.State) error {
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
	writeJSON(out, doc)
	return nil
}
