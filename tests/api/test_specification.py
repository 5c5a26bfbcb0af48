"""The specification of the Channel Manager, sentence by sentence: each that states behaviour has a test of its name.

The quotes are those of `../shared/spec/channel-manager.txt`; the service is the real one, on the sandbox.
"""

import datetime as dt
import json
import re

import pytest

from tests.api.front import SETUP
from tests.api.world import APPROVED, IN_REVIEW, email_for, new_name, voice_for

NOBODYS = "00000000-0000-4000-8000-000000000000"


class TestCreateSesSetup:
    def test_provisions_the_reputation_isolation_boundary_and_domain_identity(self, world, api):
        """A tenant and an identity, associated."""
        setup = world.new_setup()
        ses = world.scene.client()
        assert setup["tenant_name"] in world.tenants()
        assert ses.get_email_identity(EmailIdentity=setup["domain_identity"])["IdentityType"] == "DOMAIN"
        resources = ses.list_tenant_resources(TenantName=setup["tenant_name"])["TenantResources"]
        assert [each["ResourceArn"].endswith(setup["domain_identity"]) for each in resources] == [True]

    def test_returning_the_dns_records_that_must_be_published(self, world):
        """3 DKIM CNAME records, 1 MAIL FROM MX, 1 SPF TXT, 1 DMARC TXT and 1 inbound MX record."""
        setup = world.new_setup()
        domain = setup["domain_identity"]
        records = [(each["type"], each["address"], each["record"]) for each in setup["dns_records"]]
        assert [kind for kind, _, _ in records] == ["CNAME", "CNAME", "CNAME", "MX", "TXT", "TXT", "MX"]
        for _, address, target in records[:3]:
            token = address.removesuffix(f"._domainkey.{domain}")
            assert re.fullmatch("[a-z0-9]{32}", token)
            assert target == f"{token}.dkim.amazonses.com"
        assert records[3:] == [
            ("MX", f"bounce.{domain}", "10 feedback-smtp.us-east-1.amazonses.com"),
            ("TXT", f"bounce.{domain}", "v=spf1 include:amazonses.com ~all"),
            ("TXT", f"_dmarc.{domain}", "v=DMARC1; p=none;"),
            ("MX", domain, "10 inbound-smtp.us-east-1.amazonaws.com"),
        ]
        assert [each["verified"] for each in setup["dns_records"]] == [False] * 7

    def test_last_dns_verification_check_time_null_until_first_refresh(self, world, api):
        """Null in the answer of the POST and in the list."""
        setup = world.new_setup()
        assert setup["dns_checked_at"] is None
        assert listed(api, setup)["dns_checked_at"] is None
        assert api.get(f"/v1/ses-setup/{setup['id']}").json["dns_checked_at"] is not None
        assert listed(api, setup)["dns_checked_at"] is not None

    def test_creation_and_last_update_timestamp(self, world):
        """Moments with their zone, of now."""
        setup = world.new_setup()
        for name in ("created_at", "updated_at"):
            moment = dt.datetime.fromisoformat(setup[name])
            assert abs(moment - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)

    def test_409_if_the_tenant_name_already_exists(self, world, api):
        """Without regard to case, for what people declare too."""
        setup = world.new_setup()
        for tenant in (setup["tenant_name"], setup["tenant_name"].upper(), "declared"):
            answer = api.post(
                "/v1/ses-setup", {"tenant_name": tenant, "domain_identity": f"{new_name()}.example"}
            )
            assert (answer.status, answer.code) == (409, "tenant_exists")

    def test_409_if_the_domain_already_exists(self, world, api):
        """Likewise."""
        setup = world.new_setup()
        for domain in (setup["domain_identity"], setup["domain_identity"].upper(), "mail.declared.example"):
            answer = api.post("/v1/ses-setup", {"tenant_name": new_name(), "domain_identity": domain})
            assert (answer.status, answer.code) == (409, "domain_exists")


