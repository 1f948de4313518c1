"""Held: what every answer reads of an open workspace: settings, network, and the city kept warm."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from api.settings import Settings
from design.city import City
from gis.network import Network


@dataclass(frozen=True)
class Held:
    """One workspace at one network version."""

    settings: Settings
    network: Network
    city: City

    @property
    def today(self) -> date:
        """The day rules, prices and bans are judged on."""
        return self.settings.today
