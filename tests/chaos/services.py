"""The sandbox's process as a test sees it: armed, struck, and brought back where it was after a crash."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

ANSWER_SECONDS = 60.0
DOWN_SECONDS = 0.3
"""How long the services stay away after a crash."""


class Services:
    """Runs `tests.chaos.host` on a directory, and runs it again on the same ports whenever it dies."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._changed = threading.Condition()
        self._process: subprocess.Popen | None = None
        self._ports = [0, 0]
        self._disarmed = False
        self._closing = False
        self._news: list[dict] = []
        self.environment: dict[str, str] = {}
        self._begin()
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def aim(self, **blow: object) -> None:
        """Arms a blow."""
        self._tell({"aim": blow})

    def victim(self, pid: int) -> None:
        """Says whom the blow is for."""
        self._tell({"victim": pid})

    def disarm(self) -> list[dict]:
        """Takes the blow back, and gives what was struck since the last time."""
        with self._changed:
            self._disarmed = False
        while True:
            self._tell({"disarm": True})
            with self._changed:
                if self._changed.wait_for(lambda: self._disarmed, ANSWER_SECONDS / 60):
                    news, self._news = self._news, []
                    return news

    def close(self) -> None:
        """Ends the process."""
        with self._changed:
            self._closing = True
            self._process.stdin.close()
        self._listening.join(ANSWER_SECONDS)
        self._process.stdout.close()

    def _begin(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.host", str(self._directory), *map(str, self._ports)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        begun = json.loads(self._process.stdout.readline())
        self._ports, self.environment = begun["ports"], begun["environment"]

    def _tell(self, order: dict) -> None:
        with self._changed:
            try:
                # Unbuffered, so that nothing is left to be written when it is closed.
                os.write(self._process.stdin.fileno(), (json.dumps(order) + "\n").encode())
            except BrokenPipeError:
                # It crashed; a blow that it took with it is gone, as any other would be.
                return

    def _listen(self) -> None:
        while True:
            for line in self._process.stdout:
                with self._changed:
                    said = json.loads(line)
                    if "struck" in said:
                        self._news.append(said)
                    self._disarmed |= "disarmed" in said
                    self._changed.notify_all()
            self._process.wait()
            if self._closing:
                return
            time.sleep(DOWN_SECONDS)
            with self._changed:
                self._process.stdout.close()
                self._process.stdin.close()
                self._begin()
                self._news.append({"struck": "crash"})
