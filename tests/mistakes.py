"""Finds what sandboxes did wrong themselves, wherever they ran, so that the test in which it happened fails."""

from collections.abc import Iterator
from pathlib import Path

from chanplan.sandbox.state.mistakes import FILE_NAME

_shared: set[Path] = set()
_told: dict[Path, str] = {}


def watch(directory: Path) -> Path:
    """Has a directory looked at after every test from here on, because its sandbox serves many; returns it."""
    _shared.add(directory)
    return directory


def found(folder: Path | None) -> str:
    """Returns the new mistakes of the shared sandboxes and of those anywhere in a folder, each only once."""
    return "".join(_news(folder))


def _news(folder: Path | None) -> Iterator[str]:
    places = {directory / FILE_NAME for directory in _shared}
    if folder is not None:
        places.update(folder.rglob(FILE_NAME))
    for path in places:
        text = path.read_text("utf-8") if path.exists() else ""
        yield text.removeprefix(_told.get(path, ""))
        _told[path] = text
