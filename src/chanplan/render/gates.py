"""Gates by themselves, for `wait`."""

from collections.abc import Sequence

from chanplan.model.gates import Gate
from chanplan.render.gate_view import gate_view
from chanplan.render.plan_text import gate_lines
from chanplan.render.terminal import Paper


def gates_text(gates: Sequence[Gate], *, width: int, colour: bool = False) -> str:
    """Write each gate with where it stands and what a person must do."""
    if not gates:
        return "There are no gates: no setup is made yet.\n"
    paper = Paper(width, colour)
    written = [text for gate in gates for text in gate_lines(gate_view(gate, ()), paper, waiting=0)]
    return "\n".join(written) + "\n"
