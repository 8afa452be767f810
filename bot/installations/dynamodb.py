"""Installations in the DynamoDB table of the records, under keys of their own.

==========================  ============  ================================================================
PK                          SK            what it is
==========================  ============  ================================================================
INSTALLATION#<key>          INSTALLATION  an installation, with `tokens`, encrypted, and `mark`, their hash
INSTALLATION#<org.>         REACH#<ws.>   whether that of an organisation reaches a workspace, and since when
PLACE#<org.>#<thing>        PLACE         to which workspace a channel or an open form belongs; a form's
                                          expires by `ttl`
TICKET#<ticket>             TICKET        that a ticket was used; expires by `ttl`
==========================  ============  ================================================================

Tokens are encrypted by KMS itself: they are far below its 4 KB. The workspace is the encryption context, so
that what was encrypted for one cannot be decrypted as another's, whoever moves items about in the table, and
so that CloudTrail says whose tokens were read. `mark` tells whether they are still those that somebody read.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable

from agent.errors import NotFound, StorageError
from bot.aws import Aws, Refusal, Resource
from bot.installations.base import Installation
from bot.records.dynamodb_keys import join
from bot.records.table import NEW, THERE, TTL, Item, Key, Plain, Put, Table, Update

SETTING = "THREATBOT_KMS_KEY"
SAME = f"{THERE} AND #mark = :before AND #revoked = :zero"
EARLIER = f"{THERE} AND #installed < :at AND #revoked = :zero"
NO_LATER = "attribute_not_exists(PK) OR #at <= :at"
STILL = f"{THERE} AND #workspace = :before"
MILLI = 1000
"""Times are kept in whole milliseconds: the table keeps no fractions."""


class DynamoInstallations:
    """Installations on DynamoDB and KMS.

    Args:
        aws: where DynamoDB and KMS are.
        table: the table's name.
        kms_key: the id, ARN or alias of the KMS key for tokens.
        clock: seconds since the epoch, for used tickets.
    """

    def __init__(self, aws: Aws, table: str, kms_key: str, *, clock: Callable[[], float] = time.time) -> None:
        self._table = Table(aws, table, clock=clock)
        self._kms = Resource(aws, "kms", f"the KMS key {kms_key}", SETTING)
        self._kms_key = kms_key

    def save(self, installation: Installation) -> None:
        """See Installations."""
        self._table.write(Put(self._item(installation)))

    def find(self, key: str) -> Installation | None:
        """See Installations."""
        item = self._table.get(_key(key))
        return self._installation(item) if item else None

    def rotate(self, before: Installation, after: Installation) -> Installation:
        """See Installations."""
        change: dict[str, Plain] = {**self._tokens(after), "expires": _milli(after.expires)}
        values: dict[str, Plain] = {"before": _mark(before), "zero": 0}
        if self._table.write(Update(_key(before.key), change, when=SAME, values=values)):
            return after
        found = self.find(before.key)
        if found is None or found.revoked:
            raise NotFound(f"The app is not installed in {before.name or before.key} any more.")
        return found

    def revoke(self, key: str, at: float) -> bool:
        """See Installations."""
        change: dict[str, Plain] = {"tokens": b"", "mark": "", "expires": 0, "revoked": _milli(at)}
        values = {"at": _milli(at), "zero": 0}
        return self._table.write(Update(_key(key), change, when=EARLIER, values=values))

    def set_reach(self, organisation: str, workspace: str, *, reached: bool, at: float) -> bool:
        """See Installations."""
        change: dict[str, Plain] = {"reached": int(reached), "at": _milli(at)}
        values = {"at": _milli(at)}
        return self._table.write(Update(_reach(organisation, workspace), change, NO_LATER, values))

    def cut_off(self, organisation: str, workspace: str) -> float:
        """See Installations."""
        item = self._table.get(_reach(organisation, workspace))
        return item["at"] / MILLI if item and not item["reached"] else 0.0

    def settle(
        self, organisation: str, thing: str, workspace: str, *, instead_of: str = "", until: float = 0.0
    ) -> str:
        """See Installations."""
        pk, sk = key = _place(organisation, thing)
        if instead_of:
            self._table.write(Update(key, {"workspace": workspace}, STILL, {"before": instead_of}))
        item: Item = {"PK": pk, "SK": sk, "workspace": workspace}
        found = self._table.put_or_see(item | ({TTL: int(until) + 1} if until else {}))
        return str(found["workspace"]) if found else workspace

    def place(self, organisation: str, thing: str) -> str:
        """See Installations."""
        item = self._table.get(_place(organisation, thing))
        return str(item["workspace"]) if item else ""

    def spend(self, ticket: str, until: float) -> bool:
        """See Installations."""
        item: Item = {"PK": join("TICKET", ticket), "SK": "TICKET", TTL: int(until) + 1}
        return self._table.write(Put(item, NEW))

    def warm(self) -> None:
        """Load and make now what the first call would: Lambda does so before it is asked anything."""
        self._table.warm()
        _ = self._kms.client

    def close(self) -> None:
        """See Installations."""
        self._table.close()
        self._kms.close()

    def _item(self, installation: Installation) -> Item:
        pk, sk = _key(installation.key)
        return {
            "PK": pk,
            "SK": sk,
            "workspace": installation.workspace,
            "enterprise": installation.enterprise,
            "name": installation.name,
            "app": installation.app,
            "bot_user": installation.bot_user,
            "scopes": " ".join(installation.scopes),
            "installed": _milli(installation.installed),
            "by": installation.by,
            "expires": _milli(installation.expires),
            "revoked": _milli(installation.revoked),
            **self._tokens(installation),
        }

    def _installation(self, item: Item) -> Installation:
        key = item["workspace"] or item["enterprise"]
        bot_token, refresh_token = self._opened(key, bytes(item["tokens"]))
        return Installation(
            workspace=item["workspace"],
            enterprise=item["enterprise"],
            name=item["name"],
            app=item["app"],
            bot_token=bot_token,
            refresh_token=refresh_token,
            expires=item["expires"] / MILLI,
            bot_user=item["bot_user"],
            scopes=tuple(item["scopes"].split()),
            installed=item["installed"] / MILLI,
            by=item["by"],
            revoked=item["revoked"] / MILLI,
        )

    def _tokens(self, installation: Installation) -> dict[str, str | bytes]:
        if not installation.bot_token:
            return {"tokens": b"", "mark": ""}
        answer = self._kms.call(
            "encrypt",
            KeyId=self._kms_key,
            Plaintext=json.dumps([installation.bot_token, installation.refresh_token]).encode(),
            EncryptionContext={"workspace": installation.key},
        )
        return {"tokens": bytes(answer["CiphertextBlob"]), "mark": _mark(installation)}

    def _opened(self, key: str, tokens: bytes) -> tuple[str, str]:
        if not tokens:
            return "", ""
        try:
            answer = self._kms.call(
                "decrypt",
                expect={"InvalidCiphertextException", "IncorrectKeyException"},
                KeyId=self._kms_key,
                CiphertextBlob=tokens,
                EncryptionContext={"workspace": key},
            )
        except Refusal as refusal:
            raise StorageError(
                f"The tokens of {key} cannot be decrypted with {self._kms.name} ({refusal.code}): they were "
                f"encrypted with another key, or for another workspace. Correct {SETTING}, or install the "
                "app there again.",
                cause="refused",
                setting=SETTING,
                retryable=False,
            ) from refusal
        bot_token, refresh_token = json.loads(answer["Plaintext"])
        return bot_token, refresh_token


def _key(key: str) -> Key:
    return join("INSTALLATION", key), "INSTALLATION"


def _reach(organisation: str, workspace: str) -> Key:
    return join("INSTALLATION", organisation), join("REACH", workspace)


def _place(organisation: str, thing: str) -> Key:
    return join("PLACE", organisation, thing), "PLACE"


def _mark(installation: Installation) -> str:
    secret = f"{installation.bot_token} {installation.refresh_token}"
    return hashlib.sha256(secret.encode()).hexdigest() if installation.bot_token else ""


def _milli(seconds: float) -> int:
    return round(seconds * MILLI)
