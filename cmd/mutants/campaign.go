package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// engine is a binary with the mutants that it has. Each has a switch, or there is only one.
type engine struct {
	binary   string
	which    []int // in the list of the campaign
	switched bool
}

// campaign tries mutants: all of them for a short time, and then those that survived for longer.
type campaign struct {
	*bench
	list    []Mutant
	trials  []trial // of each mutant, the latest; without an outcome if there is none
	out     io.Writer
	results string
	sound   verdict // of the engine without a mutant
	done    int     // trials of the present stage
	of      int
}

// run builds the mutants that are left to try, and tries them in two stages.
func (c *campaign) run(first, limit time.Duration) error {
	var left []int
	for i := range c.list {
		if !c.trials[i].final(limit) {
			left = append(left, i)
		}
	}
	engines, err := c.engines(left)
	if err != nil {
		return err
	}
	if err := c.control(engines, first, limit); err != nil {
		return err
	}
	for _, stage := range []time.Duration{min(first, limit), limit} {
		c.done, c.of = 0, 0
		for pass := range 2 { // count, then try
			for _, e := range engines {
				for _, i := range e.which {
					if c.trials[i].final(stage) {
						continue
					}
					if pass == 0 {
						c.of++
					} else if err := c.judge(e, i, stage); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// final reports whether a longer trial than this one is not needed.
func (t *trial) final(limit time.Duration) bool {
	return t.Outcome == convicted || t.Outcome == unbuilt ||
		t.Outcome == survived && t.For >= limit.Seconds()
}

// engines builds the binaries of the mutants that are left. A mutant that does not build gets its
// outcome.
func (c *campaign) engines(left []int) (list []*engine, err error) {
	shared, alone := schemas(c.list, left)
	for n, which := range shared {
		files, err := schema(c.list, which, c.source)
		if err != nil {
			return nil, err
		}
		binary, err := c.build(fmt.Sprintf("engine-%d", n), files)
		var wrong *buildError
		if errors.As(err, &wrong) {
			fmt.Fprintf(os.Stderr, "mutants: the binary that %d mutants should share does not "+
				"build, so each of these mutants gets its own "+
				"binary:\n%s\n", len(which), wrong.text)
			alone = append(alone, which...)
			continue
		} else if err != nil {
			return nil, err
		}
		list = append(list, &engine{binary, which, true})
	}
	for _, i := range alone {
		m := &c.list[i]
		source, err := c.source(m.File)
		if err != nil {
			return nil, err
		}
		binary, err := c.build(fmt.Sprintf("alone-%d", i), map[string][]byte{
			m.File: m.apply(source)})
		var wrong *buildError
		if errors.As(err, &wrong) {
			c.trials[i] = trial{Mutant: *m, ID: m.ID(), Outcome: unbuilt}
			if err := c.tell(i); err != nil {
				return nil, err
			}
			continue
		} else if err != nil {
			return nil, err
		}
		list = append(list, &engine{binary: binary, which: []int{i}})
	}
	return list, nil
}

// control plays shared binaries without a mutant: they must survive. The first is played for
// longer: the runs of mutants are compared with its runs.
func (c *campaign) control(engines []*engine, first, limit time.Duration) error {
	for i, e := range engines {
		if !e.switched {
			continue
		}
		v, err := c.play(e.binary, first, false, variable+"=0")
		if i == 0 && err == nil && v.Property == "" {
			v, err = c.play(e.binary, limit, false, variable+"=0")
			c.sound = v
		}
		if err == nil && v.Property != "" {
			err = fmt.Errorf("the unchanged engine fails the check %s, at seed %d of the mix %s: "+
				"%s: correct the engine before you try mutants", v.Property, v.Seed, v.Mix, v.Text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// judge plays a mutant, and sets and tells its outcome.
func (c *campaign) judge(e *engine, i int, limit time.Duration) (err error) {
	m := &c.list[i]
	t := trial{Mutant: *m, ID: m.ID(), For: limit.Seconds(), Outcome: survived}
	var env []string
	if e.switched {
		env = []string{fmt.Sprintf("%s=%d", variable, i+1)}
	}
	if t.verdict, err = c.play(e.binary, limit, false, env...); err != nil {
		return err
	}
	if was := c.sound.Searched; t.Property == "" && t.Searched != "" && was != "" && t.Searched != was {
		t.Property, t.Text = found, fmt.Sprintf("the searches of small ensembles had these "+
			"results: %s; with the unchanged engine they have these: %s", t.Searched, was)
	}
	if t.Property != "" {
		t.Outcome = convicted
	}
	if len(c.sound.Runs) > 0 {
		mix, n, differs := t.differs(&c.sound)
		t.Alike = fmt.Sprintf("the mutant's first %d runs are equal to those of the "+
			"unchanged engine", n)
		if differs {
			t.Alike = fmt.Sprintf("one of the mutant's first %d runs of the mix %s differs from the same "+
				"run of the unchanged engine", n, mix)
		}
	}
	t.Runs = nil
	c.trials[i] = t
	c.done++
	fmt.Fprintf(c.out, "[%d/%d for %s] ", c.done, c.of, limit)
	return c.tell(i)
}

// tell prints a trial, and appends it to the file of results.
func (c *campaign) tell(i int) error {
	printTrial(c.out, &c.trials[i])
	return appendResult(c.results, &c.trials[i])
}
