"""`chanplan sandbox metrics …`: mail that nobody sends, and what becomes of it, set by hand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date

import click

from chanplan.cli.exits import Exit
from chanplan.cli.invocation import Invocation
from chanplan.cli.mail_days import Day, day_options, days_of
from chanplan.cli.sandboxed_places import knobs_or_misused, regions_of, sets_of
from chanplan.render.escapes import visible
from chanplan.render.phrases import counted
from chanplan.render.terminal import table
from chanplan.sandbox.controls import Controls
from chanplan.sandbox.mail_controls import REFUSALS, Place, SetMail
from chanplan.sandbox.services.quirks import DEFAULT_ACCOUNT
from chanplan.sandbox.state.mail import Counts

_REGION = click.option("--region", help="Where a set is that is named by its own name.")
_NUMBER = click.IntRange(0, 1_000_000_000)


@click.group(
    epilog="""\b
Examples:
  chanplan sandbox metrics vdm on                                       without it SES tells no metrics
  chanplan sandbox metrics set use_case.receipts --sends 500 --days 14  on each of the last 14 days
  chanplan sandbox metrics set use_case.receipts --bounces 60 --on today
  chanplan sandbox metrics set use_case.receipts --sends 2500 --from 2026-11-01 --to 2026-12-15
  chanplan sandbox metrics show use_case.receipts --days 30
  chanplan sandbox metrics events on use_case.receipts                  CloudWatch has its counts too
  chanplan sandbox metrics refuse use_case.receipts --code ACCESS_DENIED

TARGET is the address of an email use case, or the name of a configuration set. Days are UTC days of the sandbox's clock; those to come
show when they come.
"""
)
def metrics() -> None:
    """Set and show how much mail went out, and what became of it."""


@metrics.command(name="set")
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option("--sends", type=_NUMBER, help="Mails sent.")
@click.option("--deliveries", type=_NUMBER, help="Of these delivered; all but the bounces, if not given.")
@click.option("--bounces", type=_NUMBER, help="Permanent bounces.")
@click.option("--transient", type=_NUMBER, help="Transient bounces.")
@click.option("--complaints", type=_NUMBER, help="Complaints.")
@day_options
@_REGION
@click.pass_obj
def set_counts(
    invocation: Invocation,
    *,
    targets: tuple[str, ...],
    sends: int | None,
    deliveries: int | None,
    bounces: int | None,
    transient: int | None,
    complaints: int | None,
    on: Day | None,
    first: Day | None,
    last: Day | None,
    days: int | None,
    region: str | None,
) -> int:
    """Set the counts of each of some days. What isn't named stays as it was, 0 on a day that had nothing."""
    given = {
        "sends": sends,
        "deliveries": deliveries,
        "bounces": bounces,
        "transient_bounces": transient,
        "complaints": complaints,
    }
    changes = {name: number for name, number in given.items() if number is not None}
    if not changes:
        raise click.UsageError("Give a count: --sends, --deliveries, --bounces, --transient or --complaints.")
    with knobs_or_misused() as knobs:
        chosen = days_of(knobs.mail.today(), on=on, first=first, last=last, days=days)
        for target, place in sets_of(invocation, knobs, targets, region).items():
            by_counts = _changed(knobs.mail.of(place), chosen, changes)
            for counts, same in by_counts.items():
                knobs.mail.set_days(place, same, counts)
                click.echo(f"{_called(target, place)}: {_counts_text(counts)} {_days_text(same)}.")
            _note_odd(target, by_counts)
            _note_silent(knobs, place)
    return Exit.DONE


@metrics.command()
@click.argument("targets", nargs=-1, metavar="[TARGET...]")
@day_options
@_REGION
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def show(
    invocation: Invocation,
    *,
    targets: tuple[str, ...],
    on: Day | None,
    first: Day | None,
    last: Day | None,
    days: int | None,
    region: str | None,
    form: str,
) -> int:
    """Show the counts that were set: of these, or of every configuration set that has any."""
    with knobs_or_misused() as knobs:
        named = {"on": on, "first": first, "last": last, "days": days}
        chosen = (
            None
            if not any(named.values())
            else set(days_of(knobs.mail.today(), on=on, first=first, last=last, days=days))
        )
        places = [*sets_of(invocation, knobs, targets, region).values()]
        known = [knobs.mail.of(place) for place in places] if targets else knobs.mail.sets()
        shown = [
            replace(
                each,
                days={day: counts for day, counts in each.days.items() if chosen is None or day in chosen},
            )
            for each in known
        ]
        vdm = {each.place: knobs.mail.vdm(each.place.account, each.place.region) for each in shown}
    if form == "json":
        click.echo(json.dumps({"sets": [_document(each, vdm=vdm[each.place]) for each in shown]}, indent=2))
    elif not shown:
        click.echo("No mail was set.")
    else:
        click.echo("\n".join(_set_text(each, vdm=vdm[each.place]) for each in shown), nl=False)
    return Exit.DONE


@metrics.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@day_options
@_REGION
@click.pass_obj
def clear(
    invocation: Invocation,
    *,
    targets: tuple[str, ...],
    on: Day | None,
    first: Day | None,
    last: Day | None,
    days: int | None,
    region: str | None,
) -> int:
    """Take back the counts of some days, or all of them."""
    with knobs_or_misused() as knobs:
        chosen = (
            days_of(knobs.mail.today(), on=on, first=first, last=last, days=days)
            if any((on, first, last, days))
            else [date.min.replace(year=1970), date.max]
        )
        for target, place in sets_of(invocation, knobs, targets, region).items():
            number = knobs.mail.forget_days(place, chosen[0], chosen[-1])
            click.echo(f"{_called(target, place)}: the counts of {counted(number, 'day')} are gone.")
    return Exit.DONE


