"""The line by which students install ``grade``: only one that leads them to the same."""

from __future__ import annotations

import json
from importlib import metadata
from types import SimpleNamespace

import pytest

from grader.releasing.installing import install_command

COMMIT = "0" * 40


@pytest.mark.parametrize(
    ("origin", "line"),
    [
        (
            {"url": "https://example.org/grade.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f".venv/bin/pip install 'grader[code] @ git+https://example.org/grade.git@{COMMIT}'",
        ),
        (
            {"url": "https://example.org/grader.whl", "archive_info": {}},
            ".venv/bin/pip install 'grader[code] @ https://example.org/grader.whl'",
        ),
        ({"url": "file:///home/staff/grade", "dir_info": {"editable": True}}, None),
        ({"url": "https://staff:secret@example.org/grade.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}, None),
        ({"url": "ssh://git@example.org/grade.git", "vcs_info": {"vcs": "git", "commit_id": COMMIT}}, None),
        ({"url": "https://example.org/'; rm -r .", "archive_info": {}}, None),
        ({"url": "https://[broken", "archive_info": {}}, None),
        ({}, None),
        (["no", "mapping"], None),
        (None, None),
    ],
)
def test_only_what_students_can_reach(monkeypatch: pytest.MonkeyPatch, origin: object, line: str | None) -> None:
    written = None if origin is None else json.dumps(origin)
    monkeypatch.setattr(metadata, "distribution", lambda name: SimpleNamespace(read_text=lambda file: written))
    assert install_command("code") == line


def test_where_nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.releasing.installing.DISTRIBUTION", "no-such-distribution-anywhere")
    assert install_command() is None
