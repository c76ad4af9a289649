r"""Names that a proof gives: which are free to be given, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping

from grader.derivation.notation.arguments import ACCENTS
from grader.derivation.text.spelling import respelled
from grader.derivation.world import World
from grader.errors import Unreadable
from grader.math.lexer import Token, tokenize
from grader.spec import Symbol

_WORD = r"(?:\\?[A-Za-z]+|\\(?:math[a-z]+|text[a-z]*|operatorname\*?|bm|boldsymbol)\s*\{\s*\\?[A-Za-z]+\s*\})"
_BELOW = rf"_\s*(?:\{{(?:[\\\w:,\s-]|\{{\s*\w+\s*\}})+\}}|\w|{_WORD})"
_ABOVE = rf"\^\s*(?:[*†]|\\(?:ast|dagger)(?![A-Za-z])|\{{\s*(?:[*†]|{_WORD})\s*\}})"
_ARGUMENTS = r"\((?:[\\\w,;|\s]|\{\s*\\?\w+\s*\})+\)"
_NAME = re.compile(rf"{_WORD}\s*(?:{_BELOW}\s*)?(?:{_ABOVE}\s*)?(?:{_BELOW}\s*)?(?:{_ARGUMENTS})?")
_TAKEN = frozenset(
    """log ln exp sin cos tan sinh cosh tanh sqrt frac binom sum prod int integral argmin argmax arg min max sup inf lim
    det trace tr sign floor ceil partial nabla infinity infty indicator softmax const constant E P Pr Prob Var Cov Sigma
    top hat bar tilde left right e""".split()
)
_BINDING = re.compile(r"sum|prod|int|E(?![A-Za-z])|KL|𝔼|∑|∏|∫|=|:|sim|~|->")
_ALONE = frozenset("N I D KL DKL d T".split())
"""Names that mean something in every world, the latter without a script; ``KL_t`` is free."""


def fresh(written: str, world: World, symbols: Mapping[str, Symbol]) -> str | None:
    """The alias that a new name has, as formulas are read; None where it is none or has a meaning already."""
    alias = respelled(written).strip()
    if not _NAME.fullmatch(alias):
        return None
    try:
        tokens = tokenize(alias)
    except Unreadable:
        return None
    if tokens[0].kind not in ("name", "command") or _means(tokens, world, symbols):
        return None
    return alias


def meant(written: str, world: World) -> str | None:
    r"""The definition of the world that a name means which no line explains: ``\mathcal{L}_{\text{ELBO}}`` and
    ``ELBO(\theta, \phi)`` are the ELBO."""
    alias = respelled(written).strip()
    if not _NAME.fullmatch(alias):
        return None
    try:
        words = [token.text for token in tokenize(alias) if token.text not in ("_", "{", "}")][:-1]
    except Unreadable:
        return None
    known = [name for name, found in world.definitions.items() if len(name) > 2 and not found.parameters]
    named = words[:1] if words[1:2] == ["("] else words[1:] if len(words) == 2 and len(words[0]) == 1 else []
    return next((name for name in known if [name] == named and not name.startswith("let")), None)


def indexed(alias: str, world: World) -> tuple[str, list[tuple[str, str]]]:
    r"""The index of a name such as ``a_y`` or ``f_y(x)``, with every other index and the name that has it."""
    found = re.fullmatch(r"([^_^()]+)_(?:\{\s*([A-Za-z])\s*\}|([A-Za-z]))(\s*\([^()]*\))?", alias)
    index = (found[2] or found[3]) if found else ""
    variable = world.spec.variables.get(index)
    if found is None or not (index in world.spec.indices or (variable is not None and variable.values)):
        return "", []
    others = [other for other in world.spec.indices if other != index]
    return index, [(other, f"{found[1]}_{{{other}}}{found[4] or ''}") for other in others]


def at_samples(alias: str, body: str, world: World) -> list[tuple[str, str]]:
    r"""``g(z^{(i)})`` for every index i with what it is, where ``g(z)`` is so simple that z is nowhere summed over."""
    found = re.fullmatch(r"([^()]+)\(\s*(?:\\(?:mathbf|bm|boldsymbol)\s*\{\s*([a-z])\s*\}|([a-z]))\s*\)", alias)
    name = (found[2] or found[3]) if found else ""
    variable = world.spec.variables.get(name)
    if found is None or variable is None or not variable.samples or _BINDING.search(body):
        return []
    place = re.compile(rf"(?<![A-Za-z\\]){name}(?![A-Za-z_^'(])")
    samples = [f"{name}^{{({index})}}" for index in world.spec.indices]
    return [(f"{found[1]}({one})", place.sub(lambda _, one=one: one, body)) for one in samples]  # type: ignore[misc]


def _means(tokens: list[Token], world: World, symbols: Mapping[str, Symbol]) -> bool:
    """Whether a name, or the letter that it is an index to, has a meaning."""
    word, scripts = _accented(tokens[0].text), _scripts(tokens)
    if word in world.spec.parameters:
        return not any(token.text in ("*", "†") or (token.kind == "name" and len(token.text) > 1) for token in scripts)
    if word in _TAKEN | _declared(world):
        return True
    if scripts:
        return word == "D" and "KL" in scripts[0].text.upper()
    if word in world.definitions or word in symbols or word.lower() in world.spec.variables:
        return True
    return word in _ALONE and (len(tokens) == 2 or word not in ("d", "T"))


def _scripts(tokens: list[Token]) -> list[Token]:
    """What stands in the scripts of a name, before its arguments."""
    end = next((place for place, token in enumerate(tokens) if token.text == "("), len(tokens))
    return [token for token in tokens[1:end] if token.text not in ("_", "^", "{", "}") and token.kind != "end"]


def _accented(word: str) -> str:
    """``phat`` is ``hatp``."""
    return next((accent + word[0] for accent in ACCENTS if word[1:] == accent), word)


def _declared(world: World) -> set[str]:
    """What has a meaning with any script."""
    spec = world.spec
    found = {*spec.variables, *spec.counts, *spec.indices, *spec.quantities}
    return found | {re.split(r"[_^]", name)[0] for name in (*world.spellings, *world.distributions)}
