// Package command has what the commands of zablab share: exit statuses, the --json flag, errors (in
// one line or as JSON), and functions that read and write files with errors that say what to do.
//
// A command that succeeds returns nil. Otherwise it returns an error that [Run] prints, or a
// [Status] if everything has been printed already.
package command
