"""One change in words, as every renderer shows it."""

from dataclasses import dataclass

from chanplan.model.plans import Action, Change, Loss, Reason
from chanplan.render.gate_view import gate_name
from chanplan.render.phrases import joined
from chanplan.render.printable import line, lines, place
from chanplan.render.rows import Row, changed_rows, path_text
from chanplan.render.tier_evidence import evidence_in_words
from chanplan.render.tier_view import move_in_words, switch_in_words

_SYMBOLS = {
    Action.NO_OP: "=",
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.REPLACE: "-/+",
    Action.REPLACE_CREATE_FIRST: "+/-",
    Action.DELETE: "-",
    Action.FORGET: ".",
}

_VERBS = {
    Action.NO_OP: "stays as it is",
    Action.CREATE: "will be created",
    Action.UPDATE: "will be updated",
    Action.REPLACE: "will be deleted and created anew",
    Action.REPLACE_CREATE_FIRST: "will be created anew, and the old one then deleted",
    Action.DELETE: "will be deleted",
    Action.FORGET: "will be forgotten and stays at the service",
}

_REASONS = {
    Reason.NOT_IN_STATE: "it is declared and not made yet",
    Reason.RESUMED: "an earlier run began it and didn't finish",
    Reason.GONE: "it was deleted outside chanplan",
    Reason.CHANGED: "the configuration asks for something else",
    Reason.DRIFTED: "it was changed outside chanplan",
    Reason.MENDED: "parts of it are missing at the service",
    Reason.REARMED: "SES stopped looking for its DNS records, and they are there now",
    Reason.CANNOT_UPDATE: "it can't be updated in place",
    Reason.RENAMED: "a moved: entry gives it another address",
    Reason.IMPORTED: "an imports: entry brings it under control",
    Reason.ADOPTED: "the API made it, and the configuration declares it from now on",
    Reason.NOT_DECLARED: "the configuration declares it no more",
    Reason.DESTROY_REQUESTED: "everything was asked to go",
    Reason.REMOVED: "a removed: entry says so",
    Reason.PROMOTED: "its mail earned it",
    Reason.DEMOTED: "its mail cost it a tier",
    Reason.SUSPENDED: "it is suspended",
    Reason.REINSTATED: "it comes back from suspension",
    Reason.TENANT_STOPPED: "an operator stops its mail",
    Reason.TENANT_STARTED: "an operator lets its mail go on",
    Reason.UNCHANGED: "nothing differs",
}


@dataclass(frozen=True, slots=True)
class LossView:
    """What is given away."""

    code: str
    message: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change in words."""

    change: Change
    address: str
    symbol: str
    verb: str
    reason: str
    source: str
    """`FILE:LINE`, or nothing."""
    losses: tuple[LossView, ...]
    acknowledged_by: str
    waits_for: str
    """The gate in a few words, or nothing."""
    evidence: tuple[str, ...] = ()
    """What a move of a tier was decided on."""

    @property
    def action(self) -> Action:
        """What happens."""
        return self.change.action

    def rows(self) -> tuple[Row, ...]:
        """Give the attributes that differ; made when asked for, since a large plan shows few of them."""
        return changed_rows(self.change)


def change_view(change: Change) -> ChangeView:
    """Make the view of a change."""
    gate = change.gate
    waits = f"{gate_name(gate)} of {gate.on} ({gate.state})" if gate is not None and change.waits else ""
    return ChangeView(
        change=change,
        address=line(str(change.address)),
        symbol=_SYMBOLS[change.action],
        verb=_verb(change),
        reason=_reason(change),
        source=place(change.source),
        losses=tuple(loss_view(loss) for loss in change.losses),
        acknowledged_by=line(change.acknowledged_by or ""),
        waits_for=waits,
        evidence=() if change.tier_move is None else evidence_in_words(change.tier_move.evidence),
    )


def loss_view(loss: Loss) -> LossView:
    """Make the view of a loss."""
    return LossView(line(loss.code), lines(loss.message))


def _verb(change: Change) -> str:
    if change.tier_move is not None:
        return move_in_words(change.tier_move)
    if change.switch is not None:
        return switch_in_words(change.switch)
    if change.reason is Reason.RENAMED:
        return "will be renamed"
    if change.reason is Reason.IMPORTED:
        return "will be imported"
    if change.reason is Reason.RESUMED and change.action is Action.CREATE:
        return "will be finished"
    if change.action is Action.DELETE and not change.calls_service:
        return "will be let go; what it names stays at the service"
    return _VERBS[change.action]


def _reason(change: Change) -> str:
    if change.previous_address is None:
        return _why(change)
    renamed = f"it was {line(str(change.previous_address))}"
    return renamed if change.reason is Reason.RENAMED else f"{_why(change)}; {renamed}"


def _why(change: Change) -> str:
    if change.tier_move is not None:
        by = f" (asked for by {line(change.tier_move.by)})" if change.tier_move.by else ""
        return f"{line(change.tier_move.why.sentence)}{by}"
    if change.switch is not None:
        return line(change.switch.reason) or f"asked for by {line(change.switch.by)}"
    if change.reason is Reason.CANNOT_UPDATE and change.replace_paths:
        names = sorted({path_text(path) for path in change.replace_paths})
        return f"{joined(names)} can't be updated in place"
    if change.importing is not None:
        missing = (
            f"; missing, and made: {joined(change.importing.missing)}" if change.importing.missing else ""
        )
        return line(f'"{change.importing.id}" comes under control{missing}')
    return _REASONS[change.reason]
