"""Writing YAML that our loader reads back to the very same values, whoever chose them.

Only words that nobody can take for anything else stand bare. The rest stands in double quotes, where YAML has an escape for
each character, and a text is on one line whatever it holds.
"""

import json
import re
from collections.abc import Mapping

from chanplan.model.values import Value
from chanplan.render.escapes import visible

_BARE = re.compile(r"[A-Za-z][A-Za-z0-9_./@-]*")
_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
"""What some version of YAML takes for nothing, or for yes and no, in whatever case."""


def scalar(value: Value) -> str:
    """Write a text, number, yes or no, or nothing. A text that looks like a reference to a variable stays a text."""
    if not isinstance(value, str):
        return json.dumps(value)
    text = value.replace("${env:", "$${env:")
    if _BARE.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    quotable = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_shown(quotable)}"'


def block(mapping: Mapping[str, Value], indent: int) -> list[str]:
    """Write a mapping as lines; a list of scalars stands on one line."""
    lines: list[str] = []
    for key, value in mapping.items():
        name = f"{' ' * indent}{scalar(key)}:"
        if isinstance(value, Mapping):
            lines += [name, *block(value, indent + 2)] if value else [f"{name} {{}}"]
        elif isinstance(value, list | tuple):
            mappings = [item for item in value if isinstance(item, Mapping)]
            if mappings:
                lines += [name, *(line for item in mappings for line in _item(item, indent + 2))]
            else:
                lines.append(f"{name} [{', '.join(scalar(item) for item in value)}]")
        else:
            lines.append(f"{name} {scalar(value)}")
    return lines


def comment(text: str, indent: int = 0) -> str:
    """Write a text as a comment on one line."""
    return f"{' ' * indent}# {_shown(text)}"


def _item(item: Mapping[str, Value], indent: int) -> list[str]:
    first, *rest = block(item, indent + 2)
    return [f"{' ' * indent}- {first.lstrip()}", *rest]


def _shown(text: str) -> str:
    """Escape what shows nothing or tricks a reader, and what YAML allows nowhere; the escapes are YAML's own."""
    return "".join(
        character if character.isprintable() else _escaped(character) for character in visible(text)
    )


def _escaped(character: str) -> str:
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
