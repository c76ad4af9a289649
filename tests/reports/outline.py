"""The tags of a page, for tests of how it is built."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser


class Outline(HTMLParser):
    """What there is in a page, tag by tag. Raises AssertionError where tags are not closed in order."""

    VOID = frozenset({"meta", "img", "br", "hr", "link", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None], str]] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs), self._open[-1] if self._open else ""))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs), self._open[-1] if self._open else ""))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag

    def all(self, *names: str) -> Iterator[dict[str, str | None]]:
        return (attributes for tag, attributes, _ in self.tags if tag in names)
