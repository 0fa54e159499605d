"""Payment batches: three people, locked when checked, failures back to the fund."""

import io
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from members import roles
from pingtang_union.core.exceptions import DomainError
from relief.models import (
    Entry,
    EntryKind,
    Fund,
    Grant,
    GrantState,
    Instalment,
    PaymentBatch,
    PaymentRow,
    PaymentState,
    PayWay,
    RowResult,
)
from relief.services import bank, payments
from relief.services.payments import Result
from tests.factories import UserFactory, county
from tests.relief.books import Desk, batch_of, checked, fund, grant, put, released

pytestmark = pytest.mark.django_db
ON = timezone.localdate()


@pytest.fixture
def desk(db) -> Desk:
    return Desk()


@pytest.fixture
def source(desk) -> Fund:
    return fund("10000", desk.finance)


def left(of: Fund) -> Decimal:
    of.refresh_from_db()
    assert of.available == of.entries.total()
    return of.available


def states(*grants: Grant) -> list[str]:
    return [Grant.objects.get(pk=one.pk).state for one in grants]


def refused(words: str):
    return pytest.raises(DomainError, match=words)


# --- Made, checked, released ---


def test_a_batch_goes_from_one_to_another_to_a_third(desk, source):
    first, second = grant(), grant(cash=Decimal("300.50"))
    batch = batch_of(desk, source, first, second)
    assert (batch.total, left(source)) == (Decimal("800.50"), 10000)

    payments.hand_in(batch=batch, by=desk.maker)
    payments.check(batch=batch, by=desk.checker)
    batch = payments.release(batch=batch, by=desk.finance)

    assert (batch.state, batch.made_by, batch.checked_by, batch.released_by) == (
        PaymentState.RELEASED, desk.maker, desk.checker, desk.finance,
    )  # fmt: skip
    entry = Entry.objects.get(payment=batch)
    assert (entry.kind, entry.amount, left(source)) == (EntryKind.PAYMENT, Decimal("-800.50"), Decimal("9199.50"))
    assert states(first, second) == [GrantState.APPROVED] * 2


def test_released_again_moves_nothing(desk, source):
    batch = released(desk, source, grant())

    assert payments.release(batch=batch, by=desk.finance).state == PaymentState.RELEASED
    assert (left(source), Entry.objects.filter(payment=batch).count()) == (9500, 1)


