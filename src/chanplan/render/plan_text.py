"""A plan for a terminal: what could hurt first, then who is waited for, then the rest."""

from chanplan.model.gates import GateState
from chanplan.model.plans import Action, Plan, Reason
from chanplan.model.problems import Severity
from chanplan.model.tier_moves import TierReview
from chanplan.render.alike import thinned
from chanplan.render.change_view import ChangeView, LossView
from chanplan.render.gate_view import GateView
from chanplan.render.phrases import counted
from chanplan.render.rows import Row
from chanplan.render.terminal import Paper, Style, columns, padded
from chanplan.render.tier_evidence import evidence_lines
from chanplan.render.view import DriftView, PlanView, ProblemView, view_of

FULL = 200
"""Up to this many changes, each is shown with its attributes; beyond, creates and deletes take one line each."""
FULL_GATES = 20
"""Up to this many gates are shown with what a person must do."""
FULL_DRIFT = 50
FULL_DIAGNOSTICS = 100

_STYLES = {
    Action.NO_OP: Style.MOVE,
    Action.CREATE: Style.CREATE,
    Action.UPDATE: Style.UPDATE,
    Action.REPLACE: Style.DESTROY,
    Action.REPLACE_CREATE_FIRST: Style.DESTROY,
    Action.DELETE: Style.DESTROY,
    Action.FORGET: Style.MOVE,
}
_WIDEST_NAME = 28


def plan_text(
    plan: Plan, *, width: int, colour: bool, review: TierReview | None = None, each: bool = False
) -> str:
    """Write a plan for people, in lines of at most `width` columns, but for words that are longer.

    The symbols are Terraform's (`+` create, `~` update, `-` delete, `-/+` and `+/-` replace, `.` forget), each with
    its words, so that nothing is said by colour alone. `review` and `each` are as in `view_of`. Ends with a line break.
    """
    view, paper = view_of(plan, review, each=each), Paper(width, colour)
    sections = [
        _top(view, paper),
        _problems("Refused: an apply won't start", view.refusals, paper),
        _destructive(view, paper),
        _gates(view, paper),
        _changes(view, paper),
        _kept(view, paper),
        _drift(view, paper),
        _unchecked(view, paper),
        _diagnostics(view, paper),
        _bottom(view, paper),
    ]
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def row_lines(row: Row, paper: Paper, indent: str, name_width: int) -> list[str]:
    """Write one attribute: on one line where it fits, else its sides below each other."""
    forces = "  # forces replacement" if row.forces else ""
    name = padded(row.path, name_width)
    if row.before is None or row.after is None:
        symbol, style = ("+", Style.CREATE) if row.before is None else ("-", Style.DESTROY)
        text = f"{name} = {row.after if row.before is None else row.before}{forces}"
        return _marked(paper, indent, symbol, style, text)
    if row.before == row.after:
        text = f"{name} = {row.after}  # a hidden password differs{forces}"
        return _marked(paper, indent, "~", Style.UPDATE, text)
    text = f"{name} = {row.before} -> {row.after}{forces}"
    if columns(indent) + 2 + columns(text) <= paper.width:
        return _marked(paper, indent, "~", Style.UPDATE, text)
    deeper = indent + "    "
    return [
        *_marked(paper, indent, "~", Style.UPDATE, f"{row.path}{forces}"),
        *_marked(paper, deeper, "-", Style.DESTROY, row.before),
        *_marked(paper, deeper, "+", Style.CREATE, row.after),
    ]


def rows_lines(rows: tuple[Row, ...], paper: Paper, indent: str) -> list[str]:
    """Write attributes with their `=` below each other; those that only the apply tells take one line together."""
    known = [row for row in rows if not row.known_later]
    later = [row.path for row in rows if row.known_later]
    width = max((columns(row.path) for row in known if columns(row.path) <= _WIDEST_NAME), default=0)
    if paper.width < 60:
        width = 0
    written = [text for row in known for text in row_lines(row, paper, indent, width)]
    if later:
        written += paper.block(
            f"known after apply: {', '.join(later)}", first=f"{indent}  ", style=Style.QUIET
        )
    return written


