"""Sets Twilio from outside: what only Twilio, or somebody else with access to the account, does."""

from collections.abc import Sequence

from chanplan.sandbox.documents import Document
from chanplan.sandbox.errors import SandboxError
from chanplan.sandbox.services.twilio import accounts, applications, assignments, numbers, profiles, quirks
from chanplan.sandbox.services.twilio.kinds import (
    ACCOUNT,
    APPLICATION,
    ASSIGNMENT,
    EVERYWHERE,
    KEY,
    NUMBER,
    OWNER_OF_NUMBER,
    PROFILE,
    scope_of,
)
from chanplan.sandbox.state import clock
from chanplan.sandbox.state.storage import Storage, Transaction

MAIN_ACCOUNT: str = quirks.DEFAULT_ACCOUNT.value
"""The account that the sandbox's environment names."""
_ALL = 1_000_000


class TwilioControls:
    """
    The knobs of Twilio in a sandbox's directory. Accounts and profiles that are named come into being.

    Raises:
        SandboxError: what is asked for can't be: a number that somebody has, an Application that isn't there.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def add_account(
        self, sid: str, *, parent: str | None = None, name: str = "Sandbox", status: str = "active"
    ) -> None:
        """Makes an account, or a subaccount of `parent`, that lets in only `token_of(sid)`."""
        with self._storage.transaction() as state:
            now = clock.now(state)
            if parent is not None:
                accounts.met(state, now, parent, owner=parent)
            made = accounts.made(state, now, sid, owner=parent or sid, name=name, lets_in_anybody=False)
            accounts.keep(state, {**made, "status": status})

    def set_account_status(self, sid: str, status: str) -> None:
        """Suspends, closes or reactivates an account, a main one too, as Twilio itself may; closing releases numbers."""
        with self._storage.transaction() as state:
            now = clock.now(state)
            found = accounts.met(state, now, sid, owner=sid)
            accounts.keep(state, {**found, "status": status, "updated": now})
            if status == "closed":
                numbers.release_all(state, sid)

    def add_api_key(self, sid: str, account: str = MAIN_ACCOUNT) -> None:
        """Makes an API key of an account; it keeps to the first secret that it is used with."""
        with self._storage.transaction() as state:
            now = clock.now(state)
            accounts.met(state, now, account, owner=account)
            state.put(EVERYWHERE, KEY, sid, {"account": account, "secret": None}, now)

    def add_number(
        self,
        phone_number: str,
        account: str = MAIN_ACCOUNT,
        *,
        application: str | None = None,
        trunk: str | None = None,
    ) -> str:
        """Gives an account a number, bound to an Application or a trunk if need be; returns its SID."""
        with self._storage.transaction() as state:
            now = clock.now(state)
            accounts.met(state, now, account, owner=account)
            owner = state.get(EVERYWHERE, OWNER_OF_NUMBER, phone_number)
            if owner is not None and owner["account"] != account:
                raise SandboxError(f"{phone_number} is a number of the account {owner['account']} already.")
            if application is not None and state.get(scope_of(account), APPLICATION, application) is None:
                raise SandboxError(f"The account {account} has no Application {application}.")
            number = (
                numbers.made(state, now, account, phone_number)
                if owner is None
                else state.get(scope_of(account), NUMBER, owner["sid"])
            )
            assert number is not None
            if application is not None or trunk is not None:
                number |= {"voice_application_sid": application, "trunk_sid": trunk, "updated": now}
                state.put(scope_of(account), NUMBER, number["sid"], number, now)
            return str(number["sid"])

    def release_number(self, phone_number: str) -> None:
        """Takes a number from whoever has it."""
        with self._storage.transaction() as state:
            owner = state.get(EVERYWHERE, OWNER_OF_NUMBER, phone_number)
            if owner is None:
                raise SandboxError(f"No account has {phone_number}.")
            found = state.get(scope_of(owner["account"]), NUMBER, owner["sid"])
            assert found is not None
            numbers.release(state, found)

    def bind_number(self, phone_number: str, application: str | None, trunk: str | None = None) -> None:
        """Binds a number as somebody else with access to the account would, also to an Application that isn't there."""
        with self._storage.transaction() as state:
            owner = state.get(EVERYWHERE, OWNER_OF_NUMBER, phone_number)
            if owner is None:
                raise SandboxError(f"No account has {phone_number}.")
            scope = scope_of(owner["account"])
            found = state.get(scope, NUMBER, owner["sid"])
            assert found is not None
            changed = {"voice_application_sid": application, "trunk_sid": trunk, "updated": clock.now(state)}
            state.put(scope, NUMBER, found["sid"], {**found, **changed}, found["created"])

    def add_application(self, name: str, account: str = MAIN_ACCOUNT, **parameters: object) -> str:
        """Makes an Application, with a create's parameters (`VoiceUrl=…`); returns its SID."""
        with self._storage.transaction() as state:
            now = clock.now(state)
            accounts.met(state, now, account, owner=account)
            return str(applications.made(state, now, account, {"FriendlyName": name, **parameters})["sid"])

    def remove_application(self, sid: str, account: str = MAIN_ACCOUNT) -> None:
        """Deletes an Application, if it is there, as somebody else would."""
        with self._storage.transaction() as state:
            state.delete(scope_of(account), APPLICATION, sid)

    def add_profile(
        self, sid: str, account: str = MAIN_ACCOUNT, *, name: str = "Sandbox", policy: str = "RN" + "0" * 32
    ) -> None:
        """Makes a draft of a customer profile under a SID; one that is there stays as it is."""
        with self._storage.transaction() as state:
            self._profile(state, clock.now(state), sid, account, name=name, policy=policy)

    def submit(self, sid: str, account: str = MAIN_ACCOUNT) -> None:
        """Hands a profile in for review."""
        self._review(sid, account, "pending-review")

    def begin_review(self, sid: str, account: str = MAIN_ACCOUNT) -> None:
        """Lets Twilio begin to look at a profile."""
        self._review(sid, account, "in-review")

    def approve(self, sid: str, account: str = MAIN_ACCOUNT, *, valid_until: float | None = None) -> None:
        """Approves a profile, for ever or until a time of the sandbox's clock (seconds since 1970)."""
        self._review(sid, account, "twilio-approved", valid_until=valid_until)

    def reject(self, sid: str, account: str = MAIN_ACCOUNT, *, codes: Sequence[int] = ()) -> None:
        """Rejects a profile, for reasons as Twilio numbers them (18601 and following)."""
        self._review(sid, account, "twilio-rejected", codes=codes)

    def reset_to_draft(self, sid: str, account: str = MAIN_ACCOUNT) -> None:
        """Makes a profile the draft that it was."""
        self._review(sid, account, "draft")

    def assign(self, profile: str, phone_number: str, account: str = MAIN_ACCOUNT) -> str:
        """Puts a number on a profile as somebody else would, whatever its status; returns the assignment's SID."""
        with self._storage.transaction() as state:
            now = clock.now(state)
            owner = state.get(EVERYWHERE, OWNER_OF_NUMBER, phone_number)
            if owner is None:
                raise SandboxError(f"No account has {phone_number}.")
            self._profile(state, now, profile, account)
            assignments.forget_number(state, owner["sid"])
            return str(assignments.made(state, now, account, profile, owner["sid"])["sid"])

    def unassign(self, phone_number: str) -> None:
        """Takes a number from its profile, if it is on one."""
        with self._storage.transaction() as state:
            owner = state.get(EVERYWHERE, OWNER_OF_NUMBER, phone_number)
            if owner is not None:
                assignments.forget_number(state, owner["sid"])

    def accounts(self) -> list[Document]:
        """Returns all accounts as the API shows them, with the sandbox's made-up tokens."""
        with self._storage.reading() as state:
            return [accounts.shown(row.value) for row in state.rows(EVERYWHERE, ACCOUNT, limit=_ALL)]

    def applications(self, account: str = MAIN_ACCOUNT) -> list[Document]:
        """Returns the Applications of an account as the API shows them, by SID."""
        with self._storage.reading() as state:
            rows = state.rows(scope_of(account), APPLICATION, limit=_ALL)
            return [applications.shown(row.value) for row in rows]

    def numbers(self, account: str = MAIN_ACCOUNT) -> list[Document]:
        """Returns the numbers of an account as the API shows them, by SID."""
        with self._storage.reading() as state:
            return [numbers.shown(row.value) for row in state.rows(scope_of(account), NUMBER, limit=_ALL)]

    def profiles(self, account: str = MAIN_ACCOUNT) -> list[Document]:
        """Returns the customer profiles of an account as the API shows them, by SID."""
        with self._storage.reading() as state:
            return [profiles.shown(row.value) for row in state.rows(scope_of(account), PROFILE, limit=_ALL)]

    def assignments(self, account: str = MAIN_ACCOUNT) -> list[Document]:
        """Returns what is assigned to the profiles of an account as the API shows it, by profile and SID."""
        with self._storage.reading() as state:
            rows = state.rows(scope_of(account), ASSIGNMENT, limit=_ALL)
            return [assignments.shown(row.value) for row in rows]

    def _review(
        self,
        sid: str,
        account: str,
        status: str,
        *,
        valid_until: float | None = None,
        codes: Sequence[int] = (),
    ) -> None:
        with self._storage.transaction() as state:
            now = clock.now(state)
            self._profile(state, now, sid, account)
            profiles.reviewed(
                state, now, scope_of(account), sid, status=status, valid_until=valid_until, codes=tuple(codes)
            )

    def _profile(
        self,
        state: Transaction,
        now: float,
        sid: str,
        account: str,
        *,
        name: str = "Sandbox",
        policy: str = "RN" + "0" * 32,
    ) -> None:
        accounts.met(state, now, account, owner=account)
        if state.get(scope_of(account), PROFILE, sid) is None:
            given: Document = {
                "friendly_name": name,
                "email": "compliance@sandbox.example",
                "policy_sid": policy,
            }
            profiles.made(state, now, account, sid, given)


def token_of(account: str) -> str:
    """Returns the made-up token that the sandbox lets into an account."""
    return accounts.token_of(account)
