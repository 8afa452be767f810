"""What a platform engineer would look for before signing the deployment."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.lambda_documents import EVENT

if TYPE_CHECKING:
    from tests.infrastructure.conftest import Template

EVERY_RESOURCE = {
    "xray:PutTraceSegments": "X-Ray has no resources to name",
    "xray:PutTelemetryRecords": "X-Ray has no resources to name",
    "ec2:CreateNetworkInterface": "Lambda makes interfaces that have no name yet, and checks for this form",
    "ec2:DeleteNetworkInterface": "the same interfaces",
    "ec2:DescribeNetworkInterfaces": "EC2 describes all or nothing",
    "ec2:DescribeSubnets": "EC2 describes all or nothing",
    "ec2:AssignPrivateIpAddresses": "the same interfaces",
    "ec2:UnassignPrivateIpAddresses": "the same interfaces",
}
"""Actions that a role may do on every resource, and why AWS allows nothing narrower."""
EVERY_ACTION = {
    "Account": "a key's own policy hands it to the account, whose roles then say who may do what",
    "OnlyByTls": "a denial of everything that is not by TLS",
}
"""Statements with an action that ends in *, and why."""
PARTS = {
    "foundation-model/": "an inference profile computes in several regions, under versions of one model",
    "inference-profile/": "versions of one model",
    ":log-group:": "the streams of one log group",
    "domain/": "the indices of one domain",
    "handbook/security/*": "what lies in the one folder of company documents",
    ":secret:": "Secrets Manager puts six characters behind a secret's name",
}
"""Resources with a * or ? in the middle, and why."""


def words(value: Any) -> list[str]:
    """One or many, as many."""
    return value if isinstance(value, list) else [value]


def statements(template: Template, role: str) -> Iterator[dict[str, Any]]:
    """Every statement that a role has, in it or attached to it."""
    for policy in template.resources[role]["Properties"].get("Policies", ()):
        yield from policy["PolicyDocument"]["Statement"]
    for policy in template.of("AWS::IAM::Policy").values():
        if {"Ref": role} in policy["Roles"]:
            yield from policy["PolicyDocument"]["Statement"]


def documents(template: Template) -> Iterator[dict[str, Any]]:
    """Every statement of every policy of the template."""

    def inside(value: Any) -> Iterator[dict[str, Any]]:
        if isinstance(value, dict):
            if "Statement" in value and "Version" in value:
                yield from value["Statement"]
            for part in value.values():
                yield from inside(part)
        elif isinstance(value, list):
            for part in value:
                yield from inside(part)

    yield from inside(template.resources)


ROLES = ("IngressRole", "WorkerRole")


def test_no_action_is_open(template: Template) -> None:
    """No statement allows * or service:*; the few that name them have a reason above."""
    for statement in documents(template):
        wide = [a for a in words(statement.get("Action", [])) if a.endswith("*")]
        assert not wide or statement.get("Sid") in EVERY_ACTION or statement["Effect"] == "Deny", statement


def test_no_resource_is_open(template: Template) -> None:
    """A role may do something on every resource only where AWS knows none, each action with its reason."""
    for role in ROLES:
        for statement in statements(template, role):
            for resource in words(statement["Resource"]):
                text = json.dumps(resource)
                if resource == "*":
                    assert set(words(statement["Action"])) <= set(EVERY_RESOURCE), statement
                elif "*" in text.replace("/*", "") or "?" in text:
                    assert any(part in text for part in PARTS), statement


def test_the_reasons_are_needed(synthesised: dict[str, Template]) -> None:
    """No exception stands in the lists above that no template needs."""
    used = {
        action
        for template in synthesised.values()
        for role in ROLES
        for statement in statements(template, role)
        if statement["Resource"] == "*"
        for action in words(statement["Action"])
    }
    assert used == set(EVERY_RESOURCE)


def test_the_ingress_can_only_enqueue_and_look_up(template: Template) -> None:
    """It cannot read the bucket, call Bedrock or OpenSearch, take jobs, or change records but its own."""
    allowed = {a for s in statements(template, "IngressRole") for a in words(s["Action"])}
    services = {a.partition(":")[0] for a in allowed}

    assert not services & {"s3", "bedrock", "es", "aoss"}
    assert {a for a in allowed if a.startswith("sqs:")} == {"sqs:SendMessage"}
    conditional = [s for s in statements(template, "IngressRole") if s.get("Condition")]
    writing = [s for s in conditional if "Item" in str(s["Action"])]
    keys = [s["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] for s in writing]
    assert keys == [["DELIVERY#*"], ["INSTALLATION#*", "TICKET#*"], ["RUN#*"]]
    (encrypting,) = [s for s in conditional if "kms:Encrypt" in words(s["Action"])]
    assert encrypting["Condition"]["ForAnyValue:StringEquals"] == {"kms:EncryptionContextKeys": ["workspace"]}
    unconditional = {
        a for s in statements(template, "IngressRole") if not s.get("Condition") for a in words(s["Action"])
    }
    assert {a for a in unconditional if a.startswith("dynamodb:")} == {
        "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query",
    }  # fmt: skip


def test_the_worker_cannot_change_what_it_runs_on(template: Template) -> None:
    """Nothing that makes, deletes or configures a queue, table, bucket, key, role, function or secret."""
    allowed = {a for s in statements(template, "WorkerRole") for a in words(s["Action"])}
    verbs = {a.partition(":")[2] for a in allowed if a.partition(":")[0] not in {"ec2", "es", "aoss"}}

    assert verbs == {
        "ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes", "SendMessage",
        "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem",
        "GetObject", "PutObject", "DeleteObject", "ListBucket", "InvokeModel",
        "InvokeModelWithResponseStream", "GetSecretValue", "Decrypt", "Encrypt", "GenerateDataKey",
        "CreateLogStream",
        "PutLogEvents", "PutTraceSegments", "PutTelemetryRecords",
    }  # fmt: skip
    assert "dynamodb:Scan" not in allowed


def test_everything_that_is_kept_is_encrypted_with_our_key(template: Template) -> None:
    """Table, bucket, queues, topic, logs, environment and search: the stack's own key, which rotates."""
    key, by_arn = {"Ref": "Key"}, {"Fn::GetAtt": ["Key", "Arn"]}
    (made,) = template.of("AWS::KMS::Key").values()
    assert made["EnableKeyRotation"] is True
    (table,) = template.of("AWS::DynamoDB::Table").values()
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    (rule,) = template.resources["Bucket"]["Properties"]["BucketEncryption"][
        "ServerSideEncryptionConfiguration"
    ]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": by_arn}
    queues = template.of("AWS::SQS::Queue").values()
    assert [q["KmsMasterKeyId"] for q in queues] == [by_arn, by_arn]
    assert [t["KmsMasterKeyId"] for t in template.of("AWS::SNS::Topic").values()] == [key]
    assert [g["KmsKeyId"] for g in template.of("AWS::Logs::LogGroup").values()] == [by_arn] * 3
    assert [f["KmsKeyArn"] for f in template.of("AWS::Lambda::Function").values()] == [by_arn] * 2
    for domain in template.of("AWS::OpenSearchService::Domain").values():
        assert domain["EncryptionAtRestOptions"] == {"Enabled": True, "KmsKeyId": key}
        assert domain["NodeToNodeEncryptionOptions"] == {"Enabled": True}
        assert domain["DomainEndpointOptions"]["EnforceHTTPS"] is True
        assert domain["DomainEndpointOptions"]["TLSSecurityPolicy"] == "Policy-Min-TLS-1-2-PFS-2023-10"
    for policy in template.of("AWS::OpenSearchServerless::SecurityPolicy").values():
        assert policy["Type"] == "network" or "Key.Arn" in json.dumps(policy["Policy"])


