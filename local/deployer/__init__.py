"""Runs the Pulumi program under mocks and creates every resource in the emulator, skipping nothing silently."""

from local.deployer.deployment import Deployment, deploy

__all__ = ["Deployment", "deploy"]