class TestListSesSetups:
    def test_returns_all_ses_setups_with_cached_verification_status(self, world, api):
        """As they were when somebody last looked, what people declare too."""
        setup = world.new_setup()
        assert listed(api, setup) == {
            "id": setup["id"],
            "tenant_name": setup["tenant_name"],
            "domain_identity": setup["domain_identity"],
            "dns_verified": False,
            "dns_checked_at": None,
            "created_at": setup["created_at"],
            "updated_at": setup["updated_at"],
        }
        assert "declared" in [item["tenant_name"] for item in api.get("/v1/ses-setup").json["items"]]

    def test_does_not_trigger_live_dns_checks(self, world, api):
        """No DNS packet leaves, and no service is called."""
        setup = world.new_setup()
        world.publish(setup)
        packets, asked = world.door.packets, world.asked()
        for path in ("/v1/ses-setup", "/v1/use-case", "/v1/twilio-setup"):
            assert api.get(path).status == 200
        assert (world.door.packets, world.asked()) == (packets, asked)
        assert listed(api, setup)["dns_verified"] is False

    def test_whether_all_dns_records_are_verified(self, world, api):
        """Six of seven are not all."""
        setup = world.new_setup()
        world.publish(setup, but=[f"_dmarc.{setup['domain_identity']}"])
        api.get(f"/v1/ses-setup/{setup['id']}")
        assert listed(api, setup)["dns_verified"] is False
        world.publish(setup)
        api.get(f"/v1/ses-setup/{setup['id']}")
        assert listed(api, setup)["dns_verified"] is True


class TestGetSesSetup:
    def test_returns_a_single_ses_setup_with_a_live_dns_verification_refresh(self, world, api):
        """DNS is asked, and the flags say what it says."""
        setup = world.new_setup()
        packets = world.door.packets
        first = api.get(f"/v1/ses-setup/{setup['id']}").json
        assert world.door.packets > packets
        assert not any(record["verified"] for record in first["dns_records"])
        world.publish(setup)
        second = api.get(f"/v1/ses-setup/{setup['id']}").json
        assert all(record["verified"] for record in second["dns_records"])
        assert second["dns_checked_at"] >= first["dns_checked_at"]

    def test_checks_dkim_mail_from_dmarc_and_inbound_mx_status(self, world, api):
        """Each by itself: what isn't published isn't verified."""
        setup = world.new_setup()
        domain = setup["domain_identity"]
        world.publish(setup, but=[f"_dmarc.{domain}", domain])
        seen = api.get(f"/v1/ses-setup/{setup['id']}").json
        missing = [record["address"] for record in seen["dns_records"] if not record["verified"]]
        assert missing == [f"_dmarc.{domain}", domain]

    def test_updates_the_cached_verification_state(self, world, api):
        """The list tells of it, and so does the command line."""
        setup = world.new_setup(verified=True)
        assert listed(api, setup)["dns_verified"] is True
        shown = json.loads(world.scene.expect(0, "dns", "records", "--format", "json"))
        ours = [each for each in shown if each["name"].endswith(setup["domain_identity"])]
        assert len(ours) == 7

    def test_same_shape_as_the_post_response(self, world, api):
        """With the flags and the time updated."""
        setup = world.new_setup()
        seen = api.get(f"/v1/ses-setup/{setup['id']}").json
        assert list(seen) == list(setup)
        assert {name: seen[name] for name in seen if name != "dns_checked_at"} == {
            name: setup[name] for name in setup if name != "dns_checked_at"
        }

    def test_404_if_the_setup_does_not_exist(self, world, api):
        """An id of a use case is no setup either."""
        line = api.post("/v1/use-case", voice_for(world.twilio_setup())).json
        for id in (NOBODYS, line["id"]):
            answer = api.get(f"/v1/ses-setup/{id}")
            assert (answer.status, answer.code) == (404, "not_found")


class TestDeleteSesSetup:
    def test_deletes_an_ses_setup_and_its_domain_identity_and_reputation_boundary(self, world, api):
        """204 without content, and nothing is left at SES."""
        setup = world.new_setup()
        answer = api.delete(f"/v1/ses-setup/{setup['id']}")
        assert (answer.status, answer.body) == (204, b"")
        assert setup["tenant_name"] not in world.tenants()
        identities = world.scene.client().list_email_identities()["EmailIdentities"]
        assert setup["domain_identity"] not in [each["IdentityName"] for each in identities]
        assert listed(api, setup) is None
        assert api.get(f"/v1/ses-setup/{setup['id']}").status == 404

    def test_404_if_the_setup_does_not_exist(self, world, api):
        """Nor any more."""
        setup = world.new_setup()
        assert api.delete(f"/v1/ses-setup/{setup['id']}").status == 204
        for id in (setup["id"], NOBODYS):
            answer = api.delete(f"/v1/ses-setup/{id}")
            assert (answer.status, answer.code) == (404, "not_found")

    def test_409_if_email_use_cases_still_reference_the_setup_delete_those_first(self, world, api):
        """They are listed; without them it goes."""
        setup = world.new_setup(verified=True)
        use_case = api.post("/v1/use-case", email_for(setup)).json
        answer = api.delete(f"/v1/ses-setup/{setup['id']}")
        assert (answer.status, answer.code) == (409, "setup_in_use")
        assert answer.json["use_cases"] == [use_case["id"]]
        assert api.delete(f"/v1/use-case/{use_case['id']}").status == 204
        assert api.delete(f"/v1/ses-setup/{setup['id']}").status == 204

    def test_what_people_declare_is_not_deleted(self, world, api):
        """An addition of ours: 409, and it stays."""
        items = api.get("/v1/ses-setup").json["items"]
        declared = next(item for item in items if item["tenant_name"] == "declared")
        answer = api.delete(f"/v1/ses-setup/{declared['id']}")
        assert (answer.status, answer.code) == (409, "managed_by_configuration")
        assert "declared" in world.tenants()


