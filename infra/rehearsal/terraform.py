"""Terraform on the whole of prod, in a copy, pointed at a LocalStack."""

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from rehearsal.cloud import REGION, Cloud
from rehearsal.drift import Changes, changes_of

INFRA = Path(__file__).resolve().parents[1]
DOMAIN = "app.example.com"
NOT_COPIED = (".terraform", ".*_cache", "__pycache__")
"""What Terraform and the checks of Python, which may run beside us, leave there."""
STATES, RELEASES = "states", "releases"
ELSEWHERE = "eu-west-1"
"""`recovery_region` of prod."""
PARALLEL = "-parallelism=30"
"""Terraform's own 10 are for a cloud that throttles; most of an apply is waiting."""


_DATA = re.compile(r"(module\.\w+\.)*data\.")


class TerraformFailed(Exception):
    """Terraform's own words."""


class Terraform:
    def __init__(self, folder: Path, cloud: Cloud) -> None:
        self._cloud = cloud
        shutil.copytree(INFRA, folder / "infra", ignore=shutil.ignore_patterns(*NOT_COPIED))
        self._state = folder / "infra" / "state"
        self.folder = folder / "infra" / "envs" / "prod"
        settings = folder / "terraform.rc"
        subprocess.run([INFRA / "provider-mirror", settings], check=True)
        self.environment = os.environ | {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": cloud.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
            # The provider's 25 would hide an emulator's error for minutes.
            "AWS_MAX_ATTEMPTS": "2",
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_CONFIG_FILE": str(settings),
        }

    def begin(self) -> None:
        """What an account has before the first apply: the buckets of states and their keys, the releases, the zone."""
        self.run("init", folder=self._state)
        self.run("apply", "-auto-approve", f"-var=bucket={STATES}", folder=self._state)
        # The key of the backups that prod keeps in another region.
        self.run("workspace", "new", "recovery", folder=self._state)
        there = (f"-var=bucket={STATES}-{ELSEWHERE}", f"-var=region={ELSEWHERE}")
        self.run("apply", "-auto-approve", *there, folder=self._state)
        where = {"LocationConstraint": REGION}
        self._cloud.client("s3").create_bucket(Bucket=RELEASES, CreateBucketConfiguration=where)
        route53 = self._cloud.client("route53")
        zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]
        sizes = (Path(__file__).parent / "prod.tfvars").read_text()
        domain = f'domain = {{ name = "{DOMAIN}", zone_id = "{zone["Id"].rsplit("/", 1)[-1]}" }}\n'
        # After sizes.auto.tfvars, in the order of names, and so over it.
        (self.folder / "smaller.auto.tfvars").write_text(sizes + domain)
        self.run("init", f"-backend-config=bucket={STATES}")

    def apply(self) -> tuple[int, int]:
        """How many resources were planned, and how many were made."""
        told = self.run("apply", "-auto-approve", PARALLEL)
        return _count(r"Plan: (\d+) to add", told), _count(r"Resources: (\d+) added", told)

    def release(self, version: str) -> None:
        """Another release of the API in the variables, for the next apply."""
        ours = self.folder / "smaller.auto.tfvars"
        text = ours.read_text()
        ours.write_text(re.sub(r'(api += \{ version = )"[^"]*"', rf'\1"{version}"', text))

    def destroy(self) -> int:
        """How many resources are gone."""
        # What there is was read by the plan before; reading it again takes minutes here.
        told = self.run("destroy", "-auto-approve", "-refresh=false", PARALLEL)
        return _count(r"Resources: (\d+) destroyed", told)

    def resources(self) -> list[str]:
        """The addresses of all that Terraform made; data it only read is none of it."""
        every = self.run("state", "list").splitlines()
        return [address for address in every if not _DATA.match(address)]

    def output(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.run("output", "-json", "exstrat"))
        return told

    def plan(self) -> Changes:
        """What a plan would change now."""
        self.run("plan", "-out=again", PARALLEL)
        return changes_of(json.loads(self.run("show", "-json", "again")))

    def run(self, *words: str, folder: Path | None = None) -> str:
        """In the folder of prod, unless another one is said."""
        quiet = ["-no-color", "-input=false"] if words[0] in ("init", "plan", "apply", "destroy") else []
        began = time.monotonic()
        # Ends with us: an apply that nobody waits for would go on against a cloud that is gone.
        command = ["setpriv", "--pdeathsig", "TERM", "--", "terraform", words[0], *quiet, *words[1:]]
        done = subprocess.run(
            command, cwd=folder or self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        print(f"$ terraform {' '.join(words)}    {time.monotonic() - began:.0f} s", flush=True)
        if done.returncode != 0:
            raise TerraformFailed(f"terraform {words[0]}:\n{done.stdout[-2000:]}\n{done.stderr}")
        return done.stdout


def _count(pattern: str, told: str) -> int:
    found = re.search(pattern, told)
    return int(found[1]) if found else 0
