"""Where the state is kept: one form of `state:` for each backend."""

from pathlib import Path

import pytest

from chanplan.config.loader import load_configuration
from chanplan.model.configuration import PostgresSettings, S3Encryption, S3Settings, SqliteSettings
from chanplan.model.errors import Invalid
from chanplan.model.values import Secret

ROOT = "version: 1\nworkspace: acme\n"


@pytest.mark.parametrize(
    "written, settings",
    [
        ("", SqliteSettings("state/chanplan.db")),
        ("state: {}\n", SqliteSettings("state/chanplan.db")),
        ("state: {backend: sqlite, path: x.db}\n", SqliteSettings("x.db")),
        ("state: {backend: postgres}\n", PostgresSettings()),
        (
            'state: {backend: postgres, dsn: "${env:CHANPLAN_DSN}"}\n',
            PostgresSettings(Secret("CHANPLAN_DSN")),
        ),
        (
            "state: {backend: s3, bucket: acme-state, key: teams/mail.json, region: eu-west-1}\n",
            S3Settings("acme-state", "teams/mail.json", "eu-west-1"),
        ),
        (
            "state: {backend: s3, bucket: acme-state, key: mail, region: eu-west-1, profile: ci,"
            " endpoint_url: 'http://127.0.0.1:9000', encryption: {sse: 'aws:kms', kms_key_id: alias/state}}\n",
            S3Settings(
                "acme-state",
                "mail",
                "eu-west-1",
                "http://127.0.0.1:9000",
                "ci",
                S3Encryption("aws:kms", "alias/state"),
            ),
        ),
    ],
)
def test_settings(tmp_path, monkeypatch, written, settings):
    """The backend decides which keys there are; without one it is a file. No variable is read for it yet."""
    monkeypatch.chdir(tmp_path)
    Path("chanplan.yaml").write_text(ROOT + written)

    assert load_configuration(Path("chanplan.yaml"), {}).state == settings


@pytest.mark.parametrize(
    "written, code, message",
    [
        (
            "{backend: postgres, dsn: 'postgresql://chanplan:hunter2@db/chanplan'}",
            "secret_in_configuration",
            "A secret stands here in clear text.",
        ),
        ("{backend: postgres, path: x.db}", "unknown_key", "state has no key 'path'."),
        (
            "{backend: s3, key: mail, region: eu-west-1}",
            "missing_key",
            "state needs bucket.",
        ),
        (
            "{backend: s3, bucket: acme-state, key: /mail, region: eu-west-1}",
            "pattern_mismatch",
            "state.key is '/mail', which isn't of the right form.",
        ),
        ("{dsn: '${env:DSN}'}", "unknown_key", "state has no key 'dsn'."),
    ],
)
def test_what_does_not_fit(tmp_path, written, code, message):
    """A connection string is a secret: it is named, and never quoted. A key of another backend is unknown."""
    root = tmp_path / "chanplan.yaml"
    root.write_text(ROOT + f"state: {written}\n")

    with pytest.raises(Invalid) as caught:
        load_configuration(root, {})

    assert [(each.code, each.message) for each in caught.value.problems] == [(code, message)]


def test_an_unknown_backend_is_told_what_there_is(tmp_path):
    """With the closest name, when there is one."""
    root = tmp_path / "chanplan.yaml"
    root.write_text(ROOT + "state: {backend: postgresql}\n")

    with pytest.raises(Invalid) as caught:
        load_configuration(root, {})

    (problem,) = caught.value.problems
    assert (problem.code, problem.remedy) == ("not_allowed", "Did you mean 'postgres'?")
