"""The page in a real browser: suggested patterns and agreement."""

from __future__ import annotations

import pytest

from nerture.errors import StoreError
from nerture.sessions.answers.agreement import Agreement, Pair
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict

from ...support.memory_session import MemorySession, suggestion
from ...support.waiting import wait_for
from .test_page_teaching import questions, text_of, wait_until_saved

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


def verdicts_of(session):
    return [(" ".join(pattern.words), one.verdict) for pattern, one in session.judged_patterns()]


def offered(page):
    return page.locator("#patterns .offers .surface").all_text_contents()


def test_the_best_three_are_shown_with_their_evidence(page):
    assert offered(page) == ["sweet peas", "dill", "mint"]
    first = page.locator("#patterns .offers li").first.text_content()
    assert first == "sweet peas PLANTaccepted 3 times, found 9 times more✓✕"
    assert page.locator("#patterns > p").text_content() == "and 2 more"
    assert page.locator("#patterns details").is_hidden()


def test_without_suggestions_the_list_is_hidden(browse, serve):
    page = browse(serve(MemorySession(questions(3)), annotator="ada").url)
    with page.expect_response("**/suggestions"):
        page.wait_for_selector("mark")
    assert page.locator("#patterns").is_hidden()
    page.keyboard.press("p")
    # its text stays in place when it has faded, which a busy machine may do before we look
    page.wait_for_selector("#toast:has-text('No new patterns yet')", state="attached")


def test_keys_in_the_list_judge_patterns_and_keys_outside_it_answer(page, session):
    before = text_of(page)
    for key in ("p", "a", "x", "ArrowDown", "a"):
        page.keyboard.press(key)
    wait_until_saved(page)
    wait_for(
        lambda: verdicts_of(session) == [("sweet peas", "accept"), ("dill", "reject"), ("sage", "accept")]
    )
    assert text_of(page) == before
    assert session.log == []
    assert offered(page) == ["mint", "thyme"]
    page.keyboard.press("f")
    page.keyboard.press("Backspace")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    wait_for(lambda: len(session.log) == 1)
    assert not session.log[0].flagged
    assert session.log[0].question == next(iter(session.all))
    assert len(session.verdicts) == 3
    assert {one.annotator for one in session.verdicts} == {"ada"}


def test_after_a_click_keys_answer_the_question(page, session):
    page.click("[aria-label='Accept the pattern dill, PLANT']")
    page.keyboard.press("x")
    page.click("[aria-label='Reject the pattern mint, PLANT']")
    page.keyboard.press("a")
    wait_for(lambda: verdicts_of(session) == [("dill", "accept"), ("mint", "reject")])
    wait_for(lambda: [one.verdict for one in session.log] == ["reject", "accept"])


def test_a_key_held_down_judges_once(page, session):
    page.keyboard.press("p")
    for _ in range(4):
        page.keyboard.down("a")
    page.keyboard.up("a")
    wait_until_saved(page)
    assert verdicts_of(session) == [("sweet peas", "accept")]


def test_when_the_list_is_empty_keys_answer_the_question_again(page, session):
    page.keyboard.press("p")
    for _ in WORDS:
        page.keyboard.press("a")
    page.keyboard.press("x")
    wait_for(lambda: len(session.verdicts) == 5)
    wait_for(lambda: [one.verdict for one in session.log] == ["reject"])


def test_verdicts_stay_visible_and_can_be_changed(page, session):
    page.keyboard.press("p")
    page.keyboard.press("a")
    page.keyboard.press("x")
    page.click("#patterns summary")
    assert page.locator("#patterns summary").text_content() == "1 accepted, 1 rejected"
    page.click("[aria-label='Accepted: sweet peas, PLANT. Reject it instead']")
    wait_for(lambda: verdicts_of(session) == [("dill", "reject"), ("sweet peas", "reject")])
    page.reload()
    page.wait_for_selector("#patterns summary:has-text('2 rejected')")
    assert offered(page) == ["mint", "sage", "thyme"]


def test_unsent_verdicts_survive_a_reload(page, session):
    page.route("**/verdicts", lambda route: route.abort())
    page.keyboard.press("p")
    page.keyboard.press("a")
    page.wait_for_selector('#connection[data-state="offline"]')
    assert session.verdicts == []
    page.unroute("**/verdicts")
    page.reload()
    wait_until_saved(page)
    wait_for(lambda: verdicts_of(session) == [("sweet peas", "accept")])
    page.wait_for_selector("#patterns summary:has-text('1 accepted')")
    assert "sweet peas" not in offered(page)