def test_nobody_does_two_of_the_three(desk, source):
    everything = UserFactory(roles=(roles.RELIEF, roles.FINANCE))
    desk.maker = everything
    batch = batch_of(desk, source, grant())
    payments.hand_in(batch=batch, by=everything)
    with refused("应由他人复核"):
        payments.check(batch=batch, by=everything)

    payments.check(batch=batch, by=desk.checker)

    with refused("应由他人放款"):
        payments.release(batch=batch, by=everything)
    for columns in ({"checked_by": everything}, {"released_by": everything}, {"released_by": desk.checker}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PaymentBatch.objects.update(**columns)


def test_each_step_asks_for_its_own_right(desk, source, outsider):
    batch = batch_of(desk, source, grant())
    with refused("不能编制"):
        payments.open_batch(fund=source, title="批次", way=PayWay.BANK, by=desk.finance)
    with refused("由编制人修改"):
        payments.hand_in(batch=batch, by=desk.checker)
    payments.hand_in(batch=batch, by=desk.maker)
    with refused("不能复核"):
        payments.check(batch=batch, by=desk.finance)
    payments.check(batch=batch, by=desk.checker)
    with refused("不能放款"):
        payments.release(batch=batch, by=desk.checker)
    for step in (payments.check, payments.release):
        with refused("管理范围"):
            step(batch=batch, by=outsider)
    assert left(source) == 10000


def test_steps_keep_their_order(desk, source):
    batch = batch_of(desk, source)
    with refused("尚无发放"):
        payments.hand_in(batch=batch, by=desk.maker)
    with refused("编制中"):
        payments.check(batch=batch, by=desk.checker)
    with refused("编制中"):
        payments.release(batch=batch, by=desk.finance)
    payments.add_grants(batch=batch, grants=[grant()], by=desk.maker)
    payments.hand_in(batch=batch, by=desk.maker)
    with refused("待复核"):
        payments.add_grants(batch=batch, grants=[grant()], by=desk.maker)
    with refused("待复核"):
        payments.note_results(batch=batch, results=[Result(1, True)], on=ON, by=desk.finance)


def test_a_fund_that_has_not_enough_pays_nobody(desk):
    source = fund("999.99", desk.finance)
    batch = checked(desk, source, grant(), grant())

    with refused(r"可用余额 999\.99 元，不够支出 1,000\.00 元"):
        payments.release(batch=batch, by=desk.finance)

    batch.refresh_from_db()
    assert (batch.state, left(source)) == (PaymentState.CHECKED, Decimal("999.99"))
    put(source, "0.01", desk.finance)
    payments.release(batch=batch, by=desk.finance)
    assert left(source) == 0


# --- What may join ---


def test_only_what_can_be_paid_joins(desk, source):
    other = Instalment.objects.create(
        union=county(), programme=grant().programme, edition="2017-2018", title="第一批", fund=fund("5", desk.finance)
    )
    wrong = {
        "待核定": grant(state=GrantState.APPLIED),
        "账外历史记录": grant(is_outside_books=True),
        "含慰问物资": grant(goods=Decimal(80)),
        "未填收款账号": grant(account=None),
        "另一项资金": grant(plan=other),
    }
    batch = batch_of(desk, source)
    for words, one in wrong.items():
        with refused(words):
            payments.add_grants(batch=batch, grants=[grant(), one], by=desk.maker)
    assert not batch.rows.exists()


def test_a_grant_stands_in_one_batch_at_a_time(desk, source):
    one = grant()
    first, second = batch_of(desk, source, one), batch_of(desk, source)

    assert payments.add_grants(batch=first, grants=[one], by=desk.maker) == 0
    with refused("另一个批次"):
        payments.add_grants(batch=second, grants=[one], by=desk.maker)

    payments.remove_rows(batch=first, numbers=[1], by=desk.maker)
    assert payments.add_grants(batch=second, grants=[one], by=desk.maker) == 1
    payments.drop(batch=second, reason="编错了资金", by=desk.maker)
    assert payments.add_grants(batch=first, grants=[one], by=desk.maker) == 1
    first.refresh_from_db()
    assert (first.total, first.rows.get().number) == (500, 1)


def test_the_batch_of_who_has_left_is_dropped_by_who_checks(desk, source, outsider):
    one = grant()
    batch, handed_in = batch_of(desk, source, one), batch_of(desk, source, grant())
    payments.hand_in(batch=handed_in, by=desk.maker)
    desk.maker.is_active = False
    desk.maker.save()
    for by in (desk.finance, outsider):
        with refused(r"不能编制|管理范围"):
            payments.drop(batch=batch, reason="编制人已调离", by=by)

    payments.drop(batch=batch, reason="编制人已调离", by=desk.checker)

    batch.refresh_from_db()
    assert (batch.state, one.payments.count()) == (PaymentState.DROPPED, 0)
    with refused("待复核"):
        payments.drop(batch=handed_in, reason="编制人已调离", by=desk.checker)


def test_what_is_handed_over_counts_goods_and_is_paid_at_once(desk, source):
    one = grant(cash=Decimal(200), goods=Decimal(80), account=None)

    batch = released(desk, source, one, way=PayWay.HAND)

    assert (batch.state, left(source), states(one)) == (PaymentState.SETTLED, 9720, [GrantState.PAID])
    assert Grant.objects.get(pk=one.pk).granted_on == timezone.localdate().isoformat()
    with refused("放款以后才能下载"):
        bank.workbook(batch=batch, by=desk.finance)


# --- Locked ---


@pytest.mark.parametrize(
    "change",
    [
        {"name": "换了人"},
        {"account": "6228480099999999999"},
        {"bank": "另一家银行"},
        {"cash": Decimal(400)},
        {"id_index": "0" * 32},
        {"state": GrantState.WITHDRAWN},
        {"instalment": 7},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_row_changed_since_the_check_is_seen(change, desk, source):
    one = grant()
    batch = checked(desk, source, one, grant())
    Grant.objects.filter(pk=one.pk).update(**change)

    with refused("有人改动了"):
        payments.release(batch=batch, by=desk.finance)

    assert left(source) == 10000


@pytest.mark.parametrize("change", ["amount = 60000", "number = 9"])
def test_rows_of_the_batch_itself_are_locked_too(change, desk, source):
    batch = checked(desk, source, grant(), grant())
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE relief_paymentrow SET {change} WHERE number = 2")
    with refused("有人改动了"):
        payments.release(batch=batch, by=desk.finance)

    payments.send_back(batch=batch, reason="核对后重新提交", by=desk.finance)
    batch.refresh_from_db()
    assert (batch.state, batch.lock, batch.checked_by, batch.reason) == (
        PaymentState.MAKING, "", None, "核对后重新提交",
    )  # fmt: skip


def test_what_changed_before_the_check_is_told_to_the_checker(desk, source):
    one = grant()
    batch = batch_of(desk, source, one)
    payments.hand_in(batch=batch, by=desk.maker)
    Grant.objects.filter(pk=one.pk).update(cash=Decimal(400))

    with refused(r"第1笔：批次里是 500\.00 元，发放记录是 400\.00 元"):
        payments.check(batch=batch, by=desk.checker)


# --- The bank's answer ---


def answer(rows, *, head=("序号", "户名", "账号", "金额", "处理结果", "失败原因"), above=()) -> bytes:
    book = openpyxl.Workbook()
    for line in (*above, head, *rows):
        book.active.append(list(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def line(one: Grant, result: str, reason: str = "", **changed) -> tuple:
    told = {"number": 1, "name": one.name, "account": one.full_account, "amount": f"{one.cash}"} | changed
    return (*told.values(), result, reason)


def read(desk, batch, content, name="回盘.xlsx"):
    return bank.read_answer(batch=batch, content=content, name=name, on=ON, by=desk.finance)


def test_what_failed_returns_to_the_fund_and_to_a_queue(desk, source):
    good, bad = grant(), grant(cash=Decimal("300.50"))
    batch = released(desk, source, good, bad)
    rows = [line(good, "交易成功"), line(bad, "交易失败", "账户已销户", number=2)]
    content = answer(rows, above=[("农业银行平塘支行代发结果",), ()])

    assert read(desk, batch, content) == (1, 1)

    batch.refresh_from_db()
    back = Entry.objects.get(kind=EntryKind.RETURN)
    assert (batch.state, back.amount, back.payment, back.effective_on) == (
        PaymentState.SETTLED, Decimal("300.50"), batch, ON,
    )  # fmt: skip
    assert (left(source), states(good, bad)) == (Decimal(9500), [GrantState.PAID, GrantState.FAILED])
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.granted_on, bad.granted_on, bad.reason) == (ON.isoformat(), None, "账户已销户")


def test_the_same_answer_twice_notes_nothing(desk, source):
    one = grant()
    batch = released(desk, source, one)
    content = answer([line(one, "失败", "户名不符")])

    assert [read(desk, batch, content) for _ in range(2)] == [(0, 1), (0, 0)]
    assert (left(source), Entry.objects.filter(payment=batch).count()) == (10000, 2)


def test_a_failed_grant_is_put_right_and_paid_by_another_batch(desk, source):
    one = grant()
    read(desk, released(desk, source, one), answer([line(one, "失败", "账号错误")]))
    with refused("不能核定"):
        payments.retry(grant=one, account="", bank="", by=desk.finance)
    with refused("8 至 32 位数字"):
        payments.retry(grant=one, account="换了卡", bank="", by=desk.checker)
    payments.retry(grant=one, account="6228 4800 1234 5678 901", bank="", by=desk.checker)
    one.refresh_from_db()
    second = released(desk, source, one)
    read(desk, second, answer([line(one, "成功")]))

    assert (one.full_account, one.bank) == ("6228480012345678901", "农业银行平塘支行")
    assert (states(one), left(source)) == ([GrantState.PAID], 9500)
    assert list(PaymentRow.objects.order_by("pk").values_list("result", flat=True)) == ["failed", "paid"]


def test_a_failed_grant_is_not_paid_again_where_the_person_has_another(desk, source):
    one = grant()
    read(desk, released(desk, source, one), answer([line(one, "失败", "账号错误")]))
    grant(id_number=one.full_id_number)

    with refused("已有一份"):
        payments.retry(grant=one, account="", bank="", by=desk.checker)


def test_what_was_paid_may_come_back_later_but_never_the_other_way(desk, source):
    one = grant()
    batch = released(desk, source, one)
    read(desk, batch, answer([line(one, "成功")]))

    assert read(desk, batch, answer([line(one, "退票", "收款行退回")])) == (0, 1)
    assert (left(source), states(one)) == (10000, [GrantState.FAILED])
    with refused("不能改为成功"):
        read(desk, batch, answer([line(one, "成功")]))
    assert left(source) == 10000


def test_part_of_an_answer_leaves_the_rest_waiting(desk, source):
    first, second = grant(), grant()
    batch = released(desk, source, first, second)

    read(desk, batch, answer([line(second, "成功", number=2)]))

    batch.refresh_from_db()
    assert (batch.state, states(first, second)) == (PaymentState.RELEASED, [GrantState.APPROVED, GrantState.PAID])
    assert list(batch.rows.values_list("result", flat=True)) == [RowResult.WAITING, RowResult.PAID]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"amount": "499.99"}, "第3行在批次里找不到"),
        ({"account": "6228480000000000001"}, "第3行在批次里找不到"),
        ({"name": "另一人"}, "第3行在批次里找不到"),
        ({"amount": "五百"}, "不是确切的金额"),
        ({"result": "处理中"}, "不能确定"),
        ({"result": ""}, "不能确定"),
    ],
)
def test_an_answer_that_is_not_sure_notes_nothing(wrong, words, desk, source):
    first, second = grant(), grant()
    batch = released(desk, source, first, second)
    result = wrong.pop("result", "失败")

    with refused(words):
        read(desk, batch, answer([line(first, "失败"), line(second, result, number=2, **wrong)]))

    assert (left(source), states(first, second)) == (9000, [GrantState.APPROVED] * 2)


