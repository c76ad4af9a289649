"""Listings, with classes for the parts of speech (CSS gives them colours)."""

from __future__ import annotations

from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

_LANGUAGES = {"python": "python", "py": "python", "python3": "python", "yaml": "yaml", "json": "json", "latex": "latex"}
_LANGUAGES |= {"tex": "latex", "bash": "bash", "sh": "bash", "console": "console", "pycon": "pycon"}
LONGEST = 200_000  # longer ones are shown without colours


def listing(text: str, language: str) -> str:
    """``<pre>`` with the code in it."""
    known = _LANGUAGES.get(language.strip().lower())
    if known is None or len(text) > LONGEST:
        return f'<pre class="code"><code>{escape(text)}</code></pre>'
    lexer = get_lexer_by_name(known, stripnl=False, ensurenl=False)
    marked = highlight(text, lexer, HtmlFormatter(nowrap=True, classprefix="hl-"))
    return f'<pre class="code"><code>{marked}</code></pre>'
