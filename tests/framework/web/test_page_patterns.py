"""The page in a real browser: new patterns are in nobody's way, and agreement is told."""

from __future__ import annotations

import pytest

from nerture.errors import StoreError
from nerture.sessions.answers.agreement import Agreement, Pair
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict

from ...support.memory_session import MemorySession, suggestion
from ...support.waiting import wait_for
from .test_page_teaching import questions, shown, wait_until_saved

WORDS = ("sweet peas", "dill", "mint", "sage", "thyme")


@pytest.fixture
def session():
    made = MemorySession(questions(50))
    made.suggested = [suggestion(words, elsewhere=9 - at) for at, words in enumerate(WORDS)]
    return made


@pytest.fixture
def page(browse, serve, session):
    page = browse(serve(session, annotator="ada").url)
    page.wait_for_selector("#patterns .offers li")
    return page


def judged(session):
    return [(" ".join(pattern.words), one.verdict) for pattern, one in session.judged()]


def offered(page):
    return page.locator("#patterns .offers .surface").all_text_contents()


def test_the_best_three_are_there_with_what_speaks_for_them(page):
    assert offered(page) == ["sweet peas", "dill", "mint"]
    first = page.locator("#patterns .offers li").first.text_content()
    assert first == "sweet peas PLANTaccepted 3 times, found 9 times more✓✕"
    assert page.locator("#patterns > p").text_content() == "and 2 others"
    assert page.locator("#patterns details").is_hidden()


def test_without_any_there_is_nothing_to_see(browse, serve):
    page = browse(serve(MemorySession(questions(3)), annotator="ada").url)
    with page.expect_response("**/suggestions"):
        page.wait_for_selector("mark")
    assert page.locator("#patterns").is_hidden()
    page.keyboard.press("p")
    # its words stay where they were shown for a moment, which a busy machine may miss
    page.wait_for_selector("#toast:has-text('No new patterns are suggested')", state="attached")


def test_keys_in_the_list_judge_patterns_and_keys_beside_it_answer(page, session):
    before = shown(page)
    for key in ("p", "a", "x", "ArrowDown", "a"):
        page.keyboard.press(key)
    wait_until_saved(page)
    wait_for(lambda: judged(session) == [("sweet peas", "accept"), ("dill", "reject"), ("sage", "accept")])
    assert shown(page) == before
    assert session.log == []
    assert offered(page) == ["mint", "thyme"]
    page.keyboard.press("f")
    page.keyboard.press("Backspace")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    wait_for(lambda: len(session.log) == 1)
    assert not session.log[0].flagged
    assert session.log[0].question == next(iter(session.all))
    assert len(session.judgements) == 3
    assert {one.annotator for one in session.judgements} == {"ada"}


def test_after_a_click_keys_answer_the_question(page, session):
    page.click("[aria-label='Accept the pattern dill, PLANT']")
    page.keyboard.press("x")
    page.click("[aria-label='Reject the pattern mint, PLANT']")
    page.keyboard.press("a")
    wait_for(lambda: judged(session) == [("dill", "accept"), ("mint", "reject")])
    wait_for(lambda: [one.verdict for one in session.log] == ["reject", "accept"])


def test_a_key_held_down_judges_once(page, session):
    page.keyboard.press("p")
    for _ in range(4):
        page.keyboard.down("a")
    page.keyboard.up("a")
    wait_until_saved(page)
    assert judged(session) == [("sweet peas", "accept")]


def test_when_all_are_judged_the_keys_are_the_questions_again(page, session):
    page.keyboard.press("p")
    for _ in WORDS:
        page.keyboard.press("a")
    page.keyboard.press("x")
    wait_for(lambda: len(session.judgements) == 5)
    wait_for(lambda: [one.verdict for one in session.log] == ["reject"])


def test_what_was_judged_is_kept_in_sight_and_may_be_changed(page, session):
    page.keyboard.press("p")
    page.keyboard.press("a")
    page.keyboard.press("x")
    page.click("#patterns summary")
    assert page.locator("#patterns summary").text_content() == "1 accepted, 1 rejected"
    page.click("[aria-label='Accepted: sweet peas, PLANT. Reject it instead']")
    wait_for(lambda: judged(session) == [("dill", "reject"), ("sweet peas", "reject")])
    page.reload()
    page.wait_for_selector("#patterns summary:has-text('2 rejected')")
    assert offered(page) == ["mint", "sage", "thyme"]