def test_buckets_are_private_versioned_and_by_tls_only(template: Template) -> None:
    """No public access, no plain HTTP; old versions and what is past the retention end by themselves."""
    for name, bucket in template.of("AWS::S3::Bucket").items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert bucket["BucketEncryption"]
        policies = [p for p in template.of("AWS::S3::BucketPolicy").values() if p["Bucket"] == {"Ref": name}]
        (denial,) = [s for p in policies for s in p["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert str(denial["Condition"]["Bool"]["aws:SecureTransport"]).lower() == "false"
    ours = template.resources["Bucket"]["Properties"]
    assert ours["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = {r["Id"]: r for r in ours["LifecycleConfiguration"]["Rules"]}
    retention = template.resources["WorkerLambdaFunction"]["Properties"]["Environment"]["Variables"]
    assert str(rules["retention"]["ExpirationInDays"]) == str(retention["THREATBOT_RETENTION_DAYS"])


def test_the_table_can_be_brought_back(template: Template) -> None:
    """Point-in-time recovery, the TTL attribute that the records write, and keys of the right names."""
    (table,) = template.of("AWS::DynamoDB::Table").values()

    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
    assert [k["AttributeName"] for k in table["KeySchema"]] == ["PK", "SK"]
    assert "GlobalSecondaryIndexes" not in table


@pytest.mark.parametrize("case", ["prod", "collection"])
def test_production_keeps_its_data_when_the_stack_goes(synthesised: dict[str, Template], case: str) -> None:
    """In prod the table, the buckets, the key, the dead letters and the search outlive the stack."""
    resources = synthesised[case].resources
    for name in ("Table", "Bucket", "DocumentsBucket", "Key", "DeadJobs", "Search"):
        assert resources[name]["DeletionPolicy"] == "Retain", name
        assert resources[name]["UpdateReplacePolicy"] == "Retain", name


DOCUMENTS = {"dev": None, "prod": "DocumentsBucket", "collection": "DocumentsBucket", "existing": "handbook"}
"""Where each case takes company documents from."""


def test_the_worker_may_list_and_read_documents_and_nothing_else(template: Template) -> None:
    """It lists and reads the one folder of documents, decrypts with its key, and writes nothing there."""
    role = list(statements(template, "WorkerRole"))
    where = DOCUMENTS[template.case]
    of_documents = [s for s in role if where and where in json.dumps(s["Resource"])]
    allowed = {a: json.dumps(s["Resource"]) for s in of_documents for a in words(s["Action"])}

    assert set(allowed) == ({"s3:ListBucket", "s3:GetObject"} if where else set())
    assert not any("Documents" in s["Sid"] for s in role) or where
    if where == "handbook":
        assert "handbook/security/*" in allowed["s3:GetObject"]
        (listing,) = [s for s in of_documents if s["Action"] == "s3:ListBucket"]
        assert listing["Condition"] == {"StringLike": {"s3:prefix": "security/*"}}
        (key,) = [s for s in role if s["Sid"] == "DecryptDocuments"]
        assert (key["Action"], key["Resource"]) == ("kms:Decrypt", {"Ref": "DocumentsKey"})
        assert template.resources["DocumentsKeyPolicy"]["Condition"] == "DocumentsHaveAKey"
        assert "123456789012:key/" in template.whole["Parameters"]["DocumentsKey"]["Default"]


@pytest.mark.parametrize("case", ["prod", "collection"])
def test_documents_lie_as_safely_as_the_rest(synthesised: dict[str, Template], case: str) -> None:
    """Their bucket is encrypted with our key and versioned; only old versions end, never a document."""
    bucket = synthesised[case].resources["DocumentsBucket"]["Properties"]
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    encryption = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": ["Key", "Arn"]}}
    assert rule["ServerSideEncryptionByDefault"] == encryption
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert not [r for r in bucket["LifecycleConfiguration"]["Rules"] if "ExpirationInDays" in r]


def test_documents_are_looked_for_on_a_schedule(template: Template) -> None:
    """An event that the worker knows, allowed for this rule alone; without a place there is no schedule."""
    variables = template.resources["WorkerLambdaFunction"]["Properties"]["Environment"]["Variables"]
    rules = template.of("AWS::Events::Rule")
    if DOCUMENTS[template.case] is None:
        assert not rules
        assert variables["THREATBOT_DOCUMENTS"] == ""
        assert "DocumentsBucket" not in template.resources
        return
    (rule,) = rules.values()
    (target,) = rule["Targets"]
    assert json.loads(target["Input"]) == EVENT
    assert target["Arn"] == {"Fn::GetAtt": ["WorkerLambdaFunction", "Arn"]}
    assert (rule["State"], rule["ScheduleExpression"]) == ("ENABLED", "rate(1 hour)")
    permission = template.resources["DocumentsPermission"]["Properties"]
    assert permission["SourceArn"] == {"Fn::GetAtt": ["DocumentsSchedule", "Arn"]}
    assert permission["Principal"] == "events.amazonaws.com"
    place = json.dumps(variables["THREATBOT_DOCUMENTS"])
    assert place in {'{"Fn::Sub": "s3://${DocumentsBucket}"}', '"s3://handbook/security/"'}


def test_documents_pass_the_way_out_of_the_network(synthesised: dict[str, Template]) -> None:
    """In prod the endpoint to S3 lets the documents be listed and read, and nothing be written there."""
    (endpoint,) = [
        e for e in synthesised["prod"].of("AWS::EC2::VPCEndpoint").values() if "PolicyDocument" in e
    ]
    ours, documents = endpoint["PolicyDocument"]["Statement"]
    assert "s3:PutObject" in ours["Action"]
    assert "Documents" not in json.dumps(ours)
    assert documents["Action"] == ["s3:GetObject", "s3:ListBucket"]
    assert "DocumentsBucket" in json.dumps(documents["Resource"])


def test_jobs_are_in_order_and_never_lost(template: Template) -> None:
    """FIFO queues; the lease outlasts the worker; what fails goes to dead letters, kept for two weeks."""
    jobs, dead = (template.resources[n]["Properties"] for n in ("Jobs", "DeadJobs"))
    worker = template.resources["WorkerLambdaFunction"]["Properties"]

    assert jobs["FifoQueue"] is dead["FifoQueue"] is True
    assert jobs["VisibilityTimeout"] > worker["Timeout"]
    assert jobs["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadJobs", "Arn"]}
    assert dead["MessageRetentionPeriod"] == 1_209_600
    (source,) = template.of("AWS::Lambda::EventSourceMapping").values()
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["BatchSize"] == 1


def test_no_secret_is_in_the_template(template: Template) -> None:
    """The environment names the secret; only the two roles may read it, and nothing here holds a value."""
    for function in template.of("AWS::Lambda::Function").values():
        variables = function["Environment"]["Variables"]
        assert variables["THREATBOT_SECRET"].startswith("threatbot/")
        assert not [n for n in variables if n.endswith(("TOKEN", "SIGNING_SECRET", "API_KEY", "ACCESS_KEY"))]
    assert "xoxb" not in json.dumps(template.whole)


def test_every_alarm_has_an_action(template: Template) -> None:
    """Each alarm tells the topic when it begins and when it ends, and says where its meaning is written."""
    alarms = template.of("AWS::CloudWatch::Alarm")
    assert set(alarms) >= {
        "DeadLetters", "QueueAge", "IngressErrors", "IngressSlow", "ApiErrors", "WorkerErrors",
        "WorkerThrottles", "BedrockThrottles", "CostPerDay",
    }  # fmt: skip
    for name, alarm in alarms.items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "Alarms"}], name
        assert "docs/operations.md" in alarm["AlarmDescription"]
    (budget,) = template.of("AWS::Budgets::Budget").values()
    assert all(n["Subscribers"] for n in budget["NotificationsWithSubscribers"])


