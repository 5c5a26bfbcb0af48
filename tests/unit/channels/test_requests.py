"""What the requests of the Channel Manager do, below HTTP: a test for each sentence of the specification, and for what
stands around it."""

from dataclasses import replace

import pytest

from chanplan.app.channels.asking import Grounds, check_ceilings, desired_setup
from chanplan.app.channels.index import Index
from chanplan.model.addresses import Address
from chanplan.model.channel_errors import (
    CONFLICTS,
    UNACCEPTABLE,
    UNPREPARED,
    Conflict,
    NotFound,
    ServiceFailed,
    Unacceptable,
    Unprepared,
)
from chanplan.model.channels import NewSesSetup, UseCaseFilter
from chanplan.model.configuration import Providers
from chanplan.model.errors import Rejected
from chanplan.model.resources import Origin
from chanplan.model.snapshots import Snapshot
from chanplan.providers.memory.faults import Fail
from chanplan.providers.memory.world import Part, key_of
from tests.unit.channels.counter import DELETE, KEY, Counter, call, line, receipts
from tests.unit.execution.scene import SES, TWILIO, email, pool, setup, voice_setup
from tests.unit.execution.scene import line as declared_line

ACME = NewSesSetup("acme", "mail.acme.example")
EVERYTHING = UseCaseFilter()


@pytest.fixture
def counter(tmp_path):
    """A workspace without anything in it."""
    return Counter(folder=tmp_path)


@pytest.fixture
def window(counter):
    """A process of the API."""
    return counter.open()


@pytest.fixture
def voice(counter, window):
    """The id of a Twilio setup whose customer profile is approved."""
    counter.review()
    counter.declare(voice_setup())
    counter.apply()
    window = counter.open()
    (item,) = window.list_twilio_setups()
    return item.id


