"""Files that earlier runs left beside the state, or where they were started."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chanplan.app.backups import PREFIX as BACKUPS
from chanplan.execution.spill import APPLIED, Left, left_in
from chanplan.execution.spill import PREFIX as RECOVERIES


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What lies around."""

    recoveries: tuple[Left, ...]
    """Recovery files that nobody brought back yet."""
    old: int
    """Backups, and recovery files that were brought back."""
    size: int
    """Bytes of the old ones."""


def leftovers(folders: Sequence[Path], workspace: str, lineage: str | None) -> Leftovers:
    """Look for them. Changes nothing."""
    real = {folder.resolve() for folder in folders}
    old = [
        path
        for folder in real
        for pattern in (f"{BACKUPS}*", f"{RECOVERIES}*{APPLIED}")
        for path in folder.glob(pattern)
        if path.is_file()
    ]
    return Leftovers(left_in(folders, workspace, lineage), len(old), sum(path.stat().st_size for path in old))
