"""A student's code is called in a process of its own, and whatever it does comes back as a value or a Failure.

Nothing here waits by the clock but the tests of what never ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.harness.lab import Lab
from grader.harness.probes import Sizes, draw_probe
from grader.harness.session import (
    Call,
    Configuration,
    Failure,
    Model,
    Numbers,
    Past,
    Session,
    Tokens,
    Value,
)
from grader.harness.wording import in_words
from grader.result import Feedback
from grader.sandbox.endings import Died
from grader.sandbox.limits import Limits

SECONDS = 3.0
PROBE = draw_probe("probe", Sizes(), np.random.default_rng(1))
CONFIG = Configuration({**PROBE.sizes.config, "top_k": 3, "seed": 0})
Opened = Callable[..., Session]


def value_of(session: Session, *arguments: Any, file: str = "sample.py", seed: int = 0) -> Value:
    return session.call(file, "f", [Call(arguments, seed=seed)], SECONDS)[0]


def failure_of(session: Session, *arguments: Any) -> Failure:
    """And another function of another file still works."""
    with pytest.raises(Failure) as caught:
        value_of(session, *arguments)
    for say in in_words(caught.value, "f", "sample.py", session.files):
        assert Feedback(text=say or "nothing").model_dump_json()
    assert fine(session)
    return caught.value


def fine(session: Session) -> bool:
    (value,) = session.call("likelihood.py", "fine", [Call(())], SECONDS)
    return value.value.kind == "float" and value.value.array == 1.5


def seconds_of_loop(session: Session) -> Failure:
    with pytest.raises(Failure) as caught:
        session.call("sample.py", "f", [Call(())], 0.0)
    return caught.value


# --- what comes back ---

HEAD = "import numpy as np, torch\n"
KINDS = {
    "1.5": ("float", "float", 1.5),
    "float('nan')": ("float", "float", np.nan),
    "float('-inf')": ("float", "float", -np.inf),
    "3": ("int", "int", 3),
    "-2**61": ("int", "int", -(2**61)),
    "10**30": ("int", "int", None),
    "True": ("bool", "bool", True),
    "None": ("none", "NoneType", None),
    "np.float32(2.5)": ("numpy", "float32", 2.5),
    "np.int64(7)": ("numpy", "int64", 7),
    "np.bool_(True)": ("numpy", None, True),
    "np.str_('x')": ("numpy", None, None),
    "np.complex64(1j)": ("numpy", "complex64", None),
    "[1.5]": ("other", "list", None),
    "(1, 2)": ("other", "tuple", None),
    "'1.5'": ("other", "str", None),
    "{'a': 1}": ("other", "dict", None),
    "lambda: 1": ("other", "function", None),
    "type('Mine', (float,), {})(2)": ("other", "", None),
    "type('Mine', (torch.Tensor,), {})()": ("other", "", None),
    "type('Mine', (np.ndarray,), {})((2,))": ("other", "", None),
    "np.array(['a', None], dtype=object)": ("array", "ndarray", None),
    "np.arange(3)": ("array", "ndarray", [0, 1, 2]),
    "torch.tensor(2.5)": ("tensor", "Tensor", 2.5),
    "torch.tensor(True)": ("tensor", "Tensor", True),
    "torch.arange(6).view(2, 3).t()": ("tensor", "Tensor", [[0, 3], [1, 4], [2, 5]]),
    "torch.zeros(0, 3)": ("tensor", "Tensor", np.zeros((0, 3))),
    "torch.tensor([float('nan'), 1])": ("tensor", "Tensor", [np.nan, 1]),
    "torch.nn.Parameter(torch.ones(2))": ("tensor", None, [1, 1]),
    "torch.ones(2, requires_grad=True) * 2": ("tensor", "Tensor", [2, 2]),
    "torch.ones(2, dtype=torch.bfloat16)": ("tensor", "Tensor", None),
    "torch.ones(2, dtype=torch.complex64)": ("tensor", "Tensor", None),
    "torch.ones(2, 2).to_sparse()": (None, None, None),
    "torch.ones(2, device='meta')": (None, None, None),
    "torch._neg_view(torch.ones(2))": (None, None, None),
    "torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])": (None, None, None),
}


@pytest.fixture(scope="module")
def everything(lab: Lab) -> Iterator[Session]:
    code = HEAD + "".join(f"def f{place}():\n    return {value}\n" for place, value in enumerate(KINDS))
    with Session(lab.language.warm, {"sample.py": code}, Limits(), lab.patience) as session:
        yield session


@pytest.mark.parametrize("place", range(len(KINDS)), ids=list(KINDS))
def test_each_kind_of_value(everything: Session, place: int) -> None:
    kind, name, numbers = list(KINDS.values())[place]
    value = everything.call("sample.py", f"f{place}", [Call(())], SECONDS)[0].value
    assert kind in (value.kind, None)
    assert name in (value.type, None)
    assert str(value)
    if kind is not None:
        assert (value.array is None) == (numbers is None)
    if numbers is not None:
        assert np.array_equal(value.array, np.array(numbers), equal_nan=True)
        assert value.array.shape == np.shape(numbers)


def test_what_cannot_be_passed_on_says_its_type_and_shape(opened: Opened) -> None:
    value = value_of(opened("import torch\ndef f():\n    return torch.ones(2, 3, dtype=torch.bfloat16)")).value
    assert (value.dtype, value.shape) == ("bfloat16", (2, 3))


# --- what goes in ---


def test_arguments_are_what_students_expect(opened: Opened) -> None:
    code = """
        import torch
        def f(model, text, config, logits, past, t, horizon=1):
            assert type(text) is torch.Tensor and text.dtype == torch.int64 and text.shape == (1, 3)
            assert logits.dtype == torch.float32 and not logits.requires_grad
            assert config.vocab_size == config.n_embd == 8 and config.top_k == 3 and config.n_ctx == 16
            assert not torch.is_grad_enabled() and not any(w.requires_grad for w in model.parameters())
            assert not model.training
            whole, presents = model(torch.tensor([[1, 2, 3, 4]]))
            assert len(past) == 2 and past[0].shape == (2, 1, 2, 3, 4)
            assert torch.allclose(model(torch.tensor([[4]]), past)[0][:, -1], whole[:, -1], atol=1e-5)
            assert t is None and horizon == 2
            return whole[0, -1]
    """
    tokens = np.array([[1, 2, 3]])
    arguments = (Model(PROBE), Tokens(tokens), CONFIG, Numbers(np.ones((1, 8))), Past(Model(PROBE), tokens), None)
    (value,) = opened(code).call("sample.py", "f", [Call(arguments, {"horizon": 2})], SECONDS)
    assert value.changed == ()
    assert value.value.array == pytest.approx(PROBE.logits(np.array([[1, 2, 3, 4]]))[0], abs=1e-4)


def test_the_language_model_is_there_by_name(lab: Lab, opened: Opened) -> None:
    code = "import torch\ndef f(model, text):\n    return model(text)[0].shape[-1]"
    value = value_of(opened(code), Model(lab.language.name), Tokens(np.array([[1, 2]])))
    assert value.value.array == lab.language.vocabulary


CHANGES = {
    "text[0, 0] = 5": (0,),
    "text.resize_(1, 2)": (0,),
    "text.data = text.float()": (0,),
    "text.unsqueeze_(0)": (0,),
    "config.top_k = 7": (1,),
    "config.mine = torch.zeros(3)": (1,),
    "config.seed = torch.zeros(3)": (1,),
    "del config.seed": (1,),
    "logits /= 2": (2,),
    "past[1].add_(1)": (3,),
    "past.append(past[0])": (3,),
    "past.clear()": (3,),
    "past[0] = None": (3,),
    "past.append(past)": (3,),
    "text += 1; logits -= 1": (0, 2),
    "text = text + 1; past = past + [1]; config = None": (),
    "logits[0, 0] = float('nan')": (2,),
}


@pytest.mark.parametrize("change", CHANGES)
def test_arguments_changed_in_place_are_told(opened: Opened, change: str) -> None:
    code = f"import torch\ndef f(text, config, logits, past):\n    {change}\n    return 1.0"
    tokens = np.array([[1, 2, 3]])
    arguments = (Tokens(tokens), CONFIG, Numbers(np.ones((1, 8))), Past(Model(PROBE), tokens))
    assert value_of(opened(code), *arguments).changed == CHANGES[change]


def test_every_call_gets_arguments_of_its_own(opened: Opened) -> None:
    code = "def f(text, config):\n    text += 1\n    config.top_k += 1\n    return int(text.sum()) + config.top_k"
    call = Call((Tokens(np.zeros((1, 2))), CONFIG))
    values = opened(code).call("sample.py", "f", [call, call, call], SECONDS)
    assert [int(value.value.array) for value in values] == [6, 6, 6]


# --- seeds ---

DRAWS = """
    import random, numpy as np, torch
    def f():
        return torch.tensor([torch.rand(()), np.random.rand(), random.random()], dtype=torch.float64)