class TestSesSetups:
    def test_a_create_provisions_tenant_and_identity_and_returns_the_records(self, counter, window):
        """Seven of them, in the specification's order, none verified, and never looked up."""
        made = window.create_ses_setup(ACME, call())

        assert counter.parts() == {"tenant/acme", "identity/mail.acme.example"}
        assert [record.type for record in made.dns_records] == ["CNAME"] * 3 + ["MX", "TXT", "TXT", "MX"]
        assert not any(record.verified for record in made.dns_records)
        assert made.dns_checked_at is None
        assert (made.tenant_name, made.domain_identity) == ("acme", "mail.acme.example")
        assert counter.checker.asked == []

    def test_what_it_makes_is_the_apis_and_has_the_workspaces_tags(self, counter, window):
        """Under an address that tells its id."""
        made = window.create_ses_setup(ACME, call())

        resource = counter.at(made.id)
        assert resource.origin is Origin.API
        assert resource.address == Address("ses_setup", "api-" + made.id.replace("-", "")[:12])
        assert resource.attributes["tags"] == {"team": "growth"}

    @pytest.mark.parametrize(
        "new, code",
        [
            (NewSesSetup("acme", "other.example"), "tenant_exists"),
            (NewSesSetup("ACME", "other.example"), "tenant_exists"),
            (NewSesSetup("other", "mail.acme.example"), "domain_exists"),
            (NewSesSetup("other", "Mail.Acme.Example"), "domain_exists"),
        ],
    )
    def test_a_tenant_or_domain_that_exists_is_a_conflict(self, counter, window, new, code):
        """Whatever the case of its letters; no service is asked."""
        made = window.create_ses_setup(ACME, call())
        asked = len(counter.world.calls)

        with pytest.raises(Conflict) as raised:
            window.create_ses_setup(new, call())

        assert (raised.value.code, raised.value.data["id"]) == (code, made.id)
        assert len(counter.world.calls) == asked

    def test_what_is_declared_and_not_made_yet_has_its_names_already(self, counter):
        """Else the next apply would clash."""
        counter.declare(setup(tenant_name="acme"))

        with pytest.raises(Conflict) as raised:
            counter.open().create_ses_setup(ACME, call())

        assert (raised.value.code, "id" in raised.value.data) == ("tenant_exists", False)
        assert "declared and not made yet" in raised.value.message

    @pytest.mark.parametrize("owner", [None, "other", "acme"])
    def test_an_object_of_that_name_that_the_state_does_not_know_is_left_alone(self, counter, window, owner):
        """Somebody else's, and ours that was lost."""
        counter.world.put(key_of(SES, "tenant", "acme"), Part("acme", id=owner and "1", workspace=owner))

        with pytest.raises(Conflict) as raised:
            window.create_ses_setup(ACME, call())

        assert raised.value.code == ("orphan" if owner == "acme" else "foreign_object")
        assert (counter.writes(), counter.resources) == ([], {})

    @pytest.mark.parametrize(
        "new",
        [
            NewSesSetup("", "a.example"),
            NewSesSetup("a" * 65, "a.example"),
            NewSesSetup("a b", "a.example"),
            NewSesSetup("ä", "a.example"),
            NewSesSetup("acme\n", "a.example"),
            NewSesSetup("acme", ""),
            NewSesSetup("acme", "not a domain"),
            NewSesSetup("acme", ("a" * 60 + ".") * 5 + "example"),
        ],
    )
    def test_limits_and_patterns_hold_below_http_too(self, counter, window, new):
        """With each field that is wrong."""
        with pytest.raises(Unacceptable) as raised:
            window.create_ses_setup(new, call())

        assert raised.value.code == "invalid"
        assert raised.value.data["problems"]
        assert counter.world.calls == []

    def test_a_list_asks_nobody(self, counter, window):
        """No DNS packet and no service call: what was seen last is told."""
        made = counter.verified()
        asked = len(counter.world.calls)

        (item,) = window.list_ses_setups()
        assert (item.id, item.dns_verified, item.dns_checked_at) == (made.id, False, None)
        assert (len(counter.world.calls), counter.checker.asked) == (asked, [])

        window.get_ses_setup(made.id)
        asked = (len(counter.world.calls), len(counter.checker.asked))
        (item,) = window.list_ses_setups()
        assert (item.dns_verified, item.dns_checked_at) == (True, counter.clock.now())
        assert (len(counter.world.calls), len(counter.checker.asked)) == asked

    def test_a_get_looks_and_updates_what_is_cached(self, counter, window):
        """`dns_checked_at` is null until then."""
        made = window.create_ses_setup(ACME, call())
        seen = window.get_ses_setup(made.id)
        assert seen == replace(made, dns_checked_at=counter.clock.now())

        counter.publish(ACME.domain_identity, counter.at(made.id).address)

        assert all(record.verified for record in window.get_ses_setup(made.id).dns_records)

    def test_a_setup_that_somebody_deleted_at_the_service_verifies_nothing(self, counter, window):
        """It is in the state still, and may be deleted."""
        made = counter.verified()
        window.get_ses_setup(made.id)
        for key in list(counter.world.parts()):
            counter.world.lose(key)

        assert not any(record.verified for record in window.get_ses_setup(made.id).dns_records)
        window.delete_ses_setup(made.id, DELETE)
        assert counter.resources == {}

    def test_a_setup_that_does_not_exist_is_not_found(self, window):
        """Whatever the text."""
        for ask in (window.get_ses_setup, lambda id: window.delete_ses_setup(id, DELETE)):
            with pytest.raises(NotFound):
                ask("1b4e28ba-2fa1-11d2-883f-0016d3cca427")

    def test_a_use_case_is_no_setup(self, counter, window):
        """Ids are of one kind each."""
        made = window.create_use_case(receipts(counter.verified().id), call())

        with pytest.raises(NotFound):
            window.get_ses_setup(made.id)
        with pytest.raises(NotFound):
            window.delete_ses_setup(made.id, DELETE)

    def test_a_delete_takes_identity_and_tenant_away(self, counter, window):
        """And needs no other agreement to what is lost."""
        made = window.create_ses_setup(ACME, call())

        window.delete_ses_setup(made.id, DELETE)

        assert (counter.parts(), counter.resources, window.list_ses_setups()) == (set(), {}, [])
        with pytest.raises(NotFound):
            window.delete_ses_setup(made.id, DELETE)

    def test_a_setup_that_use_cases_refer_to_stays(self, counter, window):
        """They are listed, and go first."""
        made = counter.verified()
        use_case = window.create_use_case(receipts(made.id), call())
        asked = len(counter.world.calls)

        with pytest.raises(Conflict) as raised:
            window.delete_ses_setup(made.id, DELETE)

        assert (raised.value.code, raised.value.data["use_cases"]) == ("setup_in_use", [use_case.id])
        assert len(counter.world.calls) == asked
        window.delete_use_case(use_case.id, DELETE)
        window.delete_ses_setup(made.id, DELETE)
        assert counter.parts() == set()

    def test_the_account_holds_so_many_identities(self, counter):
        """As `validate` says of more."""
        desired = desired_setup(ACME, counter.configuration)
        index = Index()
        index.counts["ses_setup", desired.scope.place] = 9_999
        grounds = Grounds(Snapshot(), index, counter.configuration, {})
        check_ceilings(desired, grounds)
        index.counts["ses_setup", desired.scope.place] += 1

        with pytest.raises(Conflict) as raised:
            check_ceilings(desired, grounds)

        assert raised.value.code == "service_ceiling"


