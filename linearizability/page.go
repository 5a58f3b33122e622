package linearizability

import (
	"errors"
	"io"

	"github.com/anishathalye/porcupine"
)

// Annotation is something that happened beside the operations: a crash, a partition, a reign.
type Annotation struct {
	Tag        string // the row in which it is drawn: S1, network, leader
	Start, End int64  // an End before Start means a moment
	Text       string
	Color      string // of the background, as CSS has it; empty is porcupine's own
}

// Page writes porcupine's picture of a verdict: every operation with its interval, the order
// found, and the operation at which it got stuck, with the annotations over it.
func Page(w io.Writer, v Verdict, notes ...Annotation) error {
	if !v.drawn {
		return errors.New("page: this verdict is not from Check: check the history again")
	}
	info := v.info
	list := make([]porcupine.Annotation, len(notes))
	for i, n := range notes {
		list[i] = porcupine.Annotation{
			Tag: n.Tag, Start: n.Start, End: n.End, Description: n.Text, BackgroundColor: n.Color,
		}
	}
	info.AddAnnotations(list)
	return porcupine.Visualize(v.model, info, w)
}
