"""``make_app``: the web page of a session, as a starlette app."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from jinja2 import Environment, FileSystemLoader
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from nerture import __version__
from nerture.errors import ConfigError, DataError, NertureError, StoreError
from nerture.sessions.live.protocol import Session
from nerture.web.access import AccessMiddleware, AccessPolicy, TooLargeError
from nerture.web.payloads import (
    AnswersRequest,
    Message,
    ProgressRequest,
    QuestionsRequest,
    UndoRequest,
    VerdictsRequest,
    encode_answer,
    encode_progress,
    encode_question,
    encode_suggestion,
    encode_verdict,
    format_values,
)
from nerture.web.replies import JSONReply, describe_errors, make_error
from nerture.web.sessions import Sessions

HERE = Path(__file__).parent
HISTORY_SIZE = 20
"""How many of the latest answers a reopened page can undo."""

Body = TypeVar("Body", bound=Message)
Saved = TypeVar("Saved")
log = logging.getLogger(__name__)


def make_app(
    session: Session,
    token: str | None = None,
    *,
    policy: AccessPolicy | None = None,
    annotator: str | None = None,
    others: Mapping[str, Callable[[], Session]] | None = None,
) -> Starlette:
    """Return the app over an open session.

    ``token`` is required of requests, if there is one; ``policy`` sets it together with the names of the
    server, by default the loopback names. ``annotator`` answers unless the page's address names another; if
    None, the page asks. ``others`` opens sessions of other modes, which the page can switch to. The app
    closes the sessions that it opened, not ``session``. Raises ``ConfigError`` for a token that could be
    guessed, and for a token next to a policy, which has its own.
    """
    if policy is not None and token is not None:
        raise ConfigError("expected a token or a policy, got both; give the token to the policy")
    policy = policy or AccessPolicy(token=token)
    routes = Routes(Sessions(session, others or {}), policy, annotator)
    return Starlette(
        routes=[
            Route("/", routes.page),
            Route("/api/{mode}/settings", routes.settings, methods=["GET"]),
            Route("/api/{mode}/questions", routes.questions, methods=["POST"]),
            Route("/api/{mode}/answers", routes.answers, methods=["POST"]),
            Route("/api/{mode}/undo", routes.undo, methods=["POST"]),
            Route("/api/{mode}/progress", routes.progress, methods=["POST"]),
            Route("/api/{mode}/suggestions", routes.suggestions, methods=["POST"]),
            Route("/api/{mode}/verdicts", routes.verdicts, methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(AccessMiddleware, policy=policy)],
        exception_handlers={
            HTTPException: _http_error,
            TooLargeError: _too_large,
            NertureError: _unavailable,
            OSError: _unavailable,
            Exception: _bug,
        },
        lifespan=routes.lifespan,
    )


class Routes:
    """The handlers of the routes."""

    def __init__(self, sessions: Sessions, policy: AccessPolicy, annotator: str | None) -> None:
        self.sessions = sessions
        self.policy = policy
        self.annotator = annotator
        templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
        self._page = templates.get_template("page.html")
        self._locked = templates.get_template("locked.html")

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Close the sessions when the server stops."""
        yield
        await run_in_threadpool(self.sessions.close)

    async def page(self, request: Request) -> Response:
        """Return the page; a token in its address moves to a cookie, so that it does not stay visible."""
        token = request.query_params.get("token")
        if token is not None and self.policy.token is not None and self.policy.allows_token(token):
            clean = URL(scope=request.scope).remove_query_params("token")
            redirect = RedirectResponse(f"/?{clean.query}" if clean.query else "/", status_code=303)
            redirect.set_cookie(self.policy.cookie, token, httponly=True, samesite="lax", path="/")
            return redirect
        if not self.policy.allows_request(request.headers):
            return HTMLResponse(self._locked.render(), status_code=401)
        first = self.sessions.first
        return HTMLResponse(
            self._page.render(
                dataset=first.dataset,
                mode=first.mode,
                annotator=self.annotator or "",
                version=__version__,
            )
        )

    async def settings(self, request: Request) -> Response:
        """Return the settings of the session to display."""
        session = await self._find_session(request)
        return JSONReply(
            {
                "dataset": session.dataset,
                "mode": session.mode,
                "modes": self.sessions.modes,
                "labels": session.labels,
                "settings": format_values(session.settings),
            }
        )

    async def questions(self, request: Request) -> Response:
        """Return the next questions."""
        message = await _read_body(request, QuestionsRequest)
        session = await self._find_session(request)
        questions = await run_in_threadpool(session.questions, message.annotator, message.count)
        return JSONReply({"questions": [encode_question(question) for question in questions]})

    async def answers(self, request: Request) -> Response:
        """Save answers in order; return the ids of those saved, and those refused with the reason."""
        message = await _read_body(request, AnswersRequest)
        await self._find_session(request)
        add = partial(self.sessions.add, request.path_params["mode"])
        return await _save_each(
            add, [(item.id, item.to_answer(message.annotator)) for item in message.answers]
        )

    async def undo(self, request: Request) -> Response:
        """Undo an answer; return its question, which is next."""
        message = await _read_body(request, UndoRequest)
        await self._find_session(request)
        mode = request.path_params["mode"]
        try:
            question = await run_in_threadpool(self.sessions.undo, mode, message.annotator, message.answer)
        except StoreError:
            raise
        except DataError as error:
            return make_error(409, str(error))
        return JSONReply({"question": None if question is None else encode_question(question)})

    async def progress(self, request: Request) -> Response:
        """Return the progress of all and of this annotator, the agreement, and the latest answers."""
        message = await _read_body(request, ProgressRequest)
        session = await self._find_session(request)
        all_progress = await run_in_threadpool(session.progress)
        own_progress = await run_in_threadpool(session.progress, message.annotator)
        history = await run_in_threadpool(session.history, message.annotator, HISTORY_SIZE)
        agreement = await run_in_threadpool(session.agreement)
        return JSONReply(
            {
                "all": encode_progress(all_progress),
                "mine": encode_progress(own_progress),
                "agreement": None if agreement is None else agreement.as_dict(),
                "history": [
                    {"question": encode_question(question), "answer": encode_answer(answer)}
                    for question, answer in history
                ],
            }
        )

    async def suggestions(self, request: Request) -> Response:
        """Return the suggested patterns, best first, and the verdicts, newest first."""
        message = await _read_body(request, QuestionsRequest)
        session = await self._find_session(request)
        suggested = await run_in_threadpool(session.suggestions, message.count)
        judged = await run_in_threadpool(session.judged_patterns)
        return JSONReply(
            {
                "suggestions": [encode_suggestion(pattern) for pattern in suggested],
                "verdicts": [encode_verdict(*pair) for pair in reversed(judged)],
            }
        )

    async def verdicts(self, request: Request) -> Response:
        """Save verdicts on suggested patterns in order; reply as for answers."""
        message = await _read_body(request, VerdictsRequest)
        session = await self._find_session(request)
        verdicts = [(item.id, item.to_verdict(message.annotator)) for item in message.verdicts]
        return await _save_each(session.judge_pattern, verdicts)

    async def _find_session(self, request: Request) -> Session:
        mode = request.path_params["mode"]
        if mode not in self.sessions.modes:
            raise HTTPException(404, f"mode: expected one of {', '.join(self.sessions.modes)}, got {mode!r}")
        opened = self.sessions.find_open(mode)
        return opened if opened is not None else await run_in_threadpool(self.sessions.get, mode)


async def _save_each(save: Callable[[Saved], None], items: Sequence[tuple[str, Saved]]) -> Response:
    """Save items one by one; return the ids of those saved, and those refused with the reason."""
    saved, refused = [], []
    for id, item in items:
        try:
            await run_in_threadpool(save, item)
        except StoreError:
            raise
        except DataError as error:
            refused.append({"id": id, "error": str(error)})
        else:
            saved.append(id)
    return JSONReply({"saved": saved, "refused": refused})


async def _read_body(request: Request, kind: type[Body]) -> Body:
    """Return the message of a request; raises ``HTTPException`` for anything but JSON of that kind."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "expected the content-type application/json")
    try:
        return kind.model_validate_json(await request.body())
    except ValidationError as error:
        raise HTTPException(400, describe_errors(error)) from None
    except ClientDisconnect:
        raise HTTPException(400, "the message was cut off") from None


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return make_error(error.status_code, error.detail)


async def _too_large(request: Request, error: Exception) -> Response:
    return make_error(413, "the message is too long")


async def _unavailable(request: Request, error: Exception) -> Response:
    """Reply that the session failed; the page keeps its answers and tries again."""
    return make_error(503, str(error))


async def _bug(request: Request, error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return make_error(500, "internal error; see the log of the server")
