"""The words of a proof: which are names in formulas, which lead to a formula, and which give a reason for it."""

from __future__ import annotations

import re

NAMES = frozenset(
    """elbo kl const constant constants cst argmin argmax arg min max log ln exp lhs rhs var cov diag det tr data joint
    prob sup inf lim sum prod int integral softmax sigmoid relu erf sqrt norm dot cdot times frac abs sign sgn dim rank
    model model's trace mean std pdf cdf sin cos tan tanh cosh sinh pmf hat bar tilde vec top infty infinity partial
    nabla alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda omicron rho sigma tau
    upsilon phi varphi chi psi omega mathbb mathcal mathbf left right forall exists mid given ell real otherwise
    """.split()
)
"""Words of three letters and more that stand in formulas; whatever else is as long is English."""

SHORT = frozenset("by as is of to we so it if on or an at be no do us my".split())
"""English of two letters; other pairs of letters are products (``dx``, ``xy``)."""

CONSEQUENCES = frozenset("so hence thus therefore then implies consequently".split())

STARTERS = frozenset(
    """by due since because using where from as for with which via follows following note linearity jensen jensen's
    bayes bayes' definition def marginalization marginalisation marginalizing marginalising tower fubini concavity
    cancel expand expanding applying given when unless whenever provided although but until recall equality except
    thanks hence thus so therefore after again whose both assuming according here see is are we this that it
    monotonicity independence identity trivially obviously clearly
    """.split()
)
"""English that begins a remark even where nothing but one blank parts it from the formula."""

LEADS = CONSEQUENCES | frozenset(
    """we have now which is i.e that this gives get and finally first second third next also similarly namely obtain
    again are it let us consider start starting begin beginning let's further moreover clearly note yields yielding
    means shows but or e.g equivalent equals answer proof show want need i to lastly likewise recall our claim so
    """.split()
)
"""Words that lead to a formula and say nothing about it."""

LETS = frozenset("let define denote call put set defining write introduce abbreviate choose abbreviating".split())
NAMERS = LETS | {"where", "with", "denoting", "writing"}
VERBS = frozenset("is are we this that it see here".split())
HYPOTHESES = frozenset("if when whenever suppose assume assuming unless supposing for case".split())
REASONS = frozenset(
    "by due since because using as from via linearity definition jensen jensen's bayes follows applying".split()
)
_CLAUSES = frozenset("because since as where".split())
_RECALLS = frozenset("by using from via recall recalling noting note".split())
_FILLERS = frozenset(
    "that the fact identity rule of we have know equality inequality relation and it holds also".split()
)
TEXTS = frozenset("text textrm textit textbf textsf textnormal texttt mbox emph intertext shortintertext".split())
_COMMAND = re.compile(r"\\(" + "|".join(sorted(TEXTS)) + r")\s*\{([^{}]*)\}")


_SPOKEN = re.compile(r"(?<!\\)(?<![A-Za-z])[A-Za-z]|\d|\\\w+.*\\\w")


def english(word: str) -> bool:
    """Whether this is a word of prose and no name in a formula."""
    lower = word.lower()
    if "-" in lower:
        return any(part not in NAMES for part in lower.split("-"))
    return lower in SHORT if len(lower) < 3 else lower not in NAMES


def english_words(text: str) -> list[str]:
    """The words of prose in a text that is no formula, commands left out."""
    return [
        word
        for word in re.findall(r"(?<![A-Za-z\\_^])[A-Za-z]+(?:['’][a-z]+)?(?![A-Za-z_^(\[])", text)
        if english(word)
    ]


def without_text(text: str) -> str:
    return _COMMAND.sub(r" \2 ", text)


def words_of(text: str) -> str:
    """Words as they are shown: without ``\\text``, dollars, marks and the brackets around them."""
    text = without_text(text).replace("$", "").replace("&", " ")
    text = re.sub(r"\\(?:quad|qquad|hfill|because|[,;:! ])(?![A-Za-z])", " ", text)
    text = re.sub(r"\s+([,.;:)\]])", r"\1", re.sub(r"([(\[])\s+", r"\1", " ".join(text.split())))
    text = text.strip(" ,;:.%#∵—–-")
    if len(text) > 1 and text[0] + text[-1] in ("()", "[]") and not any(mark in text[1:-1] for mark in "()[]"):
        text = text[1:-1].strip(" ,;:.")
    return text


def says_something(words: str) -> bool:
    """Whether there is more than marks and single commands in a remark."""
    return _SPOKEN.search(words) is not None


def gives_reason(front: str) -> bool:
    """Whether words make what follows a reason: "because", "since we have", "as", "using that"; not "by Jensen"."""
    said = re.findall(r"[a-z'’-]+", re.split(r"[,.;:()]", front)[-1].lower())
    if not said:
        return False
    plain = set(said[1:]) <= _FILLERS
    return said[0] in ("because", "since", "where") or (plain and said[0] in _CLAUSES | _RECALLS)
