"""Code as far as it can be looked at without running it: whether Python can read the file, and what function is there.

The signature that is asked for stands in the item's prompt, as ``def sample(model, …):`` in a block of code.
"""

from __future__ import annotations

import ast
import difflib
import re
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from grader.spec import CodeField, Item

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_ASKED = re.compile(
    r"^[ \t]*def (?P<name>\w+)\((?P<parameters>[^()]{0,500}(?:\([^()]*\)[^()]{0,500})*)\)\s*(?:->[^:\n]+)?:", re.M
)


@dataclass(frozen=True, slots=True)
class Look:
    """What a file shows of a function.

    ``trouble``: why it cannot be used, in a sentence. ``signature``: as written, empty where it is no plain ``def``.
    ``remark``: where it is called otherwise than the problem asks. ``unwritten``: that nobody has begun it.
    """

    signature: str = ""
    trouble: str = ""
    remark: str = ""
    unwritten: str = ""


def look(spec: CodeField, item: Item, text: str, asked: Collection[str]) -> Look:
    """Look at the function of a field in the text of its file. ``asked`` names all functions that the file is to have:
    where another is there, this one may not be begun yet."""
    try:
        tree = _parsed(text)
    except SyntaxError as error:
        place = f"{spec.file}, line {error.lineno}" if error.lineno else spec.file
        return Look(trouble=f"Python cannot read the file: {error.msg} ({place})")
    except (ValueError, MemoryError, RecursionError) as error:  # a null byte; nested too deeply
        return Look(trouble=f"Python cannot read the file: {error or 'it is nested too deeply'} ({spec.file})")
    found = [node for node in _statements(tree.body) if isinstance(node, _FUNCTIONS) and node.name == spec.function]
    if found:
        return _of(found[-1], spec, item)
    if _may_come_otherwise(tree, spec.function):
        return Look()
    others = [node.name for node in _statements(tree.body) if isinstance(node, _FUNCTIONS)]
    there = f"; found {', '.join(others[:10])}" if others else ""
    said = f"there is no function {spec.function} in {spec.file}{there}"
    odd = [name for name in others if name not in asked]
    misspelt = difflib.get_close_matches(spec.function.casefold(), [name.casefold() for name in odd], n=1)
    return Look(unwritten=said) if len(odd) < len(others) and not misspelt else Look(trouble=said)


def asked_for(function: str, item: Item) -> str | None:
    """The parameters of a function as the prompt has them; None where it says nothing of them."""
    prompts = [item.prompt, *(spec.prompt for spec in item.fields if spec.prompt)]
    found = [match["parameters"] for text in prompts for match in _ASKED.finditer(text) if match["name"] == function]
    asked = " ".join(found[0].split()) if found else None
    return asked if asked is not None and _parameters(asked) is not None else None


def _parameters(written: str) -> ast.arguments | None:
    """Read as Python does; None where they are none, as in a prompt that leaves some out."""
    try:
        (node,) = _parsed(f"def f({written}): pass").body
    except (SyntaxError, ValueError):
        return None
    return node.args if isinstance(node, ast.FunctionDef) else None


def _parsed(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the student's escapes and comparisons
        return ast.parse(text)


def _of(node: ast.FunctionDef | ast.AsyncFunctionDef, spec: CodeField, item: Item) -> Look:
    signature = f"{node.name}({ast.unparse(node.args)})"
    asked = asked_for(spec.function, item)
    other = asked is not None and not _alike(node.args, asked)
    remark = f"the problem asks for {spec.function}({asked})" if other else ""
    return Look(signature, remark=remark, unwritten=f"{node.name} is not written yet" * _is_unwritten(node.body))


def _alike(mine: ast.arguments, asked: str) -> bool:
    """Whether it can be called as asked: as many parameters, of the same names."""
    wanted = _parameters(asked)
    return wanted is None or bool(mine.vararg or mine.kwarg) or _names(mine) == _names(wanted)


def _names(arguments: ast.arguments) -> list[str]:
    return [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def _is_unwritten(body: list[ast.stmt]) -> bool:
    """Nothing but words, ``pass``, ``...`` and NotImplementedError."""
    return all(isinstance(node, ast.Pass) or _is_constant(node) or _is_refusal(node) for node in body)


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_refusal(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Raise):
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Those of a module, also below ``if`` and ``try``, but not within functions and classes."""
    waiting = list(reversed(body))
    while waiting:
        node = waiting.pop()
        yield node
        for name in ("finalbody", "orelse", "handlers", "body"):
            if not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
                waiting += reversed(getattr(node, name, []))


def _may_come_otherwise(tree: ast.Module, function: str) -> bool:
    """Whether the name may be given by an assignment or an import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == function and isinstance(node.ctx, ast.Store):
            return True
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = [(alias.asname or alias.name) for alias in node.names]
            if function in names or "*" in names:
                return True
    return False
