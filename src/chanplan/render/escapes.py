"""Characters that would play tricks on a reader, made visible, and commands to CI systems, made text."""

import io
import json
import re

_CHARACTERS = (
    "["
    "\x00-\x1f\x7f-\x9f"  # control characters: they move the cursor, colour, or ring
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional ones: they show text in another order
    "\u2028\u2029"  # line and paragraph separators: some viewers break the line there
    # What shows nothing (Unicode's Default_Ignorable_Code_Point, and the blank pattern of Braille): two names that look
    # alike could be two, and a text could hold another one that only a program sees.
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "\ud800-\udfff"  # halves of surrogate pairs: no stream can write them
    "]"
)
# GitHub's runner obeys lines of a log that begin with `::`, spaces left aside, and `##[` anywhere in them; Azure
# Pipelines obeys `##vso[`, TeamCity `##teamcity[` (actions/runner, ActionCommand.cs). A wrapped text can put any word
# at the beginning of a line.
_COMMANDS = r"(?<!\S):(?=:)|#(?=#\w{0,20}\[)"
_TRICKS = re.compile(f"{_CHARACTERS}|{_COMMANDS}")
_IN_JSON = re.compile(rf"(?!\n)(?:{_CHARACTERS}|{_COMMANDS})")
"""JSON has escapes of its own for most, line breaks among them: those that stand as themselves part its lines."""


def visible(text: str) -> str:
    """Write such characters, line breaks among them, as escapes; everything else stays."""
    return _TRICKS.sub(_escape, text)


def json_text(document: object) -> str:
    """Write a document as indented JSON, in which no such character stands as itself either. No final line break."""
    # Piece by piece: a list of all pieces takes many times the memory of the text.
    written = io.StringIO()
    for piece in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(document):
        written.write(piece)
    return _IN_JSON.sub(_json_escape, written.getvalue())


def json_on_one_line(document: object) -> str:
    """Write a document as JSON on one line, in ASCII. No final line break."""
    return _TRICKS.sub(_json_escape, json.dumps(document))


def _escape(match: re.Match[str]) -> str:
    return f"\\x{ord(match[0]):02x}" if match[0] in ":#" else match[0].encode("unicode_escape").decode()


def _json_escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}" if match[0] in ":#" else json.dumps(match[0])[1:-1]
