"""Two environments of one account have no name in common, wherever AWS would have it only once: the plans of prod and
of recovery beside each other, on mocks."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.terraform import NEEDS_TERRAFORM

pytestmark = NEEDS_TERRAFORM

Json = dict[str, Any]
INFRA = Path(__file__).resolve().parents[1]
TEST = "tests/names.tftest.hcl"
NAMES = (
    *("name", "name_prefix", "bucket", "bucket_prefix", "identifier", "final_snapshot_identifier"),
    *("alarm_name", "dashboard_name", "user_id", "user_group_id", "replication_group_id"),
)
"""What AWS tells one from another by, of its kind."""
WITHIN = {
    "aws_iam_role_policy.": "a role's own",
    "aws_db_proxy_default_target_group.": "a proxy's own; AWS's word",
    "aws_route53_record.proof": "a certificate's, made of its name",
}
"""Names that need not differ, by a part of the address."""


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Json]:
    """What each environment would be made of: attributes by address, by environment."""
    folder = tmp_path_factory.mktemp("names")
    shutil.copytree(INFRA, folder / "infra", ignore=shutil.ignore_patterns(".terraform", ".*_cache", "__pycache__"))
    settings = folder / "terraform.rc"
    subprocess.run([INFRA / "provider-mirror", settings], check=True)
    environment = os.environ | {"TF_CLI_CONFIG_FILE": str(settings), "AWS_EC2_METADATA_DISABLED": "true"}

    def terraform(*words: str) -> str:
        stack = folder / "infra" / "modules" / "stack"
        done = subprocess.run(
            ["terraform", *words], cwd=stack, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr}"
        return done.stdout

    terraform("init", "-backend=false", "-input=false")
    told = [json.loads(line) for line in terraform("test", "-json", "-verbose", f"-filter={TEST}").splitlines()]
    return {each["@testrun"]: made(each["test_plan"]) for each in told if each["type"] == "test_plan"}


def made(plan: Json) -> Json:
    managed = [each for each in plan["resource_changes"] if each["mode"] == "managed"]
    return {each["address"]: each["change"]["after"] for each in managed}


def names(attributes: Json) -> dict[str, str]:
    return {name: attributes[name] for name in NAMES if attributes.get(name)}


def test_both_environments_are_planned_whole(plans: dict[str, Json]) -> None:
    assert set(plans) == {"prod", "recovery"}
    of_type = [sorted(address.split("[")[0] for address in plan) for plan in plans.values()]
    assert of_type[0] == of_type[1]
    assert {
        "aws_s3_bucket",
        "aws_iam_role",
        "aws_budgets_budget",
        "aws_wafv2_web_acl",
        "aws_cloudfront_cache_policy",
    } <= {address.split(".")[-2] for address in plans["prod"]}


def test_no_name_is_had_by_both(plans: dict[str, Json]) -> None:
    prod, recovery = plans["prod"], plans["recovery"]
    both = [address for address in prod if address in recovery and not any(part in address for part in WITHIN)]
    taken = {address: names(prod[address]).items() & names(recovery[address]).items() for address in both}
    assert {address: same for address, same in taken.items() if same} == {}
    assert sum(len(names(prod[address])) for address in both) > 150
