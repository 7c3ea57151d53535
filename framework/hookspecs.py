"""All hooks of nerture's plugins.

A plugin is a module (or object) whose functions are marked with ``@nerture.hookimpl`` and have one of the
names below. Each ``register`` hook is called once, when the host starts.
"""

from __future__ import annotations

import pluggy

from nerture.interfaces import AnswerEvent, Commands, Evaluation, Register

hookspec = pluggy.HookspecMarker("nerture")
hookimpl = pluggy.HookimplMarker("nerture")


@hookspec
def nerture_register_tokenizers(register: Register) -> None:
    """Register tokenizers: text to token offsets. Since 0.1."""


@hookspec
def nerture_register_readers(register: Register) -> None:
    """Register readers of file formats: bytes to records. Since 0.1."""


@hookspec
def nerture_register_matchers(register: Register) -> None:
    """Register matchers: Doc to candidate entities by rule. Since 0.1."""


@hookspec
def nerture_register_sources(register: Register) -> None:
    """Register label sources: what is known about texts, as targets. Since 0.1."""


@hookspec
def nerture_register_losses(register: Register) -> None:
    """Register losses: transition scores and targets to loss and gradients. Since 0.1."""


@hookspec
def nerture_register_sorters(register: Register) -> None:
    """Register sorters (query strategies): a session's candidates to their order. Since 0.1."""


@hookspec
def nerture_register_writers(register: Register) -> None:
    """Register writers of file formats: analysed Docs to text. Since 0.1."""


@hookspec
def nerture_register_commands(cli: Commands) -> None:
    """Add commands to the command line. Since 0.1."""


@hookspec
def nerture_answer_saved(answer: AnswerEvent) -> None:
    """Receive each answer of a teaching session, once it is saved. Since 0.1."""


@hookspec
def nerture_evaluated(evaluation: Evaluation) -> None:
    """Receive each evaluation during training and of ``nerture evaluate``. Since 0.1."""


def list_hook_names() -> tuple[str, ...]:
    """Return the names of all hooks, in the order of this file."""
    return tuple(name for name, value in globals().items() if name.startswith("nerture_") and callable(value))
