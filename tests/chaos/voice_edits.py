"""Random edits of what is declared at Twilio; as those in `edits.py`, legal whatever of the edits before has been done."""

from tests.chaos.declared import ENTITIES
from tests.chaos.desk import Desk
from tests.chaos.voice import (
    ACCOUNTS,
    APPROVED,
    CHANNELS,
    IN_REVIEW,
    REJECTED,
    Line,
    VoiceSetup,
    numbers_of,
    profiles_of,
)


def add_voice_setup(desk: Desk) -> str | None:
    """Declares an account with a profile that nothing uses."""
    alias = desk.lots.choice(tuple(ACCOUNTS))
    profile = _free_profile(desk, alias)
    if profile is None:
        return None
    name = f"voice-{desk.now.fresh()}"
    review = desk.lots.choices((APPROVED, IN_REVIEW, REJECTED), (8, 1, 1))[0]
    desk.now.voice_setups[name] = VoiceSetup(profile, alias, review=review)
    desk.touched.add(f"twilio_setup.{name}")
    return f"add twilio_setup.{name} ({review})"


def add_line(desk: Desk) -> str | None:
    """Declares a new line, of a setup that is there or new."""
    names = [
        name
        for name in desk.now.voice_setups
        if desk.may(f"twilio_setup.{name}")
        or name not in desk.settled.voice_setups
        or desk.now is desk.settled
    ]
    if not names:
        return None
    fresh, lots = desk.now.fresh(), desk.lots
    setup = lots.choice(sorted(names))
    line = Line(
        setup,
        lots.choice(ENTITIES),
        f"Line {fresh}",
        lots.choice(CHANNELS),
        url=f"https://voice.example/{fresh}" if lots.random() < 0.8 else None,
        description=lots.choice((None, f"What {fresh} is for")),
        consent=lots.choice(("prior_express", "prior_express_written")),
        seconds=lots.choice((None, 20, 45)),
    )
    if desk.now.voice_setups[setup].review == APPROVED:
        alias = desk.now.voice_setups[setup].provider
        line.numbers = tuple(_free_numbers(desk, alias)[: lots.choice((0, 1, 1, 2))])
    desk.now.lines[f"line-{fresh}"] = line
    desk.touched |= {f"use_case.line-{fresh}", f"twilio_setup.{setup}"}
    return f"add use_case.line-{fresh} to {setup} with {', '.join(line.numbers) or 'no number'}"


def change_line(desk: Desk) -> str | None:
    """Changes what is updated in place, or what only the state knows."""
    name = desk.any_line()
    if name is None:
        return None
    line, lots = desk.now.lines[name], desk.lots
    what = lots.choice(("url", "fallback", "callback", "method", "lookup", "name", "channel", "description"))
    if what in ("url", "fallback", "callback"):
        gone = getattr(line, what) is not None and lots.random() < 0.3
        setattr(line, what, None if gone else f"https://voice.example/{desk.now.fresh()}")
    elif what == "method":
        line.method = "GET" if line.method == "POST" else "POST"
    elif what == "lookup":
        line.lookup = not line.lookup
    elif what == "name":
        line.entity, line.name = lots.choice(ENTITIES), f"Line {desk.now.fresh()}"
        desk.touched.add(f"use_case.{name}")
    elif what == "channel":
        line.channel = lots.choice(CHANNELS)
    else:
        line.description = f"As {desk.now.fresh()} says"
    return f"{what} of use_case.{name}"


def take_number(desk: Desk) -> str | None:
    """Gives a line a number that nobody has."""
    name = desk.any_line(open_=True)
    if name is None:
        return None
    line = desk.now.lines[name]
    free = _free_numbers(desk, desk.now.voice_setups[line.setup].provider)
    if not free:
        return None
    line.numbers = (*line.numbers, free[0])
    desk.touched.add(_calls(name))
    return f"number {free[0]} for use_case.{name}"


def drop_number(desk: Desk) -> str | None:
    """Takes a number away from a line."""
    name = desk.any_line(open_=True, numbered=True)
    if name is None:
        return None
    line = desk.now.lines[name]
    number = desk.lots.choice(line.numbers)
    line.numbers = tuple(each for each in line.numbers if each != number)
    return f"drop number {number} of use_case.{name}"


