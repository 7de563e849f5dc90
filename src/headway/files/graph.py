"""Things that need each other: the order in which to make them, and loops."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Needs = Mapping[str, Iterable[str]]


def in_order(needs: Needs) -> list[str]:
    """Every key after those it needs; otherwise as given. Keys outside the mapping are left out."""
    done: dict[str, None] = {}
    for key in needs:
        _visit(key, needs, done, ())
    return list(done)


def loops(needs: Needs) -> list[tuple[str, ...]]:
    """Each loop once, as `a → b → a`, starting with the first of its keys to be given."""
    found: dict[frozenset[str], tuple[str, ...]] = {}
    cleared: set[str] = set()
    for key in needs:
        for loop in _loops_from(key, needs, (), cleared):
            found.setdefault(frozenset(loop), loop)
    return list(found.values())


def _visit(key: str, needs: Needs, done: dict[str, None], above: tuple[str, ...]) -> None:
    if key in done or key in above or key not in needs:
        return
    for other in needs[key]:
        _visit(other, needs, done, (*above, key))
    done[key] = None


def _loops_from(
    key: str, needs: Needs, above: tuple[str, ...], cleared: set[str]
) -> Iterable[tuple[str, ...]]:
    if key in above:
        yield (*above[above.index(key) :], key)
    elif key in needs and key not in cleared:
        for other in needs[key]:
            yield from _loops_from(other, needs, (*above, key), cleared)
        cleared.add(key)