class TestCreateVoiceUseCase:
    @pytest.mark.parametrize("channel", ["outbound_voice", "inbound_voice", "ringless_voicemail"])
    def test_a_use_case_binds_a_channel_to_a_setup(self, world, api, channel):
        """201, with what was asked for."""
        asked = voice_for(world.twilio_setup(), channel=channel, description="Free text ☎")
        made = api.post("/v1/use-case", asked)
        assert made.status == 201
        assert {name: made.json[name] for name in asked} == asked

    def test_description_is_null_where_none_was_given(self, world, api):
        """In the answer and in the list."""
        made = api.post("/v1/use-case", voice_for(world.twilio_setup())).json
        assert made["description"] is None
        assert found(api, made["id"])["description"] is None

    def test_must_have_an_approved_customer_profile(self, world, api):
        """409 while Twilio reviews it, and nothing is made."""
        changes = world.changes()
        answer = api.post("/v1/use-case", voice_for(world.twilio_setup(IN_REVIEW)))
        assert (answer.status, answer.code) == (409, "profile_not_approved")
        assert world.changes() == changes

    def test_404_if_the_referenced_setup_does_not_exist(self, world, api):
        """An SES setup is none that voice can be bound to."""
        setup = world.new_setup()
        for id in (NOBODYS, setup["id"]):
            answer = api.post("/v1/use-case", voice_for(id))
            assert (answer.status, answer.code) == (404, "not_found")

    def test_409_if_a_use_case_with_the_same_entity_name_and_name_already_exists(self, world, api):
        """Across channels and without regard to case."""
        asked = voice_for(world.twilio_setup())
        assert api.post("/v1/use-case", asked).status == 201
        for again in (asked, asked | {"channel": "outbound_voice"}, asked | {"name": asked["name"].upper()}):
            answer = api.post("/v1/use-case", again)
            assert (answer.status, answer.code) == (409, "use_case_exists")


