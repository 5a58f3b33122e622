// Package processor tells how much time of a processor this process has used. It is for figures and
// limits that a busy machine should not change; no run depends on it.
package processor
