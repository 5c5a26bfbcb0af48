"""The `ChannelService` over a workspace."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from chanplan.app.channels.answers import Answer, Answers
from chanplan.app.channels.asking import (
    Grounds,
    address_of,
    check_ceilings,
    check_unique,
    desired_setup,
    desired_use_case,
    new_id,
    unfinished_like,
)
from chanplan.app.channels.checks import (
    check_applyable,
    check_examined,
    check_managed,
    check_pools,
    check_unused,
)
from chanplan.app.channels.declared import Declared
from chanplan.app.channels.index import claims_of
from chanplan.app.channels.leftovers import Leftovers
from chanplan.app.channels.lists import Lists
from chanplan.app.channels.one_change import Made, carry_out, plan_create, plan_delete
from chanplan.app.channels.queue import Queue
from chanplan.app.channels.refusing import (
    closed,
    ended_badly,
    failed_by,
    unfinished_at,
    unreadable,
)
from chanplan.app.channels.remembering import RememberingStore
from chanplan.app.channels.views import setup_view, use_case_view
from chanplan.app.guarding import check_workspace, recover_files
from chanplan.app.locking import locked
from chanplan.app.looking import look
from chanplan.app.workspace import Workspace
from chanplan.config.loader import load_configuration
from chanplan.execution.telling import silence
from chanplan.model.addresses import Address
from chanplan.model.channel_errors import ChannelError, Conflict, NotFound, Unprepared
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
from chanplan.model.errors import Interrupted, Misused, ProviderError, StateError
from chanplan.model.handovers import open_handover
from chanplan.model.kinds.use_case import numbers_of
from chanplan.model.problems import Problem
from chanplan.model.resources import Desired, ResourceState
from chanplan.model.snapshots import IntentKind


class Channels:
    """The Channel Manager over one workspace; see `ChannelService` for what its methods promise.

    Requests of this process that change something take turns before they ask for the workspace's lock. Under it, what
    earlier requests left is settled first; then the one change is planned over the part of the state that it is about,
    judged against the whole by indexes, and carried out by the engine with its intents.
    """

    def __init__(
        self, workspace: Workspace, declared: Declared, waited: Callable[[float], None] | None = None
    ) -> None:
        """`waited` hears how many seconds each change waited for its turn and the workspace's lock."""
        self._waited = waited
        self._store = RememberingStore(workspace.store)
        self._workspace = replace(workspace, store=self._store)
        self._declared = declared
        self._queue = Queue()
        self._answers = Answers(self._store)
        self._leftovers = Leftovers()
        self._lists = Lists(self._store)

    def create_ses_setup(self, new: NewSesSetup, call: Call) -> SetupView:
        """Make a tenant and a domain identity."""

        def desired(grounds: Grounds) -> Desired:
            return desired_setup(new, grounds.configuration)

        def view(resource: ResourceState) -> SetupView:
            return setup_view(resource, None, self._workspace.configuration.receiving_regions)

        answer = self._create(desired, view, _for("ses-setup", call))
        assert isinstance(answer, SetupView), "a key is used for one sort of request"
        return answer

    def list_ses_setups(self) -> Sequence[SetupItem]:
        """Give all SES setups, oldest first."""
        return self._lists.ses_setups(self._workspace.configuration.receiving_regions)

    def get_ses_setup(self, id: str) -> SetupView:
        """Look at SES and the DNS, store what was seen, and give the setup with it."""
        with self._store.known() as known:
            resource = known.index.find("ses_setup", id)
        if resource is None or not resource.complete:
            raise NotFound("ses_setup", id)
        workspace = replace(self._workspace, configuration=self._declared.current)
        try:
            (seen,) = look(workspace, (resource.address,))
        except Misused:
            # Deleted, or adopted under another name, between the two looks.
            raise NotFound("ses_setup", id) from None
        if seen.resource.id != id:
            raise NotFound("ses_setup", id)
        if seen.problem is not None:
            raise failed_by(seen.problem, seen.resource.scope.provider, None)
        observation = seen.observation
        if seen.gone and observation is not None:
            # What stands in the DNS verifies nothing while SES has no such identity.
            observation = replace(observation, facts={}, verdicts=())
        return setup_view(seen.resource, observation, workspace.configuration.receiving_regions)

    def delete_ses_setup(self, id: str, call: Call) -> None:
        """Delete a setup, its domain identity and its tenant."""
        self._delete("ses_setup", id, call)

    def list_twilio_setups(self) -> Sequence[TwilioSetupItem]:
        """Give all Twilio setups, oldest first."""
        return self._lists.twilio_setups()

    def create_use_case(self, new: NewUseCase, call: Call) -> UseCaseView:
        """Make a use case."""

        def desired(grounds: Grounds) -> Desired:
            return desired_use_case(new, grounds)

        answer = self._create(desired, self._use_case, _for("use-case", call))
        assert not isinstance(answer, SetupView), "a key is used for one sort of request"
        return answer

    def list_use_cases(self, only: UseCaseFilter) -> Sequence[UseCaseView]:
        """Give the use cases that fit all of the filter, oldest first."""
        return self._lists.use_cases(only)

    def delete_use_case(self, id: str, call: Call) -> None:
        """Delete a use case with its configuration set or Application."""
        self._delete("use_case", id, call)

    def standing(self) -> Standing:
        """Say whether requests can be answered."""
        try:
            serial = self._store.load().serial
        except StateError:
            serial = None
        try:
            self._declared.now()
        except Unprepared:
            return Standing(serial is not None, valid=False, serial=serial)
        return Standing(serial is not None, valid=True, serial=serial)

    def close(self) -> None:
        """Let go of the workspace once the change that runs is finished; what waits is finished too."""
        self._queue.drain()
        self._store.close()

    def _use_case(self, resource: ResourceState) -> UseCaseView:
        return use_case_view(resource, self._store.load().resources)

    @contextmanager
    def _turn(self, call: Call) -> Iterator[Workspace]:
        """Hold the workspace for one change, with the configuration as it is now."""
        began = time.monotonic()
        with self._queue.turn(call.caller, call.command, call.lock_timeout) as left:
            configuration, _ = self._declared.now()
            workspace = replace(self._workspace, configuration=configuration, holder=call.caller)
            with self._interruptible(), locked(workspace, call.command, left, silence):
                if self._waited is not None:
                    self._waited(time.monotonic() - began)
                snapshot = self._store.load()
                check_workspace(configuration, snapshot)
                if open_handover(snapshot) is not None:
                    raise Unprepared(
                        "handover_open",
                        "Resources are on their way into another workspace's state (`chanplan state mv --to`).",
                        remedy="Let people end that move; then repeat the request.",
                    )
                recover_files(workspace, silence)
                yield workspace

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        try:
            yield
        except Interrupted as error:
            raise Unprepared(
                "stopping", "The service is being stopped.", remedy="Repeat the request."
            ) from error

    def _create(
        self,
        desired_of: Callable[[Grounds], Desired],
        view_of: Callable[[ResourceState], Answer],
        call: Call,
    ) -> Answer:
        now = self._workspace.clock.now
        found = self._answers.find(call.idempotency, now())
        if found is not None and found.answer is not None:
            return found.answer
        with self._turn(call) as workspace:
            # Somebody may have answered the same request while this one waited.
            found = self._answers.find(call.idempotency, now())
            if found is not None and found.answer is not None:
                return found.answer
            examined = self._leftovers.settle(workspace)
            asked = desired_of(self._grounds(workspace))
            claims = claims_of(asked.address.kind, asked.attributes)
            self._leftovers.finish(workspace, claims, None)
            grounds = self._grounds(workspace)
            asked = desired_of(grounds)
            if found is not None:
                done = grounds.index.find(asked.address.kind, found.id)
                if done is not None and done.complete:
                    return self._answered(view_of(done), call)
            address, id = unfinished_like(asked, grounds) or self._chosen(
                asked, None if found is None else found.id
            )
            check_examined(examined, address, asked.scope.provider)
            check_unique(asked, grounds, address)
            if address not in grounds.snapshot.resources:
                check_ceilings(asked, grounds)
            check_pools(asked, grounds)
            desired = replace(asked, address=address, id=id)
            resource = self._make(workspace, desired, id, call)
            return self._answered(view_of(resource), call)

    def _answered(self, answer: Answer, call: Call) -> Answer:
        self._answers.end(call.idempotency, answer, self._workspace.clock.now())
        return answer

    def _make(self, workspace: Workspace, desired: Desired, id: str, call: Call) -> ResourceState:
        """Plan, look at the gate, and carry out; give what the state holds then."""
        address = desired.address
        made = self._planned(
            lambda: plan_create(workspace, self._store.load(), desired), desired.scope.provider
        )
        check_applyable(made)
        change = made.change
        assert change is not None, "what could be read is planned"
        if change.waits and change.gate is not None:
            raise closed(change.gate)
        self._answers.begin(call.idempotency, id, workspace.clock.now())
        result = carry_out(workspace, made.plan, call.command)
        snapshot = self._store.load()
        resource = snapshot.resources.get(address)
        if result.word != "done" or resource is None or not resource.complete:
            error = ended_badly(result, desired.scope.provider, address, snapshot)
            if unfinished_at(address, snapshot) is None and isinstance(error, ChannelError):
                self._answers.forget(call.idempotency)
            raise error
        return resource

    def _planned(self, plan: Callable[[], Made], service: str) -> Made:
        """Plan a change. Raises `ServiceFailed` where what it is about couldn't be read."""
        try:
            made = plan()
        except ProviderError as error:
            problem = Problem(error.code, error.message, error.remedy)
            raise failed_by(problem, service, None) from error
        if made.reading.unreadable:
            raise unreadable(made.reading)
        return made

    def _delete(self, kind: str, id: str, call: Call) -> None:
        with self._store.known() as known:
            begun = any(
                intent.resource_id == id and intent.address.kind == kind for intent in known.snapshot.intents
            )
            if known.index.find(kind, id) is None and not begun:
                raise NotFound(kind, id)
        with self._turn(call) as workspace:
            half_deleted = self._is_going(kind, id)
            examined = self._leftovers.settle(workspace)
            found = self._grounds(workspace).index.find(kind, id)
            self._leftovers.finish(workspace, (), None if found is None else found.address)
            grounds = self._grounds(workspace)
            resource = grounds.index.find(kind, id)
            if resource is None and half_deleted:
                # All of it was gone, and what an earlier request didn't come to write down is written down now.
                return
            if resource is None:
                raise NotFound(kind, id)
            check_examined(examined, resource.address, resource.scope.provider)
            check_managed(resource, workspace)
            check_unused(resource, grounds)
            self._take_away(workspace, resource, call)

    def _is_going(self, kind: str, id: str) -> bool:
        return any(
            intent.kind is IntentKind.DELETE and intent.resource_id == id and intent.address.kind == kind
            for intent in self._store.load().intents
        )

    def _take_away(self, workspace: Workspace, resource: ResourceState, call: Call) -> None:
        address, service = resource.address, resource.scope.provider
        made = self._planned(lambda: plan_delete(workspace, self._store.load(), resource), service)
        observed = made.reading.observed.get(address)
        numbers = {
            *numbers_of(resource.attributes),
            *(() if observed is None else numbers_of(observed.attributes)),
        }
        if numbers:
            listed = sorted(numbers)
            raise Conflict(
                "phone_numbers_assigned",
                f"Phone numbers are assigned to it: {', '.join(listed)}.",
                remedy="Unassign them first.",
                data={"phone_numbers": list(listed)},
            )
        check_applyable(made)
        result = carry_out(workspace, made.plan, call.command)
        snapshot = self._store.load()
        if result.word != "done" or address in snapshot.resources:
            raise ended_badly(result, service, address, snapshot)

    def _grounds(self, workspace: Workspace) -> Grounds:
        """Give what requests are judged by. Only the holder of the lock changes what counts, so that it may be looked at
        outside the guard."""
        _, declared = self._declared.now()
        with self._store.known() as known:
            return Grounds(known.snapshot, known.index, workspace.configuration, declared)

    @staticmethod
    def _chosen(desired: Desired, id: str | None) -> tuple[Address, str]:
        id = id or new_id()
        return address_of(desired.address.kind, id), id


def _for(path: str, call: Call) -> Call:
    """Give a call whose idempotency key means this sort of request alone."""
    given = call.idempotency
    if given is None:
        return call
    return replace(call, idempotency=replace(given, request_hash=f"{path} {given.request_hash}"))


def open_channels(
    workspace: Workspace,
    root: Path,
    environment: Mapping[str, str],
    waited: Callable[[float], None] | None = None,
) -> Channels:
    """Serve a workspace that is open. The configuration is read again when its files change. Whoever opened the workspace
    closes it, after `Channels.close`."""
    return Channels(
        workspace, Declared(workspace.configuration, lambda: load_configuration(root, environment)), waited
    )
