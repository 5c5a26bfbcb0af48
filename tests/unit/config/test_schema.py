"""The schema that editors check with says what the loader says."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from chanplan.config.schema import config_schema, config_schema_text
from chanplan.config.starter import starter_configuration

COMMITTED = Path(__file__).parents[3] / "schemas" / "config.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(config_schema())


def complaints(text: str) -> list[str]:
    """Give where an editor complains."""
    return [error.json_path for error in VALIDATOR.iter_errors(yaml.safe_load(text))]


def test_it_is_a_schema() -> None:
    """The schema itself follows draft 2020-12."""
    jsonschema.Draft202012Validator.check_schema(config_schema())

    assert config_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_committed_file_is_current() -> None:
    """schemas/config.schema.json is what the code says; `script/generated --write` renews it."""
    assert COMMITTED.read_text() == config_schema_text()


@pytest.mark.parametrize(
    "text",
    [
        starter_configuration("acme"),
        "use_cases: {a: {channel: outbound_voice, entity_name: A, name: B, twilio_setup: v}}",
        "include: [a.yaml]\nses_setups:\n",
        'version: 1\nworkspace: acme\nproviders: {twilio: {default: {account_sid: "${env:SID}", auth_token: "${env:T}"}}}',
        'version: 1\nworkspace: acme\nsafety: {max_percent: "${env:PERCENT}"}',
        'ses_setups: {a: {tenant_name: a, domain_identity: a.example, dmarc: {policy: "${env:POLICY}"}}}',
    ],
)
def test_it_takes(text: str) -> None:
    """Root files, included files, and references wherever the loader resolves them."""
    assert complaints(text) == []


@pytest.mark.parametrize(
    "text, path",
    [
        ("version: 1", "$"),
        ("workspace: acme", "$"),
        ("version: 2\nworkspace: acme", "$.version"),
        ("use_case: {}", "$"),
        ("sending_pools: {Txn: {pool_name: a, family: marketing, tiers: [standard]}}", "$.sending_pools"),
        ("use_cases: {a: {channel: sms}}", "$.use_cases"),
        ("removed: [{address: receipts, destroy: true}]", "$.removed"),
        (
            "version: 1\nworkspace: acme\nproviders: {twilio: {default: {auth_token: abc}}}",
            "$.providers",
        ),
        (
            "version: 1\nworkspace: acme\nproviders: {ses: {default: {region: us-east-1, account_id: 123456789012}}}",
            "$.providers",
        ),
    ],
)
def test_it_refuses(text: str, path: str) -> None:
    """What the loader refuses in one file, editors underline: numbers where text belongs among it."""
    assert [complaint.startswith(path) for complaint in complaints(text)] == [True]


def test_every_field_is_described() -> None:
    """Editors show a description for every key of every section, a kind's own or its type's."""
    schema = config_schema()
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)

    undescribed = [
        f"{name}.{key}"
        for name, definition in definitions.items()
        for key, value in definition.get("properties", {}).items()
        if "description" not in value and "$ref" not in str(value) and "patternErrorMessage" not in str(value)
    ]

    assert undescribed == []
