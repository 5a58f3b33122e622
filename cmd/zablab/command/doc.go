// Package command is what the commands of zablab share: exit statuses, the --json flag, errors in
// one line or as a document, and reading and writing files with errors that say what to do.
//
// A command returns nil, a [Status] if everything has been printed, or an error that [Run] prints.
package command
