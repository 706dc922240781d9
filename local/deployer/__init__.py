"""Runs the Pulumi program under mocks and creates its resources in the emulator, skipping none silently."""

from local.deployer.deployment import Deployment, deploy

__all__ = ["Deployment", "deploy"]