class TestEmailUseCases:
    def test_a_create_binds_the_sender_to_the_setup(self, counter, window):
        """With a configuration set of its own, at the first tier."""
        on = counter.verified()

        made = window.create_use_case(replace(receipts(on.id), description="Order receipts"), call())

        assert (made.configuration_set_name, made.tier) == ("acme_receipts", "onboarding")
        assert (made.ses_setup_id, made.description, made.channel) == (on.id, "Order receipts", "email")
        assert "configuration_set/acme_receipts" in counter.parts()
        assert window.list_use_cases(EVERYTHING) == [made]

    def test_dns_that_is_not_verified_is_a_conflict_and_nothing_waits(self, counter, window):
        """It is looked at live, and what was seen is kept."""
        on = window.create_ses_setup(ACME, call())

        with pytest.raises(Conflict) as raised:
            window.create_use_case(receipts(on.id), call())

        assert raised.value.code == "dns_not_verified"
        assert len(raised.value.data["todo"]) == 7
        assert len(counter.resources) == 1
        assert window.list_ses_setups()[0].dns_checked_at == counter.clock.now()
        counter.publish(ACME.domain_identity, counter.at(on.id).address)
        assert window.create_use_case(receipts(on.id), call()).ses_setup_id == on.id

    @pytest.mark.parametrize(
        "other, code",
        [
            ({}, "use_case_exists"),
            (
                {"entity_name": "ACME", "name": "receipts", "sender_email_address": "b@mail.acme.example"},
                "use_case_exists",
            ),
            (
                {"name": "Receipts ", "sender_email_address": "b@mail.acme.example"},
                "configuration_set_exists",
            ),
            ({"name": "Bills"}, "sender_address_bound"),
            ({"name": "Bills", "sender_email_address": "RECEIPTS@mail.acme.example"}, "sender_address_bound"),
        ],
    )
    def test_what_another_use_case_has_is_a_conflict(self, counter, window, other, code):
        """Told apart by code."""
        on = counter.verified()
        window.create_use_case(receipts(on.id), call())

        with pytest.raises(Conflict) as raised:
            window.create_use_case(receipts(on.id, **other), call())

        assert raised.value.code == code

    def test_channels_share_their_names(self, counter, window, voice):
        """A pair of entity_name and name is one use case, whatever its channel."""
        window.create_use_case(line(voice, name="Receipts"), call())
        on = counter.verified()

        with pytest.raises(Conflict) as raised:
            counter.open().create_use_case(receipts(on.id), call())

        assert raised.value.code == "use_case_exists"

    def test_a_sender_of_another_domain_is_told_the_expected_one(self, counter, window):
        """A subdomain is another domain."""
        on = counter.verified()

        with pytest.raises(Unacceptable) as raised:
            window.create_use_case(receipts(on.id, sender_email_address="a@acme.example"), call())

        assert raised.value.code == "sender_domain_mismatch"
        assert raised.value.data == {"expected_domain": "mail.acme.example"}

    @pytest.mark.parametrize(
        "other",
        [
            {"entity_name": "A" * 32},
            {"entity_name": ""},
            {"name": "Receipts 2"},
            {"name": " - "},
            {"description": "x" * 2001},
            {"sender_email_address": "nobody"},
            {"email_type": "other"},
        ],
    )
    def test_limits_and_patterns_hold_below_http_too(self, counter, window, other):
        """Those of the specification, and that a configuration set has a name."""
        on = counter.verified()

        with pytest.raises(Unacceptable) as raised:
            window.create_use_case(receipts(on.id, **other), call())

        assert (raised.value.code, raised.value.data["problems"][0]["field"]) == ("invalid", *other)

    def test_a_setup_that_does_not_exist_is_not_found(self, window, voice):
        """A Twilio setup is no SES setup."""
        for id in ("nothing", voice):
            with pytest.raises(NotFound) as raised:
                window.create_use_case(receipts(id), call())
            assert raised.value.data["kind"] == "ses_setup"

    def test_a_delete_tears_the_configuration_set_down(self, counter, window):
        """And the setup stays."""
        on = counter.verified()
        made = window.create_use_case(receipts(on.id), call())

        window.delete_use_case(made.id, DELETE)

        assert counter.parts() == {"tenant/acme", "identity/mail.acme.example"}
        with pytest.raises(NotFound):
            window.delete_use_case(made.id, DELETE)

    def test_mail_goes_through_the_pool_of_its_family_and_first_tier(self, counter):
        """As declared and made."""
        counter.declare(pool())
        counter.apply()
        on = counter.verified()

        made = counter.open().create_use_case(receipts(on.id), call())

        assert counter.at(made.id).attributes["sending_pool"] == "txn"

    def test_a_pool_that_is_declared_and_not_made_yet_is_a_conflict(self, counter):
        """The API makes no pools, and the shared one isn't what people declared."""
        on = counter.verified()
        counter.declare(pool())

        with pytest.raises(Conflict) as raised:
            counter.open().create_use_case(receipts(on.id), call())

        assert raised.value.code == "pool_missing"
        assert len(counter.resources) == 1

    def test_a_pool_of_another_family_or_tier_stands_in_nobodys_way(self, counter):
        """Made or not."""
        counter.declare(pool(tiers=["onboarding"]))
        counter.apply()
        on = counter.verified()
        counter.declare(
            pool(tiers=["onboarding"]), pool("more", tiers=["premium"]), pool("mkt", family="marketing")
        )

        made = counter.open().create_use_case(receipts(on.id), call())

        assert counter.at(made.id).attributes["sending_pool"] == "txn"

    def test_it_may_stand_on_a_setup_that_people_declared(self, counter):
        """Which then stays, while the use case does."""
        counter.declare(setup())
        counter.apply()
        counter.publish("mail.example", Address("ses_setup", "mail"))
        window = counter.open()
        (on,) = window.list_ses_setups()

        made = window.create_use_case(receipts(on.id, sender_email_address="a@mail.example"), call())

        assert made.ses_setup_id == on.id
        counter.declare()
        assert [refusal.code for refusal in counter.plan().refusals] == ["setup_in_use"]


