package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The outcomes of a trial.
const (
	convicted = "convicted"
	survived  = "survived"
	unbuilt   = "did not build"
)

// trial is a mutant and what became of it.
type trial struct {
	Mutant
	ID      string `json:"id"`
	Outcome string `json:"outcome"`
	verdict
	Ran int `json:"ran"` // how often the sound engine runs this place; -1 if not measured
}

// bench builds and plays changed engines.
type bench struct {
	root  string
	work  string // a folder for binaries
	limit time.Duration
}

// grace is how much longer than its time a fuzzer may take before it counts as hanging. One run
// takes less than a second.
const grace = 30 * time.Second

// build builds this command, with other contents for some files: from the path in the module to the
// file that replaces it. An error that begins with unbuilt is the compiler's.
func (b *bench) build(replace map[string]string, flags ...string) (binary string, err error) {
	full := make(map[string]string)
	for name, by := range replace {
		full[filepath.Join(b.root, filepath.FromSlash(name))] = by
	}
	overlay, err := json.Marshal(map[string]any{"Replace": full})
	if err != nil {
		return "", err
	}
	list := filepath.Join(b.work, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o666); err != nil {
		return "", err
	}
	binary = filepath.Join(b.work, "engine")
	args := append([]string{"build", "-overlay", list, "-o", binary}, flags...)
	c := exec.Command("go", append(args, "./cmd/mutants")...)
	c.Dir = b.root
	if text, err := c.CombinedOutput(); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return "", &buildError{strings.TrimSpace(string(text))}
		}
		return "", fmt.Errorf("go build: %w", err)
	}
	return binary, nil
}

// buildError is what the compiler says of a changed engine.
type buildError struct{ text string }

func (e *buildError) Error() string { return e.text }

// play runs a binary of this command until it has a verdict.
func (b *bench) play(binary string, shrink bool, env ...string) (v verdict, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), b.limit+grace)
	defer cancel()
	args := []string{"--play", "--for", b.limit.String()}
	if shrink {
		args = append(args, "--shrink")
	}
	began := time.Now()
	c := exec.CommandContext(ctx, binary, args...)
	c.Env = append(append(os.Environ(), "GOMAXPROCS=1", "GOMEMLIMIT=1GiB"), env...)
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	err = c.Run()
	switch {
	case ctx.Err() != nil:
		v.Property, v.Text = hangs, fmt.Sprintf("no verdict %s after the time was over", grace)
	case err != nil:
		v.Property, v.Text = crashes, firstLine(errs.String())
	default:
		return v, json.Unmarshal(out.Bytes(), &v)
	}
	v.Seconds = time.Since(began).Seconds()
	return v, nil
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// try builds and plays one mutant.
func (b *bench) try(m *Mutant) (t trial, err error) {
	t = trial{Mutant: *m, ID: m.ID(), Ran: -1}
	source, err := os.ReadFile(filepath.Join(b.root, filepath.FromSlash(m.File)))
	if err != nil {
		return t, err
	}
	changed := filepath.Join(b.work, "mutant.go")
	if err := os.WriteFile(changed, m.apply(source), 0o666); err != nil {
		return t, err
	}
	binary, err := b.build(map[string]string{m.File: changed})
	var wrong *buildError
	switch {
	case errors.As(err, &wrong):
		t.Outcome = unbuilt
		return t, nil
	case err != nil:
		return t, err
	}
	if t.verdict, err = b.play(binary, false); err != nil {
		return t, err
	}
	t.Outcome = survived
	if t.Property != "" {
		t.Outcome = convicted
	}
	return t, nil
}