def test_alarms_look_at_metrics_that_are_written(template: Template) -> None:
    """The dimensions of our own metrics are those that the worker writes."""
    alarms = [a for a in template.of("AWS::CloudWatch::Alarm").values() if a["Namespace"] == "Threatbot"]
    variables = template.resources["WorkerLambdaFunction"]["Properties"]["Environment"]["Variables"]

    documents = ["DocumentsFailed"] if variables["THREATBOT_DOCUMENTS"] else []
    assert [a["MetricName"] for a in alarms] == ["Cost", *documents]
    for alarm in alarms:
        assert {d["Name"]: d["Value"] for d in alarm["Dimensions"]} == {
            "stage": variables["THREATBOT_STAGE"],
            "service": "worker",
        }
    board = template.resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    assert len(json.loads(board)["widgets"]) == 9


def test_the_api_is_throttled_and_takes_what_slack_needs(template: Template) -> None:
    """Deliveries and an installation's two pages, at a bounded rate; access logs have no content."""
    (stage,) = template.of("AWS::ApiGatewayV2::Stage").values()
    routes = {route["RouteKey"] for route in template.of("AWS::ApiGatewayV2::Route").values()}

    assert routes == {"POST /slack/events", "GET /slack/install", "GET /slack/oauth_redirect"}
    assert int(stage["DefaultRouteSettings"]["ThrottlingRateLimit"]) == 50
    assert stage["DefaultRouteSettings"]["ThrottlingBurstLimit"] == 100
    assert "authorizer" not in stage["AccessLogSettings"]["Format"]