def pass_numbers(desk: Desk) -> str | None:
    """Moves a number to another line, lets two swap theirs, or sends those of three round."""
    giver = desk.any_line(open_=True, numbered=True)
    if giver is None:
        return None
    alias = desk.now.voice_setups[desk.now.lines[giver].setup].provider
    others = [
        name
        for name, line in sorted(desk.now.lines.items())
        if name != giver
        and desk.may(f"use_case.{name}")
        and desk.is_open_line(name)
        and desk.now.voice_setups[line.setup].provider == alias
    ]
    numbered = [name for name in others if desk.now.lines[name].numbers]
    size = desk.lots.choice((0, 1, 2))
    if len(numbered) < size or not others:
        return None
    if not size:
        taker = desk.now.lines[desk.lots.choice(others)]
        moved, *kept = desk.now.lines[giver].numbers
        desk.now.lines[giver].numbers, taker.numbers = tuple(kept), (*taker.numbers, moved)
        desk.touched |= {_calls(name) for name, line in desk.now.lines.items() if line is taker}
        return f"number {moved} moves from use_case.{giver}"
    ring = [giver, *desk.lots.sample(numbered, size)]
    numbers = [desk.now.lines[name].numbers for name in ring]
    for name, taken in zip(ring, [*numbers[1:], numbers[0]], strict=True):
        desk.now.lines[name].numbers = taken
        desk.touched.add(_calls(name))
    return f"numbers of {', '.join(ring)} passed round"


def replace_line(desk: Desk) -> str | None:
    """Takes a line to another setup of its account, with its numbers or without."""
    name = desk.any_line(open_=True, destroying=True)
    if name is None:
        return None
    line = desk.now.lines[name]
    alias = desk.now.voice_setups[line.setup].provider
    targets = [
        other
        for other, setup in sorted(desk.now.voice_setups.items())
        if other != line.setup and setup.provider == alias and desk.is_open_voice(other)
    ]
    if not targets:
        return None
    target = desk.lots.choice(targets)
    desk.touched |= {f"use_case.{name}", f"twilio_setup.{line.setup}", f"twilio_setup.{target}"}
    line.setup = target
    if desk.lots.random() < 0.3:
        line.numbers = line.numbers[1:]
    return f"replace use_case.{name} ({target})"


def hand_over_line_name(desk: Desk) -> str | None:
    """Gives a line the name of another, which takes a new one."""
    one, two = desk.any_line(), desk.any_line()
    if one is None or two is None or one == two:
        return None
    taker, giver = desk.now.lines[one], desk.now.lines[two]
    taker.entity, taker.name = giver.entity, giver.name
    giver.name = f"Line {desk.now.fresh()}"
    desk.touched |= {f"use_case.{one}", f"use_case.{two}"}
    return f"use_case.{one} takes the name of use_case.{two}"


def remove_line(desk: Desk) -> str | None:
    """Removes a line; its numbers are free for others at once."""
    name = desk.any_line(open_=True, destroying=True)
    if name is None:
        return None
    desk.touched |= {f"use_case.{name}", f"twilio_setup.{desk.now.lines.pop(name).setup}"}
    return f"remove use_case.{name}"


def remake_line(desk: Desk) -> str | None:
    """Removes a line and declares another with its name and numbers."""
    name = desk.any_line(open_=True, destroying=True)
    if name is None:
        return None
    old = desk.now.lines.pop(name)
    new = f"line-{desk.now.fresh()}"
    desk.now.lines[new] = Line(old.setup, old.entity, old.name, old.channel, old.numbers, old.url)
    desk.touched |= {f"use_case.{name}", f"use_case.{new}", f"twilio_setup.{old.setup}"}
    return f"use_case.{new} in the place of use_case.{name}"


