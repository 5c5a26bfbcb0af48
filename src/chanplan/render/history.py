"""The runs that a state remembers."""

from collections.abc import Sequence

from chanplan.model.holding import Holding
from chanplan.model.snapshots import Run
from chanplan.model.values import Value
from chanplan.render.phrases import moment, seconds_in_words, stamp
from chanplan.render.printable import line
from chanplan.render.terminal import table

DIGEST_DIGITS = 12


def history_text(runs: Sequence[Run], holding: Holding | None) -> str:
    """Write a table of runs, the newest first. Ends with a line break."""
    if not runs:
        return "No run has been recorded yet.\n"
    headers = ("STARTED", "COMMAND", "RESULT", "TOOK", "DONE", "FAILED", "WAITING", "DIGEST", "VERSION", "BY")
    rows = [_cells(run, _standing(run, runs[0], holding)) for run in runs]
    return "".join(f"{text}\n" for text in table(headers, rows))


def history_document(runs: Sequence[Run], holding: Holding | None) -> list[Value]:
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
            "standing": _standing(run, runs[0], holding),
            "version": run.version,
            "waits": list(run.waits),
        }
        for run in runs
    ]


def _standing(run: Run, newest: Run, holding: Holding | None) -> str:
    """Say whether a run has ended, runs still, or was killed. A run without a result holds the lock until it dies."""
    if run.result is not None:
        return "ended"
    return "running" if run is newest and holding is not None and not holding.over else "killed"


def _cells(run: Run, standing: str) -> tuple[str, ...]:
    seconds = None if run.finished_at is None else (run.finished_at - run.started_at).total_seconds()
    took = "" if seconds is None else "unknown" if seconds < 0 else seconds_in_words(seconds)
    digest = (run.digest or "").removeprefix("sha256:")[:DIGEST_DIGITS]
    return (
        moment(run.started_at),
        line(run.command),
        line(run.result or standing),
        took,
        str(run.done),
        str(run.failed),
        str(run.waiting),
        line(digest),
        line(run.version or ""),
        line(run.holder),
    )
