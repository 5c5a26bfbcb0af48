"""Spoils files: bytes, words and structure, the same way for the same lot."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from random import Random
from typing import Any

Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]
"""Takes the lot, a file and the other files of its corpus, and gives another file."""

LARGEST = 300_000
"""Bytes up to which a file grows: what is wrong with large files is wrong with these."""

WORDS = (
    *(
        b"\0 \x01 \x07 \x1b[31m \x7f \x85 \xff \xfe\xff \xef\xbb\xbf \xc3 \xed\xa0\x80 \xf4\x90\x80\x80".split(
            b" "
        )
    ),
    *("\u202e \u2028 \ufeff é \U0001d518 \uff46 \u017f İ ß".encode().split(b" ")),
    *(
        b"- ? : , [ ] { } # & * ! | > ' \" % @ ` --- ... << *a &a !!int !!python/object:os.system !x ~".split(
            b" "
        )
    ),
    *(
        b"null NULL true True yes NO .inf -.inf .nan 1e999 -1 0 00 010 0o17 0x1F 1_000 0b1 12:30:45 1e3 1.5".split(
            b" "
        )
    ),
    *(b"NaN Infinity -Infinity 9223372036854775808 -9223372036854775809 1e400 2026-02-30".split(b" ")),
    *(
        b"${env:A} ${env:UNSET} ${env: $${env:A} ${env:A}${env:B} \\ \\u0000 \\ud800 \\udfff\\ud800".split(
            b" "
        )
    ),
    *(
        b"use_case.a ses_setup.acme-mail sending_pool. .a KIND.NAME address all 0s 1h30m 99999999999d".split(
            b" "
        )
    ),
    b"\n",
    b"\r\n",
    b"\r",
    b"\t",
    b"\n  ",
    b"\n---\n",
    b": ",
    b"- ",
    b" #",
)
"""What readers trip over."""

NASTY: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 7.0, 0.5, 1e308, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 10**40),
    *("", " ", "\0", "\n", "a\nb", "\ud800", "\u202e", "\x1b[2J", "{}", "[]", "null", "0", "-1", "a" * 300),
    *(
        "use_case.a",
        "use_case.a\n",
        "ses_setup.acme-mail",
        "use_case." + "a" * 64,
        "1.0",
        "2.0",
        "1.999999",
        "01.0",
    ),
    *(
        "2026-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-01-01",
        "24:00",
    ),
    *(
        [],
        [[]],
        [None],
        [1],
        [""],
        ["a", "a"],
        {},
        {"": None},
        {"a": {"a": {}}},
        {"__class__": "x"},
        {"\ud800": "\ud800"},
    ),
    *("@raw0@", "@raw1@", "@raw2@", "@raw3@", "@raw4@", "@raw5@"),
)
"""Values that are of the wrong type or beyond a bound at most places; `@rawN@` stands for what JSON can't write."""

RAW = ("NaN", "-Infinity", "1e999", "9" * 5000, "[" * 200 + "]" * 200, '{"a":' * 3000 + "1" + "}" * 3000)

_TOKENS = re.compile(rb"([\s:,\[\]{}\"'#-]+)")


