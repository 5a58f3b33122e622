package main

import (
	"reflect"
	"strconv"

	"github.com/hashicorp/raft"
)

// What some versions of hashicorp/raft do not have is looked up at run time, so that the server
// builds with v1.3.11 and every later one.

// set sets a field of a struct of the library, if this version has it.
func set(s any, field string, value any) {
	if f := reflect.ValueOf(s).Elem().FieldByName(field); f.IsValid() {
		f.Set(reflect.ValueOf(value))
	}
}

// currentTerm is the term of a server.
func currentTerm(r *raft.Raft) uint64 {
	if x, ok := any(r).(interface{ CurrentTerm() uint64 }); ok { // from v1.7.2 on
		return x.CurrentTerm()
	}
	n, _ := strconv.ParseUint(r.Stats()["term"], 10, 64)
	return n
}
