package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
)

// File is a document named on the command line, or the error from reading it.
type File struct {
	Name string
	Path string // path of the file; empty for a chapter and for standard input
	Text []byte
	Doc  *diagram.Document
	Err  error
}

// stdin is the argument that names standard input.
const stdin = "-"

// inFolders are the file name extensions by which a folder is searched for drawings.
var inFolders = []string{".md", ".markdown", ".mdx", ".mmd", ".mermaid", ".puml", ".plantuml", ".txt"}

// Files reads the documents that args name. An argument is a file, a chapter, a folder (searched to
// any depth), a glob, or - for standard input. In folders and globs, Files skips the files without
// a drawing; the second result is the number of skipped files. If an argument matches no file,
// Files returns an error. If a file cannot be read, its [File] has the error.
func Files(name string, in io.Reader, args []string) (files []File, without int, err error) {
	for _, arg := range args {
		list, found, err := filesOf(arg)
		if err != nil {
			return nil, 0, fmt.Errorf("%s %s: %w", name, arg, err)
		}
		for _, path := range list {
			f := readOne(name, path, in)
			if found && nothingDrawn(f.Err) {
				without++
				continue
			}
			files = append(files, f)
		}
	}
	return files, without, nil
}

// filesOf returns the files that an argument names. found is true if the argument is a folder or a
// glob.
func filesOf(arg string) (list []string, found bool, err error) {
	info, err := os.Stat(arg)
	switch {
	case arg == stdin, err == nil && !info.IsDir():
		return []string{arg}, false, nil
	case err == nil:
		list, err = inFolder(arg)
		return list, true, err
	case !strings.ContainsAny(arg, "*?["):
		return []string{arg}, false, nil // a chapter, or a missing file: ReadDocument finds out
	}
	list, err = filepath.Glob(arg)
	if err == nil && len(list) == 0 {
		err = errors.New("no such file: give the path of a text file")
	}
	list = slices.DeleteFunc(list, func(name string) bool {
		info, err := os.Stat(name)
		return err == nil && info.IsDir()
	})
	return list, true, err
}

// inFolder lists the files in a folder, at any depth, that may contain drawings. It skips names
// that begin with a dot.
func inFolder(folder string) (list []string, err error) {
	err = filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		hidden := path != folder && strings.HasPrefix(e.Name(), ".")
		switch {
		case err != nil:
			return err
		case e.IsDir() && hidden:
			return fs.SkipDir
		case e.Type().IsRegular() && !hidden &&
			slices.Contains(inFolders, strings.ToLower(filepath.Ext(path))):
			list = append(list, path)
		}
		return nil
	})
	if err != nil {
		return nil, Cause(err)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("no file in this folder has one of the extensions %s: name "+
			"another folder",
			strings.Join(inFolders, ", "))
	}
	return list, nil
}

// readOne reads and parses one document.
func readOne(command, name string, in io.Reader) (f File) {
	f.Name = name
	if name == stdin {
		f.Text, f.Err = io.ReadAll(io.LimitReader(in, diagram.MaxSize+1))
		f.Text = harmless(f.Text)
	} else {
		f.Text, f.Name, f.Err = ReadDocument(command, name)
		if _, err := os.Stat(name); err == nil {
			f.Path = name
		}
	}
	if f.Err == nil {
		f.Doc, f.Err = diagram.Parse(f.Name, f.Text)
	}
	return f
}

// nothingDrawn reports whether err means that a document has no sequence diagram.
func nothingDrawn(err error) bool {
	var e *diagram.Error
	return errors.As(err, &e) && strings.HasPrefix(e.Message, "no sequence diagram")
}
