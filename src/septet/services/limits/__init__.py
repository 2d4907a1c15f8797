"""Limits: who may do how much, decided in one atomic step for all rules that apply, with a reason in words.

Promises: nothing is consumed unless all rules allow; counters survive a change of their limit; a changed rule is
effective in every process in under a second; without Valkey each rule's own policy decides, at once.
Non-goals: billing by use, and queueing what was denied.
"""
