"""The store: datasets of answers, and the logs of teaching sessions, in SQLite or PostgreSQL.

``nerture.store.store.Store`` opens it. SQLAlchemy is imported only by the modules that need it, as that takes
time.
"""
