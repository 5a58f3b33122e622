package learn

import (
	"fmt"
	"strings"
)

// checkPredict plays the drawing, sees which choice came true, and compares the bet with it.
func (x *Exercise) checkPredict(text []byte) (Verdict, error) {
	answer, err := answerIn(text)
	if err != nil {
		return unread(err), nil
	}
	bet := x.choiceOf(answer)
	if bet == nil {
		return unread(fmt.Errorf("%q is none of the choices: write one letter, %s", answer,
			x.letters())), nil
	}
	p, err := playDocument(x.ID()+".md", []byte(x.Text), nil, max(1, x.seeds))
	if err != nil {
		return Verdict{}, err
	}
	defer p.close()
	var right *choice
	for i := range x.choices {
		if x.choices[i].when.holds(p) {
			if right != nil {
				return Verdict{}, fmt.Errorf("%s: two choices come true, %s and %s: make the "+
					"conditions exclude each other", x.ID(), right.letter, x.choices[i].letter)
			}
			right = &x.choices[i]
		}
	}
	if right == nil {
		return Verdict{}, fmt.Errorf("%s: none of the choices comes true: add the right one",
			x.ID())
	}
	v := Verdict{Status: Passed, Details: p.table()}
	if x.seeds > 1 {
		v.Details = p.winners()
	}
	if bet != right {
		v.Status, v.Drawing = Failed, p.picture()
		v.Why = fmt.Sprintf("your bet was %q; the run shows something else", bet.text)
		if x.seeds > 1 {
			v.Drawing = ""
		}
	}
	return v, nil
}

func (x *Exercise) choiceOf(answer string) *choice {
	for i := range x.choices {
		if strings.EqualFold(answer, x.choices[i].letter) {
			return &x.choices[i]
		}
	}
	return nil
}

// letters lists the letters of the choices: a, b or c.
func (x *Exercise) letters() string {
	var list []string
	for _, c := range x.choices {
		list = append(list, c.letter)
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " or " + list[last]
}

// winners says how often each client won.
func (p *played) winners() (lines []string) {
	for i := range p.res.Diagrams {
		for _, c := range p.res.Diagrams[i].Winners {
			lines = append(lines, fmt.Sprintf("%s won in %d of %d runs", c.What, c.N, p.res.Done))
		}
	}
	return lines
}
