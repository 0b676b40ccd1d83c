"""A reader of pages that notices what is wrong with them."""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Outline(HTMLParser):
    """Notes what an honest page must not have: crossed tags, inline script or style, things from elsewhere."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.ids, self.pointers, self.testids, self.language = [], [], [], [], [], None

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.language = found.get("lang") if tag == "html" else self.language
        self.ids += [found["id"]] if "id" in found else []
        self.testids += [found["data-testid"]] if "data-testid" in found else []
        self.pointers += found.get("aria-labelledby", "").split() + found.get("aria-controls", "").split()
        if "style" in found or any(name.startswith("on") for name in found):
            self.wrong.append(f"inline in {tag}")
        if tag == "script" and ("src" not in found and found.get("type") != "application/ld+json"):
            self.wrong.append("inline script")
        if tag == "img" and "alt" not in found:
            self.wrong.append("a picture without words")
        if (
            any(str(found.get(name, "")).startswith(("http:", "https:", "//")) for name in ("src", "href"))
            and tag != "a"
        ):
            self.wrong.append(f"{tag} from elsewhere")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")

    def handle_data(self, data):
        if self.open and self.open[-1] in {"ol", "ul", "dl", "table"} and data.strip():
            self.wrong.append("loose words in a list")


def outline(html):
    read = Outline()
    read.feed(html)
    read.close()
    return read
