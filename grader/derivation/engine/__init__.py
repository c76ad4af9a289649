"""Values of expressions in random instances of a world; steps judged, counterexamples found."""
