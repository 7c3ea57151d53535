"""The event log, and the indexes built from it.

Read ``events`` first, then ``event_codec`` (events in the store's format), ``answer_index`` (asked
questions, leases and current answers), ``annotator_queues`` (each annotator's questions and answers) and
``text_targets`` (what the answers say about each text).

Imports ``sessions.answers``, ``sessions.pool``, ``sessions.patterns`` and ``store``.
"""
