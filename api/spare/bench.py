"""What capacity maps need of a workbench."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from api.settings import Settings
    from design.city import City
    from gis.network import Network


class OpenWorkspace(Protocol):
    """A workspace held open at one version."""

    @property
    def settings(self) -> Settings: ...

    @property
    def network(self) -> Network: ...

    @property
    def city(self) -> City: ...
