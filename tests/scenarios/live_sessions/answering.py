"""Answers questions in a loop, until it is killed; the arguments are STORE CHECKPOINTS RUN.

Prints the id of each answer once it is acknowledged. Run in a process of its own.
"""

import random
import sys
from pathlib import Path

from nerture.sessions.live.live_session import LiveSession
from nerture.store.store import Store

from ...support.live_parts import Quick, Refits, make_plan, make_pool, reply


def main(place: str, checkpoints: str, run: str) -> None:
    pool, plan, rng = make_pool(400), make_plan(), random.Random(run)
    with Store.open(place) as store:
        log = store.session("drugs", {"killed": True})
        session = LiveSession(
            log, lambda: Refits(plan, pool), Quick(), checkpoints=Path(checkpoints), lease=1e9
        )
        print("ready", flush=True)
        number = 0
        while questions := session.questions("ann", 3):
            for question in questions:
                answer = reply(question, rng.choice(("accept", "reject")), id=f"{run}-{number}")
                number += 1
                session.answer(answer)
                print(answer.id, flush=True)
                if rng.random() < 0.1:
                    session.undo("ann")
                    print(f"undone {answer.id}", flush=True)
                    break


main(*sys.argv[1:])
