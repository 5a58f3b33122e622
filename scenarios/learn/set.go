package learn

import (
	"embed"
	"io/fs"
	"strconv"
	"strings"
)

//go:embed testdata/exercises
var files embed.FS

// All returns the exercises that come with the lab.
func All() []*Exercise {
	folder, err := fs.Sub(files, "testdata/exercises")
	if err != nil {
		panic("the exercises are not embedded: " + err.Error()) // impossible: the compiler does it
	}
	list, err := Load(folder)
	if err != nil {
		panic(err) // TestExercises
	}
	return list
}

// Find returns the exercise with this number, name, or file: 3, 03, the-leader-dies,
// 03-the-leader-dies or the path of the learner's file. It returns nil if there is none.
func Find(list []*Exercise, name string) *Exercise {
	name = strings.TrimSuffix(name, "/")
	n, err := strconv.Atoi(name)
	for _, x := range list {
		if err == nil && n == x.Number || name == x.Name || name == x.ID() || name == x.File() ||
			strings.HasSuffix(name, "/"+x.ID()) || strings.HasSuffix(name, "/"+x.File()) {
			return x
		}
	}
	return nil
}
