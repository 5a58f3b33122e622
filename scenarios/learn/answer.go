package learn

import (
	"errors"
	"fmt"
	"strings"
)

// answerKey begins the line of a learner's file that has the answer.
const answerKey = "answer:"

// errOpen says that there is no answer yet.
var errOpen = errors.New("no answer yet")

// answerIn returns the answer in a learner's file: what follows "Answer:", up to the next blank line
// after the answer.
func answerIn(text []byte) (answer string, err error) {
	found, open := 0, false
	const marks = " \t*_`.()\"'"
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.Trim(line, " \t\r*_`>")
		if len(line) < len(answerKey) || !strings.EqualFold(line[:len(answerKey)], answerKey) {
			if line = strings.Trim(line, marks); open && line != "" {
				answer = strings.TrimSpace(answer + " " + line)
			}
			open = open && (line != "" || answer == "")
			continue
		}
		open = true
		said := strings.Trim(line[len(answerKey):], marks)
		if found > 0 {
			return "", fmt.Errorf("line %d is a second line with %q, after line %d: keep one of "+
				"them", i+1, "Answer:", found)
		}
		answer, found = said, i+1
	}
	switch {
	case found == 0:
		return "", errors.New(`the file has no line "Answer:": add it, with your answer after it`)
	case answer == "":
		return "", errOpen
	}
	return answer, nil
}
