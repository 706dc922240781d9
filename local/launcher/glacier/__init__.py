"""A stand-in of the Glacier service: vaults, archives, retrieval jobs and what goes wrong with them.

It imports only the standard library and reads no clock of its own: the emulator serves it as a mend, tests as
an HTTP server or in their own process.
"""
