"""An open session.

Read ``protocol`` first (what front ends see), then ``state`` (a pure state machine), ``event_log`` (the state
built from the log in the store), ``background_trainer`` (the thread that trains versions) and
``live_session`` (all of it together). ``factory`` opens sessions from a pipeline, ``answer_notifier`` reports
answers to plugins.

Imports every other room of ``sessions``, and ``store``.
"""
