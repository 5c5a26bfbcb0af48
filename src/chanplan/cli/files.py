"""Writing files that people asked for: whole or not at all."""

import contextlib
import os
import tempfile
from pathlib import Path

from chanplan.model.errors import Misused


def write_file(path: Path, text: str) -> None:
    """Write a file in place of what stands there; killed half-way, the old one remains.

    Raises:
        Misused: the folder is missing or can't be written.
    """
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        raise Misused(
            f"{path} can't be written: {error.strerror}.",
            remedy="Give a path in a folder that exists and is yours.",
        ) from error
