package sim

// clock is a local clock that, since base, runs num/1000 times as fast as virtual time.
type clock struct {
	base, baseWorld Time
	num             int64
}

func (c *clock) local(world Time) Time {
	if c.num == 1000 {
		return c.base + world - c.baseWorld
	}
	return c.base + scale(world-c.baseWorld, c.num, 1000)
}

// world returns the first moment at which the local clock shows at least local.
func (c *clock) world(local Time) Time {
	if local == Never {
		return Never
	}
	if c.num == 1000 {
		return c.baseWorld + local - c.base
	}
	d := local - c.base
	at := scale(d, 1000, c.num)
	for scale(at, c.num, 1000) < d {
		at++
	}
	return c.baseWorld + at
}

// scale returns t*num/den without overflow for times up to a few thousand years.
func scale(t Time, num, den int64) Time {
	whole, rest := int64(t)/den, int64(t)%den
	return Time(whole*num + rest*num/den)
}
