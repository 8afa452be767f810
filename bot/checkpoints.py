"""The graph's checkpoints on DynamoDB, through LangGraph's saver.

The table has the keys PK and SK, both strings, and `ttl` as its TTL attribute: the table of the records will
do, their keys never meet. What is over 350 KB lies in S3.

Four things differ from the saver as it comes. It rebuilds no class from a checkpoint. Its reads are strongly
consistent, because a run reads its last step right after it wrote it. What a task wrote counts when all of it
is there: a worker may be killed between two items. And its failures are StorageErrors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import ClientError
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph_checkpoint_aws import DynamoDBSaver  # type: ignore[import-untyped]

from bot.aws import Aws, Resource

DAY = 86_400
KEPT_DAYS = 14
"""As long as a dead letter may wait to be tried again; then the run begins anew."""

PREFIX = "checkpoints"
"""Where in the bucket large checkpoints lie; the bucket's lifecycle ends them."""

COMPLETE = "threatbot:complete"
"""The channel of the write that is put after all others of a task; no graph sees it."""

BUCKET_CALLS = frozenset({"GetObject", "PutObject", "DeleteObjects"})


def dynamodb_saver(
    aws: Aws, table: str, bucket: str = "", *, days: int = KEPT_DAYS
) -> BaseCheckpointSaver[str]:
    """The checkpointer for production.

    Args:
        aws: where DynamoDB and S3 are.
        table: the table's name.
        bucket: where checkpoints over 350 KB lie; without one a run that has them fails.
        days: after how many days a checkpoint is forgotten.
    """
    return _Saver(aws, table, bucket, days)


class _Saver(DynamoDBSaver):  # type: ignore[misc]  # untyped
    """See the module."""

    serde = JsonPlusSerializer(allowed_msgpack_modules=None)

    def __init__(self, aws: Aws, table: str, bucket: str, days: int) -> None:
        session = boto3.Session(
            aws_access_key_id=aws.key_id or None,
            aws_secret_access_key=aws.secret or None,
            aws_session_token=aws.token or None,
            region_name=aws.region or None,
        )
        endpoint = aws.endpoint_url or None
        super().__init__(
            table_name=table,
            session=session,
            region_name=aws.region or None,
            endpoint_url=endpoint,
            boto_config=aws.config(),
            enable_checkpoint_compression=True,
            s3_offload_config={"bucket_name": bucket, "endpoint_url": endpoint, "key_prefix": PREFIX}
            if bucket
            else None,
        )
        # Given to the constructor, it would make the saver rewrite the bucket's lifecycle at each start.
        self.repo.ttl_seconds = self.storage.ttl_seconds = days * DAY
        for operation in ("GetItem", "Query"):
            self.client.meta.events.register(f"provide-client-params.dynamodb.{operation}", _consistent)
        self._table = Resource(aws, "dynamodb", f"the DynamoDB table {table}", "THREATBOT_TABLE")
        self._bucket = Resource(aws, "s3", f"the S3 bucket {bucket}", "THREATBOT_BUCKET")

    def get_tuple(self, config: Any) -> CheckpointTuple | None:
        """See BaseCheckpointSaver."""
        with self._explained():
            kept: CheckpointTuple | None = super().get_tuple(config)
            return None if kept is None else _whole(kept)

    def put(
        self, config: Any, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: Any
    ) -> Any:
        """See BaseCheckpointSaver."""
        with self._explained():
            return super().put(config, checkpoint, metadata, new_versions)

    def put_writes(
        self, config: Any, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """See BaseCheckpointSaver. Each write of a task is an item; the last one says that all are there."""
        special = all(channel in WRITES_IDX_MAP for channel, _ in writes)
        marked = writes if special else [*writes, (COMPLETE, len(writes))]
        with self._explained():
            super().put_writes(config, marked, task_id, task_path)

    def list(self, config: Any, **wanted: Any) -> Iterator[CheckpointTuple]:
        """See BaseCheckpointSaver."""
        with self._explained():
            yield from map(_whole, super().list(config, **wanted))

    def delete_thread(self, thread_id: str) -> None:
        """See BaseCheckpointSaver."""
        with self._explained():
            super().delete_thread(thread_id)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        with self._table.explained():
            try:
                yield
            except ClientError as error:
                if error.operation_name in BUCKET_CALLS:
                    raise self._bucket.refused(error) from error
                raise


def _whole(kept: CheckpointTuple) -> CheckpointTuple:
    """Without the writes of tasks that were killed between them: LangGraph would take these for done."""
    writes = kept.pending_writes or []
    done = {task for task, channel, _ in writes if channel == COMPLETE}
    whole = [w for w in writes if w[1] in WRITES_IDX_MAP or (w[0] in done and w[1] != COMPLETE)]
    return kept._replace(pending_writes=whole)


def _consistent(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    return {**params, "ConsistentRead": True}
