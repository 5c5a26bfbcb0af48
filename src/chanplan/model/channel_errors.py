"""Why the Channel Manager API answers something else than what was asked for.

ChanplanError
├── ChannelError          `data` holds values for machines
│   ├── NotFound          404
│   ├── Conflict          409, told apart by `code`
│   ├── Unacceptable      422, told apart by `code`
│   ├── ServiceFailed     502: SES, Twilio or the DNS said no
│   ├── ServiceTimedOut   504: no answer came in time
│   └── Unprepared        503: nothing can be changed before somebody acts
├── Locked                503: the wait for the workspace was over
└── StateError            503: the state can't be read or written
"""

from collections.abc import Mapping

from chanplan.model.errors import ChanplanError
from chanplan.model.values import Value

CONFLICTS = frozenset(
    {
        "tenant_exists",
        "domain_exists",
        "use_case_exists",
        "configuration_set_exists",
        "sender_address_bound",
        "setup_in_use",
        "dns_not_verified",
        "profile_not_approved",
        "phone_numbers_assigned",
        "managed_by_configuration",
        "prevent_destroy",
        "pool_missing",
        "service_ceiling",
        "foreign_object",
        "orphan",
        "ambiguous",
        "changed_meanwhile",
        "refused",
    }
)
"""Every code that a `Conflict` has."""
UNACCEPTABLE = frozenset({"sender_domain_mismatch", "idempotency_key_reused", "invalid"})
"""Every code that an `Unacceptable` has."""
UNPREPARED = frozenset(
    {"configuration_invalid", "configuration_changed", "provider_missing", "handover_open", "stopping"}
)
"""Every code that an `Unprepared` has."""


class ChannelError(ChanplanError):
    """A request that isn't answered as it was meant."""

    code = "channel"

    def __init__(
        self, code: str, message: str, *, remedy: str = "", data: Mapping[str, Value] | None = None
    ) -> None:
        super().__init__(message, remedy=remedy, code=code)
        self.data: Mapping[str, Value] = data or {}


class NotFound(ChannelError):
    """There is nothing of this id. `data`: `id`, and `kind` (`ses_setup`, `twilio_setup`, `use_case`)."""

    def __init__(self, kind: str, id: str) -> None:
        title = {"ses_setup": "SES setup", "twilio_setup": "Twilio setup", "use_case": "use case"}[kind]
        super().__init__(
            "not_found",
            f"There is no {title} {id}.",
            remedy="List what there is, and use one of its ids.",
            data={"kind": kind, "id": id},
        )


class Conflict(ChannelError):
    """What there is stands against it; nothing was changed. `code` is one of `CONFLICTS`.

    `data` by code: `setup_in_use` has `use_cases`, their ids; `phone_numbers_assigned` has `phone_numbers`;
    `dns_not_verified` and `profile_not_approved` have the gate's `state`, and `todo`, a sentence for each thing that is
    missing; those that name a rival have the `value` that is taken, and its `id` when it is in the state;
    `managed_by_configuration` has the `address`, `service_ceiling` the `ceiling`, `refused` the planner's code, `refusal`.
    """


class Unacceptable(ChannelError):
    """The request itself can't be done, whatever there is. `code` is one of `UNACCEPTABLE`.

    `data`: `sender_domain_mismatch` has `expected_domain`; `invalid` has `problems`, each with `field` and `message`.
    """


class ServiceFailed(ChannelError):
    """A service said no. `code` is that of the service's error: `rejected`, `throttled`, `endpoint_unreachable`, ….

    `data`: `service` (`ses`, `twilio`, `dns`), and `unfinished`, the id of what was begun and isn't finished, when
    there is such a thing: the same request again continues it, and a DELETE of the id takes it away. Where nobody does
    either, the next request that changes something or the next `apply` finishes it. `retry_after` is in seconds, when the service said so.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        remedy: str = "",
        data: Mapping[str, Value] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code, message, remedy=remedy, data=data)
        self.retry_after = retry_after


class ServiceTimedOut(ServiceFailed):
    """A service didn't answer in time: whether it did what it was asked for, the next look tells. `data` as above."""


class Unprepared(ChannelError):
    """Nothing can be changed before somebody acts; reading goes on. `code` is one of `UNPREPARED`."""
