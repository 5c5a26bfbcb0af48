"""What of a discovery can be imported, how it would be declared, and why the rest can't be."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from chanplan.model.addresses import Address
from chanplan.model.configuration import Configuration, Import
from chanplan.model.discoveries import (
    FILL_IN,
    SETUP,
    Answers,
    Discovered,
    Findings,
    Owner,
    PoolUse,
    Unclaimed,
    Undiscovered,
)
from chanplan.model.problems import Problem, Severity
from chanplan.model.resources import Desired, Marks
from chanplan.model.scopes import Scope
from chanplan.model.snapshots import Intent, IntentKind, Snapshot
from chanplan.model.values import Value
from chanplan.planning.proposals import propose
from tests.planning.harness import NOW, applied_base, base_document, edited, load

SES, IRELAND = Scope("ses", "111122223333", "us-east-1"), Scope("ses", "111122223333", "eu-west-1", "eu")
TWILIO = Scope("twilio", "AC00000000000000000000000000000001", None)
NOBODYS = Marks(None, None)
EMPTY = Configuration("acme", "chanplan.yaml", {})
NOTHING = Snapshot("lineage", 0, {})


def setup(tenant: str, scope: Scope = SES, marks: Marks | None = NOBODYS, **attributes: Value) -> Discovered:
    """Give a setup as SES tells it."""
    domain = f"mail.{tenant.lower()}.example"
    told: dict[str, Value] = {"tenant_name": tenant, "domain_identity": domain, "mail_from": "bounce"}
    return Discovered("ses_setup", f"{tenant}/{domain}", scope, marks, told | attributes, {})


def sender(entity: str, name: str, of: Discovered, pool: str | None = None) -> Discovered:
    """Give a configuration set as SES tells it."""
    attributes: dict[str, Value] = {
        "channel": "email",
        "entity_name": entity,
        "name": name,
        "sending_pool": pool,
    }
    import_id = f"{entity}_{name}".lower().replace(" ", "-")
    return Discovered("use_case", import_id, of.scope, NOBODYS, attributes, {SETUP: of.import_id})


def pool(name: str, scope: Scope = SES) -> Discovered:
    """Give a pool as SES tells it."""
    return Discovered("sending_pool", name, scope, NOBODYS, {"pool_name": name, "scaling": "managed"}, {})


def profile(digit: int, name: str | None = None) -> Discovered:
    """Give a customer profile as Twilio tells it."""
    sid = f"BU{digit:032x}"
    attributes = {"customer_profile": {"sid": sid}}
    return Discovered(
        "twilio_setup", f"{TWILIO.account}/{sid}", TWILIO, None, attributes, {"profile_name": name}
    )


def line(digit: int, entity: str, name: str, of: Discovered | None) -> Discovered:
    """Give an Application as Twilio tells it."""
    attributes: dict[str, Value] = {
        "entity_name": entity,
        "name": name,
        "phone_numbers": [f"+1415555010{digit}"],
    }
    facts: dict[str, Value] = {"application_name": f"{entity}/{name}"}
    return Discovered(
        "use_case",
        f"AP{digit:032x}",
        TWILIO,
        None,
        attributes,
        facts if of is None else facts | {SETUP: of.import_id},
    )


def found(
    *objects: Discovered | Undiscovered,
    configuration: Configuration = EMPTY,
    snapshot: Snapshot = NOTHING,
    answers: Answers | None = None,
) -> Findings:
    """Sort out what was found, in a workspace that knows nothing unless it is said."""
    return propose(objects, configuration, snapshot, answers or Answers())


def declared(findings: Findings) -> Mapping[str, Mapping[str, Value]]:
    """Give what would be written, by address."""
    return {str(proposal.address): proposal.declared for proposal in findings.proposals}


def reasons(findings: Findings) -> Mapping[str, list[str]]:
    """Give why what can't be imported, by what it is called."""
    return {unfit.found.import_id: [reason.code for reason in unfit.reasons] for unfit in findings.unfit}