"""


def test_draws_depend_on_the_seed_and_on_nothing_else(opened: Opened) -> None:
    session = opened(DRAWS)
    first, other, again = (
        value.value.array
        for value in session.call("sample.py", "f", [Call((), seed=s) for s in (1, 2**61, 1)], SECONDS)
    )
    assert np.array_equal(first, again)
    assert (first != other).all()
    session.close()
    assert np.array_equal(value_of(session, seed=1).value.array, first)
    assert np.array_equal(value_of(opened(DRAWS), seed=1).value.array, first)


# --- time, and what is printed ---


def test_calls_that_there_is_no_time_for_are_left(opened: Opened) -> None:
    session = opened("def f():\n    return 1.0")
    assert len(session.call("sample.py", "f", [Call(())] * 5, 0.0)) == 1
    assert len(session.call("sample.py", "f", [Call(())] * 5, SECONDS)) == 5
    assert session.seconds > 0


def test_what_it_prints_is_kept_and_bounded(opened: Opened) -> None:
    session = opened("import sys\ndef f(text):\n    print(text)\n    print('é', file=sys.stderr)\n    return 1.0")
    assert value_of(session, "hello")
    assert session.output == "hello\né\n"
    assert value_of(session, "x" * 10**6)
    assert value_of(session, "y")
    assert len(session.output) <= 2**16


@pytest.mark.parametrize("sent", ["results({'error': 3})", "results(None)", "{'odd': 'x'}", "{'fault': 'x'}"])
def test_a_failure_keeps_nothing_of_what_was_sent(opened: Opened, sent: str) -> None:
    """It is kept itself, and what was sent may be as large as any message."""
    session = opened(textwrap.dedent(SOCKET) + f"def f():\n    send(message({sent}))\n    os._exit(0)\n")
    with pytest.raises(Failure) as caught:
        value_of(session)
    frames = [entry for entry in caught.traceback if Path(str(entry.path)).name == "session.py"]
    assert [entry.name for entry in frames] == ["call"]
    assert caught.value.__context__ is None


OUTPUTS = {
    "sys.stdout.reconfigure(encoding='utf-8'); print('hello')": "hello\n",
    "sys.stdout.buffer.write(b'hello')": "hello",
    "print(sys.stdout.encoding.lower(), sys.stderr.encoding)": "utf-8 utf-8\n",
    "print(sys.stdout.fileno(), sys.stdout.isatty(), sys.stdout.name)": "1 False <stdout>\n",
    "import faulthandler; faulthandler.enable()": "",
    "print('hello'); sys.stdout.close()": "hello\n",
    "print('hello'); sys.stdout.detach()": "hello\n",
    "print('hello'); sys.stdout.detach().close()": "hello\n",
    "sys.stdout.reconfigure(write_through=False); sys.stdout.write('hello')": "hello",
    "print('hello'); sys.stdout = None": "hello\n",
    "sys.stdout.buffer.write(b'\\xff')": "\ufffd",
}


@pytest.mark.parametrize("code", OUTPUTS)
def test_what_it_prints_to_is_like_any_other(opened: Opened, code: str) -> None:
    session = opened(f"import sys\ndef f():\n    {code}\n    return 1.0")
    assert value_of(session).value.array == 1.0
    assert session.output == OUTPUTS[code]


BESIDE = {
    "open(__file__).read()": "",
    "Path(__file__).resolve().parent.joinpath('likelihood.py').read_text()": "",
    "os.chdir(os.path.dirname(__file__)); open('sample.py').read(); open('likelihood.py').read()": "",
    "sys.path.insert(0, str(Path(__file__).parent)); import likelihood": "",
    "assert os.path.isabs(__file__); open('submission/sample.py').read()": "",
    "os.chdir(Path(__file__).parent); 1 / 0": "ZeroDivisionError",
}


@pytest.mark.parametrize("code", BESIDE)
def test_its_files_lie_where_it_thinks(opened: Opened, code: str) -> None:
    session = opened(f"import os, sys\nfrom pathlib import Path\ndef f():\n    {code}\n    return 1.0")
    if session.warm.level != "A":
        pytest.skip("there need be no folder to write in")
    if not BESIDE[code]:
        assert value_of(session).value.array == 1.0
        return
    failure = failure_of(session)
    assert (failure.type, failure.file, failure.line) == (BESIDE[code], "sample.py", 4)


def test_half_a_character_printed_can_be_written_down(opened: Opened) -> None:
    session = opened("def f():\n    print('\\ud800')\n    return 1.0")
    assert value_of(session)
    assert session.output.encode()


# --- what goes wrong ---

ERRORS: dict[str, tuple[str, str, int | None, str]] = {
    "syntax": ("def f():\n    return (1\n", "syntax", 2, ""),
    "indentation": ("def f():\nreturn 1\n", "syntax", 2, "IndentationError"),
    "a null byte": ("def f():\n    return '\0'\n", "syntax", None, ""),
    "deep nesting": ("x = " + "(" * 5000 + ")" * 5000, "", None, ""),
    "half a character": ("x = '\ud800'\ndef f():\n    return 1.0\n", "", None, ""),
    "no such module": ("import torch\nimport nosuchthing\n", "import", 2, "ModuleNotFoundError"),
    "no such name": ("from likelihood import nothing\n", "import", 1, "ImportError"),
    "an error while importing": ("x = 1\ny = x / 0\n", "exception", 2, "ZeroDivisionError"),
    "no such function": ("def g():\n    return 1\n", "missing", None, ""),
    "no function": ("f = 3\n", "missing", None, ""),
    "an empty file": ("", "missing", None, ""),
    "not written": ("def f():\n    raise NotImplementedError\n", "unwritten", 2, "NotImplementedError"),
    "an exception": ("def f():\n    return g()\ndef g():\n    return [][1]\n", "exception", 4, "IndexError"),
    "an exception in torch": ("import torch\ndef f():\n    return torch.ones(2) @ torch.ones(3)\n", "exception", 3, ""),
    "a wrong call": ("def f(x):\n    return x\n", "exception", None, "TypeError"),
    "sys.exit": ("import sys\ndef f():\n    sys.exit(3)\n", "exit", 3, "SystemExit"),
    "exit while importing": ("raise SystemExit\n", "exit", 1, "SystemExit"),
    "KeyboardInterrupt": ("def f():\n    raise KeyboardInterrupt\n", "exception", 2, "KeyboardInterrupt"),
    "GeneratorExit": ("def f():\n    raise GeneratorExit\n", "exception", 2, "GeneratorExit"),
    "os._exit": ("import os\ndef f():\n    os._exit(3)\n", "exit", None, ""),
    "os._exit(0)": ("import os\ndef f():\n    os._exit(0)\n", "exit", None, ""),
    "os._exit(70)": ("import os\ndef f():\n    os._exit(70)\n", "exit", None, ""),
    "a segfault": ("import ctypes\ndef f():\n    ctypes.string_at(0)\n", "crash", None, ""),
    "abort": ("import os\ndef f():\n    os.abort()\n", "crash", None, ""),
    "MemoryError": ("def f():\n    raise MemoryError\n", "memory", 2, "MemoryError"),
    "a huge tensor": ("import torch\ndef f():\n    return torch.empty(2**44)\n", "memory", 3, ""),
    "a huge list": ("def f():\n    return [0] * 2**40\n", "memory", 2, "MemoryError"),
    "recursion": ("def f():\n    return f()\n", "exception", 2, "RecursionError"),
    "__str__ raises": (
        "class E(Exception):\n    def __str__(self):\n        raise ValueError\ndef f():\n    raise E\n",
        "exception",
        5,
        "E",
    ),
    "__str__ exits": (
        "import sys\nclass E(Exception):\n    def __str__(self):\n        sys.exit()\ndef f():\n    raise E\n",
        "exception",
        6,
        "E",
    ),
    "__str__ returns no text": (
        "class E(Exception):\n    def __str__(self):\n        return 3\ndef f():\n    raise E\n",
        "exception",
        5,
        "E",
    ),
    "a long message": ("def f():\n    raise ValueError('x' * 10**7)\n", "exception", 2, "ValueError"),
    "half a character in it": ("def f():\n    raise ImportError('\\ud800')\n", "import", 2, "ImportError"),
    "a message that is a list": ("def f():\n    raise SyntaxError([1])\n", "exception", 2, "SyntaxError"),
    "a SyntaxError that lies": (
        "def f():\n    raise SyntaxError('no', ('submission/sample.py', 'x', 1, ''))\n",
        "",
        None,
        "",
    ),
    "a SyntaxError of no file": (
        "def f():\n    e = SyntaxError('no')\n    e.filename = []\n    raise e\n",
        "",
        None,
        "",
    ),
    "a class without a name": (
        "class M(type):\n    __name__ = property(lambda self: 1 / 0)\n"
        "class E(Exception, metaclass=M):\n    pass\ndef f():\n    raise E\n",
        "",
        None,
        "",
    ),
    "a value without a type": (
        "class M(type):\n    __name__ = property(lambda self: 1 / 0)\n"
        "class E(metaclass=M):\n    pass\ndef f():\n    return E()\n",
        "",
        None,
        "",
    ),
    "a class that lies": (
        "class E:\n    __class__ = property(lambda self: 1 / 0)\ndef f():\n    return E()\n",
        "",
        None,
        "",
    ),
    "an output that is no text": (
        "import sys\nclass S(str):\n    def __getitem__(self, at):\n        return 3\n"
        "def f():\n    sys.stdout.write(S('x'))\n    return [1]\n",
        "",
        None,
        "",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_goes_wrong_is_said_and_leaves_other_files_alone(opened: Opened, name: str) -> None:
    code, kind, line, error = ERRORS[name]
    session = opened({"sample.py": code})
    if not kind:  # a Failure of whatever kind, or a value
        with contextlib.suppress(Failure):
            value_of(session)
        assert fine(session)
        return
    failure = failure_of(session)
    assert failure.kind == kind
    if line is not None:
        assert (failure.file, failure.line) == ("sample.py", line)
    if error:
        assert failure.type == error
    assert len(failure.text) <= 700


def test_more_numbers_than_can_be_right_stay_where_they_are(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process does not even send them: what would be taken in here is less."""
    monkeypatch.setattr("grader.sandbox.warm.MAX_FRAME", 2**12)
    for value in ("torch.zeros(2**13)", "torch.zeros(2**13).numpy()"):
        found = value_of(opened(f"import torch\ndef f():\n    return {value}")).value
        assert (found.array, found.dtype, found.shape) == (None, "float32", (2**13,))


