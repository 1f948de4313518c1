"""What a PostgreSQL server means by a refusal, for workspaces in a database and for tables read from one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import psycopg

CONNECT_WITHIN_S = 10
_FATAL = ("FATAL", "致命")
_LOGIN = ("password", "authentication", "role", "pg_hba", "密码", "认证", "角色")


def let_nobody_in(error: psycopg.OperationalError) -> Literal["login", "unreachable", "refused"]:
    """Tell by its words why a server let nobody in: before the login libpq carries no code of the error."""
    text = str(error)
    if error.pgconn is not None and error.pgconn.needs_password:
        return "login"
    if not any(word in text for word in _FATAL):
        return "unreachable"
    return "login" if any(word in text for word in _LOGIN) else "refused"


def own_words(error: psycopg.Error) -> str:
    """Give the server's last sentence in one line, at most 200 characters."""
    text = error.diag.message_primary or str(error).strip()
    return " ".join(text.splitlines()[-1].split())[:200] if text else type(error).__name__
