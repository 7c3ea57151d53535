"""Spans are edited in a real browser: by pointer, by keys, in scripts of both directions."""

from __future__ import annotations

import pytest

from ...support.browser import PATIENCE
from ...support.memory_session import MemorySession, span_question, text_question
from ...support.waiting import wait_for
from .test_page_teaching import questions, wait_until_saved

TEXT = "Wild garlic grows near Bath and in Kew Gardens."
ARABIC = "زرعت ورد الجوري في دمشق قرب النهر."
HEBREW = "שתלתי ורד בירושלים."


def marked(page):
    """What is marked: pairs of text and label."""
    return page.eval_on_selector_all(
        "#text mark",
        """marks => marks.map(mark => [
            Array.from(mark.querySelectorAll(".token"), token => token.textContent).join(" "),
            mark.querySelector(".tag").textContent])""",
    )


def token(page, words):
    return page.locator("#text .token", has_text=words).first


def drag(page, one, other):
    """Press on one token, move to another, let go."""
    boxes = [token(page, words).bounding_box() for words in (one, other)]
    points = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    page.mouse.move(*points[0])
    page.mouse.down()
    page.mouse.move(*points[1], steps=8)
    page.mouse.up()


@pytest.fixture
def manual(browse, serve):
    """Open a page on text questions: `manual(question, ...)` gives the page and the session."""

    def start(*asked, **options):
        session = MemorySession([*asked], mode="manual")
        page = browse(serve(session, annotator="ada").url, **options)
        page.wait_for_selector("#text.editable")
        return page, session

    return start


def test_switch_to_manual_and_mark_three_spans(browse, serve):
    manual = MemorySession([text_question(TEXT), text_question("Nothing here.")], mode="manual")
    served = serve(MemorySession(questions(20)), annotator="ada", others={"manual": lambda: manual})
    page = browse(served.url)
    page.wait_for_selector("mark")
    page.keyboard.press("a")
    wait_until_saved(page)
    page.select_option("#modes", "manual")
    page.wait_for_selector("#text.editable")
    drag(page, "Wild", "garlic")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    token(page, "Bath").click()
    page.keyboard.press("Escape")
    drag(page, "Gardens", "Kew")
    assert marked(page) == [["Wild garlic", "PLANT"], ["Bath", "PLACE"], ["Kew Gardens", "PLACE"]]
    page.keyboard.press("Enter")
    wait_for(lambda: len(manual.log) == 1)
    assert manual.log[0].verdict == "accept"
    assert manual.log[0].spans == ((0, 11, "PLANT"), (23, 27, "PLACE"), (35, 46, "PLACE"))
    page.select_option("#modes", "teach")
    page.wait_for_selector('[data-does=accept]:has-text("Accept")')


def test_marks_by_keyboard_alone(manual):
    page, session = manual(text_question(TEXT))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("1")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("2")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("2")
    assert marked(page) == [["Wild garlic", "PLANT"], ["Bath", "PLACE"], ["Kew Gardens", "PLACE"]]
    page.keyboard.press("1")
    assert marked(page)[2] == ["Kew Gardens", "PLANT"]
    page.keyboard.press("Delete")
    page.keyboard.press("Home")
    page.keyboard.press("d")
    assert marked(page) == [["Bath", "PLACE"]]
    page.keyboard.press("Control+z")
    assert marked(page) == [["Wild garlic", "PLANT"], ["Bath", "PLACE"]]
    page.keyboard.press("a")
    wait_for(lambda: len(session.log) == 1)
    assert session.log[0].spans == ((0, 11, "PLANT"), (23, 27, "PLACE"))


def test_suggested_spans_are_accepted_unchanged(manual):
    page, session = manual(text_question(TEXT, (0, 11, "PLANT"), (23, 27, "PLACE")))
    assert marked(page) == [["Wild garlic", "PLANT"], ["Bath", "PLACE"]]
    page.keyboard.press("Enter")
    wait_for(lambda: len(session.log) == 1)
    assert session.log[0].spans is None


def test_an_undone_change_is_no_change(manual):
    page, session = manual(text_question(TEXT, (0, 11, "PLANT")))
    token(page, "Bath").click()
    page.keyboard.press("Control+z")
    page.keyboard.press("Enter")
    wait_for(lambda: len(session.log) == 1)
    assert session.log[0].spans is None


def test_removing_all_spans_sends_an_empty_list(manual):
    page, session = manual(text_question(TEXT, (0, 11, "PLANT")))
    token(page, "Wild").click()
    page.click("mark button")
    assert marked(page) == []
    page.keyboard.press("Enter")
    wait_for(lambda: len(session.log) == 1)
    assert session.log[0].spans == ()


