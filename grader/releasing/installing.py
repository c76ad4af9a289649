"""How students install the very ``grade`` that makes a release: known where it came from a place they can reach too."""

from __future__ import annotations

import json
from importlib import metadata
from urllib.parse import urlsplit

DISTRIBUTION = "grader"


def install_command(extra: str = "") -> str | None:
    """The command, with an ``extra`` of the package. None where ``grade`` was installed from a folder or an index, for
    nobody else has that folder, and what an index calls so need not be this."""
    try:
        origin = json.loads(metadata.distribution(DISTRIBUTION).read_text("direct_url.json") or "{}")
        url, version = str(origin["url"]), origin.get("vcs_info", {})
        place = urlsplit(url)
    except (metadata.PackageNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if place.scheme not in ("http", "https") or "@" in place.netloc or "'" in url:
        return None
    if version:
        url = f"{version.get('vcs')}+{url}@{version.get('commit_id')}"
    name = f"{DISTRIBUTION}[{extra}]" if extra else DISTRIBUTION
    return f".venv/bin/pip install '{name} @ {url}'"
