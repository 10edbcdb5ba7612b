"""The HTML of notices as a mail program reads it."""

import html.parser

VOID = {"meta", "img", "br"}


class Page(html.parser.HTMLParser):
    """What a mail program makes of a page: its words, and everything that it refers to."""

    def __init__(self, page: str):
        super().__init__()
        self.words, self.links, self.pictures, self.tags, self.open = [], [], [], [], []
        self.feed(page)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        values = dict(attributes)
        self.links += [values["href"]] if "href" in values else []
        self.pictures += [values["src"]] if "src" in values else []
        assert not [name for name in values if name.startswith("on") or name in ("background", "action", "srcset")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def page_of(message) -> Page:
    return Page(message.get_body(("html",)).get_content())
