"""A plan as a review comment: it always fits, and nothing in it can break out of its place.

GitHub and GitLab cut or refuse long comments, so parts are written in two forms, long and short, and in the order
of what matters. The plan is cut between resources only, and says what it left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from chanplan.model.errors import Misused
from chanplan.model.gates import GateState
from chanplan.model.plans import Action, Plan, Reason
from chanplan.model.problems import Severity
from chanplan.model.tier_moves import TierReview
from chanplan.render.alike import thinned
from chanplan.render.change_view import ChangeView, LossView
from chanplan.render.gate_view import GateView
from chanplan.render.markdown import block, code, html, prose
from chanplan.render.phrases import counted
from chanplan.render.rows import Row
from chanplan.render.view import DriftView, Group, PlanView, ProblemView, view_of

SMALLEST_LIMIT = 4000
"""Head and foot fit into this with room for what matters most."""
SHARE = 0.6
"""No section takes more than this of what is left while the later ones have nothing yet."""

_NOTE_SPACE = 120
_LONGEST_ADDRESS = 300
_WIDEST = 90
"""Characters of what stands in head and foot, so that they stay small whatever somebody calls a workspace."""
_WORDS = {
    Action.NO_OP: "unchanged",
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.REPLACE: "replace (delete, then create)",
    Action.REPLACE_CREATE_FIRST: "replace (create, then delete)",
    Action.DELETE: "delete",
    Action.FORGET: "forget",
}


def plan_markdown(plan: Plan, *, limit: int | None, whole: str = "", review: TierReview | None = None) -> str:
    """Write a plan for a pull request, in at most `limit` characters and UTF-8 bytes; None means without a limit.

    `whole` is a web address under which all of it can be read, that of the CI job for instance: what is cut points there.
    `review` is as in `view_of`. Raises `Misused` for a limit below `SMALLEST_LIMIT`. Ends with a line break.
    """
    if limit is not None and limit < SMALLEST_LIMIT:
        raise Misused(
            f"A comment limit of {limit} is too small for a plan.",
            remedy=f"Use --comment-limit {SMALLEST_LIMIT} or more.",
        )
    view = view_of(plan, review)
    head, foot, cut = _head(view), _foot(view), _cut(whole)
    sections = [section for section in _sections(view) if section.items]
    if limit is not None:
        _fit(sections, limit - _size(head) - _size(foot), _size(cut))
    if all(section.is_whole for section in sections):
        cut = ""
    return head + cut + "".join(section.text() for section in sections) + foot


@dataclass(slots=True)
class _Item:
    """What stands or falls as one: a resource, a gate, a problem. An empty `short` means it has one form only."""

    full: str
    short: str = ""
    chosen: str | None = None
    group: str = ""
    """The title of the folded part it stands in, as HTML."""

    def __post_init__(self) -> None:
        self.chosen = self.full


@dataclass(slots=True)
class _Section:
    """A heading and its items."""

    title: str
    noun: str
    items: list[_Item] = field(default_factory=list)

    def text(self) -> str:
        """Write what was chosen, and say what wasn't."""
        parts = [self.heading()]
        opened = ""
        for item in self.items:
            if item.chosen is None:
                continue
            if item.group != opened:
                parts += [_CLOSE if opened else "", _opening(item.group) if item.group else ""]
                opened = item.group
            parts.append(item.chosen)
        parts += [_CLOSE if opened else "", self.note()]
        return "".join(parts)

    def heading(self) -> str:
        """Write the heading."""
        return f"### {self.title}\n\n"

    def note(self) -> str:
        """Say what was cut."""
        left = sum(item.chosen is None for item in self.items)
        shortened = sum(item.chosen == item.short != item.full for item in self.items)
        said = []
        if left:
            said.append(f"{left:,} of {counted(len(self.items), self.noun)} left out to fit the comment")
        if shortened:
            said.append(f"{shortened:,} shortened")
        return f"_{'; '.join(said)}._\n\n" if said else ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it was cut."""
        return all(item.chosen == item.full for item in self.items)


_CLOSE = "</details>\n\n"


def _opening(title: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n\n"


def _size(text: str) -> int:
    # A text never has more characters than bytes, so that bytes alone keep both limits.
    return len(text.encode())


def _fit(sections: list[_Section], space: int, saying_so: int) -> None:
    """Choose forms: each item's short form in order of importance, then long forms while there is room. Once anything is
    cut, `saying_so` bytes are taken by the words that tell it."""
    if sum(_size(section.text()) for section in sections) <= space:
        return
    space -= saying_so + sum(_size(section.heading()) + _NOTE_SPACE for section in sections)
    for section in sections:
        allowance = space if section is sections[-1] else int(space * SHARE)
        before = allowance
        group = ""
        for item in section.items:
            item.chosen = None
            cost = _size(item.short or item.full)
            if item.group != group:
                cost += _size(_opening(item.group) + _CLOSE)
            if cost <= allowance:
                item.chosen, group = item.short or item.full, item.group
                allowance -= cost
        space -= before - allowance
    for section in sections:
        for item in section.items:
            if item.chosen is not None and item.chosen != item.full:
                cost = _size(item.full) - _size(item.chosen)
                if cost <= space:
                    item.chosen = item.full
                    space -= cost


def _word(change: ChangeView) -> str:
    if change.change.tier_move is not None:
        return change.change.tier_move.verb
    if change.change.switch is not None:
        return "stop" if change.change.switch.stops else "start"
    if change.change.importing is None:
        return _WORDS[change.action]
    return "import" if change.change.only_imports else "import and update"


def _clipped(text: str) -> str:
    return text if len(text) <= _WIDEST else text[:_WIDEST] + "…"


def _head(view: PlanView) -> str:
    parts = [f"## {prose(_clipped(view.title))}\n\n**{prose(view.headline)}**\n\n"]
    if view.refusals:
        parts.append(f"**This plan can't be applied: {counted(len(view.refusals), 'refusal')}.**\n\n")
    if view.destructive:
        losses = sum(len(change.losses) for change in view.destructive)
        lost = f", with {counted(losses, 'loss', 'losses')}" if losses else ""
        parts.append(f"**It destroys {counted(len(view.destructive), 'resource')}{lost}.**\n\n")
    parts += [f"{prose(note)}\n\n" for note in view.notes]
    return "".join(parts)


def _cut(whole: str) -> str:
    # An address with any other character could end the link.
    if (
        re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+(/[\w.~%/-]*)?", whole, re.ASCII)
        and len(whole) <= _LONGEST_ADDRESS
    ):
        return f"**This is not the whole plan**, which would not fit: [read it there](<{whole}>).\n\n"
    return "**This is not the whole plan**, which would not fit: `chanplan plan` shows it.\n\n"


def _foot(view: PlanView) -> str:
    parts = [f"{prose(_clipped(view.estimate))}\n\n" if view.estimate else "", f"{prose(view.refreshed)}\n\n"]
    parts += [f"{code(command)} {prose(does)}\n\n" for command, does in view.next_steps]
    if view.changes or view.refresh_only:
        parts.append(f"Digest: {code(_clipped(view.digest))}\n")
    return "".join(parts).rstrip("\n") + "\n"


def _sections(view: PlanView) -> list[_Section]:
    """Make the sections in the order of what matters."""
    errors = [problem for problem in view.diagnostics if problem.severity is Severity.ERROR]
    warnings, left_out = thinned(
        [problem for problem in view.diagnostics if problem.severity is Severity.WARNING]
    )
    alike = [
        _Item(f"- and {counted(count, 'more warning')} of {code(name)}\n\n")
        for name, count in left_out.items()
    ]
    others = [item for group in view.groups for item in _group(group)]
    return [
        _Section("Refused", "refusal", [_problem(refusal) for refusal in view.refusals]),
        _Section("Destroys", "resource", [_change(change) for change in view.destructive]),
        _Section("Errors", "error", [_problem(error) for error in errors]),
        _Section("Waits for", "gate", [_gate(gate) for gate in view.gates]),
        *_moves(view),
        _Section("Other changes" if view.destructive else "Changes", "change", [] if view.tiers else others),
        _Section("Warnings", "warning", [*(_problem(warning) for warning in warnings), *alike]),
        _Section("Kept", "reason", [_Item(f"- {prose(text)}\n\n") for text in view.kept]),
        _Section("Changed outside chanplan", "resource", [_drift(drift) for drift in view.drift]),
        _Section(
            "Not compared by this refresh", "kind", [_Item(f"- {prose(text)}\n\n") for text in view.unchecked]
        ),
    ]


def _moves(view: PlanView) -> list[_Section]:
    """Make a section of each sort of move: what could hurt isn't folded away."""
    if not view.tiers:
        return []
    return [
        _Section(group.title, "move", [_change(change) for change in group.changes]) for group in view.groups
    ]