def flip(lot: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Change a few bytes."""
    changed = bytearray(data)
    for _ in range(lot.randint(1, 4) if changed else 0):
        changed[lot.randrange(len(changed))] = lot.choice((lot.randrange(256), 0, 0xFF, 0x20, 0x0A))
    return bytes(changed)


def cut(lot: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Take a piece out, or everything from some point on."""
    start = lot.randint(0, len(data))
    return data[:start] + (data[lot.randint(start, len(data)) :] if lot.random() < 0.7 else b"")


def repeat(lot: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Let a piece stand twice, or seldom a thousand times."""
    start = lot.randint(0, len(data))
    end = min(len(data), start + lot.choice((1, 2, 8, 40, 200)))
    times = 1000 if lot.random() < 0.02 else 2
    return data[:start] + data[start:end] * times + data[end:]


def insert(lot: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Put a word in somewhere, or seldom a heap of it."""
    at = lot.randint(0, len(data))
    times = lot.choice((100, 5000, 50_000)) if lot.random() < 0.02 else 1
    return data[:at] + lot.choice(WORDS) * times + data[at:]


def splice(lot: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Begin as one file and go on as another."""
    other = lot.choice(others)
    return data[: lot.randint(0, len(data))] + other[lot.randint(0, len(other)) :]


def swap_words(lot: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Put a word of this file, of another or a nasty one in the place of a word."""
    words = _TOKENS.split(data)
    others_words = _TOKENS.split(lot.choice(others)) if lot.random() < 0.4 else words
    words[lot.randrange(len(words))] = lot.choice(WORDS) if lot.random() < 0.4 else lot.choice(others_words)
    return b"".join(words)


def move_lines(lot: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Take lines out, put some in, move or indent them."""
    lines = data.splitlines(keepends=True) or [b""]
    start = lot.randrange(len(lines))
    taken = lines[start : start + lot.randint(1, 4)]
    match lot.randrange(4):
        case 0:
            del lines[start : start + len(taken)]
        case 1:
            at = lot.randint(0, len(lines))
            lines[at:at] = taken
        case 2:
            other = lot.choice(others).splitlines(keepends=True)
            lines[start:start] = other[lot.randint(0, len(other)) :][:5]
        case _:
            shift = lot.choice((b" ", b"  ", b"\t", b"- ", b"? "))
            lines[start : start + len(taken)] = [shift + line for line in taken]
    return b"".join(lines)


def change_values(lot: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Change a JSON document, or the lines of several, at a place or a few; any other file is spoiled as text."""
    rows = data.split(b"\n")
    at = lot.randrange(len(rows)) if data[:1] == b"{" and len(rows) > 1 and rows[0][-1:] == b"}" else None
    try:
        document = json.loads(data if at is None else rows[at])
    except (ValueError, RecursionError):
        return swap_words(lot, data, others)
    try:
        for _ in range(lot.choice((1, 1, 1, 2, 3))):
            document = _changed(lot, document)
        text = json.dumps(document)
    except RecursionError:
        return swap_words(lot, data, others)
    for number, raw in enumerate(RAW):
        text = text.replace(f'"@raw{number}@"', raw)
    if at is None:
        return text.encode()
    rows[at] = text.encode()
    return b"\n".join(rows)


def _changed(lot: Random, document: Any) -> Any:
    places = list(_places(document))
    if not places:
        return lot.choice(NASTY)
    holder, key = lot.choice(places)
    match lot.randrange(6):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            holder.insert(lot.randint(0, len(holder)), _copy(holder[key]))
        case 2:
            other, place = lot.choice(places)
            with suppress(IndexError, KeyError):
                holder[key] = _copy(other[place])
        case 3 if isinstance(holder, dict):
            holder[str(lot.choice(NASTY))[:80]] = holder.pop(key)
        case _:
            holder[key] = _copy(lot.choice(NASTY))
    return document


def _copy(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    level = [value]
    while level:
        inner = level.pop()
        if isinstance(inner, dict | list):
            for key in list(inner) if isinstance(inner, dict) else range(len(inner)):
                yield inner, key
                level.append(inner[key])


BYTES: tuple[Mutation, ...] = (flip, cut, repeat, insert, splice)
TEXT: tuple[Mutation, ...] = (*BYTES, swap_words, swap_words, swap_words, move_lines, move_lines, move_lines)
JSON: tuple[Mutation, ...] = (*BYTES, swap_words, *[change_values] * 12)


def mutate(
    lot: Random, valid: Sequence[bytes], corpus: Sequence[bytes], mutations: Sequence[Mutation]
) -> bytes:
    """Spoil a file of a corpus, more often a valid one, once or a few times."""
    data = lot.choice(valid if lot.random() < 0.8 else corpus)
    for _ in range(lot.choice((1, 1, 1, 1, 2, 3))):
        data = lot.choice(mutations)(lot, data, corpus)[:LARGEST]
    return data
