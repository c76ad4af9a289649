"""The types of what a student handed in, after reading and before judging. ``loading.work.answers`` makes them."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict


def _encodable(text: str) -> str:
    """Half characters (a file name that is no text, an escape in YAML) cannot be written anywhere."""
    return text.encode("utf-8", "replace").decode()


Text = Annotated[str, AfterValidator(_encodable)]


class _Typed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Response(_Typed):
    """What a student wrote for one field.

    ``text`` is the response as text; ``parts`` are its elements where it was written as a YAML list. ``problem`` says
    why the response could not be read where the file or cell around it is at fault; ``text`` is then what remains.
    ``source`` is the file (with line or cell) for messages.
    """

    text: Text
    parts: tuple[Text, ...] | None = None
    problem: Text | None = None
    source: Text = ""

    @property
    def blank(self) -> bool:
        return not self.text.strip() and self.problem is None

    @property
    def in_markdown(self) -> bool:
        """Whether it was written where a dash and a space may begin an item of a list."""
        return re.search(r"\.(?:md|ipynb)\b", self.source, re.IGNORECASE) is not None


class Remark(_Typed):
    """Something a student should know about how a file or an item was read. It costs nothing."""

    item: str | None = None
    text: Text


class Trouble(_Typed):
    """Part of a submission that could not be read: no field without a response may count as blank because of it.

    ``malformed`` is the student's to mend (not a notebook, not UTF-8); ``error`` is not (the file vanished).
    """

    status: Literal["malformed", "error"]
    text: Text


class Work(_Typed):
    """One student's work on one assignment. ``responses`` is by item, then field. ``code`` is by file name.

    ``lost`` names what could not be read although all around it was: unlike a trouble, it says where it stood, so that
    what is blank is blank. ``is_key`` tells that it is no student's, but the reference itself.
    """

    assignment: str
    responses: dict[str, dict[str, Response]] = {}
    code: dict[str, str] = {}
    remarks: tuple[Remark, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    lost: tuple[Text, ...] = ()
    is_key: bool = False


class Submission(_Typed):
    """All that one student handed in; ``refused`` says why nothing of it could be read.

    ``digest`` is of the files that were read, ``left_out`` names what was refused outside the folders of assignments.
    """

    name: Text
    works: tuple[Work, ...] = ()
    refused: Text | None = None
    digest: str | None = None
    left_out: tuple[Text, ...] = ()
