"""The runs that a state remembers."""

from collections.abc import Sequence

from chanplan.model.snapshots import Run
from chanplan.model.values import Value
from chanplan.render.phrases import moment, seconds_in_words, stamp
from chanplan.render.printable import line
from chanplan.render.terminal import table

DIGEST_DIGITS = 12


def history_text(runs: Sequence[Run]) -> str:
    """Write a table of runs, in the order given. Ends with a line break."""
    if not runs:
        return "No run has been recorded yet.\n"
    headers = ("STARTED", "COMMAND", "RESULT", "TOOK", "DONE", "FAILED", "WAITING", "DIGEST", "BY")
    return "".join(f"{text}\n" for text in table(headers, [_cells(run) for run in runs]))


def history_document(runs: Sequence[Run]) -> list[Value]:
    """Give the runs for machines."""
    return [
        {
            "id": run.id,
            "command": run.command,
            "holder": run.holder,
            "started_at": stamp(run.started_at),
            "finished_at": stamp(run.finished_at),
            "digest": run.digest,
            "result": run.result,
            "done": run.done,
            "failed": run.failed,
            "waiting": run.waiting,
        }
        for run in runs
    ]


def _cells(run: Run) -> tuple[str, ...]:
    seconds = None if run.finished_at is None else (run.finished_at - run.started_at).total_seconds()
    took = "" if seconds is None else "unknown" if seconds < 0 else seconds_in_words(seconds)
    digest = (run.digest or "").removeprefix("sha256:")[:DIGEST_DIGITS]
    # A run without a result still runs, or was killed; nobody can tell which from here.
    result = run.result or "unfinished"
    return (
        moment(run.started_at),
        line(run.command),
        line(result),
        took,
        str(run.done),
        str(run.failed),
        str(run.waiting),
        line(digest),
        line(run.holder),
    )
