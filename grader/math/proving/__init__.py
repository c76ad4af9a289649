"""SymPy as a prover: the one package of ``grader`` that imports it, and only the worker imports this one."""

from grader.math.proving.proof import proved_equal, warm
from grader.math.proving.translation import to_sympy

__all__ = ["proved_equal", "to_sympy", "warm"]
