"""What Terraform makes beside the fleet: kept as written, and gone when deleted."""

import json
import secrets
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud import Cloud

Json = dict[str, Any]


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    found: str = refused.value.response["Error"]["Code"]
    return found


def distribution(comment: str, *, enabled: bool) -> Json:
    origin = {"Id": "api", "DomainName": "api.example.com"}
    return {
        "CallerReference": comment,
        "Comment": comment,
        "Enabled": enabled,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": {"TargetOriginId": "api", "ViewerProtocolPolicy": "https-only"},
    }


def test_a_distribution_is_shown_as_written_and_deleted_once_disabled(cloud: Cloud) -> None:
    cloudfront = cloud.client("cloudfront", region="us-east-1")
    name = secrets.token_hex(4)
    tags = {"Items": [{"Key": "Project", "Value": "exstrat"}]}
    made = cloudfront.create_distribution_with_tags(
        DistributionConfigWithTags={
            "DistributionConfig": distribution(name, enabled=True),
            "Tags": tags,
        }
    )
    id_, arn = made["Distribution"]["Id"], made["Distribution"]["ARN"]

    shown = cloudfront.get_distribution(Id=id_)
    assert shown["Distribution"]["DistributionConfig"]["Comment"] == name
    listed = cloudfront.list_distributions()["DistributionList"]["Items"]
    assert [it["Id"] for it in listed if it["Comment"] == name] == [id_]
    assert cloudfront.list_tags_for_resource(Resource=arn)["Tags"] == tags

    batch = {"Paths": {"Quantity": 1, "Items": ["/"]}, "CallerReference": name}
    done = cloudfront.create_invalidation(DistributionId=id_, InvalidationBatch=batch)
    assert done["Invalidation"]["Status"] == "Completed"

    with pytest.raises(ClientError) as refused:
        cloudfront.delete_distribution(Id=id_, IfMatch=shown["ETag"])
    assert code(refused) == "DistributionNotDisabled"

    changed = cloudfront.update_distribution(
        Id=id_, IfMatch=shown["ETag"], DistributionConfig=distribution(name, enabled=False)
    )
    with pytest.raises(ClientError) as refused:
        cloudfront.delete_distribution(Id=id_, IfMatch=shown["ETag"])
    assert code(refused) == "PreconditionFailed"

    cloudfront.delete_distribution(Id=id_, IfMatch=changed["ETag"])
    with pytest.raises(ClientError) as refused:
        cloudfront.get_distribution(Id=id_)
    assert code(refused) == "NoSuchDistribution"


def test_a_replication_group_has_its_nodes(cloud: Cloud) -> None:
    elasticache = cloud.client("elasticache")
    name = f"redis-{secrets.token_hex(4)}"
    elasticache.create_replication_group(
        ReplicationGroupId=name,
        ReplicationGroupDescription="test",
        CacheNodeType="cache.t4g.micro",
        NumNodeGroups=2,
        ReplicasPerNodeGroup=1,
        AutomaticFailoverEnabled=True,
        TransitEncryptionEnabled=True,
    )
    group = elasticache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    nodes = [f"{name}-{shard:04}-{node:03}" for shard in (1, 2) for node in (1, 2)]
    assert group["MemberClusters"] == nodes
    assert group["AutomaticFailover"] == "enabled"
    cluster = elasticache.describe_cache_clusters(CacheClusterId=nodes[0])["CacheClusters"][0]
    assert cluster["ReplicationGroupId"] == name
    assert group["TransitEncryptionMode"] == cluster["TransitEncryptionMode"] == "required"

    elasticache.delete_replication_group(ReplicationGroupId=name)
    with pytest.raises(ClientError) as refused:
        elasticache.describe_replication_groups(ReplicationGroupId=name)
    assert code(refused) == "ReplicationGroupNotFoundFault"


def test_a_user_gets_its_password_later(cloud: Cloud) -> None:
    elasticache = cloud.client("elasticache")
    name = f"user-{secrets.token_hex(4)}"
    made = elasticache.create_user(
        UserId=name,
        UserName=name,
        Engine="redis",
        AccessString="off ~* -@all",
        AuthenticationMode={"Type": "no-password-required"},
    )
    assert made["Authentication"]["Type"] == "no-password"
    elasticache.modify_user(
        UserId=name,
        AccessString="on ~* +@read",
        AuthenticationMode={"Type": "password", "Passwords": ["a" * 16]},
    )
    user = elasticache.describe_users(UserId=name)["Users"][0]
    assert user["AccessString"] == "on ~* +@read"
    assert user["Authentication"] == {"Type": "password", "PasswordCount": 1}