def test_judgements_wait_for_a_connection_and_outlive_a_reload(page, session):
    page.route("**/judgements", lambda route: route.abort())
    page.keyboard.press("p")
    page.keyboard.press("a")
    page.wait_for_selector('#connection[data-state="offline"]')
    assert session.judgements == []
    page.unroute("**/judgements")
    page.reload()
    wait_until_saved(page)
    wait_for(lambda: judged(session) == [("sweet peas", "accept")])
    page.wait_for_selector("#patterns summary:has-text('1 accepted')")
    assert "sweet peas" not in offered(page)


def test_what_the_server_cannot_save_is_said_and_sent_again(page, session):
    session.failing = StoreError("the disk is full")
    page.keyboard.press("p")
    page.keyboard.press("a")
    page.wait_for_selector("#notice:has-text('the disk is full')")
    session.failing = None
    wait_until_saved(page)
    assert judged(session) == [("sweet peas", "accept")]


def test_an_answer_before_a_judgement_is_still_taken_back(page, session):
    page.route("**/answers", lambda route: route.abort())
    first = shown(page)
    for key in ("x", "p", "a", "Escape", "Backspace"):
        page.keyboard.press(key)
    assert shown(page) == first
    page.unroute("**/answers")
    wait_until_saved(page)
    wait_for(lambda: judged(session) == [("sweet peas", "accept")])
    assert session.log == []


def test_rows_stay_in_place_and_keep_the_focus_while_others_come(page, session):
    page.keyboard.press("p")
    page.keyboard.press("ArrowDown")
    session.suggested.insert(0, suggestion("garlic", elsewhere=99))
    with page.expect_response("**/suggestions", timeout=30_000):
        pass
    page.wait_for_timeout(100)
    assert offered(page) == ["sweet peas", "dill", "mint"]
    page.keyboard.press("a")
    wait_for(lambda: judged(session) == [("dill", "accept")])
    assert offered(page) == ["sweet peas", "mint", "garlic"]


def test_a_row_that_somebody_else_judges_takes_no_key_along(page, session):
    page.keyboard.press("p")
    session.judge(PatternVerdict("elsewhere", session.suggested[0].id, "reject", "bea"))
    page.wait_for_selector("#patterns summary:has-text('1 rejected')")
    page.keyboard.press("a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    wait_for(lambda: judged(session) == [("sweet peas", "reject"), ("dill", "reject")])
    assert session.log == []


def test_time_with_the_patterns_is_no_time_of_the_question(page, session):
    page.keyboard.press("a")
    page.keyboard.press("p")
    page.wait_for_timeout(1500)
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    wait_for(lambda: len(session.log) == 2)
    assert session.log[1].seconds < 1.2


def test_labels_and_words_are_shown_as_text(browse, serve):
    session = MemorySession(questions(2))
    session.suggested = [suggestion("<img/src=x/onerror=alert(1)>", "<b>")]
    page = browse(serve(session, annotator="ada").url)
    page.wait_for_selector("#patterns .offers li")
    assert offered(page) == ["<img/src=x/onerror=alert(1)>"]
    assert page.locator("#patterns img, #patterns b").count() == 0


def test_agreement_is_told_those_first_who_agree_least(browse, serve):
    session = MemorySession(questions(3))
    pairs = {("ada", "bea"): Pair(0.812, 13), ("ada", "cyd"): Pair(0.5, 1), ("bea", "cyd"): Pair(None, 2)}
    session.agreed = Agreement(14, 20, 0.9, 0.8, pairs)
    page = browse(serve(session, annotator="ada").url)
    page.wait_for_selector("#progress :text('Agreement')")
    told = page.locator("#progress section:has-text('Agreement')").inner_text().split("\n")
    assert [line for line in told if line] == [
        "Agreement", "0.80 alpha on 14 questions", "ada and cyd: kappa 0.50 on 1",
        "ada and bea: kappa 0.81 on 13", "bea and cyd: kappa – on 2",
    ]  # fmt: skip
