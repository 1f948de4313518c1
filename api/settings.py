"""Settings, read once from the command line and the environment, and passed down as values."""

from __future__ import annotations

import getpass
import hashlib
import os
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from api.errors import CallError
from api.security import LOG
from gis.stores.address import Address, parse_address
from gis.stores.notes import notes_mark

if TYPE_CHECKING:
    from hydraulics.demand.basis import PeakBasis

DEFAULT_REACH_M = 4000.0
WORKSPACE_RULES = "rules.toml"
WORKSPACE_DEMAND = "demand.toml"


@dataclass(frozen=True)
class Settings:
    """
    What a run needs to know about where it runs.

    Attributes
    ----------
    workspace
        Folder of the workspace, or its address in a database.
    fixed_day
        Day on which rules, prices and bans are judged, for a run that must repeat (TAPWRIGHT_TODAY); None = today.
    site
        Folder of the built page: fonts and map scripts of the documents lie there too.
    catalogue, rules, policy
        A utility's own price catalogue (a file, or a folder of editions) and rule overrides, or None for those shipped;
        id of the payer policy, or a utility's own policy file.
    reach_m
        How far from a position a pipe may lie for a pressure check.
    person
        Who is at work where no name is given (TAPWRIGHT_PERSON, else the name of the login).
    calibrated
        Whether checks use the calibration kept of a version.
    contact
        The utility's name, telephone and address as customers read them (TAPWRIGHT_CONTACT).
    demand
        A utility's own peak factors or patterns of the day (TAPWRIGHT_DEMAND, else demand.toml of the workspace).
    security_file
        Where security events go (TAPWRIGHT_SECURITY_LOG), None = beside the workspace's own files.
    """

    workspace: Address
    fixed_day: date | None
    site: Path
    catalogue: Path | None
    rules: Path | None
    policy: str | None
    reach_m: float
    software: str
    person: str = ""
    contact: str = ""
    calibrated: bool = True
    security_file: Path | None = None
    demand: Path | None = None

    @property
    def peak_basis(self) -> PeakBasis:
        """
        What the peak hour of a model built from GIS is reckoned by.

        Raises
        ------
        ModelInputError
            `demand-file`: the utility's own file cannot be read.
        """
        from hydraulics.demand.basis import load_basis

        return load_basis(self.demand)

    @property
    def security_log(self) -> Path | None:
        """File of the security events (api.security); None where there is no folder of a workspace to keep it in."""
        if self.security_file is not None:
            return self.security_file
        kept = isinstance(self.workspace, Path) and (self.workspace / "workspace.json").is_file()
        return Path(str(self.workspace)) / LOG if kept else None

    @property
    def folder(self) -> Path:
        """
        Folder of the workspace, for what is kept beside the network: decisions, jobs, the server's note.

        Raises
        ------
        CallError
            `workspace-database`: the workspace is in a database, which does not keep those yet.
        """
        if not isinstance(self.workspace, Path):
            raise CallError("workspace-database", workspace=str(self.workspace))
        return self.workspace

    @property
    def today(self) -> date:
        """The fixed day, else the calendar's: a server that runs over midnight judges by the new day."""
        return self.fixed_day or date.today()

    @property
    def books(self) -> str:
        """Tell apart settings under which the same request gets different schemes: day, prices, rules, policy."""
        files = [
            (str(path.resolve()), path.stat().st_mtime_ns) if path.exists() else str(path)
            for path in (
                self.catalogue,
                self.rules,
                self.demand,
                None if self.policy is None else Path(self.policy),
            )
            if path is not None
        ]
        parts = repr((self.fixed_day, self.catalogue is None, files, self.policy, self.calibrations))
        return hashlib.blake2b(parts.encode(errors="surrogateescape"), digest_size=8).hexdigest()

    @property
    def calibrations(self) -> str:
        """Tell models of one version apart, by calibrations and demand: a server that holds an older one makes it anew."""
        known = notes_mark(self.workspace, "calibration") if self.calibrated else ""
        own = self.demand is not None and self.demand.is_file()
        return f"{known}/{self.demand.stat().st_mtime_ns}" if own and self.demand else known

    @property
    def fonts(self) -> Path:
        """TTF fonts for documents."""
        return self.site / "fonts"

    @property
    def vendor(self) -> Path:
        """Scripts and styles of the self-contained folium maps."""
        return self.site / "vendor"


@dataclass(frozen=True)
class Prices:
    """By what works are priced where no workspace is asked: list, rules, policy and day."""

    catalogue: Path | None
    rules: Path | None
    policy: str | None
    on: date


def read_prices(*, catalogue: Path | None = None, policy: str | None = None) -> Prices:
    """List, rules, policy and day of this run; what the call names wins over the environment."""
    today = os.environ.get("TAPWRIGHT_TODAY")
    return Prices(
        catalogue or _path("TAPWRIGHT_CATALOGUE"), _path("TAPWRIGHT_RULES"), policy or os.environ.get("TAPWRIGHT_POLICY"),
        _day(today) if today else date.today(),
    )  # fmt: skip


def read_settings(
    *,
    workspace: str | None = None,
    catalogue: Path | None = None,
    policy: str | None = None,
    rules: Path | None = None,
) -> Settings:
    """
    Settings of this run; what the call names wins over TAPWRIGHT_WORKSPACE, _CATALOGUE, _POLICY and _RULES.

    A workspace folder may hold the rules of its utility as `rules.toml` and what its peak hour is reckoned by as
    `demand.toml`: they count where no others are named.

    Raises
    ------
    CallError
        No workspace is named.
    GisInputError
        `address-…`: the workspace is named by an address that cannot be one.
    """
    place = workspace or os.environ.get("TAPWRIGHT_WORKSPACE")
    if not place:
        raise CallError("workspace-missing")
    today, address = os.environ.get("TAPWRIGHT_TODAY"), parse_address(place)
    return Settings(
        workspace=address,
        fixed_day=_day(today) if today else None,
        site=Path(str(files("maps"))) / "site",
        catalogue=catalogue or _path("TAPWRIGHT_CATALOGUE"),
        rules=rules or _path("TAPWRIGHT_RULES") or _of_workspace(address, WORKSPACE_RULES),
        demand=_path("TAPWRIGHT_DEMAND") or _of_workspace(address, WORKSPACE_DEMAND),
        policy=policy or os.environ.get("TAPWRIGHT_POLICY"),
        reach_m=DEFAULT_REACH_M,
        software=f"tapwright {version('tapwright')}",
        person=os.environ.get("TAPWRIGHT_PERSON") or _login(),
        contact=os.environ.get("TAPWRIGHT_CONTACT") or "",
        security_file=_path("TAPWRIGHT_SECURITY_LOG"),
    )


def _of_workspace(address: Address, name: str) -> Path | None:
    path = address / name if isinstance(address, Path) else None
    return path if path is not None and path.is_file() else None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CallError("today", value=text) from None


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may know no name for its user
        return str(os.getuid())


def _path(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None
