r"""Which library typesets the formulas of the course, and how fast: the trial by which one was chosen.

Usage: python benchmarks/typesetting.py [--katex katex.min.js] [--temml temml.min.js]
Tries what is installed: math-core, latex2mathml, and KaTeX and Temml (files of their npm packages) in quickjs. "raw":
the library alone; "here": ``grader.reports.typesetting``. The formulas are all those of problems/, reference/, the
samples under submissions/ and students' proofs under tests/derivation/chains: 1,069, of which 293 have rows.

Of 22 November 2026; "wrong" was looked at in Chromium 156:

| candidate            | typeset | a proof | size     | wrong or unsafe                                          |
|----------------------|---------|---------|----------|----------------------------------------------------------|
| math-core 0.9.0, raw | 1,049   | 0.02 ms | 0.4 MB   | styles in attributes; crashes at 5,000 levels            |
| math-core, here      | 1,067*  | 0.9 ms  | 0.4 MB   | nothing seen                                             |
| latex2mathml 3.81.1  | 1,068   | 2 ms    | 0.1 MB   | 184 no XML (bare &), rows in one line; passes `<script>` |
| KaTeX 0.19.1, MathML | 1,055   | 4 ms    | 0.3 MB** | no `eqnarray`, `\label`                                  |
| Temml 0.13.5         | 1,060   | 4 ms    | 0.2 MB** | wants its own CSS and font                               |

*  of the others, one has a command defined elsewhere, shown by its name, and one a bracket that never closes.
** besides an engine for JavaScript: quickjs (6.6 MB) has no wheel for Python 3.13, mini-racer is 74 MB. KaTeX inside
   the page would be 270 kB of script and 1.2 MB of fonts in every report, and a policy that lets scripts run.

Our own trees know only what `grader.math` reads: no proofs, no prose of an instructor.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import yaml

from grader.reports.typesetting.formulas import typeset
from grader.reports.typesetting.splitting import Formula, split

ROOT = Path(__file__).parents[1]
GROUPS = {
    "problems": "problems/**/*.yaml",
    "reference": "reference/**/*.yaml",
    "proofs": "tests/derivation/chains/*.yaml",
    "samples": "submissions/*/*/answers.*",
}
Convert = Callable[[str, bool], str]


def texts(found: object) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict | list):
        for value in found.values() if isinstance(found, dict) else found:
            yield from texts(value)


def read(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".yaml":
        yield from texts(yaml.safe_load(text))
    elif path.suffix == ".ipynb":
        yield from ("".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown")
    else:
        yield text


def formulas(pattern: str) -> list[Formula]:
    pieces = (piece for path in sorted(ROOT.glob(pattern)) for text in read(path) for piece in split(text))
    return sorted({piece for piece in pieces if isinstance(piece, Formula)}, key=lambda piece: piece.source)


def candidates(katex: Path | None, temml: Path | None) -> Iterator[tuple[str, Convert]]:
    from math_core import LatexToMathML

    core = LatexToMathML(fancy_error=False, allow_unreliable_rendering=True)
    yield "math-core, raw", lambda latex, display: core.convert_with_local_state(latex, displaystyle=display)
    yield "math-core, here", here
    with suppress(ImportError):
        from latex2mathml.converter import convert

        yield "latex2mathml", lambda latex, display: convert(latex, display="block" if display else "inline")
    for name, path, settings in (("katex", katex, 'output: "mathml", strict: "ignore", '), ("temml", temml, "")):
        if path:
            yield name, javascript(name, path, settings)


def here(latex: str, display: bool) -> str:
    made = typeset(latex, display)
    if 'class="tex"' in made or "<merror" in made:
        raise ValueError(latex)
    return made


def javascript(name: str, path: Path, settings: str) -> Convert:
    import quickjs

    context = quickjs.Context()
    context.eval(path.read_text(encoding="utf-8"))
    call: Convert = context.eval(
        f"(latex, display) => {name}.renderToString(latex, {{{settings}displayMode: display, throwOnError: true}})"
    )
    return call


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--katex", type=Path)
    parser.add_argument("--temml", type=Path)
    given = parser.parse_args()
    trial = {name: formulas(pattern) for name, pattern in GROUPS.items()}
    print("| candidate | " + " | ".join(f"{name} | ms each | bytes each" for name in trial) + " |")
    print("|---" * (3 * len(trial) + 1) + "|")
    for name, convert in candidates(given.katex, given.temml):
        print(f"| {name} | " + " | ".join(tried(convert, found) for found in trial.values()) + " |")


def tried(convert: Convert, found: list[Formula]) -> str:
    made = []
    start = time.perf_counter()
    for one in found:
        with suppress(Exception):  # whatever a candidate raises, it has failed
            made.append(len(convert(one.latex, one.display)))
    each = 1000 * (time.perf_counter() - start) / len(found)
    return f"{len(made)} of {len(found)} | {each:.2f} | {sum(made) // max(1, len(made))}"


if __name__ == "__main__":
    main()
