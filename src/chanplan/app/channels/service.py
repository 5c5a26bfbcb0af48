"""What the HTTP layer calls: one method for each request of the specification."""

from collections.abc import Sequence
from typing import Protocol

from chanplan.model.channels import (
    Call,
    NewSesSetup,
    NewUseCase,
    SetupItem,
    SetupView,
    Standing,
    TwilioSetupItem,
    UseCaseFilter,
    UseCaseView,
)


class ChannelService(Protocol):
    """The Channel Manager over one workspace. Safe under many threads; every method is synchronous.

    What is read is what the state holds when the method is called, whoever wrote it: a list after a create that was
    answered has what was created. What is unfinished (`ServiceFailed.data["unfinished"]`) is in no list.

    Every method raises `StateError`s. Those that change something raise `Locked` when their turn doesn't come within
    `Call.lock_timeout`, `Unprepared`, `ServiceFailed` and `ServiceTimedOut`; whatever they raise, either nothing was
    changed or the error's `unfinished` says what was begun. An id may be any text: what isn't the id of anything is
    `NotFound`.
    """

    def create_ses_setup(self, new: NewSesSetup, call: Call) -> SetupView:
        """Make a tenant and a domain identity. `dns_checked_at` of what is new is None, and no record is verified.

        A create that an earlier request began and didn't finish is continued, and keeps its id. Under an idempotency
        key that was answered in the last 24 hours, that answer is given again and nothing is looked at.

        Raises:
            Conflict: `tenant_exists`, `domain_exists`, also of what is declared and not made yet; `foreign_object`,
                `orphan`: such a tenant or domain exists at SES, and isn't in the state.
            Unacceptable: `invalid`, `idempotency_key_reused`.
        """
        ...

    def list_ses_setups(self) -> Sequence[SetupItem]:
        """Give all SES setups, oldest first. No service is called and no DNS packet sent."""
        ...

    def get_ses_setup(self, id: str) -> SetupView:
        """Look at SES and the DNS, store what was seen, and give the setup with it.

        Raises:
            NotFound: there is no such SES setup.
            ServiceFailed: SES couldn't be read; what the state remembers is in the list.
        """
        ...

    def delete_ses_setup(self, id: str, call: Call) -> None:
        """Delete a setup, its domain identity and its tenant. What is lost with it needs no other agreement.

        Raises:
            NotFound: there is no such SES setup (any more).
            Conflict: `setup_in_use` with the ids of its `use_cases`; `managed_by_configuration`; `prevent_destroy`.
        """
        ...

    def list_twilio_setups(self) -> Sequence[TwilioSetupItem]:
        """Give all Twilio setups, oldest first. No service is called."""
        ...

    def create_use_case(self, new: NewUseCase, call: Call) -> UseCaseView:
        """Make a use case. The DNS of its SES setup, or the customer profile of its Twilio setup, is checked live first.

        Raises:
            NotFound: there is no such setup (of the kind that the channel needs).
            Conflict: `dns_not_verified`, `profile_not_approved`, `use_case_exists`, `configuration_set_exists`,
                `sender_address_bound`, `pool_missing`, `foreign_object`, `orphan`.
            Unacceptable: `sender_domain_mismatch` with `expected_domain`; `invalid`; `idempotency_key_reused`.
        """
        ...

    def list_use_cases(self, only: UseCaseFilter) -> Sequence[UseCaseView]:
        """Give the use cases that fit all of the filter, oldest first. No service is called."""
        ...

    def delete_use_case(self, id: str, call: Call) -> None:
        """Delete a use case with its configuration set or Application.

        Raises:
            NotFound: there is no such use case (any more).
            Conflict: `phone_numbers_assigned` with `phone_numbers`; `managed_by_configuration`; `prevent_destroy`.
        """
        ...

    def standing(self) -> Standing:
        """Say whether requests can be answered. Calls no service, and raises nothing."""
        ...

    def close(self) -> None:
        """Let go of the workspace. A change that runs is finished first."""
        ...
