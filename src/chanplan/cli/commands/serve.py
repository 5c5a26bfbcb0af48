"""`chanplan serve`."""

import gc
import math
import sys
from pathlib import Path

import click

from chanplan.api.settings import (
    AT_ONCE,
    BODY_BYTES,
    LOCK_SECONDS,
    REQUEST_SECONDS,
    REQUESTS_A_SECOND,
    SHUTDOWN_SECONDS,
    AccessLog,
    CertificateFiles,
    Settings,
    check_proxies,
    is_loopback,
)
from chanplan.cli.exits import Exit
from chanplan.cli.extras import api_needed
from chanplan.cli.invocation import Invocation
from chanplan.cli.options import DURATION
from chanplan.execution.stopping import Stop, stop_on_signals
from chanplan.render.escapes import visible


@click.command(
    name="serve",
    epilog="""\b
Examples:
  chanplan serve                                                    at 127.0.0.1:8080, for a proxy on this machine
  chanplan serve --host 0.0.0.0 --tls-cert crt.pem --tls-key key.pem
  chanplan serve --trust-proxy 10.0.0.0/8 --access-log json         behind a proxy that says who asks
  chanplan --sandbox serve --insecure-local --port 0                to try it out, without keys or accounts

\b
It prints one line of JSON on standard output once it listens, and its log on standard error. SIGTERM and SIGINT
end it when what is in flight is done; a second one ends it at once. docs/api.md tells of keys, proxies, replicas,
figures and limits. CHANPLAN_TLS_KEY_PASSWORD holds the password of an encrypted key.
""",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=8080, show_default=True, help="0: a free one."
)
@click.option("--insecure-local", is_flag=True, help="Serve without keys; at a loopback address alone.")
@click.option("--tls-cert", type=click.Path(path_type=Path), metavar="FILE", help="Certificate, PEM.")
@click.option("--tls-key", type=click.Path(path_type=Path), metavar="FILE", help="Its key, PEM.")
@click.option(
    "--trust-proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="Believe X-Forwarded-For and -Proto from here; an address or a network, several times for several.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0),
    default=REQUESTS_A_SECOND,
    show_default=True,
    metavar="N",
    help="Requests a second of one key; 0 for any number.",
)
@click.option(
    "--max-body",
    type=click.IntRange(1_024, 16_777_216),
    default=BODY_BYTES,
    show_default=True,
    metavar="BYTES",
    help="The largest body.",
)
@click.option(
    "--max-in-flight",
    type=click.IntRange(1, 1_000),
    default=AT_ONCE,
    show_default=True,
    metavar="N",
    help="Lists, live reads and changes, of each, at once.",
)
@click.option(
    "--lock-timeout",
    type=DURATION,
    default=f"{LOCK_SECONDS:g}s",
    show_default=True,
    help="How long a change waits for its turn.",
)
@click.option(
    "--request-timeout",
    type=DURATION,
    default=f"{REQUEST_SECONDS:g}s",
    show_default=True,
    help="After so long a request gets 504; what it began goes on.",
)
@click.option(
    "--shutdown-timeout",
    type=DURATION,
    default=f"{SHUTDOWN_SECONDS:g}s",
    show_default=True,
    help="How long what is in flight may take to end.",
)
@click.option(
    "--access-log",
    type=click.Choice([form.value for form in AccessLog]),
    default=AccessLog.TEXT.value,
    show_default=True,
)
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    host: str,
    port: int,
    insecure_local: bool,
    tls_cert: Path | None,
    tls_key: Path | None,
    proxies: tuple[str, ...],
    rate: float,
    max_body: int,
    max_in_flight: int,
    lock_timeout: float,
    request_timeout: float,
    shutdown_timeout: float,
    access_log: str,
) -> int:
    """Serve the Channel Manager HTTP API over this workspace, until a signal."""
    from chanplan.api.certificates import PASSWORD_VARIABLE

    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key belong together.")
    if math.isnan(rate):
        raise click.UsageError("--rate is a number of requests; 0 for any number.")
    if request_timeout <= 0:
        raise click.UsageError("--request-timeout leaves no time to answer anything.")
    files = (
        None
        if tls_cert is None or tls_key is None
        else CertificateFiles(tls_cert, tls_key, invocation.environment.get(PASSWORD_VARIABLE))
    )
    check_proxies(proxies)
    return _serve(
        invocation,
        Settings(
            host=host,
            port=port,
            without_keys=insecure_local,
            tls=files,
            trusted_proxies=proxies,
            requests_a_second=rate,
            body_bytes=max_body,
            at_once=max_in_flight,
            lock_seconds=lock_timeout,
            request_seconds=request_timeout,
            shutdown_seconds=shutdown_timeout,
            access_log=AccessLog(access_log),
        ),
    )


def _serve(invocation: Invocation, settings: Settings) -> int:
    with api_needed():
        from chanplan.api.measuring import Measures
        from chanplan.api.running import Served, check_settings, run_server
    from chanplan.app.serving import backend
    from chanplan.app.version import version
    from chanplan.execution.pacing import OF_REQUESTS

    certificate = check_settings(settings)
    measures = Measures(version(), heard_by=invocation.metrics)
    leaving, stop = Stop(), Stop()
    with (
        stop_on_signals(leaving),
        invocation.opened(stop=stop, metrics=measures, patience=OF_REQUESTS) as workspace,
        backend(
            workspace,
            invocation.config,
            invocation.environment,
            with_keys=not settings.without_keys,
            waited=measures.lock_seconds.observe,
        ) as behind,
    ):
        name = workspace.configuration.workspace

        def announce(line: str) -> None:
            # What was read at the start stays until the end: no collection needs to look at it again.
            gc.freeze()
            click.echo(line)
            _say_how(settings, name)

        ended = run_server(
            settings,
            certificate,
            Served(behind.service, None if settings.without_keys else behind.holder_of, name),
            measures,
            leaving=leaving,
            stop=stop,
            log=sys.stderr,
            announce=announce,
        )
    return Exit.INTERRUPTED if ended.cut_short else Exit.DONE


def _say_how(settings: Settings, workspace: str) -> None:
    _say(f"Serving {visible(workspace)}; SIGTERM or Ctrl+C ends it.")
    if settings.without_keys:
        _say("Warning: without keys. Whoever can reach this machine's loopback may do everything.")
    elif settings.tls is None and not is_loopback(settings.host):
        _say(
            "Warning: without TLS. Keys cross the network as they are, unless a proxy before this speaks TLS."
        )


def _say(text: str) -> None:
    click.echo(text, err=True)