def _group(group: Group) -> list[_Item]:
    counts = ", ".join(
        f"{number:,} to {word}"
        for word in ("import", "create", "update", "forget")
        if (number := sum(_counts(change, word) for change in group.changes))
    )
    title = html(f"{group.title}: {counts}" if counts else group.title)
    return [_change(change, title) for change in group.changes]


def _counts(change: ChangeView, word: str) -> bool:
    if word == "import":
        return change.change.importing is not None
    return change.action == word and not change.change.only_imports


def _problem(problem: ProblemView) -> _Item:
    subject = " ".join(code(part) for part in (problem.address, problem.code, problem.source) if part)
    short = f"- {subject}\n\n"
    return _Item(f"- {subject}: {_said(problem.message)}\n{_remedy(problem.remedy)}\n", short)


def _said(texts: tuple[str, ...]) -> str:
    # Two spaces at the end of a line would break it.
    return " ".join(filter(None, (prose(text).strip() for text in texts)))


def _remedy(texts: tuple[str, ...]) -> str:
    if not texts:
        return ""
    # By convention commands to run and blocks to paste stand on lines of their own, below the sentence.
    pasted = "\n" + block("\n".join(texts[1:]), "", indent="    ") if len(texts) > 1 else ""
    return f"  - What to do: {prose(texts[0])}\n{pasted}"