def test_no_memory_for_the_answer_is_told(opened: Opened) -> None:
    full = "import numpy\ndef full(*_):\n    raise MemoryError\n"
    session = opened(f"{full}def f():\n    numpy.ascontiguousarray = full\n    return 1.0")
    assert kind_of(session) == "memory"
    session.close()
    assert fine(session)


def test_the_line_is_of_the_file_that_failed(opened: Opened) -> None:
    files = {
        "sample.py": "from likelihood import g\ndef f():\n    return g()",
        "likelihood.py": "def g():\n    return 1 / 0",
    }
    session = opened(files)
    with pytest.raises(Failure) as caught:
        value_of(session)
    assert (caught.value.file, caught.value.line) == ("likelihood.py", 2)


def test_a_broken_file_fails_those_that_import_it_alone(opened: Opened) -> None:
    session = opened({"sample.py": "import classifier\ndef f():\n    return 1.0", "classifier.py": "x ="})
    failure = failure_of(session)
    assert (failure.kind, failure.file, failure.line) == ("syntax", "classifier.py", 1)


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    while True:\n        pass",
        "while True:\n    pass",
        "import time\ndef f():\n    time.sleep(1000)",
        "def f():\n    try:\n        while True:\n            pass\n    except BaseException:\n        f()",
        "class E(Exception):\n    def __str__(self):\n        while True:\n            pass\ndef f():\n    raise E",
    ],
    ids=["a loop", "while importing", "sleep", "a stubborn one", "in __str__"],
)
def test_what_never_ends_is_ended(opened: Opened, code: str) -> None:
    session = opened(code, patience=0.4)
    assert seconds_of_loop(session).kind == "time"
    session.patience = 4.0
    assert fine(session)


