package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/replay"
	"github.com/zablab/zablab/cmd/zablab/web"
)

// flags are the flags of zablab book.
type flags struct {
	out    string
	serve  bool
	listen string
	noFork bool
	open   bool
	seeds  int
}

// Command returns the command zablab book. Some claims cite commands as evidence; the argument
// shell is the function that runs these commands.
func Command(shell func(ctx context.Context, line string) (string, error)) *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "book",
		Short: "Write the book as a site; readers can step through its runs and change them",
		Long: `Writes the book as static files:

  - a page for each chapter, with its diagrams, its runs, and a question that asks the
    reader to predict the outcome
  - the exercises of zablab learn, with pages that check answers
  - the claims about ZooKeeper, with their evidence
  - the glossary

You can open the files from disk, or serve them under any path of a web server. They load
nothing from elsewhere. Add ?slides to the address of a chapter to show the chapter as slides.

With --serve the command serves the site over HTTP at the address of --listen, until
you interrupt it.

Exit status: 0 success; 2 wrong usage, or a folder that cannot be written; 130 interrupted.`,
		Example: "  zablab book --out site\n  zablab book --serve --open",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(cmd, shell) },
	}
	set := cmd.Flags()
	set.StringVar(&f.out, "out", "", "folder to write the site to")
	set.BoolVar(&f.serve, "serve", false, "serve the site over HTTP at the address of --listen")
	set.StringVar(&f.listen, "listen", "127.0.0.1:8095", "with --serve: address and port to "+
		"listen on, such as 127.0.0.1:8095; must be a loopback address")
	set.BoolVar(&f.open, "open", false, "open the site in the browser")
	set.BoolVar(&f.noFork, "no-fork", false, "leave the engine out: readers can look at runs, "+
		"but cannot change them")
	set.IntVar(&f.seeds, "seeds", replay.AllSeeds, "number of seeds to test each claim with")
	return cmd
}

func (f *flags) run(cmd *cobra.Command, shell func(context.Context, string) (string, error)) error {
	switch {
	case f.out == "" && !f.serve:
		return errors.New("book: nothing to do: name a folder with --out site, or use --serve")
	case f.seeds < 1:
		return fmt.Errorf("--seeds %d: must be at least 1", f.seeds)
	}
	var listener net.Listener
	if f.serve {
		var err error
		if listener, err = listen(f.listen); err != nil {
			return err
		}
		defer listener.Close()
	}
	files, err := f.build(cmd, shell)
	if cmd.Context().Err() != nil {
		return command.Status(command.Interrupted)
	}
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if f.out != "" {
		if err := write(f.out, files); err != nil {
			return err
		}
		if command.JSON(cmd) {
			command.WriteJSON(out, map[string]any{"folder": f.out, "files": len(files),
				"bytes": files.Size()})
		} else {
			fmt.Fprintf(out, "Written  %s: %d files, %.1f MB. To read the book, open %s\n", f.out, len(files),
				float64(files.Size())/1e6, filepath.Join(f.out, "index.html"))
		}
		if f.open && !f.serve {
			return web.Open(filepath.Join(f.out, "index.html"))
		}
	}
	if f.serve {
		return f.show(cmd, listener, files)
	}
	return nil
}

// build makes the site. Without an engine it says so, and makes one that shows runs only.
func (f *flags) build(
	cmd *cobra.Command, shell func(context.Context, string) (string, error),
) (Files, error) {
	tell := func(text string) { fmt.Fprintln(cmd.ErrOrStderr(), "zablab: "+text) }
	o := Options{Seeds: f.seeds, Shell: shell}
	if f.noFork {
		o.WhyNot = "The site was written with --no-fork, so it has no program that plays runs in " +
			"the page: write the site again without --no-fork."
	} else {
		var err error
		if o.Engine, err = web.Tutor.Get(cmd.Context(), tell); err != nil {
			tell("readers cannot change the runs of this site, because the site has no engine, the " +
				"WebAssembly program that plays runs in the page: " + web.Remedy(err))
			o.WhyNot = "The program that plays runs in the page was not found, and could not be " +
				"built: write the site in a clone of zablab, with Go installed."
		}
	}
	return Build(cmd.Context(), o)
}

// write writes the files below a folder.
func write(folder string, files Files) error {
	for _, dir := range []string{folder, filepath.Join(folder, "runs")} {
		if err := command.MakeFolder("--out", dir); err != nil {
			return err
		}
	}
	for _, name := range files.Names() {
		if err := command.WriteFile(filepath.Join(folder, filepath.FromSlash(name)), files[name]); err != nil {
			return err
		}
	}
	return nil
}

// listen listens at an address, which must be of the loopback interface.
func listen(address string) (net.Listener, error) {
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("--listen %s: must be a loopback address with a port, such as 127.0.0.1:8095",
			address)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w: use another port or another loopback address", address,
			errors.Unwrap(err))
	}
	return l, nil
}

// show serves the files until the command is interrupted.
func (f *flags) show(cmd *cobra.Command, l net.Listener, files Files) error {
	address := "http://" + l.Addr().String() + "/"
	fmt.Fprintf(cmd.OutOrStdout(), "The book is at %s until you press ^C\n", address)
	server := &http.Server{Handler: files, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(cmd.Context(), func() { _ = server.Close() })
	defer stop()
	if f.open {
		if err := web.OpenAddress(address); err != nil {
			fmt.Fprintln(cmd.ErrOrStderr(), "zablab: "+err.Error())
		}
	}
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// ServeHTTP serves the files to browsers on this machine. It refuses a request for any host but
// localhost or a loopback address. Otherwise a page from another site could read the files, through
// a host name that resolves to this machine (DNS rebinding).
func (f Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		http.Error(w, "use the address that zablab book prints", http.StatusForbidden)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the book can only be read", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if name == "" {
		name = "index.html"
	}
	text, ok := f[name]
	if !ok {
		http.Error(w, "the book has no such page: it begins at /", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	// The browser asks again, but gets a file, such as the engine, only once.
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(text)))
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(text))
}
