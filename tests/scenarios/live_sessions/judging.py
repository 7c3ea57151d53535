"""Gives verdicts about suggested patterns until it is killed; the arguments are STORE RUN.

Prints the id of each verdict once it is acknowledged. Run in a process of its own.
"""

import sys
from itertools import count

from nerture.sessions.live.live_session import LiveSession
from nerture.sessions.live.state import SessionState
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict
from nerture.store.store import Store

from ...support.live_parts import DRUGS, make_plan, plain_pool, reply


def main(place: str, run: str) -> None:
    pool, plan = plain_pool(), make_plan(mode="manual")
    with Store.open(place) as store:
        session = LiveSession(store.session("drugs", {"judged": True}), lambda: SessionState(plan, pool))
        for question in session.questions("ann", 4):
            drugs = sorted(question.text.index(drug) for drug in DRUGS if drug in question.text)
            ends = (question.text.index(" ", start) for start in drugs)
            spans = tuple((start, end, "DRUG") for start, end in zip(drugs, ends, strict=True))
            session.answer(reply(question, spans=spans, id=f"{run}-{question.id}"))
        patterns = [*(pattern for pattern, _ in session.judged_patterns()), *session.suggestions(9)]
        print("ready", flush=True)
        for number in count():
            pattern = patterns[number % len(patterns)]
            id = f"{run}-{number}"
            session.judge_pattern(
                PatternVerdict(id, pattern.id, ("accept", "reject")[number // 3 % 2], "ann", number)
            )
            print(id, flush=True)


main(*sys.argv[1:])
