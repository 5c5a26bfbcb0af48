"""What the API made becomes the configuration's: exported, reviewed, applied, and managed by YAML from then on."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from chanplan.app.export import exported
from chanplan.config.loader import load_configuration
from chanplan.model.addresses import Address
from chanplan.model.channel_errors import Conflict
from chanplan.model.channels import NewSesSetup, UseCaseFilter
from chanplan.model.configuration import Moved
from chanplan.model.errors import Misused
from chanplan.model.plans import Action, Reason
from chanplan.model.resources import Origin, ResourceState
from chanplan.model.scopes import Scope
from chanplan.planning.unfinished import desired_of
from chanplan.render.export_yaml import export_yaml
from tests.unit.channels.counter import DELETE, Counter, call, line, receipts
from tests.unit.execution.scene import setup, voice_setup

ACME = NewSesSetup("acme", "mail.acme.example")
ROOT = """version: 1
workspace: acme
include: [api.yaml]
providers:
  ses: {default: {region: eu-west-1, account_id: "123456789012"}}
  twilio: {default: {account_sid: AC00000000000000000000000000000001}}
tags: {team: growth}
"""


@pytest.fixture
def counter(tmp_path):
    """A workspace in which the API made one of each."""
    counter = Counter(folder=tmp_path)
    counter.review()
    counter.declare(voice_setup())
    counter.apply()
    made = counter.verified()
    window = counter.open()
    window.create_use_case(
        replace(receipts(made.id), description="Line one\nLine two: ${env:HOME} é"), call()
    )
    (voice,) = window.list_twilio_setups()
    window.create_use_case(line(voice.id), call())
    window.create_use_case(line(voice.id, name="Drops", channel="ringless_voicemail"), call())
    return counter


def made_by_api(counter: Counter) -> list[ResourceState]:
    """Give what the state says that the API made."""
    return [each for each in counter.resources.values() if each.origin is Origin.API]


def read_back(folder: Path, text: str):
    """Read an exported file as a part of a configuration."""
    (folder / "chanplan.yaml").write_text(ROOT)
    (folder / "api.yaml").write_text(
        text
        + "\ntwilio_setups: {voice: {account: {mode: main}, customer_profile: {sid: BU00000000000000000000000000000001}}}\n"
    )
    return load_configuration(folder / "chanplan.yaml", {})


def test_a_plan_leaves_alone_what_the_api_made_and_lists_it(counter):
    """Whatever is declared beside it."""
    plan = counter.plan()

    assert plan.effective == ()
    assert plan.made_by_api == tuple(sorted(each.address for each in made_by_api(counter)))
    assert len(plan.made_by_api) == 4


def test_an_export_declares_it_to_the_very_same_values(counter, tmp_path):
    """Every attribute, whatever stands in its texts."""
    resources = exported(counter.workspace(), ())
    configuration = read_back(tmp_path, export_yaml(resources, "acme"))

    assert {each.address for each in resources} == {each.address for each in made_by_api(counter)}
    for resource in resources:
        declared = configuration.resources[resource.address]
        derived = {"sending_pool", "customer_profile"}
        assert dict(declared.attributes) == {
            name: value for name, value in resource.attributes.items() if name not in derived
        }
        assert declared.references == resource.references


def test_made_by_the_api_exported_reviewed_and_managed_by_yaml(counter, tmp_path):
    """The reviewed plan changes nothing but whose it is, and makes no call; then the API deletes it no more."""
    window = counter.open()
    (item,) = window.list_ses_setups()
    use_cases = window.list_use_cases(UseCaseFilter())
    configuration = read_back(tmp_path, export_yaml(exported(counter.workspace(), ()), "acme"))
    declared = {
        address: each for address, each in configuration.resources.items() if address.kind != "twilio_setup"
    }
    declared = {
        address: replace(each, scope=counter.resources[address].scope) for address, each in declared.items()
    }
    counter.declare(*declared.values(), voice_setup())

    plan = counter.plan()
    assert {(change.action, change.reason) for change in plan.effective} == {(Action.UPDATE, Reason.ADOPTED)}
    assert not any(change.calls_service or change.differences or change.losses for change in plan.effective)
    assert (len(plan.effective), plan.made_by_api, plan.refusals) == (4, (), ())

    written = len(counter.writes())
    assert counter.apply().last.word == "done"
    assert (len(counter.writes()), counter.plan().effective, made_by_api(counter)) == (written, (), [])
    window = counter.open()
    assert window.list_ses_setups() == [item]
    for use_case in use_cases:
        with pytest.raises(Conflict) as raised:
            window.delete_use_case(use_case.id, DELETE)
        assert raised.value.code == "managed_by_configuration"


def test_what_is_named_comes_with_what_it_stands_on(counter):
    """A use case without its setup wouldn't validate."""
    (use_case,) = (each for each in made_by_api(counter) if each.attributes.get("channel") == "email")

    chosen = exported(counter.workspace(), (use_case.address,))

    assert {each.address for each in chosen} == {use_case.address, *use_case.references}