def test_an_image_is_there_at_once(cloud: Cloud) -> None:
    builder = cloud.client("imagebuilder")
    name = f"image-{secrets.token_hex(4)}"
    component = builder.create_component(
        name=name, semanticVersion="1.0.0", platform="Linux", data="phases: []"
    )["componentBuildVersionArn"]
    recipe = builder.create_image_recipe(
        name=name,
        semanticVersion="1.0.0",
        parentImage="ami-0",
        components=[{"componentArn": component}],
    )["imageRecipeArn"]
    machine = builder.create_infrastructure_configuration(name=name, instanceProfileName="x")
    ami = {"name": name + "-{{ imagebuilder:buildDate }}"}
    places = builder.create_distribution_configuration(
        name=name,
        distributions=[{"region": "eu-west-3", "amiDistributionConfiguration": ami}],
    )
    arn = builder.create_image(
        imageRecipeArn=recipe,
        infrastructureConfigurationArn=machine["infrastructureConfigurationArn"],
        distributionConfigurationArn=places["distributionConfigurationArn"],
    )["imageBuildVersionArn"]
    image = builder.get_image(imageBuildVersionArn=arn)["image"]
    assert image["state"]["status"] == "AVAILABLE"
    made = image["outputResources"]["amis"][0]["image"]

    def found() -> list[str]:
        named = [{"Name": "name", "Values": [f"{name}-20*"]}]
        images = cloud.client("ec2").describe_images(Owners=["self"], Filters=named)["Images"]
        return [image["ImageId"] for image in images]

    assert found() == [made]

    builder.delete_image(imageBuildVersionArn=arn)
    assert found() == []
    with pytest.raises(ClientError) as refused:
        builder.get_image(imageBuildVersionArn=arn)
    assert code(refused) == "ResourceNotFoundException"


def database(cloud: Cloud, **password: str | bool) -> str:
    name = f"db-{secrets.token_hex(4)}"
    cloud.client("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="admin_",
        **password,
    )
    return name


def test_a_replica_is_not_its_primary(cloud: Cloud) -> None:
    rds, name = cloud.client("rds"), database(cloud, MasterUserPassword="a" * 16)
    rds.create_db_instance_read_replica(
        DBInstanceIdentifier=f"{name}-replica", SourceDBInstanceIdentifier=name
    )
    rds.delete_db_instance(DBInstanceIdentifier=f"{name}-replica", SkipFinalSnapshot=True)
    assert rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]


def test_a_managed_password_is_kept_and_allows_no_replica(cloud: Cloud) -> None:
    rds, key = cloud.client("rds"), cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    name = database(cloud, ManageMasterUserPassword=True, MasterUserSecretKmsKeyId=key)
    with pytest.raises(ClientError, match="managed by RDS"):
        rds.create_db_instance_read_replica(
            DBInstanceIdentifier=f"{name}-replica", SourceDBInstanceIdentifier=name
        )

    (primary,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    secret = primary["MasterUserSecret"]
    assert secret["KmsKeyId"] == key
    value = cloud.client("secretsmanager").get_secret_value(SecretId=secret["SecretArn"])
    assert json.loads(value["SecretString"])["password"]


def test_backups_are_kept_in_another_region(cloud: Cloud) -> None:
    here, there = cloud.client("rds"), cloud.client("rds", region="eu-west-1")
    name = database(cloud, MasterUserPassword="a" * 16)
    (source,) = here.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    of, key = source["DBInstanceArn"], "arn:aws:kms:eu-west-1:000000000000:key/backups"
    asked = {"SourceDBInstanceArn": of, "KmsKeyId": key, "BackupRetentionPeriod": 3}
    made = there.start_db_instance_automated_backups_replication(**asked)
    arn = made["DBInstanceAutomatedBackup"]["DBInstanceAutomatedBackupsArn"]
    assert arn.startswith("arn:aws:rds:eu-west-1:000000000000:auto-backup:ab-")

    def found(**by: str) -> list[tuple[str, str, str, int]]:
        told = there.describe_db_instance_automated_backups(**by)["DBInstanceAutomatedBackups"]
        return [
            (it["DBInstanceArn"], it["Status"], it["KmsKeyId"], it["BackupRetentionPeriod"])
            for it in told
        ]

    assert found(DBInstanceAutomatedBackupsArn=arn) == [(of, "replicating", key, 3)]
    assert found(DBInstanceIdentifier=name) == [(of, "replicating", key, 3)]
    there.restore_db_instance_to_point_in_time(
        SourceDBInstanceAutomatedBackupsArn=arn,
        TargetDBInstanceIdentifier=f"{name}-restored",
        UseLatestRestorableTime=True,
    )
    (restored,) = there.describe_db_instances()["DBInstances"]
    assert restored["DBInstanceIdentifier"] == f"{name}-restored"
    assert restored["KmsKeyId"] == key
    assert "ReadReplicaSourceDBInstanceIdentifier" not in restored
    assert ":eu-west-1:" in restored["DBInstanceArn"]
    there.delete_db_instance(DBInstanceIdentifier=f"{name}-restored", SkipFinalSnapshot=True)

    there.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=of)
    assert found(DBInstanceIdentifier=name) == [(of, "retained", key, 3)]
    again = there.start_db_instance_automated_backups_replication(SourceDBInstanceArn=of)
    latest = again["DBInstanceAutomatedBackup"]["RestoreWindow"]["LatestTime"]
    assert latest > made["DBInstanceAutomatedBackup"]["RestoreWindow"]["LatestTime"]
    there.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=of)
    both = there.describe_db_instance_automated_backups(DBInstanceIdentifier=name)
    assert [it["Status"] for it in both["DBInstanceAutomatedBackups"]] == ["retained", "retained"]

    with pytest.raises(ClientError) as refused:
        found(DBInstanceAutomatedBackupsArn=f"{arn}0")
    assert code(refused) == "DBInstanceAutomatedBackupNotFound"
    with pytest.raises(ClientError) as refused:
        there.start_db_instance_automated_backups_replication(SourceDBInstanceArn=f"{of}0")
    assert code(refused) == "DBInstanceNotFound"


