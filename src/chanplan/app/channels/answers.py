"""The answers to requests with an `Idempotency-Key`: a repeated one gets the first, for a day.

A record is written before anything is begun, with the id that was chosen, so that a request that was killed goes on under
the same id; and once more with the answer. A request that was refused leaves none: repeated, it is judged anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from chanplan.model.channel_errors import Unacceptable
from chanplan.model.channels import (
    DnsRecordView,
    EmailUseCaseView,
    Idempotency,
    SetupView,
    VoiceUseCaseView,
)
from chanplan.model.encoding import encode_moment
from chanplan.model.narrowing import Shape, shape_of
from chanplan.model.values import Value
from chanplan.ports.store import Store

KIND = "api-answer"
"""What stores call these records."""
KEPT_FOR = timedelta(hours=24)
PRUNED_EVERY = timedelta(minutes=10)

Answer = SetupView | EmailUseCaseView | VoiceUseCaseView

_SHAPES: Mapping[str, type[SetupView] | type[EmailUseCaseView] | type[VoiceUseCaseView]] = {
    "ses_setup": SetupView,
    "email": EmailUseCaseView,
    "voice": VoiceUseCaseView,
}


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of an earlier request under the same key."""

    id: str
    """The id that was chosen for what it makes."""
    answer: Answer | None
    """None when nobody is known to have answered it."""


class Answers:
    """The records of one workspace. Used by whoever has the turn, and to look at by anybody."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pruned: datetime | None = None

    def find(self, idempotency: Idempotency | None, now: datetime) -> Remembered | None:
        """Give what is known of an earlier request.

        Raises:
            Unacceptable: the key was used for another request (`idempotency_key_reused`).
        """
        record = None if idempotency is None else self._store.kept_one(KIND, idempotency.key)
        if idempotency is None or record is None or record.at < now - KEPT_FOR:
            return None
        shape = shape_of(record.value, KIND)
        if shape.text("request") != idempotency.request_hash:
            raise Unacceptable(
                "idempotency_key_reused",
                "This Idempotency-Key came with another request in the last 24 hours.",
                remedy="Draw a new key for each new request, and repeat a request with its own.",
            )
        inner = shape.optional_inner("answer")
        return Remembered(shape.text("id"), None if inner is None else _decoded(inner))

    def begin(self, idempotency: Idempotency | None, id: str, now: datetime) -> None:
        """Note which id a request is about to make something under."""
        if idempotency is not None:
            self._prune(now)
            self._store.keep(KIND, idempotency.key, {"request": idempotency.request_hash, "id": id}, at=now)

    def end(self, idempotency: Idempotency | None, answer: Answer, now: datetime) -> None:
        """Note how a request was answered."""
        if idempotency is not None:
            value: dict[str, Value] = {
                "request": idempotency.request_hash,
                "id": answer.id,
                "answer": _encoded(answer),
            }
            self._store.keep(KIND, idempotency.key, value, at=now)

    def forget(self, idempotency: Idempotency | None) -> None:
        """Forget a request that left nothing."""
        if idempotency is not None:
            self._store.drop(KIND, idempotency.key)

    def _prune(self, now: datetime) -> None:
        if self._pruned is None or now - self._pruned >= PRUNED_EVERY:
            self._store.prune(KIND, now - KEPT_FOR)
            self._pruned = now


def _encoded(answer: Answer) -> dict[str, Value]:
    (kind,) = (name for name, shape in _SHAPES.items() if isinstance(answer, shape))
    return {"kind": kind, **{field.name: _value(getattr(answer, field.name)) for field in fields(answer)}}


def _value(value: object) -> Value:
    if isinstance(value, datetime):
        return encode_moment(value)
    if isinstance(value, tuple):
        return [_value(each) for each in value]
    if isinstance(value, DnsRecordView):
        return {field.name: _value(getattr(value, field.name)) for field in fields(value)}
    assert value is None or isinstance(value, str | bool), "answers hold texts, moments and records"
    return value


def _decoded(shape: Shape) -> Answer:
    kind = shape.text("kind")
    created, updated = shape.moment("created_at"), shape.moment("updated_at")
    if kind == "ses_setup":
        records = tuple(
            DnsRecordView(
                each.text("address"),
                each.text("record"),
                each.text("type"),
                each.flag("verified", default=False),
            )
            for each in shape.inners("dns_records")
        )
        return SetupView(
            shape.text("id"),
            shape.text("tenant_name"),
            shape.text("domain_identity"),
            shape.optional_moment("dns_checked_at"),
            records,
            created,
            updated,
        )
    named = (
        shape.text("id"),
        shape.text("entity_name"),
        shape.text("name"),
        shape.optional_text("description"),
    )
    if kind == "voice":
        return VoiceUseCaseView(
            *named, shape.text("channel"), shape.text("twilio_setup_id"), created, updated
        )
    return EmailUseCaseView(
        *named,
        shape.text("channel"),
        shape.text("ses_setup_id"),
        shape.text("configuration_set_name"),
        shape.text("sender_email_address"),
        shape.text("email_type"),
        shape.text("tier"),
        created,
        updated,
    )