def test_what_cannot_be_exported_says_why(counter):
    """Not in the state; declared already."""
    with pytest.raises(Misused) as raised:
        exported(counter.workspace(), (Address("ses_setup", "nothing"),))
    assert raised.value.code == "unknown_address"
    with pytest.raises(Misused) as raised:
        exported(counter.workspace(), (Address("twilio_setup", "voice"),))
    assert raised.value.code == "already_declared"


def test_nothing_to_export_is_said(tmp_path):
    """In a file that declares nothing."""
    counter = Counter(folder=tmp_path)
    assert export_yaml(exported(counter.workspace(), ()), "acme").count("\n") == 2


texts = some.text(some.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)


@settings(max_examples=200, deadline=None)
@given(
    description=texts, policy=some.sampled_from(["none", "quarantine", "reject"]), protected=some.booleans()
)
def test_whatever_was_written_is_read_back(tmp_path_factory, description, policy, protected):
    """Any description, whatever YAML would make of it bare."""
    scope = Scope("ses", "123456789012", "eu-west-1")
    on = setup("mail", dmarc={"policy": policy}, prevent_destroy=protected, tags={"team": "growth"})
    use_case = {
        "channel": "email",
        "entity_name": "Acme",
        "name": "on",
        "description": description,
        "prevent_destroy": protected,
        "ses_setup": "ses_setup.mail",
        "sender_email_address": "yes@mail.example",
        "email_type": "marketing",
        "tags": {"team": "growth"},
    }
    resources = (
        ResourceState(on.address, "1", scope, on.attributes),
        ResourceState(Address("use_case", "no"), "2", scope, use_case, references=(on.address,)),
    )

    configuration = read_back(tmp_path_factory.mktemp("export"), export_yaml(resources, "acme"))

    for resource in resources:
        assert dict(configuration.resources[resource.address].attributes) == dict(resource.attributes)


def test_it_may_be_renamed_as_it_is_adopted(counter, tmp_path):
    """By a `moved:` entry: still no call, and what refers to it follows."""
    (mail,) = (each for each in made_by_api(counter) if each.attributes.get("channel") == "email")
    (on,) = mail.references
    setup_ = counter.resources[on]
    named = Address("ses_setup", "acme-mail")
    counter.declare(
        replace(desired_of(setup_), address=named, origin=Origin.CONFIGURATION),
        replace(
            desired_of(mail),
            address=Address("use_case", "receipts"),
            attributes={**mail.attributes, "ses_setup": str(named)},
            references=(named,),
            origin=Origin.CONFIGURATION,
        ),
        voice_setup(),
    )
    counter.configuration = replace(
        counter.configuration, moved=(Moved(on, named), Moved(mail.address, Address("use_case", "receipts")))
    )
    written = len(counter.writes())

    assert {change.reason for change in counter.plan().effective} == {Reason.RENAMED}
    assert counter.apply().last.word == "done"

    assert len(counter.writes()) == written
    assert counter.resources[named].origin is Origin.CONFIGURATION
    assert counter.resources[Address("use_case", "receipts")].origin is Origin.CONFIGURATION
    counter.configuration = replace(counter.configuration, moved=())
    assert counter.plan().effective == ()
