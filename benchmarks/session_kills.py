"""Nothing is lost when a teaching session's server dies at any moment: many times it is killed.

Starts ``nerture teach PIPELINE`` on the texts of the gold annotations, answers over HTTP as these say, and
strikes at random moments: while the server starts, at any time after it, and just after a request was sent.
A strike is a SIGKILL; or (``--fault``) a disk that is full for a while, or a restart of PostgreSQL: then the
server is killed in the midst of it, or has to go on first. The same command on the same store goes on.

Looked at after each death, in a copy of the store: what was acknowledged is there exactly once, as it was
sent, and nothing else; an answer whose reply never came is sent again with the same id; the question that was
out comes back as it was. After some deaths, and at the end, that copy is opened twice, with the session's
checkpoints and without: both come to the same model, to the byte, and ask the same, as does the server.
"""

from __future__ import annotations

import argparse
import http.client
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from session_annotator import Annotator
from session_client import Client, resolved
from session_faults import DATA, Fault, FullDisk, Restart, Server, Strike, environment, kill, private_cluster
from session_remains import DATASET, Broken, Remains, copied, parts, read, reopened

from nerture.sessions.live.factory import SessionParts
from nerture.store.location import is_url

PATIENCE = 300.0
"""Seconds within which a server has to answer, come what may."""
LATEST, LONGEST_LIFE = 1.5, 5.0
"""A strike comes within so many times what the last start, or the last such request, took; one that may come
at any time, within so many times what the start took."""
MAX_REQUESTS = 30
"""Requests after which one is struck at the latest."""
AFTERWARDS = 10
"""Requests that a server which survives a strike has to answer."""
THINKING = 0.1
"""Seconds that the annotator takes for an answer on average; they are exponentially distributed."""