def test_everything_that_services_tell_is_declared() -> None:
    """And only what they don't is left open, with what may stand there."""
    acme, support = setup("Acme", reputation_policy="strict"), profile(1, "Acme Inc.")

    findings = found(
        pool("txn"), acme, sender("Acme", "Receipts", acme), support, line(1, "Acme", "Support", support)
    )

    assert declared(findings) == {
        "sending_pool.txn": {"pool_name": "txn", "family": FILL_IN, "tiers": FILL_IN, "scaling": "managed"},
        "ses_setup.acme": {
            "tenant_name": "Acme",
            "domain_identity": "mail.acme.example",
            "mail_from": "bounce",
            "reputation_policy": "strict",
        },
        "twilio_setup.acme-inc": {"customer_profile": {"sid": f"BU{1:032x}"}},
        "use_case.acme_receipts": {
            "channel": "email",
            "entity_name": "Acme",
            "name": "Receipts",
            "ses_setup": "acme",
            "sender_email_address": FILL_IN,
            "email_type": FILL_IN,
        },
        "use_case.acme_support": {
            "channel": FILL_IN,
            "entity_name": "Acme",
            "name": "Support",
            "twilio_setup": "acme-inc",
            "phone_numbers": ["+14155550101"],
        },
    }
    assert [(str(p.address), gap.path, gap.choices) for p in findings.proposals for gap in p.gaps] == [
        ("sending_pool.txn", ("family",), "transactional or marketing"),
        ("sending_pool.txn", ("tiers",), "a list of onboarding, standard, premium"),
        ("use_case.acme_receipts", ("sender_email_address",), "an address at mail.acme.example"),
        ("use_case.acme_receipts", ("email_type",), "transactional or marketing"),
        ("use_case.acme_support", ("channel",), "inbound_voice, outbound_voice, ringless_voicemail"),
    ]


def test_what_a_person_says_once_is_declared_everywhere() -> None:
    """What is said of a pool holds for the use cases that send through it."""
    acme, support = setup("acme"), profile(1)
    answers = Answers(
        "{entity}.{name}",
        "transactional",
        "ringless_voicemail",
        None,
        {"mkt": PoolUse("marketing", ("standard",))},
    )

    findings = found(
        pool("mkt"),
        acme,
        sender("Acme Corp", "News", acme, "mkt"),
        sender("Acme Corp", "Bills", acme),
        support,
        line(1, "Acme", "Drops", support),
        answers=answers,
    )

    written = declared(findings)
    assert written["sending_pool.mkt"]["family"] == "marketing"
    assert written["sending_pool.mkt"]["tiers"] == ["standard"]
    assert {
        name: (each["sender_email_address"], each["email_type"])
        for name, each in written.items()
        if "email_type" in each
    } == {
        "use_case.acme-corp_bills": ("acme-corp.bills@mail.acme.example", "transactional"),
        "use_case.acme-corp_news": ("acme-corp.news@mail.acme.example", "marketing"),
    }
    assert written["use_case.acme_drops"]["compliance"] == {"consent": FILL_IN}
    assert [gap.path for proposal in findings.proposals for gap in proposal.gaps] == [
        ("compliance", "consent")
    ]


def test_one_sender_for_several_use_cases_is_left_open() -> None:
    """Which of them is meant, nobody said; where there is one use case, it is."""
    acme, globex = setup("acme"), setup("globex")
    use_cases = (
        sender("Acme", "Bills", acme),
        sender("Acme", "News", acme),
        sender("Globex", "Bills", globex),
    )

    findings = found(acme, globex, *use_cases, answers=Answers("noreply", "marketing"))

    assert {
        address: each["sender_email_address"]
        for address, each in declared(findings).items()
        if address.startswith("use_case.")
    } == {
        "use_case.acme_bills": FILL_IN,
        "use_case.acme_news": FILL_IN,
        "use_case.globex_bills": "noreply@mail.globex.example",
    }


def test_a_sender_that_somebody_has_is_left_open() -> None:
    """In state or declared."""
    base = applied_base()
    acme = Discovered("ses_setup", "acme/mail.acme.example", SES, NOBODYS, {}, {})

    findings = found(
        replace(sender("Acme", "Other", acme), facts={SETUP: "acme/mail.acme.example"}),
        configuration=load(base_document()),
        snapshot=base,
        answers=Answers("receipts", "transactional"),
    )

    assert declared(findings)["use_case.acme_other"]["sender_email_address"] == FILL_IN


def test_what_state_or_configuration_know_is_left_out() -> None:
    """By whatever name its service knows it, and in whatever case."""
    configuration = load(base_document())
    known = [
        Discovered("ses_setup", "ACME/Mail.acme.example", SES, NOBODYS, {}, {}),
        Discovered("sending_pool", "acme-txn", SES, NOBODYS, {}, {}),
        Discovered("use_case", "acme_receipts", SES, NOBODYS, {}, {}),
    ]

    assert found(*known, configuration=configuration, snapshot=applied_base()) == Findings(in_state=3)


def test_what_is_declared_and_in_no_state_lacks_an_import_alone() -> None:
    """A state that was lost: the configuration says all of it already. What another workspace made is somebody else's."""
    configuration = load(base_document())
    ours, theirs = Marks("id", "acme"), Marks("id", "elsewhere")
    mail = Discovered("ses_setup", "ACME/Mail.acme.example", SES, ours, {}, {})
    mail_pool = Discovered("sending_pool", "acme-txn", SES, theirs, {}, {})

    findings = found(mail, mail_pool, configuration=configuration)

    assert findings.unclaimed == (Unclaimed(Address("ses_setup", "acme-mail"), mail, Owner.ORPHAN),)
    assert reasons(findings) == {"acme-txn": ["other_workspace"]}


