"""`chanplan export`: what the API made, as YAML; the state alone is asked."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chanplan.model.addresses import Address
from chanplan.model.resources import Origin, ResourceState
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import PutResource
from chanplan.stores.sqlite.store import SqliteStore
from tests.cli.desk import EMAIL, Desk
from tests.unit.execution.scene import email, setup

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EU = Scope("ses", "123456789012", "eu-west-1", "eu")
SETUP, MAIL = Address("ses_setup", "api-0a1b2c3d4e5f"), Address("use_case", "api-1a1b2c3d4e5f")


@pytest.fixture
def desk(desk: Desk):
    """A workspace in which the API made a setup and a use case, and began another setup."""
    desk.write(EMAIL)
    made = setup("made", mail_from="mail", tags={"team": "growth"})
    mail = email("receipts", description="yes", tags={"team": "growth"}, sending_pool=None)
    first = ResourceState(SETUP, "1", EU, made.attributes, origin=Origin.API, created_at=NOW, updated_at=NOW)
    store = SqliteStore(desk.folder / "state" / "chanplan.db")
    store.edit(
        [
            PutResource(first),
            PutResource(
                replace(
                    first,
                    address=MAIL,
                    id="2",
                    attributes={**mail.attributes, "ses_setup": str(SETUP)},
                    references=(SETUP,),
                )
            ),
            PutResource(replace(first, address=Address("ses_setup", "api-begun"), id="3", complete=False)),
        ]
    )
    store.close()
    return desk


def test_what_the_api_made_is_written(desk):
    """The setup before what stands on it; what is unfinished isn't there, and defaults are."""
    ended = desk.run("export")

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-19:] == [
        "ses_setups:",
        "  api-0a1b2c3d4e5f:",
        "    tenant_name: made",
        "    domain_identity: made.example",
        "    mail_from: mail",
        "    dmarc:",
        "      policy: none",
        "    reputation_policy: standard",
        "    provider: eu",
        "",
        "use_cases:",
        "  api-1a1b2c3d4e5f:",
        "    channel: email",
        "    entity_name: Acme",
        "    name: receipts",
        '    description: "yes"',
        "    ses_setup: api-0a1b2c3d4e5f",
        "    sender_email_address: receipts@mail.example",
        "    email_type: transactional",
    ]
    assert ended.out.startswith("# Written by `chanplan export` for workspace quickstart: 2 resources.\n")
    assert "api-begun" not in ended.out


def test_what_is_named_comes_with_its_setup(desk):
    """And nothing else."""
    assert desk.run("export", str(MAIL)).out == desk.run("export").out
    assert "use_cases:" not in desk.run("export", str(SETUP)).out


@pytest.mark.parametrize(
    "address, code",
    [
        ("use_case.api-1a1b2c3d4e5e", "Did you mean use_case.api-1a1b2c3d4e5f?"),
        ("ses_setup.api-begun", "isn't finished"),
        ("use_case", "an address; one looks like"),
    ],
)
def test_what_cannot_be_written_says_why(desk, address, code):
    """What isn't there, what isn't finished, and what is no address."""
    ended = desk.run("export", address)

    assert (ended.code, ended.out) == (1, "")
    assert code in ended.err.replace("\n", " ")


def test_a_file_is_never_overwritten(desk):
    """Nor a link followed."""
    desk.write("precious", "made.yaml")
    (desk.folder / "link.yaml").symlink_to("nowhere")

    for name in ("made.yaml", "link.yaml"):
        assert desk.run("export", "--out", name).code == 1
    assert (desk.folder / "made.yaml").read_text() == "precious"
    assert not (desk.folder / "nowhere").exists()
    assert desk.run("export", "--out", "new.yaml").err.startswith("Wrote new.yaml: 2 resources.")


def test_nothing_to_write_makes_no_file(tmp_path):
    """An empty one would be a problem for `include:`."""
    desk = Desk(tmp_path)
    desk.write(EMAIL)

    assert "nothing to export" in desk.run("export", "--out", "new.yaml").err
    assert not (tmp_path / "new.yaml").exists()
