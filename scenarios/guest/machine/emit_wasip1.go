package machine

import "unsafe"

//go:wasmimport zablab emit
//go:noescape
func hostEmit(frame unsafe.Pointer, size uint32)

// emit hands a frame to the host.
func emit(frame []byte) { hostEmit(unsafe.Pointer(unsafe.SliceData(frame)), uint32(len(frame))) }

// inside is true in a program that the lab can run.
const inside = true
