"""The day on which the region is lost: the runbook's own commands, on an AWS that answers from files."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not here")

Json = dict[str, Any]
INFRA = Path(__file__).resolve().parents[1]
TO = {"vpc_origin_id": "vo_there", "api_domain": "origin.recovery.example.com", "assets_domain": "there.s3.example.com"}
VPC = {"VpcOriginId": "vo_here", "OriginReadTimeout": 35}
ORIGINS: list[Json] = [
    {"Id": "api", "DomainName": "origin.example.com", "VpcOriginConfig": VPC},
    {"Id": "assets", "DomainName": "here.s3.example.com", "OriginAccessControlId": "E1"},
]
COPIES: list[Json] = [
    {"Region": "eu-west-1", "DBInstanceAutomatedBackupsArn": "arn:here", "RestoreWindow": {"LatestTime": "now"}},
    {"Region": "eu-west-3", "DBInstanceAutomatedBackupsArn": "arn:copied", "RestoreWindow": {"LatestTime": "now"}},
]
AWS = """#!/usr/bin/bash
echo "$*" >>calls
case "$1 $2" in
"rds describe-db-instance-automated-backups") printf 'arn:copied\\tnow\\n' ;;
"cloudfront list-distributions") echo E2USERS ;;
"cloudfront get-distribution-config") cat distribution ;;
esac
"""
TERRAFORM = '#!/usr/bin/bash\necho "terraform $*" >>calls\n'


def blocks() -> list[str]:
    """The chapter's shell, in its order."""
    _, after = (INFRA / "RUNBOOK.md").read_text().split("## The region is lost\n")
    chapter, _ = after.split("\n## ", 1)
    found = re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)
    return [re.sub(r"^   ", "", block, flags=re.MULTILINE) for block in found]


def config(origins: list[Json]) -> Json:
    return {"Aliases": {"Quantity": 1, "Items": ["app.example.com"]}, "Origins": {"Quantity": 2, "Items": origins}}


def run(folder: Path, block: str, origins: list[Json] = ORIGINS) -> subprocess.CompletedProcess[str]:
    at = folder / "envs" / "recovery"
    at.mkdir(parents=True)
    (folder / "stand-in.jq").write_text((INFRA / "stand-in.jq").read_text())
    (at / "distribution").write_text(json.dumps({"ETag": "E3", "DistributionConfig": config(origins)}))
    for name, text in {"aws": AWS, "terraform": TERRAFORM}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    told = json.dumps({"runbook": {"stand_in": TO}})
    environment = {"PATH": f"{folder}:/usr/local/bin:/usr/bin:/bin", "told": told}
    shell = ["bash", "-euo", "pipefail", "-c", block]
    return subprocess.run(shell, cwd=at, env=environment, capture_output=True, text=True, check=False)


def calls(folder: Path) -> list[str]:
    return (folder / "envs" / "recovery" / "calls").read_text().splitlines()


def test_the_database_is_made_from_the_copy_and_then_finished(tmp_path: Path) -> None:
    build, _ = blocks()
    done = run(tmp_path, build)
    assert (done.returncode, done.stderr) == (0, "")
    assert calls(tmp_path)[1:] == [
        "terraform init -backend-config=bucket=NAME-recovery",
        "terraform apply -var restore_from=arn:copied",
        "terraform apply",
    ]


def test_the_copy_is_told_from_backups_of_that_region(tmp_path: Path) -> None:
    jmespath = pytest.importorskip("jmespath")
    query = re.search(r'--query "(.*?)"', blocks()[0])
    assert query
    assert jmespath.search(query[1], {"DBInstanceAutomatedBackups": COPIES}) == [["arn:copied", "now"]]


def test_users_are_led_there_and_nothing_else_changes(tmp_path: Path) -> None:
    _, lead = blocks()
    done = run(tmp_path, lead)
    assert (done.returncode, done.stderr) == (0, "")
    updated = "cloudfront update-distribution --id E2USERS --if-match E3 --distribution-config file://now.json"
    assert updated in calls(tmp_path)
    api, assets = ORIGINS
    there = VPC | {"VpcOriginId": "vo_there"}
    expected = [
        api | {"DomainName": TO["api_domain"], "VpcOriginConfig": there},
        assets | {"DomainName": TO["assets_domain"]},
    ]
    assert json.loads((tmp_path / "envs" / "recovery" / "now.json").read_text()) == config(expected)


def test_a_distribution_of_another_form_is_left_alone(tmp_path: Path) -> None:
    _, lead = blocks()
    done = run(tmp_path, lead, ORIGINS[:1])
    assert done.returncode != 0
    assert "there must be api and assets" in done.stderr
    assert not any("update-distribution" in call for call in calls(tmp_path))
