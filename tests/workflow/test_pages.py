"""What pages of applications say of changes."""

import pytest

from pingtang_union.core.keys import key_in
from pingtang_union.workflow.pages import marked
from pingtang_union.workflow.timeline import Difference


def pieces(before, after):
    return [(one.kind, one.text) for one in marked(Difference("事迹", before, after)).passages]


def test_short_texts_are_shown_whole():
    assert pieces("车间班长", "炊事班长") == [("del", "车间班长"), ("ins", "炊事班长")]


def test_an_empty_text_is_named():
    assert pieces("", "写" * 100) == [("del", "（空）"), ("ins", "写" * 100)]


def test_of_long_texts_the_sentences_that_changed_with_their_neighbours():
    sentences = [f"第{number}句写的是很具体的事例和数字。" for number in range(8)]
    later = [*sentences[:4], "这一句换了。", *sentences[5:]]

    assert pieces("".join(sentences), "".join(later)) == [
        ("gap", "……"),
        ("same", sentences[3]),
        ("del", sentences[4]),
        ("ins", "这一句换了。"),
        ("same", sentences[5]),
        ("gap", "……"),
    ]


def test_between_two_changes_the_middle_is_left_out():
    sentences = [f"第{number}句写的是很具体的事例和数字。" for number in range(6)]
    later = ["开头换了。", *sentences[1:5], "结尾换了。"]

    assert pieces("".join(sentences), "".join(later)) == [
        ("del", sentences[0]),
        ("ins", "开头换了。"),
        ("same", sentences[1]),
        ("gap", "……"),
        ("same", sentences[4]),
        ("del", sentences[5]),
        ("ins", "结尾换了。"),
    ]


def test_a_text_with_something_added_at_its_end():
    start = "很长的一段事迹，" * 10 + "就写到这里。"

    assert pieces(start, f"{start}又补了一句。") == [("same", start), ("ins", "又补了一句。")]


@pytest.mark.parametrize(("text", "key"), [("7", 7), ("", 0), ("x", 0), ("-1", 0), ("٣", 0), ("9" * 30, 0), ("1.5", 0)])
def test_keys(text, key):
    assert key_in(text) == key
