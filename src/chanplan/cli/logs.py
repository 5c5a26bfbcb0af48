"""What the packages log, for people: our warnings as lines, our mistakes as crash logs, other libraries not at all."""

import logging
import sys

from chanplan.cli.crash import record_crash
from chanplan.render.escapes import visible
from chanplan.render.masking import without_keys


class Lines(logging.Handler):
    """Writes a record as one line on standard error. A traceback goes where `record_crash` puts it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Tell a record."""
        error = record.exc_info[1] if record.exc_info else None
        text = (
            f"Warning: {visible(without_keys(record.getMessage()))}" if error is None else record_crash(error)
        )
        print(text, file=sys.stderr, flush=True)


def log_for_people() -> None:
    """Send the records of this package to standard error, and keep those of others off it.

    Without it, Python prints warnings and tracebacks of any library there, and botocore's hold requests.
    """
    ours = logging.getLogger("chanplan")
    ours.handlers[:] = [Lines(logging.WARNING)]
    ours.propagate = False
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())
