"""Reading a file's text: what a path can be instead of a UTF-8 file is told, not raised."""

import os
import stat
from pathlib import Path

from chanplan.config.events import place_in
from chanplan.config.reading import Reading
from chanplan.model.problems import Source

SIZE_LIMIT = 128 * 1024 * 1024
"""Largest file in bytes: five times what 100,000 resources take."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_text(path: Path, shown: str, reading: Reading) -> str | None:
    """Read a file as UTF-8, with or without a byte order mark, or report why not and give None."""
    start = Source(shown, 1)
    try:
        # Opened without waiting, since a named pipe would wait for its writer forever.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if not _readable(status, start, reading):
                return None
            with open(descriptor, "rb", closefd=False) as file:
                data = file.read()
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        reading.report(
            "file_missing",
            "There is no such file.",
            start,
            "Run `chanplan init` to write one, or name the right file with --config FILE or -C DIR.",
        )
        return None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "the path can't be used"
        reading.report(
            "file_unreadable",
            f"The file can't be read: {reason}.",
            start,
            "Check its path and permissions.",
        )
        return None
    return _decoded(data, shown, reading)


def _readable(status: os.stat_result, start: Source, reading: Reading) -> bool:
    if stat.S_ISDIR(status.st_mode):
        reading.report("not_a_file", "This is a directory.", start, "Name the YAML file in it.")
    elif not stat.S_ISREG(status.st_mode):
        reading.report("not_a_file", "This is no regular file.", start, "Name a YAML file.")
    elif status.st_size > SIZE_LIMIT:
        reading.report(
            "file_too_large",
            f"The file has {status.st_size:,} bytes, and {SIZE_LIMIT:,} is the limit.",
            start,
            "Split it into several files and name them under include.",
        )
    else:
        return True
    return False


def _decoded(data: bytes, shown: str, reading: Reading) -> str | None:
    if data[:2] in _UTF16:
        reading.report(
            "not_utf8", "The file is UTF-16, not UTF-8.", Source(shown, 1), "Save it as UTF-8 in your editor."
        )
        return None
    if b"\0" in data:
        reading.report(
            "binary_file",
            "The file is binary, not text.",
            _place(data, data.index(b"\0"), shown),
            "Name a YAML file; narrow the include glob when it caught this one by mistake.",
        )
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reading.report(
            "not_utf8",
            f"The byte 0x{error.object[error.start]:02x} here isn't UTF-8.",
            _place(error.object, error.start, shown),
            "Save the file as UTF-8 in your editor.",
        )
        return None
    return text


def _place(data: bytes, index: int, shown: str) -> Source:
    before = data[:index].decode("utf-8", "replace")
    return place_in(before, len(before), shown)
