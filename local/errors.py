"""What can go wrong with AWS on this machine."""

from thaw.core.errors import ThawError


class EmulatorError(ThawError):
    """The emulator could not be installed or started."""


class DeployError(ThawError):
    """The program could not be deployed into the emulator as it stands."""


class DemoError(ThawError):
    """The demo came to something that has to work and did not."""
