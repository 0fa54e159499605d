"""What the auditor reads instead of raw headers."""

import pytest

from pingtang_union.admin.logs import browser_words


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120.0.0.0 Safari/537.36 Edg/120.0", "Edge 120（Windows）"),
        ("Mozilla/5.0 (Linux; Android 10) Chrome/86.0 Mobile MicroMessenger/8.0.2", "微信 8（安卓）"),
        ("Mozilla/5.0 (Windows NT 6.1) Chrome/86.0.4240.198 Safari/537.36 QIHU 360SE", "360 浏览器（Windows）"),
        ("curl/8.4", "curl/8.4"),
    ],
)
def test_a_browser_stands_in_words(agent, words):
    assert browser_words(agent) == words
