"""Applies the whole of prod to LocalStack with our extension, looks for drift, and destroys it.

    .local/venv/bin/python infra/tests/local/apply.py

Run it with the Python that the local cloud is installed in. All of it stays in a scratch folder.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3

INFRA = Path(__file__).resolve().parents[2]
REGION = "eu-west-3"
MIRRORS = ("/opt", "/usr/share", "/usr/local/share", str(Path.home() / ".terraform.d"))
START_TIMEOUT_S = 90

FALSE_DRIFT: dict[str, str] = {}
"""What a second plan shows although nothing changed: the resource, and why the emulator makes it so."""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="exstrat-infra-") as folder, localstack(Path(folder)) as endpoint:
        terraform = Terraform(Path(folder), endpoint)
        terraform.begin()
        print(f"applied: {terraform.apply()} resources")
        must(terraform.drift() - FALSE_DRIFT.keys() == set(), "a second plan is empty", terraform.drift())
        tamper(terraform, endpoint)
        terraform.run("destroy", "-auto-approve", "-parallelism=30")
        must(terraform.resources() == [], "everything is destroyed", terraform.resources())
    print("infra: prod was applied, planned again, tampered with, and destroyed")


def tamper(terraform: "Terraform", endpoint: str) -> None:
    """The maximum is Terraform's, the desired capacity is the controller's."""
    group = "module.exstrat.module.app.aws_autoscaling_group.this"
    autoscaling = client("autoscaling", endpoint)
    autoscaling.set_desired_capacity(AutoScalingGroupName="exstrat-prod", DesiredCapacity=3)
    must(group not in terraform.drift(), "the controller's capacity is no drift", "")
    autoscaling.update_auto_scaling_group(AutoScalingGroupName="exstrat-prod", MaxSize=9)
    must(group in terraform.drift(), "another maximum is drift", "")


def must(condition: bool, what: str, found: Any) -> None:
    print(f"{'ok    ' if condition else 'failed'} {what}")
    if not condition:
        sys.exit(f"infra: not so: {what}; found {found}")


class Terraform:
    def __init__(self, folder: Path, endpoint: str) -> None:
        self._endpoint = endpoint
        self._folder = folder / "infra" / "envs" / "prod"
        shutil.copytree(INFRA, folder / "infra", ignore=shutil.ignore_patterns(".terraform"))
        self._environment = os.environ | {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "2",
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_CONFIG_FILE": str(mirror_configuration(folder)),
        }

    def begin(self) -> None:
        for bucket in ("states", "releases"):
            where = {"LocationConstraint": REGION}
            client("s3", self._endpoint).create_bucket(Bucket=bucket, CreateBucketConfiguration=where)
        made = client("route53", self._endpoint).create_hosted_zone(Name="example.com", CallerReference="1")
        zone = made["HostedZone"]["Id"].rsplit("/", 1)[-1]
        sizes = (INFRA / "tests" / "local" / "prod.tfvars").read_text()
        domain = f'domain = {{ name = "app.example.com", zone_id = "{zone}" }}\n'
        (self._folder / "terraform.tfvars").write_text(sizes + domain)
        self.run("init", "-backend-config=bucket=states")

    def apply(self) -> int:
        self.run("apply", "-auto-approve", "-parallelism=30")
        return len(self.resources())

    def resources(self) -> list[str]:
        return [line for line in self.run("state", "list").splitlines() if ".data." not in line]

    def drift(self) -> set[str]:
        """The resources that a plan would change."""
        self.run("plan", "-out=again", "-parallelism=30")
        plan = json.loads(self.run("show", "-json", "again"))
        changes = plan.get("resource_changes", [])
        return {c["address"] for c in changes if c["change"]["actions"] not in (["no-op"], ["read"])}

    def run(self, *words: str) -> str:
        print("$ terraform", *words, flush=True)
        colour = [] if words[0] in ("state", "show") else ["-no-color", "-input=false"]
        done = subprocess.run(
            ["nice", "-n", "19", "terraform", words[0], *colour, *words[1:]],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"terraform {words[0]} failed:\n{done.stderr}")
        return done.stdout


def mirror_configuration(folder: Path) -> Path:
    """A command line configuration that takes the provider from this machine, where it is."""
    path = folder / "terraform.rc"
    mirror = next((found for place in MIRRORS if (found := mirror_in(Path(place)))), None)
    line = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    path.write_text(line if mirror else "")
    return path


def mirror_in(place: Path) -> Path | None:
    for found in sorted(place.glob("*/*/hashicorp/aws/5.*/*_*")):
        return found.parents[4]
    return None


def client(service: str, endpoint: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@contextmanager
def localstack(folder: Path) -> Iterator[str]:
    """LocalStack with our extension, on a free port of 127.0.0.1, gone afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "FILESYSTEM_ROOT": str(folder / "root"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "OVERRIDE_IN_DOCKER": "0",
        "LOCALSTACK_CLI": "0",
        "DNS_ADDRESS": "0",
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": REGION,
        "LS_LOG": "warning",
    }
    log = (folder / "localstack.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "localstack.runtime.main"], env=environment, stdout=log, stderr=log
    )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        await_health(endpoint, process)
        yield endpoint
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def await_health(endpoint: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{endpoint}/_localstack/health", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    sys.exit("LocalStack does not start; is this the Python of .local/venv?")


if __name__ == "__main__":
    main()
