package main

import (
	"context"
	"fmt"

	"github.com/zablab/zablab/cmd/zablab/web/svg"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/learn"
)

// question asks for the verdict on an answer to an exercise.
type question struct {
	Exercise string `json:"exercise"` // its number or name
	Answer   string `json:"answer"`
}

// verdict is a learn.Verdict with its drawing as SVG.
type verdict struct {
	Status  learn.Status `json:"status"`
	Why     string       `json:"why"`
	Details []string     `json:"details"`
	Drawing []string     `json:"drawing"`
	Lines   int          `json:"lines"`
	Par     int          `json:"par"`
	Lesson  string       `json:"lesson"`
}

func (q *question) verdict() (*verdict, error) {
	x := learn.Find(learn.All(), q.Exercise)
	if x == nil {
		return nil, fmt.Errorf("check %s: no such exercise", q.Exercise)
	}
	v, err := x.Check(context.Background(), x.Answered([]byte(q.Answer)), &learn.Lab{})
	if err != nil {
		return nil, err
	}
	w := &verdict{v.Status, v.Why, append([]string{}, v.Details...), []string{}, v.Lines, v.Par,
		v.Lesson}
	if x.Kind == learn.Judge && len(v.Details) > 0 {
		h, err := x.History()
		if err != nil {
			return nil, err
		}
		w.Drawing, w.Details = []string{svg.History(h)}, []string{}
		return w, nil
	}
	if v.Drawing == "" {
		return w, nil
	}
	doc, err := diagram.Parse("run.mmd", []byte(v.Drawing))
	if err != nil {
		return w, nil // a run in which nothing happened has no drawing
	}
	for _, d := range doc.Diagrams {
		w.Drawing = append(w.Drawing, svg.Draw(d))
	}
	return w, nil
}
