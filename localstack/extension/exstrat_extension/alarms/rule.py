"""A composite alarm's rule, read into a tree and evaluated.

The grammar is that of PutCompositeAlarm in CloudWatch's API reference: ALARM, OK and
INSUFFICIENT_DATA of an alarm's name or ARN, quoted or not, TRUE, FALSE, AND, OR, NOT, parentheses.
Errors are in AWS's form and say at which character, counted from 0 (aws/aws-cdk#13953 shows one).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

MAX_CHILDREN = 100
MAX_ELEMENTS = 500
"""AWS's bounds. Elements are alarms, TRUE, FALSE and pairs of parentheses."""
DEEPEST = 100
"""Parentheses within each other; AWS documents no bound, and Python has one."""


class NotARule(ValueError):
    """Says what was found where, and what was expected."""


class State(StrEnum):
    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


@dataclass(frozen=True)
class Is:
    """The alarm is in the state."""

    state: State
    alarm: str


@dataclass(frozen=True)
class Constant:
    value: bool


@dataclass(frozen=True)
class Not:
    part: "Rule"


@dataclass(frozen=True)
class All:
    parts: tuple["Rule", ...]


@dataclass(frozen=True)
class Some:
    parts: tuple["Rule", ...]


Rule = Is | Constant | Not | All | Some
StateOf = Callable[[str], str | None]


def holds(rule: Rule, state_of: StateOf) -> bool:
    """`state_of` tells the state of an alarm as the rule names it; None where there is none."""
    match rule:
        case Is(state, alarm):
            return state_of(alarm) == state
        case Constant(value):
            return value
        case Not(part):
            return not holds(part, state_of)
        case All(parts):
            return all(holds(part, state_of) for part in parts)
        case Some(parts):
            return any(holds(part, state_of) for part in parts)


def children(rule: Rule) -> frozenset[str]:
    """The alarms that it looks at, as it names them."""
    match rule:
        case Is(_, alarm):
            return frozenset({alarm})
        case Not(part):
            return children(part)
        case All(parts) | Some(parts):
            return frozenset().union(*map(children, parts))
    return frozenset()


def parse(text: str) -> Rule:
    """NOT binds closest, then AND, then OR."""
    reader = _Reader(text)
    rule = reader.some()
    reader.expect(None)
    if reader.elements > MAX_ELEMENTS:
        raise NotARule(f"{reader.elements} elements; must be at most {MAX_ELEMENTS}")
    if (found := len(children(rule))) > MAX_CHILDREN:
        raise NotARule(f"{found} alarms; must be at most {MAX_CHILDREN}")
    return rule


_TOKEN = re.compile(r'[()]|"[^"]*"|[^\s()"]+|"')
_CONSTANTS = {"TRUE": True, "FALSE": False}


class _Reader:
    """Recursive descent. A token is a piece of the text with its place; None is the end."""

    def __init__(self, text: str) -> None:
        self._tokens = [(found[0], found.start()) for found in _TOKEN.finditer(text)]
        self._end = len(text)
        self._at = self._depth = 0
        self.elements = 0

    def some(self) -> Rule:
        parts = [self._all()]
        while self._is("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Some(tuple(parts))

    def _all(self) -> Rule:
        parts = [self._not()]
        while self._is("AND"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _not(self) -> Rule:
        times = 0
        while self._is("NOT"):
            times += 1
        atom = self._atom()
        return Not(atom) if times % 2 else atom

    def _atom(self) -> Rule:
        self.elements += 1
        if self._is("("):
            return self._group()
        word = self._next or ""
        if word.upper() in _CONSTANTS:
            self._at += 1
            return Constant(_CONSTANTS[word.upper()])
        if word in set(State):
            self._at += 1
            return Is(State(word), self._name())
        raise self._unexpected("NOT, '(', TRUE, FALSE, ALARM, OK or INSUFFICIENT_DATA")

    def _group(self) -> Rule:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotARule(f"{self._depth} parentheses within each other; at most {DEEPEST} here")
        rule = self.some()
        self.expect(")")
        self._depth -= 1
        return rule

    def _name(self) -> str:
        self.expect("(")
        name = (self._next or "").strip('"')
        if name in ("", "(", ")"):
            raise self._unexpected("an alarm's name or ARN")
        self._at += 1
        self.expect(")")
        return name

    @property
    def _next(self) -> str | None:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else None

    def _is(self, token: str) -> bool:
        """Takes the token, if it is the next."""
        found = self._next == token
        self._at += found
        return found

    def expect(self, token: str | None) -> None:
        if self._next != token:
            raise self._unexpected(f"'{token}'" if token else "AND, OR or the end")
        self._at += 1

    def _unexpected(self, expected: str) -> NotARule:
        if (token := self._next) is None:
            return NotARule(f"Unexpected end at char {self._end}, must be: {expected}")
        place = self._tokens[self._at][1]
        return NotARule(f"Unsupported token '{token}' at char {place}, must be: {expected}")
