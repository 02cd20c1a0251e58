"""Print the log-ins of the demo market."""

import dataclasses
import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.demo.accounts import demo_accounts


class Command(BaseCommand):
    help = "Print the log-ins of the demo market, one per role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON array")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = demo_accounts()
        if not accounts:
            raise CommandError("This market is no demo (DEMO is off): it has no known passwords.")
        if options["json"]:
            rows = [
                dataclasses.asdict(account) | {"url": f"{settings.PUBLIC_URL}/account/login/"}
                for account in accounts
            ]
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        width = max(len(account.role) for account in accounts)
        for account in accounts:
            self.stdout.write(f"  {account.role:<{width}}  {account.email}  {account.password}")
