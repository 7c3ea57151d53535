"""The commands that open teaching sessions.

In the order of a session: ``commands`` makes each mode's command, ``arguments`` parses it, ``resolve``
completes it from the pipeline's section ``session``, ``open`` builds the session, ``run`` starts a front end,
``finish`` saves the model, ``saved_patterns`` the accepted patterns. Imports ``cli.common``.
"""
