"""The web pages."""

import html

from werkzeug.wrappers import Request, Response


def page(title: str, content: str) -> str:
    return f"<!doctype html><title>{html.escape(title)}</title>{content}"


def html_page(title: str, content: str) -> Response:
    return Response(page(title, content), content_type="text/html;charset=utf-8")


def handle(simulator: object, request: Request) -> Response:
    return html_page("Simulator", "<h1>Simulator</h1>")
