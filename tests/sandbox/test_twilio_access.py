"""Who is let in at Twilio: tokens, API keys, parents of subaccounts, accounts that aren't active."""

import pytest

from chanplan.sandbox.controls import Controls
from chanplan.sandbox.server import Sandbox
from chanplan.sandbox.state.storage import FILE_NAME
from chanplan.sandbox.twilio_controls import MAIN_ACCOUNT
from tests.sandbox.twilio_client import Twilio, refusal

OTHER = "AC" + "2" * 32
KEY = "SK" + "3" * 32
PROFILE = "BU" + "1" * 32


def may(client, account=None):
    """Returns what a client hears when it lists an account's Applications."""
    context = client.api.v2010.accounts(account) if account else client
    try:
        return len(context.applications.list())
    except Exception as error:  # noqa: BLE001 - the SDK has three exceptions for it
        return error.args[1].status_code


def test_the_sandboxs_own_account_takes_only_its_token(twilio):
    """The one in its environment; any other is refused, for single calls and for lists."""
    wrong = twilio(password="0" * 32)

    assert may(twilio()) == 0
    assert may(wrong) == 401
    assert refusal(wrong.api.v2010.accounts(MAIN_ACCOUNT).fetch) == (401, 20003)


def test_another_account_keeps_to_its_first_token(twilio, directory):
    """It comes into being with it; the token itself is written nowhere, since it may be a real one."""
    assert may(twilio(OTHER, "first-token-of-a-person")) == 0
    assert may(twilio(OTHER, "second")) == 401
    assert may(twilio(OTHER)) == 0
    assert b"first-token" not in (directory / FILE_NAME).read_bytes()
    assert b"first-token" not in (directory / f"{FILE_NAME}-wal").read_bytes()


def test_credentials_that_are_none(sandbox, post):
    """None at all, another scheme, half of a pair, a user that is no account: all the same code."""
    path = f"/api.twilio.com/2010-04-01/Accounts/{MAIN_ACCOUNT}.json"
    heads = [
        {},
        {"Authorization": "Bearer abc"},
        {"Authorization": "Basic !!"},
        {"Authorization": "Basic QUM="},
        {"Authorization": "Basic bm9ib2R5OnNlY3JldA=="},
    ]
    answers = [post("GET", path, headers=head) for head in heads]

    assert [(status, body["code"]) for status, body in answers] == [(401, 20003)] * 5
    assert answers[0][1] == {
        "code": 20003,
        "message": "Authentication Error - No credentials provided",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }


def test_a_parent_reaches_its_subaccounts_on_v2010_alone(twilio, controls):
    """At TrustHub it sees its own profiles, and a subaccount reaches nobody."""
    client = twilio()
    sub = client.api.v2010.accounts.create(friendly_name="Customer 7")
    controls.twilio.approve(PROFILE, sub.sid)
    theirs = twilio(sub.sid)

    assert (sub.owner_account_sid, sub.status) == (MAIN_ACCOUNT, "active")
    assert may(client, sub.sid) == 0
    assert may(theirs) == 0
    assert may(theirs, MAIN_ACCOUNT) == 401
    assert may(twilio(OTHER, "any"), sub.sid) == 401
    assert refusal(client.trusthub.v1.customer_profiles(PROFILE).fetch) == (404, 20404)
    assert theirs.trusthub.v1.customer_profiles(PROFILE).fetch().status == "twilio-approved"
    assert refusal(theirs.api.v2010.accounts.create) == (401, 20003)


def test_an_account_in_a_path_comes_into_being_as_a_subaccount(twilio):
    """So a configuration may name any; an account that was there before isn't taken over."""
    assert may(twilio(), OTHER) == 0
    assert twilio().api.v2010.accounts(OTHER).fetch().owner_account_sid == MAIN_ACCOUNT
    third = "AC" + "3" * 32
    assert may(twilio(third, "any")) == 0
    assert may(twilio(), third) == 401


def test_an_api_key_is_one_accounts(twilio, controls):
    """It belongs to the account that it is used on first, keeps its secret, and reaches no subaccount."""
    key = twilio(KEY, "s3cret", OTHER)

    assert may(key) == 0
    assert may(twilio(KEY, "other", OTHER)) == 401
    assert may(twilio(KEY, "s3cret", MAIN_ACCOUNT)) == 401
    controls.twilio.approve(PROFILE, OTHER)
    assert key.trusthub.v1.customer_profiles(PROFILE).fetch().account_sid == OTHER
    controls.twilio.add_account("AC" + "4" * 32, parent=OTHER)
    assert may(key, "AC" + "4" * 32) == 401


