"""The rules of moved, removed, imports and acknowledge: each fits what is declared, and none contradicts another."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from chanplan.config.draft import Draft
from chanplan.config.reading import quoted
from chanplan.model.addresses import Address
from chanplan.model.configuration import Import, Moved
from chanplan.model.kinds.registry import KINDS
from chanplan.model.kinds.use_case import EmailUseCase
from chanplan.model.problems import Severity, Source


class _Placed(Protocol):
    @property
    def source(self) -> Source | None: ...


T = TypeVar("T", bound=_Placed)


def check_directives(draft: Draft) -> None:
    """Check every directive against the declared names and against the others."""
    directives = draft.directives
    _once(((m.origin, "", m) for m in directives.moved), "moved from", draft)
    _once(((m.target, "", m) for m in directives.moved), "moved to", draft)
    _once(((r.address, "", r) for r in directives.removed), "removed", draft)
    _once(((i.target, "", i) for i in directives.imports), "imported", draft)
    _once(((a.address, a.action, a) for a in directives.acknowledge), "acknowledged", draft)
    _check_moves(draft)
    _check_removals(draft)
    _check_imports(draft)
    _check_acknowledgements(draft)


def _once(entries: Iterable[tuple[Address, str, T]], verb: str, draft: Draft) -> None:
    first: dict[tuple[Address, str], T] = {}
    for address, action, entry in entries:
        earlier = first.setdefault((address, action), entry)
        if earlier is not entry:
            draft.reading.report(
                "directive_repeated",
                f"{address} is {verb} here for the second time; the first is at {earlier.source}.",
                entry.source,
                "Remove one of them.",
            )


def _check_moves(draft: Draft) -> None:
    moves = {move.origin: move for move in draft.directives.moved}
    in_cycles = _cycles(moves)
    for move in draft.directives.moved:
        if move.origin.kind != move.target.kind:
            draft.reading.report(
                "moved_between_kinds",
                f"{move.origin} can't become {move.target}: a rename keeps the kind.",
                move.source,
                f"Name a {move.origin.kind} as the target.",
            )
        elif move.origin in in_cycles:
            draft.reading.report(
                "moved_in_a_circle",
                f"The renames of {move.origin} lead back to it.",
                move.source,
                "Let the chain end at an address that is declared.",
            )
        else:
            _check_ends(move, moves, draft)


def _check_ends(move: Moved, moves: dict[Address, Moved], draft: Draft) -> None:
    if move.origin in draft.names:
        draft.reading.report(
            "moved_origin_declared",
            f"{move.origin} is renamed to {move.target} and still declared at {draft.names[move.origin]}.",
            move.source,
            "Remove its declaration, or the rename.",
            address=move.origin,
        )
    if move.target not in draft.names and move.target not in moves:
        draft.reading.report(
            "moved_target_missing",
            f"{move.origin} is renamed to {move.target}, which isn't declared.",
            move.source,
            _meant(move.target, draft) or "Declare it under its new name, or remove the rename.",
            address=move.target,
        )


def _cycles(moves: dict[Address, Moved]) -> set[Address]:
    """Give the addresses on circles of renames; each has at most one way on."""
    done: set[Address] = set()
    cyclic: set[Address] = set()
    for start in moves:
        path: list[Address] = []
        step = start
        while step in moves and step not in done:
            done.add(step)
            path.append(step)
            step = moves[step].target
        if step in path:
            cyclic.update(path[path.index(step) :])
    return cyclic


def _check_removals(draft: Draft) -> None:
    moved = {move.origin for move in draft.directives.moved}
    for removed in draft.directives.removed:
        if removed.address in draft.names:
            draft.reading.report(
                "removed_declared",
                f"{removed.address} is removed and still declared at {draft.names[removed.address]}.",
                removed.source,
                "Remove its declaration, or this entry.",
                address=removed.address,
            )
        if removed.address in moved:
            draft.reading.report(
                "directive_conflict",
                f"{removed.address} is removed and renamed.",
                removed.source,
                "Keep one of the two entries.",
                address=removed.address,
            )


def _check_imports(draft: Draft) -> None:
    moved_here = {move.target for move in draft.directives.moved}
    ids: dict[tuple[str, str], Import] = {}
    for entry in draft.directives.imports:
        if entry.target not in draft.names:
            draft.reading.report(
                "import_target_missing",
                f"{entry.target} is imported and isn't declared.",
                entry.source,
                _meant(entry.target, draft)
                or "Declare it as it should be, or remove the import. `chanplan discover` writes the YAML of what exists.",
                address=entry.target,
            )
        if entry.target in moved_here:
            draft.reading.report(
                "directive_conflict",
                f"{entry.target} is imported and the target of a rename.",
                entry.source,
                "Keep one of the two entries.",
                address=entry.target,
            )
        if not _import_id_fits(entry, draft):
            draft.reading.report(
                "import_id_malformed",
                f"{quoted(entry.id)} is no import id of {entry.target}.",
                entry.source,
                f"Its form is {_import_form(entry.target, draft)}.",
                address=entry.target,
            )
        first = ids.setdefault((entry.target.kind, entry.id), entry)
        if first is not entry and first.target != entry.target:
            draft.reading.report(
                "directive_conflict",
                f"{quoted(entry.id)} is imported as {entry.target} and, at {first.source}, as {first.target}.",
                entry.source,
                "Keep one of the two entries.",
                address=entry.target,
            )


def _is_email(target: Address, draft: Draft) -> bool | None:
    """Tell whether a declared use case is an email sender; None when nobody knows."""
    declaration = draft.declarations.get(target)
    if declaration is None or target.kind != "use_case":
        return None
    return isinstance(declaration.model, EmailUseCase)


def _import_id_fits(entry: Import, draft: Draft) -> bool:
    keys = KINDS[entry.target.kind].parse_import_id(entry.id)
    if keys is None:
        return False
    email = _is_email(entry.target, draft)
    return email is None or ("configuration_set_name" in keys) == email


def _import_form(target: Address, draft: Draft) -> str:
    email = _is_email(target, draft)
    if email is None:
        return KINDS[target.kind].import_form
    return "CONFIGURATION_SET_NAME" if email else "APPLICATION_SID (AP and 32 hex digits)"


def _check_acknowledgements(draft: Draft) -> None:
    for agreed in draft.directives.acknowledge:
        if agreed.action == "replace" and agreed.address not in draft.names:
            draft.reading.report(
                "acknowledgement_unused",
                f"A replacement of {agreed.address} is acknowledged, and it isn't declared.",
                agreed.source,
                _meant(agreed.address, draft) or "Remove the entry once it is of no more use.",
                address=agreed.address,
                severity=Severity.WARNING,
            )


def _meant(address: Address, draft: Draft) -> str:
    names = (name.name for name in draft.names if name.kind == address.kind)
    name = draft.suggestions.closest(address.name, names)
    return "" if name is None else f"Did you mean '{address.kind}.{name}'?"
