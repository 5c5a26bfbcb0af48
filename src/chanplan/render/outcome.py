"""How an apply ended: what was done, what failed, what waits and for whom, and what to run next."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from chanplan.model.addresses import Address
from chanplan.model.events import Deepened
from chanplan.model.gates import Gate, GateKind, GateState
from chanplan.model.plans import Half, Plan, Step
from chanplan.model.problems import Problem, Severity
from chanplan.render.gate_view import URGENCY, gate_view
from chanplan.render.phrases import counted, joined, seconds_in_words
from chanplan.render.plan_text import gate_lines, problem_lines
from chanplan.render.printable import line
from chanplan.render.record_lines import Entry, record_lines
from chanplan.render.terminal import Paper, Style
from chanplan.render.tier_view import done_because, done_in_words
from chanplan.render.view import problem_view

FULL = 100
"""Up to this many steps of a sort are listed; beyond, they are counted."""
FULL_GATES = 10
"""Up to this many gates are shown with the records to publish: each takes some twenty lines."""
ALIKE = 10
"""So many of the steps that failed of the same are named."""

FEW = 5
"""Up to this many resources that a check found to differ are named."""
AGED = 60.0
"""From this many seconds on, the age of the oldest check is worth telling."""

PAST = {
    Half.CREATE: "created",
    Half.IMPORT: "imported",
    Half.UPDATE: "updated",
    Half.DELETE: "deleted",
    Half.FORGET: "forgotten",
}
"""The words for what was done."""
_SYMBOLS = {Half.CREATE: "+", Half.IMPORT: "~", Half.UPDATE: "~", Half.DELETE: "-", Half.FORGET: "."}
_STYLES = {
    Half.CREATE: Style.CREATE,
    Half.IMPORT: Style.UPDATE,
    Half.UPDATE: Style.UPDATE,
    Half.DELETE: Style.DESTROY,
    Half.FORGET: Style.MOVE,
}


class DoneStep(Protocol):
    """A step whose outcome is recorded."""

    @property
    def step(self) -> Step: ...  # noqa: D102 - the class says it
    @property
    def seconds(self) -> float: ...  # noqa: D102


class FailedStep(Protocol):
    """A step that failed."""

    @property
    def step(self) -> Step: ...  # noqa: D102
    @property
    def problem(self) -> Problem: ...  # noqa: D102


class WaitingStep(Protocol):
    """A step before which a gate isn't open."""

    @property
    def step(self) -> Step: ...  # noqa: D102
    @property
    def gate(self) -> Gate: ...  # noqa: D102


class SkippedStep(Protocol):
    """A step that wasn't started."""

    @property
    def step(self) -> Step: ...  # noqa: D102
    @property
    def reason(self) -> str: ...  # noqa: D102


class Round(Protocol):
    """What became of the steps of one plan; the engine's results look like this."""

    @property
    def done(self) -> Sequence[DoneStep]: ...  # noqa: D102
    @property
    def failed(self) -> Sequence[FailedStep]: ...  # noqa: D102
    @property
    def waiting(self) -> Sequence[WaitingStep]: ...  # noqa: D102
    @property
    def skipped(self) -> Sequence[SkippedStep]: ...  # noqa: D102
    @property
    def interrupted(self) -> bool: ...  # noqa: D102
    @property
    def problems(self) -> Sequence[Problem]: ...  # noqa: D102


def outcome_text(
    plan: Plan,
    rounds: Sequence[Round],
    *,
    width: int,
    colour: bool,
    timed_out: bool = False,
    records: Mapping[Address, Sequence[Entry]] | None = None,
    digest: str | None = None,
    deepened: Deepened | None = None,
) -> str:
    """Write how an apply ended. Ends with a line break.

    `plan` is the last that was carried out and `rounds` what became of each; failures, waits and skips are those of
    the last. `records` are what the setups behind the gates ask to publish, with verdicts where somebody looked.
    `digest` is the one that was approved before the run, when there was one: what remains may be done under it.
    `deepened` is what was checked beside it.
    """
    paper = Paper(width, colour)
    done = [entry for made in rounds for entry in made.done]
    last = rounds[-1] if rounds else None
    sections = [_done(done, plan, paper), _unread(plan, paper)]
    if last is not None:
        sections += [
            _failed(last, paper),
            _waiting(
                last,
                {entry.step.address for entry in done if entry.step.half is Half.CREATE},
                records or {},
                paper,
            ),
            _skipped(last.skipped, paper),
        ]
    if deepened is not None:
        sections.append(paper.block(deepened_text(deepened)))
    sections.append(_bottom(plan, done, last, paper, timed_out=timed_out, digest=digest))
    return "\n\n".join("\n".join(section) for section in sections if section) + "\n"


