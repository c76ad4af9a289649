"""Pages in a real browser, all in one start of it, and a server that sees what they ask for."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")

# Runs in a page around the frames, when all that they load is loaded and a moment has passed.
_HARNESS = """<!DOCTYPE html><meta charset="utf-8"><title>harness</title><body>
<pre id="found"></pre>
%s
<script>
onload = () => setTimeout(() => {
  const found = {};
  for (const frame of document.querySelectorAll("iframe")) {
    try { found[frame.name] = (%s)(frame.contentDocument, frame.contentWindow); }
    catch (error) { found[frame.name] = {failed: String(error)}; }
  }
  document.getElementById("found").textContent = JSON.stringify(found);
}, 400);
</script>"""


@dataclass(frozen=True)
class Visit:
    """``found`` is what the script said of each page; ``asked`` what was asked for besides the pages."""

    found: dict[str, Any]
    asked: list[str]


class Server:
    """On a free port of this machine. Pages can be made once its address is known."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                text = outer.pages.get(self.path)
                if text is None:
                    outer.asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write((text or "").encode())

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def visit(self, pages: Mapping[str, str], script: str, profile: Path, width: int = 320) -> Visit:
        """Every page in a frame of its own; ``script`` is a function of its document and window."""
        self.pages = {f"/{name}.html": text for name, text in pages.items()}
        frames = "\n".join(
            f'<iframe name="{name}" src="/{name}.html" width="{width}" height="900" style="border:0"></iframe>'
            for name in pages
        )
        self.pages["/"] = _HARNESS % (frames, script)
        self.pages["/favicon.ico"] = ""
        dom = subprocess.run(
            [
                str(CHROMIUM),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                f"--user-data-dir={profile}",
                "--virtual-time-budget=5000",
                "--dump-dom",
                f"{self.address}/",
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        found = re.search(r'<pre id="found">(.*?)</pre>', dom, re.DOTALL)
        assert found is not None, dom[:2000]
        return Visit(json.loads(unescape(found[1])), list(self.asked))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
