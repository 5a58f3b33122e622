//go:build !wasip1

package learn

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

//go:embed testdata/harness
var harness embed.FS

// harnessFolder is where the harness stands in the module of the lab. The folder does not exist: an
// overlay of the go command puts it there, with the answers in folders below it.
const harnessFolder = "scenarios/learn/zz_harness"

// answer is a program that a learner wrote.
type answer struct {
	key    string // of the answer in a program, such as a1
	file   string // for errors
	text   []byte
	office *office
}

// compileError is a mistake in an answer that the compiler found.
type compileError struct {
	key  string // of the answer; "" if it is not known
	text string
}

func (e *compileError) Error() string { return e.text }

// buildLimit is how long a build may take.
const buildLimit = 3 * time.Minute

var errNoGo = errors.New("the go command was not found, and a program cannot be checked without it: " +
	"install Go 1.26 or later, and put it on the PATH")

// build builds the harness with the answers, in a folder of the caller. native says that it is for
// this machine, and not for the sandbox.
func build(ctx context.Context, clone, folder string, answers []answer, native bool) (
	made string, err error) {
	overlay := map[string]string{}
	put := func(name string, text []byte) error {
		file := filepath.Join(folder, strings.ReplaceAll(name, "/", "_"))
		overlay[filepath.Join(clone, harnessFolder, filepath.FromSlash(name))] = file
		return os.WriteFile(file, text, 0o600)
	}
	if clone, err = filepath.Abs(clone); err != nil {
		return "", err
	}
	var imports, subjects strings.Builder
	for _, a := range answers {
		fmt.Fprintf(&imports, "\t%s %q\n", a.key, modulePath+"/"+harnessFolder+"/"+a.key)
		fmt.Fprintf(&subjects, "\t%q: %s,\n", a.key, a.office.subject(a.key))
		if err := put(a.key+"/answer.go", a.text); err != nil {
			return "", err
		}
	}
	for _, name := range []string{"main.go", "told_wasip1.go", "told_other.go"} {
		text, err := harness.ReadFile("testdata/harness/" + name + ".txt")
		if err != nil {
			return "", err
		}
		text = bytes.ReplaceAll(text, []byte("ANSWERS\n"), []byte(imports.String()))
		text = bytes.ReplaceAll(text, []byte("SUBJECTS\n"), []byte(subjects.String()))
		if err := put(name, text); err != nil {
			return "", err
		}
	}
	table, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return "", err
	}
	replace, out := filepath.Join(folder, "overlay.json"), filepath.Join(folder, "program")
	if err := os.WriteFile(replace, table, 0o600); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, buildLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "build", "-overlay", replace, "-trimpath", "-buildvcs=false",
		"-ldflags=-s -w", "-o", out, "./"+harnessFolder)
	cmd.Dir = clone
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if !native {
		cmd.Env = append(cmd.Env, "GOOS=wasip1", "GOARCH=wasm")
	}
	said, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", errNoGo
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", &compileError{text: fmt.Sprintf("the compiler did not end within %s: make the "+
			"program simpler", buildLimit)}
	case err != nil && ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", compilerSaid(string(said), answers)
	}
	return out, nil
}

// indented returns the lines with which the compiler goes on with an error, such as the types that
// it has and wants, as one text.
func indented(lines []string) (text string) {
	for _, line := range lines {
		if !strings.HasPrefix(line, "\t") {
			break
		}
		text += ", " + strings.TrimSpace(line)
	}
	return text
}

// compilerSaid returns an error from the compiler's output: the first one that is in an answer.
func compilerSaid(said string, answers []answer) error {
	lines := strings.Split(said, "\n")
	for n, line := range lines {
		line = strings.TrimSpace(line)
		for i := range answers {
			a := &answers[i]
			for _, place := range []string{harnessFolder + "/" + a.key + "/answer.go:",
				"/" + a.key + "_answer.go:"} { // the go command prints one or the other
				if _, rest, ok := strings.Cut(filepath.ToSlash(line), place); ok {
					return &compileError{a.key, a.file + ":" + rest + indented(lines[n+1:])}
				}
			}
		}
		if _, rest, ok := strings.Cut(filepath.ToSlash(line), "main.go:"); ok {
			for i := range answers {
				a := &answers[i]
				if strings.Contains(rest, a.key+".") {
					return &compileError{a.key, fmt.Sprintf("%s: the parameters or results of a "+
						"function differ from those in the exercise: write %s", a.file,
						strings.Join(a.office.signatures,
							" and "))}
				}
			}
		}
	}
	return fmt.Errorf("build a program: %s: zablab learn needs a clone of the lab's sources, and the "+
		"modules in its go.mod", strings.TrimSpace(said))
}
