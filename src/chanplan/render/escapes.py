"""Characters that would play tricks on a reader, made visible."""

import json
import re

_TRICKS = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # control characters: they move the cursor, colour, or ring
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional ones: they show text in another order
    "\u2028\u2029"  # line and paragraph separators: some viewers break the line there
    "\ud800-\udfff"  # halves of surrogate pairs: no stream can write them
    "]"
)


def visible(text: str) -> str:
    """Write control and bidirectional characters, line breaks among them, as escapes; everything else stays."""
    return _TRICKS.sub(lambda match: match.group().encode("unicode_escape").decode(), text)


def json_text(document: object) -> str:
    """Write a document as indented JSON, in which no such character stands as itself either. No final line break."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    # JSON has escapes of its own for most; what is left stands within strings, but for the line breaks between them.
    return _TRICKS.sub(
        lambda match: match.group() if match.group() == "\n" else f"\\u{ord(match.group()):04x}", text
    )
