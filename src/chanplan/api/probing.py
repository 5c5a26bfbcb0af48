"""Whether requests can be answered: one look at a time, whoever asks meanwhile gets what it finds."""

import asyncio

from chanplan.api.lanes import Lane
from chanplan.api.measuring import Measures
from chanplan.api.problems import Problem
from chanplan.app.channels.service import ChannelService
from chanplan.model.channels import Standing

SECONDS = 5.0
"""After so long the state counts as unreadable."""


class Probe:
    """Looks how the service stands. For one event loop."""

    def __init__(self, service: ChannelService, measures: Measures) -> None:
        self._service = service
        self._measures = measures
        # While a look hangs there is no second one: the state stays unreadable until it ends.
        self._lane = Lane("probing", threads=1, at_once=1, seconds=SECONDS)
        self._looking: asyncio.Task[Standing] | None = None

    async def standing(self) -> Standing:
        """Say how the service stands; the figures hear the state's serial."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    def close(self) -> None:
        """Wait for the last look."""
        self._lane.close()

    async def _look(self) -> Standing:
        try:
            standing = await self._lane.run(self._service.standing)
        except Problem:
            return Standing(readable=False, valid=True, serial=None)
        if standing.serial is not None:
            self._measures.serial.set(standing.serial)
        return standing
