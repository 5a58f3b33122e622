package raft

import (
	"context"
	"fmt"

	"github.com/zablab/zablab/scenarios/guest"
)

// guestPackage is the cluster's program (package raft/cluster).
const guestPackage = "github.com/zablab/zablab/scenarios/raft/cluster"

// OpenGuest opens the guest in file. If file is empty, it opens the guest that [Build] returns.
func OpenGuest(ctx context.Context, file string) (*Host, error) {
	cache, err := guest.Cache()
	if err != nil {
		return nil, err
	}
	var program guest.Program
	if file != "" {
		program, err = guest.Load(file)
	} else {
		program, err = Build(ctx, cache)
	}
	if err != nil {
		return nil, err
	}
	return Open(ctx, program, cache)
}

// Build builds the guest from the source of this module: see [guest.Build].
func Build(ctx context.Context, cache string) (guest.Program, error) {
	p, err := guest.Build(ctx, cache, guestPackage, nil)
	if err != nil {
		err = fmt.Errorf("%w, or pass a prebuilt guest with --guest", err)
	}
	return p, err
}