@pytest.mark.parametrize(
    "words",
    [
        "未完成",
        "没有成功",
        "受理成功",
        "提交成功",
        "交易成功，无异常",
        "成功？",
        "已处理",
        "成功后退回",
        "可能失败",
        "完成率",
    ],
)
def test_words_that_are_not_wholly_known_note_nothing(words, desk, source):
    one = grant()
    batch = released(desk, source, one)

    with refused(f"处理结果「{words}」不能确定是成功还是失败"):
        read(desk, batch, answer([line(one, words)]))

    assert (left(source), states(one)) == (9500, [GrantState.APPROVED])


@pytest.mark.parametrize(
    ("words", "state"),
    [
        *(
            (words, GrantState.PAID)
            for words in ("成功", "交易成功。", "處理完成", "已到账", "已成功入账", " 代发 成功 ")
        ),
        *((words, GrantState.FAILED) for words in ("处理失败", "失败", "未成功", "已退票", "银行拒绝", "户名不符")),
    ],
)
def test_whole_words_say_what_became_of_it(words, state, desk, source):
    one = grant()

    read(desk, released(desk, source, one), answer([line(one, words)]))

    assert states(one) == [state]


def test_every_sheet_with_a_header_is_read(desk, source):
    good, bad = grant(), grant()
    batch = released(desk, source, good, bad)
    book = openpyxl.load_workbook(io.BytesIO(answer([line(good, "成功")])))
    book.active.title = "成功"
    book.create_sheet("说明", 0).append(["共两张表"])
    sheet = book.create_sheet("失败")
    for cells in (("户名", "账号", "金额", "状态"), (bad.name, bad.full_account, "499", "失败")):
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    with refused("「失败」第2行在批次里找不到"):
        read(desk, batch, out.getvalue())
    sheet.cell(2, 3, "500")
    out = io.BytesIO()
    book.save(out)

    assert read(desk, batch, out.getvalue()) == (1, 1)
    assert states(good, bad) == [GrantState.PAID, GrantState.FAILED]


