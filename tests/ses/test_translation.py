"""The table of codes: what each answer of AWS means for us."""

import pytest
from botocore.exceptions import ClientError, SSLError

from chanplan.model.errors import DETAIL_LIMIT, Gone, OutcomeUnknown, Rejected, Throttled, Transient
from chanplan.providers.ses.errors import AlreadyThere, Attempt, Unoffered, translated

WRITE = Attempt("sesv2", "CreateTenant", "default", "us-east-1", "https://email.us-east-1.amazonaws.com")
READ = Attempt("sesv2", "GetTenant", "default", "us-east-1", "https://email.us-east-1.amazonaws.com")


def _answer(code, status, message="Because.", headers=None):
    metadata = {"HTTPStatusCode": status, "HTTPHeaders": headers or {}}
    return ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "Any")


@pytest.mark.parametrize(
    "code, status, kind, ours",
    [
        ("TooManyRequestsException", 429, Throttled, "throttled"),
        ("ThrottlingException", 400, Throttled, "throttled"),
        ("Throttling", 400, Throttled, "throttled"),
        ("ConcurrentModificationException", 500, Transient, "busy"),
        ("ConflictException", 409, Transient, "busy"),
        ("InternalServiceErrorException", 500, OutcomeUnknown, "outcome_unknown"),
        ("ServiceUnavailable", 503, OutcomeUnknown, "outcome_unknown"),
        ("NotFoundException", 404, Gone, "gone"),
        ("RuleSetDoesNotExist", 400, Gone, "gone"),
        ("AlreadyExistsException", 400, AlreadyThere, "already_exists"),
        ("AlreadyExists", 400, AlreadyThere, "already_exists"),
        ("ConfigurationSetAlreadyExistsException", 400, AlreadyThere, "already_exists"),
        ("LimitExceededException", 400, Rejected, "quota"),
        ("LimitExceeded", 400, Rejected, "quota"),
        ("ExpiredTokenException", 403, Rejected, "expired_credentials"),
        ("ExpiredToken", 403, Rejected, "expired_credentials"),
        ("UnrecognizedClientException", 403, Rejected, "invalid_credentials"),
        ("InvalidClientTokenId", 403, Rejected, "invalid_credentials"),
        ("SignatureDoesNotMatch", 403, Rejected, "invalid_credentials"),
        ("AccessDeniedException", 403, Rejected, "access_denied"),
        ("OptInRequired", 403, Rejected, "wrong_region"),
        ("UnknownOperationException", 404, Unoffered, "unsupported_operation"),
        ("404", 404, Unoffered, "unsupported_operation"),
        ("Unknown", 404, Unoffered, "unsupported_operation"),
        ("InvalidAction", 400, Unoffered, "unsupported_operation"),
        ("BadRequestException", 400, Rejected, "rejected"),
        ("SomethingNew", 400, Rejected, "rejected"),
    ],
)
def test_a_code_becomes_what_to_do(code, status, kind, ours):
    """Codes of both APIs, and of emulators."""
    error = translated(_answer(code, status), WRITE)

    assert (type(error), error.code) == (kind, ours)


def test_a_failure_of_a_read_is_transient():
    """Whether it was done doesn't matter."""
    error = translated(_answer("InternalServiceErrorException", 500), READ)

    assert (type(error), error.code) == (Transient, "service_error")


def test_the_service_may_say_when_to_come_again():
    """In seconds."""
    error = translated(_answer("TooManyRequestsException", 429, headers={"retry-after": "7"}), WRITE)

    assert error.retry_after == 7.0


def test_a_signature_error_quotes_nothing():
    """AWS repeats the request's headers there, and with them the session token."""
    said = "The canonical string should have been: x-amz-security-token:SECRET"

    error = translated(_answer("SignatureDoesNotMatch", 403, said), WRITE)

    assert "SECRET" not in error.message + error.remedy


def test_a_signature_for_another_region_is_about_the_region():
    """Credentials are scoped to a region that isn't there."""
    said = "Credential should be scoped to a valid region."

    assert translated(_answer("SignatureDoesNotMatch", 403, said), WRITE).code == "wrong_region"


def test_a_long_text_is_cut():
    """An error fits on a screen."""
    assert len(translated(_answer("BadRequestException", 400, "x" * 5000), WRITE).message) == DETAIL_LIMIT


def test_a_certificate_that_isnt_trusted_stops_before_anything_is_sent():
    """Trying again won't help."""
    error = SSLError(endpoint_url="https://here", error="CERTIFICATE_VERIFY_FAILED")

    assert (type(translated(error, WRITE)), translated(error, WRITE).code) == (
        Rejected,
        "untrusted_certificate",
    )


def test_a_broken_tls_connection_has_an_unknown_outcome():
    """It may have broken after the request."""
    assert type(translated(SSLError(endpoint_url="https://here", error="EOF"), WRITE)) is OutcomeUnknown
