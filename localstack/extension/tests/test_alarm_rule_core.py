"""Rules of composite alarms."""

import random

import pytest

from exstrat_extension.alarms.rule import (
    All,
    Constant,
    Is,
    Not,
    NotARule,
    Rule,
    Some,
    State,
    children,
    holds,
    parse,
)

STATES = {"on": "ALARM", "off": "OK", "new": "INSUFFICIENT_DATA", "two words (on)": "ALARM"}
ARN = "arn:aws:cloudwatch:eu-west-3:000000000000:alarm:on"
A, B, C = (Is(State.ALARM, name) for name in "abc")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TRUE", True),
        ("FALSE", False),
        ("false", False),
        ("ALARM(on)", True),
        ('ALARM("on")', True),
        ("  ALARM ( on )\n", True),
        ('ALARM("two words (on)")', True),
        ("ALARM(off)", False),
        ("OK(off)", True),
        ("OK(on)", False),
        ("INSUFFICIENT_DATA(new)", True),
        ("INSUFFICIENT_DATA(on)", False),
        ("ALARM(nobody)", False),
        ("NOT ALARM(nobody)", True),
        ("NOT OK(on)", True),
        ("NOT NOT ALARM(on)", True),
        ("NOT NOT NOT ALARM(on)", False),
        ("ALARM(on) AND OK(off)", True),
        ("ALARM(on) AND ALARM(off)", False),
        ("ALARM(on) OR ALARM(off)", True),
        ("ALARM(off) OR ALARM(new)", False),
        ("ALARM(on) AND NOT ALARM(off)", True),
        ("TRUE OR TRUE AND FALSE", True),
        ("(TRUE OR TRUE) AND FALSE", False),
        ("FALSE AND FALSE OR TRUE", True),
        ("FALSE AND (FALSE OR TRUE)", False),
        ("NOT TRUE OR TRUE", True),
        ("NOT (TRUE OR TRUE)", False),
        ("NOT FALSE AND FALSE", False),
        ("NOT (FALSE AND FALSE)", True),
        ("(ALARM(on) OR ALARM(off)) AND\nOK(off)", True),
        ("((ALARM(on)))", True),
    ],
)
def test_what_holds(text: str, expected: bool) -> None:
    assert holds(parse(text), STATES.get) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Unexpected end at char 0, must be: NOT, '('"),
        ("ALARM", "Unexpected end at char 5, must be: '('"),
        ("ALARM(", "Unexpected end at char 6, must be: an alarm's name"),
        ("ALARM()", "Unsupported token ')' at char 6, must be: an alarm's name"),
        ('ALARM("")', "Unsupported token '\"\"' at char 6, must be: an alarm's name"),
        ('ALARM("a)', "Unsupported token '\"' at char 6, must be: an alarm's name"),
        ("ALARM(a", "Unexpected end at char 7, must be: ')'"),
        ("ALARM(two words)", "Unsupported token 'words' at char 10, must be: ')'"),
        ("ALARM(a) ALARM(b)", "Unsupported token 'ALARM' at char 9, must be: AND, OR or the end"),
        ("ALARM(a) XOR ALARM(b)", "Unsupported token 'XOR' at char 9, must be: AND"),
        ("ALARM(a) AND", "Unexpected end at char 12"),
        ("AND ALARM(a)", "Unsupported token 'AND' at char 0"),
        ("NOT", "Unexpected end at char 3"),
        ("(TRUE", "Unexpected end at char 5, must be: ')'"),
        ("TRUE)", "Unsupported token ')' at char 4"),
        ("alarm(a)", "Unsupported token 'alarm' at char 0"),
        ("a", "Unsupported token 'a' at char 0"),
        (" OR ".join(f"ALARM(a{n})" for n in range(101)), "101 alarms; must be at most 100"),
        (" OR ".join(["TRUE"] * 501), "501 elements; must be at most 500"),
        ("(" * 101 + "TRUE" + ")" * 101, "101 parentheses within each other"),
    ],
)
def test_what_is_no_rule(text: str, message: str) -> None:
    with pytest.raises(NotARule) as refused:
        parse(text)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize(
    "text",
    [
        " OR ".join(f"ALARM(a{n})" for n in range(100)),
        " OR ".join(["TRUE"] * 500),
        "(" * 100 + "TRUE" + ")" * 100,
        " OR ".join(["(TRUE)"] * 250),
        "NOT " * 2000 + "TRUE",
    ],
)
def test_what_is_just_small_enough(text: str) -> None:
    assert holds(parse(text), {"a0": "ALARM"}.get)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ALARM(a) OR ALARM(b) AND ALARM(c)", Some((A, All((B, C))))),
        ("(ALARM(a) OR ALARM(b)) AND ALARM(c)", All((Some((A, B)), C))),
        ("NOT ALARM(a) AND ALARM(b)", All((Not(A), B))),
        ("NOT (ALARM(a) AND FALSE)", Not(All((A, Constant(False))))),
    ],
)
def test_what_binds_closest(text: str, expected: Rule) -> None:
    assert parse(text) == expected


def test_the_alarms_that_it_looks_at() -> None:
    rule = parse(f'ALARM({ARN}) AND NOT (OK("off") OR INSUFFICIENT_DATA(on) OR OK(on) OR TRUE)')
    assert children(rule) == {ARN, "off", "on"}
    assert children(parse("TRUE")) == frozenset()


@pytest.mark.parametrize("seed", range(200))
def test_as_written_so_read(seed: int) -> None:
    """A tree that is drawn, written with as few parentheses as it needs, and read again."""
    rule = _drawn(random.Random(seed), 4)
    assert parse(_written(rule)) == rule


def _drawn(draw: random.Random, depth: int) -> Rule:
    kind = draw.randrange(5) if depth else draw.randrange(2)
    match kind:
        case 0:
            return Is(draw.choice(list(State)), draw.choice(["a", "b c", ARN]))
        case 1:
            return Constant(draw.random() < 0.5)
        case 2:
            part = _drawn(draw, depth - 1)
            return part if isinstance(part, Not) else Not(part)
        case _:
            whole = All if kind == 3 else Some
            parts = [_drawn(draw, depth - 1) for _ in range(draw.randint(2, 4))]
            return (
                whole(tuple(part for part in parts if not isinstance(part, whole)) * 2)
                if any(not isinstance(part, whole) for part in parts)
                else parts[0]
            )


def _written(rule: Rule) -> str:
    match rule:
        case Is(state, alarm):
            return f'{state}("{alarm}")'
        case Constant(value):
            return str(value).upper()
        case Not(part):
            inner = _written(part)
            return f"NOT ({inner})" if isinstance(part, All | Some) else f"NOT {inner}"
        case All(parts):
            return " AND ".join(
                f"({_written(part)})" if isinstance(part, Some) else _written(part)
                for part in parts
            )
        case Some(parts):
            return " OR ".join(map(_written, parts))
