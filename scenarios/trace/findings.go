package trace

import "strconv"

// appendFindings appends the keys "drawn", "broken" and "asks" of the end line, unless they are
// empty.
func appendFindings(b []byte, e *End) []byte {
	if len(e.Drawn) > 0 {
		b = append(b, `,"drawn":[`...)
		for i := range e.Drawn {
			b = e.Drawn[i].append(comma(b, i))
		}
		b = append(b, ']')
	}
	if len(e.Broken) > 0 {
		b = append(b, `,"broken":[`...)
		for i, x := range e.Broken {
			b = text(append(comma(b, i), `{"name":`...), x.Name)
			b = text(append(b, `,"text":`...), x.Text)
			b = append(strconv.AppendInt(append(b, `,"i":`...), Place(x.Step), 10), '}')
		}
		b = append(b, ']')
	}
	if len(e.Asks) > 0 {
		b = append(b, `,"asks":[`...)
		for i := range e.Asks {
			b = e.Asks[i].append(comma(b, i))
		}
		b = append(b, ']')
	}
	return b
}

func (d *Diagram) append(b []byte) []byte {
	b = text(append(b, `{"title":`...), d.Title)
	b = strconv.AppendInt(append(b, `,"line":`...), int64(d.Line), 10)
	b = append(b, `,"rows":[`...)
	for i := range d.Rows {
		b = d.Rows[i].append(comma(b, i))
	}
	return append(b, "]}"...)
}

func (r *Row) append(b []byte) []byte {
	b = strconv.AppendInt(append(b, `{"line":`...), int64(r.Line), 10)
	b = text(append(b, `,"from":`...), r.From)
	for _, s := range []struct{ key, value string }{
		{`,"to":`, r.To}, {`,"kind":`, r.Kind}, {`,"text":`, r.Text}, {`,"verdict":`, r.Verdict},
		{`,"expect":`, r.Expect}, {`,"says":`, r.Says},
	} {
		if s.value != "" {
			b = text(append(b, s.key...), s.value)
		}
	}
	if r.Bad {
		b = append(b, `,"bad":true`...)
	}
	b = strconv.AppendInt(append(b, `,"t":`...), r.At, 10)
	return append(strconv.AppendInt(append(b, `,"i":`...), Place(r.Step), 10), '}')
}

// append appends what is special about a check, and closes its object.
func (c *Check) append(b []byte) []byte {
	for _, is := range []struct {
		key   string
		value bool
	}{{`,"idle":true`, c.Idle}, {`,"allowed":true`, c.Allowed}, {`,"bad":true`, c.Bad}} {
		if is.value {
			b = append(b, is.key...)
		}
	}
	if c.Text != "" {
		b = text(append(b, `,"text":`...), c.Text)
	}
	return append(b, '}')
}

// diagramJSON and brokenJSON have the form in which encoding/json reads the findings.
type diagramJSON struct {
	Title string
	Line  int
	Rows  []struct {
		Line                                        int
		From, To, Kind, Text, Verdict, Expect, Says string
		Bad                                         bool
		T, I                                        int64
	}
}

type brokenJSON struct {
	Name, Text string
	I          int64
}

type askJSON struct {
	At      int64
	Q       string
	Options []string
	Answer  string
	I       int64
}

func (j *diagramJSON) diagram() Diagram {
	d := Diagram{Title: j.Title, Line: j.Line}
	for _, r := range j.Rows {
		d.Rows = append(d.Rows, Row{r.Line, r.From, r.To, r.Kind, r.Text, r.Verdict, r.Expect,
			r.Says, r.Bad, r.T, r.I})
	}
	return d
}

// findings moves what a cut keeps of the findings: verdicts stay, and events outside become -1.
func (t *trimming) findings(e *End) {
	drawn, broken := e.Drawn, e.Broken
	e.Drawn, e.Broken = nil, nil
	for _, d := range drawn {
		rows := make([]Row, len(d.Rows))
		for i, r := range d.Rows {
			rows[i] = r
			rows[i].Step = t.place(r.Step)
		}
		e.Drawn = append(e.Drawn, Diagram{d.Title, d.Line, rows})
	}
	for _, x := range broken {
		e.Broken = append(e.Broken, Broken{x.Name, x.Text, t.place(x.Step)})
	}
}