@metrics.command()
@click.argument("state", type=click.Choice(["on", "off"]))
@click.option("--region", "regions", multiple=True, help="Where; the configuration's regions, if not given.")
@click.pass_obj
def vdm(invocation: Invocation, state: str, regions: tuple[str, ...]) -> int:
    """Turn Virtual Deliverability Manager on or off. While it is off, SES tells no metrics."""
    with knobs_or_misused() as knobs:
        for region in regions_of(invocation, regions):
            knobs.mail.set_vdm(DEFAULT_ACCOUNT.value, region, on=state == "on")
            click.echo(
                f"Virtual Deliverability Manager is {state} in {DEFAULT_ACCOUNT.value} {visible(region)}."
            )
    return Exit.DONE


@metrics.command()
@click.argument("state", type=click.Choice(["on", "off"]))
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@_REGION
@click.pass_obj
def events(invocation: Invocation, state: str, targets: tuple[str, ...], region: str | None) -> int:
    """Give sets an event destination, so that CloudWatch has their counts, or take it away."""
    with knobs_or_misused() as knobs:
        for target, place in sets_of(invocation, knobs, targets, region).items():
            knobs.mail.count_at_cloudwatch(place, on=state == "on")
            has = "has its counts" if state == "on" else "hasn't its counts"
            click.echo(f"{_called(target, place)}: CloudWatch {has}.")
    return Exit.DONE


@metrics.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
@click.option(
    "--code", type=click.Choice([*REFUSALS, "none"]), required=True, help="With what; none ends it."
)
@_REGION
@click.pass_obj
def refuse(invocation: Invocation, targets: tuple[str, ...], code: str, region: str | None) -> int:
    """Refuse every query for sets, and no other of the same call. `sandbox faults` refuses whole calls."""
    with knobs_or_misused() as knobs:
        for target, place in sets_of(invocation, knobs, targets, region).items():
            knobs.mail.refuse(place, None if code == "none" else code)
            says = "are answered" if code == "none" else f"are refused with {code}"
            click.echo(f"{_called(target, place)}: queries for its metrics {says}.")
    return Exit.DONE


def _changed(known: SetMail, days: Sequence[date], changes: Mapping[str, int]) -> Mapping[Counts, list[date]]:
    """Give the counts that days get, and which days get the same."""
    found: dict[Counts, list[date]] = {}
    for day in days:
        counts = replace(known.days.get(day, Counts()), **changes)
        if "deliveries" not in changes:
            left = counts.sends - counts.bounces - counts.transient_bounces
            counts = replace(counts, deliveries=max(0, left))
        found.setdefault(counts, []).append(day)
    return found


def _note_odd(target: str, by_counts: Mapping[Counts, Sequence[date]]) -> None:
    for counts, days in by_counts.items():
        back = counts.bounces + counts.transient_bounces
        if back > counts.sends or counts.complaints > counts.deliveries:
            what = "bounces than sends" if back > counts.sends else "complaints than deliveries"
            click.echo(
                f"Note: {visible(target)} has more {what} {_days_text(days)}. They may be about earlier mail, so that stands.",
                err=True,
            )


def _note_silent(knobs: Controls, place: Place) -> None:
    if not knobs.mail.vdm(place.account, place.region):
        click.echo(
            f"Note: Virtual Deliverability Manager is off in {place.region}, so SES tells none of it."
            " Turn it on with `chanplan sandbox metrics vdm on`.",
            err=True,
        )


def _called(target: str, place: Place) -> str:
    return visible(target) if target == place.name else f"{visible(target)} ({visible(place.name)})"


def _counts_text(counts: Counts) -> str:
    transient = (
        f", {counted(counts.transient_bounces, 'transient bounce')}" if counts.transient_bounces else ""
    )
    return (
        f"{counted(counts.sends, 'send')}, {counted(counts.deliveries, 'delivery', 'deliveries')},"
        f" {counted(counts.bounces, 'bounce')}{transient}, {counted(counts.complaints, 'complaint')}"
    )


def _days_text(days: Sequence[date]) -> str:
    if len(days) == 1:
        return f"on {days[0]}"
    if (days[-1] - days[0]).days == len(days) - 1:
        return f"on each of {counted(len(days), 'day')}, {days[0]} to {days[-1]}"
    return f"on each of {counted(len(days), 'day')} between {days[0]} and {days[-1]}"


def _set_text(each: SetMail, *, vdm: bool) -> str:
    place = each.place
    notes = [f"VDM {'on' if vdm else 'off'}"]
    notes += ["event destination"] if each.counted else []
    notes += [f"queries refused with {each.refused}"] if each.refused else []
    head = f"{visible(place.name)} in {place.account} {place.region} ({', '.join(notes)})\n"
    total = Counts(*(sum(column) for column in zip(*map(_row, each.days.values()), strict=True)))
    rows = [(str(day), *map(str, _row(counts))) for day, counts in each.days.items()]
    rows += [("total", *map(str, _row(total)))] if len(rows) > 1 else []
    headers = ("DAY", "SENDS", "DELIVERIES", "BOUNCES", "TRANSIENT", "COMPLAINTS")
    return head + "".join(f"{line}\n" for line in table(headers, rows)) if rows else f"{head}no mail\n"


def _row(counts: Counts) -> tuple[int, ...]:
    return (counts.sends, counts.deliveries, counts.bounces, counts.transient_bounces, counts.complaints)


def _document(each: SetMail, *, vdm: bool) -> Mapping[str, object]:
    return {
        "configuration_set": each.place.name,
        "account": each.place.account,
        "region": each.place.region,
        "vdm": vdm,
        "event_destination": each.counted,
        "refused": each.refused,
        "days": [{"day": day.isoformat(), **asdict(counts)} for day, counts in each.days.items()],
    }
