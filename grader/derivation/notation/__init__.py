"""The notation of derivations: names and lines to expression trees, and back to LaTeX."""
