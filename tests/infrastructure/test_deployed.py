"""The template deployed on moto's CloudFormation as far as it goes, and the adapters on what it made."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from agent.domain.request import Request
from bot.artifacts.s3 import S3Artifacts
from bot.documents import S3Place
from bot.jobs import Actor, Ask
from bot.lambda_documents import EVENT
from bot.queues.sqs import SqsQueue
from bot.records.base import ModelEntry
from bot.records.dynamodb import DynamoRecords

if TYPE_CHECKING:
    from tests.aws_double import AwsDouble
    from tests.infrastructure.conftest import Template

SKIPPED = {
    "AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Integration", "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage", "AWS::Budgets::Budget", "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard", "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy",
}  # fmt: skip
"""What moto's CloudFormation does not make: nothing here proves these, cfn-lint alone has looked at them.
Of a table it leaves out encryption, expiry and recovery, of a bucket the versions."""
FOLLOW = {"IngressLambdaPermissionHttpApi", "Reader"}
"""What refers to one of them, or to a condition that does not hold."""


@pytest.fixture(scope="module")
def outputs(synthesised: dict[str, Template], aws_double: AwsDouble) -> dict[str, str]:
    """Deploy it; the stack's outputs."""
    whole: dict[str, Any] = json.loads(json.dumps(synthesised["dev"].whole))
    resources = {
        name: resource
        for name, resource in whole["Resources"].items()
        if resource["Type"] not in SKIPPED and name not in FOLLOW
    }
    for resource in resources.values():
        if isinstance(resource.get("DependsOn"), list):
            resource["DependsOn"] = [d for d in resource["DependsOn"] if d in resources]
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"]["Code"] = {"ZipFile": "nothing of ours: no function is called here"}
    whole["Resources"] = resources
    whole["Outputs"] = {n: o for n, o in whole["Outputs"].items() if "HttpApi" not in json.dumps(o)}
    cloudformation = aws_double.aws.client("cloudformation")
    cloudformation.create_stack(StackName="threatbot-dev", TemplateBody=json.dumps(whole))
    (stack,) = cloudformation.describe_stacks(StackName="threatbot-dev")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    return {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]}


def test_the_adapters_work_on_what_the_template_makes(outputs: dict[str, str], aws_double: AwsDouble) -> None:
    """Queue, table and bucket are of the form that the adapters ask for."""
    queue = SqsQueue(aws_double.aws, outputs["QueueUrl"], wait=0)
    actor = Actor(user="U1", team="T0", workspace="T0", channel="C0")
    job = Ask(id="a", model="tm-1", actor=actor, message_ts="1.1", text="why?")
    assert queue.send(job)
    claim = queue.claim()
    assert claim is not None
    assert claim.job == job
    queue.fail(claim, "for now")
    records = DynamoRecords(aws_double.aws, outputs["TableName"])
    entry = ModelEntry(
        id="tm-1",
        workspace="T0",
        channel="C0",
        thread="17.1",
        owner="U1",
        created=datetime(2026, 3, 1, tzinfo=UTC),
        request=Request(title="Shop"),
    )
    assert records.add_model(entry)
    assert records.find_thread("T0", "C0", "17.1") == "tm-1"
    artifacts = S3Artifacts(aws_double.aws, outputs["BucketName"])
    artifacts.put("tm-1/files/a", b"drawing")
    assert artifacts.get("tm-1/files/a") == b"drawing"


def test_the_documents_bucket_and_its_schedule_are_made(
    synthesised: dict[str, Template], aws_double: AwsDouble
) -> None:
    """Files of the bucket reach the adapter, and the rule sends the worker the event that it knows."""
    wanted = {"Key", "DocumentsBucket", "DocumentsSchedule", "WorkerLambdaFunction", "WorkerRole"}
    whole = json.loads(json.dumps(synthesised["prod"].whole))
    resources = {name: one for name, one in whole["Resources"].items() if name in wanted}
    function = resources["WorkerLambdaFunction"]["Properties"]
    function |= {"Code": {"ZipFile": "nothing of ours"}, "Environment": {}, "VpcConfig": {}}
    resources["WorkerRole"]["Properties"]["Policies"] = []
    for one in resources.values():
        one.pop("DependsOn", None)
    template = {
        "Resources": resources,
        "Outputs": {"DocumentsBucketName": whole["Outputs"]["DocumentsBucketName"]},
    }
    cloudformation = aws_double.aws.client("cloudformation")
    cloudformation.create_stack(StackName="threatbot-prod", TemplateBody=json.dumps(template))
    (stack,) = cloudformation.describe_stacks(StackName="threatbot-prod")["Stacks"]
    (bucket,) = [o["OutputValue"] for o in stack["Outputs"]]
    aws_double.s3.put_object(Bucket=bucket, Key="standards/access.md", Body=b"Doors close by themselves.")
    (file,) = S3Place(aws_double.aws, bucket).files()
    assert (file.path, file.size) == ("standards/access.md", 26)
    (target,) = aws_double.aws.client("events").list_targets_by_rule(Rule="threatbot-prod-documents")[
        "Targets"
    ]
    assert json.loads(target["Input"]) == EVENT
    assert target["Arn"].endswith(":function:threatbot-prod-worker")


def test_the_queue_says_of_itself_what_the_template_asks_for(
    outputs: dict[str, str], aws_double: AwsDouble
) -> None:
    """Of the queue: dead letters after four tries, a lease that outlasts the worker, a key."""
    made = aws_double.sqs.get_queue_attributes(QueueUrl=outputs["QueueUrl"], AttributeNames=["All"])[
        "Attributes"
    ]
    assert json.loads(made["RedrivePolicy"])["maxReceiveCount"] == 10
    assert made["VisibilityTimeout"] == "960"
    assert "KmsMasterKeyId" in made


def test_the_worker_is_fed_by_the_queue(outputs: dict[str, str], aws_double: AwsDouble) -> None:
    """Lambda knows both functions, and one mapping from the queue to the worker, a job at a time."""
    functions = aws_double.aws.client("lambda")
    handlers = {f["FunctionName"]: f["Handler"] for f in functions.list_functions()["Functions"]}
    assert handlers == {
        "threatbot-dev-ingress": "bot.lambdas.ingress",
        "threatbot-dev-worker": "bot.lambdas.worker",
    }
    (mapping,) = functions.list_event_source_mappings()["EventSourceMappings"]
    assert mapping["EventSourceArn"].endswith(outputs["QueueUrl"].rpartition("/")[2])
    assert mapping["FunctionArn"].endswith("threatbot-dev-worker")
    assert mapping["BatchSize"] == 1
