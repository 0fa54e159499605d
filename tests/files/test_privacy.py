"""What strangers mustn't read is found in every dress, and nothing else is."""

import pytest

from pingtang_union.files.privacy import BLOT, CARD, IDENTITY, MOBILE, PHONE, findings, hidden

ZERO = "\u200b"
PLANTED = [
    (MOBILE, "张三 138\u20098541\u20092345"),
    (MOBILE, "138，8541，2345"),
    (MOBILE, "①③⑧⑧⑤④①②③④⑤"),
    (IDENTITY, "522727 19850314 104X张三"),
    (IDENTITY, "证件号52272719800101123X，班长"),  # whose check digit is wrong
    (IDENTITY, "身份证 522727 1980 0101 1234"),
    (IDENTITY, "522727-19800101-1234"),
    (IDENTITY, "身份证５２２７２７１９８００１０１１２３４"),
    (IDENTITY, "五二二七二七一九八〇〇一〇一一二三四"),
    (IDENTITY, "伍贰贰柒贰柒壹玖捌零零壹零壹壹贰叁肆"),
    (IDENTITY, "5 2 2 7 2 7 1 9 8 0 0 1 0 1 1 2 3 4"),
    (IDENTITY, f"5{ZERO}22727{ZERO}198001011234"),
    (IDENTITY, "5227.2719.8001.0112.34"),
    (IDENTITY, "旧号522727800101123"),
    (IDENTITY, "旧号522727 800101 123"),
    (CARD, "卡号6217000012341234567"),
    (CARD, "6217 0000 1234 1234 567"),
    (CARD, "6217-0000-1234-1234"),
    (CARD, "622700001234 5678901"),
    (CARD, "4367420011223344556"),
    (CARD, "4367 4200 1122 3343"),  # no 62, but the check digit is right
    (CARD, "陆贰壹柒零零零零壹贰叁肆壹贰叁肆伍陆柒"),
    (CARD, "账号 2018 0501 0000 1234 5"),
    (CARD, "账号：201805010001"),
    (MOBILE, "电话13885412345。"),
    (MOBILE, "138 8541 2345"),
    (MOBILE, "138-8541-2345"),
    (MOBILE, "138.8541.2345"),
    (MOBILE, "+86 138 8541 2345"),
    (MOBILE, "008613885412345"),
    (MOBILE, "１３８８５４１２３４５"),
    (MOBILE, "一三八八五四一二三四五"),
    (MOBILE, "幺三八 八五四一 二三四五"),
    (MOBILE, "138八五四一2345"),
    (MOBILE, "张三13885412345"),
    (MOBILE, "1.13885412345"),
    (MOBILE, "1 3 8 8 5 4 1 2 3 4 5"),
    (MOBILE, f"138{ZERO}8541{ZERO}2345"),
    (MOBILE, "138\n85412345"),
    (MOBILE, "手机 13 88 54 12 34 5"),
    (MOBILE, "1️⃣3️⃣8️⃣8️⃣5️⃣4️⃣1️⃣2️⃣3️⃣4️⃣5️⃣"),
    (PHONE, "0854-4822123"),
    (PHONE, "（0854）4822123"),
    (PHONE, "零八五四 四八二二一二三"),
    (PHONE, "办公电话：482-2123"),
    (PHONE, "热线 400-123-4567"),
]
CLEAN = [
    "根据平工发〔2018〕12号文件",
    "2018年5月1日至2018年12月31日",
    "二〇一八年五月一日，一九八〇年出生",
    "发放110.5万元，1,105,320.00元",
    "证书编号20180001",
    "统一社会信用代码81522727MC00012345",
    "统一社会信用代码91520000123456789A",
    "522727**********37、138******45、6217***********4567",
    "2018-05-01 2018-12-31",
    "2015 2016 2017 2018",
    "职工服务热线12351，市民热线12345",
    "占比0.123456789012345678",
    "节约4821234元，生产12345678件",
    "3500\t4200\t5600\t1200\t150\t2018\t1200",
    "13 25 18 20 12 5",
    "1998-2018年连续二十年",
    "三八红旗手，五一劳动奖章，七一表彰",
    "20180501至20181231",
    "黔ICP备2023001234号-1，黔公网安备52272702000123号",
    "摘要 1f3870be274f6c49b3e31a0c6728957f1f3870be274f6c49b13885412345c672",
    "邮编558300，8:30—17:30",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), PLANTED)
def test_numbers_are_found_in_every_dress(kind, text):
    assert [finding.kind for finding in findings(text)] == [kind]


@pytest.mark.parametrize(("kind", "text"), PLANTED)
def test_hidden_leaves_nothing_to_find_and_the_rest_as_it_was(kind, text):
    shown = hidden(f"事迹：{text}，如上。")

    assert findings(shown) == []
    assert shown.startswith("事迹：")
    assert BLOT in shown
    assert shown.endswith("如上。")


@pytest.mark.parametrize("text", CLEAN)
def test_other_numbers_may_go_out(text):
    assert findings(text) == []
    assert hidden(text) == text


def test_a_finding_says_where_and_shows_no_number():
    text = "联系张三13885412345或李四 139 0000 0001"
    first, second = findings(text)

    assert (text[first.start : first.end], first.shown) == ("13885412345", "138******45")
    assert (text[second.start : second.end], second.shown) == ("139 0000 0001", "139******01")
    assert findings(first.shown + second.shown) == []


def test_listed_phones_may_be_read_with_and_without_their_area_code():
    listed = ["08544822123", "4001234567"]

    assert findings("电话 0854-4822123，座机4822123，热线 400-123-4567", listed) == []
    assert [finding.number for finding in findings("电话 0854-4822124", listed)] == ["08544822124"]
    assert [finding.kind for finding in findings("52272719800101123X", ["52272719800101123X"])] == [IDENTITY]