def gate_lines(gate: GateView, paper: Paper, *, waiting: int, todo: bool = True) -> list[str]:
    """Write a gate: where it stands, what a person must `todo`, and the first `waiting` of those who wait before it."""
    alarm = gate.state in (GateState.FAILED, GateState.EXPIRED)
    written = paper.block(
        f"{gate.name} of {gate.on}: {gate.words}",
        first="  ",
        rest="    ",
        style=Style.ALARM if alarm else Style.UPDATE,
    )
    for text in (*((gate.times,) if gate.times else ()), *gate.detail):
        written += paper.block(text, first="    ")
    if gate.todo and todo:
        written += paper.block("To do:", first="    ")
        for number, step in enumerate(gate.todo, start=1):
            head = f"      {number}. "
            for index, text in enumerate(step):
                written += paper.block(text, first=head if index == 0 else " " * len(head))
    if gate.waiting:
        more = len(gate.waiting) - waiting
        names = ", ".join(gate.waiting[:waiting]) + (f" and {more:,} more" if more > 0 else "")
        written += paper.block(f"Held back: {names}", first="    ", rest="      ")
    return written


def problem_lines(problem: ProblemView, paper: Paper, style: Style) -> list[str]:
    """Write a refusal or a diagnostic with its remedy below."""
    where = f" [{problem.source}]" if problem.source else ""
    subject = " ".join(part for part in (problem.address, f"({problem.code})") if part)
    written = paper.block(f"{subject}{where}", first="  ! ", style=style)
    for text in problem.message:
        written += paper.block(text, first="    ")
    if problem.remedy:
        written += paper.block(problem.remedy[0], first="    What to do: ", rest="      ")
    # Commands to run and blocks to paste stand on lines of their own; wrapped, they couldn't be copied.
    written += [f"      {text}" for text in problem.remedy[1:]]
    return written


def _marked(paper: Paper, indent: str, symbol: str, style: Style, text: str) -> list[str]:
    written = paper.block(text, first=f"{indent}{symbol} ", rest=f"{indent}    ")
    head = f"{indent}{symbol}"
    written[0] = paper.paint(head, style) + written[0][len(head) :]
    return written


def _heading(text: str, paper: Paper, style: Style = Style.HEADING) -> list[str]:
    return paper.block(text, style=style)


def _top(view: PlanView, paper: Paper) -> list[str]:
    written = _heading(view.title, paper)
    written += paper.block(view.refreshed, style=Style.QUIET)
    for note in view.notes:
        written += paper.block(note, style=Style.UPDATE)
    if view.changes > FULL:
        written += paper.block(
            f"{counted(view.changes, 'change')}: creates and deletes take one line each. "
            "plan --format json shows every attribute.",
            style=Style.QUIET,
        )
    return written


def _problems(title: str, problems: tuple[ProblemView, ...], paper: Paper) -> list[str]:
    if not problems:
        return []
    written = _heading(f"{title} ({len(problems):,})", paper, Style.ALARM)
    for problem in problems:
        written += problem_lines(problem, paper, Style.DESTROY)
    return written


def _destructive(view: PlanView, paper: Paper) -> list[str]:
    if not view.destructive:
        return []
    written = _heading(f"Destroys ({len(view.destructive):,})", paper, Style.ALARM)
    for change in view.destructive:
        written += _change(change, paper, full=len(view.destructive) <= FULL)
    return written


def _change(change: ChangeView, paper: Paper, *, full: bool) -> list[str]:
    symbol = f"{change.symbol:>3}"
    where = f" [{change.source}]" if change.source else ""
    waits = f"; waits for {change.waits_for}" if change.waits_for else ""
    # That something declared isn't made yet is what every newcomer's plan is full of.
    reason = "" if change.change.reason is Reason.NOT_IN_STATE else f": {change.reason}"
    text = f"{change.address} {change.verb}{reason}{waits}{where}"
    written = paper.block(text, first=f"{symbol} ", rest="      ")
    written[0] = paper.paint(symbol, _STYLES[change.action]) + written[0][len(symbol) :]
    if change.change.tier_move is not None:
        written += evidence_lines(change.change.tier_move.evidence, paper, "      ")
    written += losses_lines(change.losses, "Loses" if change.change.gives_away else "Lost", paper)
    if change.losses and change.acknowledged_by:
        written += paper.block(f"Agreed to by {change.acknowledged_by}", first="      ", rest="        ")
    elif change.losses and change.change.gives_away:
        written += paper.block("Nobody agreed to this loss yet", first="      ", rest="        ")
    # What an update changes is never left out: it is short, and the reason for looking.
    if full or change.action is Action.UPDATE:
        written += rows_lines(change.rows(), paper, "      ")
    return written


def losses_lines(losses: tuple[LossView, ...], word: str, paper: Paper) -> list[str]:
    """Write losses, each after the word that says whether they are to come."""
    written: list[str] = []
    for loss in losses:
        for index, part in enumerate(loss.message):
            head = f"      {word}: " if index == 0 else "        "
            written += paper.block(part, first=head, rest="        ", style=Style.DESTROY)
    return written


