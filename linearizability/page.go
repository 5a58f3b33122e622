package linearizability

import (
	"errors"
	"io"

	"github.com/anishathalye/porcupine"
)

// Annotation is an event or a span to show next to the operations: a crash, a partition, or the
// time in which one server leads.
type Annotation struct {
	Tag        string // its row: S1, network, leader
	Start, End int64  // a moment if End is before Start
	Text       string
	Color      string // of the background, in CSS; empty is porcupine's default
}

// Page writes porcupine's interactive picture of a verdict, as HTML: every operation with its
// interval, the order found, the operation that cannot come next, and the annotations.
func Page(w io.Writer, v Verdict, notes ...Annotation) error {
	if !v.drawn {
		return errors.New("page: the verdict did not come from Check: check the history again")
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