def _change(change: ChangeView, group: str = "") -> _Item:
    where = f" · {code(change.source)}" if change.source else ""
    waits = f" · waits for {prose(change.waits_for)}" if change.waits_for else ""
    symbol = f"{code(change.symbol)} " if change.symbol.strip() else ""
    top = f"- {symbol}**{_word(change)}** {code(change.address)}{where}{waits}\n"
    losses = _losses(change.losses, "Loses" if change.change.gives_away else "Lost")
    if change.losses and change.change.gives_away:
        agreed = (
            f"Agreed to by {code(change.acknowledged_by)}"
            if change.acknowledged_by
            else "Nobody agreed to this yet"
        )
        losses += f"  - {agreed}\n"
    # That something declared isn't made yet is what every first plan is full of.
    known = change.change.reason is Reason.NOT_IN_STATE
    # An item of a list that says nothing would make a heading of the line before it.
    reason = "" if known or not change.reason.strip() else f"  - {prose(change.reason)}\n"
    evidence = "".join(f"  - {prose(text)}\n" for text in change.evidence)
    rows = _diff(change.rows())
    return _Item(f"{top}{reason}{evidence}{losses}{rows}\n", f"{top}{losses}\n", group=group)


def _losses(losses: Sequence[LossView], word: str) -> str:
    return "".join(f"  - {word}: {_said(loss.message)}\n" for loss in losses)


def _diff(rows: Sequence[Row]) -> str:
    written = [text for row in rows if not row.known_later for text in _sides(row)]
    later = ", ".join(row.path for row in rows if row.known_later)
    if later:
        written.append(f"  # known after apply: {later}")
    return "\n" + block("\n".join(written), "diff", indent="  ") if written else ""


def _sides(row: Row) -> list[str]:
    forces = "  # forces replacement" if row.forces else ""
    hidden = "  # a hidden password differs" if row.masked and row.before == row.after else ""
    written = []
    if row.before is not None:
        written.append(f"- {row.path} = {row.before}{forces}")
    if row.after is not None:
        written.append(f"+ {row.path} = {row.after}{hidden}{forces if row.before is None else ''}")
    return written


def _gate(gate: GateView) -> _Item:
    alarm = "**" if gate.state in (GateState.FAILED, GateState.EXPIRED) else ""
    top = f"- {code(gate.name)} of {code(gate.on)}: {alarm}{prose(gate.words)}{alarm}"
    held = f" · holds back {counted(len(gate.waiting), 'change')}\n"
    details = "".join(f"  - {prose(text)}\n" for text in (gate.times, *gate.detail) if text)
    steps = "".join(f"    {number}. {_said(step)}\n" for number, step in enumerate(gate.todo, start=1))
    todo = f"  - To do:\n{steps}" if steps else ""
    names = ", ".join(code(name) for name in gate.waiting[:5])
    more = f" and {len(gate.waiting) - 5:,} more" if len(gate.waiting) > 5 else ""
    waiting = f"  - Held back: {names}{more}\n" if names else ""
    return _Item(f"{top}{held}{details}{todo}{waiting}\n", f"{top}{held}\n")


def _drift(drift: DriftView) -> _Item:
    top = f"- {code(drift.address)} {'is gone' if drift.gone else 'differs'}"
    times = f" ({prose(drift.times)})" if drift.times else ""
    missing = f"  - Missing: {prose(drift.missing)}\n" if drift.missing else ""
    losses = _losses(drift.losses, "Lost")
    left = f"  - Left: {_said(drift.left)}\n" if drift.left else ""
    return _Item(
        f"{top}{times}\n{missing}{losses}{left}{_diff(drift.rows)}\n", f"{top}\n{missing}{losses}{left}\n"
    )