def _gates(view: PlanView, paper: Paper) -> list[str]:
    if not view.gates:
        return []
    written = _heading(f"Waits for ({len(view.gates):,})", paper)
    for gate in view.gates[:FULL_GATES]:
        written += gate_lines(gate, paper, waiting=5)
    rest = view.gates[FULL_GATES:]
    if rest:
        states = ", ".join(
            f"{sum(gate.state == state for gate in rest):,} {state}"
            for state in GateState
            if any(gate.state == state for gate in rest)
        )
        written += paper.block(
            f"and {counted(len(rest), 'more gate')} ({states}); each change below names its own.", first="  "
        )
    return written


def _changes(view: PlanView, paper: Paper) -> list[str]:
    if not view.groups:
        return []
    written = _heading("Other changes" if view.destructive else "Changes", paper)
    full = view.changes <= FULL or view.tiers
    for group in view.groups:
        written += ["", *paper.block(group.title, style=Style.HEADING)] if full else []
        for change in group.changes:
            written += _change(change, paper, full=full)
    return written


def _kept(view: PlanView, paper: Paper) -> list[str]:
    if not view.kept:
        return []
    written = _heading("Kept", paper)
    for text in view.kept:
        written += paper.block(text, first="  ", rest="    ")
    return written


def _drift(view: PlanView, paper: Paper) -> list[str]:
    if not view.drift:
        return []
    written = _heading(f"Changed outside chanplan since the last apply ({len(view.drift):,})", paper)
    # Who takes drift into the state must be able to read all of it.
    shown = view.drift if view.refresh_only else view.drift[:FULL_DRIFT]
    for drift in shown:
        written += _drifted(drift, paper)
    if len(view.drift) > len(shown):
        written += paper.block(f"and {counted(len(view.drift) - len(shown), 'more resource')}.", first="  ")
    return written


def _drifted(drift: DriftView, paper: Paper) -> list[str]:
    times = f" ({drift.times})" if drift.times else ""
    if drift.gone:
        written = paper.block(f"{drift.address} is gone{times}", first="  - ", rest="      ")
    else:
        written = paper.block(f"{drift.address} differs{times}", first="  ~ ", rest="      ")
        written += rows_lines(drift.rows, paper, "      ")
    if drift.missing:
        written += paper.block(f"Missing: {drift.missing}", first="      ", rest="        ")
    written += losses_lines(drift.losses, "Lost", paper)
    for index, text in enumerate(drift.left):
        written += paper.block(text, first="      Left: " if index == 0 else "        ", rest="        ")
    return written


def _unchecked(view: PlanView, paper: Paper) -> list[str]:
    if not view.unchecked:
        return []
    written = _heading("Not compared by this refresh (resources)", paper)
    for text in view.unchecked:
        written += paper.block(text, first="  ", rest="    ")
    return written


def _diagnostics(view: PlanView, paper: Paper) -> list[str]:
    if not view.diagnostics:
        return []
    errors = sum(problem.severity is Severity.ERROR for problem in view.diagnostics)
    warnings = len(view.diagnostics) - errors
    title = " and ".join(
        counted(number, word) for number, word in ((errors, "error"), (warnings, "warning")) if number
    )
    written = _heading(title, paper, Style.ALARM if errors else Style.UPDATE)
    shown, left_out = thinned(view.diagnostics)
    for problem in shown[:FULL_DIAGNOSTICS]:
        style = Style.DESTROY if problem.severity is Severity.ERROR else Style.UPDATE
        written += problem_lines(problem, paper, style)
    for code, count in left_out.items():
        written += paper.block(f"and {counted(count, 'more warning')} of {code}.", first="  ")
    if len(shown) > FULL_DIAGNOSTICS:
        more = len(shown) - FULL_DIAGNOSTICS
        written += paper.block(f"and {more:,} more.", first="  ")
    return written


def _bottom(view: PlanView, paper: Paper) -> list[str]:
    written = paper.block(view.headline, style=Style.HEADING)
    if view.refusals:
        count = counted(len(view.refusals), "refusal")
        written += paper.block(f"Can't be applied: {count}, at the top.", style=Style.ALARM)
    if view.estimate:
        written += paper.block(view.estimate)
    for command, does in view.next_steps:
        written += paper.block(f"`{command}` {does}")
    if view.changes or view.refresh_only:
        written += paper.block(f"Digest: {view.digest}")
    return written
