"""What the dispatcher needs to know of a family of services, and of one request to it."""

from typing import ClassVar, Protocol

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import ServiceError
from chanplan.sandbox.state.faults import FaultKind
from chanplan.sandbox.state.storage import Scope, Transaction
from chanplan.sandbox.wire.messages import Answer, Request


class Exchange(Protocol):
    """One request that was understood: who asks for what, how it is done, and how its answer is written."""

    @property
    def operation(self) -> str:
        """Returns the name by which faults, hooks and the journal know it: `sesv2:CreateTenant`."""

    @property
    def scope(self) -> Scope:
        """Returns the account and region that it is counted for."""

    def struck(self, kind: FaultKind) -> ServiceError:
        """Returns how the service refuses when a fault of this kind strikes that is a refusal."""

    def carried_out(self, state: Transaction, now: float, list_lag: float) -> Document:
        """
        Checks the request, does what it asks for and returns the answer.

        Raises:
            ServiceError: the service refuses.
            ModelBroken: the answer isn't what the service may answer.
        """

    def answer(self, result: Document) -> Answer:
        """Writes the answer of a call that worked."""

    def refusal(self, error: ServiceError) -> Answer:
        """Writes a refusal; raises `ModelBroken` when the service has none like it."""


class Family(Protocol):
    """Services that are spoken to in the same way."""

    recorded: ClassVar[bool]
    """Whether exchanges are recorded when somebody asks for it: those that nothing here holds against a description of
    the service's own."""

    def speaks(self, request: Request) -> bool:
        """Tells whether a request is for one of these services."""

    def opened(self, request: Request, state: Transaction, request_id: str) -> Exchange | Answer:
        """Understands a request; an `Answer` refuses one that asks for nothing that is known."""

    def failed(self, request: Request, message: str, request_id: str) -> Answer:
        """Writes the internal error that stands for a mistake of the sandbox."""
