"""The event log, and what follows from it.

Read ``events`` first, then ``event_codec`` (events as the store keeps them), ``answer_index`` (which
questions are out, which answers stand), ``annotator_queues`` (each annotator's questions and answers) and
``text_targets`` (what the answers say of each text).

Imports ``sessions.answers``, ``sessions.pool``, ``sessions.patterns`` and ``store``.
"""
