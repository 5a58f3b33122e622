// Package story prints and writes stories: runs of small worlds, step by step (scenarios/explore).
// The commands explore and replay share it.
//
// Input: a story, as a search has found it or as a document has it. Output: its steps on the screen,
// and as files a document that replay plays, a trace, or a page.
package story
