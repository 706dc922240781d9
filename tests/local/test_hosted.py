"""The deployer knows what is declared somewhere, and nothing that nobody declares."""

from local.deployer.handlers import NOT_HOSTED
from local.deployer.hosted import HANDLERS
from tests.infra.recording import ROOT, record
from tests.infra.test_project_files import OURS

PRINCIPAL = "arn:aws:quicksight:eu-central-1:123456789012:user/default/me"


def test_every_handler_is_for_what_a_program_declares() -> None:
    declared = {each.type for each in record({**OURS, "quicksight_principal_arn": PRINCIPAL}).resources}
    programs = "".join(path.read_text() for path in (ROOT / "tests/local/programs").glob("*.py"))
    unused = {type_ for type_ in HANDLERS if f".{type_.rpartition(':')[2]}(" not in programs} - declared
    assert not unused


def test_what_is_not_hosted_is_taken_all_the_same() -> None:
    assert {type_ for type_, _ in NOT_HOSTED} <= set(HANDLERS)