def test_who_is_told_of_a_budget(cloud: Cloud) -> None:
    budgets, account = cloud.client("budgets"), "000000000000"
    name = f"budget-{secrets.token_hex(4)}"
    notification = {
        "NotificationType": "ACTUAL",
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": 80.0,
        "ThresholdType": "PERCENTAGE",
    }
    told = [{"SubscriptionType": "EMAIL", "Address": "ops@example.com"}]
    budgets.create_budget(
        AccountId=account,
        Budget={
            "BudgetName": name,
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "100", "Unit": "USD"},
        },
        NotificationsWithSubscribers=[{"Notification": notification, "Subscribers": told}],
    )
    answer = budgets.describe_subscribers_for_notification(
        AccountId=account, BudgetName=name, Notification=notification
    )
    assert answer["Subscribers"] == told


def test_a_function_is_kept_and_says_it_ran(cloud: Cloud) -> None:
    functions = cloud.client("lambda")
    name = f"function-{secrets.token_hex(4)}"
    role = "arn:aws:iam::000000000000:role/test"
    functions.create_function(
        FunctionName=name, Role=role, Runtime="python3.13", Handler="a.b", Code={"ZipFile": b""}
    )
    assert functions.get_function(FunctionName=name)["Configuration"]["State"] == "Active"
    assert functions.invoke(FunctionName=name)["StatusCode"] == 200
    functions.delete_function(FunctionName=name)
    with pytest.raises(ClientError) as refused:
        functions.get_function(FunctionName=name)
    assert code(refused) == "ResourceNotFoundException"


def test_parameters_that_were_set_are_told(cloud: Cloud) -> None:
    rds, name = cloud.client("rds"), f"group-{secrets.token_hex(4)}"
    rds.create_db_parameter_group(
        DBParameterGroupName=name, DBParameterGroupFamily="postgres17", Description="test"
    )
    force = {"ParameterName": "rds.force_ssl", "ParameterValue": "1", "ApplyMethod": "immediate"}
    rds.modify_db_parameter_group(DBParameterGroupName=name, Parameters=[force])
    (told,) = rds.describe_db_parameters(DBParameterGroupName=name)["Parameters"]
    assert told == force | {"Source": "user"}


def test_a_launch_templates_own_tags_are_not_its_instances(cloud: Cloud) -> None:
    name = f"template-{secrets.token_hex(4)}"
    instances = {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "api"}]}
    own = {"ResourceType": "launch-template", "Tags": [{"Key": "Project", "Value": "exstrat"}]}
    cloud.ec2.create_launch_template(
        LaunchTemplateName=name,
        LaunchTemplateData={"ImageId": "ami-12345678", "TagSpecifications": [instances]},
        TagSpecifications=[own],
    )
    (template,) = cloud.ec2.describe_launch_templates(LaunchTemplateNames=[name])["LaunchTemplates"]
    assert template["Tags"] == own["Tags"]
    (version,) = cloud.ec2.describe_launch_template_versions(LaunchTemplateName=name)[
        "LaunchTemplateVersions"
    ]
    assert version["LaunchTemplateData"]["TagSpecifications"] == [instances]


def test_an_alarms_tags_are_told(cloud: Cloud) -> None:
    name, tags = f"alarm-{secrets.token_hex(4)}", [{"Key": "Project", "Value": "exstrat"}]
    cloud.cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="test",
        MetricName="latency",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
        Tags=tags,
    )
    rule = f'ALARM("{name}")'
    cloud.cloudwatch.put_composite_alarm(AlarmName=f"{name}-both", AlarmRule=rule, Tags=tags)
    for alarm in (name, f"{name}-both"):
        arn = f"arn:aws:cloudwatch:eu-west-3:000000000000:alarm:{alarm}"
        assert cloud.cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == tags