def deepened_text(deepened: Deepened) -> str:
    """Write what the check of the oldest facts brought."""
    text = f"Checked {counted(deepened.checked, 'resource')} deeply; "
    names = [line(str(address)) for address in deepened.differing]
    if not names:
        text += "none differs from its state."
    elif len(names) == 1:
        text += f"1 differs from its state: {names[0]}; the next plan shows it."
    else:
        shown = (
            joined(names) if len(names) <= FEW else f"{', '.join(names[:FEW])} and {len(names) - FEW:,} more"
        )
        text += f"{len(names):,} differ from their state: {shown}; the next plan shows it."
    if deepened.never:
        return f"{text} Never checked so far: {deepened.never:,}."
    if deepened.oldest is not None and (age := (deepened.at - deepened.oldest).total_seconds()) >= AGED:
        return f"{text} Oldest check of the others: {seconds_in_words(age)} ago."
    return text


def _done(done: Sequence[DoneStep], plan: Plan, paper: Paper) -> list[str]:
    if not done:
        return []
    moves = {
        change.address: (words, done_because(change))
        for change in plan.changes
        if (words := done_in_words(change)) is not None
    }
    written = paper.block(f"Done ({len(done):,})", style=Style.HEADING)
    for entry in done[:FULL]:
        half = entry.step.half
        symbol = paper.paint(f"  {_SYMBOLS[half]}", _STYLES[half])
        what, why = moves.get(entry.step.address, (PAST[half], ""))
        written.append(f"{symbol} {line(str(entry.step.address))} {what} ({seconds_in_words(entry.seconds)})")
        written += paper.block(why, first="      ", rest="      ") if why else []
    if len(done) > FULL:
        written.append(f"    and {len(done) - FULL:,} more")
    return written


def _unread(plan: Plan, paper: Paper) -> list[str]:
    errors = [problem for problem in plan.diagnostics if problem.severity is Severity.ERROR]
    if not errors:
        return []
    title = "Stays where it is" if plan.tiers else "Couldn't be read, and was left alone"
    written = paper.block(f"{title} ({len(errors):,})", style=Style.ALARM)
    for problem in errors[:FULL]:
        written += problem_lines(problem_view(problem), paper, Style.DESTROY)
    if len(errors) > FULL:
        written.append(f"  and {len(errors) - FULL:,} more")
    return written


def _failed(last: Round, paper: Paper) -> list[str]:
    if not last.failed and not last.problems:
        return []
    written = paper.block(f"Failed ({len(last.failed) + len(last.problems):,})", style=Style.ALARM)
    for problem in last.problems:
        written += problem_lines(problem_view(problem), paper, Style.DESTROY)
    alike: dict[tuple[str, str, str, Half], list[FailedStep]] = {}
    for entry in last.failed:
        problem = entry.problem
        alike.setdefault((problem.code, problem.message, problem.remedy, entry.step.half), []).append(entry)
    for entries in alike.values():
        written += _failed_alike(entries, paper)
    return written


def _failed_alike(entries: Sequence[FailedStep], paper: Paper) -> list[str]:
    """Say once what several steps failed of."""
    first = entries[0]
    names = [line(str(entry.step.address)) for entry in entries]
    more = f" and {len(names) - ALIKE:,} more" if len(names) > ALIKE else ""
    verb = "wasn't" if len(names) == 1 else "weren't"
    written = paper.block(
        f"{', '.join(names[:ALIKE])}{more} {verb} {PAST[first.step.half]}",
        first="  ",
        rest="    ",
        style=Style.DESTROY,
    )
    problem = first.problem if len(names) == 1 else replace(first.problem, address=None, source=None)
    return written + problem_lines(problem_view(problem), paper, Style.DESTROY)


