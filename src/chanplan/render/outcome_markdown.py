"""The comment after an apply: what failed, what waits for whom, what was done, and the plan that was reviewed, folded.

Cut between entries only, and from the end: what needs somebody comes first.
"""

from collections.abc import Iterator, Sequence

from chanplan.model.plans import Plan
from chanplan.render.comment import first_line
from chanplan.render.markdown import block, code, prose
from chanplan.render.outcome import PAST
from chanplan.render.outcome_reading import UNFINISHED, ToldGate, ToldOutcome, ToldProblem
from chanplan.render.phrases import counted
from chanplan.render.plan_markdown import SHARE, SMALLEST_LIMIT, plan_markdown
from chanplan.render.printable import line

_WORDS = {
    "done": "Applied",
    "waiting": "Applied as far as gates are open",
    "failed": "Not everything could be applied",
    "refused": "The apply was refused",
    "declined": "The apply was declined",
    "interrupted": "The apply was interrupted",
    "error": "The apply ended with an error",
    UNFINISHED: "The apply ended without telling how",
}
_NEXT = {
    "waiting": "The next run under the same digest goes on where this one stopped.",
    "failed": "The next run tries again what failed, and does nothing twice.",
    "interrupted": "Nothing is lost: the next run goes on where this one stopped.",
    UNFINISHED: "It was killed, or its lines were cut. Nothing is lost: the next run looks what became of what it had begun.",
}
_PAST = {half.value: word for half, word in PAST.items()}
_FOLD = "<details>\n<summary>{title}</summary>\n\n"
_CLOSE = "</details>\n\n"
_NOTE_SPACE = 100
"""Bytes for what says how much was left out, and what stands between parts."""


def outcome_comment(outcome: ToldOutcome, workspace: str, plan: Plan | None, *, limit: int) -> str:
    """Write the comment that shows how an apply ended, in at most `limit` characters and bytes."""
    # No text of others begins a line: GitLab would carry out one such as `/merge`.
    message = f" {prose(_clipped(outcome.message))}" if outcome.message else ""
    head = (
        f"{first_line(workspace, tiers=plan is not None and plan.tiers)}\n## {prose(f'Workspace {line(workspace)[:90]}')}\n\n"
        f"**{_WORDS.get(outcome.result, prose(_clipped(outcome.result)))}.**{message}\n\n"
    )
    head += f"{_NEXT[outcome.result]}\n\n" if outcome.result in _NEXT else ""
    if outcome.progress is not None:
        done, steps = outcome.progress
        head += (
            f"Of {counted(steps, 'approved step')}, {done:,} {'is' if done == 1 else 'are'} done by now.\n\n"
        )
    foot = f"Approved: {code(outcome.approved[:90])}\n" if outcome.approved else ""
    space = limit - _size(head + foot)
    sections = [(title, entries) for title, entries in _sections(outcome) if entries]
    space -= sum(_size(title) + _NOTE_SPACE for title, _ in sections)
    parts = []
    for number, (title, entries) in enumerate(sections, start=1):
        kept = _fitting(entries, space if number == len(sections) else int(space * SHARE))
        space -= sum(map(_size, kept))
        parts.append(f"{title}\n\n{''.join(kept)}{_left_out(len(entries) - len(kept))}\n")
    if plan is not None:
        opening = _FOLD.format(title="The plan that was reviewed")
        room = space - _size(opening + _CLOSE) - 1
        if room >= SMALLEST_LIMIT:
            parts.append(f"{opening}{plan_markdown(plan, limit=room)}\n{_CLOSE}")
    return head + "".join(parts) + foot


def _sections(outcome: ToldOutcome) -> Iterator[tuple[str, Sequence[str]]]:
    yield "### Refused", [_problem(refusal) for refusal in outcome.refusals]
    yield "### Failed", [_problem(problem) for problem in outcome.problems]
    yield "### Waits for", [_gate(gate) for gate in outcome.gates]
    done = [f"- {code(address)} {prose(_PAST.get(half, half))}\n" for address, half in outcome.done]
    yield f"### Done ({len(done):,})", done


def _fitting(entries: Sequence[str], space: int) -> list[str]:
    """Give the entries for which there is room, the first ones first; a giant doesn't keep the others out."""
    kept = []
    for entry in entries:
        if (size := _size(entry)) <= space:
            kept.append(entry)
            space -= size
    return kept


def _left_out(number: int) -> str:
    if not number:
        return ""
    return f"\n_{counted(number, 'entry', 'entries')} left out to fit the comment: the log has everything._\n"


def _problem(problem: ToldProblem) -> str:
    subject = " ".join(code(part) for part in (problem.subject, problem.code) if part)
    written = f"- {subject}: {_said(problem.message)}\n"
    if problem.remedy:
        written += f"  - What to do: {prose(problem.remedy[0])}\n"
        # By convention commands to run and blocks to paste stand on lines of their own, below the sentence.
        if len(problem.remedy) > 1:
            written += "\n" + block("\n".join(problem.remedy[1:]), "", indent="    ")
    return written


def _gate(gate: ToldGate) -> str:
    detail = "".join(f"  - {prose(text)}\n" for text in gate.detail if text)
    steps = "".join(f"    {number}. {_said(step)}\n" for number, step in enumerate(gate.todo, start=1))
    todo = f"  - To do:\n{steps}" if steps else ""
    return f"- {code(gate.kind)} of {code(gate.on)}: {prose(gate.state)}\n{detail}{todo}"


def _said(texts: tuple[str, ...]) -> str:
    # Two spaces at the end of a line would break it.
    return " ".join(filter(None, (prose(text).strip() for text in texts)))


def _clipped(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:300]}…"


def _size(text: str) -> int:
    # A text never has more characters than bytes, so that bytes alone keep both limits.
    return len(text.encode())
