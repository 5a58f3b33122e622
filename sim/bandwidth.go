package sim

import (
	"errors"
	"math/bits"
	"strconv"
	"strings"
)

// Bandwidth is how many bits a link transfers or a disk writes per second of virtual time. Zero
// means unlimited: sending or writing bytes then takes no time.
type Bandwidth int64

// Units of bandwidth: a thousand, a million and a billion bits a second.
const (
	Kbit Bandwidth = 1000
	Mbit           = 1000 * Kbit
	Gbit           = 1000 * Mbit
)

// The limits of a bandwidth that is not unlimited. A megabyte takes two hours and a quarter at the
// lower one.
const (
	minBandwidth = Kbit
	maxBandwidth = 1000 * Gbit
)

const unlimited = "unlimited"

var bandwidthUnits = []struct {
	name string
	size Bandwidth
}{{"Gbit", Gbit}, {"Mbit", Mbit}, {"kbit", Kbit}}

// String prints the bandwidth in the largest unit that leaves a whole number: 100Mbit, 1500kbit,
// unlimited. [ParseBandwidth] reads this text as the same bandwidth.
func (b Bandwidth) String() string {
	if b == 0 {
		return unlimited
	}
	for _, u := range bandwidthUnits {
		if b%u.size == 0 {
			return strconv.FormatInt(int64(b/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10) + "bit"
}

// ParseBandwidth reads a bandwidth: a whole number with the unit kbit, Mbit or Gbit (per second),
// or the word "unlimited". It refuses less than 1kbit and more than 1000Gbit.
func ParseBandwidth(s string) (Bandwidth, error) {
	if s == unlimited {
		return 0, nil
	}
	refuse := func(why string) (Bandwidth, error) {
		return 0, errors.New("bandwidth " + strconv.Quote(s) + ": " + why)
	}
	unit := strings.TrimLeft(s, "-+.0123456789")
	n, err := strconv.ParseInt(s[:len(s)-len(unit)], 10, 32)
	for _, u := range bandwidthUnits {
		if u.name != unit {
			continue
		}
		if err != nil {
			return refuse("must be a whole number from " + minBandwidth.String() + " to " +
				maxBandwidth.String() + ", such as 100Mbit")
		}
		if b := Bandwidth(n) * u.size; b >= minBandwidth && b <= maxBandwidth {
			return b, nil
		}
		return refuse("must be from " + minBandwidth.String() + " to " + maxBandwidth.String() +
			", or unlimited")
	}
	return refuse("missing or unknown unit: write 512kbit, 100Mbit, 1Gbit or unlimited")
}

// nanoseconds returns how long size bytes take. The bandwidth must not be unlimited.
func (b Bandwidth) nanoseconds(size int) int64 {
	high, low := bits.Mul64(uint64(size), 8_000_000_000)
	if high >= uint64(b) {
		return int64(Never)
	}
	n, _ := bits.Div64(high, low, uint64(b))
	return int64(min(n, uint64(Never)))
}

// lane carries one byte after another: a direction of a link.
type lane struct{ free int64 } // when the last byte so far has left, in nanoseconds

// carry returns when the last of size bytes has left, if they are handed over now. The bandwidth
// must not be unlimited.
func (l *lane) carry(now Time, size int, b Bandwidth) Time {
	l.free = max(int64(now)*1000, l.free) + b.nanoseconds(size)
	return microseconds(l.free)
}

// microseconds rounds nanoseconds up.
func microseconds(ns int64) Time { return Time((ns + 999) / 1000) }
