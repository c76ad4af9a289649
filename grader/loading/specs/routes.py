"""Second routes to a key, from what stands under ``prove:``. Each is found by the one word that only it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from grader.errors import Fault
from grader.loading.specs.faults import faults_of
from grader.loading.yaml import Document, Loc
from grader.routes import COUNTS, ROUTES, Count, Route
from grader.scalars import nearest
from grader.spec import Item

SHOWN = ("choice", "region")
_EXAMPLE = "such as {derivative_of: log(1 - D), with_respect_to: D}"


def read_routes(item: Item, raw: object, document: Document) -> tuple[tuple[Route, ...], tuple[Fault, ...]]:
    """The routes to an item's key, and what is wrong with those that cannot be used.

    ``raw`` is a route or a list of routes to the main field (or those in ``of:``), or has these by field.
    """
    reader = _RouteReader(item, document)
    routes = tuple(reader.routes(raw)) if raw is not None else ()
    return routes, tuple(reader.faults)


class _RouteReader:
    def __init__(self, item: Item, document: Document) -> None:
        self.item, self.document = item, document
        self.names = [spec.name for spec in item.fields]
        self.faults: list[Fault] = []

    def fault(self, loc: Loc, message: str) -> None:
        label = ".".join(str(part + 1 if isinstance(part, int) else part) for part in (self.item.id, *loc))
        self.faults.append(Fault(self.document.where((self.item.id, *loc)), label, message))

    def routes(self, raw: object) -> Iterator[Route]:
        if isinstance(raw, Mapping) and not ROUTES.keys() & raw.keys():
            yield from self.by_field(raw)
        else:
            main = self.item.main
            yield from self.listed(raw, ("prove",), (main.name,) if main else ())

    def by_field(self, raw: Mapping[str, object]) -> Iterator[Route]:
        for name, entry in raw.items():
            if name not in self.names:
                if name in COUNTS:
                    self.fault(("prove", name), f"{name}: belongs under enumerate:")
                    continue
                known = [*self.names, *ROUTES]
                self.fault(
                    ("prove", name), f"{name!r} is no field of item {self.item.id} and no route{nearest(name, known)}"
                )
            else:
                yield from self.listed(entry, ("prove", name), (name,))

    def listed(self, raw: object, loc: Loc, of: tuple[str, ...]) -> Iterator[Route]:
        entries = [(entry, (*loc, place)) for place, entry in enumerate(raw)] if isinstance(raw, list) else [(raw, loc)]
        for entry, place in entries:
            route = self.route(entry, place, of)
            if route is not None:
                yield route

    def route(self, raw: object, loc: Loc, of: tuple[str, ...]) -> Route | None:
        words = [word for word in ROUTES if isinstance(raw, dict) and word in raw]
        if not isinstance(raw, dict) or not words:
            self.fault(loc, f"expected a route, {_EXAMPLE}, with one of {', '.join(ROUTES)}{self.meant(raw)}")
            return None
        if len(words) > 1:
            self.fault(loc, f"{words[0]}: and {words[1]}: are two routes; write them as a list")
            return None
        data = self.counted(raw, loc) if words[0] == "enumerate" else raw
        found = data and self.typed(ROUTES[words[0]], data, loc)
        return self.about(found, loc, of) if found else None

    def meant(self, raw: object) -> str:
        hints = (nearest(name, ROUTES) for name in raw) if isinstance(raw, dict) else ()
        return next((hint for hint in hints if hint), "")

    def typed(self, model: type[Route] | type[Count], data: object, loc: Loc) -> Route | Count | None:
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self.faults += faults_of(error, self.document, (self.item.id, *loc))
            return None

    def counted(self, raw: dict[str, object], loc: Loc) -> dict[str, object] | None:
        """The route with its count as one of the types."""
        inner = raw["enumerate"]
        words = [word for word in COUNTS if isinstance(inner, dict) and word in inner]
        if len(words) != 1:
            hint = next((h for h in (nearest(n, COUNTS) for n in inner) if h), "") if isinstance(inner, dict) else ""
            self.fault((*loc, "enumerate"), f"expected a mapping with one of {', '.join(COUNTS)}{hint}")
            return None
        count = self.typed(COUNTS[words[0]], inner, (*loc, "enumerate"))
        return {**raw, "enumerate": count} if count else None

    def about(self, route: Route | Count, loc: Loc, of: tuple[str, ...]) -> Route | None:
        """The route with the fields that it is about and its place."""
        assert isinstance(route, Route)
        names = route.of or of
        for name in names:
            if name not in self.names:
                self.fault((*loc, "of"), f"item {self.item.id} has no field {name!r}{nearest(name, self.names)}")
                return None
        marked = [spec for spec in self.item.fields if spec.name in names and spec.kind != "text"]
        if names and not marked:
            self.fault(loc, f"{', '.join(names)} is prose, which a human marks: it has no key to prove")
            return None
        if getattr(route, "shows", None) is not None and all(spec.kind not in SHOWN for spec in marked):
            self.fault((*loc, "shows"), "shows: is for the keys of options and regions")
            return None
        if not names:
            self.fault(loc, f"expected of: with one or more of {', '.join(self.names)}")
            return None
        return route.model_copy(update={"of": names}).placed(self.document.where((self.item.id, *loc)))