def test_which_of_several_lines_is_declared_nobody_can_tell() -> None:
    """Twilio lets several Applications have one name; the entry for each is shown."""
    configuration = load(base_document())
    one, other = line(1, "Acme", "Support line", None), line(2, "acme", "Support line", None)

    assert [each.found for each in found(one, configuration=configuration).unclaimed] == [one]
    findings = found(one, other, configuration=configuration)
    assert reasons(findings) == {f"AP{1:032x}": ["one_of_several"], f"AP{2:032x}": ["one_of_several"]}
    assert f"{{to: use_case.support-line, id: AP{1:032x}}}" in findings.unfit[0].reasons[0].remedy


def test_what_is_imported_already_is_left_out() -> None:
    """An entry under imports names it, and so does a line of that name."""
    document = edited(base_document(), {})
    configuration = load(document)
    line_address = next(address for address in configuration.resources if address.name == "support-line")
    imported = replace(configuration, imports=(Import(line_address, f"AP{1:032x}"),))

    assert found(line(1, "Else", "Where", None), configuration=imported) == Findings(imported=1)


def test_what_is_being_made_is_left_out() -> None:
    """An open intent knows it."""
    desired = load(base_document()).resources[Address("ses_setup", "acme-mail")]
    intent = Intent("1", IntentKind.CREATE, desired.address, "id", NOW, "run", desired)

    assert found(
        Discovered("ses_setup", "acme/mail.acme.example", SES, NOBODYS, {}, {}),
        snapshot=replace(NOTHING, intents=(intent,)),
    ) == Findings(in_state=1)


def test_the_same_name_elsewhere_is_another_object() -> None:
    """What a workspace knows in one region says nothing of another; a name that only one resource may have is taken."""
    configuration = load(base_document())

    findings = found(setup("acme", IRELAND), configuration=configuration)

    assert reasons(findings) == {"acme/mail.acme.example": ["name_taken"]}
    assert "ses_setup.acme-mail has" in findings.unfit[0].reasons[0].message


@pytest.mark.parametrize(
    "marks, owner",
    [
        (None, Owner.UNKNOWN),
        (NOBODYS, Owner.NOBODY),
        (Marks("id", "acme"), Owner.ORPHAN),
        (Marks("id", None), Owner.OTHER),
        (Marks("id", "elsewhere"), Owner.OTHER),
    ],
)
def test_marks_say_whose_it_is(marks: Marks | None, owner: Owner) -> None:
    """What another workspace made is never proposed."""
    findings = found(setup("acme", marks=marks))

    assert [each.owner for each in (*findings.proposals, *findings.unfit)] == [owner]
    assert reasons(findings) == (
        {"acme/mail.acme.example": ["other_workspace"]} if owner is Owner.OTHER else {}
    )


def test_a_mark_that_was_copied_isnt_believed() -> None:
    """Of a resource in state, or of another object that was found: each mark is one resource's."""
    base = applied_base()
    held = base.resources[Address("ses_setup", "acme-mail")]

    findings = found(
        setup("globex", marks=Marks(held.id, "acme")),
        setup("hooli", marks=Marks("id", "acme")),
        setup("initech", marks=Marks("id", "acme")),
        snapshot=base,
    )

    assert list(declared(findings)) == ["ses_setup.hooli"]
    assert reasons(findings) == {
        "globex/mail.globex.example": ["mark_copied"],
        "initech/mail.initech.example": ["mark_copied"],
    }
    assert [unfit.reasons[0].message.partition("mark of ")[2] for unfit in findings.unfit] == [
        "ses_setup.acme-mail, which is another object.",
        "ses_setup.hooli, which is another object.",
    ]


def test_what_its_service_speaks_against_isnt_proposed() -> None:
    """With its own reasons; notes go along with what is proposed."""
    reason, note = (
        Problem("tenant_several_domains", "Several."),
        Problem("note", "Mind.", "", Severity.WARNING),
    )

    findings = found(replace(setup("acme"), problems=(reason,)), replace(setup("globex"), problems=(note,)))

    assert findings.unfit[0].reasons == (reason,)
    assert findings.proposals[0].notes == (note,)


