"""The examples of running the service: what they run is what there is, and what they promise is what it does."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest

from chanplan.api.serving import STOP_SECONDS
from chanplan.cli.commands.serve import command
from chanplan.cli.durations import parse_duration
from chanplan.cli.main import cli

SERVICE = Path(__file__).parents[2] / "examples" / "service"


def options_of(arguments):
    """Reads the arguments of `serve` as the command line does: below it, since click keeps a command's help option as it
    made it first."""
    assert arguments[0] == "serve"
    above = click.Context(cli, info_name="chanplan", **cli.context_settings)
    return command.make_context("serve", list(arguments[1:]), parent=above).params


def unit():
    """Reads the unit."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str
    parser.read(SERVICE / "chanplan.service")
    return parser


def instructions():
    """Reads the Containerfile as words and their arguments."""
    text = re.sub(r"\\\n", " ", (SERVICE / "Containerfile").read_text())
    return [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]


def test_the_unit_runs_what_there_is():
    """With options that exist, and time enough to end."""
    service = unit()["Service"]
    program, *arguments = shlex.split(service["ExecStart"])
    options = options_of(arguments)
    assert program == "/opt/chanplan/bin/chanplan"
    assert options["host"] == "127.0.0.1"
    assert options["proxies"] == ("127.0.0.1",)
    assert parse_duration(service["TimeoutStopSec"]) > options["shutdown_timeout"] + STOP_SECONDS
    assert (service["KillSignal"], service["NoNewPrivileges"]) == ("SIGTERM", "yes")


def test_systemd_takes_the_unit(tmp_path):
    """Where it is at hand; elsewhere every line is at least a key that it knows."""
    if shutil.which("systemd-analyze") is None:
        known = {"Unit", "Service", "Install"}
        assert set(unit().sections()) == known
        assert all(re.fullmatch("[A-Z][A-Za-z]+", key) for section in known for key in unit()[section])
        return
    copy = tmp_path / "chanplan.service"
    copy.write_text(
        (SERVICE / "chanplan.service").read_text().replace("/opt/chanplan/bin/chanplan", "/bin/true")
    )
    ended = subprocess.run(
        ["systemd-analyze", "verify", str(copy)], capture_output=True, text=True, check=False
    )
    assert "Unknown" not in ended.stderr, ended.stderr


def test_the_image_runs_what_there_is():
    """As a user without rights, with pinned packages, ended by SIGTERM."""
    words = [word for word, _ in instructions()]
    assert words == [
        *("FROM", "COPY", "RUN"),
        *("FROM", "COPY", "USER", "WORKDIR", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
    ]
    told = dict(instructions())
    assert options_of(json.loads(told["CMD"]))["port"] == int(told["EXPOSE"])
    assert told["USER"] == "10001:10001"
    assert told["STOPSIGNAL"] == "SIGTERM"
    assert "--require-hashes" in told["RUN"]
    (lock,) = re.findall(r"/source/(\S+\.txt)", told["RUN"])
    pinned = (SERVICE.parents[1] / lock).read_text()
    for package in (
        "fastapi",
        "uvicorn",
        "httptools",
        "prometheus-client",
        "fastapi-offline",
        "psycopg",
        "hatchling",
    ):
        assert re.search(rf"^{package}(\[binary\])?==", pinned, re.MULTILINE), package
    if shutil.which("hadolint") is not None:
        subprocess.run(["hadolint", str(SERVICE / "Containerfile")], check=True)


def test_the_lock_pins_what_is_tested():
    """The image gets no other version than the tests."""
    folder = SERVICE.parents[1] / "requirements"

    def pins(name):
        return dict(
            re.findall(r"^([a-z0-9-]+)(?:\[\w+\])?==(\S+)", (folder / name).read_text(), re.MULTILINE)
        )

    served, tested = pins("serve.txt"), pins("dev.txt")
    assert {name: version for name, version in served.items() if tested.get(name) != version} == {}


@pytest.mark.parametrize("document", [SERVICE / "README.md", SERVICE.parents[1] / "docs" / "api.md"])
def test_every_command_of_the_documents_is_one_that_there_is(document):
    """Each `chanplan serve …` in them has options that exist."""
    lines = re.findall(
        r"^(?:\$ )?chanplan (?:--sandbox )?(serve.*?)(?:  +.*|)$", document.read_text(), re.MULTILINE
    )
    for line in lines:
        assert options_of(shlex.split(line, comments=True))
    assert bool(lines) == (document.name == "api.md")
