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
from nerture.errors import DataError, NertureError, StoreError
from nerture.sessions.live.protocol import Session
from nerture.web.access import AccessMiddleware, AccessPolicy, TooLargeError
from nerture.web.payloads import (
    AnswersRequest,
    Message,
    ProgressRequest,
    QuestionsRequest,
    UndoRequest,
    VerdictsRequest,
    answer_json,
    judged_json,
    question_json,
    shown,
    standing_json,
    suggestion_json,
)
from nerture.web.replies import JSONReply, refusal, told
from nerture.web.sessions import Sessions

HERE = Path(__file__).parent
REMEMBERED = 20
"""How many answers a page that is opened again can look back at."""

Body = TypeVar("Body", bound=Message)
Saved = TypeVar("Saved")
log = logging.getLogger(__name__)


def make_app(
    session: Session,
    token: str | None = None,
    *,
    door: AccessPolicy | None = None,
    annotator: str | None = None,
    others: Mapping[str, Callable[[], Session]] | None = None,
) -> Starlette:
    """Return the app over an open session.

    ``token`` is what a request must bring (None: nothing); ``door`` says it together with the names by which
    the server may be called (default: this machine's loopback names). ``annotator`` is who answers unless the
    page's address says otherwise (None: the page asks). ``others`` opens sessions of further modes, which the
    page can switch to. The app closes what it opened, not ``session``.
    """
    door = door or AccessPolicy(token=token)
    faces = Routes(Sessions(session, others or {}), door, annotator)
    return Starlette(
        routes=[
            Route("/", faces.page),
            Route("/api/{mode}/settings", faces.settings, methods=["GET"]),
            Route("/api/{mode}/questions", faces.questions, methods=["POST"]),
            Route("/api/{mode}/answers", faces.answers, methods=["POST"]),
            Route("/api/{mode}/undo", faces.undo, methods=["POST"]),
            Route("/api/{mode}/standing", faces.standing, methods=["POST"]),
            Route("/api/{mode}/suggestions", faces.suggestions, methods=["POST"]),
            Route("/api/{mode}/judgements", faces.judgements, methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(AccessMiddleware, door=door)],
        exception_handlers={
            HTTPException: _http_error,
            TooLargeError: _too_large,
            NertureError: _cannot,
            OSError: _cannot,
            Exception: _bug,
        },
        lifespan=faces.lifespan,
    )


class Routes:
    """The routes."""

    def __init__(self, sessions: Sessions, door: AccessPolicy, annotator: str | None) -> None:
        self.sessions = sessions
        self.door = door
        self.annotator = annotator
        templates = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True)
        self._page = templates.get_template("page.html")
        self._locked = templates.get_template("locked.html")

    @asynccontextmanager
    async def lifespan(self, app: Starlette) -> AsyncIterator[None]:
        """Close what was opened, when the server ends."""
        yield
        await run_in_threadpool(self.sessions.close)

    async def page(self, request: Request) -> Response:
        """Give the page; a token in its address is moved to a cookie, so that it does not stay in sight."""
        given = request.query_params.get("token")
        if given is not None and self.door.token is not None and self.door.admits(given):
            clean = URL(scope=request.scope).remove_query_params("token")
            moved = RedirectResponse(f"/?{clean.query}" if clean.query else "/", status_code=303)
            moved.set_cookie(self.door.cookie, given, httponly=True, samesite="lax", path="/")
            return moved
        if not self.door.trusts(request.headers):
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
        """Tell what the page may show of the session."""
        session = await self._session(request)
        return JSONReply(
            {
                "dataset": session.dataset,
                "mode": session.mode,
                "modes": self.sessions.modes,
                "labels": session.labels,
                "settings": shown(session.settings),
            }
        )

    async def questions(self, request: Request) -> Response:
        """Give the next questions, and the latest answers, which can be taken back."""
        wanted = await _body(request, QuestionsRequest)
        session = await self._session(request)
        asked = await run_in_threadpool(session.questions, wanted.annotator, wanted.count)
        return JSONReply({"questions": [question_json(question) for question in asked]})

    async def answers(self, request: Request) -> Response:
        """Save answers in their order; what a session refuses is told beside what was saved."""
        given = await _body(request, AnswersRequest)
        await self._session(request)
        add = partial(self.sessions.add, request.path_params["mode"])
        return await _each(add, [(one.id, one.answer(given.annotator)) for one in given.answers])

    async def undo(self, request: Request) -> Response:
        """Take an answer back; its question is next."""
        undoing = await _body(request, UndoRequest)
        await self._session(request)
        mode = request.path_params["mode"]
        try:
            question = await run_in_threadpool(self.sessions.undo, mode, undoing.annotator, undoing.answer)
        except StoreError:
            raise
        except DataError as error:
            return refusal(409, str(error))
        return JSONReply({"question": None if question is None else question_json(question)})

    async def standing(self, request: Request) -> Response:
        """Tell how the session stands, of this annotator and of all, and what was answered last."""
        looking = await _body(request, ProgressRequest)
        session = await self._session(request)
        everybody = await run_in_threadpool(session.standing)
        mine = await run_in_threadpool(session.standing, looking.annotator)
        history = await run_in_threadpool(session.history, looking.annotator, REMEMBERED)
        agreement = await run_in_threadpool(session.agreement)
        return JSONReply(
            {
                "all": standing_json(everybody),
                "mine": standing_json(mine),
                "agreement": None if agreement is None else agreement.as_dict(),
                "history": [
                    {"question": question_json(question), "answer": answer_json(answer)}
                    for question, answer in history
                ],
            }
        )

    async def suggestions(self, request: Request) -> Response:
        """Give the patterns that are suggested, best first, and those that were judged, newest first."""
        wanted = await _body(request, QuestionsRequest)
        session = await self._session(request)
        offers = await run_in_threadpool(session.suggestions, wanted.count)
        judged = await run_in_threadpool(session.judged)
        return JSONReply(
            {
                "suggestions": [suggestion_json(offer) for offer in offers],
                "judged": [judged_json(*one) for one in reversed(judged)],
            }
        )

    async def judgements(self, request: Request) -> Response:
        """Save what is said of suggested patterns, in order; what a session refuses is told."""
        given = await _body(request, VerdictsRequest)
        session = await self._session(request)
        return await _each(
            session.judge, [(one.id, one.judgement(given.annotator)) for one in given.judgements]
        )

    async def _session(self, request: Request) -> Session:
        mode = request.path_params["mode"]
        if mode not in self.sessions.modes:
            raise HTTPException(404, f"no mode {mode!r} here; there is {', '.join(self.sessions.modes)}")
        opened = self.sessions.opened(mode)
        return opened if opened is not None else await run_in_threadpool(self.sessions.get, mode)


async def _each(save: Callable[[Saved], None], given: Sequence[tuple[str, Saved]]) -> Response:
    """Save one after the other; tell what was saved, and what was refused and why."""
    saved, refused = [], []
    for id, one in given:
        try:
            await run_in_threadpool(save, one)
        except StoreError:
            raise
        except DataError as error:
            refused.append({"id": id, "error": str(error)})
        else:
            saved.append(id)
    return JSONReply({"saved": saved, "refused": refused})


async def _body(request: Request, kind: type[Body]) -> Body:
    """Read a message; anything but JSON of that kind is a clear error."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "a message is JSON, and its content-type says so")
    try:
        return kind.model_validate_json(await request.body())
    except ValidationError as error:
        raise HTTPException(400, told(error)) from None
    except ClientDisconnect:
        raise HTTPException(400, "the message broke off") from None


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return refusal(error.status_code, error.detail)


async def _too_large(request: Request, error: Exception) -> Response:
    return refusal(413, "the message is too long")


async def _cannot(request: Request, error: Exception) -> Response:
    """Say what the session could not do; the page keeps its answers and tries again."""
    return refusal(503, str(error))


async def _bug(request: Request, error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return refusal(500, "the server made a mistake, which is in its log")
