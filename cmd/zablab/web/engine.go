package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/web/lzma"
	"github.com/zablab/zablab/scenarios/guest"
)

//go:generate go run ./generate

// built has the engines of a release, compressed, if go generate has put it there.
//
//go:embed all:built
var built embed.FS

// Program names a WebAssembly program that runs in a page: [Player] or [Tutor].
type Program string

// These are the programs. The Player plays runs again, and is part of the page of a single run. The
// Tutor also checks exercises, and is part of a site.
const (
	Player Program = "engine"
	Tutor  Program = "tutor"
)

// Programs has both programs.
var Programs = []Program{Player, Tutor}

// BuiltFile returns the file name of the program in the folder "built".
func (p Program) BuiltFile() string { return string(p) + ".wasm.lzma" }

// engineFlags make a program a tenth smaller: functions are not inlined, except in the packages in
// which a run spends much of its time. Those few make it a quarter faster.
var engineFlags = []string{"-gcflags=all=-l", "-gcflags=runtime=", "-gcflags=internal/runtime/...=",
	"-gcflags=math/bits=", "-gcflags=encoding/binary=", "-gcflags=github.com/zablab/zablab/sim/sha="}

// ErrNoEngine is the error if the engine of a page (a [Program]) is missing, and cannot be built.
var ErrNoEngine = errors.New("the WebAssembly program for the page is missing, and could not be " +
	"built")

// Engine returns the [Player], a WebAssembly program (GOOS=wasip1), compressed by package lzma.
func Engine(ctx context.Context, tell func(text string)) ([]byte, error) {
	return Player.Get(ctx, tell)
}

// EngineFor returns the engine for the page in a file, or nil if there is no engine. Before it
// builds an engine, EngineFor prints a message to out. If there is no engine, it prints what the
// page cannot do without one (the argument cannot), and why there is none.
func EngineFor(ctx context.Context, out io.Writer, file, cannot string) []byte {
	engine, err := Engine(ctx, func(text string) { fmt.Fprintln(out, "zablab: "+text) })
	if err != nil {
		fmt.Fprintf(out, "zablab: %s has no engine, so %s: %s\n", file, cannot,
			Remedy(err))
		return nil
	}
	return engine
}

// Get returns the WebAssembly program (GOOS=wasip1), compressed by package lzma. A release contains
// the program. If it is missing, Get builds it once, with the go command, and keeps it in the
// user's cache. tell, if not nil, is called before a build, which takes some time. If the build
// fails, the error wraps [ErrNoEngine] and the cause.
func (p Program) Get(ctx context.Context, tell func(text string)) ([]byte, error) {
	if b, err := built.ReadFile("built/" + p.BuiltFile()); err == nil {
		return b, nil
	}
	b, err := p.Build(ctx, tell)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoEngine, err)
	}
	return b, nil
}

// Remedy says in one sentence what to do about an error of [Engine]. For an error that it does not
// know, it returns the text of the error.
func Remedy(err error) string {
	if strings.Contains(err.Error(), "no required module") ||
		strings.Contains(err.Error(), "not found in current directory") {
		return "to add the engine, run this command in a clone of zablab, with Go installed; to omit " +
			"the engine, use --no-fork"
	}
	return err.Error()
}

// Build returns the program from the user's cache, if it was built from the same source. Otherwise
// it builds the program.
func (p Program) Build(ctx context.Context, tell func(text string)) ([]byte, error) {
	cache, err := guest.Cache()
	if err != nil {
		return nil, err
	}
	made, err := guest.Build(ctx, cache, "github.com/zablab/zablab/cmd/zablab/web/"+string(p), tell,
		engineFlags...)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(cache, string(p)+"-"+made.Sum[:20]+".wasm.lzma")
	if b, err := os.ReadFile(name); err == nil {
		return b, nil
	}
	b := lzma.Compress(made.Code)
	temporary := fmt.Sprintf("%s.%d", name, os.Getpid())
	defer os.Remove(temporary)
	if err := os.WriteFile(temporary, b, 0o644); err != nil {
		return nil, err
	}
	return b, os.Rename(temporary, name)
}

// compress compresses bytes with gzip.
func compress(text []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(text); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
