"""What S3 and the AWS SDK say when they can't, as errors with a remedy."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chanplan.model.configuration import S3Settings
from chanplan.model.errors import DETAIL_LIMIT, StateUnreadable, StateUnwritable

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_THROTTLED = frozenset(
    {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequests"}
)
_BUSY = frozenset({"ConditionalRequestConflict", "OperationAborted", "RequestTimeout", "InternalError"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
_UNKNOWN_KEY = frozenset(
    {"InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidToken"}
)
_SIGNATURE = frozenset({"SignatureDoesNotMatch", "RequestTimeTooSkewed", "InvalidSignatureException"})
_ELSEWHERE = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301", "307"}
)
_DENIED = frozenset({"AccessDenied", "AllAccessDisabled", "AccountProblem", "403"})
_CREDENTIALS = (
    "Give credentials the way the AWS SDK reads them: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "or `profile:` under `state:`."
)
_ACTIONS = {
    "get_object": "s3:GetObject on the state's key and what begins with it, and s3:ListBucket on the bucket (without it "
    "S3 says the same of an object that isn't there)",
    "head_object": "s3:GetObject on the state's key and what begins with it, and s3:ListBucket on the bucket",
    "list_objects_v2": "s3:ListBucket on the bucket",
    "put_object": "s3:PutObject on the state's key and what begins with it, and with a KMS key kms:GenerateDataKey and "
    "kms:Decrypt on that",
    "delete_objects": "s3:DeleteObject on the state's key and what begins with it",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried, for the error's sentence."""

    operation: str
    settings: S3Settings
    endpoint: str
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """What must not be repeated, whoever says it."""

    def quotable(self, text: str) -> str:
        """Give what a server said without secrets, and not longer than anybody reads."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text[:DETAIL_LIMIT]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a server answered instead of doing it."""

    code: str
    status: int
    message: str


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why it can't be done: the sentence's end, what to do, and a code where one fits both sorts of errors."""

    why: str
    remedy: str
    code: str


def refused(error: "ClientError") -> Refusal:
    """Take an answer apart."""
    said = error.response.get("Error", {})
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return Refusal(str(said.get("Code", "")), int(status), str(said.get("Message", "")))


def passes(error: Exception) -> bool:
    """Tell whether the same request may be answered when it is sent again."""
    from botocore import exceptions

    if isinstance(error, exceptions.ClientError):
        said = refused(error)
        return said.code in _THROTTLED | _BUSY or said.status in {409, 429} or said.status >= 500
    if isinstance(error, exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return False
    # A body that breaks off is an IncompleteReadError or one of the HTTP client's.
    return isinstance(
        error, exceptions.HTTPClientError | exceptions.ConnectionError | exceptions.IncompleteReadError
    )


def reading_failed(error: Exception, attempt: Attempt) -> StateUnreadable:
    """Give the error for a state that couldn't be read."""
    fault = _fault(error, attempt)
    return StateUnreadable(
        f"The state {attempt.settings} can't be read: {fault.why}", remedy=fault.remedy, code=fault.code
    )


def writing_failed(error: Exception, attempt: Attempt) -> StateUnwritable:
    """Give the error for a state that couldn't be written."""
    fault = _fault(error, attempt)
    return StateUnwritable(
        f"The state {attempt.settings} can't be written: {fault.why}", remedy=fault.remedy, code=fault.code
    )


def conditions_ignored(place: object, condition: str) -> StateUnwritable:
    """Give the error for a store on which two runs could overwrite each other."""
    return StateUnwritable(
        f"{place}: the endpoint ignores {condition} on PutObject, so that two runs could overwrite each other's state.",
        remedy="Use Amazon S3, or a server that keeps to conditional writes (most do in their latest version); or another "
        "backend.",
        code="conditions_ignored",
    )


def lock_lost(place: object) -> StateUnwritable:
    """Give the error for a run whose lock was broken while it ran: it may write no more."""
    return StateUnwritable(
        f"The state {place} can't be written: the lock of this run was broken, and the state may be another run's.",
        remedy="Let the other run end, then run again: what was begun at the services is found by its mark.",
        code="lock_lost",
    )


def removed(place: object) -> StateUnreadable:
    """Give the error for a state that was there and isn't any more."""
    return StateUnreadable(
        f"The state {place} was removed while it was in use.",
        remedy="Put the object back (a bucket with versioning keeps it) and run again: what was begun at the services is "
        "found by its mark.",
        code="state_removed",
    )


def foreign_lineage(place: object) -> StateUnreadable:
    """Give the error for a state in whose place there is another one."""
    return StateUnreadable(
        f"The state {place} was replaced by another one while it was in use: its lineage is another.",
        remedy="Find out who put it there (`state push` may); a bucket with versioning keeps the earlier one.",
        code="foreign_lineage",
    )


def put_back(place: object) -> StateUnreadable:
    """Give the error for a state of which an earlier version was restored under a run."""
    return StateUnreadable(
        f"An earlier version of the state {place} was put back while it was in use.",
        remedy="Run again: what was begun at the services since is found by its mark.",
        code="state_put_back",
    )


def hole(place: object, entry: str) -> StateUnreadable:
    """Give the error for a journal of which a part is missing."""
    return StateUnreadable(
        f"The state {place} is damaged: the journal object {entry} is missing, and later ones are there.",
        remedy="Restore it from the bucket's versions. No chanplan deletes single entries: a lifecycle rule must not "
        "reach them.",
        code="journal_gap",
    )


def busy(place: object) -> StateUnwritable:
    """Give the error for a state that others change all the time."""
    return StateUnwritable(
        f"The state {place} keeps changing: others write to it all the time.",
        remedy="Try again.",
        code="busy",
    )


