"""Single calls in one account, each by its name, with answers in our words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

from chanplan.model.errors import Gone, OutcomeUnknown, ProviderError, Transient
from chanplan.model.scopes import Scope
from chanplan.providers.twilio import objects
from chanplan.providers.twilio.objects import Account, Application, Assignment, Number, Profile
from chanplan.providers.twilio.operations import PAGE_SIZE

if TYPE_CHECKING:
    from twilio.rest import Client
    from twilio.rest.api.v2010.account import AccountContext

T = TypeVar("T")

MOST_FILTERED = 20
"""Numbers by which a list of assignments is narrowed down; with more, the address of the request gets too long."""


class _Page(Protocol):
    """A page of a list, as the SDK gives it."""

    @property
    def next_page_url(self) -> str | None: ...

    def __iter__(self) -> Iterator[object]: ...


class Calls:
    """What chanplan asks of one account. Raises `ProviderError`s alone."""

    def __init__(self, scope: Scope, client: "Client") -> None:
        self.scope = scope
        assert scope.account is not None, "a client is made for an account"
        self.account_sid = scope.account
        self._client = client

    def account(self) -> Account:
        """Fetch the account itself."""
        with _read("FetchAccount"):
            return objects.account_in(self._v2010.fetch())

    def profile(self, sid: str) -> Profile | None:
        """Fetch a customer profile, None when there is none that these credentials see."""
        with _read("FetchCustomerProfile"):
            return _or_none(
                lambda: objects.profile_in(self._client.trusthub.v1.customer_profiles(sid).fetch())
            )

    def profiles(self) -> Sequence[Profile]:
        """List all customer profiles."""
        with _read("ListCustomerProfile"):
            listed = self._client.trusthub.v1.customer_profiles
            return [
                objects.profile_in(each) for each in _pages(listed.page(page_size=PAGE_SIZE), listed.get_page)
            ]

    def assignments(self, profile_sid: str, endpoints: Sequence[str] = ()) -> Sequence[Assignment]:
        """List what is assigned to a profile; of these endpoints alone, when some are given. Empty for a profile that
        isn't there."""
        with _read("ListCustomerProfileChannelEndpointAssignment"):
            listed = self._client.trusthub.v1.customer_profiles(
                profile_sid
            ).customer_profiles_channel_endpoint_assignment
            narrowed = {}
            if 0 < len(endpoints) <= MOST_FILTERED:
                narrowed = {"channel_endpoint_sids": ",".join(endpoints)}
            try:
                page = listed.page(page_size=PAGE_SIZE, **narrowed)
            except Gone:
                return []
            found = [objects.assignment_in(each) for each in _pages(page, listed.get_page)]
            return [each for each in found if not endpoints or each.endpoint_sid in endpoints]

    def assign(self, profile_sid: str, number_sid: str) -> Assignment:
        """Assign a phone number to a profile."""
        with _written("CreateCustomerProfileChannelEndpointAssignment"):
            profile = self._client.trusthub.v1.customer_profiles(profile_sid)
            return objects.assignment_in(
                profile.customer_profiles_channel_endpoint_assignment.create(
                    channel_endpoint_type="phone-number", channel_endpoint_sid=number_sid
                )
            )

    def unassign(self, profile_sid: str, assignment_sid: str) -> None:
        """Take an assignment away; one that is gone is as well."""
        with _written("DeleteCustomerProfileChannelEndpointAssignment"):
            profile = self._client.trusthub.v1.customer_profiles(profile_sid)
            _or_none(profile.customer_profiles_channel_endpoint_assignment(assignment_sid).delete)

    def applications(self, name: str | None = None) -> Sequence[Application]:
        """List Applications; those of exactly one name, when it is given."""
        with _read("ListApplication"):
            listed = self._v2010.applications
            narrowed = {} if name is None else {"friendly_name": name}
            page = listed.page(page_size=PAGE_SIZE, **narrowed)
            found = [objects.application_in(each) for each in _pages(page, listed.get_page)]
            # Whether Twilio's filter tells upper from lower case is written nowhere.
            return [each for each in found if name in {None, each.name}]

    def application(self, sid: str) -> Application | None:
        """Fetch an Application, None when it isn't there."""
        with _read("FetchApplication"):
            return _or_none(lambda: objects.application_in(self._v2010.applications(sid).fetch()))

    def create_application(self, settings: Mapping[str, str | bool]) -> Application:
        """Make an Application."""
        with _written("CreateApplication"):
            return objects.application_in(self._v2010.applications.create(**settings))

    def update_application(self, sid: str, settings: Mapping[str, str | bool]) -> Application:
        """Change an Application; an empty text clears."""
        with _written("UpdateApplication"):
            return objects.application_in(self._v2010.applications(sid).update(**settings))

    def delete_application(self, sid: str) -> None:
        """Delete an Application; one that is gone is deleted."""
        with _written("DeleteApplication"):
            _or_none(self._v2010.applications(sid).delete)

    def numbers(self) -> Sequence[Number]:
        """List all phone numbers that the account owns."""
        with _read("ListIncomingPhoneNumber"):
            listed = self._v2010.incoming_phone_numbers
            return [
                objects.number_in(each) for each in _pages(listed.page(page_size=PAGE_SIZE), listed.get_page)
            ]

    def number(self, sid: str) -> Number | None:
        """Fetch a phone number, None when the account doesn't own it."""
        with _read("FetchIncomingPhoneNumber"):
            return _or_none(lambda: objects.number_in(self._v2010.incoming_phone_numbers(sid).fetch()))

    def bind(self, sid: str, application_sid: str | None) -> Number:
        """Let an Application answer a phone number, or none."""
        with _written("UpdateIncomingPhoneNumber"):
            number = self._v2010.incoming_phone_numbers(sid)
            return objects.number_in(number.update(voice_application_sid=application_sid or ""))

    @property
    def _v2010(self) -> "AccountContext":
        return self._client.api.v2010.accounts(self.account_sid)


def _pages(page: _Page, following: Callable[[str], _Page]) -> Iterator[object]:
    """Give the items of all pages. A server whose pages lead in a circle ends it."""
    seen: set[str] = set()
    while True:
        yield from page
        link = page.next_page_url
        if not link or link in seen:
            return
        seen.add(link)
        page = following(link)


def _or_none(call: Callable[[], T]) -> T | None:
    try:
        return call()
    except Gone:
        return None


@contextmanager
def _read(operation: str) -> Iterator[None]:
    """Take what the SDK or we can't make sense of for no answer, which a read may ask for again."""
    try:
        yield
    except ProviderError:
        raise
    except _senseless() as error:
        raise Transient(f"Twilio's answer to {operation} can't be read.", code="no_answer") from error


@contextmanager
def _written(operation: str) -> Iterator[None]:
    """As `_read`, where something may have been done."""
    try:
        yield
    except ProviderError:
        raise
    except _senseless() as error:
        raise OutcomeUnknown(f"Twilio's answer to {operation} can't be read.") from error


def _senseless() -> tuple[type[Exception], ...]:
    from twilio.base.exceptions import TwilioException

    return (TwilioException, AttributeError, KeyError, TypeError, ValueError)
