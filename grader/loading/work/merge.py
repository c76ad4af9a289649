"""Pieces of an item -> its responses: one for each field, with what is wrong where there were several."""

from __future__ import annotations

import re

from grader.loading.work.misplaced import find_misplaced
from grader.loading.work.pieces import Piece, names
from grader.loading.work.remarks import Remarks
from grader.spec import ChoiceField, Item
from grader.submission import Response

NOT_UTF8 = "it holds characters that could not be read; save the file as UTF-8"
TWICE = "answered twice, differently"
_COMMAND = re.compile(r"\\[a-zA-Z]+|[\W_]+")


def merge_item(item: Item, pieces: list[Piece], guesses: list[Piece], remarks: Remarks) -> dict[str, Response]:
    """The responses of one item. ``guesses`` were under a label that is no item's."""
    merged = {name: _merge_field(item, name, pieces, remarks) for name in names(item)}
    if not any(merged.values()):
        merged = {name: _first(name, guesses) for name in names(item)}
    responses = {name: response for name, response in merged.items() if response is not None}
    responses = _spread_reason(item, {name: _checked(response) for name, response in responses.items()})
    return {**responses, **find_misplaced(item, responses)}


def _first(name: str, pieces: list[Piece]) -> Response | None:
    return next((_response(piece) for piece in pieces if piece.field == name), None)


def _merge_field(item: Item, name: str, pieces: list[Piece], remarks: Remarks) -> Response | None:
    own = [piece for piece in pieces if piece.field == name]
    given = [piece for piece in own if not piece.guess]
    if not given:
        return _first(name, own)
    first = given[0]
    other = next((piece for piece in given if _normal(piece) != _normal(first)), None)
    if other:
        problem = f"{TWICE}: {first.source} and {other.source}"
        both = "\n".join(dict.fromkeys(piece.text for piece in given))
        return Response(text=both, problem=problem, source=first.source)
    if len(given) > 1:
        remarks.add(f"given twice with the same text ({first.source} and {given[1].source}); it counts once", item.id)
    return _response(first)


def _normal(piece: Piece) -> list[str]:
    return piece.text.split()


def _response(piece: Piece) -> Response:
    return Response(text=piece.text, parts=piece.parts, problem=piece.problem, source=piece.source)


def _checked(response: Response) -> Response:
    if "\ufffd" in response.text and response.problem is None:
        return response.model_copy(update={"problem": NOT_UTF8})
    return response


def _spread_reason(item: Item, responses: dict[str, Response]) -> dict[str, Response]:
    """``False. Some orderings need fewer.`` answers the choice and gives the reason, if that has no text of its own."""
    prose = [spec.name for spec in item.fields if spec.kind == "text"]
    main = item.main
    if not (isinstance(main, ChoiceField) and main.name in responses and len(prose) == 1 and prose[0] not in responses):
        return responses
    choice = responses[main.name]
    if choice.parts is not None or (choice.problem or "").startswith(TWICE) or _is_bare(choice.text, main):
        return responses
    return {**responses, prose[0]: choice}


def _is_bare(text: str, spec: ChoiceField) -> bool:
    """Nothing but an option: a word, or the words of an option."""
    words = _COMMAND.sub(" ", text).casefold().split()
    options = [option.casefold().split() for name, more in spec.options.items() for option in (name, *more)]
    return len(words) <= 1 or words in options
