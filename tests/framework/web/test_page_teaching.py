"""The page in a real browser: answers by keyboard, undo, reload, lost connections, several annotators."""

from __future__ import annotations

import pytest

from nerture.errors import NertureError

from ...support.memory_session import MemorySession, span_question, text_question
from ...support.waiting import wait_for

WORDS = ("garlic", "beans", "tulips", "rosemary", "sage")


def questions(count):
    made = []
    for number in range(count):
        word = WORDS[number % len(WORDS)]
        text = f"Number {number}: some {word} in a bed."
        start = text.index(word)
        made.append(span_question(text, start, start + len(word)))
    return made


def text_of(page):
    page.wait_for_selector("#card:not([hidden])")
    return page.locator("#text").text_content()


def wait_until_saved(page):
    page.wait_for_selector('#connection[data-state="saved"]')


def wait_for_questions(page, count):
    """Wait until the browser holds that many questions ahead."""
    page.wait_for_function(
        """(count) => Object.entries(localStorage).some(
            ([key, value]) => key.endsWith("/queue") && JSON.parse(value).length >= count)""",
        arg=count,
    )


@pytest.fixture
def session():
    return MemorySession(questions(200))


@pytest.fixture
def served(serve, session):
    return serve(session, annotator="ada")


def test_fifty_questions_by_keyboard_with_undo_and_a_reload(browse, served, session):
    page = browse(served.url)
    page.wait_for_selector("mark")
    verdicts = {"a": "accept", "x": "reject", "Space": "ignore"}
    given = []

    def answer(key):
        given.append((text_of(page), verdicts[key]))
        page.keyboard.press(key)

    for number in range(30):
        answer(("a", "x", "a", "Space")[number % 4])
    for _ in range(5):
        text, _ = given.pop()
        page.keyboard.press("Backspace")
        assert text_of(page) == text
    for number in range(5):
        answer("xa"[number % 2])
    before = text_of(page)
    page.reload()
    page.wait_for_selector("mark")
    assert text_of(page) == before
    for _ in range(20):
        answer("a")
    wait_until_saved(page)
    assert [(session.all[one.question].text, one.verdict) for one in session.log] == given
    assert len(given) == 50
    assert len({text for text, _ in given}) == 50
    assert all(0 < one.seconds < 60 for one in session.log)
    assert {one.annotator for one in session.log} == {"ada"}


def test_undo_works_after_a_reload(browse, served, session):
    page = browse(served.url)
    page.wait_for_selector("mark")
    second = None
    for number in range(3):
        second = text_of(page) if number == 1 else second
        page.keyboard.press("a")
    wait_until_saved(page)
    page.evaluate("localStorage.clear()")
    page.reload()
    with page.expect_response("**/progress"):
        page.wait_for_selector("mark")
    page.wait_for_selector("#answers")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    assert text_of(page) == second
    wait_until_saved(page)
    wait_for(lambda: len(session.log) == 1)


def test_answers_given_offline_arrive_in_order_later(browse, served, session):
    page = browse(served.url)
    page.wait_for_selector("mark")
    texts = []
    for number in range(12):
        if number == 2:
            wait_until_saved(page)
            wait_for_questions(page, 10)
            page.context.set_offline(True)
        texts.append(text_of(page))
        page.keyboard.press("a")
    assert len(session.log) == 2
    page.wait_for_selector('#connection[data-state="offline"]')
    assert "10 unsaved changes" in page.locator("#connection").text_content()
    page.keyboard.press("Backspace")
    texts.pop()
    page.context.set_offline(False)
    wait_until_saved(page)
    assert [session.all[one.question].text for one in session.log] == texts
    page.wait_for_selector("mark")
    page.keyboard.press("x")
    wait_for(lambda: len(session.log) == len(texts) + 1)


def test_a_restarted_server_gets_every_answer_once(browse, served, session):
    page = browse(served.url)
    page.wait_for_selector("mark")
    page.keyboard.press("a")
    wait_until_saved(page)
    wait_for_questions(page, 10)
    served.stop()
    for _ in range(4):
        page.keyboard.press("a")
    page.wait_for_selector('#connection[data-state="offline"]')
    assert len(session.log) == 1
    served.start()
    wait_until_saved(page)
    assert len(session.log) == 5
    assert len({one.question for one in session.log}) == 5


