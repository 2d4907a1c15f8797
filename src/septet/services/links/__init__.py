"""Links: a URL shortener with click analytics.

Promises: a redirect is answered only once its click is safe, and every click is counted exactly once, through crashes
of every process. An edit is seen by every process in under a second. Non-goals: fetching targets (titles, previews).
"""
