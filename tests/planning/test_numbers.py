"""What a change of a line says of numbers that pass."""

from typing import Any

from chanplan.model.addresses import Address
from chanplan.model.plans import Change
from tests.planning.harness import Case

SUPPORT, SALES = Address("use_case", "support-line"), Address("use_case", "sales-line")


def changes(**written: Any) -> dict[Address, Change]:
    """Plan a case, and give its changes by address."""
    return {change.address: change for change in Case("", "", written).plan().changes}


def passing(**written: Any) -> dict[str, tuple[tuple[str, ...], dict[str, str]]]:
    """Give, for each line that gives or takes a number, what passes and where what it takes was seen."""
    return {
        address.name: (change.passed_numbers, dict(change.seen_numbers))
        for address, change in changes(**written).items()
        if change.passed_numbers or change.seen_numbers
    }


def test_a_giver_knows_what_another_line_takes_and_the_taker_where_it_was_seen() -> None:
    """So the number stays bound until the one call that reassigns it."""
    assert passing(
        edit={
            "use_cases.support-line.phone_numbers": [],
            "use_cases.sales-line.phone_numbers": ["+14155550100"],
        },
        services={"numbers": {"+14155550100": {"application_sid": "AP-support-line"}}},
    ) == {
        "support-line": (("+14155550100",), {}),
        "sales-line": ((), {"+14155550100": "AP-support-line"}),
    }


def test_a_targeted_giver_knows_it_too() -> None:
    """The taker isn't in this plan, and will come for the number."""
    plan = Case(
        "",
        "",
        {
            "edit": {
                "use_cases.support-line.phone_numbers": [],
                "use_cases.sales-line.phone_numbers": ["+14155550100"],
            },
            "ask": {"targets": ["use_case.support-line"]},
        },
    ).plan()

    assert {change.address: change.passed_numbers for change in plan.changes} == {
        SUPPORT: ("+14155550100",),
        Address("twilio_setup", "acme-voice"): (),
    }


def test_what_nobody_takes_doesnt_pass() -> None:
    """It is freed."""
    assert passing(edit={"use_cases.support-line.phone_numbers": ["+14155550177"]}) == {}


def test_what_a_person_bound_to_a_line_and_another_one_declares_passes_too() -> None:
    """The line leaves it alone, whatever else changes of it."""
    assert passing(
        edit={
            "use_cases.support-line.voice": {"url": "https://voice.acme.example/new"},
            "use_cases.sales-line.phone_numbers": ["+14155550177"],
        },
        services={
            "attributes": {"use_case.support-line": {"phone_numbers": ["+14155550100", "+14155550177"]}},
            "numbers": {"+14155550177": {"application_sid": "AP-support-line"}},
        },
    ) == {
        "support-line": (("+14155550177",), {}),
        "sales-line": ((), {"+14155550177": "AP-support-line"}),
    }


def test_refusals_name_number_and_holder() -> None:
    """So that whoever reads them needs no look at Twilio."""
    plan = Case(
        "",
        "",
        {
            "edit": {"use_cases.sales-line.phone_numbers": ["+14155550177", "+14155550178", "+14155550179"]},
            "services": {
                "numbers": {
                    "+14155550177": None,
                    "+14155550178": {"application_sid": "AP-strange"},
                    "+14155550179": {"trunk_sid": "TK-strange"},
                }
            },
        },
    ).plan()

    assert [(refusal.code, refusal.reason) for refusal in plan.refusals] == [
        (
            "number_not_owned",
            "use_case.sales-line asks for +14155550177, which account AC00000000000000000000000000000001 doesn't own.",
        ),
        (
            "number_bound_elsewhere",
            "use_case.sales-line asks for +14155550178 (PN14155550178), which is answered by Application AP-strange, "
            "which isn't chanplan's.",
        ),
        (
            "number_bound_elsewhere",
            "use_case.sales-line asks for +14155550179 (PN14155550179), which takes the calls of SIP trunk TK-strange.",
        ),
    ]
