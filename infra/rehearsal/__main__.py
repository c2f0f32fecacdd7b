"""All of prod on a LocalStack of its own: applied, deployed to, controlled, tampered with, abandoned, destroyed."""

import argparse
import ctypes
import signal
import sys
import tempfile
from pathlib import Path
from subprocess import CalledProcessError
from types import FrameType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal import closed_loop, deploy, runbook, safety_net, takeover
from rehearsal.cloud import Cloud, localstack
from rehearsal.daemon import Controller
from rehearsal.data_plane import data_plane
from rehearsal.demand import Demand
from rehearsal.drift import Change, excuses, unexplained, unused
from rehearsal.fleet import Fleet
from rehearsal.must import NotSo, must
from rehearsal.postgres import postgres
from rehearsal.terraform import INFRA, Terraform, TerraformFailed

GROUP = "module.exstrat.module.app.aws_autoscaling_group.this"
PR_SET_PDEATHSIG = 1


def main() -> None:
    options = argparse.ArgumentParser(prog="infra/rehearse", description=__doc__)
    programs = INFRA.parent / "target" / "debug"
    options.add_argument("--controller", type=Path, default=programs / "controller", help="its program")
    program: Path = options.parse_args().controller.resolve()
    if not program.exists():
        sys.exit(f"infra: {program} is not there: cargo run --bin localstack -- provision")
    end_with_parent()
    with tempfile.TemporaryDirectory(prefix="exstrat-rehearsal-") as folder:
        try:
            with localstack(Path(folder)) as cloud:
                rehearse(Path(folder), cloud, program)
        except (NotSo, TerraformFailed, TimeoutError, CalledProcessError, BotoCoreError, ClientError) as error:
            sys.exit(f"infra: {error}")


def rehearse(folder: Path, cloud: Cloud, program: Path) -> None:
    prod = Terraform(folder, cloud)
    prod.begin()
    planned, added = prod.apply()
    must(planned == added == len(prod.resources()), f"all of prod is applied: {added} resources", planned)
    with data_plane(cloud):
        with postgres(folder) as journal:
            output = prod.output()
            fleet = Fleet(cloud, output)
            fleet.await_in_service()
            deploy.goes_out(prod, fleet)
            deploy.is_undone(prod, cloud, fleet, output["runbook"]["rollback_alarms"][0])
            is_controlled(prod, cloud, output, fleet, Controller(program, folder, cloud, output, journal))
        runbook.run(INFRA, prod.folder, prod.environment)
        destroyed = prod.destroy()
    must(destroyed == added and prod.resources() == [], f"all of it is destroyed: {destroyed} resources")
    print("infra: the rehearsal of prod has been passed")


def is_controlled(prod: Terraform, cloud: Cloud, output: dict[str, Any], fleet: Fleet, controller: Controller) -> None:
    """By one daemon, by the one that follows it, then by nobody, then by a daemon again."""
    demand = Demand(cloud, output["controller_configuration"])
    closed_loop.checks(controller)
    closed_loop.needs_each_permission(controller, cloud, fleet, demand)
    closed_loop.scales_out(controller, cloud, fleet, demand)
    takeover.goes_on(controller, cloud, fleet, demand)

    armed = safety_net.is_armed(fleet, demand)
    # Beside the minutes that the net takes.
    only_a_bound_drifts(prod, fleet)
    safety_net.fires(cloud, fleet, demand, armed)
    safety_net.gives_way(controller, cloud, fleet, demand)


def only_a_bound_drifts(prod: Terraform, fleet: Fleet) -> None:
    """Another plan, one bound tampered with. The maximum is Terraform's; the desired capacity, which the controller
    has changed by now, and the version, which a deploy has, are not; what else it shows is the emulator's doing."""
    described = fleet.describe()
    must(described["DesiredCapacity"] != described["MinSize"], "the controller changed the desired capacity")
    fleet.set_max(described["MaxSize"] + 1)
    changes = prod.plan()
    fleet.set_max(described["MaxSize"])
    allowed = excuses((Path(__file__).parent / "false_drift.toml").read_text())
    left, stale = unexplained(changes, allowed), unused(changes, allowed)
    must(left == [Change(GROUP, "max_size")], "another max_size is drift, another size or version is not", listed(left))
    must(not stale, f"of {len(changes)} attributes that a plan shows, all others are the emulator's", stale)


def listed(changes: list[Change]) -> str:
    return "".join(f"\n  {change.address} {change.attribute}" for change in changes)


def end_with_parent() -> None:
    """A test command that is killed leaves nothing behind: the folder goes, and with us LocalStack."""

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, leave)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    main()
