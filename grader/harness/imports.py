"""A submission's files as modules, without a file on disk: ``submission.sample``, and ``sample`` as the same module."""

from __future__ import annotations

import importlib.util
import io
import linecache
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import InspectLoader, Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType
from typing import Any

PACKAGE = "submission"
INSTALLED = frozenset({"torch", "numpy", "tqdm", "scipy", "grader"})  # names that no submission takes over
MAX_TEXT = 500


class Missing(Exception):
    """The file has no such function."""


class Sources(MetaPathFinder):
    """Finds the files of a submission, by name: ``{"sample.py": text}``."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = dict(files)

    def install(self) -> None:
        """Make them importable in this process, which is this submission's alone."""
        sys.meta_path.insert(0, self)
        for name, text in self.files.items():
            lines = io.StringIO(text, newline=None).readlines()
            linecache.cache[path_of(name)] = (len(text), None, lines, path_of(name))

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
        if fullname == PACKAGE:
            return ModuleSpec(PACKAGE, _Source(self.files.get("__init__.py", ""), "__init__.py"), is_package=True)
        package, _, name = fullname.rpartition(".")
        file = f"{name}.py"
        if file not in self.files or package not in ("", PACKAGE):
            return None
        if package:
            return ModuleSpec(fullname, _Source(self.files[file], file), origin=path_of(file))
        if name in sys.stdlib_module_names or name in INSTALLED:
            return None
        return ModuleSpec(fullname, _Same(f"{PACKAGE}.{name}"))


def path_of(file: str) -> str:
    """How a file is called in a traceback."""
    return f"{PACKAGE}/{file}"


class _Source(InspectLoader):
    """Compiles and runs one file."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file

    def get_source(self, fullname: str) -> str:
        return self.text

    def is_package(self, fullname: str) -> bool:
        return fullname == PACKAGE

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.text, path_of(self.file), "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = path_of(self.file)
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


def describe_error(error: BaseException, sources: Sources) -> dict[str, Any]:
    """What a student's code raised: its kind, type and text, and the file and line of theirs where it happened."""
    file, line = _place(error, sources)
    return {"kind": _kind(error), "type": type(error).__name__[:100], "text": _text(error), "file": file, "line": line}


def _kind(error: BaseException) -> str:
    if isinstance(error, Missing):
        return "missing"
    if isinstance(error, SyntaxError):
        return "syntax"
    if isinstance(error, ImportError):
        return "import"
    if isinstance(error, NotImplementedError):
        return "unwritten"
    if isinstance(error, SystemExit):
        return "exit"
    out_of_memory = isinstance(error, MemoryError) or "can't allocate memory" in _text(error)
    return "memory" if out_of_memory else "exception"


def _text(error: BaseException) -> str:
    """What it says; saying it is a student's code too."""
    try:
        text = str(error.msg if isinstance(error, SyntaxError) else error)
        return "".join(text[:MAX_TEXT])
    except BaseException:  # a __str__ that fails, or exits
        return ""


def _place(error: BaseException, sources: Sources) -> tuple[str | None, int | None]:
    """The innermost line of a file of theirs."""
    names = {path_of(file): file for file in sources.files}
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