def test_a_clicked_span_is_selected_and_can_be_relabelled(manual):
    page, _ = manual(text_question(TEXT, (0, 11, "PLANT")))
    token(page, "garlic").click()
    assert page.locator("mark.chosen").count() == 1
    page.click("#labels button:has-text('PLACE')")
    assert marked(page) == [["Wild garlic", "PLACE"]]


def test_a_new_span_replaces_those_it_overlaps(manual):
    page, _ = manual(text_question(TEXT, (0, 4, "PLANT"), (5, 11, "PLACE"), (23, 27, "PLACE")))
    drag(page, "garlic", "near")
    assert marked(page) == [["Wild", "PLANT"], ["garlic grows near", "PLANT"], ["Bath", "PLACE"]]


def test_a_rejected_text_sends_no_spans(manual):
    page, session = manual(text_question(TEXT))
    token(page, "Bath").click()
    page.keyboard.press("x")
    wait_for(lambda: len(session.log) == 1)
    assert (session.log[0].verdict, session.log[0].spans) == ("reject", None)


def test_undo_restores_the_edited_spans(manual):
    page, session = manual(text_question(TEXT), text_question("Nothing here."))
    drag(page, "Wild", "garlic")
    page.keyboard.press("Enter")
    page.wait_for_selector("#text:has-text('Nothing here.')")
    wait_until_saved(page)
    page.keyboard.press("Backspace")
    assert marked(page) == [["Wild garlic", "PLANT"]]
    wait_for(lambda: not session.log)
    page.keyboard.press("Escape")
    token(page, "Bath").click()
    page.keyboard.press("Enter")
    wait_for(lambda: len(session.log) == 1)
    assert session.log[0].spans == ((0, 11, "PLANT"), (23, 27, "PLANT"))


def test_keys_follow_the_direction_of_the_script(manual):
    page, session = manual(text_question(ARABIC), text_question(HEBREW))
    assert page.eval_on_selector("#text", "text => getComputedStyle(text).direction") == "rtl"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("1")
    drag(page, "دمشق", "دمشق")
    page.keyboard.press("2")
    assert marked(page) == [["ورد الجوري", "PLANT"], ["دمشق", "PLACE"]]
    page.keyboard.press("Enter")
    wait_for(lambda: len(session.log) == 1)
    spans = [(ARABIC[start:end], label) for start, end, label in session.log[0].spans]
    assert spans == [("ورد الجوري", "PLANT"), ("دمشق", "PLACE")]


def test_offsets_count_code_points_past_emoji_and_combining_marks(manual):
    text = "🌿🌱 cafe\u0301 Zu\u0308rich 👩🏽‍🌾 grows sage"
    page, session = manual(text_question(text))
    token(page, "sage").click()
    page.keyboard.press("Escape")
    token(page, "rich").click()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    wait_for(lambda: len(session.log) == 1)
    spans = [(text[start:end], label) for start, end, label in session.log[0].spans]
    assert spans == [("Zu\u0308rich", "PLACE"), ("sage", "PLANT")]


def test_moving_a_line_up_or_down_keeps_the_column(manual):
    text = " ".join(f"word{number}" for number in range(60))
    page, _ = manual(text_question(text), viewport={"width": 700, "height": 700})
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")

    def column():
        return page.eval_on_selector("#text .cursor", "token => [token.offsetLeft, token.offsetTop]")

    left, top = column()
    page.keyboard.press("ArrowDown")
    below_left, below_top = column()
    assert below_top > top
    assert abs(below_left - left) < 60
    page.keyboard.press("ArrowUp")
    assert column()[1] == top