def test_unsent_answers_survive_a_reload(browse, served, session):
    page = browse(served.url)
    page.wait_for_selector("mark")
    page.route("**/answers", lambda route: route.abort())
    texts = []
    for _ in range(3):
        texts.append(text_of(page))
        page.keyboard.press("x")
    page.wait_for_selector('#connection[data-state="offline"]')
    page.unroute("**/answers")
    page.reload()
    wait_until_saved(page)
    wait_for(lambda: len(session.log) == 3)
    assert [session.all[one.question].text for one in session.log] == texts
    page.wait_for_selector("mark")
    assert text_of(page) not in texts


def test_a_lost_reply_duplicates_nothing(browse, served, session):
    page = browse(served.url)
    page.wait_for_selector("mark")
    lost = []

    def lose(route):
        lost.append(route.fetch())
        route.abort()

    page.route("**/answers", lose)
    page.keyboard.press("a")
    page.wait_for_selector('#connection[data-state="offline"]')
    page.unroute("**/answers")
    wait_until_saved(page)
    assert len(session.log) == 1
    assert len(session.calls) == len(lost) + 1 > 1
    page.keyboard.press("a")
    wait_for(lambda: len(session.log) == 2)
    page.route("**/undo", lose)
    page.keyboard.press("Backspace")
    page.wait_for_selector('#connection[data-state="offline"]')
    page.unroute("**/undo")
    wait_until_saved(page)
    assert len(session.log) == 1


def test_a_failed_save_is_reported_and_retried(browse, served, session):
    page = browse(served.url)
    page.wait_for_selector("mark")
    session.failing = OSError(28, "No space left on device")
    page.keyboard.press("a")
    page.wait_for_selector("#notice:has-text('No space left on device')")
    session.failing = None
    wait_until_saved(page)
    assert page.locator("#notice").is_hidden()
    assert len(session.log) == 1


def test_two_annotators_at_once_get_no_question_twice(browse, serve):
    session = MemorySession(questions(40))
    served = serve(session)
    pages = [browse(f"{served.url}?annotator={name}") for name in ("ada", "bea")]
    for page in pages:
        page.wait_for_selector("mark")
    for _ in range(12):
        for page in pages:
            page.wait_for_selector("mark")
            page.keyboard.press("a")
    for page in pages:
        wait_until_saved(page)
    wait_for(lambda: len(session.log) == 24)
    assert len({one.question for one in session.log}) == 24
    for name in ("ada", "bea"):
        assert sum(one.annotator == name for one in session.log) == 12


def test_a_second_window_of_one_annotator_takes_over(browse, served, session):
    page = browse(served.url)
    page.wait_for_selector("mark")
    other = page.context.new_page()
    other.goto(served.url)
    other.wait_for_selector("mark")
    page.wait_for_selector("#rest:has-text('continues in another window')")
    page.keyboard.press("a")
    other.keyboard.press("a")
    wait_for(lambda: len(session.log) == 1)


def test_the_end_of_the_questions_is_shown(browse, serve):
    session = MemorySession(questions(3))
    page = browse(serve(session, annotator="ada").url)
    for _ in range(3):
        page.wait_for_selector("mark")
        page.keyboard.press("a")
    page.wait_for_selector("#rest:has-text('No more questions')")
    page.keyboard.press("Backspace")
    page.wait_for_selector("mark")
    page.keyboard.press("x")
    wait_until_saved(page)
    wait_for(lambda: [one.verdict for one in session.log] == ["accept", "accept", "reject"])


def test_the_annotator_is_asked_for_and_remembered(browse, serve, session):
    served = serve(session)
    page = browse(served.url)
    page.wait_for_selector("#names[open]")
    page.keyboard.type("Ada L.")
    page.keyboard.press("Enter")
    page.wait_for_selector("mark")
    page.keyboard.press("a")
    wait_for(lambda: len(session.log) == 1)
    assert session.log[0].annotator == "Ada L."
    page.reload()
    page.wait_for_selector("mark")
    assert page.locator("#who").text_content() == "Ada L."


