"""What the documentation holds, taken out of Markdown so that tests can try it; and what of it is generated.

``python -m tests.documents`` writes the generated parts anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.glob("*.md")))
REGENERATE = "python -m tests.documents"

_FENCE = re.compile(r"^```(?P<language>[\w-]*)\n(?P<text>.*?)^```$", re.M | re.S)
_NOT_RUN = re.compile(r"<!-- not run: (?P<why>.+?) -->")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]+`", re.M | re.S)
_LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)|<img [^>]*src=\"(?P<image>[^\"]+)\"")
_HEADING = re.compile(r"^#+ (.+)$", re.M)
_GENERATED = re.compile(r"(<!-- commands -->\n).*?(<!-- /commands -->)", re.S)


@dataclass(frozen=True)
class Block:
    """A block of code. ``above`` is the last line before it; ``not_run`` says why no test runs it, where none does."""

    page: str
    line: int
    language: str
    text: str
    above: str

    @property
    def not_run(self) -> str | None:
        found = _NOT_RUN.search(self.above)
        return found and found["why"]


@cache
def parts(page: Path) -> tuple[str | Block, ...]:
    """Text and blocks of code, in turn."""
    text = page.read_text("utf-8")
    found: list[str | Block] = []
    done = 0
    for fence in _FENCE.finditer(text):
        before = text[done : fence.start()]
        above = before.rstrip().rpartition("\n")[2]
        line = text.count("\n", 0, fence.start()) + 1
        found += [before, Block(str(page.relative_to(ROOT)), line, fence["language"], fence["text"], above)]
        done = fence.end()
    return (*found, text[done:])


def blocks(page: Path) -> list[Block]:
    return [part for part in parts(page) if isinstance(part, Block)]


def links(page: Path) -> list[str]:
    """Where its links and pictures lead, without those to the web."""
    text = _CODE.sub("", page.read_text("utf-8"))
    found = [match["target"] or match["image"] for match in _LINK.finditer(text)]
    return [target for target in found if not target.startswith(("http:", "https:", "mailto:"))]


def anchors(page: Path) -> set[str]:
    """The names of its headings, as a link spells them."""
    headings = _HEADING.findall(re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S))
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


# --- what is generated ---


def overview() -> str:
    """The commands and their first sentences, for the README."""
    from grader.cli import main

    with click.Context(main, info_name="grade") as context:
        shown = [("grade PATH...", main.get_short_help_str(400))]
        for name in main.list_commands(context):
            command = main.get_command(context, name)
            if command is not None and not command.hidden:
                shown.append((f"grade {name}", command.get_short_help_str(400)))
    rows = "\n".join(f"| [`{name}`](docs/commands.md#{anchor(name)}) | {said} |" for name, said in shown)
    return f"| command | |\n|---|---|\n{rows}\n"


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def full_help() -> str:
    """The help of every command, for docs/commands.md."""
    from grader.cli import main

    with click.Context(main, info_name="grade", terminal_width=96, max_content_width=96) as context:
        parts = [("grade PATH...", main.get_help(context))]
        for name in main.list_commands(context):
            command = main.get_command(context, name)
            if command is not None and not command.hidden:
                own = click.Context(command, parent=context, info_name=name, terminal_width=96, max_content_width=96)
                parts.append((f"grade {name}", command.get_help(own)))
    return "\n".join(f"## {name}\n\n```text\n{text.rstrip()}\n```\n" for name, text in parts)


GENERATED = {ROOT / "README.md": overview, DOCS / "commands.md": full_help}


def regenerated(page: Path) -> str:
    """The page with what is generated in it made anew."""
    body = GENERATED[page]()
    return _GENERATED.sub(lambda found: f"{found[1]}\n{body}\n{found[2]}", page.read_text("utf-8"))


if __name__ == "__main__":
    for generated in GENERATED:
        generated.write_text(regenerated(generated), "utf-8")
