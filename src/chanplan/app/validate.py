"""Checking a configuration offline."""

from collections.abc import Mapping
from pathlib import Path

from chanplan.config.loader import load_configuration
from chanplan.config.reading import in_order
from chanplan.model.errors import Invalid
from chanplan.model.problems import Problem


def validate(root: Path, environment: Mapping[str, str]) -> tuple[Problem, ...]:
    """Give everything that is wrong or deserves a warning, in the order of its places."""
    try:
        return load_configuration(root, environment).warnings
    except Invalid as error:
        return in_order((*error.problems, *error.warnings))
