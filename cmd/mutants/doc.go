// Mutants changes the engine in one small place at a time, and reports whether the fuzzer notices.
package main
