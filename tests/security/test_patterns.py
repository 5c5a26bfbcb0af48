"""Regular expressions meet text of strangers, of any length."""

import pkgutil
import re
import re._parser as parser  # the standard library's own reader of patterns
from importlib import import_module

import chanplan
from chanplan.providers.dns import dmarc_record

REPEATS = {parser.MAX_REPEAT, parser.MIN_REPEAT}
FEW = 8
"""Times that something may repeat without counting as repetition."""


def patterns():
    """Give all compiled patterns of all modules, by where they stand."""
    found = {}
    for module in pkgutil.walk_packages(chanplan.__path__, "chanplan."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                found[f"{module.name}.{name}"] = value
    return found


def repeats_a_repetition(tree, inside=False):
    """Tell whether a pattern holds `(a+)+` in any form: two ways to read one text, and so 2ⁿ of n letters."""
    for operator, argument in tree:
        if operator in REPEATS:
            _, most, below = argument
            many = most > FEW
            if (inside and many) or repeats_a_repetition(below, inside or many):
                return True
        elif operator is parser.BRANCH:
            if any(repeats_a_repetition(branch, inside) for branch in argument[1]):
                return True
        elif operator is parser.SUBPATTERN:
            if repeats_a_repetition(argument[3], inside):
                return True
        elif operator in {parser.ASSERT, parser.ASSERT_NOT} and repeats_a_repetition(argument[1], inside):
            return True
    return False


UNAMBIGUOUS = {
    # Each label ends at its own dot.
    "chanplan.providers.dns.nameservers._HOST_NAME",
    "chanplan.sandbox.services.ses.identities._DOMAIN",
    # Each macro begins with its own %{ and ends with its own }.
    "chanplan.providers.dns.spf_record._MACRO_STRING",
}
"""Patterns whose inner repetition can end in one place only."""


def test_no_pattern_repeats_a_repetition():
    """But for those whose parts can't be read in two ways."""
    found = {
        name for name, pattern in patterns().items() if repeats_a_repetition(parser.parse(pattern.pattern))
    }

    assert found - UNAMBIGUOUS == set()


def test_patterns_that_would_are_found():
    """The reader sees through groups and alternatives."""
    assert [
        repeats_a_repetition(parser.parse(text)) for text in ("(a+)+", "(?:a|b*)*", "((ab){9,})+", "a+b+")
    ] == [
        True,
        True,
        True,
        False,
    ]


def test_a_long_row_of_spaces_is_read_once():
    """A TXT record has room for 65,535 bytes, whoever publishes it; reading a tag takes no square of that."""
    value = "none" + " " * 60_000 + "x"

    tag = dmarc_record._TAG.fullmatch(f" p = {value} ")

    assert tag is not None
    assert tag[2].strip(" \t") == value