class Run:
    """The session with all its deaths; ``count`` counts what happened."""

    def __init__(
        self, arguments: argparse.Namespace, opened: SessionParts, place: str, fault: Fault, folder: Path
    ) -> None:
        self.opened, self.place, self.fault, self.folder = opened, place, fault, folder
        self.kills, self.remade = arguments.kills, arguments.remade
        self.draws = random.Random(arguments.seed)
        self.annotator = Annotator(arguments.pipeline, arguments.gold, opened.state.pool, self.draws)
        self.command = [
            sys.executable, "-m", "nerture", "teach", DATASET, arguments.pipeline, arguments.gold,
            "--port", "0", "--no-browser", "--store", place, "-o", str(folder / "model"),
        ]  # fmt: skip
        self.count: Counter[str] = Counter()
        self.seconds = {"start": 2.0, "ask": 0.02, "send": 0.02}  # what each took the last time
        self.left, self.died, self.deaths = Remains(), 0.0, 0
        self.strike: Strike | None = None

    def run(self) -> None:
        """Live and die; raises ``Broken``."""
        for number in range(self.kills):
            self._life(remade=number > 0 and number % self.remade == 0)
            self._look()
            self.deaths += 1
            print(f"{self.deaths}: {len(self.annotator.acknowledged)} answers acknowledged", flush=True)
        self._life(remade=True, last=True)

    def _life(self, *, remade: bool, last: bool = False) -> None:
        """Start the server, ask and answer until it is dead."""
        copies = self._copies() if remade and self.left.events else None
        server, started = Server(self.command, self.folder, environment(self.folder)), time.perf_counter()
        self.strike = None
        moment = "soon" if remade else self.draws.choice(("start", "soon", "ask", "send"))
        if moment == "start":
            self._strike(server, LATEST * self.seconds["start"])
        try:
            port = server.port(PATIENCE)
            if port is not None:
                self.seconds["start"] = time.perf_counter() - started
                client = Client(port)
                client.connection.timeout = PATIENCE
                with suppress(http.client.HTTPException, OSError):  # why it broke off is judged below
                    first = self._resume(server, client)
                    if copies is not None:
                        self._remake(copies, first)
                        client.connection.close()  # which the server has done meanwhile
                    if not last:
                        self._session(server, client, moment)
                    server.kill()
            if self.strike is not None:
                self.strike.wait()
            self._judge(server)
        finally:
            server.kill()
        self.died = time.time()

    def _session(self, server: Server, client: Client, moment: str) -> None:
        """Ask and answer until the server has been struck, and a little longer if it survives that."""
        if moment == "soon":
            self._strike(server, LONGEST_LIFE * self.seconds["start"])
        until, after = self.draws.randrange(MAX_REQUESTS), 0
        while after < AFTERWARDS:
            act = self.annotator.ask if self.annotator.pending is None else self.annotator.send
            if until <= 0 and self.strike is None and act.__name__ == moment:
                self._strike(server, LATEST * self.seconds[act.__name__])
            until -= 1
            after += self.strike is not None and self.strike.over
            self._persist(server, client, act)
            if self.annotator.pending is not None:
                time.sleep(self.draws.expovariate(1 / THINKING))
        self.count["strikes survived"] += 1

    def _resume(self, server: Server, client: Client) -> dict[str, Any]:
        """Go on where the one before was killed; return the question that comes first."""
        pending, out = self.annotator.pending, self.left.out()
        self._persist(server, client, self.annotator.ask)
        first = self.annotator.out
        assert first is not None
        if out is not None:
            if first != out:
                raise Broken(f"out was {out}\nand now comes {first}")
            self.count["questions that came back"] += 1
        if pending is not None:
            self.annotator.pending = pending
            self._persist(server, client, self.annotator.send)
            self.count["answers sent again"] += 1
            self.count["of them saved before"] += pending.id in self.left.ids
        return first

    def _persist(self, server: Server, client: Client, act: Callable[[Client], None]) -> None:
        """Do something, again and again while the server says that it cannot."""
        began = time.perf_counter()
        while True:
            server.doing, sent = "waiting for a reply", time.perf_counter()
            try:
                act(client)
            except TimeoutError:
                raise Broken(f"no reply for {PATIENCE} s") from None
            except RuntimeError as refusal:
                faulty = self.fault is not kill and self.strike is not None
                if not faulty or ": 503 " not in str(refusal):
                    raise Broken(str(refusal)) from refusal
                if time.perf_counter() - began > PATIENCE:
                    raise Broken(f"it does not recover: {refusal}") from refusal
                self.count["refusals"] += 1
                time.sleep(0.05)
            else:
                self.seconds[act.__name__] = time.perf_counter() - sent
                server.doing = "thinking"
                return

    def tell(self) -> None:
        """Print what happened."""
        print(f"deaths: {self.deaths}; answers acknowledged: {len(self.annotator.acknowledged)}")
        for what, count in sorted(self.count.items()):
            print(f"{what}: {count}")

    def _strike(self, server: Server, within: float) -> None:
        delay, seed = within * self.draws.random(), self.draws.getrandbits(32)
        self.strike = Strike(self.fault, server, delay, seed)

    def _judge(self, server: Server) -> None:
        """Raise ``Broken`` unless the server is dead, and for a good reason."""
        said = "".join(server.said)
        if not server.ended(PATIENCE):
            raise Broken(f"it does not answer, and is not dead:\n{said}")
        may_end = self.fault is not kill and self.strike is not None and server.doing == "starting"
        if server.killed is None and not may_end:
            raise Broken(f"it ended by itself:\n{said}")
        if "Traceback" in said:
            raise Broken(f"it made a mistake:\n{said}")
        self.count[f"killed while {server.killed}" if server.killed else "refused to start"] += 1

    def _look(self) -> None:
        """Compare what the dead server left with what it acknowledged."""
        copy = copied(self.place, self.folder / "looked-at")
        self.left = read(copy)
        shutil.rmtree(copy.parent)
        self.annotator.compare(self.left)
        self.count["deaths while learning"] += self.left.learning(self.opened)

    def _copies(self) -> tuple[Path, Path]:
        """Return copies of the dead server's store, with its checkpoints and without."""
        quick, slow = (copied(self.place, self.folder / name) for name in ("with", "without"))
        kept = (
            self.folder / DATA / "nerture/sessions" if is_url(self.place) else Path(f"{self.place}.sessions")
        )
        if kept.exists():
            shutil.copytree(kept, f"{quick}.sessions")
        return quick, slow

    def _remake(self, copies: tuple[Path, Path], first: dict[str, Any]) -> None:
        """Open the session twice from what was left, with checkpoints and from the log alone; compare."""
        quick, slow = (reopened(copy, self.opened, self.died) for copy in copies)
        if not quick.agrees(slow):
            raise Broken(f"with checkpoints: {quick}\nfrom the log alone: {slow}")
        if first["version"] == quick.questions[0]["version"] and first != quick.questions[0]:
            raise Broken(f"the server asks {first}\nand from its log comes {quick.questions[0]}")
        self.count["remade from the log alone"] += 1
        self.count["versions, last"] = quick.version
        for copy in copies:
            shutil.rmtree(copy.parent)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pipeline", type=resolved, help="a pipeline file with labels and matchers")
    parser.add_argument("--gold", type=resolved, required=True, help="complete annotations of the texts")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fault", choices=("kill", "disk-full", "postgres"), default="kill")
    parser.add_argument("--store", help="an empty PostgreSQL database; postgres: of a server of our own")
    parser.add_argument("--remade", type=int, default=25, help="deaths from one comparison to the next")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="nerture-kills-"))
    with ExitStack() as stack:
        place, fault = arguments.store or str(folder / "store.db"), FAULTS.get(arguments.fault, kill)
        if arguments.fault == "postgres" or place == "postgres":
            cluster = stack.enter_context(private_cluster())
            place = cluster.new_database()
            fault = Restart(cluster) if arguments.fault == "postgres" else fault
        run = Run(arguments, parts(arguments.pipeline, arguments.gold), place, fault, folder)
        try:
            run.run()
        except Broken as broken:
            raise SystemExit(f"after {run.deaths} deaths: {broken}\nsee {folder}") from broken
        finally:
            run.tell()
    shutil.rmtree(folder)
    print("nothing was lost")


FAULTS: Mapping[str, Fault] = MappingProxyType({"kill": kill, "disk-full": FullDisk()})


if __name__ == "__main__":
    main()