class TestCreateEmailUseCase:
    def test_a_use_case_defines_how_the_channel_is_used(self, world, api):
        """201: every field as it was asked for, the rest as the specification derives it."""
        setup = world.new_setup(verified=True)
        asked = email_for(setup, entity_name="Acme Corp", description="Receipts")
        made = api.post("/v1/use-case", asked)
        assert made.status == 201
        assert {name: made.json[name] for name in asked} == asked

    def test_configuration_set_name_derived_from_entity_name_and_name(self, world, api):
        """And SES has it."""
        setup = world.new_setup(verified=True)
        name = new_name()
        made = api.post("/v1/use-case", email_for(setup, entity_name="Acme Corp-A", name=f"My {name}")).json
        assert made["configuration_set_name"] == f"acme-corp-a_my-{name}"
        assert world.scene.client().get_configuration_set(ConfigurationSetName=made["configuration_set_name"])

    def test_new_use_cases_start_at_onboarding(self, world, api):
        """Of both families."""
        setup = world.new_setup(verified=True)
        for email_type in ("transactional", "marketing"):
            made = api.post("/v1/use-case", email_for(setup, email_type=email_type)).json
            assert (made["email_type"], made["tier"]) == (email_type, "onboarding")

    def test_transactional_and_marketing_traffic_never_share_sending_infrastructure(self, world, api):
        """`email_type` selects the pool family."""
        setup = world.new_setup(verified=True)
        pools = set()
        for email_type in ("transactional", "marketing"):
            made = api.post("/v1/use-case", email_for(setup, email_type=email_type)).json
            told = world.scene.client().get_configuration_set(
                ConfigurationSetName=made["configuration_set_name"]
            )
            pools.add((email_type, told["DeliveryOptions"]["SendingPoolName"]))
        assert pools == {("transactional", "acme-transactional"), ("marketing", "acme-marketing")}

    def test_404_if_the_referenced_setup_does_not_exist(self, world, api):
        """A Twilio setup is none that email can be bound to."""
        for id in (NOBODYS, world.twilio_setup()):
            answer = api.post("/v1/use-case", email_for({"id": id, "domain_identity": "mail.x.example"}))
            assert (answer.status, answer.code) == (404, "not_found")

    def test_409_if_the_setups_dns_is_not_verified(self, world, api):
        """Live: what is published since is believed, without a GET before."""
        setup = world.new_setup()
        asked = email_for(setup)
        answer = api.post("/v1/use-case", asked)
        assert (answer.status, answer.code) == (409, "dns_not_verified")
        world.publish(setup)
        assert api.post("/v1/use-case", asked).status == 201

    def test_409_if_a_use_case_with_the_same_entity_name_and_name_already_exists(self, world, api):
        """Without regard to case."""
        setup = world.new_setup(verified=True)
        asked = email_for(setup)
        assert api.post("/v1/use-case", asked).status == 201
        other = email_for(setup, name=asked["name"].upper())
        answer = api.post("/v1/use-case", other)
        assert (answer.status, answer.code) == (409, "use_case_exists")

    def test_409_if_the_configuration_set_name_is_already_in_use(self, world, api):
        """Other names may fold to the same."""
        setup = world.new_setup(verified=True)
        name = new_name()
        assert api.post("/v1/use-case", email_for(setup, name=f"a {name}")).status == 201
        answer = api.post("/v1/use-case", email_for(setup, name=f"a-{name}"))
        assert (answer.status, answer.code) == (409, "configuration_set_exists")

    def test_409_if_the_sender_address_is_already_bound_to_another_use_case(self, world, api):
        """Without regard to case."""
        setup = world.new_setup(verified=True)
        asked = email_for(setup)
        assert api.post("/v1/use-case", asked).status == 201
        for sender in (asked["sender_email_address"], asked["sender_email_address"].upper()):
            answer = api.post("/v1/use-case", email_for(setup, sender_email_address=sender))
            assert (answer.status, answer.code) == (409, "sender_address_bound")

    def test_422_if_the_sender_email_domain_does_not_match_the_setups_domain_identity(self, world, api):
        """`sender_domain_mismatch` with `expected_domain`; a domain below it is another one."""
        setup = world.new_setup(verified=True)
        domain = setup["domain_identity"]
        for sender in ("a@other.example", f"a@sub.{domain}", f"a@{domain.removeprefix('mail.')}"):
            answer = api.post("/v1/use-case", email_for(setup, sender_email_address=sender))
            assert (answer.status, answer.code) == (422, "sender_domain_mismatch")
            assert answer.json["expected_domain"] == domain


class TestListUseCases:
    def test_each_item_is_a_twilio_or_an_email_response_discriminated_by_channel(self, world, api):
        """The very answers of the POSTs."""
        setup = world.new_setup(verified=True)
        email = api.post("/v1/use-case", email_for(setup)).json
        voice = api.post("/v1/use-case", voice_for(world.twilio_setup())).json
        assert found(api, email["id"]) == email
        assert found(api, voice["id"]) == voice

    def test_all_parameters_are_optional(self, world, api):
        """Without any, all are listed, what people declare too."""
        items = api.get("/v1/use-case").json["items"]
        assert ("Declared", "Line") in [(item["entity_name"], item["name"]) for item in items]

    def test_filter_by_business_entity_name(self, world, api):
        """Exactly."""
        entity = new_name()
        made = api.post("/v1/use-case", voice_for(world.twilio_setup(), entity_name=entity)).json
        assert ids(api, f"entity_name={entity}") == [made["id"]]
        assert ids(api, f"entity_name={entity[:-1]}") == []

    def test_filter_by_channel(self, world, api):
        """Each item has it."""
        made = api.post("/v1/use-case", voice_for(world.twilio_setup(), channel="ringless_voicemail")).json
        items = api.get("/v1/use-case?channel=ringless_voicemail").json["items"]
        assert {item["channel"] for item in items} == {"ringless_voicemail"}
        assert made["id"] in [item["id"] for item in items]

    def test_filter_to_use_cases_bound_to_this_twilio_setup(self, world, api):
        """And no email."""
        approved = world.twilio_setup()
        made = api.post("/v1/use-case", voice_for(approved)).json
        items = api.get(f"/v1/use-case?twilio_setup_id={approved}").json["items"]
        assert made["id"] in [item["id"] for item in items]
        assert {item["twilio_setup_id"] for item in items} == {approved}
        assert ids(api, f"twilio_setup_id={world.twilio_setup(IN_REVIEW)}") == []

    def test_filter_to_use_cases_bound_to_this_ses_setup(self, world, api):
        """And no other."""
        setup, other = world.new_setup(verified=True), world.new_setup(verified=True)
        made = api.post("/v1/use-case", email_for(setup)).json
        api.post("/v1/use-case", email_for(other))
        assert ids(api, f"ses_setup_id={setup['id']}") == [made["id"]]
        assert ids(api, f"ses_setup_id={SETUP}") == []

    def test_filters_together(self, world, api):
        """All must fit."""
        setup = world.new_setup(verified=True)
        entity = new_name()
        made = api.post("/v1/use-case", email_for(setup, entity_name=entity)).json
        query = f"entity_name={entity}&ses_setup_id={setup['id']}&channel="
        assert ids(api, query + "email") == [made["id"]]
        assert ids(api, query + "inbound_voice") == []


