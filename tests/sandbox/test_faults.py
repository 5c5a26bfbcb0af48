"""Faults on demand: each kind, when it strikes, and what is left behind."""

import threading
import time
from functools import partial

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from chanplan.sandbox.state.faults import Fault, FaultKind


def outcomes(operation, times, **parameters):
    """Calls so often and returns what came: `ok` or the code of the refusal."""
    seen = []
    for _ in range(times):
        try:
            operation(**parameters)
            seen.append("ok")
        except ClientError as error:
            seen.append(error.response["Error"]["Code"])
    return seen


@pytest.mark.parametrize(
    "kind, rest, query, tagging, cloudwatch",
    [
        (
            FaultKind.THROTTLE,
            "429 TooManyRequestsException",
            "400 Throttling",
            "400 ThrottledException",
            "400 Throttling",
        ),
        (
            FaultKind.ERROR_500,
            "500 InternalServiceErrorException",
            "500 InternalFailure",
            "500 InternalServiceException",
            "500 InternalServiceError",
        ),
        (
            FaultKind.ACCESS_DENIED,
            "403 AccessDeniedException",
            "403 AccessDenied",
            "403 AccessDeniedException",
            "403 AccessDenied",
        ),
        (
            FaultKind.EXPIRED_TOKEN,
            "403 ExpiredTokenException",
            "403 ExpiredToken",
            "403 ExpiredTokenException",
            "403 ExpiredToken",
        ),
    ],
)
def test_each_service_has_its_own_words(clients, controls, kind, rest, query, tagging, cloudwatch):
    """The same fault has another code and status in each protocol."""
    controls.add_fault(Fault(kind))
    seen = []
    for operation in (
        clients("sesv2").list_tenants,
        clients("ses").list_receipt_rule_sets,
        clients("sts").get_caller_identity,
        clients("resourcegroupstaggingapi").get_resources,
        partial(clients("cloudwatch").get_metric_data, MetricDataQueries=[], StartTime=0, EndTime=1),
    ):
        with pytest.raises(ClientError) as refusal:
            operation()
        answer = refusal.value.response
        seen.append(f"{answer['ResponseMetadata']['HTTPStatusCode']} {answer['Error']['Code']}")

    assert seen == [rest, query, query, tagging, cloudwatch]


def test_refused_calls_do_nothing(sesv2, controls):
    """A throttled create leaves no tenant behind."""
    controls.add_fault(Fault(FaultKind.THROTTLE, "sesv2:CreateTenant", times=1))

    assert outcomes(sesv2.create_tenant, 2, TenantName="acme") == ["TooManyRequestsException", "ok"]


def test_pattern_after_and_times_choose_the_calls(sesv2, controls):
    """A fault matches by glob, lets calls pass first, and ends."""
    controls.add_fault(Fault(FaultKind.ERROR_500, "sesv2:List*", after=1, times=2))

    assert outcomes(sesv2.get_account, 1) == ["ok"]
    assert outcomes(sesv2.list_tenants, 4) == [
        "ok",
        "InternalServiceErrorException",
        "InternalServiceErrorException",
        "ok",
    ]


def test_probability_draws_from_its_seed(sesv2, controls):
    """The same seed gives the same draws, another gives others."""

    def draws(seed):
        controls.clear_faults()
        controls.add_fault(Fault(FaultKind.THROTTLE, probability=0.5, seed=seed))
        return outcomes(sesv2.list_tenants, 12)

    first = draws(1)

    assert first == draws(1)
    assert first != draws(2)
    assert set(first) == {"ok", "TooManyRequestsException"}


def test_first_matching_fault_decides(sesv2, controls):
    """Faults are tried in the order in which they were added."""
    controls.add_fault(Fault(FaultKind.THROTTLE, "sesv2:*", times=1))
    controls.add_fault(Fault(FaultKind.ACCESS_DENIED))

    assert outcomes(sesv2.list_tenants, 2) == ["TooManyRequestsException", "AccessDeniedException"]
    assert [fault.kind for fault in controls.faults()] == [FaultKind.THROTTLE, FaultKind.ACCESS_DENIED]


def test_drop_before_loses_the_request(sesv2, controls):
    """The connection closes and nothing was done."""
    controls.add_fault(Fault(FaultKind.DROP_BEFORE, "sesv2:CreateTenant", times=1))

    with pytest.raises(ConnectionClosedError):
        sesv2.create_tenant(TenantName="acme")
    assert sesv2.list_tenants()["Tenants"] == []
    assert [call.outcome for call in controls.calls()] == ["drop_before", "ok"]


def test_drop_after_loses_the_answer(sesv2, controls):
    """The connection closes although it was done: a plain repeat meets what the first made."""
    controls.add_fault(Fault(FaultKind.DROP_AFTER, "sesv2:CreateTenant", times=1))

    with pytest.raises(ConnectionClosedError):
        sesv2.create_tenant(TenantName="acme")
    assert outcomes(sesv2.create_tenant, 1, TenantName="acme") == ["AlreadyExistsException"]


def test_hang_is_done_but_never_answered(clients, controls):
    """The client gives up by itself; the call has taken effect."""
    controls.add_fault(Fault(FaultKind.HANG, "sesv2:CreateTenant"))
    sesv2 = clients("sesv2", read_timeout=0.2)

    with pytest.raises(ReadTimeoutError):
        sesv2.create_tenant(TenantName="acme")
    assert [tenant["TenantName"] for tenant in sesv2.list_tenants()["Tenants"]] == ["acme"]


def test_hang_ends_by_itself(sesv2, controls):
    """A patient client sees the connection close after the fault's seconds."""
    controls.add_fault(Fault(FaultKind.HANG, "sesv2:CreateTenant", seconds=0.1))

    with pytest.raises(ConnectionClosedError):
        sesv2.create_tenant(TenantName="acme")


def test_latency_adds_up_and_passes(sesv2, controls):
    """A late call is only late."""
    for _ in range(2):
        controls.add_fault(Fault(FaultKind.LATENCY, "sesv2:ListTenants", seconds=0.05))
    begun = time.monotonic()
    sesv2.list_tenants()

    assert time.monotonic() - begun >= 0.1


def test_quota_counts_each_operation_and_region_on_the_sandbox_s_clock(sesv2, clients, controls):
    """Two calls at once, then one every half second, for each operation and region apart."""
    controls.run_clock_at(0)
    controls.add_fault(Fault(FaultKind.QUOTA, "sesv2:*", rate=2))

    assert outcomes(sesv2.list_tenants, 3) == ["ok", "ok", "TooManyRequestsException"]
    assert outcomes(sesv2.list_email_identities, 1) == ["ok"]
    assert outcomes(clients("sesv2", "eu-west-1").list_tenants, 1) == ["ok"]

    controls.advance(0.5)

    assert outcomes(sesv2.list_tenants, 2) == ["ok", "TooManyRequestsException"]


def test_stop_does_not_wait_for_a_hanging_call(sesv2, sandbox, controls):
    """A sandbox that stops lets go of clients that wait in vain."""
    controls.add_fault(Fault(FaultKind.HANG, "sesv2:CreateTenant"))
    errors = []

    def create():
        try:
            sesv2.create_tenant(TenantName="acme")
        except ConnectionClosedError as error:
            errors.append(error)

    waiting = threading.Thread(target=create)
    waiting.start()
    while not controls.calls():
        time.sleep(0.01)
    sandbox.stop()
    waiting.join()

    assert len(errors) == 1
