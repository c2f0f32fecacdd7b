"""The day on which the region is lost: the runbook's own commands, on an AWS that answers from files."""

import json
import re
import shutil
import subprocess
import sys
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
PROD = "arn:aws:rds:eu-west-3:000000000000:db:exstrat-prod"


def copy(arn: str, latest: str | None, of: str = PROD) -> Json:
    window = {"RestoreWindow": {"LatestTime": latest}} if latest else {}
    of_it = {"DBInstanceArn": of, "DBInstanceIdentifier": of.rsplit(":", 1)[-1]}
    return {"DBInstanceAutomatedBackupsArn": arn, **of_it, **window}


COPIES = [
    copy("arn:retained", "2026-01-01T00:00:00+00:00"),
    copy("arn:copied", "2026-01-02T00:00:00+00:00"),
    copy("arn:begun", None),
    copy("arn:here", "2026-01-03T00:00:00+00:00", PROD.replace("eu-west-3", "eu-west-1")),
    copy("arn:journal", "2026-01-03T00:00:00+00:00", f"{PROD}-journal"),
]
"""In no order, as AWS tells them: a set for each database that was ever called so."""
AWS = """#!/usr/bin/bash
echo "$*" >>calls
case "$1 $2" in
"rds describe-db-instance-automated-backups") "$python" -c "$search" "$6" <copies ;;
"cloudfront list-distributions") echo E2USERS ;;
"cloudfront get-distribution-config") cat distribution ;;
esac
"""
SEARCH = "import json, sys, jmespath; print(*jmespath.search(sys.argv[1], json.load(sys.stdin)), sep='\\t')"
TERRAFORM = """#!/usr/bin/bash
echo "terraform $*" >>calls
case "$1" in
state) echo "$in_state" ;;
apply) exit "$applied" ;;
esac
"""


def blocks() -> list[str]:
    """The chapter's shell, in its order."""
    _, after = (INFRA / "RUNBOOK.md").read_text().split("## The region is lost\n")
    chapter, _ = after.split("\n## ", 1)
    found = re.findall(r"```sh\n(.*?)```", chapter, re.DOTALL)
    return [re.sub(r"^   ", "", block, flags=re.MULTILINE) for block in found]


def config(origins: list[Json]) -> Json:
    return {"Aliases": {"Quantity": 1, "Items": ["app.example.com"]}, "Origins": {"Quantity": 2, "Items": origins}}


def run(folder: Path, block: str, origins: list[Json] = ORIGINS, **told: str) -> subprocess.CompletedProcess[str]:
    """As an engineer would, whose shell goes on after a command that fails."""
    at = folder / "envs" / "recovery"
    at.mkdir(parents=True)
    (folder / "stand-in.jq").write_text((INFRA / "stand-in.jq").read_text())
    (at / "distribution").write_text(json.dumps({"ETag": "E3", "DistributionConfig": config(origins)}))
    (at / "copies").write_text(json.dumps({"DBInstanceAutomatedBackups": COPIES}))
    for name, text in {"aws": AWS, "terraform": TERRAFORM}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    environment = {
        "PATH": f"{folder}:/usr/local/bin:/usr/bin:/bin",
        "told": json.dumps({"runbook": {"stand_in": TO}}),
        "python": sys.executable,
        "search": SEARCH,
        "in_state": "",
        "applied": "0",
    }
    return subprocess.run(
        ["bash", "-c", block], cwd=at, env=environment | told, capture_output=True, text=True, check=False
    )


def calls(folder: Path) -> list[str]:
    return (folder / "envs" / "recovery" / "calls").read_text().splitlines()


def test_the_database_is_made_from_the_newest_copy_and_then_finished(tmp_path: Path) -> None:
    copied, build, *_ = blocks()
    done = run(tmp_path, copied + build)
    assert (done.returncode, done.stderr) == (0, "")
    said = (tmp_path / "envs" / "recovery" / "restore_from.auto.tfvars").read_text()
    assert said == 'restore_from = "arn:copied" # of 2026-01-02T00:00:00+00:00\n'
    assert calls(tmp_path)[1:] == [
        "terraform init -backend-config=bucket=NAME-recovery",
        "terraform state list",
        "terraform apply",
        "terraform apply",
    ]


def test_without_a_copy_nothing_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, blocks()[0], search="print(None, None)")
    assert done.returncode != 0
    assert not (tmp_path / "envs" / "recovery" / "restore_from.auto.tfvars").exists()


def test_what_an_exercise_left_is_not_served(tmp_path: Path) -> None:
    run(tmp_path, blocks()[1], in_state="module.exstrat.module.data.aws_db_instance.primary")
    assert "terraform apply" not in calls(tmp_path)


def test_an_apply_that_failed_is_not_finished(tmp_path: Path) -> None:
    run(tmp_path, blocks()[1], applied="1")
    assert calls(tmp_path).count("terraform apply") == 1


def test_users_are_led_there_and_nothing_else_changes(tmp_path: Path) -> None:
    *_, lead, _ = blocks()
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
    *_, lead, _ = blocks()
    done = run(tmp_path, lead, ORIGINS[:1])
    assert done.returncode != 0
    assert "there must be api and assets" in done.stderr
    assert not any("update-distribution" in call for call in calls(tmp_path))


def test_on_the_way_back_an_old_primary_is_not_served(tmp_path: Path) -> None:
    *_, back = blocks()
    data = "module.exstrat.module.data"
    for at, kept in enumerate((f"{data}.aws_db_proxy_target.primary", f"{data}.aws_db_instance.replica[0]")):
        run(tmp_path / str(at), back, in_state=kept)
        assert [call.split(" -")[0] for call in calls(tmp_path / str(at))[1:]] == ["terraform apply"] * 2
    for at, old in enumerate(("aws_db_instance.primary", "aws_db_instance_automated_backups_replication.this[0]"), 2):
        run(tmp_path / str(at), back, in_state=f"{data}.{old}")
        assert calls(tmp_path / str(at)) == ["terraform state list"]