def _fault(error: Exception, attempt: Attempt) -> _Fault:
    from botocore import exceptions

    settings = attempt.settings
    if isinstance(error, exceptions.ClientError):
        return _of_answer(refused(error), attempt)
    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return _Fault("no complete AWS credentials were found.", _CREDENTIALS, "no_credentials")
    if isinstance(error, exceptions.ProfileNotFound):
        return _Fault(
            "it names an AWS profile that the AWS configuration doesn't have.",
            "Correct `profile:` under `state:` or AWS_PROFILE; `aws configure list-profiles` lists what there is.",
            "no_credentials",
        )
    if isinstance(
        error,
        exceptions.CredentialRetrievalError
        | exceptions.TokenRetrievalError
        | exceptions.SSOTokenLoadError
        | exceptions.UnauthorizedSSOTokenError,
    ):
        return _Fault(
            "the AWS credentials couldn't be refreshed; a login may have expired.",
            "Log in again, for example with `aws sso login`.",
            "expired_credentials",
        )
    # The last: the SDK asks a server that sends it elsewhere where the bucket is, and is sent elsewhere again.
    if isinstance(error, exceptions.NoRegionError | exceptions.InvalidRegionError | RecursionError):
        return _Fault(
            f"'{settings.region}' isn't a region that AWS knows.",
            "Correct `region:` under `state:`.",
            "wrong_region",
        )
    where = without_login(attempt.endpoint) or "the endpoint"
    if isinstance(error, exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return _Fault(
            f"{where} showed a certificate that isn't trusted.",
            "Check the endpoint; a company's own certificate goes into AWS_CA_BUNDLE.",
            "untrusted_certificate",
        )
    if isinstance(error, exceptions.ProxyConnectionError):
        return _Fault(
            f"the proxy on the way to {where} can't be reached.",
            "Check HTTPS_PROXY, and NO_PROXY for local endpoints.",
            "endpoint_unreachable",
        )
    if passes(error):
        return _Fault(
            f"{where} can't be reached, or gave no proper answer.",
            "Check the network, `region:` and, where one is set, `endpoint_url:` or AWS_ENDPOINT_URL_S3.",
            "endpoint_unreachable",
        )
    if isinstance(error, exceptions.ParamValidationError):
        return _Fault(
            attempt.quotable(str(error)), "Correct `bucket:` and `key:` under `state:`.", "wrong_bucket"
        )
    if isinstance(error, ValueError):
        return _Fault(
            "its endpoint isn't a URL.",
            "Correct `endpoint_url:` or the AWS_ENDPOINT_URL variables; a URL begins with http:// or https://.",
            "wrong_endpoint",
        )
    return _Fault(
        f"the AWS SDK gave up ({type(error).__name__}).",
        "Check the AWS configuration and try again.",
        "aws_sdk",
    )


def _of_answer(said: Refusal, attempt: Attempt) -> _Fault:
    settings = attempt.settings
    quoted = attempt.quotable(said.message or said.code or f"HTTP status {said.status}").rstrip(".") + "."
    if said.code == "NoSuchBucket":
        return _Fault(
            f"there is no bucket '{settings.bucket}'.",
            "Make it (chanplan never makes buckets), or correct `bucket:` under `state:`.",
            "no_bucket",
        )
    if said.code in _ELSEWHERE:
        return _Fault(
            f"the bucket '{settings.bucket}' isn't in region '{settings.region}'.",
            "Correct `region:` under `state:`; `aws s3api get-bucket-location` tells the bucket's.",
            "wrong_region",
        )
    if said.code in _EXPIRED:
        return _Fault(
            "the AWS credentials have expired.",
            "Get new ones (for example `aws sso login`) and run the same command again; nothing is lost.",
            "expired_credentials",
        )
    if said.code in _UNKNOWN_KEY:
        return _Fault(
            "AWS doesn't know these credentials.",
            "Check which ones are in use with `aws sts get-caller-identity`.",
            "invalid_credentials",
        )
    if said.code in _SIGNATURE:
        # Not quoted: S3 repeats the whole request.
        return _Fault(
            "AWS refused the signature.",
            "Check the secret access key, and that this machine's clock is right.",
            "invalid_credentials",
        )
    if said.code.startswith("KMS."):
        return _Fault(
            f"the KMS key can't be used: {quoted}",
            "Correct `encryption: {kms_key_id: …}`, and allow kms:GenerateDataKey and kms:Decrypt on that key.",
            "kms",
        )
    if said.code in _DENIED or said.status == 403:
        return _Fault(
            f"these credentials may not do that: {quoted}",
            f"Allow {_ACTIONS[attempt.operation]}.",
            "access_denied",
        )
    if said.code in _THROTTLED or said.status == 429:
        return _Fault("S3 asks to slow down, again and again.", "Try again in a minute.", "throttled")
    if said.code == "NoSuchKey" or said.status >= 500 or said.code in _BUSY:
        return _Fault(f"S3 has trouble: {quoted}", "Try again.", "service_error")
    if said.code in {"InvalidBucketName", "KeyTooLongError"}:
        return _Fault(quoted, "Correct `bucket:` and `key:` under `state:`.", "wrong_bucket")
    return _Fault(quoted, "Check `state:`, and that the endpoint speaks S3.", "rejected")


def without_login(endpoint: str) -> str:
    """Give an address as errors show it: a user and password in it are somebody's."""
    scheme, separator, rest = endpoint.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}{separator}{place.rpartition('@')[2]}{slash}{path}"
