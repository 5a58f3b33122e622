//go:build !linux

package explore

import "errors"

type spill struct{}

func newSpill(string) (*spill, error) {
	return nil, errors.New("this system cannot keep the states in a file: leave out --spill")
}

func (*spill) room(int) ([]uint32, error) { return nil, errors.ErrUnsupported }

func (*spill) close() {}
