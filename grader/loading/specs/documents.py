"""A file that an instructor wrote, as plain data with lines, and then as one of the types of ``spec``."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from grader.errors import Fault, SpecError, Where
from grader.loading.specs.faults import faults_of
from grader.loading.yaml import Document, read_yaml

SCHEMAS = "schemas"  # the folder of JSON Schemas, beside those of assignments

Model = TypeVar("Model", bound=BaseModel)


def read_document(path: Path) -> Document:
    """Read a YAML file; raise SpecError with all that is wrong with it."""
    return read_yaml(read_instructor_text(path), path)


def read_instructor_text(path: Path) -> str:
    """The text of a file; raise SpecError where there is none."""
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise SpecError([Fault(Where(path), "", "there is no such file")]) from error
    except OSError as error:
        raise SpecError([Fault(Where(path), "", f"cannot be opened ({error.strerror})")]) from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise SpecError([Fault(Where(path, line), "", "is not UTF-8 text here; save it in that encoding")]) from error


def typed(model: type[Model], document: Document) -> Model:
    """The whole document as one of the types; raise SpecError with every complaint."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise SpecError(faults_of(error, document)) from error
