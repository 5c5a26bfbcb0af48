"""The digest says what is declared, and nothing else."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chanplan.config.loader import load_configuration
from chanplan.model.configuration import Configuration

HEAD: dict[str, object] = {
    "version": 1,
    "workspace": "acme",
    "providers": {"ses": {"default": {"region": "us-east-1"}, "eu": {"region": "eu-west-1"}}},
    "tags": {"team": "growth", "cost": "42"},
}
RESOURCES = {
    "sending_pools": {
        "txn": {"pool_name": "acme-txn", "family": "transactional", "tiers": ["standard", "onboarding"]},
        "mkt": {"pool_name": "acme-mkt", "family": "marketing", "tiers": ["standard"]},
    },
    "ses_setups": {
        "one": {"tenant_name": "one", "domain_identity": "one.example"},
        "two": {"tenant_name": "two", "domain_identity": "two.example", "provider": "eu"},
    },
    "use_cases": {
        "receipts": {
            "channel": "email",
            "entity_name": "Acme",
            "name": "Receipts",
            "ses_setup": "one",
            "sender_email_address": "a@one.example",
            "email_type": "transactional",
        }
    },
}
MOVES = [{"from": f"use_case.old{index}", "to": f"use_case.old{index + 1}"} for index in range(2)] + [
    {"from": "use_case.old2", "to": "use_case.receipts"}
]
ENTRIES = [(section, name, value) for section, named in RESOURCES.items() for name, value in named.items()]


def load(folder: Path, *documents: object) -> Configuration:
    """Load documents as a root and files that it includes. JSON is YAML."""
    for index, document in enumerate(documents):
        (folder / ("chanplan.yaml" if index == 0 else f"{index:02}.part.yaml")).write_text(
            json.dumps(document, indent=index)
        )
    return load_configuration(folder / "chanplan.yaml", {})


def whole(**changed: object) -> dict[str, object]:
    """Give everything in one document, with some of it changed."""
    return {**HEAD, **RESOURCES, "moved": MOVES, **changed}


@given(st.data())
def test_order_and_files_do_not_count(data: st.DataObject) -> None:
    """However the same declarations are ordered and spread over files, digest and resources are the same."""
    entries = data.draw(st.permutations(ENTRIES))
    moves = data.draw(st.permutations(MOVES))
    files: list[dict[str, object]] = [dict(data.draw(st.permutations(list(HEAD.items())))), {}, {}]
    for section, name, value in entries:
        file = files[data.draw(st.integers(0, 2))]
        section_there = file.setdefault(section, {})
        assert isinstance(section_there, dict)
        section_there[name] = dict(data.draw(st.permutations(list(value.items()))))
    files[data.draw(st.integers(0, 2))]["moved"] = moves
    files[0]["include"] = ["*.part.yaml"]
    files[1].setdefault("removed", [])
    files[2].setdefault("removed", [])

    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        expected = load(Path(first), whole())
        actual = load(Path(second), *files)

    def told(configuration: Configuration) -> list[object]:
        return [
            (address, desired.attributes, desired.scope, desired.references)
            for address, desired in configuration.resources.items()
        ]

    assert (actual.digest, told(actual)) == (expected.digest, told(expected))


@pytest.mark.parametrize(
    "changed",
    [
        {"workspace": "other"},
        {"tags": {"team": "growth"}},
        {"providers": {"ses": {"default": {"region": "us-east-2"}, "eu": {"region": "eu-west-1"}}}},
        {"moved": MOVES[2:]},
        {"removed": [{"address": "use_case.gone", "destroy": True}]},
        {"imports": [{"to": "ses_setup.one", "id": "one/one.example"}]},
        {"acknowledge": [{"address": "use_case.receipts", "action": "delete", "reason": "x"}]},
        {"safety": {"max_percent": 1}},
        {"tiers": {"demote": {"bounce_percent": 2.5}}},
        {"state": {"path": "other.db"}},
        {"sending_pools": {}},
    ],
    ids=str,
)
def test_every_declaration_counts(changed: dict[str, object], tmp_path: Path) -> None:
    """Whatever is declared otherwise gives another digest."""
    assert load(tmp_path, whole(**changed)).digest != load(tmp_path, whole()).digest


def test_the_folder_does_not_count(tmp_path: Path) -> None:
    """The same files elsewhere have the same digest."""
    for name in ("here", "there"):
        (tmp_path / name).mkdir()

    assert load(tmp_path / "here", whole()).digest == load(tmp_path / "there", whole()).digest
