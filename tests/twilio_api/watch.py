"""Watches what sandboxes and their clients say to each other in Twilio's words, in whatever process they run."""

import os
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from chanplan.sandbox.recorder import FILE_NAME, VARIABLE
from tests.twilio_api.exchanges import Exchange, operation_of, read, violations


@dataclass
class Watch:
    """One folder to which all sandboxes of this process and its children record."""

    folder: Path
    seen: set[str] = field(default_factory=set)
    """The operations that were asked for so far, by Twilio's name."""
    _read: int = 0

    def news(self) -> list[Exchange]:
        """Returns the exchanges since it was asked last."""
        path = self.folder / FILE_NAME
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(self._read)
            # A line that is being written is left for the next time.
            text = file.read().rpartition(b"\n")[0]
        self._read += len(text) + 1 if text else 0
        found = read(text.decode())
        self.seen |= {operation.name for each in found if (operation := operation_of(each)) is not None}
        return found

    def wrong(self) -> list[str]:
        """Returns what is wrong in the exchanges since it was asked last, each once."""
        return list(dict.fromkeys(wrong for each in self.news() for wrong in violations(each)))


def begun() -> Watch:
    """Has all sandboxes from here on record for this process."""
    folder = Path(tempfile.mkdtemp(prefix="twilio-exchanges-"))
    os.environ[VARIABLE] = str(folder)
    return Watch(folder)


def ended(watch: Watch) -> None:
    """Removes what was recorded."""
    shutil.rmtree(watch.folder, ignore_errors=True)
