"""What a plan would change, and what of it is explained."""

from typing import Any

from rehearsal.drift import Change, Excuse, changes_of, excuses, unexplained, unused

Json = dict[str, Any]


def resource(address: str, *actions: str, before: Json | None = None, after: Json | None = None, **more: Any) -> Json:
    change = {"actions": list(actions), "before": before, "after": after} | more
    return {"address": address, "mode": "managed", "change": change}


def plan(*resources: Json, **outputs: Json) -> Json:
    return {"resource_changes": list(resources), "output_changes": outputs}


def test_an_update_is_its_attributes_and_anything_else_its_verb() -> None:
    found = changes_of(
        plan(
            resource(
                "a",
                "update",
                before={"x": 1, "y": 2, "z": 3},
                after={"x": 1, "y": 5},
                after_unknown={"z": [{"w": True}], "x": [{"w": [False]}]},
            ),
            resource("b", "delete", "create", before={"x": 1}, after={"x": 2}),
            resource("c", "no-op", before={}, after={}),
            resource("d", "read"),
        )
    )
    assert found == {Change("a", "y"), Change("a", "z"), Change("b", "delete+create")}


def test_an_output_that_changes_is_a_change() -> None:
    found = changes_of(plan(told={"actions": ["update"]}, same={"actions": ["no-op"]}))
    assert found == {Change("output.told", "value")}


def test_only_the_named_attributes_of_the_named_resources_are_explained() -> None:
    allowed = [Excuse("module.*.alarm.above[*]", ("tags",), "")]
    alarm, group = 'module.m.alarm.above["p95"]', "module.m.group"
    changes = frozenset({Change(alarm, "tags"), Change(alarm, "threshold"), Change(group, "tags")})
    assert unexplained(changes, allowed) == [Change(alarm, "threshold"), Change(group, "tags")]


def test_an_explanation_that_nothing_needs_is_told() -> None:
    allowed = [Excuse("a", ("x", "y"), "")]
    assert unused(frozenset({Change("a", "x")}), allowed) == ["a y"]


def test_the_allow_list_is_read_and_each_has_a_reason() -> None:
    text = '[[excuse]]\nresources = "a"\nattributes = ["x"]\nbecause = "moto"\n'
    assert excuses(text) == [Excuse("a", ("x",), "moto")]
