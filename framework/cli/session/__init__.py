"""The commands that open teaching sessions.

In the order of a session: ``session_command`` makes a mode's command, ``arguments`` parses it, ``resolve``
joins it with the pipeline's section, ``open`` makes the session's parts, ``run`` starts a front end,
``finish`` saves the model, ``saved_patterns`` the accepted patterns. Imports ``cli.common``.
"""
