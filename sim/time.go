package sim

import (
	"errors"
	"strconv"
	"strings"
)

// Time is a moment of virtual time, or a span of it, in microseconds. A world starts at 0.
type Time int64

// Spans of virtual time.
const (
	Microsecond Time = 1
	Millisecond      = 1000 * Microsecond
	Second           = 1000 * Millisecond
	Minute           = 60 * Second
	Hour             = 60 * Minute
)

// Never is a time later than any other: the deadline of a program that waits for nothing.
const Never Time = 1 << 62

// Seconds returns a moment as text, in the form that plans and tables use: in seconds with three
// decimals, such as 0.900s, or with six decimals if the moment is not a whole number of
// milliseconds, such as 1.283012s.
func (t Time) Seconds() string {
	if t == Never {
		return "never"
	}
	var buf [32]byte
	b := buf[:0]
	if t < 0 {
		b, t = append(b, '-'), -t
	}
	b = strconv.AppendInt(b, int64(t/Second), 10)
	b = append(b, '.')
	fraction, width := int64(t%Second), 6
	if fraction%1000 == 0 {
		fraction, width = fraction/1000, 3
	}
	digits := strconv.FormatInt(fraction, 10)
	for i := len(digits); i < width; i++ {
		b = append(b, '0')
	}
	return string(append(append(b, digits...), 's'))
}

// Brief prints a span for people, in about three digits: 12.3s, 4.61s, 237ms, 850us. It rounds
// down.
func (t Time) Brief() string {
	switch {
	case t == Never:
		return "never"
	case t >= 10*Second:
		return decimal(t/Second, t%Second/(Second/10), 1) + "s"
	case t >= Second:
		return decimal(t/Second, t%Second/(10*Millisecond), 2) + "s"
	case t >= Millisecond:
		return strconv.FormatInt(int64(t/Millisecond), 10) + "ms"
	}
	return strconv.FormatInt(int64(t), 10) + "us"
}

// decimal returns whole.fraction, with the given number of digits of the fraction.
func decimal(whole, fraction Time, digits int) string {
	s := strconv.FormatInt(int64(fraction), 10)
	return strconv.FormatInt(int64(whole), 10) + "." + strings.Repeat("0", digits-len(s)) + s
}

// String returns a span in its shortest exact form, such as 3s, 40ms, 1.5s, 250us, 1h or 2m, and
// "never" for [Never]. [ParseTime] reads this text as the same span, unless the span is negative or
// longer than a million hours.
func (t Time) String() string {
	if t == Never {
		return "never"
	}
	if t < 0 {
		return "-" + (-t).String()
	}
	for _, u := range spanUnits {
		if t >= u.size && t%u.size == 0 {
			return strconv.FormatInt(int64(t/u.size), 10) + u.name
		}
		// A decimal reads better than three more digits: 1.5s rather than 1500ms.
		if unit := u.size / 1000; u.name == "s" && t >= u.size && t%unit == 0 {
			return strings.TrimRight(decimal(t/u.size, t%u.size/unit, 3), "0") + "s"
		}
	}
	return "0s"
}

var spanUnits = []struct {
	name string
	size Time
}{{"h", Hour}, {"m", Minute}, {"s", Second}, {"ms", Millisecond}, {"us", Microsecond}}

// ParseTime reads a span or a moment: a decimal number and a unit out of h, m (or min), s, ms and
// us (or µs). It refuses a number without a unit, a negative number, a time finer than a
// microsecond, and a time longer than a million hours.
func ParseTime(s string) (Time, error) {
	refuse := func(why string) (Time, error) {
		return 0, errors.New("time " + strconv.Quote(s) + ": " + why)
	}
	unit := strings.TrimLeft(s, "0123456789.")
	number := s[:len(s)-len(unit)]
	size := unitSize(unit)
	if size == 0 {
		return refuse("missing or unknown unit: write 1.5s, 40ms, 250us, 2m or 1h")
	}
	whole, fraction, _ := strings.Cut(number, ".")
	if len(whole)+len(fraction) == 0 || len(whole) > 16 || len(fraction) > 9 ||
		strings.Contains(fraction, ".") {
		return refuse("not a valid number: write a time such as 1.5s, with at most 16 digits " +
			"before the point and 9 after it")
	}
	const tooLong = "too long: at most a million hours"
	var n int64
	for _, d := range whole {
		n = n*10 + int64(d-'0')
	}
	if n > int64(1_000_000*Hour/size) {
		return refuse(tooLong)
	}
	t := Time(n) * size
	for _, d := range fraction {
		if size%10 != 0 && d != '0' {
			return refuse("finer than a microsecond: round it to microseconds")
		}
		if size%10 == 0 {
			size /= 10
			t += Time(d-'0') * size
		}
	}
	if t > 1_000_000*Hour {
		return refuse(tooLong)
	}
	return t, nil
}

func unitSize(unit string) Time {
	switch unit {
	case "µs":
		return Microsecond
	case "min":
		return Minute
	}
	for _, u := range spanUnits {
		if u.name == unit {
			return u.size
		}
	}
	return 0
}
