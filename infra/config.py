"""The one place that reads `pulumi.Config` and the environment: the settings, and how to reach AWS."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import config as raw_config

from infra.errors import SettingsError
from infra.setting_values import from_config_text
from infra.settings import SHAPES, Settings

OTHER_CREDENTIALS = ("accessKey", "assumeRoles", "assumeRoleWithWebIdentity")
"""Ways of the AWS provider to credentials that boto3, in Thaw's dynamic resources, would not follow."""


BUILD_VARIABLE = "THAW_BUILD"
"""Set by what runs the program without AWS, which builds apart."""


@dataclass(frozen=True)
class Connection:
    """The Region, and the profile of the AWS configuration files ("" for boto3's default chain).

    Dynamic resources run in a process of the engine's own, where boto3 would otherwise find its own Region:
    so both are given to them as inputs.
    """

    region: str
    profile: str

    @property
    def inputs(self) -> dict[str, str]:
        """As inputs of a dynamic resource."""
        return {"region": self.region, "profile": self.profile}


def load_settings() -> Settings:
    """The stack's settings, checked. Raises SettingsError."""
    namespace = f"{pulumi.get_project()}:"
    values: dict[str, Any] = {}
    for full_key, text in _all_config().items():
        if full_key.startswith(namespace):
            key = full_key.removeprefix(namespace)
            values[key] = from_config_text(key, str(text), SHAPES.get(key, "string"))
    return Settings.parse(values)


def load_build_folder(root: Path) -> Path:
    """Where packages are built and the layer is found: `build` under `root`, or as THAW_BUILD says."""
    return Path(os.environ.get(BUILD_VARIABLE) or root / "build")


def load_connection() -> Connection:
    """Region and profile, from the AWS provider's own config. Raises SettingsError."""
    aws_config = pulumi.Config("aws")
    region = aws_config.get("region")
    if not region:
        raise SettingsError(
            "aws:region is not set and has no default; run `pulumi config set aws:region REGION`."
        )
    for key in OTHER_CREDENTIALS:
        if aws_config.get(key):
            raise SettingsError(
                f"aws:{key} is set, but Thaw also calls AWS through boto3, which does not read it; use a"
                " profile of the AWS configuration files instead (aws:profile), which can assume a role too."
            )
    return Connection(region=region, profile=aws_config.get("profile") or "")


def _all_config() -> Mapping[str, Any]:
    """Every config value of every namespace: pulumi.Config reads single keys only, and so cannot find those
    that nobody asks for."""
    return {**raw_config.get_config_env(), **raw_config.CONFIG.get()}
