"""The text of a proof: displays, rows, statements and remarks; no mathematics is read here."""
