"""What every handler works with: the engine behind the API, threads for each sort of work, and who calls."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Header
from pydantic import BaseModel, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from chanplan.api.access import Gate, Holder
from chanplan.api.answers import SesSetupItem, TwilioSetupItem, UseCaseAnswer
from chanplan.api.lanes import Lane
from chanplan.api.listing import Listing
from chanplan.api.measuring import Measures
from chanplan.api.probing import Probe
from chanplan.api.settings import Bounds
from chanplan.app.channels.service import ChannelService
from chanplan.model.channels import Call, Idempotency

LISTING_THREADS = 4
LIVE_THREADS = 16

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        description="Repeat a POST with the same key, and it gives the first answer again, for 24 hours.",
    ),
]


@dataclass(frozen=True, slots=True)
class Desk:
    """One server's."""

    service: ChannelService
    gate: Gate
    measures: Measures
    listing: Lane
    """Lists, which only read the state."""
    live: Lane
    """Reads that ask services and the DNS."""
    changing: Lane
    """Changes: most of their time they wait for their turn."""
    probe: Probe
    """What load balancers ask."""
    lock_seconds: float
    body_bytes: int
    bounds: Bounds
    ses_setups: Listing = field(default_factory=lambda: Listing(TypeAdapter(SesSetupItem)))
    use_cases: Listing = field(default_factory=lambda: Listing(TypeAdapter(UseCaseAnswer)))
    twilio_setups: Listing = field(default_factory=lambda: Listing(TypeAdapter(TwilioSetupItem)))

    async def answer(self, lane: Lane, work: Callable[[], object], shape: TypeAdapter[Any]) -> Response:
        """Do something in a lane and answer with what it gives, in the shape of the specification."""
        return Response(await lane.run(partial(_shaped, work, shape)), 200, media_type="application/json")

    async def listed(
        self, work: Callable[[], Sequence[object]], listing: Listing, *, whole: bool = True
    ) -> Response:
        """Answer with a list from the state."""
        body = await self.listing.run(lambda: listing.written(work(), whole=whole))
        return Response(body, 200, media_type="application/json")

    async def create(
        self,
        request: Request,
        work: Callable[[Call], object],
        shape: TypeAdapter[Any],
        body: BaseModel,
        key: str | None,
    ) -> Response:
        """Make something, and answer with 201 and with what was made."""
        call = self.call(request, _idempotency(holder_of(request), request, body, key))
        made = await self.changing.run(partial(_shaped, lambda: work(call), shape))
        return Response(made, 201, media_type="application/json")

    async def delete(self, request: Request, work: Callable[[Call], None]) -> Response:
        """Delete something, and answer with 204."""
        call = self.call(request, None)
        await self.changing.run(lambda: work(call))
        return Response(status_code=204)

    def call(self, request: Request, idempotency: Idempotency | None) -> Call:
        """Say who asks for a change."""
        return Call(
            command=f"api {request.method} {request.scope['route'].path}",
            caller=holder_of(request).name,
            lock_timeout=self.lock_seconds,
            idempotency=idempotency,
        )


def holder_of(request: Request) -> Holder:
    """Say who calls; the gate has let them in."""
    holder: Holder = request.scope["state"]["holder"]
    return holder


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(_desk)]


def _shaped(work: Callable[[], object], shape: TypeAdapter[Any]) -> bytes:
    return shape.dump_json(shape.validate_python(work(), from_attributes=True))


def _idempotency(holder: Holder, request: Request, body: BaseModel, key: str | None) -> Idempotency | None:
    if key is None:
        return None
    asked = json.dumps([request.scope["route"].path, body.model_dump(mode="json")], sort_keys=True)
    return Idempotency(f"{holder.id}:{key}", hashlib.sha256(asked.encode()).hexdigest())
