"""Say whether DATA_KEY opens this database: after a restore, and before anything is started on a new server."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from pingtang_union.management import data_key as key


class Command(BaseCommand):
    """Exit 0: the key opens the database, or nothing is sealed in it yet. 1: it doesn't."""

    help = "核对 DATA_KEY 能不能打开这个数据库：check_key [--key-is-lost]"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--key-is-lost",
            action="store_true",
            help="原来的密钥确实找不回来：改用现在的密钥。原有的证件号等再也看不到，导入时也认不出原有的人",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        state = key.opens()
        if options["key_is_lost"]:
            if state is not False:
                raise CommandError("现在的密钥能打开这个数据库，不用改。")
            key.keep()
            self.stdout.write("已改用现在的密钥。用原来的密钥加密的内容再也打不开，请逐条重新录入证件号。")
            return
        if state is False:
            raise CommandError(key.WRONG)
        shown = key.example()
        if shown is None:
            self.stdout.write("DATA_KEY 正确。数据库里没有能打开的证件号：还没有录入，或者是改用现在的密钥以前录入的。")
        else:
            column, masked = shown
            self.stdout.write(f"DATA_KEY 正确。已打开一个证件号作为证明：{column} {masked}。")