def _waiting(
    last: Round, created: set[Address], records: Mapping[Address, Sequence[Entry]], paper: Paper
) -> list[str]:
    if not last.waiting:
        return []
    waiting: dict[tuple[GateKind, Address], list[str]] = {}
    gates: dict[tuple[GateKind, Address], Gate] = {}
    for entry in last.waiting:
        key = (entry.gate.kind, entry.gate.on)
        gates[key] = entry.gate
        waiting.setdefault(key, []).append(line(str(entry.step.address)))
    written = paper.block(f"Waits for ({len(gates):,})", style=Style.HEADING)
    ranked = sorted(gates, key=lambda key: URGENCY.index(gates[key].state))
    for key in ranked[:FULL_GATES]:
        view = gate_view(gates[key], dict.fromkeys(waiting[key]), made=gates[key].on in created)
        entries = records.get(gates[key].on, ())
        told = gate_lines(view, paper, waiting=5, todo=not entries)
        table = record_lines(entries, paper, "      ")
        if table:
            told += ["    To publish at the domain's DNS host:", *table]
        elif gates[key].kind is GateKind.DNS_VERIFIED and not view.todo:
            told += [f"    What to publish: chanplan dns records {view.on}"]
        written += told
    if len(gates) > FULL_GATES:
        written += paper.block(f"and {counted(len(gates) - FULL_GATES, 'more gate')}", first="  ")
        if any(kind is GateKind.DNS_VERIFIED for kind, _ in ranked[FULL_GATES:]):
            written.append("    What to publish: chanplan dns records")
    return written


def _skipped(skipped: Sequence[SkippedStep], paper: Paper) -> list[str]:
    if not skipped:
        return []
    written = paper.block(f"Not started ({len(skipped):,})", style=Style.HEADING)
    for entry in skipped[:FULL]:
        text = f"{line(str(entry.step.address))} ({entry.step.half}): {line(entry.reason)}"
        written += paper.block(text, first="  ", rest="    ")
    if len(skipped) > FULL:
        written.append(f"  and {len(skipped) - FULL:,} more")
    return written


def _bottom(
    plan: Plan,
    done: Sequence[DoneStep],
    last: Round | None,
    paper: Paper,
    *,
    timed_out: bool,
    digest: str | None,
) -> list[str]:
    written = paper.block(bottom_line(plan, done, last), style=Style.HEADING)
    if last is None or not _happened(done, last):
        return written
    if last.interrupted:
        written += paper.block("It was interrupted; what was in flight is recorded.", style=Style.UPDATE)
    if timed_out:
        written += paper.block("The time to wait was up.", style=Style.UPDATE)
    if not (last.failed or last.waiting or last.skipped or last.problems or plan.errored):
        what = "everything that is declared"
        if plan.targeted or plan.destroy or plan.tiers:
            what = "what was asked for"
        return written + paper.block(f"Nothing is left to do: {what} is done.")
    return written + _next(plan, last, paper, digest)


def bottom_line(plan: Plan, done: Sequence[DoneStep], last: Round | None) -> str:
    """Sum up how an apply ended, as in `Apply: 3 created, 2 waiting`."""
    if last is None or not _happened(done, last):
        return "Nothing was done." if plan.errored else "No changes: there was nothing to do."
    counts = [
        f"{number:,} {PAST[half]}"
        for half in Half
        if (number := sum(entry.step.half is half for entry in done))
    ]
    for number, word in (
        (len(last.failed), "failed"),
        (len(last.waiting), "waiting"),
        (len(last.skipped), "not started"),
    ):
        counts += [f"{number:,} {word}"] if number else []
    word = "Tiers" if plan.tiers else "Destroy" if plan.destroy else "Apply"
    return f"{word}: {', '.join(counts) or 'nothing was done'}."


def _happened(done: Sequence[DoneStep], last: Round) -> bool:
    return bool(done or last.failed or last.waiting or last.skipped or last.problems)


def _next(plan: Plan, last: Round, paper: Paper, digest: str | None) -> list[str]:
    command = (
        "chanplan destroy" if plan.destroy else "chanplan tiers apply" if plan.tiers else "chanplan apply"
    )
    if digest is not None:
        command += f" --expect {line(digest)}"
    if last.failed or last.problems or plan.errored:
        advice = "Next: mend what failed, and run this again; it goes on from here:"
    elif any(entry.gate.state is GateState.FAILED for entry in last.waiting):
        advice = "Next: see to the gates that failed, and run this again; it goes on from here:"
    elif last.waiting:
        advice = "Next: do what is listed above, and run this again; it goes on from here (or waits, with --wait 20m):"
    else:
        advice = "Next: run this again; it goes on from here:"
    return [*paper.block(advice), f"  {command}"]