def forget_line(desk: Desk) -> str | None:
    """Forgets a line; its Application stays, with its numbers."""
    name = desk.any_line(open_=True, destroying=True)
    if name is None or not desk.now.lines[name].made or name not in desk.settled.lines:
        return None
    # Whichever number it has held in this round may stay with it.
    held = {*desk.now.lines[name].numbers, *desk.settled.lines[name].numbers}
    if held != {*desk.now.lines[name].numbers} or not desk.may(*held):
        return None
    desk.touched |= held
    desk.touched |= {f"use_case.{name}", f"twilio_setup.{desk.now.lines.pop(name).setup}"}
    desk.now.removed.append(f"use_case.{name}")
    return f"forget use_case.{name}"


def remove_voice_setup(desk: Desk) -> str | None:
    """Removes a setup with its lines."""
    name = desk.any_voice_setup()
    if name is None:
        return None
    addresses = [f"twilio_setup.{name}", *(f"use_case.{line}" for line in desk.now.callers(name))]
    before = {f"use_case.{line}" for line in desk.settled.callers(name)}
    if not desk.may(*addresses, *before) or any(map(desk.protected, addresses)):
        return None
    if before - set(addresses):
        return None
    for line in desk.now.callers(name):
        del desk.now.lines[line]
    del desk.now.voice_setups[name]
    desk.touched |= set(addresses)
    return f"remove {', '.join(addresses)}"


def change_profile(desk: Desk) -> str | None:
    """Binds a setup to another approved profile, to which the numbers of its lines go."""
    name = desk.any_voice_setup(open_=True)
    if name is None or not desk.may(*(f"use_case.{line}" for line in desk.now.callers(name))):
        return None
    setup = desk.now.voice_setups[name]
    profile = _free_profile(desk, setup.provider)
    if profile is None:
        return None
    setup.profile = profile
    desk.touched |= {f"twilio_setup.{name}", *(f"use_case.{line}" for line in desk.now.callers(name))}
    return f"profile of twilio_setup.{name}"


def _made_before(desk: Desk, setup: str) -> bool:
    """Tells whether all lines of a setup that must be there were so when the round began."""
    then = desk.settled.lines
    callers = (name for name in desk.now.callers(setup) if desk.now.lines[name].made)
    return all(name in then and then[name].made for name in callers)


def flip_review(desk: Desk) -> str | None:
    """Lets Twilio's reviewers change their mind about a profile."""
    name = desk.any_voice_setup()
    callers = [] if name is None else desk.now.callers(name)
    # Numbers that a line was given in this round can be assigned to an approved profile only.
    if name is None or not desk.may(*(f"use_case.{line}" for line in callers), *map(_calls, callers)):
        return None
    setup = desk.now.voice_setups[name]
    if setup.review == APPROVED and (desk.lots.random() < 0.6 or not _made_before(desk, name)):
        return None
    others = [APPROVED] if setup.review != APPROVED else [IN_REVIEW, REJECTED]
    setup.review = desk.lots.choice(others)
    desk.touched |= {f"twilio_setup.{name}", *(f"use_case.{line}" for line in desk.now.callers(name))}
    return f"review of twilio_setup.{name}: {setup.review}"


VOICE_EDITS = (
    (add_voice_setup, 2),
    (add_line, 8),
    (change_line, 10),
    (take_number, 5),
    (drop_number, 4),
    (pass_numbers, 10),
    (replace_line, 4),
    (hand_over_line_name, 2),
    (remove_line, 4),
    (remake_line, 2),
    (forget_line, 1),
    (remove_voice_setup, 1),
    (change_profile, 3),
    (flip_review, 3),
)
"""With their weights."""


def _calls(line: str) -> str:
    """Gives the mark of a line that was given a number."""
    return f"numbers of use_case.{line}"


def _free_numbers(desk: Desk, alias: str) -> list[str]:
    """Gives the numbers of an account that no line declares now and no forgotten line may hold."""
    used = {number for line in desk.now.lines.values() for number in line.numbers}
    free = [number for number in numbers_of(alias) if number not in used and desk.may(number)]
    desk.lots.shuffle(free)
    return free


def _free_profile(desk: Desk, alias: str) -> str | None:
    used = {setup.profile for each in (desk.now, desk.settled) for setup in each.voice_setups.values()}
    free = [profile for profile in profiles_of(alias) if profile not in used and desk.may(profile)]
    if not free:
        return None
    chosen = desk.lots.choice(free)
    desk.touched.add(chosen)
    return chosen
