"""The words of the command line: addresses, durations and what they are asked for."""

from pathlib import Path

import click

from chanplan.cli.durations import LONGEST, parse_duration
from chanplan.cli.options import request_of
from chanplan.model.addresses import parse_address
from tests.fuzz.answers import TAKEN, answer


def read_words(data: bytes, _folder: Path) -> str:
    """Take bytes for an argument, as a shell passes them: an address, a duration, or a usage error."""
    text = data.decode("utf-8", "surrogateescape")
    address = parse_address(text)
    assert address is None or str(address) == text
    duration = answer(lambda: parse_duration(text))
    assert isinstance(duration, tuple) or 0 <= duration <= LONGEST
    try:
        request_of(targets=(), allow_delete=(text,), allow_replace=())
    except click.UsageError as error:
        told = error.format_message()
    else:
        told = "an address, or all"
    assert told
    return TAKEN if address is not None or not isinstance(duration, tuple) else duration[0]