def test_verdicts_stored_by_an_earlier_page_are_sent(page, session):
    page.route("**/verdicts", lambda route: route.abort())
    page.keyboard.press("p")
    page.keyboard.press("a")
    page.wait_for_selector('#connection[data-state="offline"]')
    page.evaluate(
        """() => {
            const key = Object.keys(localStorage).find((key) => key.endsWith("/outbox"));
            const [{ verdict, sent }] = JSON.parse(localStorage.getItem(key));
            localStorage.setItem(key, JSON.stringify([{ kind: "judgement", judgement: verdict, sent }]));
        }"""
    )
    page.unroute("**/verdicts")
    page.reload()
    wait_until_saved(page)
    wait_for(lambda: verdicts_of(session) == [("sweet peas", "accept")])


def test_a_failed_save_is_reported_and_retried(page, session):
    session.failing = StoreError("the disk is full")
    page.keyboard.press("p")
    page.keyboard.press("a")
    page.wait_for_selector("#notice:has-text('the disk is full')")
    session.failing = None
    wait_until_saved(page)
    assert verdicts_of(session) == [("sweet peas", "accept")]


def test_an_answer_before_a_verdict_can_still_be_undone(page, session):
    page.route("**/answers", lambda route: route.abort())
    first = text_of(page)
    for key in ("x", "p", "a", "Escape", "Backspace"):
        page.keyboard.press(key)
    assert text_of(page) == first
    page.unroute("**/answers")
    wait_until_saved(page)
    wait_for(lambda: verdicts_of(session) == [("sweet peas", "accept")])
    assert session.log == []


def test_rows_keep_their_place_and_focus_when_others_arrive(page, session):
    page.keyboard.press("p")
    page.keyboard.press("ArrowDown")
    session.suggested.insert(0, suggestion("garlic", elsewhere=99))
    page.wait_for_selector("#patterns > p:has-text('3')")  # how many more there are now
    assert offered(page) == ["sweet peas", "dill", "mint"]
    page.keyboard.press("a")
    wait_for(lambda: verdicts_of(session) == [("dill", "accept")])
    assert offered(page) == ["sweet peas", "mint", "garlic"]


def test_keys_do_not_apply_to_a_row_that_somebody_else_judged(page, session):
    page.keyboard.press("p")
    session.judge_pattern(PatternVerdict("elsewhere", session.suggested[0].id, "reject", "bea"))
    page.wait_for_selector("#patterns summary:has-text('1 rejected')")
    page.keyboard.press("a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("x")
    wait_for(lambda: verdicts_of(session) == [("sweet peas", "reject"), ("dill", "reject")])
    assert session.log == []


def test_time_spent_on_patterns_does_not_count_for_the_question(page, session):
    page.clock.install()
    page.reload()
    page.wait_for_selector("#patterns .offers li")
    page.keyboard.press("a")
    page.keyboard.press("p")
    page.clock.fast_forward("10:00")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    wait_for(lambda: len(session.log) == 2)
    assert session.log[1].seconds < 300


def test_labels_and_words_are_shown_as_text(browse, serve):
    session = MemorySession(questions(2))
    session.suggested = [suggestion("<img/src=x/onerror=alert(1)>", "<b>")]
    page = browse(serve(session, annotator="ada").url)
    page.wait_for_selector("#patterns .offers li")
    assert offered(page) == ["<img/src=x/onerror=alert(1)>"]
    assert page.locator("#patterns img, #patterns b").count() == 0


def test_agreement_lists_the_lowest_pairs_first(browse, serve):
    session = MemorySession(questions(3))
    pairs = {("ada", "bea"): Pair(0.812, 13), ("ada", "cyd"): Pair(0.5, 1), ("bea", "cyd"): Pair(None, 2)}
    session.agreed = Agreement(14, 20, 0.9, 0.8, pairs)
    page = browse(serve(session, annotator="ada").url)
    page.wait_for_selector("#progress :text('Agreement')")
    agreement = page.locator("#progress section:has-text('Agreement')").inner_text().split("\n")
    assert [line for line in agreement if line] == [
        "Agreement", "0.80 alpha on 14 questions", "ada and cyd: kappa 0.50 on 1",
        "ada and bea: kappa 0.81 on 13", "bea and cyd: kappa – on 2",
    ]  # fmt: skip
