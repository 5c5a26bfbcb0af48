"""Workspaces as people write them, with what plans are about: shared setups, pools, names that change hands."""

import os
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.unit.execution.scene import SES

PLACES = {
    "providers": {
        "ses": {"default": {"region": "us-east-1", "account_id": "111122223333"}},
        "twilio": {"default": {"account_sid": "AC00000000000000000000000000000001"}},
    }
}
NAMES = ["Alerts", "Bills", "Calls", "Drops", "Extras"]
POOL_NAMES = (("blue", "green"), ("blue", "red"), ("green", "blue"))
KEPT_POOL_NAMES = (("blue", "green"), ("blue", "red"), ("cyan", "green"))
"""No name passes to the other family: while a use case waits in a pool that was replaced, whoever takes the pool's name
is refused (`name_not_free_yet`), until the use case could leave."""
NUMBERS = [f"+1415555010{digit}" for digit in range(5)]
EMAIL, VOICE = ("a", "b", "c"), ("d", "e")

LONGER = 50 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 1
"""How many times as long to look."""

FEW = settings(
    max_examples=40 * LONGER,
    suppress_health_check=[HealthCheck.too_slow],
)
"""For a property; `HYPOTHESIS_PROFILE=long` looks fifty times as long, at other examples each time."""


seldom = st.sampled_from([False] * 11 + [True])
"""What would stop most plans, and so keep their other properties from being looked at."""


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Workspaces with what plans are about: shared setups, pools, and unique values that resources may exchange."""
    names, senders, numbers = (
        draw(st.permutations(values)) if draw(seldom) else values for values in (NAMES, NAMES, NUMBERS)
    )
    use_cases = {
        key: draw(_use_case((key in EMAIL) != draw(seldom), names[index], senders[index], numbers[index]))
        for index, key in enumerate((*EMAIL, *VOICE))
        if not draw(seldom)
    }
    return {
        "version": 1,
        "workspace": "acme",
        **PLACES,
        "tags": draw(st.sampled_from([{}, {"team": "growth"}, {"team": "sales", "stage": "test"}])),
        "sending_pools": draw(_pools()),
        "ses_setups": {name: draw(_setup(name)) for name in ("one", "two")},
        "twilio_setups": {
            name: {"customer_profile": {"sid": "BU" + f"{number}" * 32}}
            for number, name in enumerate(("one", "two"))
        },
        "use_cases": use_cases,
    }


@st.composite
def _use_case(draw: st.DrawFn, email: bool, name: str, sender: str, number: str) -> dict[str, Any]:
    setup = draw(st.sampled_from(["one", "two"]))
    written = {
        "entity_name": "Acme",
        "name": name,
        "description": draw(st.sampled_from([None, "Old", "New"])),
        "lifecycle": {"prevent_destroy": draw(seldom)},
    }
    if email:
        return {
            **written,
            "channel": "email",
            "ses_setup": setup,
            "sender_email_address": f"{sender.lower()}@{setup}.example",
            "email_type": draw(st.sampled_from(["transactional", "marketing"])),
        }
    return {
        **written,
        "channel": draw(st.sampled_from(["inbound_voice", "outbound_voice"])),
        "twilio_setup": setup,
        "phone_numbers": [number] if draw(st.booleans()) else [],
    }


@st.composite
def _setup(draw: st.DrawFn, name: str) -> dict[str, Any]:
    return {
        "tenant_name": f"{name}-new" if draw(seldom) else name,
        "domain_identity": f"{name}.example",
        "mail_from": draw(st.sampled_from(["bounce", "mail"])),
        "reputation_policy": draw(st.sampled_from(["standard", "strict"])),
    }


@st.composite
def _pools(draw: st.DrawFn, names: Sequence[tuple[str, str]] = POOL_NAMES) -> dict[str, Any]:
    if draw(seldom):
        return {}
    pool_names = draw(st.sampled_from(names))
    return {
        family: {
            "pool_name": pool_names[index],
            "family": family,
            "tiers": draw(st.sampled_from([["onboarding"], ["onboarding", "standard"]])),
            "scaling": draw(st.sampled_from(["managed", "standard"])),
        }
        for index, family in enumerate(("transactional", "marketing"))
        if not draw(seldom)
    }


@st.composite
def email_documents(draw: st.DrawFn) -> dict[str, Any]:
    """Workspaces of the email path: names and senders in other hands, use cases on other setups, pools of families."""
    setups = draw(
        st.sampled_from([("one", "two"), ("one", "two"), ("one",), ("two",), ("one", "two", "three")])
    )
    keys = draw(st.lists(st.sampled_from("abcd"), unique=True, max_size=4))
    names = draw(st.permutations(NAMES)) if draw(seldom) else NAMES
    written = {key: draw(_use_case(True, names[index], NAMES[index], "")) for index, key in enumerate(keys)}
    for use_case in written.values():
        setup = draw(st.sampled_from(setups))
        sender = use_case["sender_email_address"].partition("@")[0]
        use_case |= {"ses_setup": setup, "sender_email_address": f"{sender}@{setup}.example"}
    return {
        "version": 1,
        "workspace": "acme",
        "providers": {"ses": {"default": {"region": SES.region, "account_id": SES.account}}},
        "tags": draw(st.sampled_from([{}, {"team": "growth"}])),
        "sending_pools": draw(_pools(KEPT_POOL_NAMES)),
        "ses_setups": {name: draw(_setup(name)) | draw(_receiving) for name in setups},
        "use_cases": written,
    }


_receiving = st.sampled_from(
    [{}, {}, {"receiving": {"rule_set": "inbound", "actions": [{"s3": {"bucket": "acme-inbound"}}]}}]
)