def test_a_finger_marks_words(manual):
    page, session = manual(
        text_question(TEXT), has_touch=True, is_mobile=True, viewport={"width": 390, "height": 800}
    )
    page.tap("#text .token:has-text('Bath')")
    assert marked(page) == [["Bath", "PLANT"]]
    touch = page.context.new_cdp_session(page)
    boxes = [token(page, words).bounding_box() for words in ("Wild", "garlic")]
    points = [{"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2} for box in boxes]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [points[0]]})
    middle = {"x": (points[0]["x"] + points[1]["x"]) / 2, "y": points[0]["y"]}
    touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [middle]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [points[1]]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert marked(page) == [["Wild garlic", "PLANT"], ["Bath", "PLANT"]]
    page.click("[data-does=accept]")
    wait_for(lambda: len(session.log) == 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


HTML = '<img src=x onerror="window.hit=1"><script>window.hit=1</script> &amp; <b>Bath</b> \u202eevil\u202c'


def test_text_and_labels_full_of_markup_are_shown_as_text(browse, serve):
    label = '<i onmouseover="window.hit=1">PLANT</i>'
    start = HTML.index("Bath")
    asked = [
        span_question(HTML, start, start + 4, label, labels=(label,), pattern=HTML, reason="pattern",
                      meta={HTML: HTML}),
        text_question(HTML + " " + ARABIC, (start, start + 4, label), labels=(label, "PLACE")),
    ]  # fmt: skip
    session = MemorySession(asked, labels=(label, "PLACE"), dataset=HTML[:40])
    page = browse(serve(session).url + "?annotator=%3Cb%3Eada%3C/b%3E")
    page.wait_for_selector("mark")
    assert page.locator("#text").text_content() == HTML
    assert page.locator("#text mark").text_content() == "Bath"
    assert label in page.locator("#ask").text_content()
    assert HTML in page.locator("#why").text_content()
    assert HTML in page.locator("#meta").text_content()
    page.keyboard.press("a")
    page.wait_for_selector("#text.editable")
    tag = page.locator("#text .tag").text_content()
    shown = page.locator("#text").text_content()
    assert tag == label
    assert shown.replace(label, "", 1) == HTML + " " + ARABIC
    page.keyboard.press("a")
    wait_until_saved(page)
    assert page.locator("#who").text_content() == "<b>ada</b>"
    assert session.log[0].annotator == "<b>ada</b>"
    page.wait_for_timeout(200)  # time for what must not happen
    assert page.evaluate("window.hit") is None
    assert page.locator("#stage img, #stage script, #stage b, #stage i, aside img").count() == 0


def test_markup_cannot_be_made_of_text_at_all(chromium, serve):
    with chromium.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(serve(MemorySession(questions(1)), annotator="ada").url)
        page.wait_for_selector("mark")
        refused = page.evaluate(
            """() => {
                try { document.body.innerHTML = "<b>x</b>"; } catch (error) { return error.name; }
                return null;
            }"""
        )
    assert refused == "TypeError"


def test_another_page_cannot_reach_the_session(chromium, serve):
    session = MemorySession(questions(3))
    served = serve(session, annotator="ada")
    other = serve(MemorySession(questions(1), dataset="other"), annotator="ada")
    with chromium.new_context(bypass_csp=True) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(other.url)
        for mode in ("cors", "no-cors"):
            page.evaluate(
                """async ([url, mode]) => {
                    const headers = mode === "cors" ? {"content-type": "application/json"} : {};
                    const request = {mode, method: "POST", headers, body: JSON.stringify({annotator: "x"})};
                    await fetch(url, request).catch(() => {});
                }""",
                [f"{served.url}api/teach/questions", mode],
            )
    assert not session.leases


def test_the_span_of_a_span_question_can_be_edited(browse, serve):
    session = MemorySession([span_question(TEXT, 5, 11), span_question(TEXT, 23, 27), *questions(3)])
    page = browse(serve(session, annotator="ada").url)
    page.wait_for_selector("mark")
    drag(page, "Wild", "garlic")
    assert page.locator("mark").text_content() == "Wild garlic"
    assert "as you marked it" in page.locator("#ask").text_content()
    page.keyboard.press("a")
    page.wait_for_selector("mark:has-text('Bath')")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("2")
    assert page.locator("mark").text_content() == "Bath and"
    page.keyboard.press("a")
    page.keyboard.press("a")
    wait_for(lambda: len(session.log) == 3)
    assert [one.spans for one in session.log] == [((0, 11, "PLANT"),), ((23, 31, "PLACE"),), None]


def test_a_rejected_span_question_sends_no_edits(browse, serve):
    session = MemorySession([span_question(TEXT, 5, 11), *questions(1)])
    page = browse(serve(session, annotator="ada").url)
    page.wait_for_selector("mark")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("x")
    wait_for(lambda: len(session.log) == 1)
    assert (session.log[0].verdict, session.log[0].spans) == ("reject", None)


def test_retyping_answers_with_a_digit(browse, serve):
    text = "Bath and Kew"
    asked = [
        span_question(text, *place, mode="retype", labels=("CITY", "GARDEN")) for place in ((0, 4), (9, 12))
    ]
    session = MemorySession(asked, mode="retype", labels=("CITY", "GARDEN"))
    page = browse(serve(session, annotator="ada").url)
    page.wait_for_selector("mark")
    page.keyboard.press("1")
    page.wait_for_selector("mark:has-text('Kew')")
    page.click("#labels button:has-text('GARDEN')")
    wait_for(lambda: len(session.log) == 2)
    assert [one.spans for one in session.log] == [((0, 4, "CITY"),), ((9, 12, "GARDEN"),)]
