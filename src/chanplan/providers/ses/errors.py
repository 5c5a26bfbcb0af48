"""One translation of everything that boto3 raises into the errors of the model.

The engine asks one question of an error: what now? So codes of the service become few classes:

    throttled                                    Throttled
    busy, nothing was sent                       Transient
    5xx, no answer (a read)                      Transient: looking twice is harmless
    5xx, no answer (a write)                     OutcomeUnknown
    it isn't there                               Gone
    it is there already                          AlreadyThere, which never leaves this package's creates
    credentials, permissions, quotas, the rest   Rejected, with a code that says which

Texts of the service are quoted, except those about signatures: they repeat the request's headers, and with
them session tokens.
"""

import re
from dataclasses import dataclass, field

from chanplan.model.errors import (
    Gone,
    OutcomeUnknown,
    ProviderError,
    Rejected,
    Throttled,
    Transient,
    Unreachable,
)

QUOTED_LENGTH = 500
"""Longer texts of a server are cut: it may answer with a whole page."""

_THROTTLED = frozenset(
    {
        "BandwidthLimitExceeded",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
    }
)
# The service says of itself that somebody else was faster and nothing was done (ConcurrentModification comes as
# a 500, ses.md 3).
_BUSY = frozenset({"ConcurrentModificationException", "ConflictException"})
_MISSING = frozenset(
    {
        "NotFoundException",
        "ResourceNotFoundException",
        "RuleDoesNotExist",
        "RuleDoesNotExistException",
        "RuleSetDoesNotExist",
        "RuleSetDoesNotExistException",
    }
)
_QUOTA = frozenset({"LimitExceeded", "LimitExceededException"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
_UNKNOWN_KEY = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"})
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"})
_SIGNATURE = frozenset(
    {"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "RequestExpired"}
)
_NOT_ENABLED = frozenset({"OptInRequired", "SubscriptionRequiredException"})
_UNSUPPORTED = frozenset(
    {"InvalidAction", "NotImplemented", "UnknownOperationException", "UnsupportedOperation", "404", "501"}
)

# MiniStack (1.5) answers a path that it doesn't know with the code of a missing object: only the sentence tells.
_UNKNOWN_PATH = re.compile(r"Unknown SES v2 path: ")

_CREDENTIALS_REMEDY = (
    "Give credentials the way the AWS SDK reads them: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "or `profile:` under the alias; or try it without an account: chanplan --sandbox"
)


_IAM_PREFIXES = {"sts": "sts", "resourcegroupstaggingapi": "tag", "cloudwatch": "cloudwatch"}


class Unoffered(Rejected):
    """The endpoint doesn't know the operation; it isn't AWS's own."""

    code = "unsupported_operation"


class AlreadyThere(Rejected):
    """The name is taken; whether by us, a read must tell."""

    code = "already_exists"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried, for the error's sentence."""

    service: str
    """`sesv2`, `ses`, `sts`, `resourcegroupstaggingapi` or `cloudwatch`."""
    operation: str
    alias: str
    region: str
    endpoint: str | None = None
    """The address that was called, without a login; None when no client could be made."""
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """What must not be repeated, whoever says it: an emulator or a proxy may answer with the request's own headers."""

    @property
    def reads(self) -> bool:
        """Whether it only looks, so that doing it again can't hurt."""
        return self.operation.startswith(("Get", "List", "Describe", "BatchGet"))

    @property
    def permission(self) -> str:
        """The IAM action that it needs."""
        return f"{_IAM_PREFIXES.get(self.service, 'ses')}:{self.operation}"

    def quotable(self, text: str) -> str:
        """Give what a server said as our errors quote it: without secrets, and not longer than anybody reads."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text if len(text) <= QUOTED_LENGTH else f"{text[:QUOTED_LENGTH]}…"

    def __str__(self) -> str:
        return f"{self.operation} ({self.region})"


def without_login(endpoint: str | None) -> str | None:
    """Give an address as errors show it: a user and password in it are somebody's."""
    if endpoint is None or "@" not in endpoint:
        return endpoint
    scheme, _, rest = endpoint.partition("://")
    place, slash, path = rest.partition("/")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path}"


def translated(error: Exception, attempt: Attempt) -> ProviderError:
    """Give the model's error for one that boto3 raised. The caller chains the original."""
    from botocore import exceptions

    if isinstance(error, exceptions.ClientError):
        return _of_answer(error, attempt)
    if isinstance(error, exceptions.EndpointConnectionError | exceptions.ConnectTimeoutError):
        return _unreachable(attempt)
    if isinstance(error, exceptions.ProxyConnectionError):
        return Unreachable(
            f"The proxy on the way to {attempt.endpoint} can't be reached, so {attempt} was not sent.",
            remedy="Check HTTPS_PROXY, and NO_PROXY for local endpoints.",
        )
    if isinstance(error, exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Rejected(
            f"{attempt.endpoint} showed a certificate that isn't trusted, so {attempt} was not sent.",
            remedy="Check the endpoint; a company's own certificate goes into AWS_CA_BUNDLE.",
            code="untrusted_certificate",
        )
    if isinstance(error, exceptions.HTTPClientError):
        return _unanswered(attempt)
    if isinstance(error, exceptions.ProfileNotFound):
        return Rejected(
            f"Alias '{attempt.alias}' of providers.ses names an AWS profile that the AWS configuration doesn't have.",
            remedy="Correct `profile:` or AWS_PROFILE; `aws configure list-profiles` lists what there is.",
            code="no_credentials",
        )
    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return Rejected(
            f"No complete AWS credentials were found for alias '{attempt.alias}', so {attempt} was not sent.",
            remedy=_CREDENTIALS_REMEDY,
            code="no_credentials",
        )
    if isinstance(
        error,
        exceptions.CredentialRetrievalError
        | exceptions.TokenRetrievalError
        | exceptions.SSOTokenLoadError
        | exceptions.UnauthorizedSSOTokenError,
    ):
        return Rejected(
            f"The AWS credentials of alias '{attempt.alias}' couldn't be refreshed; a login may have expired.",
            remedy="Log in again, for example with `aws sso login`.",
            code="expired_credentials",
        )
    if isinstance(error, exceptions.InvalidRegionError | exceptions.NoRegionError):
        return _wrong_region(attempt)
    if isinstance(error, exceptions.ParamValidationError):
        return Rejected(
            f"{attempt} can't be asked like this: {attempt.quotable(str(error))}", code="invalid_request"
        )
    if isinstance(error, ValueError):
        return Rejected(
            f"The endpoint of alias '{attempt.alias}' isn't a URL.",
            remedy="Correct `endpoint_url:` or the AWS_ENDPOINT_URL variables; a URL begins with http:// or https://.",
            code="wrong_endpoint",
        )
    return _unanswered(attempt)


def _of_answer(error: "object", attempt: Attempt) -> ProviderError:
    from botocore.exceptions import ClientError

    assert isinstance(error, ClientError)
    code = str(error.response.get("Error", {}).get("Code", ""))
    metadata = error.response.get("ResponseMetadata", {})
    status = int(metadata.get("HTTPStatusCode", 0))
    said = attempt.quotable(
        str(error.response.get("Error", {}).get("Message") or code or f"HTTP status {status}")
    )
    quoted = f"{attempt}: {said}"
    if code in _THROTTLED or status == 429:
        return Throttled(
            f"{attempt} was throttled: {said}",
            retry_after=_seconds(metadata.get("HTTPHeaders", {}).get("retry-after")),
        )
    if code in _BUSY:
        return Transient(quoted, code="busy")
    if code in _MISSING and not _UNKNOWN_PATH.match(said):
        return Gone(quoted)
    if code.endswith(("AlreadyExists", "AlreadyExistsException")):
        return AlreadyThere(quoted)
    if code in _QUOTA:
        return Rejected(
            quoted,
            remedy=f"Ask AWS for more in region {attempt.region} (Service Quotas, Amazon SES), or use another region.",
            code="quota",
        )
    if code in _EXPIRED:
        return Rejected(
            f"The AWS credentials of alias '{attempt.alias}' have expired.",
            remedy="Get new ones (for example `aws sso login`) and run the same command again; nothing is lost.",
            code="expired_credentials",
        )
    if code in _UNKNOWN_KEY:
        return Rejected(
            f"AWS doesn't know the credentials of alias '{attempt.alias}'.",
            remedy="Check which ones are in use with `aws sts get-caller-identity`.",
            code="invalid_credentials",
        )
    if code in _NOT_ENABLED:
        return Rejected(
            f"Region {attempt.region} isn't enabled in this AWS account.",
            remedy="Enable it in the account's settings, or choose another `region:`.",
            code="wrong_region",
        )
    if code in _DENIED or (status == 403 and code not in _SIGNATURE):
        tagging = " and ses:TagResource" if attempt.operation in _TAGGING else ""
        return Rejected(
            f"{attempt} isn't allowed to these credentials: {said}",
            remedy=f"Allow {attempt.permission}{tagging} in the IAM policy behind alias '{attempt.alias}'.",
            code="access_denied",
        )
    if code in _SIGNATURE:
        if "region" in said.lower():
            return _wrong_region(attempt)
        return Rejected(
            f"AWS refused the signature of {attempt}.",
            remedy="Check the secret access key, and that this machine's clock is right.",
            code="invalid_credentials",
        )
    # A page that isn't SES's own answer has whatever code the parser makes of it.
    if code in _MISSING or code in _UNSUPPORTED or status in {404, 405, 501}:
        return Unoffered(
            f"{attempt.endpoint} doesn't offer {attempt.operation}.",
            remedy="It may be an emulator that knows only a part of SES, or not SES at all: check the endpoint.",
        )
    if status >= 500:
        if attempt.reads:
            return Transient(quoted, code="service_error")
        return OutcomeUnknown(
            f"{attempt} was answered with an error that doesn't say whether it was done: {said}"
        )
    return Rejected(quoted)


_TAGGING = frozenset(
    {"CreateTenant", "CreateEmailIdentity", "CreateConfigurationSet", "CreateDedicatedIpPool"}
)


def _unreachable(attempt: Attempt) -> Unreachable:
    own = ".amazonaws.com" in (attempt.endpoint or "")
    return Unreachable(
        f"Can't connect to {attempt.endpoint}, so {attempt} was not sent.",
        remedy=f"Check the network, and that SES is offered in region '{attempt.region}'."
        if own
        else "Start what should listen there, or correct the AWS_ENDPOINT_URL variables or `endpoint_url:`.",
    )


def _unanswered(attempt: Attempt) -> ProviderError:
    if attempt.reads:
        return Transient(f"{attempt.endpoint} gave no proper answer to {attempt}.", code="no_answer")
    return OutcomeUnknown(f"{attempt} was sent to {attempt.endpoint}, and no proper answer came.")


def _wrong_region(attempt: Attempt) -> Rejected:
    return Rejected(
        f"'{attempt.region}' isn't a region that AWS accepts for alias '{attempt.alias}'.",
        remedy="Correct `region:` under providers.ses; it looks like us-east-1.",
        code="wrong_region",
    )


def _seconds(header: object) -> float | None:
    try:
        return max(0.0, float(str(header)))
    except ValueError:
        return None