def test_what_a_configuration_may_not_hold_isnt_proposed() -> None:
    """The field is named, and the value isn't repeated: it may hold a password."""
    support = profile(1)
    secret = replace(
        line(1, "Acme", "Support", support),
        attributes={
            "entity_name": "Acme",
            "name": "Support",
            "voice": {"url": "https://user:hunter2@voice.example/", "method": "POST"},
        },
    )

    findings = found(
        support, secret, setup("acme", domain_identity="no domain"), setup("globex", mail_from="A.B")
    )

    told = {reason.data["attribute"]: reason.message for unfit in findings.unfit for reason in unfit.reasons}
    assert set(told) == {"voice.url", "domain_identity", "mail_from"}
    assert "hunter2" not in str(told)


def test_a_use_case_without_its_setup_isnt_proposed() -> None:
    """Its setup is neither declared nor proposed; where it is known, it is named."""
    lonely = sender("Acme", "News", setup("acme"))
    known = replace(lonely, facts={SETUP: "acme/mail.acme.example"})

    assert reasons(found(lonely)) == {"acme_news": ["setup_not_declared"]}
    assert (
        declared(found(known, configuration=load(base_document())))["use_case.acme_news"]["ses_setup"]
        == "acme-mail"
    )


def test_a_use_case_of_a_setup_that_goes_isnt_proposed() -> None:
    """The state knows the setup, and the configuration declares it no more."""
    news = replace(sender("Acme", "News", setup("acme")), facts={SETUP: "acme/mail.acme.example"})

    assert reasons(found(news, snapshot=applied_base())) == {"acme_news": ["setup_not_declared"]}


def test_an_id_that_no_import_can_name_isnt_proposed() -> None:
    """A service may call its objects what it likes."""
    support = profile(1)
    strange = replace(line(1, "Acme", "Support", support), import_id="AP-none")

    assert reasons(found(support, strange)) == {"AP-none": ["value_refused"]}


def test_a_line_of_which_nobody_knows_the_setup_is_left_open() -> None:
    """There are several profiles, and none of its numbers is on one."""
    findings = found(profile(1), profile(2), line(1, "Acme", "Support", None))

    (proposal,) = [each for each in findings.proposals if each.address.kind == "use_case"]
    assert proposal.declared["twilio_setup"] == FILL_IN
    assert [gap.path for gap in proposal.gaps] == [("channel",), ("twilio_setup",)]


def test_a_line_and_a_sender_of_one_name_exclude_each_other() -> None:
    """Channels share their names."""
    acme, support = setup("acme"), profile(1)

    findings = found(acme, sender("Acme", "Bills", acme), support, line(1, "Acme", "Bills", support))

    assert reasons(findings) == {f"AP{1:032x}": ["name_taken"]}


def test_addresses_come_from_names_and_collisions_are_numbered() -> None:
    """In the order of import ids; what is taken in state or configuration is left to it."""
    taken = Configuration(
        "acme",
        "chanplan.yaml",
        {
            Address("twilio_setup", "acme"): Desired(
                Address("twilio_setup", "acme"), {"customer_profile": {"sid": "BU" + "f" * 32}}, TWILIO
            )
        },
    )

    findings = found(
        profile(3, "ACME"), profile(1, "Acme!"), profile(2, "---"), profile(4, "x" * 70), profile(5, "x" * 80),
        configuration=taken,
    )  # fmt: skip

    assert [str(proposal.address) for proposal in findings.proposals] == [
        "twilio_setup.acme-2",
        "twilio_setup.twilio-setup",
        "twilio_setup.acme-3",
        f"twilio_setup.{'x' * 63}",
        f"twilio_setup.{'x' * 61}-2",
    ]


def test_a_set_whose_pool_will_change_is_noted() -> None:
    """Where pools are declared, a use case sends through the one of its family and tier."""
    acme, other = setup("acme"), setup("other", IRELAND)
    senders = [
        sender("Acme", "Bills", acme, "txn"),
        sender("Acme", "News", acme),
        sender("Other", "News", other),
        sender("Other", "Bills", other, "ses-shared-pool"),
    ]

    findings = found(pool("txn"), acme, other, *senders)

    assert {
        str(proposal.address): [note.code for note in proposal.notes]
        for proposal in findings.proposals
        if proposal.notes
    } == {"use_case.acme_news": ["pool_will_change"], "use_case.other_bills": ["pool_will_change"]}


def test_the_alias_is_named_unless_it_is_the_default() -> None:
    """A use case follows its setup."""
    findings = found(setup("acme", IRELAND), pool("txn", IRELAND))

    assert [proposal.declared["provider"] for proposal in findings.proposals] == ["eu", "eu"]


def test_what_couldnt_be_read_is_passed_on() -> None:
    """It hides nothing else."""
    unread = Undiscovered(("sending_pool",), SES, Problem("access_denied", "No."))

    findings = found(setup("acme"), unread)

    assert findings.undiscovered == (unread,)
    assert len(findings.proposals) == 1