class TestVoiceUseCases:
    @pytest.mark.parametrize("channel", ["outbound_voice", "inbound_voice", "ringless_voicemail"])
    def test_a_create_makes_an_application(self, counter, window, voice, channel):
        """For each of the channels that Twilio serves."""
        made = window.create_use_case(line(voice, channel=channel), call())

        assert (made.channel, made.twilio_setup_id, made.description) == (channel, voice, None)
        assert window.list_use_cases(EVERYTHING) == [made]
        assert counter.at(made.id).scope == TWILIO

    def test_a_profile_that_is_not_approved_is_a_conflict(self, counter, window, voice):
        """It is read live."""
        counter.review(status="in-review")

        with pytest.raises(Conflict) as raised:
            window.create_use_case(line(voice), call())

        assert raised.value.code == "profile_not_approved"
        assert len(counter.resources) == 1

    def test_a_line_with_phone_numbers_stays(self, counter, window, voice):
        """Whoever assigned them: unassign them first."""
        made = window.create_use_case(line(voice), call())
        sid = counter.at(made.id).facts["application_sid"]
        number = key_of(TWILIO, "number", "+14155550100")
        counter.world.put(
            number, Part("+14155550100", attributes={"sid": "PN1", "application_sid": sid, "trunk_sid": None})
        )

        with pytest.raises(Conflict) as raised:
            window.delete_use_case(made.id, DELETE)

        assert raised.value.code == "phone_numbers_assigned"
        assert raised.value.data["phone_numbers"] == ["+14155550100"]
        counter.world.lose(number)
        window.delete_use_case(made.id, DELETE)
        assert window.list_use_cases(EVERYTHING) == []

    def test_a_setup_that_does_not_exist_is_not_found(self, counter, window):
        """An SES setup is no Twilio setup."""
        with pytest.raises(NotFound) as raised:
            window.create_use_case(line(counter.verified().id), call())

        assert raised.value.data["kind"] == "twilio_setup"


class TestLists:
    def test_all_that_is_given_must_fit(self, counter, window, voice):
        """Four filters, each alone and together."""
        on = counter.verified()
        mail = window.create_use_case(receipts(on.id), call())
        calls = window.create_use_case(line(voice, entity_name="Other"), call())

        def found(**only):
            return window.list_use_cases(UseCaseFilter(**only))

        assert found() == [*sorted((mail, calls), key=lambda each: each.id)]
        assert found(entity_name="Acme") == found(channel="email") == found(ses_setup_id=on.id) == [mail]
        assert (
            found(entity_name="Other")
            == found(channel="inbound_voice")
            == found(twilio_setup_id=voice)
            == [calls]
        )
        assert (
            found(entity_name="Acme", twilio_setup_id=voice)
            == found(channel="x")
            == found(entity_name="acme")
            == []
        )

    def test_what_another_process_made_is_listed(self, counter, window):
        """A list after an answer has what was answered, whoever answered."""
        window.list_ses_setups()

        made = counter.open().create_ses_setup(ACME, call())

        assert [item.id for item in window.list_ses_setups()] == [made.id]
        counter.open().delete_ses_setup(made.id, DELETE)
        assert window.list_ses_setups() == []

    def test_an_item_that_did_not_change_is_the_same_object(self, counter, window):
        """So that whoever writes it down needn't do so again."""
        first = window.create_ses_setup(ACME, call())
        before = window.list_ses_setups()
        window.create_ses_setup(NewSesSetup("other", "other.example"), call())

        after = {item.id: item for item in window.list_ses_setups()}

        assert len(after) == 2
        assert after[first.id] is before[0]


