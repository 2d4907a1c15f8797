"""Notifications: one call reaches people in the app, by e-mail, by push, and programs by signed webhooks.

Promises: an accepted notification is not lost, in-app entries appear exactly once, everything that leaves the house
goes out at least once under one stable id; every delivery tells which rule decided its fate. Recipients' preferences,
quiet hours and digests are kept. Non-goals: marketing campaigns, SMS, and knowing whether a sent e-mail was read.
"""