def test_an_unknown_key_speaks_at_trusthub_for_the_sandboxs_account(twilio, controls):
    """A key that was made for another account speaks for that one."""
    controls.twilio.approve(PROFILE)
    controls.twilio.add_api_key("SK" + "4" * 32, OTHER)

    assert twilio(KEY, "any", MAIN_ACCOUNT).trusthub.v1.customer_profiles(PROFILE).fetch().sid == PROFILE
    assert twilio("SK" + "4" * 32, "any", OTHER).trusthub.v1.customer_profiles.list() == []


def test_a_suspended_account(twilio, controls):
    """Its own credentials open nothing; its parent reads it, writes nothing in it, and makes it active again."""
    client = twilio()
    sub = client.api.v2010.accounts.create(friendly_name="Customer 7").sid
    account = client.api.v2010.accounts(sub)
    application = account.applications.create(friendly_name="a")
    account.update(status="suspended")
    theirs = twilio(sub)

    assert refusal(theirs.api.v2010.accounts(sub).fetch) == (401, 20005)
    assert refusal(theirs.trusthub.v1.customer_profiles(PROFILE).fetch) == (401, 20005)
    assert account.fetch().status == "suspended"
    assert [each.sid for each in account.applications.list()] == [application.sid]
    assert refusal(account.applications.create, friendly_name="b") == (401, 20005)
    assert account.update(status="active").status == "active"
    assert may(theirs) == 1


def test_a_closed_account_is_closed_for_good(twilio, controls):
    """It loses its numbers, it is listed still, and nothing about it can be changed."""
    client = twilio()
    sub = client.api.v2010.accounts.create(friendly_name="Customer 7").sid
    controls.twilio.add_number("+14155550100", sub)
    controls.twilio.approve(PROFILE, sub)
    controls.twilio.assign(PROFILE, "+14155550100", sub)
    account = client.api.v2010.accounts(sub)
    account.update(status="closed")

    assert account.incoming_phone_numbers.list() == []
    assert controls.twilio.assignments(sub) == []
    assert refusal(account.update, status="active") == (400, 20001)
    assert refusal(account.update, friendly_name="again") == (400, 20001)
    assert refusal(account.applications.create) == (401, 20005)
    assert refusal(twilio(sub).api.v2010.accounts(sub).fetch) == (401, 20003)
    assert [each.sid for each in client.api.v2010.accounts.list(status="closed")] == [sub]


def test_only_a_parent_changes_a_status(twilio):
    """Not the account itself, and nobody a main account's; names may be changed."""
    client = twilio()
    sub = client.api.v2010.accounts.create().sid
    theirs = twilio(sub).api.v2010.accounts(sub)

    assert refusal(theirs.update, status="suspended") == (401, 20003)
    assert theirs.update(friendly_name="Ours").friendly_name == "Ours"
    assert refusal(client.api.v2010.accounts(MAIN_ACCOUNT).update, status="suspended") == (400, 20001)


def test_accounts_are_listed_by_name_and_status(twilio, controls):
    """The caller's own and its subaccounts, nobody else's."""
    client = twilio()
    made = client.api.v2010.accounts.create(friendly_name="Customer 7").sid
    controls.twilio.add_account(OTHER, name="Customer 7")

    assert {each.sid for each in client.api.v2010.accounts.list()} == {MAIN_ACCOUNT, made}
    assert [each.sid for each in client.api.v2010.accounts.list(friendly_name="Customer 7")] == [made]
    assert client.api.v2010.accounts.list(status="suspended") == []


@pytest.mark.parametrize("status, code", [("suspended", (401, 20005)), ("closed", (401, 20003))])
def test_twilio_itself_suspends_and_closes_main_accounts(twilio, controls, status, code):
    """As for an unpaid bill; the controls play it."""
    controls.twilio.set_account_status(MAIN_ACCOUNT, status)

    assert refusal(twilio().api.v2010.accounts(MAIN_ACCOUNT).fetch) == code


def test_a_suspended_parent_takes_its_subaccounts_along(twilio, controls):
    """Until it is active again."""
    sub = twilio().api.v2010.accounts.create().sid
    controls.twilio.set_account_status(MAIN_ACCOUNT, "suspended")
    during = may(twilio(sub))
    controls.twilio.set_account_status(MAIN_ACCOUNT, "active")

    assert (during, may(twilio(sub))) == (401, 0)


def test_a_thousand_subaccounts(twilio, controls):
    """The next one is refused."""
    for number in range(1000):
        controls.twilio.add_account(f"ACff{number:030}", parent=MAIN_ACCOUNT)

    assert refusal(twilio().api.v2010.accounts.create) == (400, 21480)


def test_accounts_outlive_the_sandbox(directory):
    """The next one on the directory knows them, their tokens and what is in them."""
    for expected in ([0, 401], [1, 401]):
        with Sandbox(directory) as sandbox, Controls(directory) as controls:
            clients = Twilio(sandbox.endpoint)
            seen = [may(clients(OTHER, "first")), may(clients(OTHER, "second"))]
            controls.twilio.add_application("a", OTHER)
            clients.close()
        assert seen == expected
