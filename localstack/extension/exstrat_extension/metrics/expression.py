"""CloudWatch's metric math: what alarms need of it, read into a tree.

Ids, numbers, `+ - * /`, comparisons, AND, OR, lists and function calls. Anything else is refused
with its place, so that no alarm is evaluated that was only half understood.
"""

import re
from dataclasses import dataclass


class NotMath(ValueError):
    """The expression is none, or uses what is not here."""


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Metric:
    """Another query, by its id."""

    id: str


@dataclass(frozen=True)
class Operation:
    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Function:
    name: str
    arguments: tuple["Node", ...]


@dataclass(frozen=True)
class List:
    items: tuple["Node", ...]


Node = Number | Metric | Operation | Function | List

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<word>[A-Za-z_]\w*)"
    r"|(?P<sign><=|>=|==|!=|&&|\|\||[-+*/<>()\[\],]))"
)
_LOOSEST_FIRST = (
    {"OR", "||"},
    {"AND", "&&"},
    {"<", "<=", ">", ">=", "==", "!="},
    {"+", "-"},
    {"*", "/"},
)
_PLAIN = {"||": "OR", "&&": "AND"}


def parse(text: str) -> Node:
    reader = _Reader(_tokens(text))
    node = reader.operation(0)
    if reader.next is not None:
        raise NotMath(f"{reader.next!r} was not expected in {text!r}")
    return node


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise NotMath(f"{text[at:].strip()!r} is not known here")
        tokens.append(found[0].strip())
        at = found.end()
    return tokens


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def next(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def operation(self, level: int) -> Node:
        if level == len(_LOOSEST_FIRST):
            return self._atom()
        left = self.operation(level + 1)
        while self.next in _LOOSEST_FIRST[level]:
            operator = self._take()
            right = self.operation(level + 1)
            left = Operation(_PLAIN.get(operator, operator), left, right)
        return left

    def _atom(self) -> Node:
        token = self._take()
        if token == "(":
            node = self.operation(0)
            self._expect(")")
            return node
        if token == "[":
            return List(self._until("]"))
        if token == "-":
            return Operation("-", Number(0.0), self._atom())
        if token[0].isdigit():
            return Number(float(token))
        if self.next == "(":
            self._take()
            return Function(token.upper(), self._until(")"))
        if token[0].islower():
            return Metric(token)
        raise NotMath(f"{token!r} was not expected")

    def _until(self, end: str) -> tuple[Node, ...]:
        items = [self.operation(0)]
        while self.next == ",":
            self._take()
            items.append(self.operation(0))
        self._expect(end)
        return tuple(items)

    def _take(self) -> str:
        token = self.next
        if token is None:
            raise NotMath("the expression ends too soon")
        self._at += 1
        return token

    def _expect(self, token: str) -> None:
        if (found := self._take()) != token:
            raise NotMath(f"found {found!r}, expected {token!r}")


def names(node: Node) -> set[str]:
    """The ids of the queries that an expression is made of."""
    match node:
        case Metric(id_):
            return {id_}
        case Operation(_, left, right):
            return names(left) | names(right)
        case Function(_, parts) | List(parts):
            return {name for part in parts for name in names(part)}
    return set()
