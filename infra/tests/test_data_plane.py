"""What is reported of instances and targets, from what the fleet is."""

from typing import Any

from rehearsal.data_plane import PORT, facts

ARN = "arn:aws:elasticloadbalancing:eu-west-3:000000000000:targetgroup/api/1"


def instance(state: str, port: int | None = None, drained: bool = False) -> dict[str, Any]:
    return {"instance_id": "i-1", "lifecycle_state": state, "port": port, "drained": drained}


def fleet(of: dict[str, Any], *target_states: str) -> dict[str, Any]:
    targets = [{"instance_id": "i-1", "state": state} for state in target_states]
    return {"instances": [of], "target_groups": [{"arn": ARN, "targets": targets}]}


def test_a_pending_instance_runs_once() -> None:
    assert facts(fleet(instance("Pending"))) == [{"fact": "instance_running", "port": PORT, "instance_id": "i-1"}]
    assert facts(fleet(instance("Pending", PORT))) == []


def test_a_new_target_is_healthy() -> None:
    healthy = {"fact": "target_health", "state": "healthy", "target_group_arn": ARN, "instance_id": "i-1"}
    assert facts(fleet(instance("Pending", PORT), "initial")) == [healthy]
    assert facts(fleet(instance("InService", PORT), "healthy")) == []


def test_an_instance_drains_before_it_is_gone() -> None:
    drained = {"fact": "target_drained", "target_group_arn": ARN, "instance_id": "i-1"}
    assert facts(fleet(instance("Terminating", PORT), "draining")) == [drained]
    gone = [{"fact": "instance_exited", "instance_id": "i-1"}]
    assert facts(fleet(instance("Terminating", PORT, drained=True))) == gone


def test_an_instance_of_a_group_without_targets_leaves_too() -> None:
    """The controller's: nobody else would end it, and Terraform would wait for it."""
    of_no_targets = {"instances": [instance("Terminating", drained=True)], "target_groups": []}
    assert facts(of_no_targets) == [{"fact": "instance_exited", "instance_id": "i-1"}]
