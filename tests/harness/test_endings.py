"""However a student's code ends, the student reads which ending it was, with its line if it has one, and no more."""

from __future__ import annotations

import signal
from collections.abc import Callable

import numpy as np
import pytest

from grader.harness.session import Call, Failure, Session, Tokens
from grader.harness.wording import in_words
from grader.sandbox.limits import Limits

Opened = Callable[..., Session]
CANARY = (31, 41, 59)  # of a hidden input
SECONDS = 3.0


def failure_of(session: Session) -> Failure:
    call = Call((Tokens(np.array([CANARY])),))
    with pytest.raises(Failure) as caught:
        session.call("sample.py", "f", [call], SECONDS)
    return caught.value


def told(session: Session) -> tuple[str, str, str]:
    """Kind, what the student reads, and what staff read."""
    failure = failure_of(session)
    return failure.kind, *in_words(failure, "f", "sample.py", session.files)


# --- endings inside of Python: each with its line ---

HEAD = "import os, socket, subprocess, tempfile, threading, urllib.request\nimport numpy as np, torch\ndef f(text):\n"
NOT_ALLOWED = "did something that is not allowed here"
TOO_MUCH = "made larger or more files than it may"
NO_FILE = "Only the Python files of a submission are passed on"
INSIDE = {
    "a file of the machine": ("open('/proc/1/mem')", "forbidden", NOT_ALLOWED),
    "a new file elsewhere": ("open('/etc/new', 'w')", "forbidden", NOT_ALLOWED),
    "a library overwritten": ("open(torch.__file__, 'w')", "forbidden", NOT_ALLOWED),
    "a process": ("os.fork()", "forbidden", NOT_ALLOWED),
    "a program": ("subprocess.run(['true'])", "forbidden", NOT_ALLOWED),
    "a thread": ("threading.Thread(target=print).start()", "forbidden", NOT_ALLOWED),
    "a socket": ("socket.socket()", "forbidden", NOT_ALLOWED),
    "a page": ("urllib.request.urlopen('http://127.0.0.1:9')", "forbidden", NOT_ALLOWED),
    "a name looked up": ("socket.getaddrinfo('a.example', 80)", "forbidden", NOT_ALLOWED),
    "the process above": ("os.kill(os.getppid(), 9)", "forbidden", NOT_ALLOWED),
    "workers": ("list(torch.utils.data.DataLoader([1], num_workers=1))", "forbidden", NOT_ALLOWED),
    "a hub": ("torch.hub.load('a/b', 'c')", "forbidden", NOT_ALLOWED),
    "a file that is at home": ("open('data.txt')", "absent", NO_FILE),
    "data for numpy": ("np.load('data.npy')", "absent", NO_FILE),
    "a file that is too large": ("tempfile.TemporaryFile().write(bytes(2**25))", "files", TOO_MUCH),
    "too many open": ("[tempfile.TemporaryFile() for _ in range(100)]", "files", TOO_MUCH),
    "memory": ("bytearray(2**40)", "memory", "needs more memory than it may have"),
    "a huge tensor": ("torch.empty(2**44)", "memory", "needs more memory than it may have"),
    "exit": ("raise SystemExit(3)", "exit", "ended the whole process instead of returning"),
    "an exception": ("1 / 0", "exception", "stopped with ZeroDivisionError"),
    "an exception of another one": ("raise ValueError from KeyError()", "exception", "stopped with ValueError"),
    "not written": ("raise NotImplementedError", "unwritten", "is not written yet"),
    "a module": ("import nosuch", "import", "An import failed: there is no module 'nosuch' here"),
    "a name": ("from torch import nosuch", "import", "An import failed: there is no 'nosuch' in 'torch'"),
}
WALLS = ("forbidden", "files")


@pytest.mark.parametrize("name", INSIDE)
def test_what_python_tells_is_said_with_its_line(opened: Opened, name: str) -> None:
    code, kind, sentence = INSIDE[name]
    session = opened(f"{HEAD}    {code}\n")
    if kind in WALLS and session.warm.level != "A":
        pytest.skip("not all walls stand here")
    found, say, staff = told(session)
    assert (found, sentence in say) == (kind, True), (found, say, staff)
    assert f"(sample.py, line 4: `{code}`)" in say


