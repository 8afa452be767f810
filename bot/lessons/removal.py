"""Lessons go with the app: where it was removed, nobody is to learn from what was said there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.jobs import Actor, Unlearn
    from bot.services import Services

log = logging.getLogger("threatbot.lessons")


def unlearn(_: Services, job: Unlearn) -> None:
    """Nothing: the app stands there, as it was installed again since. Else the worker drops the job."""
    log.info("the app is installed in %s: what was taught there stays", job.actor.workspace or job.model)


def unlearn_removed(services: Services, actor: Actor) -> None:
    """Delete what was taught in the workspace that the app was removed from.

    Of an organisation, in each of its workspaces that has not installed the app itself.

    Args:
        services: everybody's, without a workspace's guard.
        actor: where the app was removed; without a workspace, from the organisation as a whole.
    """
    whole = () if actor.workspace else services.lessons.workspaces(actor.enterprise)
    served = services.tenants
    left = [w for w in whole if served is None or served.find(w) is None]
    for workspace in (*filter(None, (actor.workspace,)), *left):
        count = services.lessons.unlearn(workspace)
        if count:
            log.info("what %d models of %s taught was deleted: it removed the app", count, workspace)
