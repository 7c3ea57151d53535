"""Annotation sessions: questions, answers, and a model that is trained in the background.

Packages, in the order in which an answer passes through them; each imports only those before it:

- ``answers``: questions and answers, an answer as a target, agreement between annotators
- ``pool``: the texts that may be asked about, their passages, and where surfaces occur
- ``patterns``: patterns that answers suggest, and the annotators' verdicts about them
- ``log``: the events of a session, how they are stored, and the indexes built from them
- ``estimates``: calibration, precision, annotation speed and expected F1, estimated from the answers
- ``learning``: incremental training of model versions
- ``query_strategies``: which question is asked next, one strategy per mode
- ``live``: the state machine, the background trainer, and the open session itself

``plan`` holds the settings that are fixed for a session. Nothing here knows how a question is displayed.
"""
