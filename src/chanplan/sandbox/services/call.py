"""One call as its handler sees it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.state.storage import Scope, Transaction


@dataclass(frozen=True, slots=True)
class Call:
    """A validated call, within the transaction that its effects belong to."""

    operation: str
    """`service:Operation`."""
    scope: Scope
    params: Document
    state: Transaction
    now: float
    """The sandbox's time; every effect of the call carries it."""
    list_lag: float = 0.0
    """Objects younger than this many seconds aren't listed yet."""

    @property
    def listed_until(self) -> float | None:
        """Returns the newest time of creation that lists show, None for all."""
        return self.now - self.list_lag if self.list_lag else None

    def get(self, kind: str, key: str) -> Document | None:
        """Returns an object of the caller's account and region."""
        return self.state.get(self.scope, kind, key)

    def put(self, kind: str, key: str, value: Document) -> None:
        """Stores an object of the caller's account and region."""
        self.state.put(self.scope, kind, key, value, self.now)

    def delete(self, kind: str, key: str) -> None:
        """Removes an object of the caller's account and region."""
        self.state.delete(self.scope, kind, key)

    def arn(self, resource: str, service: str = "ses") -> str:
        """Builds an ARN in the caller's partition, region and account."""
        return f"arn:{self.scope.partition}:{service}:{self.scope.region}:{self.scope.account}:{resource}"


Handler: TypeAlias = Callable[[Call], Document]


def bad_request(message: str) -> ServiceError:
    """Makes sesv2's answer to what it doesn't accept."""
    return ServiceError("BadRequestException", message)


def not_found(message: str) -> ServiceError:
    """Makes sesv2's answer to a name that doesn't exist."""
    return ServiceError("NotFoundException", message)


def already_exists(message: str) -> ServiceError:
    """Makes sesv2's answer to a name that is taken."""
    return ServiceError("AlreadyExistsException", message)


def limit_exceeded(message: str) -> ServiceError:
    """Makes sesv2's answer to a full quota of objects."""
    return ServiceError("LimitExceededException", message)