def test_a_flag_belongs_to_one_answer(browse, served, session):
    page = browse(served.url)
    page.wait_for_selector("mark")
    for key in "fafffaa":
        page.keyboard.press(key)
    wait_for(lambda: len(session.log) == 3)
    assert [one.flagged for one in session.log] == [True, True, False]


def test_a_key_held_down_answers_once(browse, served, session):
    page = browse(served.url)
    page.wait_for_selector("mark")
    for _ in range(5):
        page.keyboard.down("a")
    page.keyboard.up("a")
    wait_until_saved(page)
    assert len(session.log) == 1


def test_buttons_do_what_keys_do_and_a_space_after_a_click_does_not_click_again(browse, served, session):
    page = browse(served.url)
    page.wait_for_selector("mark")
    page.click("[data-does=reject]")
    page.keyboard.press("Space")
    page.click("[data-does=accept]")
    page.click("[data-does=undo]")
    page.click("[data-does=ignore]")
    wait_until_saved(page)
    wait_for(lambda: [one.verdict for one in session.log] == ["reject", "ignore", "ignore"])


def test_reason_and_progress_are_shown(browse, serve):
    text = "Wild garlic grows near Bath."
    asked = [
        span_question(text, 0, 11, pattern="garlic-3", record=(12, 2), reason="pattern", meta={"line": 7}),
        span_question(text, 23, 27, "PLACE", reason="probe", probability=None),
        *questions(10),
    ]
    page = browse(serve(MemorySession(asked), annotator="ada").url)
    page.wait_for_selector("mark")
    page.wait_for_selector("#progress h2:text('Expected F1')")  # of one version: not a curve yet
    why = page.locator("#why").text_content()
    assert why == "Found by pattern garlic-3, right 12 of 14 times so far. Model: 50 %"
    assert page.locator("#meta").text_content() == "line7"
    assert "Wild garlic: PLANT? In: Wild garlic grows near Bath." in page.locator("#live").text_content()
    page.keyboard.press("a")
    assert page.locator("#why").text_content() == "Picked at random, to measure the model."
    for _ in range(9):
        page.keyboard.press("a")
    page.wait_for_selector("#progress .curve")
    progress = page.locator("#progress").text_content()
    assert "10 accepted, 0 rejected, 0 ignored" in progress
    assert "Estimated precision81 %  72 % – 88 %" in progress
    assert "The next 100 answers are expected to add about 3.4 points of F1." in progress
    assert "estimated from the model’s probabilities and your answers" in progress


def test_help_lists_the_keys_and_stops_them(browse, served, session):
    page = browse(served.url)
    page.wait_for_selector("mark")
    page.keyboard.press("?")
    page.wait_for_selector("#help[open]")
    page.keyboard.press("a")
    page.keyboard.press("Escape")
    page.wait_for_selector("#help", state="hidden")
    page.keyboard.press("a")
    wait_until_saved(page)
    assert len(session.log) == 1


def test_swipes_answer_span_questions(browse, serve):
    session = MemorySession([*questions(2), text_question("Wild garlic grows near Bath.")])
    page = browse(serve(session, annotator="ada").url, has_touch=True, viewport={"width": 390, "height": 800})
    page.wait_for_selector("mark")
    touch = page.context.new_cdp_session(page)

    def swipe(far):
        box = page.locator("#text").bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + 20
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for step in range(1, 6):
            at = {"x": x + far * step / 5, "y": y}
            touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    swipe(40)
    swipe(150)
    wait_for(lambda: len(session.log) == 1)
    swipe(-150)
    wait_for(lambda: len(session.log) == 2)
    assert [one.verdict for one in session.log] == ["accept", "reject"]
    page.wait_for_selector("#text.editable")
    swipe(150)
    wait_until_saved(page)
    assert len(session.log) == 2


def test_an_error_that_prevents_questions_is_shown(browse, serve):
    session = MemorySession(questions(5))

    def fail(annotator, count=1):
        raise NertureError("the model could not learn")

    whole, session.questions = session.questions, fail
    page = browse(serve(session, annotator="ada").url)
    page.wait_for_selector("#rest:has-text('The server says: the model could not learn')")
    session.questions = whole
    page.wait_for_selector("mark")
