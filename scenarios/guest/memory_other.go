//go:build !unix

package guest

import "github.com/tetratelabs/wazero/experimental"

func newMemory(_, _ uint64) experimental.LinearMemory { return &heap{} }
