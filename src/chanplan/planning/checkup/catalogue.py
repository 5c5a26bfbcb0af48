"""Every code that `doctor` can tell, and how much it means."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from chanplan.model.addresses import Address
from chanplan.model.checkup import Concern, Finding, Weight

T = TypeVar("T")

CATALOGUE: Mapping[str, Weight] = {
    "configuration_valid": Weight.OK,
    "configuration_warning": Weight.WARNING,
    "configuration_invalid": Weight.ERROR,
    "versions": Weight.OK,
    "state_from_newer": Weight.WARNING,
    "state_readable": Weight.OK,
    "state_missing": Weight.NOTE,
    "state_unreadable": Weight.ERROR,
    Concern.NOT_WRITABLE: Weight.ERROR,
    Concern.DAMAGED: Weight.ERROR,
    Concern.CONDITIONS_IGNORED: Weight.ERROR,
    Concern.READABLE_BY_OTHERS: Weight.WARNING,
    Concern.LITTLE_SPACE: Weight.WARNING,
    Concern.NO_VERSIONS: Weight.WARNING,
    Concern.VERSIONS_UNKNOWN: Weight.NOTE,
    "run_ended": Weight.OK,
    "run_under_way": Weight.NOTE,
    "run_failed": Weight.WARNING,
    "run_unfinished": Weight.WARNING,
    "lock_free": Weight.OK,
    "lock_held": Weight.NOTE,
    "lock_silent": Weight.WARNING,
    "lock_left": Weight.ERROR,
    "nothing_begun": Weight.OK,
    "intent_open": Weight.WARNING,
    "intent_unexamined": Weight.WARNING,
    "intent_ambiguous": Weight.ERROR,
    "handover_open": Weight.ERROR,
    "resource_incomplete": Weight.WARNING,
    "approval_open": Weight.NOTE,
    "recovery_waiting": Weight.WARNING,
    "recovery_unreadable": Weight.ERROR,
    "recovery_elsewhere": Weight.NOTE,
    "files_left": Weight.NOTE,
    "endpoint_own": Weight.OK,
    "endpoint_elsewhere": Weight.NOTE,
    "endpoint_unencrypted": Weight.WARNING,
    "credentials_found": Weight.OK,
    "credentials_missing": Weight.ERROR,
    "account_reached": Weight.OK,
    "account_unknown": Weight.WARNING,
    "account_differs": Weight.ERROR,
    "rights_granted": Weight.OK,
    "right_missing": Weight.ERROR,
    "right_advised": Weight.NOTE,
    "service_failed": Weight.ERROR,
    "operation_unoffered": Weight.NOTE,
    "sending_allowed": Weight.OK,
    "sending_confined": Weight.WARNING,
    "sending_paused": Weight.WARNING,
    "objects_found": Weight.OK,
    "object_missing": Weight.WARNING,
    "object_refused": Weight.WARNING,
    "orphan": Weight.WARNING,
    "no_orphans": Weight.OK,
    "dns_answers": Weight.OK,
    "dns_silent": Weight.WARNING,
    "clock_agrees": Weight.OK,
    "clock_differs": Weight.WARNING,
    "clock_went_back": Weight.WARNING,
    "check_failed": Weight.ERROR,
    "check_timed_out": Weight.WARNING,
    "check_left_out": Weight.NOTE,
}

MOST = 5
"""Findings of one code that are told one by one; the rest is a number."""


def finding(check: str, code: str, message: str, remedy: str = "", address: Address | None = None) -> Finding:
    """Give a finding with the weight of its code."""
    return Finding(check, code, CATALOGUE[code], message, remedy, address)


def first_of(items: Iterable[T]) -> tuple[list[T], int]:
    """Give those that are told one by one, and how many more there are."""
    every = list(items)
    return every[:MOST], max(0, len(every) - MOST)
