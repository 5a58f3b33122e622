// Package processor returns the processor time that this process has used. It is for figures and
// limits that should not depend on what else the machine does. No run depends on it.
package processor