def test_what_was_handed_over_has_no_answer_of_a_bank(desk, source):
    one = grant()
    batch = released(desk, source, one, way=PayWay.HAND)

    with refused("没有银行回盘"):
        read(desk, batch, answer([line(one, "失败")]))

    assert (left(source), states(one)) == (9500, [GrantState.PAID])


def test_a_banks_long_words_are_cut_and_what_came_back_was_not_granted(desk, source):
    one = grant()
    batch = released(desk, source, one)
    read(desk, batch, answer([line(one, "成功")]))

    read(desk, batch, answer([line(one, "退票", "收款行退回" * 60)]))

    one.refresh_from_db()
    assert (one.state, one.granted_on) == (GrantState.FAILED, None)
    assert one.reason == batch.rows.get().reason == ("收款行退回" * 60)[:100]


def test_one_payment_with_two_results_notes_nothing(desk, source):
    one = grant()
    batch = released(desk, source, one)

    with refused("两个不同的结果"):
        read(desk, batch, answer([line(one, "成功"), line(one, "失败")]))

    assert left(source) == 9500


def test_two_grants_to_one_account_are_told_apart_by_their_number(desk, source):
    one = grant()
    other = grant(name=one.name, account=one.full_account)
    batch = released(desk, source, one, other)

    read(desk, batch, answer([line(one, "成功", number=1), line(other, "失败", number=2)]))

    assert states(one, other) == [GrantState.PAID, GrantState.FAILED]