class TestTheConfiguration:
    def test_what_people_declare_is_read_and_not_deleted(self, counter):
        """By its origin, and by its declaration."""
        counter.declare(setup(), email())
        counter.apply()
        counter.publish("mail.example", Address("ses_setup", "mail"))
        counter.apply()
        window = counter.open()
        (item,), (use_case,) = window.list_ses_setups(), window.list_use_cases(EVERYTHING)
        assert window.get_ses_setup(item.id).domain_identity == "mail.example"
        written = len(counter.writes())

        for declared in (counter.configuration, replace(counter.configuration, resources={})):
            counter.configuration = declared
            window = counter.open()
            for delete, id in ((window.delete_use_case, use_case.id), (window.delete_ses_setup, item.id)):
                with pytest.raises(Conflict) as raised:
                    delete(id, DELETE)
                assert raised.value.code == "managed_by_configuration"
        assert len(counter.writes()) == written

    def test_what_the_api_made_is_the_configurations_once_it_is_declared(self, counter, window):
        """Even before the next apply takes it over."""
        made = window.create_ses_setup(ACME, call())
        held = counter.at(made.id)
        counter.declare(replace(setup(), address=held.address, attributes=held.attributes))

        with pytest.raises(Conflict) as raised:
            counter.open().delete_ses_setup(made.id, DELETE)

        assert raised.value.code == "managed_by_configuration"

    def test_without_a_default_alias_nothing_can_be_made(self, counter):
        """Which account it would be, nobody said."""
        counter.configuration = replace(counter.configuration, providers=Providers())

        with pytest.raises(Unprepared) as raised:
            counter.open().create_ses_setup(ACME, call())

        assert raised.value.code == "provider_missing"


class TestServices:
    @pytest.mark.parametrize("operation", ["create_tenant", "create_identity"])
    def test_a_create_that_a_service_refuses_says_what_is_left(self, counter, window, operation):
        """And the same request again continues it."""
        counter.world.fault(Fail(Rejected("No.")), operation=operation)

        with pytest.raises(ServiceFailed) as raised:
            window.create_ses_setup(ACME, call())

        left = counter.resources
        assert raised.value.data.get("unfinished") == next((each.id for each in left.values()), None)
        assert window.list_ses_setups() == []
        made = window.create_ses_setup(ACME, call())
        assert [item.id for item in window.list_ses_setups()] == [made.id]
        assert made.id == raised.value.data.get("unfinished", made.id)

    def test_what_is_left_can_be_deleted_by_its_id(self, counter, window):
        """Nobody has to finish it first."""
        counter.world.fault(Fail(Rejected("No.")), operation="create_identity")
        with pytest.raises(ServiceFailed) as raised:
            window.create_ses_setup(ACME, call())

        window.delete_ses_setup(raised.value.data["unfinished"], DELETE)

        assert (counter.parts(), counter.resources) == (set(), {})


class TestHistory:
    def test_each_change_is_a_run_of_who_asked(self, counter, window):
        """What only looks, or is refused, is none."""
        made = window.create_ses_setup(ACME, call("POST /v1/ses-setup"))
        window.get_ses_setup(made.id)
        with pytest.raises(Conflict):
            window.create_ses_setup(ACME, call())
        window.delete_ses_setup(made.id, call("DELETE /v1/ses-setup"))

        told = [(run.command, run.holder, run.result) for run in counter.store.runs(10)]

        assert told == [
            ("api DELETE /v1/ses-setup", KEY, "done"),
            ("api POST /v1/ses-setup", KEY, "done"),
        ]


def test_every_code_is_declared_once():
    """What HTTP documents is what can come."""
    assert not CONFLICTS & UNACCEPTABLE | CONFLICTS & UNPREPARED
    assert declared_line("a").address.kind == "use_case"
