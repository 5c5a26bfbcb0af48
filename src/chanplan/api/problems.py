"""The one body of all errors: problem details (RFC 9457) with a stable `error_code`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from chanplan.api.catalogue import CATALOGUE
from chanplan.render.escapes import json_on_one_line
from chanplan.render.masking import without_keys

MEDIA_TYPE = "application/problem+json"
_SHOWN = 500
"""Characters of a text of others that an error repeats."""


class FieldError(BaseModel):
    """One field that is wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: str = Field(description="Where the field stands: body, query, path or header.")
    field: str = Field(description="Its name, with dots where it is nested; empty for the whole body.")
    code: str = Field(description="What is wrong with it, stable.")
    message: str = Field(description="What is wrong with it, in words.")


class ProblemDetails(BaseModel):
    """What every error says (RFC 9457)."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str = Field(description="A name of the error: urn:chanplan:problem: and its code.")
    title: str = Field(description="The error in a few words, always the same for one code.")
    status: int = Field(description="The status of the answer.")
    detail: str = Field(description="What happened, and what to do.")
    instance: str = Field(description="The request's id, as in X-Request-Id and in the server's log.")
    error_code: str = Field(description="The error, stable: programs go by this.")
    remedy: str | None = Field(None, description="What to do, where `detail` doesn't say it.")
    errors: list[FieldError] | None = Field(
        None, description="With invalid_request and invalid: the fields that are wrong, 20 of them at most."
    )
    expected_domain: str | None = Field(
        None, description="With sender_domain_mismatch: the domain that the sender's address must have."
    )
    use_cases: list[str] | None = Field(
        None, description="With setup_in_use: the ids of the use cases that still refer to the setup."
    )
    phone_numbers: list[str] | None = Field(
        None, description="With phone_numbers_assigned: the numbers that are still assigned."
    )
    todo: list[str] | None = Field(
        None, description="With dns_not_verified and profile_not_approved: what somebody must do first."
    )
    state: str | None = Field(
        None, description="With dns_not_verified and profile_not_approved: how far it is, such as pending."
    )
    value: str | None = Field(
        None,
        description="With tenant_exists and others of its sort: the value that is taken, as it is compared.",
    )
    ceiling: int | None = Field(None, description="With service_ceiling: how many the account holds.")
    refusal: str | None = Field(None, description="With refused: the code of the plan's refusal.")
    id: str | None = Field(
        None, description="What stands against it, or isn't there, where it is in the state."
    )
    kind: str | None = Field(None, description="With not_found: what was looked for.")
    address: str | None = Field(
        None, description="With managed_by_configuration: what the configuration calls it."
    )
    service: str | None = Field(
        None, description="With 502 and 504: the service that failed, ses, twilio or dns."
    )
    unfinished: str | None = Field(
        None,
        description="The id of what was begun and isn't finished: the same request again continues it, a DELETE of it takes "
        "it away.",
    )


@dataclass(frozen=True, slots=True)
class Failure:
    """An error, before it is known which request it answers."""

    code: str
    status: int
    title: str
    detail: str
    retry_after: int | None = None
    """Seconds."""
    headers: tuple[tuple[str, str], ...] = ()
    extra: Mapping[str, object] | None = None
    """Members beside the common ones."""

    def document(self, request_id: str) -> dict[str, object]:
        """Give the body."""
        return {
            "type": f"urn:chanplan:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail[: 4 * _SHOWN],
            "instance": request_id,
            "error_code": self.code,
            **(self.extra or {}),
        }

    def body(self, request_id: str) -> bytes:
        """Give the body as bytes: ASCII, so that no character of others plays a trick on whoever reads it."""
        return json_on_one_line(self.document(request_id)).encode("ascii")

    def all_headers(self) -> dict[str, str]:
        """Give the headers that belong to it."""
        retry = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return {**retry, **dict(self.headers)}

    def response(self, request_id: str) -> Response:
        """Give the answer."""
        return Response(self.body(request_id), self.status, headers=self.all_headers(), media_type=MEDIA_TYPE)


class Problem(Exception):
    """Ends a request with an error of the catalogue."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        retry_after: int | None = None,
        headers: Sequence[tuple[str, str]] = (),
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        entry = CATALOGUE[code]
        self.failure = Failure(code, entry.status, entry.title, detail, retry_after, tuple(headers), extra)


def shown(text: str) -> str:
    """Cut a text of others to what an error may repeat of it, and take the secret out of a key that stands in it: answers
    end up in logs and tickets."""
    text = without_keys(text)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