def test_logs_end(template: Template) -> None:
    """Every log group has a retention."""
    for name, group in template.of("AWS::Logs::LogGroup").items():
        assert int(group["RetentionInDays"]) in {30, 90}, name


def test_in_its_own_network_nothing_is_open(synthesised: dict[str, Template]) -> None:
    """In prod functions are in private subnets: nothing comes in, TLS goes out, to names of Slack and AWS."""
    template = synthesised["prod"]
    for function in template.of("AWS::Lambda::Function").values():
        assert function["VpcConfig"]["SubnetIds"] == [{"Ref": "PrivateA"}, {"Ref": "PrivateB"}]
    for group in template.of("AWS::EC2::SecurityGroup").values():
        rules = [*group.get("SecurityGroupIngress", ()), *group["SecurityGroupEgress"]]
        assert {(r["IpProtocol"], r["FromPort"], r["ToPort"]) for r in rules} == {("tcp", 443, 443)}
        assert not [r for r in group.get("SecurityGroupIngress", ()) if "CidrIp" in r]
    services = {
        json.dumps(e["ServiceName"]).rpartition(".")[2].strip('"}')
        for e in template.of("AWS::EC2::VPCEndpoint").values()
    }
    assert services == {"s3", "dynamodb", "sqs", "secretsmanager", "bedrock-runtime", "kms", "logs", "xray"}
    (rules,) = [g["FirewallRules"] for g in template.of("AWS::Route53Resolver::FirewallRuleGroup").values()]
    assert [r["Action"] for r in rules] == ["ALLOW", "BLOCK"]
    assert template.resources["Search"]["Properties"]["VPCOptions"]["SubnetIds"]


def test_the_settings_are_settings(template: Template) -> None:
    """Every variable of both functions is one that the settings know."""
    from bot.settings import Settings

    for function in template.of("AWS::Lambda::Function").values():
        for name in function["Environment"]["Variables"]:
            assert name.removeprefix("THREATBOT_").lower() in Settings.model_fields, name


def test_cfn_lint_finds_nothing(template: Template) -> None:
    """cfn-lint is content; W3005 is osls' own habit of naming dependencies twice."""
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", "W3005", "--"]
    done = subprocess.run([*command, template.path], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
