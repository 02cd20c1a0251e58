"""Business steps of the register. Other rooms call `draft_contract` and `import_registered`."""

from contracts.actions.drafts import change_contract, draft_contract, start_amendment
from contracts.actions.files import add_file, remove_file
from contracts.actions.filing import submit_contract, withdraw_contract
from contracts.actions.history import import_registered

__all__ = [
    "add_file", "change_contract", "draft_contract", "import_registered", "remove_file",
    "start_amendment", "submit_contract", "withdraw_contract",
]  # fmt: skip
