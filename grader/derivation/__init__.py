"""Derivations: the worlds in which a chain of lines is checked, its notation, its steps and its counterexamples."""
