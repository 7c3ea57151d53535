"""The store: datasets of answers, and the logs of teaching sessions, in SQLite or PostgreSQL.

``nerture.store.store.Store`` is what opens it. SQLAlchemy is imported by the modules that need it, so that
nobody else waits for it.
"""
