"""Starter files for code items: the functions that prompts ask for, with their prompts, and nothing in them yet."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator

from grader.loading.work.released import starter
from grader.releasing.wording import points
from grader.spec import Assignment, CodeField, Item

IMPORTS = "import numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom tqdm import trange\n"
_BLOCK = re.compile(r"^(?P<indent>[ \t]*)```python[ \t]*\n(?P<code>.*?)^[ \t]*```[ \t]*$", re.MULTILINE | re.DOTALL)
_PARAMETERS = "*args, **kwargs"


def starter_files(assignment: Assignment) -> dict[str, str]:
    """The text of each file that code items ask for, by name, in the order in which they do."""
    asked: dict[str, dict[str, list[tuple[Item, CodeField]]]] = {}
    for item in assignment.items:
        for spec in item.fields:
            if isinstance(spec, CodeField):
                asked.setdefault(spec.file, {}).setdefault(spec.function, []).append((item, spec))
    return {name: starter(_file(name, assignment, functions)) for name, functions in asked.items()}


def _file(name: str, assignment: Assignment, functions: dict[str, list[tuple[Item, CodeField]]]) -> str:
    ids = list(dict.fromkeys(item.id for asked in functions.values() for item, _ in asked))
    head = f'"""{name} of {assignment.id}: item{"s" * (len(ids) > 1)} {", ".join(ids)}."""\n\n{IMPORTS}'
    return "\n\n".join([head, *(_function(function, asked) for function, asked in functions.items())])


def _function(name: str, asked: list[tuple[Item, CodeField]]) -> str:
    parameters = next((found for item, _ in asked if (found := signature(item.prompt, name))), f"({_PARAMETERS})")
    documented = "\n\n\n".join(_described(item, spec) for item, spec in asked)
    safe = documented.replace('"""', "'''").rstrip("\\")
    body = f'r"""{safe}\n"""\nraise NotImplementedError("{name} is not written yet")\n'
    return f"def {name}{parameters}:\n{textwrap.indent(body, '    ')}"


def _described(item: Item, spec: CodeField) -> str:
    """The prompt; what its blocks of code say is the signature, which stands above."""
    prompt = _BLOCK.sub(lambda found: textwrap.indent(found["code"].rstrip(), "    "), item.prompt.strip())
    return f"Item {item.id}, {points(spec.points)}.\n\n{prompt}"


def signature(prompt: str, name: str) -> str | None:
    """The parameters of a function, in brackets, from the ``python`` block of a prompt that begins to define it."""
    for node in _definitions(prompt):
        if node.name == name:
            returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
            return f"({ast.unparse(node.args)}){returns}"
    return None


def _definitions(prompt: str) -> Iterator[ast.FunctionDef]:
    for block in _BLOCK.finditer(prompt):
        code = textwrap.dedent(block["code"]).rstrip()
        for text in (code, f"{code}\n    pass"):
            try:
                tree = ast.parse(text)
            except (SyntaxError, ValueError):
                continue
            yield from (node for node in tree.body if isinstance(node, ast.FunctionDef))
            break
