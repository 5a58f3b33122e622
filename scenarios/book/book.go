package scenarios

import (
	"embed"
	"io/fs"
	"path"
	"sort"
	"strings"
)

//go:embed book/*.md
var bookFiles embed.FS

// Chapter is one of the lab's own documents.
type Chapter struct {
	Name string // the file's: 02-first-one-wins.md
	Text []byte
}

// Book is the lab's own chapters, in order.
func Book() []Chapter {
	entries, err := fs.ReadDir(bookFiles, "book")
	if err != nil {
		panic("the book is not embedded: " + err.Error()) // the compiler saw to it
	}
	var list []Chapter
	for _, e := range entries {
		text, err := bookFiles.ReadFile(path.Join("book", e.Name()))
		if err != nil {
			panic("the book is not embedded: " + err.Error())
		}
		list = append(list, Chapter{e.Name(), text})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// FindChapter finds a chapter by its name, its number, or the words of its name.
func FindChapter(name string) (Chapter, bool) {
	want := strings.TrimSuffix(strings.ToLower(name), ".md")
	for _, c := range Book() {
		whole := strings.TrimSuffix(c.Name, ".md")
		number, words, _ := strings.Cut(whole, "-")
		if want == whole || want == words || want == number || want == strings.TrimLeft(number, "0") {
			return c, true
		}
	}
	return Chapter{}, false
}

// ChapterName is the short name of a chapter, by which it is found too: the-leader-dies. Other names
// are as they are.
func ChapterName(name string) string {
	if c, ok := FindChapter(name); ok && c.Name == name {
		_, words, _ := strings.Cut(strings.TrimSuffix(name, ".md"), "-")
		return words
	}
	return name
}
