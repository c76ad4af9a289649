"""Reading and deciding mathematics: one expression tree, one reader, exact and certified comparison.

Nothing a student wrote is ever handed to Python or SymPy to be evaluated as code; see ``reader``.
"""