class TestDeleteUseCase:
    def test_deletes_a_use_case_and_its_channel_binding(self, world, api):
        """204 without content; the Application is gone, and the name is free."""
        asked = voice_for(world.twilio_setup())
        made = api.post("/v1/use-case", asked).json
        answer = api.delete(f"/v1/use-case/{made['id']}")
        assert (answer.status, answer.body) == (204, b"")
        assert found(api, made["id"]) is None
        with world.scene.controls() as controls:
            names = [each["friendly_name"] for each in controls.twilio.applications()]
        assert f"Acme/{asked['name']}" not in names
        assert api.post("/v1/use-case", asked).status == 201

    def test_refuses_with_409_if_phone_numbers_are_still_assigned_unassign_them_first(self, world, api):
        """They are listed; without them it goes."""
        made = api.post("/v1/use-case", voice_for(world.twilio_setup())).json
        with world.scene.controls() as controls:
            applications = {each["friendly_name"]: each["sid"] for each in controls.twilio.applications()}
            controls.twilio.bind_number("+14155550100", applications[f"Acme/{made['name']}"])
        answer = api.delete(f"/v1/use-case/{made['id']}")
        assert (answer.status, answer.code) == (409, "phone_numbers_assigned")
        assert answer.json["phone_numbers"] == ["+14155550100"]
        with world.scene.controls() as controls:
            controls.twilio.bind_number("+14155550100", None)
        assert api.delete(f"/v1/use-case/{made['id']}").status == 204

    def test_for_email_tears_down_the_sending_configuration_and_reputation_pool_binding(self, world, api):
        """The configuration set is gone, and the address free."""
        setup = world.new_setup(verified=True)
        asked = email_for(setup)
        made = api.post("/v1/use-case", asked).json
        assert api.delete(f"/v1/use-case/{made['id']}").status == 204
        sets = world.scene.client().list_configuration_sets()["ConfigurationSets"]
        assert made["configuration_set_name"] not in sets
        assert api.post("/v1/use-case", asked).status == 201

    def test_404_if_the_use_case_does_not_exist(self, world, api):
        """Nor any more; an id of a setup is no use case."""
        made = api.post("/v1/use-case", voice_for(world.twilio_setup())).json
        assert api.delete(f"/v1/use-case/{made['id']}").status == 204
        for id in (made["id"], NOBODYS, world.twilio_setup()):
            answer = api.delete(f"/v1/use-case/{id}")
            assert (answer.status, answer.code) == (404, "not_found")

    def test_409_for_what_people_declare(self, world, api):
        """An addition of ours."""
        (declared,) = ids(api, "entity_name=Declared")
        answer = api.delete(f"/v1/use-case/{declared}")
        assert (answer.status, answer.code) == (409, "managed_by_configuration")


class TestListTwilioSetups:
    def test_a_caller_finds_the_ids_that_use_cases_are_bound_to(self, world, api):
        """An addition of ours, since the specification says nowhere how."""
        items = api.get("/v1/twilio-setup").json["items"]
        assert {item["name"]: item["customer_profile_sid"] for item in items} == {
            "approved": APPROVED,
            "reviewed": IN_REVIEW,
        }


def listed(api, setup):
    """Finds a setup in the list; None when it isn't there."""
    items = api.get("/v1/ses-setup").json["items"]
    return next((item for item in items if item["id"] == setup["id"]), None)


def found(api, id):
    """Finds a use case in the list; None when it isn't there."""
    return next((item for item in api.get("/v1/use-case").json["items"] if item["id"] == id), None)


def ids(api, query):
    """Gives the ids that a query finds."""
    return [item["id"] for item in api.get(f"/v1/use-case?{query}").json["items"]]
