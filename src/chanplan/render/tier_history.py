"""The moves of one use case's tier, the latest first."""

from collections.abc import Sequence

from chanplan.model.addresses import Address
from chanplan.model.tier_moves import TierMove
from chanplan.render.phrases import moment
from chanplan.render.printable import line
from chanplan.render.terminal import Paper, Style
from chanplan.render.tier_evidence import evidence_lines

STYLES = {
    "promote": Style.CREATE,
    "reinstate": Style.CREATE,
    "demote": Style.UPDATE,
    "suspend": Style.DESTROY,
    "move": Style.UPDATE,
}
"""The colour of each move."""


def tier_history_text(
    address: Address, tier: str, moves: Sequence[TierMove], *, width: int, colour: bool
) -> str:
    """Write the moves in the order given, each with its evidence. Ends with a line break."""
    paper = Paper(width, colour)
    written = paper.block(f"{line(str(address))} is at {line(tier)}", style=Style.HEADING)
    if not moves:
        written += paper.block("It was never moved.", first="  ")
    for move in moves:
        written += ["", *_move(move, paper)]
    return "\n".join(written) + "\n"


def _move(move: TierMove, paper: Paper) -> list[str]:
    by = f", asked for by {line(move.by)}" if move.by else ""
    head = f"{moment(move.decided_at)}  {line(move.before)} -> {line(move.after)}{by}"
    return [
        *paper.block(head, style=STYLES.get(move.verb)),
        *paper.block(f"{line(move.why.sentence)} ({line(move.why.code)})", first="  "),
        *evidence_lines(move.evidence, paper, "  "),
    ]
