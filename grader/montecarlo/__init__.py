"""Monte Carlo with stated error bounds: draws, and confidence sequences that hold at all times (DESIGN §7)."""
