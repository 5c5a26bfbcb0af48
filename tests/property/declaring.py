"""A workspace that people go on editing: what is declared, under which names, and what was called otherwise before."""

import itertools
from copy import deepcopy
from typing import Any

from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration
from tests.planning.harness import load

SECTIONS = {"sending_pools": "sending_pool", "ses_setups": "ses_setup", "use_cases": "use_case"}

Name = tuple[str, str]
"""A section, and the key under which something was drawn."""


class Declared:
    """The document, as it was drawn, and the names that its resources have by now."""

    def __init__(self) -> None:
        self._document: dict[str, Any] = {}
        self._called: dict[Name, list[str]] = {}
        """Their names, the present one last: the others stand under `moved:`."""
        self._renames = 0

    def put(self, document: dict[str, Any]) -> None:
        """Declare something else, of which nothing is protected: in the end everything is destroyed."""
        self._document = deepcopy(document)
        for use_case in self._document["use_cases"].values():
            use_case.pop("lifecycle")

    @property
    def document(self) -> dict[str, Any]:
        """What is declared, as it was drawn."""
        return self._document

    def names(self) -> list[Name]:
        """Give all that is declared."""
        return [(section, key) for section in SECTIONS for key in sorted(self._document[section])]

    def address(self, name: Name) -> Address:
        """Give the address that something has by now."""
        return Address(SECTIONS[name[0]], self._calls(name)[-1])

    def rename(self, name: Name, *, moved: bool) -> Address:
        """Call something as nothing was called yet, with an entry under `moved:` or without, and give its address."""
        self._renames += 1
        self._called[name] = [*(self._calls(name) if moved else ()), f"{name[1]}-{self._renames}"]
        return self.address(name)

    def configuration(self, document: dict[str, Any] | None = None) -> Configuration:
        """Read it, or what was declared earlier under the names of today, as chanplan does."""
        document = document or self._document
        spelled = {**document, "moved": []}
        for section, kind in SECTIONS.items():
            spelled[section] = {
                self._calls((section, key))[-1]: dict(each) for key, each in document[section].items()
            }
            for key in document[section]:
                calls = self._calls((section, key))
                for old, new in itertools.pairwise(calls):
                    spelled["moved"].append({"from": f"{kind}.{old}", "to": f"{kind}.{new}"})
        for use_case in spelled["use_cases"].values():
            use_case["ses_setup"] = self._calls(("ses_setups", use_case["ses_setup"]))[-1]
        return load(spelled)

    def _calls(self, name: Name) -> list[str]:
        return self._called.get(name, [name[1]])
