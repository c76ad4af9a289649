"""A submission's files as modules: ``submission.sample``, and ``sample`` as the same module.

They are run as they were sent. Where there is a folder to write in, they are there to be opened, too.
"""

from __future__ import annotations

import errno
import importlib.util
import io
import linecache
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import InspectLoader, Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

PACKAGE = "submission"
OURS = __name__.partition(".")[0]
INSTALLED = frozenset({"torch", "numpy", "tqdm", "scipy", "grader"})  # names that no submission takes over
MAX_TEXT = 500


class Missing(Exception):
    """The file has no such function."""


class Sources(MetaPathFinder):
    """Finds the files of a submission, by name: ``{"sample.py": text}``."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = dict(files)
        self.folder = ""  # where they lie, with a slash

    def install(self) -> None:
        """Make them importable in this process, which is this submission's alone."""
        sys.meta_path.insert(0, self)
        self.write()
        for name, text in self.files.items():
            lines = io.StringIO(text, newline=None).readlines()
            linecache.cache[self.path(name)] = (len(text), None, lines, self.path(name))

    def write(self) -> None:
        """Put them into the folder of this process, if it has one, for code that looks for what lies beside it."""
        place = own_folder()
        if not place:
            return
        try:
            Path(place, PACKAGE).mkdir()
            for name, text in self.files.items():
                Path(place, PACKAGE, name).write_bytes(text.encode("utf-8", "surrogatepass"))
        except (OSError, ValueError):  # more than fits there; a name that no file can have
            return
        self.folder = f"{place}/"

    def path(self, file: str) -> str:
        """How a file is called in a traceback."""
        return f"{self.folder}{path_of(file)}"

    def function(self, file: str, name: str) -> Callable[..., Any]:
        """A function of a file. Raises Missing, and whatever importing the file raises."""
        module = importlib.import_module(f"{PACKAGE}.{file.removesuffix('.py')}")
        found = getattr(module, name, None)
        if not callable(found):
            raise Missing(name)
        return found  # type: ignore[no-any-return]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] == OURS:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        if fullname == PACKAGE:
            init = _Source(self.files.get("__init__.py", ""), self.path("__init__.py"))
            return ModuleSpec(PACKAGE, init, is_package=True)
        package, _, name = fullname.rpartition(".")
        file = f"{name}.py"
        if file not in self.files or package not in ("", PACKAGE):
            return None
        if package:
            return ModuleSpec(fullname, _Source(self.files[file], self.path(file)), origin=self.path(file))
        if name in sys.stdlib_module_names or name in INSTALLED:
            return None
        return ModuleSpec(fullname, _Same(f"{PACKAGE}.{name}"))


def path_of(file: str) -> str:
    """Relative to the folder that holds them."""
    return f"{PACKAGE}/{file}"


def own_folder() -> str:
    """The scratch folder (``sandbox.scratch.settle``), '' where this process has none: the folder is another's then."""
    place = os.environ.get("TMPDIR", "")
    return place if place and place == os.environ.get("HOME") == os.getcwd() else ""


class _Source(InspectLoader):
    """Compiles and runs one file."""

    def __init__(self, text: str, path: str) -> None:
        self.text, self.path = text, path

    def get_source(self, fullname: str) -> str:
        return self.text

    def is_package(self, fullname: str) -> bool:
        return fullname == PACKAGE

    def get_code(self, fullname: str) -> CodeType:
        try:
            return compile(self.text, self.path, "exec", dont_inherit=True)
        except SyntaxError as error:
            error.filename = error.filename or self.path  # none is named where it holds a null byte
            raise

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = self.path
        exec(self.get_code(module.__name__), module.__dict__)


class _Same(Loader):
    """``import sample``, where ``submission.sample`` is meant: one module under two names."""

    def __init__(self, name: str) -> None:
        self.name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self.name)
        self.spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self.spec


# --- what went wrong ---


def syntax_error(text: str, file: str) -> tuple[str, int | None] | None:
    """What Python says of a file that it cannot read, and of which line."""
    try:
        compile(text, path_of(file), "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.msg, error.lineno
    except (ValueError, MemoryError, RecursionError) as error:  # a null byte; nested too deeply
        return str(error), None
    return None


def describe_error(error: BaseException, sources: Sources) -> dict[str, Any]:
    """What a student's code raised: its kind, type and text, and the file and line of theirs where it happened."""
    file, line = _place(error, sources)
    return {"kind": _kind(error), "type": type(error).__name__[:100], "text": _text(error), "file": file, "line": line}


KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (Missing, "missing"),
    (SyntaxError, "syntax"),
    (ImportError, "import"),
    (NotImplementedError, "unwritten"),
    (SystemExit, "exit"),
    (MemoryError, "memory"),
    (FileNotFoundError, "absent"),
)
# What the walls and limits answer: a system call that is not allowed, a file out of reach, a folder that is full.
REFUSED = (
    dict.fromkeys((errno.EPERM, errno.EACCES, errno.EROFS, errno.ENOSYS, errno.EAGAIN, errno.EXDEV), "forbidden")
    | dict.fromkeys((errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EMFILE), "files")
    | {errno.ENOMEM: "memory"}
)
SAYING = {  # where only the text tells
    "can't allocate memory": "memory",
    "can't start new thread": "forbidden",
}
CAUSES = 8


def _kind(error: BaseException) -> str:
    """One word for it. By the class alone, for its attributes may be code of theirs."""
    for kind, word in KINDS:
        if issubclass(type(error), kind):
            return word
    text = _text(error)
    said = next((word for part, word in SAYING.items() if part in text), "")
    return said or _refusal(error) or "exception"


def of_memory(error: BaseException) -> bool:
    """Whether there was too little memory."""
    return _kind(error) == "memory"


def _refusal(error: BaseException | None) -> str:
    """What the system refused; libraries wrap its errors in some of their own."""
    for _ in range(CAUSES):
        if error is None:
            break
        system = issubclass(type(error), OSError)
        number = _real(OSError, "errno", error) if system else None
        found = REFUSED.get(number) if type(number) is int else None
        if found or _is_of_network(error):
            return found or "forbidden"
        error = _real(BaseException, "__context__" if system else "__cause__", error)
    return ""


def _real(kind: type[BaseException], name: str, error: BaseException) -> Any:
    """An attribute as Python keeps it: theirs may be a property."""
    return vars(kind)[name].__get__(error)


def _is_of_network(error: BaseException) -> bool:
    """Whether a name was looked up, which has numbers of its own."""
    socket = sys.modules.get("socket")
    return socket is not None and issubclass(type(error), vars(socket)["gaierror"])


def _text(error: BaseException) -> str:
    """What it says; saying it is a student's code too."""
    try:
        text = str(error.msg if isinstance(error, SyntaxError) else error)
        return "".join(text[:MAX_TEXT])
    except BaseException:  # a __str__ that fails, or exits
        return ""


def _place(error: BaseException, sources: Sources) -> tuple[str | None, int | None]:
    """The innermost line of a file of theirs."""
    names = {sources.path(file): file for file in sources.files}
    if isinstance(error, SyntaxError) and error.filename in names:
        return names[error.filename], error.lineno
    found: tuple[str | None, int | None] = (None, None)
    trace = error.__traceback__
    while trace is not None:
        name = names.get(trace.tb_frame.f_code.co_filename)
        if name is not None:
            found = name, trace.tb_lineno
        trace = trace.tb_next
    return found