def test_processor_time_is_bounded_too(opened: Opened) -> None:
    session = opened("def f():\n    while True:\n        pass", limits=Limits(cpu=1.0), patience=60.0)
    assert failure_of(session).kind == "cpu"


def test_a_process_that_cannot_be_prepared_in_time_is_no_fault_of_theirs(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of theirs has run yet: the machine is slow, or we are."""
    session = opened("def f():\n    return 1.0")
    monkeypatch.setattr("grader.harness.session.LOAD_SECONDS", 0.0)
    with pytest.raises(Died, match="could not be prepared"):
        value_of(session)


def test_many_slow_calls_come_to_an_end_too(opened: Opened) -> None:
    """Each is quick enough for a call, and all together would take hours."""
    session = opened("import time\ndef f():\n    time.sleep(0.05)\n    return 1.0")
    session.allowance = 0.5
    kinds = [kind_of(session) for _ in range(12)]
    assert kinds[0] == ""
    assert kinds[-2:] == ["time", "time"]


def test_what_is_run_again_spends_of_the_same_allowance(opened: Opened) -> None:
    session = opened("def f():\n    return 1.0")
    again = session.afresh()
    with again:
        assert kind_of(again) == ""
        assert 0 < session._spent.seconds < session.allowance
        session.allowance = again.allowance = session._spent.seconds
        assert kind_of(session) == kind_of(again) == "time"


def kind_of(session: Session) -> str:
    """Of the failure of one call, '' where it does not fail."""
    try:
        value_of(session)
    except Failure as failure:
        return failure.kind
    return ""


# --- code that reaches for more ---

SOCKET = """
    import json, os, socket, stat, struct
    def sockets():
        found = []
        for fd in range(64):
            try:
                if stat.S_ISSOCK(os.fstat(fd).st_mode):
                    found.append(fd)
            except OSError:
                pass
        return found
    def frame(data):
        return struct.pack('>Q', len(data)) + data
    def message(header, arrays=(), data=b''):
        text = json.dumps({'header': header, 'arrays': list(arrays)}).encode()
        return frame(struct.pack('>I', len(text)) + text + data)
    def send(data):
        for fd in sockets():
            os.write(fd, data)
    VALUE = {'kind': 'float', 'type': 'float', 'dtype': 'float64', 'shape': [], 'array': 0}
    def results(*found, **more):
        return {'results': list(found), 'seconds': 0.1, 'output': ''} | more
"""
FORGED = {
    "nothing at all": "frame(b'')",
    "random bytes": "frame(os.urandom(100))",
    "half a frame": "struct.pack('>Q', 1000) + b'x'",
    "a huge frame": "struct.pack('>Q', 2**63)",
    "many frames": "frame(b'{}') * 100",
    "text": "frame(b'{}')",
    "a list": "message([])",
    "no results": "message({})",
    "results that are none": "message(results(results=None))",
    "no result": "message(results())",
    "too many results": "message(results({'value': VALUE, 'changed': []}, {'value': VALUE, 'changed': []}))",
    "a result that is a number": "message(results(3))",
    "a result that is a text": "message(results('error'))",
    "an error that is a number": "message(results({'error': 3}))",
    "an error that is half": "message(results({'error': {'kind': 'exception'}}))",
    "an error of numbers": (
        "message(results({'error': {'kind': 1, 'type': 2, 'text': 3, 'file': None, 'line': None}}))"
    ),
    "an error with a line that is a text": (
        "message(results({'error': {'kind': 'exception', 'type': '', 'text': '', 'file': 'sample.py', 'line': 'x'}}))"
    ),
    "an error of a new kind": (
        "message(results({'error': {'kind': 'mine', 'type': '', 'text': '', 'file': '../key', 'line': 10**30}}))"
    ),
    "an array that is not there": "message(results({'value': VALUE, 'changed': []}))",
    "a value of a new kind": "message(results({'value': VALUE | {'kind': 'class'}, 'changed': []}))",
    "a change that is no place": "message(results({'value': VALUE | {'array': None}, 'changed': ['x']}))",
    "changes that are none": "message(results({'value': VALUE | {'array': None}, 'changed': None}))",
    "seconds that are a text": "message(results({'value': VALUE, 'changed': []}, seconds='x'))",
    "nested lists": "message(results(), data=b'') and frame(struct.pack('>I', 10**6) + b'[' * 10**6)",
}


@pytest.mark.parametrize("name", FORGED)
def test_forged_answers_are_failures(opened: Opened, name: str) -> None:
    code = textwrap.dedent(SOCKET) + f"def f():\n    send({FORGED[name]})\n    os._exit(0)\n"
    session = opened(code)
    with pytest.raises(Failure) as caught:
        value_of(session)
    assert all(Feedback(text=say) for say in in_words(caught.value, "f", "sample.py", session.files)[:1])
    session.close()
    assert fine(session)


@pytest.mark.parametrize("fault", ["'it was not me'", "None"])
def test_a_forged_fault_of_ours_gains_no_mark(opened: Opened, fault: str) -> None:
    """A human looks, and reads who says so."""
    session = opened(textwrap.dedent(SOCKET) + f"def f():\n    send(message({{'fault': {fault}}}))\n    os._exit(0)\n")
    with pytest.raises(Failure) as caught:
        value_of(session)
    assert caught.value.kind == "odd"
    assert caught.value.text.startswith("the student's process says, or makes it look so: ")
    assert fault.strip("'") in caught.value.text
    session.close()
    assert fine(session)


def test_a_forged_value_is_a_value_and_no_more(opened: Opened) -> None:
    """It may say what it likes of itself: it could have returned it."""
    good = "message(results({'value': VALUE, 'changed': []}), [['float64', []]], struct.pack('d', 2.5))"
    session = opened(textwrap.dedent(SOCKET) + f"def f():\n    send({good})\n    os._exit(0)\n")
    assert value_of(session).value.array == 2.5
    session.close()
    assert fine(session)


def test_an_answer_too_many_is_not_taken_for_the_next_one(opened: Opened) -> None:
    """The forged one and the real one: what comes next is of the same code, and ends it where it is no answer."""
    session = opened(textwrap.dedent(SOCKET) + "def f():\n    send(message({}))\n    return 1.0\n")
    with pytest.raises(Failure):
        value_of(session)
    assert fine(session)


def test_a_socket_that_is_closed_is_a_crash(opened: Opened) -> None:
    session = opened(textwrap.dedent(SOCKET) + "def f():\n    [os.close(fd) for fd in sockets()]\n    return 1.0\n")
    assert failure_of(session).kind in ("crash", "exit", "garbled", "killed", "odd")


PATCHES = """
    import builtins, json, numpy, random, torch
    from torch import Tensor
    def f(model, text):
        torch.manual_seed = lambda seed: None
        torch.Tensor.clone = torch.equal = numpy.asarray = json.dumps = None
        model.forward = lambda *_: (_ for _ in ()).throw(ValueError())
        for weight in model.parameters():
            weight.data.zero_()
        builtins.len = lambda x: 42
        return 1.0
"""


def test_what_it_patches_is_patched_for_itself_alone(lab: Lab, opened: Opened) -> None:
    text = Tokens(np.array([[1, 2, 3]]))
    before = lab.language.scores([np.arange(5)])
    bad, good = opened(PATCHES), opened("def f(model, text):\n    return float(model(text)[0].sum())")
    expected = value_of(good, Model(lab.language.name), text).value.array
    with contextlib.suppress(Failure):
        value_of(bad, Model(lab.language.name), text)
    with pytest.raises(Failure):
        value_of(bad, Model(lab.language.name), text)
    assert value_of(good, Model(lab.language.name), text).value.array == expected
    assert value_of(opened("def f():\n    return len([])")).value.array == 0
    assert lab.language.scores([np.arange(5)]) == before


def test_it_has_nothing_of_the_graders_environment(opened: Opened) -> None:
    os.environ["SECRET_OF_THE_GRADER"] = "canary"
    try:
        session = opened("import os, sys\ndef f():\n    print(dict(os.environ), sys.argv)\n    return 1.0")
        value_of(session)
    finally:
        del os.environ["SECRET_OF_THE_GRADER"]
    assert "LANG" in session.output
    assert not [word for word in ("PATH", "tiny", str(Path.cwd())) if word in session.output]
    assert "canary" not in session.output
    assert "SECRET" not in session.output


def test_it_cannot_read_keys_nor_write_anything(lab: Lab, opened: Opened, tmp_path: Path) -> None:
    if lab.level == "C":
        pytest.skip("nothing isolates code here")
    root = Path(__file__).parents[2]
    code = f"""
        import os
        def f():
            for attempt in (
                lambda: os.listdir({str(root / "reference")!r}),
                lambda: open({str(root / "reference/ps1/6.yaml")!r}).read(),
                lambda: open({str(tmp_path / "new")!r}, "w"),
                lambda: os.kill(os.getppid(), 9),
                lambda: os.fork(),
                lambda: __import__("subprocess").run(["true"]),
                lambda: __import__("socket").socket(),
            ):
                try:
                    print("did", attempt())
                except Exception as error:
                    print(type(error).__name__)
            return 1.0
    """
    session = opened(code)
    value_of(session)
    assert session.output.count("Error") == 7  # at level A there is no such file, at level B no permission
    assert "did" not in session.output


# --- imports ---

LIKELIHOOD = "count = 0\ndef g():\n    global count\n    count += 1\n    return float(count)\n"
IMPORTS = {
    "loose": "from likelihood import g\ndef f():\n    return g()",
    "loose module": "import likelihood\ndef f():\n    return likelihood.g()",
    "package": "from submission.likelihood import g\ndef f():\n    return g()",
    "package module": "import submission.likelihood\ndef f():\n    return submission.likelihood.g()",
    "package under a name": "import submission.likelihood as l\ndef f():\n    return l.g()",
    "from the package": "from submission import likelihood\ndef f():\n    return likelihood.g()",
    "relative": "from .likelihood import g\ndef f():\n    return g()",
    "relative module": "from . import likelihood\ndef f():\n    return likelihood.g()",
    "inside the function": "def f():\n    from likelihood import g\n    return g()",
    "star": "from likelihood import *\ndef f():\n    return g()",
    "importlib": "import importlib\ndef f():\n    return importlib.import_module('likelihood').g()",
    "torch": "import torch, numpy as np, torch.nn.functional as F\nfrom tqdm import trange\nfrom likelihood import g\n"
    "def f():\n    [F.relu(torch.zeros(1)) for _ in trange(3)]\n    return g()",
    "main": "from likelihood import g\ndef f():\n    return g()\nif __name__ == '__main__':\n    f(); import nothing\n",
}


@pytest.mark.parametrize("name", IMPORTS)
def test_styles_of_importing(opened: Opened, name: str) -> None:
    assert value_of(opened({"sample.py": IMPORTS[name], "likelihood.py": LIKELIHOOD})).value.array == 1.0


def test_a_module_is_one_module_under_all_its_names(opened: Opened) -> None:
    code = """
        import likelihood, submission.likelihood
        from . import likelihood as third
        def f():
            assert likelihood is submission.likelihood is third
            return likelihood.g() + submission.likelihood.g()
    """
    assert value_of(opened({"sample.py": code, "likelihood.py": LIKELIHOOD})).value.array == 3.0


def test_a_package_with_a_file_of_its_own(opened: Opened) -> None:
    files = {
        "__init__.py": "from .sample import f\nfrom submission.likelihood import g\nname = 'mine'\n",
        "sample.py": "from likelihood import g\ndef f():\n    import submission\n    return g() + len(submission.name)",
        "likelihood.py": LIKELIHOOD,
    }
    assert value_of(opened(files)).value.array == 5.0


def test_a_package_file_that_fails_is_said(opened: Opened) -> None:
    session = opened({"__init__.py": "import nosuchthing", "sample.py": "def f():\n    return 1.0"})
    with pytest.raises(Failure) as caught:
        value_of(session)
    assert (caught.value.kind, caught.value.file, caught.value.line) == ("import", "__init__.py", 1)


def test_files_that_import_each_other(opened: Opened) -> None:
    files = {
        "sample.py": "import likelihood\nx = 2.0\ndef f():\n    return likelihood.g()",
        "likelihood.py": "import sample\nfrom submission import sample as same\n"
        "def g():\n    assert same is sample\n    return sample.x",
    }
    assert value_of(opened(files)).value.array == 2.0
    files["likelihood.py"] = "from sample import x\n"
    session = opened(files)
    with pytest.raises(Failure) as caught:
        value_of(session)
    assert caught.value.kind == "import"
    assert caught.value.file == "likelihood.py"


SHADOWS = [
    "random.py",
    "torch.py",
    "numpy.py",
    "json.py",
    "types.py",
    "tqdm.py",
    "grader.py",
    "math.py",
    "typing.py",
    "wave.py",
]


def test_a_file_called_like_a_library_takes_nothing_over(opened: Opened) -> None:
    files = dict.fromkeys(SHADOWS, "raise RuntimeError('shadow')")
    names = ", ".join(name.removesuffix(".py") for name in SHADOWS if name != "grader.py")
    files["sample.py"] = f"import {names}\ndef f():\n    return float(torch.tensor(wave.WAVE_FORMAT_PCM) - 1)"
    assert value_of(opened(files)).value.array == 0.0


def test_it_may_be_imported_from_the_package_all_the_same(opened: Opened) -> None:
    files = {"sample.py": "from .random import x\nimport random\ndef f():\n    return x + random.choice([1])"}
    assert value_of(opened({**files, "random.py": "x = 1"})).value.array == 2


def test_a_traceback_shows_their_code(opened: Opened) -> None:
    code = """
        import traceback
        def f():
            try:
                return 1 / 0
            except ArithmeticError:
                traceback.print_exc()
    """
    session = opened(code)
    value_of(session)
    assert "return 1 / 0" in session.output


def test_source_can_be_looked_at(opened: Opened) -> None:
    """``inspect.getsource``, and what uses it (``torch.jit.script``)."""
    session = opened("import inspect\nx = 'a\u2028b'\n\x0c\ndef f():\n    print(inspect.getsource(f))\n    return 1.0")
    value_of(session)
    assert session.output.startswith("def f():\n")


# --- the end ---


def test_a_child_that_is_killed_between_two_calls_is_that_and_no_more(opened: Opened) -> None:
    session = opened("import os\ndef f():\n    return os.getpid()")
    within = int(value_of(session).value.array)
    assert session._child is not None
    (pid,) = [pid for pid in processes(session._child._process.popen.pid) if pid_within(pid) == within]
    os.kill(pid, signal.SIGKILL)
    assert int(value_of(session).value.array) != within  # in another one, for it may have been no fault of theirs


def processes(root: int) -> list[int]:
    """A process and all that come from it: under the outer wall, the warm process is no child of ours."""
    children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
    return [root, *(pid for child in children for pid in processes(int(child)))]


def pid_within(pid: int) -> int:
    """What a process calls itself, in the innermost of the views of the machine that it is in."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("NSpid:")).split()[-1])