def test_an_answer_comes_as_csv_of_an_old_program_too(desk, source):
    one = grant()
    batch = released(desk, source, one)
    content = f"户名,卡号,交易金额（元）,状态\r\n{one.name},{one.full_account},500.00,已入账\r\n".encode("gb18030")

    assert read(desk, batch, content, "回盘.csv") == (1, 0)


@pytest.mark.parametrize(
    ("content", "words"),
    [(answer([], head=("姓名", "电话")), "没有找到表头"), (b"%PDF-1.4", "PDF"), (b"", "空文件")],
)
def test_what_is_no_answer_is_refused_in_words(content, words, desk, source):
    with refused(words):
        read(desk, released(desk, source, grant()), content)


def test_answers_are_finances_and_of_the_past(desk, source, outsider):
    one = grant()
    batch = released(desk, source, one)
    content = answer([line(one, "失败")])

    for by in (desk.checker, outsider):
        with refused("不能登记银行回盘"):
            bank.read_answer(batch=batch, content=content, name="回盘.xlsx", on=ON, by=by)
    with refused("早于放款日期"):
        yesterday = timezone.localdate() - timedelta(days=1)
        bank.read_answer(batch=batch, content=content, name="回盘.xlsx", on=yesterday, by=desk.finance)
    with refused("今天以后"):
        tomorrow = timezone.localdate() + timedelta(days=1)
        bank.read_answer(batch=batch, content=content, name="回盘.xlsx", on=tomorrow, by=desk.finance)


def test_money_comes_back_to_a_fund_that_is_closed_by_now(desk, source):
    one = grant()
    batch = released(desk, source, one)
    Fund.objects.update(is_open=False)

    read(desk, batch, answer([line(one, "失败")]))

    assert left(source) == 10000


# --- The file for the bank ---


def test_the_workbook_has_amounts_as_texts_and_the_sum_in_capitals(desk, source):
    one, two = grant(cash=Decimal("1200.5")), grant()
    batch = released(desk, source, one, two)

    paper = bank.workbook(batch=batch, by=desk.finance)

    rows = list(openpyxl.load_workbook(io.BytesIO(paper.content)).active.values)
    assert rows[1][0] == "共 2 笔，合计 1,700.50 元，大写：人民币壹仟柒佰元伍角"
    assert rows[2] == ("序号", "收款人", "收款账号", "开户银行", "金额", "用途")
    assert rows[3] == (1, one.name, one.full_account, one.bank, "1200.50", batch.title)
    assert (rows[4][4], len(rows)) == ("500.00", 5)
    assert read(desk, batch, answer([line(one, "成功"), line(two, "成功", number=2)])) == (2, 0)


def test_the_text_has_lines_of_one_width_in_bytes(desk, source):
    one, two = grant(), grant(name="阿不都热合曼·买买提")
    batch = released(desk, source, one, two)

    head, *lines = bank.text(batch=batch, by=desk.finance).content.split(b"\r\n")[:-1]

    assert head.decode("gb18030") == f"{batch.pk}|{batch.title}|2|1000.00|人民币壹仟元整"
    assert {len(each) for each in lines} == {214}
    first = lines[0]
    assert [first[:6], first[46:78].rstrip(), first[138:154].lstrip()] == [
        b"     1", one.full_account.encode(), b"500.00",
    ]  # fmt: skip
    assert lines[1][6:46].decode("gb18030").rstrip() == two.name


def test_who_takes_the_file_out_is_recorded_and_only_finance_may(desk, source):
    batch = checked(desk, source, grant())
    with refused("放款以后才能下载"):
        bank.workbook(batch=batch, by=desk.finance)
    batch = payments.release(batch=batch, by=desk.finance)

    with refused("不能下载"):
        bank.text(batch=batch, by=desk.checker)
    bank.text(batch=batch, by=desk.finance)

    entry = LogEntry.objects.filter(additional_data__export=True).get()
    assert (entry.actor, entry.changes["证件号码"]) == (desk.finance, ["", "完整账号"])


def test_no_account_stands_in_the_database_or_the_log_in_full(desk, source):
    one = grant(account="6228480011112222333")
    read(desk, released(desk, source, one), answer([line(one, "失败")]))

    tables = [table for table in connection.introspection.table_names() if table.startswith(("relief", "auditlog"))]
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")
            assert "6228480011112222333" not in str([bytes(v) if isinstance(v, memoryview) else v
                                                     for row in cursor.fetchall() for v in row]), table  # fmt: skip
