"""Whose token is still good: each credential is verified again every few seconds, once for all sessions that use it.

A credential's turn comes so long after it was first seen; a crowd that came over some seconds is asked over as many.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from septet.kernel.errors import EngineUnavailable, Problem, Unauthenticated
from septet.kernel.identity import Actor
from septet.services.chat import permissions
from septet.services.chat.gateway import closing
from septet.services.chat.gateway.session import Credential, Session


@dataclass(slots=True)
class _Use:
    verified_at: float
    sessions: set[Session] = field(default_factory=set)


class Credentials:
    """`authenticate` answers with the actor, or raises Unauthenticated, Forbidden, EngineUnavailable."""

    def __init__(self, authenticate: Callable[[str, str | None], Awaitable[Actor]]) -> None:
        self._authenticate = authenticate
        self._used: dict[Credential, _Use] = {}

    def add(self, session: Session, now: float) -> None:
        """The session's credential was verified just now."""
        assert session.credential is not None, "greeted"
        self._used.setdefault(session.credential, _Use(now)).sessions.add(session)

    def discard(self, session: Session) -> None:
        if session.credential is not None and (use := self._used.get(session.credential)) is not None:
            use.sessions.discard(session)
            if not use.sessions:
                del self._used[session.credential]

    def due(self, now: float, every: float) -> Collection[Credential]:
        """Those whose turn it is; they are not named again before the next."""
        due = [credential for credential, use in self._used.items() if now - use.verified_at > every]
        for credential in due:
            self._used[credential].verified_at = now
        return due

    async def verify(self, credential: Credential) -> None:
        """Close its sessions when it is no longer good."""
        try:
            actor = await self._authenticate(*credential)
            actor.require(permissions.READ)
        except EngineUnavailable:
            return  # nobody can say; the next time
        except Problem as problem:
            why = closing.EXPIRED if isinstance(problem, Unauthenticated) else closing.FORBIDDEN
            for session in self._sessions(credential):
                session.close(why)
        else:
            for session in self._sessions(credential):
                session.actor = actor

    def _sessions(self, credential: Credential) -> Collection[Session]:
        use = self._used.get(credential)
        return tuple(use.sessions) if use is not None else ()
