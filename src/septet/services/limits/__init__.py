"""Limits: who may do how much, decided in one atomic step for all rules that apply, with a reason in words.

Promises: nothing is consumed unless all rules allow; counters survive a change of their limit; a changed rule is
effective in every process in under a second; without Valkey each rule's own policy decides, at once.
Non-goals: billing by use, and queueing what was denied.

For integrations, in process:

    guard.limit_request(runtime, tenant_id, method, route, user_id) -> Mapping[str, str]
        Take one under the organization's rules of the audience `platform`: one call of the pipeline, no HTTP.
        Gives the RateLimit headers of the answer; raises errors.QuotaExceeded (429) with the same headers.
    actions.rules.apply_allowance(uow, requests_per_minute) -> None
        Give the seeded rules that nobody has changed the limits that follow from what the plan allows.
    events.NearlyReached (`limits.nearly_reached`)
        A counter has used SEPTET_LIMITS_WARN_PERCENT of its limit; told once a day and counter.
"""
