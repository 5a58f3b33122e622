package ensemble

// Unaudited is a configuration without the audit, to measure what that costs.
func Unaudited(c Config) Config {
	c.unaudited = true
	return c
}
