"""A question in words, as PostgreSQL and the highlighter want it. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.core.words import fold, parts_of, tokens

MAX_WORDS = 24
MAX_WORD = 100  # no listing has a longer word, and PostgreSQL refuses far longer ones
_HAN = frozenset(map(chr, range(0x3400, 0xA000)))
# How one asks, not what for: not required, unless nothing else was said.
_ASKING_EN = (
    "need want look search find seek solut pleas help how what good better best too much mani veri "
    "do doe did i me my am who where when whi just ani some make get use"
)
_ASKING_ZH = (
    "需要 需求 寻求 寻找 查找 求购 希望 想要 更好 更 好 方案 解决方案 解决 如何 怎么 怎样 什么 "
    "请问 怎么办 怎么样 我们 我 我厂 你们 有没有 有 没有 哪些 哪里 哪个 能否 能 可以 是否 吗 呢 请 "
    "问题 目前 现在 太 太快 太慢 太高 太大 过高 过快 很 时 下 中 用"
)
_ASKING = frozenset(f"{_ASKING_EN} {_ASKING_ZH}".split())
_PIECES = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+(?:[.\-+#][^\W_\u3400-\u9fff]+)*[+#]*")


@dataclass(frozen=True, slots=True)
class Word:
    """surface: as the reader wrote it; token: as it is indexed; parts: of a hyphenated one."""

    surface: str
    token: str
    parts: tuple[str, ...] = ()

    @property
    def tsquery(self) -> str:
        """The word in PostgreSQL's text form of a tsquery."""
        if not self.parts:
            return _quoted(self.token)
        return f"({_quoted(self.token)} | ({' & '.join(map(_quoted, self.parts))}))"

    @property
    def tokens(self) -> frozenset[str]:
        return frozenset((self.token, *self.parts))


def words_of(question: str) -> list[Word]:
    """The words of a question in order, each once, at most MAX_WORDS; words of asking dropped."""
    found: dict[str, Word] = {}
    for match in _PIECES.finditer(question):
        piece = match.group()
        cut = tokens(piece, query=True)
        for token in cut:
            if len(token) > MAX_WORD:
                continue
            # A Latin word gives one token, its stem; a run of Chinese is its tokens in a row.
            surface = token if piece[0] in _HAN else piece
            parts = parts_of(fold(piece)) if "-" in token else ()
            found.setdefault(token, Word(surface, token, parts))
        if len(found) >= MAX_WORDS:
            break
    words = list(found.values())[:MAX_WORDS]
    return [word for word in words if word.token not in _ASKING] or words


def all_of(words: Iterable[Word]) -> str:
    """A tsquery that requires every word."""
    return " & ".join(word.tsquery for word in words)


def any_of(words: Iterable[Word]) -> str:
    """A tsquery that is content with one."""
    return " | ".join(word.tsquery for word in words)


def _quoted(token: str) -> str:
    return "'{}'".format(token.replace("\\", "\\\\").replace("'", "''"))
