"""A class for each part of the API, awaited. Written by docs/make_client.py; do not edit."""

from __future__ import annotations

from typing import Any, Literal, cast

from septet.client.generated import models
from septet.client.transport import AsyncTransport, segment


class AsyncAPIKeys:
    """Api keys."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_api_keys(self, *, limit: int | None = None, cursor: str | None = None) -> models.PageApiKeyOut:
        """List the API keys."""
        return cast(
            "models.PageApiKeyOut",
            await self._transport.ask("GET", "/api-keys", query={"limit": limit, "cursor": cursor}),
        )

    async def create_api_key(self, body: models.ApiKeyCreate) -> models.ApiKeyIssued:
        """Create an API key."""
        return cast("models.ApiKeyIssued", await self._transport.ask("POST", "/api-keys", json=body))

    async def rotate_api_key(self, key_id: str, body: models.ApiKeyRotate | None) -> models.ApiKeyIssued:
        """Replace an API key; the old one works on for a while."""
        return cast(
            "models.ApiKeyIssued", await self._transport.ask("POST", f"/api-keys/{segment(key_id)}/rotate", json=body)
        )

    async def revoke_api_key(self, key_id: str) -> None:
        """Revoke an API key."""
        await self._transport.ask("DELETE", f"/api-keys/{segment(key_id)}")


class AsyncAccounts:
    """Accounts."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def sign_up(self, body: models.SignUp) -> models.Authenticated:
        """Create an account and log in."""
        return cast("models.Authenticated", await self._transport.ask("POST", "/auth/signup", json=body))

    async def log_in(self, body: models.LogIn) -> models.Authenticated:
        """Log in."""
        return cast("models.Authenticated", await self._transport.ask("POST", "/auth/login", json=body))

    async def log_out(self) -> None:
        """End the session in use."""
        await self._transport.ask("POST", "/auth/logout")

    async def me(self) -> models.Me:
        """The caller and their organizations."""
        return cast("models.Me", await self._transport.ask("GET", "/me"))

    async def change_profile(self, body: models.ProfileChange) -> models.UserOut:
        """Change one's name or language."""
        return cast("models.UserOut", await self._transport.ask("PATCH", "/me", json=body))

    async def delete_account(self, body: models.AccountDeletion) -> None:
        """Delete one's account."""
        await self._transport.ask("DELETE", "/me", json=body)

    async def own_data(self) -> models.OwnData:
        """All that is kept about oneself."""
        return cast("models.OwnData", await self._transport.ask("GET", "/me/export"))

    async def check_session(self) -> models.SessionCheck:
        """Check a session: who holds it."""
        return cast("models.SessionCheck", await self._transport.ask("GET", "/auth/session"))

    async def list_sessions(self) -> models.PageSessionOut:
        """List one's sessions."""
        return cast("models.PageSessionOut", await self._transport.ask("GET", "/auth/sessions"))

    async def end_other_sessions(self) -> None:
        """End all sessions but this one."""
        await self._transport.ask("DELETE", "/auth/sessions")

    async def end_session(self, session_id: str) -> None:
        """End one of one's sessions."""
        await self._transport.ask("DELETE", f"/auth/sessions/{segment(session_id)}")

    async def list_account_events(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> models.PageAccountEventOut:
        """What happened to one's account."""
        return cast(
            "models.PageAccountEventOut",
            await self._transport.ask("GET", "/auth/events", query={"limit": limit, "cursor": cursor}),
        )

    async def change_password(self, body: models.PasswordChange) -> None:
        """Change the password and end all other sessions."""
        await self._transport.ask("POST", "/auth/password/change", json=body)

    async def forgot_password(self, body: models.PasswordForgotten) -> Any:
        """Have a link mailed that sets a new password; the answer is the same for every address."""
        return cast("Any", await self._transport.ask("POST", "/auth/password/forgot", json=body))

    async def reset_password(self, body: models.PasswordReset) -> None:
        """Set a new password by the mailed link, and end every session."""
        await self._transport.ask("POST", "/auth/password/reset", json=body)

    async def verify_email(self, body: models.EmailVerification) -> None:
        """Prove the e-mail address by the mailed link."""
        await self._transport.ask("POST", "/auth/email/verify", json=body)

    async def resend_verification(self) -> Any:
        """Have the mail that proves the address sent again."""
        return cast("Any", await self._transport.ask("POST", "/auth/email/resend-verification"))

    async def request_email_change(self, body: models.EmailChange) -> Any:
        """Have a link mailed to another address, which makes it the account's."""
        return cast("Any", await self._transport.ask("POST", "/auth/email/change", json=body))

    async def confirm_email_change(self, body: models.EmailVerification) -> None:
        """Take the new address by the mailed link."""
        await self._transport.ask("POST", "/auth/email/confirm-change", json=body)

    async def begin_totp(self) -> models.TotpBegun:
        """Begin a second factor."""
        return cast("models.TotpBegun", await self._transport.ask("POST", "/auth/totp"))

    async def turn_totp_off(self, body: models.TotpCodeIn) -> None:
        """Turn the second factor off."""
        await self._transport.ask("DELETE", "/auth/totp", json=body)

    async def confirm_totp(self, body: models.TotpCodeIn) -> models.RecoveryCodes:
        """Turn the second factor on with a first code."""
        return cast("models.RecoveryCodes", await self._transport.ask("POST", "/auth/totp/confirm", json=body))

    async def renew_recovery_codes(self, body: models.TotpCodeIn) -> models.RecoveryCodes:
        """New recovery codes; the old ones stop working."""
        return cast("models.RecoveryCodes", await self._transport.ask("POST", "/auth/totp/recovery-codes", json=body))

    async def passkey_registration_options(self) -> models.PasskeyOptions:
        """Begin to register a passkey."""
        return cast("models.PasskeyOptions", await self._transport.ask("POST", "/auth/passkeys/options"))

    async def list_passkeys(self) -> models.PagePasskeyOut:
        """List one's passkeys."""
        return cast("models.PagePasskeyOut", await self._transport.ask("GET", "/auth/passkeys"))

    async def register_passkey(self, body: models.PasskeyAnswer) -> models.PasskeyOut:
        """Register a passkey."""
        return cast("models.PasskeyOut", await self._transport.ask("POST", "/auth/passkeys", json=body))

    async def remove_passkey(self, passkey_id: str) -> None:
        """Remove one of one's passkeys."""
        await self._transport.ask("DELETE", f"/auth/passkeys/{segment(passkey_id)}")

    async def passkey_login_options(self) -> models.PasskeyOptions:
        """Begin to log in with a passkey."""
        return cast("models.PasskeyOptions", await self._transport.ask("POST", "/auth/passkeys/login/options"))

    async def log_in_with_passkey(self, body: models.PasskeyAnswer) -> models.Authenticated:
        """Log in with a passkey."""
        return cast("models.Authenticated", await self._transport.ask("POST", "/auth/passkeys/login", json=body))


class AsyncAuditLog:
    """Audit log."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_audit_events(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        action: str | None = None,
        actor_id: str | None = None,
        target_id: str | None = None,
        from_: str | None = None,
        to: str | None = None,
    ) -> models.PageAuditEventOut:
        """List security-relevant and administrative acts, newest first."""
        return cast(
            "models.PageAuditEventOut",
            await self._transport.ask(
                "GET",
                "/audit-events",
                query={
                    "limit": limit,
                    "cursor": cursor,
                    "action": action,
                    "actorId": actor_id,
                    "targetId": target_id,
                    "from": from_,
                    "to": to,
                },
            ),
        )

    async def export_audit_events(
        self,
        *,
        action: str | None = None,
        actor_id: str | None = None,
        target_id: str | None = None,
        from_: str | None = None,
        to: str | None = None,
    ) -> Any:
        """Download the newest 100,000 entries as CSV."""
        return cast(
            "Any",
            await self._transport.ask(
                "GET",
                "/audit-events/export",
                query={"action": action, "actorId": actor_id, "targetId": target_id, "from": from_, "to": to},
            ),
        )


class AsyncBilling:
    """Billing."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_plans(self) -> models.PagePlanOut:
        """The plans, with prices, limits and features."""
        return cast("models.PagePlanOut", await self._transport.ask("GET", "/plans"))

    async def get_billing(self) -> models.BillingOut:
        """Plan, seats, period and what is pending."""
        return cast("models.BillingOut", await self._transport.ask("GET", "/billing"))

    async def preview_change(self, body: models.BillingChange) -> models.QuoteOut:
        """What a change would cost now."""
        return cast("models.QuoteOut", await self._transport.ask("POST", "/billing/preview", json=body))

    async def change_billing(self, body: models.BillingChange) -> models.QuoteOut:
        """Change plan, seats or interval: upgrades at once, downgrades when the period ends."""
        return cast("models.QuoteOut", await self._transport.ask("POST", "/billing/change", json=body))

    async def cancel_subscription(self) -> models.QuoteOut:
        """Go back to the free plan when the period ends."""
        return cast("models.QuoteOut", await self._transport.ask("POST", "/billing/cancel"))

    async def drop_pending_change(self) -> None:
        """Forget the pending downgrade or cancellation."""
        await self._transport.ask("DELETE", "/billing/pending-change")

    async def begin_trial(self, body: models.TrialStart) -> models.BillingOut:
        """Try a paid plan for 14 days."""
        return cast("models.BillingOut", await self._transport.ask("POST", "/billing/trial", json=body))

    async def list_invoices(self, *, limit: int | None = None, cursor: str | None = None) -> models.PageInvoiceOut:
        """List the invoices, newest first."""
        return cast(
            "models.PageInvoiceOut",
            await self._transport.ask("GET", "/billing/invoices", query={"limit": limit, "cursor": cursor}),
        )

    async def get_invoice(self, invoice_id: str) -> models.InvoiceOut:
        """Get an invoice."""
        return cast("models.InvoiceOut", await self._transport.ask("GET", f"/billing/invoices/{segment(invoice_id)}"))

    async def pay_invoice(self, invoice_id: str) -> models.InvoiceOut:
        """Have the payment of an open invoice tried again."""
        return cast(
            "models.InvoiceOut", await self._transport.ask("POST", f"/billing/invoices/{segment(invoice_id)}/pay")
        )

    async def get_usage(self, *, from_: str | None = None, to: str | None = None) -> models.UsageOut:
        """What the organization uses, by day, beside what its plan allows."""
        return cast("models.UsageOut", await self._transport.ask("GET", "/usage", query={"from": from_, "to": to}))


class AsyncClickStatistics:
    """Click statistics."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get_statistics(
        self,
        *,
        tag: str | None = None,
        domain: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        tz: str | None = None,
        bots: bool | None = None,
    ) -> models.Statistics:
        """Statistics over all links, a tag or a domain."""
        return cast(
            "models.Statistics",
            await self._transport.ask(
                "GET",
                "/links/stats",
                query={"tag": tag, "domain": domain, "from": from_, "to": to, "tz": tz, "bots": bots},
            ),
        )

    async def get_link_statistics(
        self,
        link_id: str,
        *,
        from_: str | None = None,
        to: str | None = None,
        tz: str | None = None,
        bots: bool | None = None,
    ) -> models.Statistics:
        """Statistics of a link."""
        return cast(
            "models.Statistics",
            await self._transport.ask(
                "GET", f"/links/{segment(link_id)}/stats", query={"from": from_, "to": to, "tz": tz, "bots": bots}
            ),
        )

    async def list_clicks(
        self,
        link_id: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
        classification: Literal["human", "bot", "preview", "duplicate"] | None = None,
        country: str | None = None,
        browser: str | None = None,
        operating_system: str | None = None,
        device: str | None = None,
        referrer: str | None = None,
    ) -> models.PageClickOut:
        """The clicks of a link, newest first."""
        return cast(
            "models.PageClickOut",
            await self._transport.ask(
                "GET",
                f"/links/{segment(link_id)}/clicks",
                query={
                    "limit": limit,
                    "cursor": cursor,
                    "classification": classification,
                    "country": country,
                    "browser": browser,
                    "operatingSystem": operating_system,
                    "device": device,
                    "referrer": referrer,
                },
            ),
        )

    async def reclassify_clicks(self, link_id: str) -> models.Reclassified:
        """Run today's rules again over a link's past clicks."""
        return cast("models.Reclassified", await self._transport.ask("POST", f"/links/{segment(link_id)}/reclassify"))


class AsyncDomains:
    """Domains."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_domains(self) -> models.SeptetKernelHttpPagingPageDomainOut1:
        """List the mail domains."""
        return cast("models.SeptetKernelHttpPagingPageDomainOut1", await self._transport.ask("GET", "/domains"))

    async def add_domain(self, body: models.DomainCreate) -> models.TenancyDomainOut:
        """Add a mail domain, to be proven by a DNS record."""
        return cast("models.TenancyDomainOut", await self._transport.ask("POST", "/domains", json=body))

    async def verify_domain(self, domain: str) -> models.TenancyDomainOut:
        """Look for the DNS record that proves a domain."""
        return cast("models.TenancyDomainOut", await self._transport.ask("POST", f"/domains/{segment(domain)}/verify"))

    async def remove_domain(self, domain: str) -> None:
        """Remove a mail domain; its people stay members."""
        await self._transport.ask("DELETE", f"/domains/{segment(domain)}")


class AsyncFeatureFlags:
    """Feature flags."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_features(self, *, user_id: str | None = None) -> models.PageFeatureOut:
        """Every flag with its value and the reason."""
        return cast("models.PageFeatureOut", await self._transport.ask("GET", "/features", query={"userId": user_id}))

    async def get_flag(self, key: str) -> models.FlagOut:
        """Get a flag of the organization."""
        return cast("models.FlagOut", await self._transport.ask("GET", f"/features/{segment(key)}"))

    async def put_flag(self, key: str, body: models.FlagPut) -> models.FlagOut:
        """Add or change a flag of the organization."""
        return cast("models.FlagOut", await self._transport.ask("PUT", f"/features/{segment(key)}", json=body))

    async def delete_flag(self, key: str) -> None:
        """Delete a flag of the organization."""
        await self._transport.ask("DELETE", f"/features/{segment(key)}")

    async def set_flag_for_user(self, key: str, targeting_key: str, body: models.FlagOverridePut) -> None:
        """Give one user a value of their own."""
        await self._transport.ask("PUT", f"/features/{segment(key)}/users/{segment(targeting_key)}", json=body)

    async def unset_flag_for_user(self, key: str, targeting_key: str) -> None:
        """Take one user's own value away."""
        await self._transport.ask("DELETE", f"/features/{segment(key)}/users/{segment(targeting_key)}")


class AsyncInbox:
    """Inbox."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_inbox(
        self,
        *,
        unread: bool | None = None,
        archived: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageInboxEntryOut:
        """List one's inbox."""
        return cast(
            "models.PageInboxEntryOut",
            await self._transport.ask(
                "GET", "/inbox", query={"unread": unread, "archived": archived, "limit": limit, "cursor": cursor}
            ),
        )

    async def count_unread(self) -> models.UnreadCount:
        """Count the unread entries."""
        return cast("models.UnreadCount", await self._transport.ask("GET", "/inbox/unread-count"))

    async def read_all(self) -> models.ReadAll:
        """Mark all as read."""
        return cast("models.ReadAll", await self._transport.ask("POST", "/inbox/read-all"))

    async def read(self, entry_id: str) -> models.InboxEntryOut:
        """Mark as read."""
        return cast("models.InboxEntryOut", await self._transport.ask("POST", f"/inbox/{segment(entry_id)}/read"))

    async def archive(self, entry_id: str) -> models.InboxEntryOut:
        """Archive."""
        return cast("models.InboxEntryOut", await self._transport.ask("POST", f"/inbox/{segment(entry_id)}/archive"))


class AsyncInvitations:
    """Invitations."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_invitations(
        self,
        *,
        status: Literal["pending", "accepted", "revoked", "expired"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageInvitationOut:
        """List the invitations."""
        return cast(
            "models.PageInvitationOut",
            await self._transport.ask(
                "GET", "/invitations", query={"status": status, "limit": limit, "cursor": cursor}
            ),
        )

    async def create_invitation(self, body: models.InvitationCreate) -> models.InvitationOut:
        """Invite somebody by e-mail."""
        return cast("models.InvitationOut", await self._transport.ask("POST", "/invitations", json=body))

    async def resend_invitation(self, invitation_id: str) -> models.InvitationOut:
        """Send an invitation again, with a new token and a new week."""
        return cast(
            "models.InvitationOut", await self._transport.ask("POST", f"/invitations/{segment(invitation_id)}/resend")
        )

    async def revoke_invitation(self, invitation_id: str) -> None:
        """Take an invitation back."""
        await self._transport.ask("DELETE", f"/invitations/{segment(invitation_id)}")

    async def accept_invitation(self, body: models.InvitationAccept) -> models.InvitationAccepted:
        """Accept an invitation: logged in, with the password, or with a new account."""
        return cast("models.InvitationAccepted", await self._transport.ask("POST", "/invitations/accept", json=body))


class AsyncLimits:
    """Limits."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def check(self, body: models.CheckIn) -> models.CheckOut:
        """Decide one check."""
        return cast("models.CheckOut", await self._transport.ask("POST", "/check", json=body))

    async def check_batch(self, body: models.BatchIn) -> models.BatchOut:
        """Decide up to 1,000 checks, in order."""
        return cast("models.BatchOut", await self._transport.ask("POST", "/check/batch", json=body))

    async def take_lease(self, body: models.LeaseIn) -> models.LeaseOut:
        """Take a slot under the concurrency rules."""
        return cast("models.LeaseOut", await self._transport.ask("POST", "/leases", json=body))

    async def release_lease(self, lease_id: str) -> None:
        """Give a slot back."""
        await self._transport.ask("DELETE", f"/leases/{segment(lease_id)}")

    async def list_rules(self, *, limit: int | None = None, cursor: str | None = None) -> models.PageRuleOut:
        """List the rules."""
        return cast(
            "models.PageRuleOut",
            await self._transport.ask("GET", "/limits/rules", query={"limit": limit, "cursor": cursor}),
        )

    async def create_rule(self, body: models.RuleIn) -> models.RuleOut:
        """Create a rule."""
        return cast("models.RuleOut", await self._transport.ask("POST", "/limits/rules", json=body))

    async def list_rule_changes(
        self, *, rule_id: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> models.PageRuleChangeOut:
        """List the changes of rules, the newest first."""
        return cast(
            "models.PageRuleChangeOut",
            await self._transport.ask(
                "GET", "/limits/rules/history", query={"ruleId": rule_id, "limit": limit, "cursor": cursor}
            ),
        )

    async def undo_rule_change(self, change_id: str) -> None:
        """Bring back what a rule was before a change."""
        await self._transport.ask("POST", f"/limits/rules/history/{segment(change_id)}/undo")

    async def get_rule(self, rule_id: str) -> models.RuleOut:
        """Get a rule."""
        return cast("models.RuleOut", await self._transport.ask("GET", f"/limits/rules/{segment(rule_id)}"))

    async def change_rule(self, rule_id: str, body: models.RuleIn, *, if_match: str | None = None) -> models.RuleOut:
        """Change a rule; its counters go on."""
        return cast(
            "models.RuleOut",
            await self._transport.ask(
                "PUT", f"/limits/rules/{segment(rule_id)}", json=body, headers={"If-Match": if_match}
            ),
        )

    async def delete_rule(self, rule_id: str) -> None:
        """Delete a rule."""
        await self._transport.ask("DELETE", f"/limits/rules/{segment(rule_id)}")

    async def get_stats(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        step: str | None = None,
        audience: Literal["application", "platform"] | None = None,
        route: str | None = None,
        user_id: str | None = None,
        rule_id: str | None = None,
    ) -> models.StatsOut:
        """Decisions over time."""
        return cast(
            "models.StatsOut",
            await self._transport.ask(
                "GET",
                "/limits/stats",
                query={
                    "from": from_,
                    "to": to,
                    "step": step,
                    "audience": audience,
                    "route": route,
                    "userId": user_id,
                    "ruleId": rule_id,
                },
            ),
        )

    async def get_top(
        self,
        *,
        by: Literal["route", "user", "rule"] | None = None,
        from_: str | None = None,
        to: str | None = None,
        audience: Literal["application", "platform"] | None = None,
    ) -> models.TopOut:
        """Routes, users or rules with the most denials."""
        return cast(
            "models.TopOut",
            await self._transport.ask(
                "GET", "/limits/top", query={"by": by, "from": from_, "to": to, "audience": audience}
            ),
        )

    async def get_warnings(
        self, *, from_: str | None = None, to: str | None = None, percent: int | None = None
    ) -> models.Warnings:
        """Users near a limit."""
        return cast(
            "models.Warnings",
            await self._transport.ask("GET", "/limits/warnings", query={"from": from_, "to": to, "percent": percent}),
        )

    async def replay_rule(self, body: models.ReplayIn) -> models.ReplayOut:
        """Try a rule on recorded traffic."""
        return cast("models.ReplayOut", await self._transport.ask("POST", "/limits/replay", json=body))


class AsyncLinkFiles:
    """Link files."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def import_links(
        self,
        content: bytes | str,
        content_type: str = "text/csv",
        *,
        format_: Literal["csv", "bitly", "yourls", "kutt", "shlink"] | None = None,
    ) -> models.CreatedLinks:
        """Make links from a file that another shortener exported."""
        return cast(
            "models.CreatedLinks",
            await self._transport.ask(
                "POST", "/links/import", content=content, content_type=content_type, query={"format": format_}
            ),
        )

    async def export_links(self) -> Any:
        """Get all links as CSV."""
        return cast("Any", await self._transport.ask("GET", "/links/export"))


class AsyncLinks:
    """Links."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_links(
        self,
        *,
        q: str | None = None,
        tag: str | None = None,
        domain: str | None = None,
        source: str | None = None,
        archived: bool | None = None,
        clicks: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageLinkOut:
        """List links, newest first."""
        return cast(
            "models.PageLinkOut",
            await self._transport.ask(
                "GET",
                "/links",
                query={
                    "q": q,
                    "tag": tag,
                    "domain": domain,
                    "source": source,
                    "archived": archived,
                    "clicks": clicks,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    async def create_link(self, body: models.LinkCreate) -> models.LinkOut:
        """Shorten a URL."""
        return cast("models.LinkOut", await self._transport.ask("POST", "/links", json=body))

    async def create_links(self, body: models.LinksCreate) -> models.CreatedLinks:
        """Shorten up to 1,000 URLs."""
        return cast("models.CreatedLinks", await self._transport.ask("POST", "/links/bulk", json=body))

    async def get_link(self, link_id: str) -> models.LinkOut:
        """Get a link."""
        return cast("models.LinkOut", await self._transport.ask("GET", f"/links/{segment(link_id)}"))

    async def change_link(
        self, link_id: str, body: models.LinkChange, *, if_match: str | None = None
    ) -> models.LinkOut:
        """Change a link."""
        return cast(
            "models.LinkOut",
            await self._transport.ask("PATCH", f"/links/{segment(link_id)}", json=body, headers={"If-Match": if_match}),
        )

    async def delete_link(self, link_id: str) -> None:
        """Delete a link."""
        await self._transport.ask("DELETE", f"/links/{segment(link_id)}")

    async def disable_link(self, link_id: str, body: models.LinkDisable) -> models.LinkOut:
        """Disable a link."""
        return cast(
            "models.LinkOut", await self._transport.ask("POST", f"/links/{segment(link_id)}/disable", json=body)
        )

    async def enable_link(self, link_id: str) -> models.LinkOut:
        """Enable a disabled link."""
        return cast("models.LinkOut", await self._transport.ask("POST", f"/links/{segment(link_id)}/enable"))

    async def get_qr_code(
        self, link_id: str, *, format_: Literal["svg", "png"] | None = None, size: int | None = None
    ) -> Any:
        """Get the short URL as a QR code."""
        return cast(
            "Any",
            await self._transport.ask("GET", f"/links/{segment(link_id)}/qr", query={"format": format_, "size": size}),
        )


class AsyncLogs:
    """Logs."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def search_logs(
        self,
        *,
        order: Literal["newest", "oldest", "desc", "asc"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        service: list[str] | None = None,
        level: list[Literal["trace", "debug", "info", "warn", "error", "fatal"]] | None = None,
        min_level: Literal["trace", "debug", "info", "warn", "error", "fatal"] | None = None,
        from_: str | None = None,
        to: str | None = None,
        q: str | None = None,
    ) -> models.LinePage:
        """Search log lines."""
        return cast(
            "models.LinePage",
            await self._transport.ask(
                "GET",
                "/logs",
                query={
                    "order": order,
                    "limit": limit,
                    "cursor": cursor,
                    "service": service,
                    "level": level,
                    "minLevel": min_level,
                    "from": from_,
                    "to": to,
                    "q": q,
                },
            ),
        )

    async def send_logs(
        self,
        content: bytes | str,
        content_type: str = "application/json",
        *,
        service: str | None = None,
        dry_run: bool | None = None,
    ) -> models.IngestAnswer:
        """Send log lines."""
        return cast(
            "models.IngestAnswer",
            await self._transport.ask(
                "POST",
                "/logs",
                content=content,
                content_type=content_type,
                query={"service": service, "dryRun": dry_run},
            ),
        )

    async def logs_histogram(
        self,
        *,
        step: str | None = None,
        service: list[str] | None = None,
        level: list[Literal["trace", "debug", "info", "warn", "error", "fatal"]] | None = None,
        min_level: Literal["trace", "debug", "info", "warn", "error", "fatal"] | None = None,
        from_: str | None = None,
        to: str | None = None,
        q: str | None = None,
    ) -> models.HistogramOut:
        """Count lines over time, by level."""
        return cast(
            "models.HistogramOut",
            await self._transport.ask(
                "GET",
                "/logs/histogram",
                query={
                    "step": step,
                    "service": service,
                    "level": level,
                    "minLevel": min_level,
                    "from": from_,
                    "to": to,
                    "q": q,
                },
            ),
        )

    async def logs_facets(
        self,
        *,
        field: str | None = None,
        limit: int | None = None,
        service: list[str] | None = None,
        level: list[Literal["trace", "debug", "info", "warn", "error", "fatal"]] | None = None,
        min_level: Literal["trace", "debug", "info", "warn", "error", "fatal"] | None = None,
        from_: str | None = None,
        to: str | None = None,
        q: str | None = None,
    ) -> models.FacetOut:
        """The most frequent values of a field."""
        return cast(
            "models.FacetOut",
            await self._transport.ask(
                "GET",
                "/logs/facets",
                query={
                    "field": field,
                    "limit": limit,
                    "service": service,
                    "level": level,
                    "minLevel": min_level,
                    "from": from_,
                    "to": to,
                    "q": q,
                },
            ),
        )

    async def logs_services(self) -> models.ServicesOut:
        """The services that write logs, and what they take."""
        return cast("models.ServicesOut", await self._transport.ask("GET", "/logs/services"))

    async def export_logs(
        self,
        *,
        format_: Literal["ndjson", "csv", "parquet"] | None = None,
        order: Literal["newest", "oldest", "desc", "asc"] | None = None,
        limit: int | None = None,
        service: list[str] | None = None,
        level: list[Literal["trace", "debug", "info", "warn", "error", "fatal"]] | None = None,
        min_level: Literal["trace", "debug", "info", "warn", "error", "fatal"] | None = None,
        from_: str | None = None,
        to: str | None = None,
        q: str | None = None,
    ) -> Any:
        """Download lines."""
        return cast(
            "Any",
            await self._transport.ask(
                "GET",
                "/logs/export",
                query={
                    "format": format_,
                    "order": order,
                    "limit": limit,
                    "service": service,
                    "level": level,
                    "minLevel": min_level,
                    "from": from_,
                    "to": to,
                    "q": q,
                },
            ),
        )

    async def get_retention(self) -> models.RetentionIO:
        """How long lines are kept."""
        return cast("models.RetentionIO", await self._transport.ask("GET", "/logs/retention"))

    async def put_retention(self, body: models.RetentionIO) -> models.RetentionIO:
        """Set how long lines are kept."""
        return cast("models.RetentionIO", await self._transport.ask("PUT", "/logs/retention", json=body))

    async def list_searches(self, *, limit: int | None = None, cursor: str | None = None) -> models.PageSearchOut:
        """List saved searches."""
        return cast(
            "models.PageSearchOut",
            await self._transport.ask("GET", "/logs/searches", query={"limit": limit, "cursor": cursor}),
        )

    async def save_search(self, body: models.SearchCreate) -> models.SearchOut:
        """Save a search."""
        return cast("models.SearchOut", await self._transport.ask("POST", "/logs/searches", json=body))

    async def delete_search(self, search_id: str) -> None:
        """Delete a saved search."""
        await self._transport.ask("DELETE", f"/logs/searches/{segment(search_id)}")

    async def list_alerts(self, *, limit: int | None = None, cursor: str | None = None) -> models.PageAlertOut:
        """List alerts."""
        return cast(
            "models.PageAlertOut",
            await self._transport.ask("GET", "/logs/alerts", query={"limit": limit, "cursor": cursor}),
        )

    async def create_alert(self, body: models.AlertCreate) -> models.AlertOut:
        """Create an alert."""
        return cast("models.AlertOut", await self._transport.ask("POST", "/logs/alerts", json=body))

    async def delete_alert(self, alert_id: str) -> None:
        """Delete an alert."""
        await self._transport.ask("DELETE", f"/logs/alerts/{segment(alert_id)}")

    async def list_masks(self, *, limit: int | None = None, cursor: str | None = None) -> models.PageMaskOut:
        """List masking rules."""
        return cast(
            "models.PageMaskOut",
            await self._transport.ask("GET", "/logs/masks", query={"limit": limit, "cursor": cursor}),
        )

    async def create_mask(self, body: models.MaskCreate) -> models.MaskOut:
        """Hide something in every line from now on."""
        return cast("models.MaskOut", await self._transport.ask("POST", "/logs/masks", json=body))

    async def delete_mask(self, mask_id: str) -> None:
        """Delete a masking rule."""
        await self._transport.ask("DELETE", f"/logs/masks/{segment(mask_id)}")

    async def list_dead_letters(self, *, limit: int | None = None, cursor: str | None = None) -> models.DeadLetters:
        """Requests that could not be stored."""
        return cast(
            "models.DeadLetters",
            await self._transport.ask("GET", "/logs/dead-letters", query={"limit": limit, "cursor": cursor}),
        )

    async def retry_dead_letter(self, letter_id: str) -> Any:
        """Queue a dead letter again."""
        return cast("Any", await self._transport.ask("POST", f"/logs/dead-letters/{segment(letter_id)}/retry"))

    async def delete_dead_letter(self, letter_id: str) -> None:
        """Delete a dead letter and its lines."""
        await self._transport.ask("DELETE", f"/logs/dead-letters/{segment(letter_id)}")

    async def search_platform_logs(
        self,
        *,
        order: Literal["newest", "oldest", "desc", "asc"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        service: list[str] | None = None,
        level: list[Literal["trace", "debug", "info", "warn", "error", "fatal"]] | None = None,
        min_level: Literal["trace", "debug", "info", "warn", "error", "fatal"] | None = None,
        from_: str | None = None,
        to: str | None = None,
        q: str | None = None,
    ) -> models.LinePage:
        """Search what Septet itself logged of the organization."""
        return cast(
            "models.LinePage",
            await self._transport.ask(
                "GET",
                "/logs/platform",
                query={
                    "order": order,
                    "limit": limit,
                    "cursor": cursor,
                    "service": service,
                    "level": level,
                    "minLevel": min_level,
                    "from": from_,
                    "to": to,
                    "q": q,
                },
            ),
        )

    async def line_context(
        self, line_id: str, *, before: int | None = None, after: int | None = None
    ) -> models.ContextOut:
        """A line with its neighbours."""
        return cast(
            "models.ContextOut",
            await self._transport.ask(
                "GET", f"/logs/{segment(line_id)}/context", query={"before": before, "after": after}
            ),
        )


class AsyncMailbox:
    """Mailbox."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_mails(
        self, *, to: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> models.PageMailSummary:
        """List mails of the development mailbox."""
        return cast(
            "models.PageMailSummary",
            await self._transport.ask("GET", "/mailbox", query={"to": to, "limit": limit, "cursor": cursor}),
        )

    async def read_mail(self, mail_id: str) -> models.MailOut:
        """Read a mail."""
        return cast("models.MailOut", await self._transport.ask("GET", f"/mailbox/{segment(mail_id)}"))


class AsyncMembers:
    """Members."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_members(self, *, limit: int | None = None, cursor: str | None = None) -> models.PageMemberOut:
        """List the members."""
        return cast(
            "models.PageMemberOut",
            await self._transport.ask("GET", "/members", query={"limit": limit, "cursor": cursor}),
        )

    async def change_role(self, user_id: str, body: models.RoleChange) -> models.MemberOut:
        """Change a member's role."""
        return cast("models.MemberOut", await self._transport.ask("PATCH", f"/members/{segment(user_id)}", json=body))

    async def remove_member(self, user_id: str) -> None:
        """Remove a member, or leave."""
        await self._transport.ask("DELETE", f"/members/{segment(user_id)}")


class AsyncMessages:
    """Messages."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_messages(
        self,
        room_id: str,
        *,
        before_seq: int | None = None,
        after_seq: int | None = None,
        at: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageMessageOut:
        """Read a room's history."""
        return cast(
            "models.PageMessageOut",
            await self._transport.ask(
                "GET",
                f"/rooms/{segment(room_id)}/messages",
                query={"beforeSeq": before_seq, "afterSeq": after_seq, "at": at, "limit": limit, "cursor": cursor},
            ),
        )

    async def send_message(self, room_id: str, body: models.MessageSend) -> models.MessageOut:
        """Send a message."""
        return cast(
            "models.MessageOut", await self._transport.ask("POST", f"/rooms/{segment(room_id)}/messages", json=body)
        )

    async def list_pins(self, room_id: str) -> models.PageMessageOut:
        """List pinned messages."""
        return cast("models.PageMessageOut", await self._transport.ask("GET", f"/rooms/{segment(room_id)}/pins"))

    async def search_messages(
        self,
        *,
        q: str | None = None,
        room_id: str | None = None,
        author_id: str | None = None,
        before: str | None = None,
        after: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageFoundMessage:
        """Search messages."""
        return cast(
            "models.PageFoundMessage",
            await self._transport.ask(
                "GET",
                "/messages/search",
                query={
                    "q": q,
                    "roomId": room_id,
                    "authorId": author_id,
                    "before": before,
                    "after": after,
                    "limit": limit,
                    "cursor": cursor,
                },
            ),
        )

    async def get_message(self, message_id: str) -> models.MessageOut:
        """Get a message."""
        return cast("models.MessageOut", await self._transport.ask("GET", f"/messages/{segment(message_id)}"))

    async def edit_message(self, message_id: str, body: models.MessageChange) -> models.MessageOut:
        """Edit a message."""
        return cast(
            "models.MessageOut", await self._transport.ask("PATCH", f"/messages/{segment(message_id)}", json=body)
        )

    async def delete_message(self, message_id: str) -> None:
        """Delete a message."""
        await self._transport.ask("DELETE", f"/messages/{segment(message_id)}")

    async def list_edits(self, message_id: str) -> models.PageEditOut:
        """List the bodies a message had."""
        return cast("models.PageEditOut", await self._transport.ask("GET", f"/messages/{segment(message_id)}/edits"))

    async def get_thread(
        self, message_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> models.PageMessageOut:
        """Read a thread."""
        return cast(
            "models.PageMessageOut",
            await self._transport.ask(
                "GET", f"/messages/{segment(message_id)}/thread", query={"limit": limit, "cursor": cursor}
            ),
        )

    async def add_reaction(self, message_id: str, emoji: str) -> models.MessageOut:
        """React to a message."""
        return cast(
            "models.MessageOut",
            await self._transport.ask("PUT", f"/messages/{segment(message_id)}/reactions/{segment(emoji)}"),
        )

    async def remove_reaction(self, message_id: str, emoji: str) -> None:
        """Take a reaction back."""
        await self._transport.ask("DELETE", f"/messages/{segment(message_id)}/reactions/{segment(emoji)}")

    async def pin_message(self, message_id: str) -> models.MessageOut:
        """Pin a message."""
        return cast("models.MessageOut", await self._transport.ask("PUT", f"/messages/{segment(message_id)}/pin"))

    async def unpin_message(self, message_id: str) -> models.MessageOut:
        """Unpin a message."""
        return cast("models.MessageOut", await self._transport.ask("DELETE", f"/messages/{segment(message_id)}/pin"))


class AsyncNotifications:
    """Notifications."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_notifications(
        self,
        *,
        status: Literal["queued", "scheduled", "expanding", "canceled"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageNotificationOut:
        """List notifications."""
        return cast(
            "models.PageNotificationOut",
            await self._transport.ask(
                "GET", "/notifications", query={"status": status, "limit": limit, "cursor": cursor}
            ),
        )

    async def send_notification(self, body: models.NotificationCreate) -> models.NotificationAccepted:
        """Send a notification."""
        return cast("models.NotificationAccepted", await self._transport.ask("POST", "/notifications", json=body))

    async def preview_notification(self, body: models.NotificationCreate) -> models.NotificationPreview:
        """Tell what would happen, without sending."""
        return cast(
            "models.NotificationPreview", await self._transport.ask("POST", "/notifications/preview", json=body)
        )

    async def get_notification(self, notification_id: str) -> models.NotificationOut:
        """Get a notification with its trace: what happened to each delivery, and why."""
        return cast(
            "models.NotificationOut", await self._transport.ask("GET", f"/notifications/{segment(notification_id)}")
        )

    async def list_deliveries_of(
        self, notification_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> models.PageDeliveryOut:
        """List a notification's deliveries."""
        return cast(
            "models.PageDeliveryOut",
            await self._transport.ask(
                "GET", f"/notifications/{segment(notification_id)}/deliveries", query={"limit": limit, "cursor": cursor}
            ),
        )

    async def cancel_notification(self, notification_id: str) -> models.NotificationOut:
        """Stop what was not sent yet."""
        return cast(
            "models.NotificationOut",
            await self._transport.ask("POST", f"/notifications/{segment(notification_id)}/cancel"),
        )

    async def list_deliveries(
        self,
        *,
        status: Literal["queued", "sent", "delivered", "read", "failed", "suppressed"] | None = None,
        channel: Literal["inApp", "email", "push", "webhook"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageDeliveryOut:
        """List deliveries; `?status=failed` shows the dead letters."""
        return cast(
            "models.PageDeliveryOut",
            await self._transport.ask(
                "GET", "/deliveries", query={"status": status, "channel": channel, "limit": limit, "cursor": cursor}
            ),
        )

    async def retry_delivery(self, delivery_id: str) -> models.DeliveryOut:
        """Try a failed delivery again."""
        return cast(
            "models.DeliveryOut", await self._transport.ask("POST", f"/deliveries/{segment(delivery_id)}/retry")
        )


class AsyncOrganizations:
    """Organizations."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_organizations(self) -> models.PageOrganizationOut:
        """List one's organizations."""
        return cast("models.PageOrganizationOut", await self._transport.ask("GET", "/organizations"))

    async def create_organization(self, body: models.OrganizationCreate) -> models.OrganizationOut:
        """Create an organization."""
        return cast("models.OrganizationOut", await self._transport.ask("POST", "/organizations", json=body))

    async def get_organization(self, organization_id: str) -> models.OrganizationOut:
        """Get an organization."""
        return cast(
            "models.OrganizationOut", await self._transport.ask("GET", f"/organizations/{segment(organization_id)}")
        )

    async def change_organization(
        self, organization_id: str, body: models.OrganizationChange, *, if_match: str | None = None
    ) -> models.OrganizationOut:
        """Rename an organization, or change its settings."""
        return cast(
            "models.OrganizationOut",
            await self._transport.ask(
                "PATCH", f"/organizations/{segment(organization_id)}", json=body, headers={"If-Match": if_match}
            ),
        )

    async def delete_organization(self, organization_id: str) -> None:
        """Delete an organization; it can be restored for 14 days."""
        await self._transport.ask("DELETE", f"/organizations/{segment(organization_id)}")

    async def restore_organization(self, organization_id: str) -> models.OrganizationOut:
        """Undo the deletion of an organization."""
        return cast(
            "models.OrganizationOut",
            await self._transport.ask("POST", f"/organizations/{segment(organization_id)}/restore"),
        )

    async def transfer_ownership(self, organization_id: str, body: models.OwnershipTransfer) -> models.MemberOut:
        """Hand the organization over to another member."""
        return cast(
            "models.MemberOut",
            await self._transport.ask("POST", f"/organizations/{segment(organization_id)}/transfer", json=body),
        )

    async def export_organization(self, organization_id: str) -> models.ExportOut:
        """Make an archive of everything the organization owns."""
        return cast(
            "models.ExportOut", await self._transport.ask("POST", f"/organizations/{segment(organization_id)}/export")
        )

    async def get_export(self, organization_id: str, export_id: str) -> models.ExportOut:
        """Whether an archive is ready."""
        return cast(
            "models.ExportOut",
            await self._transport.ask("GET", f"/organizations/{segment(organization_id)}/exports/{segment(export_id)}"),
        )

    async def download_export(self, organization_id: str, export_id: str) -> Any:
        """Download an archive (gzip, JSON lines)."""
        return cast(
            "Any",
            await self._transport.ask(
                "GET", f"/organizations/{segment(organization_id)}/exports/{segment(export_id)}/archive"
            ),
        )


class AsyncPayments:
    """Payments."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def receive_event(self, body: models.Json, *, stripe_signature: str | None = None) -> models.Received:
        """Receive an event of the provider."""
        return cast(
            "models.Received",
            await self._transport.ask(
                "POST", "/payments/webhook", json=body, headers={"Stripe-Signature": stripe_signature}
            ),
        )

    async def get_reconciliation(
        self, *, format_: Literal["json", "csv"] | None = None, from_: str | None = None, to: str | None = None
    ) -> Any:
        """Compare our ledger with the provider's."""
        return cast(
            "Any",
            await self._transport.ask(
                "GET", "/payments/reconciliation", query={"format": format_, "from": from_, "to": to}
            ),
        )

    async def repair(self, body: models.RepairRequest) -> models.PaymentOut:
        """Mend a discrepancy that is safe to mend."""
        return cast(
            "models.PaymentOut", await self._transport.ask("POST", "/payments/reconciliation/repairs", json=body)
        )

    async def get_saved_method(self) -> models.SavedMethodOut:
        """Get the payment method that the organization pays with."""
        return cast("models.SavedMethodOut", await self._transport.ask("GET", "/payments/saved-method"))

    async def put_saved_method(self, body: models.SavedMethodPut) -> models.SavedMethodOut:
        """Save the payment method that the organization pays with."""
        return cast("models.SavedMethodOut", await self._transport.ask("PUT", "/payments/saved-method", json=body))

    async def delete_saved_method(self) -> None:
        """Forget the payment method that the organization pays with."""
        await self._transport.ask("DELETE", "/payments/saved-method")

    async def list_provider_faults(self) -> models.Faults:
        """List what goes wrong at the fake provider."""
        return cast("models.Faults", await self._transport.ask("GET", "/payments/simulator/faults"))

    async def create_provider_fault(self, body: models.FaultWanted) -> models.FaultOut:
        """Make something go wrong at the fake provider."""
        return cast("models.FaultOut", await self._transport.ask("POST", "/payments/simulator/faults", json=body))

    async def clear_provider_faults(self) -> None:
        """Let nothing go wrong any more."""
        await self._transport.ask("DELETE", "/payments/simulator/faults")

    async def read_provider_trace(self, *, after: int | None = None, limit: int | None = None) -> models.Trace:
        """Read whether each fault happened each time."""
        return cast(
            "models.Trace",
            await self._transport.ask("GET", "/payments/simulator/trace", query={"after": after, "limit": limit}),
        )

    async def list_payments(
        self,
        *,
        status: models.PaymentsStatus | None = None,
        order_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PagePaymentOut:
        """List payments, newest first."""
        return cast(
            "models.PagePaymentOut",
            await self._transport.ask(
                "GET", "/payments", query={"status": status, "orderId": order_id, "limit": limit, "cursor": cursor}
            ),
        )

    async def create_payment(self, body: models.PaymentCreate) -> models.PaymentOut:
        """Create a payment for an order."""
        return cast("models.PaymentOut", await self._transport.ask("POST", "/payments", json=body))

    async def get_totals(self, *, from_: str | None = None, to: str | None = None) -> models.PaymentTotals:
        """Sum up the payments that were made in a range of time."""
        return cast(
            "models.PaymentTotals",
            await self._transport.ask("GET", "/payments/totals", query={"from": from_, "to": to}),
        )

    async def get_balances(self) -> models.Balances:
        """Get the ledger's balances."""
        return cast("models.Balances", await self._transport.ask("GET", "/payments/balances"))

    async def get_payment(self, payment_id: str) -> models.PaymentDetails:
        """Get a payment with its history."""
        return cast("models.PaymentDetails", await self._transport.ask("GET", f"/payments/{segment(payment_id)}"))

    async def confirm_payment(self, payment_id: str, body: models.Confirm) -> models.PaymentOut:
        """Attempt a payment."""
        return cast(
            "models.PaymentOut",
            await self._transport.ask("POST", f"/payments/{segment(payment_id)}/confirm", json=body),
        )

    async def capture_payment(self, payment_id: str, body: models.Capture | None) -> models.PaymentOut:
        """Capture an authorized payment."""
        return cast(
            "models.PaymentOut",
            await self._transport.ask("POST", f"/payments/{segment(payment_id)}/capture", json=body),
        )

    async def cancel_payment(self, payment_id: str) -> models.PaymentOut:
        """Cancel a payment for good."""
        return cast("models.PaymentOut", await self._transport.ask("POST", f"/payments/{segment(payment_id)}/cancel"))

    async def list_refunds(self, payment_id: str) -> models.PageRefundOut:
        """List a payment's refunds."""
        return cast(
            "models.PageRefundOut", await self._transport.ask("GET", f"/payments/{segment(payment_id)}/refunds")
        )

    async def create_refund(self, payment_id: str, body: models.RefundCreate | None) -> models.RefundOut:
        """Refund a payment, whole or in part."""
        return cast(
            "models.RefundOut", await self._transport.ask("POST", f"/payments/{segment(payment_id)}/refunds", json=body)
        )


class AsyncPlatform:
    """Platform."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def healthz(self) -> models.Health:
        """Is the process alive?."""
        return cast("models.Health", await self._transport.ask("GET", "/healthz"))

    async def readyz(self) -> Any:
        """Does every engine answer?."""
        return cast("Any", await self._transport.ask("GET", "/readyz"))

    async def advance_clock(self, body: models.ClockAdvance) -> models.ClockNow:
        """Move the virtual clock forward."""
        return cast("models.ClockNow", await self._transport.ask("POST", "/clock/advance", json=body))


class AsyncPreferences:
    """Preferences."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def get_preferences(self) -> models.PreferencesBodyOutput:
        """Get one's preferences."""
        return cast("models.PreferencesBodyOutput", await self._transport.ask("GET", "/preferences"))

    async def put_preferences(self, body: models.PreferencesBodyInput) -> models.PreferencesBodyOutput:
        """Set one's preferences."""
        return cast("models.PreferencesBodyOutput", await self._transport.ask("PUT", "/preferences", json=body))

    async def get_member_preferences(self, user_id: str) -> models.PreferencesBodyOutput:
        """Get a member's preferences."""
        return cast(
            "models.PreferencesBodyOutput", await self._transport.ask("GET", f"/members/{segment(user_id)}/preferences")
        )

    async def list_categories(self) -> models.PageCategoryOut:
        """List categories that have rules."""
        return cast("models.PageCategoryOut", await self._transport.ask("GET", "/notification-categories"))

    async def put_category(self, name: str, body: models.CategoryBody) -> models.CategoryOut:
        """Set a category's rules."""
        return cast(
            "models.CategoryOut",
            await self._transport.ask("PUT", f"/notification-categories/{segment(name)}", json=body),
        )

    async def reset_category(self, name: str) -> models.CategoryOut:
        """Go back to the built-in rules, or to none."""
        return cast(
            "models.CategoryOut", await self._transport.ask("DELETE", f"/notification-categories/{segment(name)}")
        )


class AsyncPresenceAndReadState:
    """Presence and read state."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def read_room(self, room_id: str, body: models.ReadSet) -> models.ReadOut:
        """Say how far one has read."""
        return cast("models.ReadOut", await self._transport.ask("POST", f"/rooms/{segment(room_id)}/read", json=body))

    async def list_cursors(self, room_id: str) -> models.CursorsOut:
        """See who has read how far."""
        return cast("models.CursorsOut", await self._transport.ask("GET", f"/rooms/{segment(room_id)}/cursors"))

    async def type_in_room(self, room_id: str) -> None:
        """Say that one is typing."""
        await self._transport.ask("POST", f"/rooms/{segment(room_id)}/typing")

    async def get_presence(self, *, user_id: list[str] | None = None) -> models.PresenceList:
        """See who is there."""
        return cast("models.PresenceList", await self._transport.ask("GET", "/presence", query={"userId": user_id}))

    async def set_presence(self, body: models.PresenceSet) -> models.PresenceOut:
        """Say that one is there."""
        return cast("models.PresenceOut", await self._transport.ask("PUT", "/presence", json=body))


class AsyncProjects:
    """Projects."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_projects(
        self, *, archived: bool | None = None, limit: int | None = None, cursor: str | None = None
    ) -> models.PageProjectOut:
        """List the projects by name."""
        return cast(
            "models.PageProjectOut",
            await self._transport.ask(
                "GET", "/projects", query={"archived": archived, "limit": limit, "cursor": cursor}
            ),
        )

    async def create_project(self, body: models.ProjectCreate) -> models.ProjectOut:
        """Create a project."""
        return cast("models.ProjectOut", await self._transport.ask("POST", "/projects", json=body))

    async def get_project(self, project_id: str) -> models.ProjectOut:
        """Get a project."""
        return cast("models.ProjectOut", await self._transport.ask("GET", f"/projects/{segment(project_id)}"))

    async def change_project(
        self, project_id: str, body: models.ProjectChange, *, if_match: str | None = None
    ) -> models.ProjectOut:
        """Change, archive or restore a project."""
        return cast(
            "models.ProjectOut",
            await self._transport.ask(
                "PATCH", f"/projects/{segment(project_id)}", json=body, headers={"If-Match": if_match}
            ),
        )

    async def delete_project(self, project_id: str) -> None:
        """Delete a project with its tasks."""
        await self._transport.ask("DELETE", f"/projects/{segment(project_id)}")

    async def ask_for_room(self, project_id: str) -> models.ProjectOut:
        """Have a chat room made in which the project's changes appear."""
        return cast("models.ProjectOut", await self._transport.ask("POST", f"/projects/{segment(project_id)}/room"))

    async def list_activity(
        self,
        *,
        project_id: str | None = None,
        task_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageActivityOut:
        """What was done, newest first."""
        return cast(
            "models.PageActivityOut",
            await self._transport.ask(
                "GET", "/activity", query={"projectId": project_id, "taskId": task_id, "limit": limit, "cursor": cursor}
            ),
        )


class AsyncPush:
    """Push."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def vapid_public_key(self) -> models.VapidKey:
        """The key a browser subscribes with."""
        return cast("models.VapidKey", await self._transport.ask("GET", "/push/vapid-public-key"))

    async def list_subscriptions(self) -> models.PagePushSubscriptionOut:
        """List one's push subscriptions."""
        return cast("models.PagePushSubscriptionOut", await self._transport.ask("GET", "/push-subscriptions"))

    async def add_subscription(self, body: models.PushSubscriptionCreate) -> models.PushSubscriptionOut:
        """Add a push subscription."""
        return cast("models.PushSubscriptionOut", await self._transport.ask("POST", "/push-subscriptions", json=body))

    async def remove_subscription_by_endpoint(self, *, endpoint: str | None = None) -> None:
        """Remove the push subscription with an endpoint."""
        await self._transport.ask("DELETE", "/push-subscriptions", query={"endpoint": endpoint})

    async def remove_subscription(self, subscription_id: str) -> None:
        """Remove a push subscription."""
        await self._transport.ask("DELETE", f"/push-subscriptions/{segment(subscription_id)}")


class AsyncRoomMembers:
    """Room members."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_room_members(
        self, room_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> models.PageRoomMemberOut:
        """List a room's members."""
        return cast(
            "models.PageRoomMemberOut",
            await self._transport.ask(
                "GET", f"/rooms/{segment(room_id)}/members", query={"limit": limit, "cursor": cursor}
            ),
        )

    async def put_room_member(
        self, room_id: str, user_id: str, body: models.RoomMemberPut | None
    ) -> models.RoomMemberOut:
        """Add a member, or change their role."""
        return cast(
            "models.RoomMemberOut",
            await self._transport.ask("PUT", f"/rooms/{segment(room_id)}/members/{segment(user_id)}", json=body),
        )

    async def remove_room_member(self, room_id: str, user_id: str) -> None:
        """Remove a member, or leave."""
        await self._transport.ask("DELETE", f"/rooms/{segment(room_id)}/members/{segment(user_id)}")

    async def mute_room_member(self, room_id: str, user_id: str, body: models.MuteSet) -> models.RoomMemberOut:
        """Let a member only read."""
        return cast(
            "models.RoomMemberOut",
            await self._transport.ask("PUT", f"/rooms/{segment(room_id)}/members/{segment(user_id)}/mute", json=body),
        )

    async def unmute_room_member(self, room_id: str, user_id: str) -> models.RoomMemberOut:
        """Let a member write again."""
        return cast(
            "models.RoomMemberOut",
            await self._transport.ask("DELETE", f"/rooms/{segment(room_id)}/members/{segment(user_id)}/mute"),
        )

    async def list_bans(
        self, room_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> models.PageRoomMemberOut:
        """List who is banned."""
        return cast(
            "models.PageRoomMemberOut",
            await self._transport.ask(
                "GET", f"/rooms/{segment(room_id)}/bans", query={"limit": limit, "cursor": cursor}
            ),
        )

    async def ban_room_member(self, room_id: str, user_id: str) -> None:
        """Ban a member."""
        await self._transport.ask("PUT", f"/rooms/{segment(room_id)}/bans/{segment(user_id)}")

    async def lift_ban(self, room_id: str, user_id: str) -> None:
        """Lift a ban."""
        await self._transport.ask("DELETE", f"/rooms/{segment(room_id)}/bans/{segment(user_id)}")


class AsyncRooms:
    """Rooms."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_rooms(self, *, limit: int | None = None, cursor: str | None = None) -> models.PageRoomOut:
        """List one's rooms."""
        return cast(
            "models.PageRoomOut", await self._transport.ask("GET", "/rooms", query={"limit": limit, "cursor": cursor})
        )

    async def create_room(self, body: models.RoomCreate) -> models.RoomOut:
        """Create a room."""
        return cast("models.RoomOut", await self._transport.ask("POST", "/rooms", json=body))

    async def list_public_rooms(
        self, *, q: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> models.PageRoomOut:
        """Find public rooms."""
        return cast(
            "models.PageRoomOut",
            await self._transport.ask("GET", "/rooms/public", query={"q": q, "limit": limit, "cursor": cursor}),
        )

    async def get_room(self, room_id: str) -> models.RoomOut:
        """Get a room."""
        return cast("models.RoomOut", await self._transport.ask("GET", f"/rooms/{segment(room_id)}"))

    async def change_room(
        self, room_id: str, body: models.RoomChange, *, if_match: str | None = None
    ) -> models.RoomOut:
        """Rename, describe, slow down or archive a room."""
        return cast(
            "models.RoomOut",
            await self._transport.ask("PATCH", f"/rooms/{segment(room_id)}", json=body, headers={"If-Match": if_match}),
        )

    async def join_room(self, room_id: str) -> models.RoomOut:
        """Join a public room."""
        return cast("models.RoomOut", await self._transport.ask("POST", f"/rooms/{segment(room_id)}/join"))

    async def leave_room(self, room_id: str) -> None:
        """Leave a room."""
        await self._transport.ask("POST", f"/rooms/{segment(room_id)}/leave")

    async def open_direct_room(self, body: models.DirectMessageCreate) -> models.RoomOut:
        """Open the conversation with somebody."""
        return cast("models.RoomOut", await self._transport.ask("POST", "/direct-messages", json=body))

    async def create_group(self, body: models.GroupCreate) -> models.RoomOut:
        """Begin a conversation of several people."""
        return cast("models.RoomOut", await self._transport.ask("POST", "/groups", json=body))


class AsyncShortDomains:
    """Short domains."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_short_domains(self) -> models.SeptetKernelHttpPagingPageDomainOut2:
        """List the domains for short links."""
        return cast("models.SeptetKernelHttpPagingPageDomainOut2", await self._transport.ask("GET", "/links/domains"))

    async def claim_short_domain(self, body: models.DomainClaim) -> models.LinksDomainOut:
        """Claim a domain for short links."""
        return cast("models.LinksDomainOut", await self._transport.ask("POST", "/links/domains", json=body))

    async def verify_short_domain(self, domain_id: str) -> models.LinksDomainOut:
        """Verify a domain by its DNS TXT record."""
        return cast(
            "models.LinksDomainOut", await self._transport.ask("POST", f"/links/domains/{segment(domain_id)}/verify")
        )

    async def remove_short_domain(self, domain_id: str) -> None:
        """Give up a domain."""
        await self._transport.ask("DELETE", f"/links/domains/{segment(domain_id)}")

    async def report_link(self, link_id: str, body: models.ReportCreate) -> models.ReportOut:
        """Report a link as abusive; needs no account."""
        return cast(
            "models.ReportOut", await self._transport.ask("POST", f"/links/{segment(link_id)}/report", json=body)
        )

    async def list_reports(
        self, link_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> models.PageReportOut:
        """List a link's reports."""
        return cast(
            "models.PageReportOut",
            await self._transport.ask(
                "GET", f"/links/{segment(link_id)}/reports", query={"limit": limit, "cursor": cursor}
            ),
        )


class AsyncSuppressions:
    """Suppressions."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def take_mail_events(self, body: models.MailEvents) -> models.MailEventsTaken:
        """Report bounces, complaints and deliveries, as a provider's webhook does."""
        return cast("models.MailEventsTaken", await self._transport.ask("POST", "/mail-events", json=body))

    async def take_inbound_mail(
        self, content: bytes | str, content_type: str = "message/rfc822"
    ) -> models.MailEventsTaken:
        """Hand in a bounce or complaint as it came by mail (RFC 3464, RFC 5965)."""
        return cast(
            "models.MailEventsTaken",
            await self._transport.ask("POST", "/mail-events/inbound", content=content, content_type=content_type),
        )

    async def list_suppressions(
        self, *, limit: int | None = None, cursor: str | None = None
    ) -> models.PageSuppressionOut:
        """List suppressed addresses."""
        return cast(
            "models.PageSuppressionOut",
            await self._transport.ask("GET", "/suppressions", query={"limit": limit, "cursor": cursor}),
        )

    async def add_suppression(self, body: models.SuppressionCreate) -> models.SuppressionOut:
        """Suppress an address."""
        return cast("models.SuppressionOut", await self._transport.ask("POST", "/suppressions", json=body))

    async def remove_suppression(self, email: str) -> None:
        """Send to an address again."""
        await self._transport.ask("DELETE", f"/suppressions/{segment(email)}")


class AsyncTasks:
    """Tasks."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_tasks(
        self,
        project_id: str,
        *,
        sort: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        status: list[str] | None = None,
        assignee_id: str | Literal["none"] | None = None,
        label: list[str] | None = None,
        priority: Literal["none", "urgent", "high", "medium", "low"] | None = None,
        parent_id: str | None = None,
        due_before: str | None = None,
        q: str | None = None,
        archived: bool | None = None,
    ) -> models.PageTaskOut:
        """List a project's tasks."""
        return cast(
            "models.PageTaskOut",
            await self._transport.ask(
                "GET",
                f"/projects/{segment(project_id)}/tasks",
                query={
                    "sort": sort,
                    "limit": limit,
                    "cursor": cursor,
                    "status": status,
                    "assigneeId": assignee_id,
                    "label": label,
                    "priority": priority,
                    "parentId": parent_id,
                    "dueBefore": due_before,
                    "q": q,
                    "archived": archived,
                },
            ),
        )

    async def create_task(self, project_id: str, body: models.TaskCreate) -> models.TaskOut:
        """Create a task."""
        return cast(
            "models.TaskOut", await self._transport.ask("POST", f"/projects/{segment(project_id)}/tasks", json=body)
        )

    async def get_task(self, task_id: str) -> models.TaskOut:
        """Get a task."""
        return cast("models.TaskOut", await self._transport.ask("GET", f"/tasks/{segment(task_id)}"))

    async def change_task(
        self, task_id: str, body: models.TaskChange, *, if_match: str | None = None
    ) -> models.TaskOut:
        """Change, archive or restore a task."""
        return cast(
            "models.TaskOut",
            await self._transport.ask("PATCH", f"/tasks/{segment(task_id)}", json=body, headers={"If-Match": if_match}),
        )

    async def delete_task(self, task_id: str) -> None:
        """Delete a task; its sub-tasks stay."""
        await self._transport.ask("DELETE", f"/tasks/{segment(task_id)}")

    async def change_tasks(self, body: models.TaskBulkChange) -> models.PageTaskOut:
        """Make one change to several tasks: all or none."""
        return cast("models.PageTaskOut", await self._transport.ask("POST", "/tasks/bulk", json=body))

    async def move_task(self, task_id: str, body: models.TaskMove) -> models.TaskOut:
        """Put a task before or after another one, or into another column."""
        return cast("models.TaskOut", await self._transport.ask("POST", f"/tasks/{segment(task_id)}/move", json=body))

    async def list_comments(
        self, task_id: str, *, limit: int | None = None, cursor: str | None = None
    ) -> models.PageCommentOut:
        """List a task's comments, oldest first."""
        return cast(
            "models.PageCommentOut",
            await self._transport.ask(
                "GET", f"/tasks/{segment(task_id)}/comments", query={"limit": limit, "cursor": cursor}
            ),
        )

    async def add_comment(self, task_id: str, body: models.CommentWrite) -> models.CommentOut:
        """Comment on a task."""
        return cast(
            "models.CommentOut", await self._transport.ask("POST", f"/tasks/{segment(task_id)}/comments", json=body)
        )

    async def change_comment(self, comment_id: str, body: models.CommentWrite) -> models.CommentOut:
        """Change one's comment."""
        return cast(
            "models.CommentOut", await self._transport.ask("PATCH", f"/comments/{segment(comment_id)}", json=body)
        )

    async def delete_comment(self, comment_id: str) -> None:
        """Delete a comment: one's own, or as an administrator any."""
        await self._transport.ask("DELETE", f"/comments/{segment(comment_id)}")

    async def list_attachments(self, task_id: str) -> models.PageAttachmentOut:
        """List a task's links."""
        return cast(
            "models.PageAttachmentOut", await self._transport.ask("GET", f"/tasks/{segment(task_id)}/attachments")
        )

    async def attach(self, task_id: str, body: models.AttachmentCreate) -> models.AttachmentOut:
        """Attach a link to a task."""
        return cast(
            "models.AttachmentOut",
            await self._transport.ask("POST", f"/tasks/{segment(task_id)}/attachments", json=body),
        )

    async def detach(self, task_id: str, attachment_id: str) -> None:
        """Take a link off a task."""
        await self._transport.ask("DELETE", f"/tasks/{segment(task_id)}/attachments/{segment(attachment_id)}")


class AsyncTemplates:
    """Templates."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_templates(self, *, limit: int | None = None, cursor: str | None = None) -> models.PageTemplateOut:
        """List templates; the built-in ones stand on the last page."""
        return cast(
            "models.PageTemplateOut",
            await self._transport.ask("GET", "/templates", query={"limit": limit, "cursor": cursor}),
        )

    async def create_template(self, body: models.TemplateCreate) -> models.TemplateOut:
        """Create a template's draft."""
        return cast("models.TemplateOut", await self._transport.ask("POST", "/templates", json=body))

    async def get_template(self, key: str) -> models.TemplateOut:
        """Get a template."""
        return cast("models.TemplateOut", await self._transport.ask("GET", f"/templates/{segment(key)}"))

    async def put_template(
        self, key: str, body: models.TemplatePut, *, if_match: str | None = None
    ) -> models.TemplateOut:
        """Replace a template's draft."""
        return cast(
            "models.TemplateOut",
            await self._transport.ask("PUT", f"/templates/{segment(key)}", json=body, headers={"If-Match": if_match}),
        )

    async def delete_template(self, key: str) -> None:
        """Remove a template."""
        await self._transport.ask("DELETE", f"/templates/{segment(key)}")

    async def preview_template(self, key: str, body: models.TemplatePreview) -> models.PreviewOut:
        """Render a template with data."""
        return cast(
            "models.PreviewOut", await self._transport.ask("POST", f"/templates/{segment(key)}/preview", json=body)
        )

    async def publish_template(self, key: str) -> models.TemplateVersionOut:
        """Publish the draft."""
        return cast(
            "models.TemplateVersionOut", await self._transport.ask("POST", f"/templates/{segment(key)}/publish")
        )

    async def list_versions(
        self, key: str, *, limit: int | None = None, cursor: str | None = None
    ) -> models.PageTemplateVersionOut:
        """List the published versions."""
        return cast(
            "models.PageTemplateVersionOut",
            await self._transport.ask(
                "GET", f"/templates/{segment(key)}/versions", query={"limit": limit, "cursor": cursor}
            ),
        )

    async def get_branding(self) -> models.BrandingBody:
        """Get layout and partials."""
        return cast("models.BrandingBody", await self._transport.ask("GET", "/branding"))

    async def put_branding(self, body: models.BrandingBody) -> models.BrandingBody:
        """Set layout and partials."""
        return cast("models.BrandingBody", await self._transport.ask("PUT", "/branding", json=body))


class AsyncWebhooks:
    """Webhooks."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def list_endpoints(self, *, limit: int | None = None, cursor: str | None = None) -> models.PageEndpointOut:
        """List the webhook endpoints."""
        return cast(
            "models.PageEndpointOut",
            await self._transport.ask("GET", "/webhook-endpoints", query={"limit": limit, "cursor": cursor}),
        )

    async def create_endpoint(self, body: models.EndpointCreate) -> models.EndpointIssued:
        """Add a webhook endpoint."""
        return cast("models.EndpointIssued", await self._transport.ask("POST", "/webhook-endpoints", json=body))

    async def get_endpoint(self, endpoint_id: str) -> models.EndpointOut:
        """Get a webhook endpoint."""
        return cast(
            "models.EndpointOut", await self._transport.ask("GET", f"/webhook-endpoints/{segment(endpoint_id)}")
        )

    async def change_endpoint(self, endpoint_id: str, body: models.EndpointChange) -> models.EndpointOut:
        """Change a webhook endpoint."""
        return cast(
            "models.EndpointOut",
            await self._transport.ask("PATCH", f"/webhook-endpoints/{segment(endpoint_id)}", json=body),
        )

    async def delete_endpoint(self, endpoint_id: str) -> None:
        """Remove a webhook endpoint with its log."""
        await self._transport.ask("DELETE", f"/webhook-endpoints/{segment(endpoint_id)}")

    async def rotate_secret(self, endpoint_id: str, body: models.SecretRotate | None) -> models.EndpointIssued:
        """Rotate the secret; the old one signs too for a while."""
        return cast(
            "models.EndpointIssued",
            await self._transport.ask("POST", f"/webhook-endpoints/{segment(endpoint_id)}/rotate-secret", json=body),
        )

    async def ping_endpoint(self, endpoint_id: str) -> models.Replayed:
        """Send a test webhook."""
        return cast(
            "models.Replayed", await self._transport.ask("POST", f"/webhook-endpoints/{segment(endpoint_id)}/ping")
        )

    async def list_webhook_deliveries(
        self,
        endpoint_id: str,
        *,
        status: Literal["queued", "delivered", "failed"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> models.PageWebhookDeliveryOut:
        """The delivery log: every webhook with its attempts, request and response."""
        return cast(
            "models.PageWebhookDeliveryOut",
            await self._transport.ask(
                "GET",
                f"/webhook-endpoints/{segment(endpoint_id)}/deliveries",
                query={"status": status, "limit": limit, "cursor": cursor},
            ),
        )

    async def replay(self, endpoint_id: str, body: models.ReplayRange) -> models.Replayed:
        """Send a range again."""
        return cast(
            "models.Replayed",
            await self._transport.ask("POST", f"/webhook-endpoints/{segment(endpoint_id)}/replay", json=body),
        )

    async def retry_webhook(self, delivery_id: str) -> models.WebhookDeliveryOut:
        """Send one again."""
        return cast(
            "models.WebhookDeliveryOut",
            await self._transport.ask("POST", f"/webhook-deliveries/{segment(delivery_id)}/retry"),
        )

    async def list_event_types(self) -> models.PageEventTypeOut:
        """Events that webhooks can carry, with an example of each."""
        return cast("models.PageEventTypeOut", await self._transport.ask("GET", "/event-types"))


class AsyncCalls:
    """All parts of the API."""

    def __init__(self, transport: AsyncTransport) -> None:
        self.api_keys = AsyncAPIKeys(transport)
        self.accounts = AsyncAccounts(transport)
        self.audit_log = AsyncAuditLog(transport)
        self.billing = AsyncBilling(transport)
        self.click_statistics = AsyncClickStatistics(transport)
        self.domains = AsyncDomains(transport)
        self.feature_flags = AsyncFeatureFlags(transport)
        self.inbox = AsyncInbox(transport)
        self.invitations = AsyncInvitations(transport)
        self.limits = AsyncLimits(transport)
        self.link_files = AsyncLinkFiles(transport)
        self.links = AsyncLinks(transport)
        self.logs = AsyncLogs(transport)
        self.mailbox = AsyncMailbox(transport)
        self.members = AsyncMembers(transport)
        self.messages = AsyncMessages(transport)
        self.notifications = AsyncNotifications(transport)
        self.organizations = AsyncOrganizations(transport)
        self.payments = AsyncPayments(transport)
        self.platform = AsyncPlatform(transport)
        self.preferences = AsyncPreferences(transport)
        self.presence_and_read_state = AsyncPresenceAndReadState(transport)
        self.projects = AsyncProjects(transport)
        self.push = AsyncPush(transport)
        self.room_members = AsyncRoomMembers(transport)
        self.rooms = AsyncRooms(transport)
        self.short_domains = AsyncShortDomains(transport)
        self.suppressions = AsyncSuppressions(transport)
        self.tasks = AsyncTasks(transport)
        self.templates = AsyncTemplates(transport)
        self.webhooks = AsyncWebhooks(transport)
