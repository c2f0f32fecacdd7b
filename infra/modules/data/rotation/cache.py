"""Rotates the password of one ElastiCache user, as Secrets Manager asks, in its four steps.

The new password is added beside the one in force before anybody is told of it, so no connection is refused in
between; the older one goes at the next rotation. The user is made shut, and the first rotation opens it.
"""

import json
import os
import time

import boto3

# Commands of a cache: data, connections, channels; nothing that administers.
ACCESS = "on ~* &* -@all +@read +@write +@connection +@pubsub +@scripting +@transaction -@dangerous +cluster"
PATIENCE_S = 240


def handler(event, context):
    secrets, cache = boto3.client("secretsmanager"), boto3.client("elasticache")
    secret, token = event["SecretId"], event["ClientRequestToken"]
    steps = {
        "createSecret": lambda: create(secrets, secret, token),
        "setSecret": lambda: set_passwords(secrets, cache, secret, token),
        "testSecret": lambda: until_active(cache),
        "finishSecret": lambda: finish(secrets, secret, token),
    }
    steps[event["Step"]]()


def create(secrets, secret, token):
    if value(secrets, secret, VersionId=token, VersionStage="AWSPENDING"):
        return
    password = secrets.get_random_password(PasswordLength=64, ExcludePunctuation=True)["RandomPassword"]
    text = json.dumps({"username": os.environ["USER_NAME"], "password": password})
    secrets.put_secret_value(
        SecretId=secret, ClientRequestToken=token, SecretString=text, VersionStages=["AWSPENDING"]
    )


def set_passwords(secrets, cache, secret, token):
    new = value(secrets, secret, VersionId=token, VersionStage="AWSPENDING")
    in_force = value(secrets, secret, VersionStage="AWSCURRENT")
    passwords = [new["password"]] + ([in_force["password"]] if in_force else [])
    until_active(cache)
    cache.modify_user(
        UserId=os.environ["USER_ID"],
        AccessString=ACCESS,
        AuthenticationMode={"Type": "password", "Passwords": list(dict.fromkeys(passwords))},
    )


def until_active(cache):
    deadline = time.monotonic() + PATIENCE_S
    while cache.describe_users(UserId=os.environ["USER_ID"])["Users"][0]["Status"] != "active":
        if time.monotonic() > deadline:
            raise TimeoutError(f"{os.environ['USER_ID']} is not active after {PATIENCE_S} s")
        time.sleep(5)


def finish(secrets, secret, token):
    stages = secrets.describe_secret(SecretId=secret)["VersionIdsToStages"]
    current = next((version for version, names in stages.items() if "AWSCURRENT" in names), None)
    if current == token:
        return
    moved = {"RemoveFromVersionId": current} if current else {}
    secrets.update_secret_version_stage(
        SecretId=secret, VersionStage="AWSCURRENT", MoveToVersionId=token, **moved
    )


def value(secrets, secret, **version):
    """The secret's value in that version, or nothing where there is none yet."""
    try:
        return json.loads(secrets.get_secret_value(SecretId=secret, **version)["SecretString"])
    except secrets.exceptions.ResourceNotFoundException:
        return None
