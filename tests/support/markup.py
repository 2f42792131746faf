"""What a parser sees in a page: its elements with the names of their attributes, and its text in one language."""

from html.parser import HTMLParser

VOID = frozenset({"meta", "input", "br", "link", "img", "rect", "line"})
BLOCKS = frozenset(
    (
        "p",
        "h1",
        "h2",
        "h3",
        "li",
        "tr",
        "dt",
        "section",
        "header",
        "footer",
        "summary",
        "caption",
        "pre",
        "title",
        "div",
    )
)


class Elements(HTMLParser):
    """The skeleton: every start tag with its attribute names, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))
        self.links.extend(value or "" for name, value in attrs if name in ("href", "src", "action"))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


class Words(HTMLParser):
    """The visible text in one language, a line for each block."""

    def __init__(self, lang: str) -> None:
        super().__init__()
        self._lang = lang
        self._open: list[tuple[str, bool]] = []
        self._parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self._parts.append("\n")
        if tag in ("td", "th", "dd"):
            self._parts.append(" | ")
        if tag not in VOID:
            lang = dict(attrs).get("lang")
            other = tag in ("span", "tspan") and lang not in (None, self._lang)
            self._open.append((tag, other or tag == "style"))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(hidden for _, hidden in self._open):
            self._parts.append(data.replace("\n", " "))

    @property
    def lines(self) -> list[str]:
        lines = (" ".join(line.split()) for line in "".join(self._parts).splitlines())
        return [line for line in lines if line.strip(" |")]


def elements(page: str) -> Elements:
    parser = Elements()
    parser.feed(page)
    parser.close()
    return parser


def words(page: str, lang: str) -> list[str]:
    parser = Words(lang)
    parser.feed(page)
    parser.close()
    return parser.lines
