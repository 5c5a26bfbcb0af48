"""The interactive page: Swagger UI from files of this machine, so that it works without the network."""

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import fastapi_offline
from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response

PAGE = "/docs"
_FILES: Mapping[str, str] = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon.png": "image/png",
}
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def page_router(title: str, description: str) -> APIRouter:
    """Give the routes of the page, about the description at a path."""
    router = APIRouter(include_in_schema=False)
    written = get_swagger_ui_html(
        openapi_url=description,
        title=title,
        swagger_js_url=f"{PAGE}/swagger-ui-bundle.js",
        swagger_css_url=f"{PAGE}/swagger-ui.css",
        swagger_favicon_url=f"{PAGE}/favicon.png",
        swagger_ui_parameters={"deepLinking": False, "persistAuthorization": False, "validatorUrl": None},
    )
    html = bytes(written.body).decode("utf-8")
    policy = _policy(html)
    folder = Path(fastapi_offline.__file__).with_name("static")

    @router.get(PAGE)
    async def page() -> Response:
        return HTMLResponse(html, headers={"Content-Security-Policy": policy, "X-Frame-Options": "DENY"})

    @router.get(PAGE + "/{name}")
    async def file(name: str) -> Response:
        if name not in _FILES:
            raise HTTPException(404)
        return FileResponse(
            folder / name, media_type=_FILES[name], headers={"Cache-Control": "public, max-age=3600"}
        )

    return router


def _policy(html: str) -> str:
    """Let the page load from this server alone, and run its own script alone."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for script in _SCRIPT.findall(html)
    )
    # Swagger UI writes styles into its elements, and its icons are data.
    return (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
