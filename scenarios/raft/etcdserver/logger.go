package main

import (
	"fmt"
	"os"

	"github.com/zablab/zablab/scenarios/guest/machine"
)

// logger is the library's logger. The library calls it from its own goroutine wherever something
// happens: there a thread may lose its processor.
type logger struct{ prints bool }

func (l logger) log(v ...any) {
	if l.prints {
		fmt.Fprintln(os.Stderr, v...)
	}
	machine.Nap()
}

func (l logger) logf(format string, v []any) {
	if l.prints {
		fmt.Fprintf(os.Stderr, format+"\n", v...)
	}
	machine.Nap()
}

func (l logger) Debug(v ...any)                   { l.log(v...) }
func (l logger) Debugf(format string, v ...any)   { l.logf(format, v) }
func (l logger) Error(v ...any)                   { l.log(v...) }
func (l logger) Errorf(format string, v ...any)   { l.logf(format, v) }
func (l logger) Info(v ...any)                    { l.log(v...) }
func (l logger) Infof(format string, v ...any)    { l.logf(format, v) }
func (l logger) Warning(v ...any)                 { l.log(v...) }
func (l logger) Warningf(format string, v ...any) { l.logf(format, v) }
func (logger) Fatal(v ...any)                     { panic(fmt.Sprint(v...)) }
func (logger) Fatalf(format string, v ...any)     { panic(fmt.Sprintf(format, v...)) }
func (logger) Panic(v ...any)                     { panic(fmt.Sprint(v...)) }
func (logger) Panicf(format string, v ...any)     { panic(fmt.Sprintf(format, v...)) }
