"""Our own mistakes: one line for the user, the rest in a log."""

import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

from chanplan.app.version import version


def record_crash(error: BaseException) -> str:
    """Write the traceback to a log that only the user can read, and give the line that names it.

    The log holds where our code was, and no values: they could be anybody's secrets.
    """
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    text = (
        f"chanplan {version()}, {datetime.now(UTC).isoformat(timespec='seconds')}\n"
        f"{frames}{type(error).__qualname__}\n"
    )
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="chanplan-", suffix=".log", delete=False, encoding="utf-8"
        ) as log:
            log.write(text)
        where = Path(log.name)
    except OSError:
        return f"Error: an unforeseen {type(error).__qualname__}. This is a bug in chanplan; its log couldn't be written."
    return f"Error: an unforeseen {type(error).__qualname__}. This is a bug in chanplan; where it happened is in {where}."
