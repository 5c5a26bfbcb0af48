"""The root file and all files that `include:` names, each read once.

Globs are relative to the directory of the file that names them; `..` and symbolic links may lead outside it,
since a repository often keeps shared files beside its workspaces, but not out of the project (`project.py`).
Absolute globs are refused: they would tie a workspace to one machine. `*` matches no leading dot, and `**` doesn't
follow links to directories.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from pydantic import TypeAdapter

from chanplan.config.complaints import Owner
from chanplan.config.decoding import Declared, FileScalars
from chanplan.config.document import Globs
from chanplan.config.events import compose
from chanplan.config.files import read_text
from chanplan.config.nodes import ListNode, MapNode, Node, Scalar
from chanplan.config.project import ROOT_VARIABLE, leads_out, project_of
from chanplan.config.reading import Reading, quoted
from chanplan.config.suggestions import Suggestions
from chanplan.model.problems import Source

_INCLUDE: Declared[list[str]] = Declared(TypeAdapter(Globs))


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was read."""

    shown: str
    """Its path as messages show it: the root's as given, others relative to that."""
    node: MapNode
    scalars: FileScalars
    is_root: bool


@dataclass(frozen=True, slots=True)
class _Visit:
    """A file to read, and who named it."""

    path: Path
    identity: str
    parent: "_Visit | None" = None
    place: Source | None = None

    def lineage(self) -> Iterator["_Visit"]:
        """Give the files that led here, nearest first, this one left out."""
        visit = self.parent
        while visit is not None:
            yield visit
            visit = visit.parent


def read_files(root: Path, reading: Reading, suggestions: Suggestions) -> list[SourceFile]:
    """Read the root and everything it includes, depth first, reporting what can't be read."""
    files: list[SourceFile] = []
    seen: set[str] = set()
    project = project_of(root, reading.environment)
    stack = [_Visit(root, _identity(root))]
    while stack:
        visit = stack.pop()
        if visit.identity in seen:
            _report_loop(visit, reading)
            continue
        seen.add(visit.identity)
        reading.files.append(str(visit.path))
        if project is not None and not _within(visit, project):
            _report_outside(
                f"{quoted(str(visit.path))} is a link that",
                visit.place or Source(str(root), 1),
                reading,
            )
            continue
        file = _read(visit, reading)
        if file is None:
            continue
        files.append(file)
        stack.extend(reversed(list(_included(file, visit, project, reading, suggestions))))
    return files


def _identity(path: Path) -> str:
    """Give what two names of one file have in common."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        # No system takes this path; reading it will say so.
        return str(path)


def _within(visit: _Visit, project: Path) -> bool:
    """Tell whether a file lies in the project; what has no real path is told by reading it."""
    path = Path(visit.identity)
    return not path.is_absolute() or path.is_relative_to(project)


def _report_outside(what: str, place: Source, reading: Reading) -> None:
    reading.report(
        "file_outside",
        f"{what} leads out of this project: the folder with .git around the root file, else the root file's own.",
        place,
        f"Move the file into it. Whoever runs chanplan can name another folder: {ROOT_VARIABLE}=DIR.",
    )


def _read(visit: _Visit, reading: Reading) -> SourceFile | None:
    shown = str(visit.path)
    text = read_text(visit.path, shown, reading)
    if text is None:
        return None
    before = len(reading.problems)
    node = compose(text, shown, reading)
    if isinstance(node, MapNode):
        return SourceFile(shown, node, FileScalars(shown, reading), visit.parent is None)
    if node is None and len(reading.problems) > before:
        return None
    start = Source(shown, 1) if node is None else Source(shown, node.line, node.column)
    if node is None or (isinstance(node, Scalar) and node.is_null):
        reading.report(
            "empty_file",
            "The file is empty.",
            start,
            "Run `chanplan init` for a starter configuration, or remove the file; "
            "resources that once stood in it would be planned as deletes.",
        )
    else:
        reading.report(
            "not_a_mapping",
            f"The file is {'a list' if isinstance(node, ListNode) else 'a text'}, and a mapping belongs there.",
            start,
            "Begin it with keys such as `use_cases:`.",
        )
    return None


def _included(
    file: SourceFile, visit: _Visit, project: Path | None, reading: Reading, suggestions: Suggestions
) -> Iterator[_Visit]:
    node = file.node.values.get("include")
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return
    globs = _INCLUDE.decode(node, file.scalars, Owner("include", file.node.key("include"), suggestions))
    if globs is None or not isinstance(node, ListNode):
        return
    for glob, item in zip(globs, node.items, strict=True):
        place = Source(file.shown, item.line, item.column)
        shown = quoted(item.text) if isinstance(item, Scalar) else quoted(glob)
        if project is not None and leads_out(visit.path.parent, glob, project):
            # Not even looked at: which files are there is nobody's business either.
            _report_outside(f"The include {shown}", place, reading)
            continue
        reading.globs.append((str(visit.path.parent), glob))
        for path in _matches(visit.path.parent, glob, shown, place, reading):
            yield _Visit(path, _identity(path), visit, place)


def _matches(directory: Path, glob: str, shown: str, place: Source, reading: Reading) -> list[Path]:
    if PurePath(glob).is_absolute():
        reading.report(
            "include_absolute",
            f"The include {shown} is absolute.",
            place,
            "Name files relative to this file's directory; `..` may lead out of it.",
        )
        return []
    try:
        found = sorted(path for path in directory.glob(glob) if _counts(path, directory, glob))
    except (ValueError, NotImplementedError, OSError, RecursionError):
        reading.report(
            "include_malformed",
            f"The include {shown} is no glob.",
            place,
            "Write a path with *, ? or [abc] in it, and ** only as a directory of its own.",
        )
        return []
    if not found:
        reading.report(
            "include_matches_nothing",
            f"The include {shown} matches no file.",
            place,
            f"Check it against the files below {quoted(str(directory))}, or remove it.",
        )
    return found


def _counts(path: Path, directory: Path, glob: str) -> bool:
    """Tell whether a match is meant: no directory, and no hidden file that the glob doesn't name as such."""
    if path.is_dir():
        return False
    hidden = (part.startswith(".") and part != ".." for part in path.relative_to(directory).parts)
    return not any(hidden) or any(part.startswith(".") and part != ".." for part in PurePath(glob).parts)


def _report_loop(visit: _Visit, reading: Reading) -> None:
    """Report a file that includes itself; one that is merely named twice was read, and that is all."""
    chain = [visit]
    for ancestor in visit.lineage():
        chain.append(ancestor)
        if ancestor.identity == visit.identity:
            names = " includes ".join(str(link.path) for link in reversed(chain))
            reading.report(
                "include_loop",
                f"The files include each other in a circle: {names}.",
                visit.place,
                "Remove this include, or make its glob narrower.",
            )
            return


def place_of(file: SourceFile, node: Node) -> Source:
    """Give a node's place."""
    return Source(file.shown, node.line, node.column)
