"""A domain's own list of its pages."""

import pytest

from core.errors import SitemapUnreadable, TooManyPages
from core.model import Sitemap
from core.sitemaps import read_sitemap
from core.urls import UrlRules

RULES = UrlRules.load()
XML = """\ufeff<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
  <url><loc>https://www.news.example/a?x=1&amp;y=2</loc><lastmod>2026-11-01</lastmod></url>
  <url><loc>
    http://news.example/b/
  </loc></url>
  <url><loc>https://blog.news.example/c</loc></url>
  <url><loc>https://elsewhere.example/d</loc></url>
  <url><loc>https://fakenews.example/e</loc></url>
  <url><loc>https://news.example/a?x=1&amp;y=2&amp;utm_source=rss</loc></url>
  <url><loc>no address</loc></url>
</urlset>
"""


def test_the_pages_of_a_sitemap_are_the_domains_own_in_one_spelling_each_once():
    pages = ("https://news.example/a?x=1&y=2", "https://news.example/b", "https://blog.news.example/c")
    assert read_sitemap("news.example", XML, RULES) == Sitemap("news.example", pages)


def test_plain_text_has_one_address_a_line():
    text = "https://news.example/a\n\n  https://news.example/b \nhttps://news.example?c\n"
    found = read_sitemap("news.example", text, RULES)
    assert found.pages == ("https://news.example/a", "https://news.example/b", "https://news.example?c")


@pytest.mark.parametrize("text", ["", "https://elsewhere.example/a", "<sitemapindex><loc>x</loc></sitemapindex>"])
def test_what_lists_no_page_of_the_domain_is_not_its_sitemap(text):
    with pytest.raises(SitemapUnreadable, match=r"news\.example"):
        read_sitemap("news.example", text, RULES)


def test_a_sitemap_has_ten_thousand_pages_at_most():
    lines = "\n".join(f"https://news.example/{number}" for number in range(10_001))
    with pytest.raises(TooManyPages):
        read_sitemap("news.example", lines, RULES)