def test_a_library_that_wraps_a_refusal_is_refused_all_the_same(opened: Opened) -> None:
    code = (
        "def f(text):\n    try:\n        open('nothing.txt', 'r').read(1, PermissionError)\n    except OSError as e:\n"
    )
    ours = opened(code + "        raise RuntimeError('no data') from PermissionError(13, 'no')\n")
    assert told(ours)[0] == "forbidden"
    assert told(opened("def f(text):\n    raise RuntimeError('no data') from ValueError()\n"))[0] == "exception"


HOSTILE = {
    "a number that is a property": "errno = property(lambda self: os._exit(0))",
    "a context that is a property": "__context__ = property(lambda self: os._exit(0))",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_looking_at_an_exception_runs_no_code_of_theirs(opened: Opened, name: str) -> None:
    session = opened(f"import os\nclass E(OSError):\n    {HOSTILE[name]}\ndef f(text):\n    raise E(1, 'x')\n")
    assert failure_of(session).kind == "forbidden"


# --- endings of the whole process ---

OUTSIDE = {
    "a loop": ("while True: pass", {"patience": 0.5}, "time", "did not come to an end in time"),
    "processor time": ("while True: pass", {"limits": Limits(cpu=1.0), "patience": 60.0}, "cpu", "its processor time"),
    "os._exit": ("os._exit(3)", {}, "exit", "ended the whole process"),
    "a segmentation fault": ("os.kill(os.getpid(), 11)", {}, "crash", "crashed (segmentation fault"),
    "abort": ("os.abort()", {}, "crash", "crashed (aborted"),
    "another signal": ("os.kill(os.getpid(), 15)", {}, "crash", "crashed (Terminated; "),
    "a system call of another kind": ("os.kill(os.getpid(), 31)", {}, "forbidden", NOT_ALLOWED),
    "killed": ("os.kill(os.getpid(), 9)", {}, "killed", "most likely because the machine ran out of memory"),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_how_a_process_ends_is_said(opened: Opened, name: str) -> None:
    assert (signal.SIGSEGV, signal.SIGSYS) == (11, 31)
    code, how, kind, sentence = OUTSIDE[name]
    session = opened(f"import os\ndef f(text):\n    {code}\n", **how)  # type: ignore[arg-type]
    if name == "a loop":
        with pytest.raises(Failure) as caught:
            session.call("sample.py", "f", [Call((None,))], 0.0)
        found, say = caught.value.kind, in_words(caught.value, "f", "sample.py", session.files)[0]
    else:
        found, say, _ = told(session)
    assert (found, sentence in say, "sample.py" in say) == (kind, True, True), say


def test_too_much_returned_is_said(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.sandbox.warm.MAX_FRAME", 2**7)
    kind, say, _ = told(opened("import torch\ndef f(text):\n    return torch.zeros(2**10)\n"))
    assert kind == "output"
    assert "returned more than can be taken in (sample.py)" in say


# --- syntax: as a process tells it that ran nothing ---

BROKEN = {
    "x = (1\n": (1, "'(' was never closed"),
    "def g():\nreturn 1\n": (2, "expected an indented block after function definition on line 1"),
    "x = ‘a’\n": (1, "invalid character '‘' (U+2018)"),
    "x = '\0'\n": (None, "source code string cannot contain null bytes"),
    "import nothing\nx = = 1\n": (2, "invalid syntax"),
}


@pytest.mark.parametrize("code", BROKEN, ids=ascii)
def test_a_file_that_python_cannot_read(opened: Opened, code: str) -> None:
    line, why = BROKEN[code]
    for files in ({"sample.py": code}, {"sample.py": "import classifier\n", "classifier.py": code}):
        session = opened(files)
        kind, say, _ = told(session)
        broken = list(files)[-1]
        assert kind == "syntax"
        assert f"Python cannot read the file: {why}" in say
        assert f"({broken}, line {line}" in say or line is None


def test_a_file_that_cannot_even_be_looked_at_is_said(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    session = opened("x = (\n")
    monkeypatch.setattr("grader.harness.session.LOAD_SECONDS", -1.0)
    failure = session._error(Failure("syntax", "SyntaxError", "x", "sample.py", 1))
    assert (failure.kind, failure.said, failure.line) == ("syntax", "", None)


# --- what a process makes up does not reach the student ---

SAID = "str(text.tolist())"
LEAKS = {
    "a message": f"raise ValueError({SAID})",
    "a class": f"raise type({SAID}, (Exception,), {{}})",
    "a class with a name like one": "raise type('T' + '_'.join(map(str, text[0].tolist())), (Exception,), {})",
    "an import": f"raise ImportError({SAID})",
    "an import as Python words it": "raise ImportError(\"No module named 'm%d_%d_%d'\" % tuple(text[0].tolist()))",
    "a name as Python words it": (
        "raise ImportError(\"cannot import name 'torch' from 'm%d.m%d.m%d'\" % tuple(text[0].tolist()))"
    ),
    "words of their own in a row": (
        "raise ImportError(\"No module named '\" + '.'.join('m' * (n == 31) or 'n' for n in text[0].tolist()) + \"'\")"
    ),
    "a module that is not there": "__import__('m%d_%d_%d' % tuple(text[0].tolist()))",
    "a syntax error": f"raise SyntaxError({SAID})",
    "a syntax error of their file": f"raise SyntaxError({SAID}, ('submission/sample.py', 1, 1, ''))",
    "compile": f"compile({SAID} + '=', 'submission/sample.py', 'exec')",
    "a file": f"raise SyntaxError('', ({SAID}, 1, 1, ''))",
    "not written": f"raise NotImplementedError({SAID})",
    "exit": f"raise SystemExit({SAID})",
    "memory": f"raise MemoryError({SAID})",
    "a file that is not there": f"open({SAID})",
    "a file that is not to be had": f"raise PermissionError(1, {SAID})",
    "the status": "import os; os._exit(text[0, 0].item())",
}


@pytest.mark.parametrize("name", LEAKS)
def test_no_hidden_input_reaches_the_student(opened: Opened, name: str) -> None:
    code = LEAKS[name]
    session = opened(f"# m n\ndef f(text):\n    {code}\n")
    _, say, _ = told(session)
    shown = say.replace(f"`{code[:120].replace('`', chr(39))}`", "")
    assert not [number for number in CANARY if str(number) in shown], say
    assert "m.n" not in shown


VALUES = {
    "a type": f"type({SAID}, (), {{}})()",
    "a tensor of a type": f"type({SAID}, (torch.Tensor,), {{}})()",
    "a shape": "torch.empty(*text[0].tolist(), 0)",
    "a shape of three": "torch.empty(*text[0].tolist(), dtype=torch.bool)",
    "an array": "numpy.empty(tuple(text[0].tolist()), dtype='U3')",
    "a dtype": "numpy.empty(2, dtype='V314159')",
    "a large size": "torch.empty(314159, dtype=torch.bool)",
    "many dimensions": "torch.empty(*[int(d) for n in text[0].tolist() for d in str(n)], 0, 1)",
}


@pytest.mark.parametrize("name", VALUES)
def test_no_value_spells_a_hidden_input(opened: Opened, name: str) -> None:
    session = opened(f"import numpy, torch\ndef f(text):\n    return {VALUES[name]}\n")
    (value,) = session.call("sample.py", "f", [Call((Tokens(np.array([CANARY])),))], SECONDS)
    assert not [number for number in (*CANARY, 314159) if str(number) in str(value.value)]


@pytest.mark.parametrize("name", ["a message", "a class", "an import", "a syntax error", "a file that is not there"])
def test_staff_read_all_of_it(opened: Opened, name: str) -> None:
    assert "31, 41, 59" in told(opened(f"def f(text):\n    {LEAKS[name]}\n"))[2]


def test_no_path_of_the_machine_reaches_the_student(opened: Opened) -> None:
    _, say, staff = told(opened("from torch import nosuch\ndef f(text):\n    pass\n"))
    assert "__init__.py" in staff
    assert "/" not in say
    _, say, staff = told(opened("import torch\ndef f(text):\n    return torch.ones(2) @ torch.ones(3)\n"))
    assert "/" not in say


@pytest.mark.parametrize("text", ["\x1b[31mred\x1b[0m", "a\u202eb", "\x9b31mred", "a\x00b", "\x1b]0;title\x07red"])
def test_nothing_that_a_process_says_holds_control_characters(opened: Opened, text: str) -> None:
    session = opened(f"t = {text!r}\ndef f(text):\n    print(t)\n    raise type(t, (ValueError,), {{}})(t)\n")
    _, say, staff = told(session)
    assert (say + staff + session.output).replace("\n", "").isprintable()
    assert "[31m" not in say + staff + session.output
