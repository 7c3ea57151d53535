"""Teaching sessions: questions, answers, and a model that learns meanwhile.

Rooms, in the order of an answer's way; each imports only those before it:

- ``answers``: questions and answers, what an answer says about its text, how far annotators agree
- ``pool``: the texts that may be asked about, their passages, where surfaces occur
- ``patterns``: patterns that answers suggest, and what annotators say of them
- ``log``: the events of a session, how they are stored, and what follows from them
- ``estimates``: calibration, precision, speed and expected F1, as far as the answers tell
- ``learning``: one version of the model after the other
- ``query_strategies``: which question is asked next, for each mode
- ``live``: the state machine, the background trainer, and the open session itself

``plan`` is what does not change while a session goes on. Nothing here knows how a question is shown.
"""
