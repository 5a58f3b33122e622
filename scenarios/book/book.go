package book

import (
	"embed"
	"io/fs"
	"sort"
	"strings"
)

//go:embed *.md
var files embed.FS

// Chapter is one document of the book.
type Chapter struct {
	Name string // the file's name: 02-first-one-wins.md
	Text []byte
}

// Chapters returns the chapters in order.
func Chapters() []Chapter {
	entries, err := fs.ReadDir(files, ".")
	if err != nil {
		// impossible: the compiler embeds the book
		panic("this program was built without the book: build the program again: " + err.Error())
	}
	var list []Chapter
	for _, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err != nil {
			panic("this program was built without the book: build the program again: " + err.Error())
		}
		list = append(list, Chapter{e.Name(), text})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// Find returns the chapter with this file name, number or short name: 02-first-one-wins.md, 2 or
// first-one-wins. The second result is false if there is no such chapter.
func Find(name string) (Chapter, bool) {
	want := strings.TrimSuffix(strings.ToLower(name), ".md")
	for _, c := range Chapters() {
		whole := strings.TrimSuffix(c.Name, ".md")
		number, words, _ := strings.Cut(whole, "-")
		if want == whole || want == words || want == number ||
			want == strings.TrimLeft(number, "0") {
			return c, true
		}
	}
	return Chapter{}, false
}

// ShortName returns the short name of the chapter with this file name: the-leader-dies for
// 03-the-leader-dies.md. It returns any other name unchanged.
func ShortName(name string) string {
	if c, ok := Find(name); ok && c.Name == name {
		_, words, _ := strings.Cut(strings.TrimSuffix(name, ".md"), "-")
		return words
	}
	return name
}
