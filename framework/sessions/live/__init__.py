"""An open session.

Read ``protocol`` first (what front ends see), then ``state`` (a pure state machine), ``event_log`` (the state
as the log in the store gives it), ``background_trainer`` (the thread that trains versions) and
``live_session`` (all of it together). ``factory`` and ``live_opening`` make the parts from a pipeline,
``answer_notifier`` tells plugins of answers.

Imports every other room of ``sessions``, and ``store``.
"""
