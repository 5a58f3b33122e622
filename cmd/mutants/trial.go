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
	// For is how long the mutant was fuzzed at most, in seconds of processor time.
	For float64 `json:"for,omitempty"`
	// Alike says whether any of its runs differed from those of the engine without a mutant.
	Alike string `json:"alike,omitempty"`
	verdict
}

// bench builds and plays changed engines.
type bench struct {
	root string
	work string // a folder for binaries
	mix  string // that alone is played; "" for all
}

// patience is how long a fuzzer may take by the clock. It ends itself when its processor time is
// over (see guard), however busy the machine is; this is for one that sleeps for ever.
const patience = time.Hour

// build builds this command, with other contents for some files of the module. An error of the
// compiler is a *buildError.
func (b *bench) build(name string, files map[string][]byte, flags ...string) (
	binary string, err error,
) {
	full := make(map[string]string)
	for name, text := range files { // order: each file alone
		by := filepath.Join(b.work, strings.ReplaceAll(name, "/", "-"))
		if err := os.WriteFile(by, text, 0o666); err != nil {
			return "", err
		}
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
	binary = filepath.Join(b.work, name)
	args := append([]string{"build", "-ldflags=-s -w", "-overlay", list, "-o", binary}, flags...)
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
func (b *bench) play(binary string, limit time.Duration, shrink bool, env ...string) (
	v verdict, err error,
) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	args := []string{"--play", "--for", limit.String(), "--mix", b.mix}
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
		v.Property, v.Text = hangs, fmt.Sprintf("no verdict after %s", patience)
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

// source reads a file of the module.
func (b *bench) source(file string) ([]byte, error) {
	return os.ReadFile(filepath.Join(b.root, filepath.FromSlash(file)))
}
