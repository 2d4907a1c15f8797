"""What travels: dictionaries, as they are on the wire. Written by docs/make_client.py; do not edit."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

Json = dict[str, Any]


class AccountDeletion(TypedDict):
    """The end of an account."""

    password: NotRequired[str | None]


class AccountEventOut(TypedDict):
    """Something that happened to the account."""

    id: str
    at: str
    action: str
    address: str
    device: str
    details: Json


class ActivityOut(TypedDict):
    """Something that was done."""

    id: str
    at: str
    actorId: str | None
    actorName: str
    verb: str
    projectId: str | None
    taskId: str | None
    changes: dict[str, list[Any]]


class AlertCreate(TypedDict):
    """Tell when more lines than a threshold match within a window."""

    name: str
    query: NotRequired[SearchQuery | None]
    searchId: NotRequired[str | None]
    windowSeconds: NotRequired[int]
    threshold: NotRequired[int]


class AlertOut(TypedDict):
    """An alert."""

    id: str
    name: str
    query: SearchQuery
    windowSeconds: int
    threshold: int
    state: Literal["calm", "firing"]
    firedAt: str | None
    lastCount: int
    createdAt: str


class ApiKeyCreate(TypedDict):
    """A new API key."""

    name: str
    scopes: list[str]
    expiresAt: NotRequired[str | None]


class ApiKeyIssued(TypedDict):
    """A new API key; `key` is shown only now."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    createdAt: str
    expiresAt: str | None
    replacedBy: str | None
    lastUsedAt: str | None
    key: str


class ApiKeyOut(TypedDict):
    """An API key; the key itself is not stored."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    createdAt: str
    expiresAt: str | None
    replacedBy: str | None
    lastUsedAt: str | None


class ApiKeyRotate(TypedDict):
    """How to replace a key."""

    overlapSeconds: NotRequired[int]


class AttachmentCreate(TypedDict):
    """A link to something kept elsewhere."""

    url: str
    title: str


class AttachmentOut(TypedDict):
    """A link on a task."""

    id: str
    url: str
    title: str
    createdBy: str | None
    createdAt: str


class AuditEventOut(TypedDict):
    """An entry of the audit log."""

    id: str
    at: str
    action: str
    actorKind: str
    actorId: str | None
    actorName: str
    targetId: str | None
    address: str
    details: Json


class Authenticated(TypedDict):
    """Who logged in, and their session."""

    user: UserOut
    session: SessionIssued


class BalanceOut(TypedDict):
    """What an account of the ledger holds in one currency."""

    account: str
    currency: str
    debit: int
    credit: int
    balance: int


class Balances(TypedDict):
    """The ledger's balances."""

    data: list[BalanceOut]


class BatchIn(TypedDict):
    """Several checks, each decided on its own, in order."""

    checks: list[CheckIn]


class BatchOut(TypedDict):
    """The decisions."""

    results: list[CheckOut]


class BillingChange(TypedDict):
    """What to subscribe to."""

    plan: str
    seats: NotRequired[int | None]
    interval: NotRequired[Literal["month", "year"] | None]


class BillingOut(TypedDict):
    """What the organization subscribes to."""

    plan: str
    interval: Literal["month", "year"]
    status: Literal["active", "trialing", "past_due", "restricted"]
    seats: SeatsOut
    currentPeriod: PeriodOut | None
    renewalDate: str | None
    trialEndsAt: str | None
    pendingChange: PendingChange | None
    creditBalance: int
    currency: str


class BrandingBody(TypedDict):
    """Layout and partials of the organization."""

    layout: NotRequired[Layout]
    partials: NotRequired[Json]


class Bucket(TypedDict):
    """The lines of one step of time."""

    at: str
    count: int
    levels: dict[str, int]


class Capture(TypedDict):
    """Take what was authorized."""

    amount: NotRequired[int | None]


class Card(TypedDict):
    """A card. It is handed to the provider and never stored."""

    number: str
    expMonth: int
    expYear: int
    cvc: NotRequired[str | None]


class CardMethod(TypedDict):
    """A card as a payment method."""

    card: Card


class CategoryBody(TypedDict):
    """The rules of a category."""

    required: NotRequired[bool]
    critical: NotRequired[bool]
    throttleLimit: NotRequired[int | None]
    throttleWindowSeconds: NotRequired[int | None]
    digestWindowSeconds: NotRequired[int | None]


class CategoryOut(TypedDict):
    """A category and its rules."""

    required: NotRequired[bool]
    critical: NotRequired[bool]
    throttleLimit: NotRequired[int | None]
    throttleWindowSeconds: NotRequired[int | None]
    digestWindowSeconds: NotRequired[int | None]
    name: str
    builtIn: bool


class ChannelChoice(TypedDict):
    """What is wanted of one category; a channel left away is on."""

    inApp: NotRequired[bool | None]
    email: NotRequired[bool | None]
    push: NotRequired[bool | None]


class Channels(TypedDict):
    """What the template says, by channel and locale."""

    inApp: NotRequired[Json]
    email: NotRequired[Json]
    push: NotRequired[Json]


class CheckIn(TypedDict):
    """May this user do this now?."""

    apiKey: str
    route: str
    userId: str
    cost: NotRequired[int]
    method: NotRequired[str | None]
    plan: NotRequired[str | None]


class CheckOut(TypedDict):
    """The decision and the rule that binds."""

    allowed: bool
    limit: int | None
    remaining: int | None
    resetAfterMs: int | None
    retryAfterMs: NotRequired[int | None]
    rule: str | None
    ruleId: str | None
    reason: str


class ClickOut(TypedDict):
    """A click."""

    id: str
    linkId: str
    at: str
    classification: Literal["human", "bot", "preview", "duplicate"]
    reason: str
    referrer: str
    browser: str
    operatingSystem: str
    device: str
    language: str
    country: str
    utmSource: str
    utmMedium: str
    utmCampaign: str
    variant: int


class ClockAdvance(TypedDict):
    """By how much to move the virtual clock."""

    seconds: float


class ClockNow(TypedDict):
    """The time of the virtual clock."""

    now: str


class CommentOut(TypedDict):
    """A comment."""

    id: str
    taskId: str
    authorId: str | None
    authorName: str
    body: str
    createdAt: str
    editedAt: str | None


class CommentWrite(TypedDict):
    """What to say."""

    body: str


class Confirm(TypedDict):
    """Attempt the payment."""

    paymentMethod: str | CardMethod
    returnUrl: NotRequired[str | None]


class Content(TypedDict):
    """A message as it is, without a template; text is taken literally."""

    title: str
    body: str
    link: NotRequired[str | None]


class ContextOut(TypedDict):
    """A line with its neighbours in time, of the same service and host."""

    before: list[LineOut]
    line: LineOut
    after: list[LineOut]
    partial: bool


class CreatedLink(TypedDict):
    """What became of one of many links."""

    index: int
    link: LinkOut | None
    error: FailedLink | None


class CreatedLinks(TypedDict):
    """What became of many links: each is made or refused for itself."""

    created: int
    failed: int
    results: list[CreatedLink]


class CursorOut(TypedDict):
    """A member's read cursor."""

    userId: str
    seq: int


class CursorsOut(TypedDict):
    """The read cursors of a small room's members."""

    data: list[CursorOut]


class DayCount(TypedDict):
    """The clicks of a day."""

    date: str
    clicks: int
    visitors: int


class DayOfUsage(TypedDict):
    """What was used on a day."""

    day: str
    used: dict[str, int]


class DeadLetterOut(TypedDict):
    """A request that ClickHouse refused for good."""

    id: str
    receivedAt: str
    service: str
    lines: int
    bytes: int
    fault: str
    beginning: str


class DeadLetters(TypedDict):
    """Requests that wait for somebody to look at them."""

    data: list[DeadLetterOut]
    nextCursor: str | None


class DeliveryOut(TypedDict):
    """One recipient on one channel."""

    id: str
    notificationId: str
    recipient: str
    channel: Literal["inApp", "email", "push", "webhook"]
    status: str
    reason: NotRequired[str | None]
    locale: NotRequired[str | None]
    attempts: NotRequired[int]


class DirectMessageCreate(TypedDict):
    """A conversation of two people."""

    userId: str


class Discrepancy(TypedDict):
    """One difference between our ledger and the provider's balance transactions."""

    kind: Literal["missing_here", "missing_there", "amount_differs", "duplicate", "late"]
    paymentId: str | None
    providerId: str | None
    currency: str
    expected: int | None
    found: int | None
    explanation: str
    repairable: bool


class DomainClaim(TypedDict):
    """A domain to use for short links."""

    host: str


class DomainCreate(TypedDict):
    """A mail domain to be proven."""

    domain: str


class Draw(TypedDict):
    """A decision whether a fault happens."""

    sequence: int
    operation: str
    kind: str
    draw: float
    applied: bool


class EditOut(TypedDict):
    """A body that a message had."""

    body: str
    replacedAt: str


class EmailChange(TypedDict):
    """Another e-mail address."""

    email: str
    password: NotRequired[str | None]


class EmailText(TypedDict):
    """A mail in one language; ICU MessageFormat."""

    subject: str
    html: NotRequired[str | None]
    mjml: NotRequired[str | None]
    text: NotRequired[str | None]


class EmailVerification(TypedDict):
    """Proof that mail to the address is read."""

    token: str


class EndpointChange(TypedDict):
    """What to change; fields left away stay."""

    url: NotRequired[str | None]
    events: NotRequired[list[str] | None]
    description: NotRequired[str | None]
    enabled: NotRequired[bool | None]


class EndpointCreate(TypedDict):
    """A new endpoint."""

    url: str
    events: NotRequired[list[str]]
    secret: NotRequired[str | None]
    description: NotRequired[str]


class EndpointIssued(TypedDict):
    """An endpoint with its secret, which is shown only now."""

    id: str
    url: str
    events: list[str]
    description: str
    enabled: bool
    disabledReason: str | None
    publicKey: str
    createdAt: str
    secret: str


class EndpointOut(TypedDict):
    """A webhook endpoint."""

    id: str
    url: str
    events: list[str]
    description: str
    enabled: bool
    disabledReason: str | None
    publicKey: str
    createdAt: str


class EventTypeOut(TypedDict):
    """An event that webhooks can carry."""

    type: str
    version: int
    description: str
    example: Json


class ExportOut(TypedDict):
    """An archive of the organization."""

    id: str
    status: Literal["running", "ready"]
    createdAt: str
    expiresAt: str
    downloadUrl: str | None


class ExternalIdentityOut(TypedDict):
    """An account elsewhere that signs the caller in."""

    issuer: str
    subject: str
    createdAt: str


class FacetOut(TypedDict):
    """The most frequent values of a field."""

    field: str
    values: list[FacetValue]
    partial: bool
    partialReason: NotRequired[str | None]


class FacetValue(TypedDict):
    """A value and how often it occurs."""

    value: str
    count: int


class FailedLink(TypedDict):
    """Why a link was not made."""

    code: str
    detail: str


class FaultOut(TypedDict):
    """Something that goes wrong at the fake provider."""

    operation: NotRequired[str]
    kind: str
    probability: NotRequired[float | None]
    next: NotRequired[int | None]
    delayMs: NotRequired[int | None]
    seed: NotRequired[int]
    id: str
    draws: int


class FaultWanted(TypedDict):
    """Something that is to go wrong at the fake provider."""

    operation: NotRequired[str]
    kind: str
    probability: NotRequired[float | None]
    next: NotRequired[int | None]
    delayMs: NotRequired[int | None]
    seed: NotRequired[int]


class Faults(TypedDict):
    """What goes wrong at the fake provider."""

    data: list[FaultOut]


class FeatureOut(TypedDict):
    """A flag's value for the caller."""

    key: str
    value: Any
    reason: str
    variant: str
    because: str
    description: str


class FieldErrorOut(TypedDict):
    """One thing wrong with the input."""

    field: str
    message: str


class FlagOut(TypedDict):
    """A flag of the organization."""

    key: str
    description: str
    enabled: bool
    value: Any
    offValue: Any
    percentage: float
    startsAt: str | None
    endsAt: str | None
    setBy: str
    updatedAt: str
    overrides: list[FlagOverrideOut]


class FlagOverrideOut(TypedDict):
    """One user's value."""

    targetingKey: str
    value: Any


class FlagOverridePut(TypedDict):
    """One user's value."""

    value: JsonValue


class FlagPut(TypedDict):
    """A flag of the organization."""

    description: NotRequired[str]
    enabled: NotRequired[bool]
    value: NotRequired[JsonValue]
    offValue: NotRequired[JsonValue]
    percentage: NotRequired[float | str]
    startsAt: NotRequired[str | None]
    endsAt: NotRequired[str | None]


class Forecast(TypedDict):
    """What would happen now on one channel."""

    recipient: str
    channel: Literal["inApp", "email", "push", "webhook"]
    outcome: str
    reason: str
    detail: NotRequired[Json | None]
    locale: NotRequired[str | None]
    title: NotRequired[str | None]
    body: NotRequired[str | None]
    html: NotRequired[str | None]


class FoundMessage(TypedDict):
    """A search hit."""

    message: MessageOut
    highlight: str
    rank: float


class GroupCreate(TypedDict):
    """A conversation of several people without a name of its own."""

    userIds: list[str]
    name: NotRequired[str | None]


class HTTPValidationError(TypedDict):
    """."""

    detail: NotRequired[list[ValidationError]]


class Health(TypedDict):
    """Whether the process lives, or which engine does not answer."""

    status: str
    engines: NotRequired[dict[str, str]]


class HistogramOut(TypedDict):
    """Lines over time."""

    buckets: list[Bucket]
    stepSeconds: int
    total: int
    partial: bool
    partialReason: NotRequired[str | None]


class HourCount(TypedDict):
    """The clicks of an hour."""

    at: str
    clicks: int
    visitors: int


class InAppText(TypedDict):
    """An inbox entry in one language; ICU MessageFormat."""

    title: str
    body: NotRequired[str]
    link: NotRequired[str | None]


class InboxEntryOut(TypedDict):
    """An entry of the caller's inbox."""

    id: str
    notificationId: str
    category: str
    title: str
    body: str
    link: str | None
    locale: str
    data: Json
    createdAt: str
    readAt: str | None
    archivedAt: str | None


class IngestAnswer(TypedDict):
    """What became of the lines of a request."""

    accepted: int
    rejected: int
    errors: list[RejectionOut]
    derived: NotRequired[list[LineOut] | None]


class InvitationAccept(TypedDict):
    """Acceptance: logged in as the invited address, or with its password, or with a new account for it."""

    token: str
    name: NotRequired[str | None]
    password: NotRequired[str | None]
    totpCode: NotRequired[str | None]


class InvitationAccepted(TypedDict):
    """Where the caller is a member now."""

    organizationId: str
    role: Role
    session: SessionIssued | None


class InvitationCreate(TypedDict):
    """Whom to invite."""

    email: str
    role: NotRequired[Role]


class InvitationOut(TypedDict):
    """An invitation; its token is only in the mail."""

    id: str
    email: str
    role: Role
    status: Literal["pending", "accepted", "revoked", "expired"]
    invitedBy: str | None
    createdAt: str
    expiresAt: str
    resolvedAt: str | None


class InvoiceLine(TypedDict):
    """A line of an invoice; a credit is negative."""

    description: str
    quantity: int
    amount: int


class InvoiceOut(TypedDict):
    """An invoice."""

    id: str
    number: int
    status: Literal["open", "paid", "void"]
    reason: str
    currency: str
    lines: list[InvoiceLine]
    total: int
    creditUsed: int
    creditGiven: int
    amountDue: int
    periodStart: str
    periodEnd: str
    issuedAt: str
    dueAt: str
    paidAt: str | None
    lastFailure: str | None


JsonValue: TypeAlias = "Any"


class Layout(TypedDict):
    """What every HTML mail of the organization shares."""

    productName: NotRequired[str]
    logoUrl: NotRequired[str | None]
    color: NotRequired[str]
    footer: NotRequired[str]
    shortLinks: NotRequired[bool]
    html: NotRequired[str | None]


class LeaseIn(TypedDict):
    """Ask for a slot under the concurrency rules."""

    apiKey: str
    resource: str
    userId: NotRequired[str]
    plan: NotRequired[str | None]
    ttlMs: int


class LeaseOut(TypedDict):
    """The slot, or why there is none."""

    allowed: bool
    leaseId: str | None
    limit: NotRequired[int | None]
    remaining: NotRequired[int | None]
    retryAfterMs: NotRequired[int | None]
    rule: NotRequired[str | None]
    reason: str


class LedgerLine(TypedDict):
    """One line of the double-entry ledger."""

    account: str
    debit: int
    credit: int
    currency: str
    kind: str
    reference: str
    transactionId: str
    at: str


class LineOut(TypedDict):
    """One log line."""

    id: str
    timestamp: str
    timestampFrom: Literal["line", "arrival"]
    receivedAt: str
    level: Literal["trace", "debug", "info", "warn", "error", "fatal"]
    service: str
    host: str
    traceId: str
    spanId: str
    message: str
    attributes: Json
    raw: str
    highlights: NotRequired[list[list[Any]] | None]


class LinePage(TypedDict):
    """Lines, and whether they are all."""

    data: list[LineOut]
    nextCursor: str | None
    partial: bool
    partialReason: NotRequired[str | None]


class LinkChange(TypedDict):
    """What to change; fields left away stay, null takes a value away."""

    title: NotRequired[str]
    notes: NotRequired[str]
    tags: NotRequired[list[str]]
    redirectStatus: NotRequired[Literal[301, 302, 307]]
    forwardQuery: NotRequired[bool]
    startsAt: NotRequired[str | None]
    expiresAt: NotRequired[str | None]
    maxClicks: NotRequired[int | None]
    fallbackUrl: NotRequired[str | None]
    utm: NotRequired[Utm]
    targets: NotRequired[list[Target]]
    url: NotRequired[str]
    alias: NotRequired[str | None]
    password: NotRequired[str | None]
    archived: NotRequired[bool]


class LinkCreate(TypedDict):
    """A new link."""

    title: NotRequired[str]
    notes: NotRequired[str]
    tags: NotRequired[list[str]]
    redirectStatus: NotRequired[Literal[301, 302, 307]]
    forwardQuery: NotRequired[bool]
    startsAt: NotRequired[str | None]
    expiresAt: NotRequired[str | None]
    maxClicks: NotRequired[int | None]
    fallbackUrl: NotRequired[str | None]
    utm: NotRequired[Utm]
    targets: NotRequired[list[Target]]
    url: str
    alias: NotRequired[str | None]
    domain: NotRequired[str | None]
    password: NotRequired[str | None]


class LinkDisable(TypedDict):
    """Why a link is disabled."""

    reason: str


class LinkOut(TypedDict):
    """A link."""

    id: str
    code: str
    domain: str | None
    shortUrl: str
    url: str
    title: str
    notes: str
    tags: list[str]
    status: Literal["active", "archived", "disabled"]
    disabledReason: str | None
    redirectStatus: int
    forwardQuery: bool
    startsAt: str | None
    expiresAt: str | None
    maxClicks: int | None
    hasPassword: bool
    fallbackUrl: str | None
    utm: Utm
    targets: list[Target]
    createdAt: str
    updatedAt: str
    clicks: NotRequired[int | None]


class LinksCreate(TypedDict):
    """Many new links."""

    links: list[LinkCreate]


class LogIn(TypedDict):
    """Credentials."""

    email: str
    password: str
    totpCode: NotRequired[str | None]


class MailEvent(TypedDict):
    """What a mail provider reports about an address."""

    type: Literal["bounce", "complaint", "delivered"]
    email: str
    permanent: NotRequired[bool]
    deliveryId: NotRequired[str | None]
    detail: NotRequired[str]


class MailEvents(TypedDict):
    """A batch of reports."""

    events: list[MailEvent]


class MailEventsTaken(TypedDict):
    """What became of the reports."""

    suppressed: int
    recorded: int


MailOut = TypedDict(
    "MailOut",
    {
        "id": "str",
        "to": "str",
        "subject": "str",
        "sentAt": "str",
        "from": "str",
        "headers": "dict[str, str]",
        "text": "str | None",
        "html": "str | None",
        "attachments": "list[str]",
        "raw": "str",
    },
)
"""A mail, taken apart."""


class MailSummary(TypedDict):
    """A mail in the development mailbox."""

    id: str
    to: str
    subject: str
    sentAt: str


class MaskCreate(TypedDict):
    """Something to hide in every line before it is stored: a known kind, or a regular expression."""

    name: str
    kind: NotRequired[Literal["card", "email", "token"] | None]
    pattern: NotRequired[str | None]
    replacement: NotRequired[str | None]


class MaskOut(TypedDict):
    """A masking rule."""

    id: str
    name: str
    pattern: str
    replacement: str
    createdAt: str


class Me(TypedDict):
    """The caller and their organizations."""

    user: UserOut
    memberships: list[MembershipOut]


class MemberOut(TypedDict):
    """A member of the organization."""

    userId: str
    email: str
    name: str
    role: Role
    joinedAt: str


class MembershipOut(TypedDict):
    """An organization of the caller."""

    organizationId: str
    slug: str
    name: str
    role: Role
    deletionDueAt: str | None


class MessageChange(TypedDict):
    """Another body for a message."""

    body: str


class MessageOut(TypedDict):
    """A message. One that was deleted, or is older than the plan shows, keeps its place with an empty body."""

    roomId: str
    seq: int
    id: str
    kind: Literal["message", "system"]
    authorId: str
    clientMessageId: str
    body: str
    replyTo: str | None
    threadId: str | None
    mentions: list[str]
    mentionsRoom: bool
    attachments: list[Json]
    reactions: dict[str, list[str]]
    system: Json | None
    version: int
    sentAt: str
    editedAt: str | None
    deletedAt: str | None
    pinnedAt: str | None
    pinnedBy: str | None
    withheld: NotRequired[bool]


class MessageSend(TypedDict):
    """A message to send."""

    clientMessageId: str
    body: NotRequired[str]
    replyTo: NotRequired[str | None]
    attachments: NotRequired[list[ChatAttachment]]


class MuteSet(TypedDict):
    """Let somebody read only, for a while."""

    seconds: int


class NearLimit(TypedDict):
    """A counter near its limit."""

    ruleId: str
    rule: str | None
    userId: str
    peakPercent: int
    at: str


class NotificationAccepted(TypedDict):
    """A notification, accepted."""

    id: str
    status: str
    recipientCount: int
    deliveries: list[DeliveryOut]


class NotificationCreate(TypedDict):
    """What to tell whom, how and when."""

    template: NotRequired[str | None]
    content: NotRequired[Content | None]
    to: NotRequired[Recipient | None]
    recipients: NotRequired[list[Recipient] | None]
    channels: NotRequired[list[Literal["inApp", "email", "push", "webhook"]] | None]
    data: NotRequired[Json]
    locale: NotRequired[str | None]
    category: NotRequired[str | None]
    sendAt: NotRequired[str | None]
    digestKey: NotRequired[str | None]
    attachments: NotRequired[list[NotificationsAttachment]]
    key: NotRequired[str | None]


class NotificationOut(TypedDict):
    """A notification with all that is known of it."""

    id: str
    status: str
    recipientCount: int
    deliveries: list[DeliveryOut]
    template: str | None
    category: str
    channels: list[Literal["inApp", "email", "push", "webhook"]]
    sendAt: str
    createdAt: str
    digestId: NotRequired[str | None]
    counts: dict[str, int]
    trace: list[TraceEntry]


class NotificationPreview(TypedDict):
    """The answer to a dry run; nothing was stored or sent."""

    deliveries: list[Forecast]


class OfrepBulk(TypedDict):
    """All evaluations (OFREP)."""

    flags: list[OfrepEvaluation]


class OfrepEvaluation(TypedDict):
    """A successful evaluation (OFREP)."""

    key: str
    value: Any
    reason: str
    variant: str
    metadata: Json


class OrganizationChange(TypedDict):
    """What to change; fields left away stay."""

    name: NotRequired[str | None]
    slug: NotRequired[str | None]
    domainRole: NotRequired[Literal["ADMIN", "MEMBER"] | None]


class OrganizationCreate(TypedDict):
    """A new organization; the creator becomes its owner."""

    name: str
    slug: NotRequired[str | None]


class OrganizationOut(TypedDict):
    """An organization."""

    id: str
    name: str
    slug: str
    plan: str
    createdAt: str
    domainRole: Role | None
    deletionDueAt: str | None


class Override(TypedDict):
    """Another limit for one user, or for everybody on a plan; a user's goes before a plan's."""

    userId: NotRequired[str | None]
    plan: NotRequired[str | None]
    limit: int
    burst: NotRequired[int | None]


class OwnData(TypedDict):
    """All that is kept about the caller outside organizations."""

    user: UserOut
    sessions: list[SessionOut]
    memberships: list[MembershipOut]
    passkeys: list[PasskeyOut]
    externalIdentities: list[ExternalIdentityOut]
    events: list[AccountEventOut]


class OwnershipTransfer(TypedDict):
    """To whom an organization is handed over."""

    userId: str


class PageAccountEventOut(TypedDict):
    """."""

    data: list[AccountEventOut]
    nextCursor: str | None


class PageActivityOut(TypedDict):
    """."""

    data: list[ActivityOut]
    nextCursor: str | None


class PageAlertOut(TypedDict):
    """."""

    data: list[AlertOut]
    nextCursor: str | None


class PageApiKeyOut(TypedDict):
    """."""

    data: list[ApiKeyOut]
    nextCursor: str | None


class PageAttachmentOut(TypedDict):
    """."""

    data: list[AttachmentOut]
    nextCursor: str | None


class PageAuditEventOut(TypedDict):
    """."""

    data: list[AuditEventOut]
    nextCursor: str | None


class PageCategoryOut(TypedDict):
    """."""

    data: list[CategoryOut]
    nextCursor: str | None


class PageClickOut(TypedDict):
    """."""

    data: list[ClickOut]
    nextCursor: str | None


class PageCommentOut(TypedDict):
    """."""

    data: list[CommentOut]
    nextCursor: str | None


class PageDeliveryOut(TypedDict):
    """."""

    data: list[DeliveryOut]
    nextCursor: str | None


class PageEditOut(TypedDict):
    """."""

    data: list[EditOut]
    nextCursor: str | None


class PageEndpointOut(TypedDict):
    """."""

    data: list[EndpointOut]
    nextCursor: str | None


class PageEventTypeOut(TypedDict):
    """."""

    data: list[EventTypeOut]
    nextCursor: str | None


class PageFeatureOut(TypedDict):
    """."""

    data: list[FeatureOut]
    nextCursor: str | None


class PageFoundMessage(TypedDict):
    """."""

    data: list[FoundMessage]
    nextCursor: str | None


class PageInboxEntryOut(TypedDict):
    """."""

    data: list[InboxEntryOut]
    nextCursor: str | None


class PageInvitationOut(TypedDict):
    """."""

    data: list[InvitationOut]
    nextCursor: str | None


class PageInvoiceOut(TypedDict):
    """."""

    data: list[InvoiceOut]
    nextCursor: str | None


class PageLinkOut(TypedDict):
    """."""

    data: list[LinkOut]
    nextCursor: str | None


class PageMailSummary(TypedDict):
    """."""

    data: list[MailSummary]
    nextCursor: str | None


class PageMaskOut(TypedDict):
    """."""

    data: list[MaskOut]
    nextCursor: str | None


class PageMemberOut(TypedDict):
    """."""

    data: list[MemberOut]
    nextCursor: str | None


class PageMessageOut(TypedDict):
    """."""

    data: list[MessageOut]
    nextCursor: str | None


class PageNotificationOut(TypedDict):
    """."""

    data: list[NotificationOut]
    nextCursor: str | None


class PageOrganizationOut(TypedDict):
    """."""

    data: list[OrganizationOut]
    nextCursor: str | None


class PagePasskeyOut(TypedDict):
    """."""

    data: list[PasskeyOut]
    nextCursor: str | None


class PagePaymentOut(TypedDict):
    """."""

    data: list[PaymentOut]
    nextCursor: str | None


class PagePlanOut(TypedDict):
    """."""

    data: list[PlanOut]
    nextCursor: str | None


class PageProjectOut(TypedDict):
    """."""

    data: list[ProjectOut]
    nextCursor: str | None


class PagePushSubscriptionOut(TypedDict):
    """."""

    data: list[PushSubscriptionOut]
    nextCursor: str | None


class PageRefundOut(TypedDict):
    """."""

    data: list[RefundOut]
    nextCursor: str | None


class PageReportOut(TypedDict):
    """."""

    data: list[ReportOut]
    nextCursor: str | None


class PageRoomMemberOut(TypedDict):
    """."""

    data: list[RoomMemberOut]
    nextCursor: str | None


class PageRoomOut(TypedDict):
    """."""

    data: list[RoomOut]
    nextCursor: str | None


class PageRuleChangeOut(TypedDict):
    """."""

    data: list[RuleChangeOut]
    nextCursor: str | None


class PageRuleOut(TypedDict):
    """."""

    data: list[RuleOut]
    nextCursor: str | None


class PageSearchOut(TypedDict):
    """."""

    data: list[SearchOut]
    nextCursor: str | None


class PageSessionOut(TypedDict):
    """."""

    data: list[SessionOut]
    nextCursor: str | None


class PageSuppressionOut(TypedDict):
    """."""

    data: list[SuppressionOut]
    nextCursor: str | None


class PageTaskOut(TypedDict):
    """."""

    data: list[TaskOut]
    nextCursor: str | None


class PageTemplateOut(TypedDict):
    """."""

    data: list[TemplateOut]
    nextCursor: str | None


class PageTemplateVersionOut(TypedDict):
    """."""

    data: list[TemplateVersionOut]
    nextCursor: str | None


class PageWebhookDeliveryOut(TypedDict):
    """."""

    data: list[WebhookDeliveryOut]
    nextCursor: str | None


class PasskeyAnswer(TypedDict):
    """The browser's answer (`PublicKeyCredential.toJSON()`)."""

    challengeId: str
    credential: Json
    name: NotRequired[str]


class PasskeyOptions(TypedDict):
    """What the browser is to be asked, and the handle to answer with."""

    challengeId: str
    publicKey: Json


class PasskeyOut(TypedDict):
    """A passkey of the caller."""

    id: str
    name: str
    createdAt: str
    lastUsedAt: str | None


class PasswordChange(TypedDict):
    """Another password."""

    currentPassword: str
    newPassword: str


class PasswordForgotten(TypedDict):
    """Whose password is forgotten."""

    email: str


class PasswordReset(TypedDict):
    """A new password, by the mailed link."""

    token: str
    password: str


class PaymentCreate(TypedDict):
    """A new payment for an order."""

    orderId: str
    amount: int
    currency: str
    captureMethod: NotRequired[Literal["automatic", "manual"]]
    description: NotRequired[str | None]
    metadata: NotRequired[dict[str, str]]


class PaymentDetails(TypedDict):
    """A payment with its history."""

    id: str
    orderId: str
    amount: int
    currency: str
    status: PaymentsStatus
    detail: str
    capturedAmount: int
    refundedAmount: int
    captureMethod: str
    description: str | None
    metadata: dict[str, str]
    declineCode: str | None
    nextActionUrl: str | None
    providerId: str | None
    createdAt: str
    updatedAt: str
    transitions: list[TransitionOut]
    ledger: list[LedgerLine]
    refunds: list[RefundOut]


class PaymentOut(TypedDict):
    """A payment."""

    id: str
    orderId: str
    amount: int
    currency: str
    status: PaymentsStatus
    detail: str
    capturedAmount: int
    refundedAmount: int
    captureMethod: str
    description: str | None
    metadata: dict[str, str]
    declineCode: str | None
    nextActionUrl: str | None
    providerId: str | None
    createdAt: str
    updatedAt: str


class PaymentTotal(TypedDict):
    """What payments in one currency and status add up to, in the currency's smallest unit."""

    currency: str
    status: PaymentsStatus
    count: int
    amount: int
    capturedAmount: int
    refundedAmount: int


class PaymentTotals(TypedDict):
    """The payments that were made in a range of time, summed up."""

    data: list[PaymentTotal]


class PendingChange(TypedDict):
    """What will be changed when the period ends."""

    plan: str
    interval: Literal["month", "year"]
    seats: int
    effectiveAt: str


class PeriodOut(TypedDict):
    """From the start until before the end."""

    start: str
    end: str


class PlanOut(TypedDict):
    """A plan."""

    key: str
    pricePerSeat: dict[str, int]
    currency: str
    seatLimit: int
    features: dict[str, bool | int]


class Point(TypedDict):
    """Decisions of one step."""

    at: str
    allowed: int
    denied: int
    shadowDenied: int


class PreferencesBodyInput(TypedDict):
    """How somebody wants to be notified."""

    locale: NotRequired[str | None]
    timeZone: NotRequired[str]
    quietHours: NotRequired[QuietHoursInput | None]
    categories: NotRequired[Json]
    optOut: NotRequired[bool]


class PreferencesBodyOutput(TypedDict):
    """How somebody wants to be notified."""

    locale: NotRequired[str | None]
    timeZone: NotRequired[str]
    quietHours: NotRequired[QuietHoursOutput | None]
    categories: NotRequired[Json]
    optOut: NotRequired[bool]


class PresenceList(TypedDict):
    """Several people's presence."""

    data: list[PresenceOut]


class PresenceOut(TypedDict):
    """Whether somebody is there."""

    userId: str
    status: ChatStatus
    lastSeenAt: str | None


class PresenceSet(TypedDict):
    """How others see one; lasts while a client repeats it or a connection lives."""

    status: Literal["online", "away", "invisible"]


class PreviewOut(TypedDict):
    """The template, rendered for every channel it has."""

    messages: list[RenderedMessage]
    missing: list[str]


class ProblemOut(TypedDict):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: NotRequired[list[FieldErrorOut]]


class ProfileChange(TypedDict):
    """What to change; fields left away stay."""

    name: NotRequired[str | None]
    locale: NotRequired[str | None]


class ProjectChange(TypedDict):
    """What to change; fields left away stay."""

    name: NotRequired[str | None]
    description: NotRequired[str | None]
    statuses: NotRequired[list[TenancyStatus] | None]
    archived: NotRequired[bool | None]


class ProjectCreate(TypedDict):
    """A new project."""

    name: str
    key: NotRequired[str | None]
    description: NotRequired[str]


class ProjectOut(TypedDict):
    """A project."""

    id: str
    key: str
    name: str
    description: str
    statuses: list[TenancyStatus]
    archivedAt: str | None
    createdAt: str


class PushKeys(TypedDict):
    """The keys of a browser's push subscription."""

    p256dh: str
    auth: str


class PushSubscriptionCreate(TypedDict):
    """A browser (`PushSubscription.toJSON()`), or a device's FCM token."""

    endpoint: NotRequired[str | None]
    keys: NotRequired[PushKeys | None]
    expirationTime: NotRequired[float | None]
    fcmToken: NotRequired[str | None]


class PushSubscriptionOut(TypedDict):
    """A push subscription of the caller."""

    id: str
    kind: str
    endpoint: str
    createdAt: str


class PushTarget(TypedDict):
    """A browser's push subscription as `PushSubscription.toJSON()` gives it."""

    endpoint: str
    keys: PushKeys
    expirationTime: NotRequired[float | None]


class PushText(TypedDict):
    """A push message in one language; ICU MessageFormat."""

    title: str
    body: NotRequired[str]
    link: NotRequired[str | None]


class QuietHoursInput(TypedDict):
    """When not to disturb; what comes then is sent at the end. May pass midnight."""

    start: str
    end: str


class QuietHoursOutput(TypedDict):
    """When not to disturb; what comes then is sent at the end. May pass midnight."""

    start: str
    end: str


class QuotaOut(TypedDict):
    """What the plan allows of a metric."""

    metric: str
    used: int
    limit: int
    enforcement: Literal["soft", "hard"]


class QuoteOut(TypedDict):
    """What a change costs: to the minor unit what the invoice says."""

    lines: list[InvoiceLine]
    total: int
    creditUsed: int
    amountDue: int
    currency: str
    effectiveAt: str
    immediate: bool


class ReadAll(TypedDict):
    """What was marked."""

    read: int


class ReadOut(TypedDict):
    """Where the caller's cursor is now."""

    roomId: str
    userId: str
    seq: int
    unreadCount: int
    mentionCount: int


class ReadSet(TypedDict):
    """Move one's cursor forward."""

    seq: int


class Received(TypedDict):
    """The event is stored."""

    received: NotRequired[bool]


class Recipient(TypedDict):
    """One of a member, an e-mail address or a push subscription. `email` beside `userId` replaces their ad."""

    userId: NotRequired[str | None]
    email: NotRequired[str | None]
    pushSubscription: NotRequired[PushTarget | None]


class Reclassified(TypedDict):
    """Clicks that the rules are run over again."""

    scheduled: bool


ReconciliationReport = TypedDict(
    "ReconciliationReport",
    {"from": "str", "to": "str", "matched": "int", "discrepancies": "list[Discrepancy]", "totals": "list[Totals]"},
)
"""Our ledger beside the provider's balance transactions."""


class RecoveryCodes(TypedDict):
    """Each works once in place of a code; shown only now."""

    recoveryCodes: list[str]


class RefundCreate(TypedDict):
    """Give money back."""

    amount: NotRequired[int | None]
    reason: NotRequired[Literal["duplicate", "fraudulent", "requested_by_customer"] | None]


class RefundOut(TypedDict):
    """A refund."""

    id: str
    paymentId: str
    amount: int
    reason: str | None
    status: str
    failure: str | None
    providerId: str | None
    createdAt: str


class RejectionOut(TypedDict):
    """A line that was not taken."""

    index: int
    reason: str


class RenderedMessage(TypedDict):
    """A message as a recipient would get it."""

    channel: str
    locale: str
    fallback: bool
    title: str
    body: str
    html: NotRequired[str | None]
    link: NotRequired[str | None]


class RepairRequest(TypedDict):
    """A discrepancy to mend."""

    kind: Literal["missing_here", "missing_there", "amount_differs", "duplicate", "late"]
    paymentId: NotRequired[str | None]
    providerId: NotRequired[str | None]


ReplayIn = TypedDict("ReplayIn", {"rule": "RuleIn", "from": "str", "to": "str"})
"""Try a rule on what was recorded."""


class ReplayOut(TypedDict):
    """What the rule would have decided."""

    checks: int
    allowed: int
    denied: int
    deniedUsers: list[ReplayedUser]
    partial: bool


class ReplayRange(TypedDict):
    """Which deliveries to send again."""

    since: str
    until: NotRequired[str | None]
    onlyFailed: NotRequired[bool]


class Replayed(TypedDict):
    """What is being sent again."""

    count: int


class ReplayedUser(TypedDict):
    """One user in a replay."""

    userId: str
    route: str
    allowed: int
    denied: int


class ReportCreate(TypedDict):
    """A report of abuse."""

    reason: Literal["spam", "phishing", "malware", "illegal", "other"]
    details: NotRequired[str]


class ReportOut(TypedDict):
    """A report of abuse."""

    id: str
    reason: str
    details: str
    createdAt: str


class RetentionIO(TypedDict):
    """How long lines are kept, counted from their arrival."""

    days: int
    perService: NotRequired[dict[str, int]]
    maxBytes: NotRequired[int | None]
    maxBytesPerService: NotRequired[dict[str, int]]


Role: TypeAlias = "Literal['MEMBER', 'ADMIN', 'OWNER']"


class RoleChange(TypedDict):
    """Another role for a member."""

    role: Role


class RoomChange(TypedDict):
    """What to change; fields left away stay."""

    name: NotRequired[str | None]
    visibility: NotRequired[Literal["public", "private"] | None]
    topic: NotRequired[str | None]
    announcement: NotRequired[bool | None]
    tellsJoins: NotRequired[bool | None]
    slowModeSeconds: NotRequired[int | None]
    archived: NotRequired[bool | None]


class RoomCreate(TypedDict):
    """A new room; the creator becomes its owner."""

    name: str
    visibility: NotRequired[Literal["public", "private"]]
    topic: NotRequired[str]
    announcement: NotRequired[bool]
    tellsJoins: NotRequired[bool]
    slowModeSeconds: NotRequired[int]
    memberIds: NotRequired[list[str]]


class RoomMemberOut(TypedDict):
    """A member of a room."""

    userId: str
    name: str
    role: RoomRole
    status: Literal["active", "left", "banned"]
    joinedAt: str
    mutedUntil: str | None
    version: int


class RoomMemberPut(TypedDict):
    """Add somebody, or give them another role."""

    role: NotRequired[RoomRole | None]


class RoomOut(TypedDict):
    """A room as the caller sees it."""

    id: str
    kind: Literal["room", "group", "direct"]
    name: str
    topic: str
    visibility: Literal["public", "private"]
    announcement: bool
    tellsJoins: bool
    slowModeSeconds: int
    memberCount: int
    lastSeq: int
    version: int
    createdBy: str
    createdAt: str
    archivedAt: str | None
    role: RoomRole | None
    readSeq: int
    unreadCount: int
    mentionCount: int
    userIds: NotRequired[list[str]]


RoomRole: TypeAlias = "Literal['member', 'moderator', 'owner']"


class RuleChangeOut(TypedDict):
    """One change of a rule."""

    id: str
    ruleId: str
    change: str
    authorKind: str
    authorId: str | None
    before: Json | None
    after: Json | None
    changedAt: str


class RuleIn(TypedDict):
    """A rule: how much, for whom, counted how."""

    name: str
    scope: Literal["tenant", "route", "user"]
    route: NotRequired[str | None]
    method: NotRequired[str | None]
    algorithm: Literal["token_bucket", "gcra", "sliding_window", "fixed_window", "concurrency"]
    limit: int
    windowMs: NotRequired[int | None]
    burst: NotRequired[int | None]
    exact: NotRequired[bool]
    calendar: NotRequired[Literal["hour", "day", "week", "month"] | None]
    timeZone: NotRequired[str]
    onFailure: NotRequired[Literal["open", "closed", "local"]]
    shadow: NotRequired[bool]
    enabled: NotRequired[bool]
    priority: NotRequired[int]
    audience: NotRequired[Literal["application", "platform"]]
    overrides: NotRequired[list[Override]]


class RuleOut(TypedDict):
    """A rule as it is stored."""

    name: str
    scope: Literal["tenant", "route", "user"]
    route: NotRequired[str | None]
    method: NotRequired[str | None]
    algorithm: Literal["token_bucket", "gcra", "sliding_window", "fixed_window", "concurrency"]
    limit: int
    windowMs: NotRequired[int | None]
    burst: NotRequired[int | None]
    exact: NotRequired[bool]
    calendar: NotRequired[Literal["hour", "day", "week", "month"] | None]
    timeZone: NotRequired[str]
    onFailure: NotRequired[Literal["open", "closed", "local"]]
    shadow: NotRequired[bool]
    enabled: NotRequired[bool]
    priority: NotRequired[int]
    audience: NotRequired[Literal["application", "platform"]]
    overrides: NotRequired[list[Override]]
    id: str
    seeded: bool
    createdAt: str
    updatedAt: str


class SavedMethodOut(TypedDict):
    """The saved payment method, as far as it may be shown."""

    brand: str
    last4: str
    expMonth: int
    expYear: int
    savedAt: str


class SavedMethodPut(TypedDict):
    """The payment method to charge from now on."""

    paymentMethod: str | CardMethod


class SearchCreate(TypedDict):
    """A search to keep."""

    name: str
    query: SearchQuery


class SearchOut(TypedDict):
    """A saved search."""

    name: str
    query: SearchQuery
    id: str
    createdAt: str


class SearchQuery(TypedDict):
    """What to look for; the parameters of `GET /logs`."""

    service: NotRequired[list[str]]
    level: NotRequired[list[Literal["trace", "debug", "info", "warn", "error", "fatal"]]]
    minLevel: NotRequired[Literal["trace", "debug", "info", "warn", "error", "fatal"] | None]
    q: NotRequired[str | None]
    attributes: NotRequired[dict[str, list[str]]]


class SeatsOut(TypedDict):
    """Seats."""

    used: int
    limit: int


class SecretRotate(TypedDict):
    """How to rotate."""

    secret: NotRequired[str | None]
    overlapSeconds: NotRequired[int]


class ServiceOut(TypedDict):
    """A service that writes logs."""

    service: str
    lines: int
    bytes: int
    storedBytes: int
    firstAt: str
    lastAt: str


class ServicesOut(TypedDict):
    """The services that write logs, and what they take."""

    data: list[ServiceOut]
    lines: int
    bytes: int
    storedBytes: int
    waitingBytes: int
    partial: bool


class SessionCheck(TypedDict):
    """Who holds a session, and for which organization they act."""

    sessionId: str
    userId: str
    email: str
    name: str
    locale: str
    organizationId: str | None
    role: Role | None


class SessionIssued(TypedDict):
    """A new session; the token is shown only now."""

    token: str
    expiresAt: str


class SessionOut(TypedDict):
    """A session of the caller."""

    id: str
    device: str
    address: str
    createdAt: str
    lastUsedAt: str
    expiresAt: str
    current: bool


class Share(TypedDict):
    """How many clicks share a value."""

    value: str
    clicks: int


class SignUp(TypedDict):
    """A new account."""

    email: str
    password: str
    name: str
    locale: NotRequired[str]


class Statistics(TypedDict):
    """Clicks, counted and grouped."""

    totalClicks: int
    uniqueVisitors: int
    bots: int
    perDay: list[DayCount]
    perHour: list[HourCount]
    referrers: list[Share]
    browsers: list[Share]
    operatingSystems: list[Share]
    devices: list[Share]
    countries: list[Share]
    languages: list[Share]
    campaigns: list[Share]
    variants: list[Share]


class StatsOut(TypedDict):
    """Decisions over time."""

    series: list[Point]


class SuppressionCreate(TypedDict):
    """An address that is to get nothing more."""

    email: str
    detail: NotRequired[str]


class SuppressionOut(TypedDict):
    """A suppressed address."""

    email: str
    reason: str
    detail: str
    createdAt: str


class Target(TypedDict):
    """Another place to lead some visitors to. The first target all of whose conditions hold is taken. A ta."""

    url: str
    device: NotRequired[Literal["desktop", "mobile", "tablet"] | None]
    os: NotRequired[Literal["android", "ios", "linux", "macos", "windows", "other"] | None]
    country: NotRequired[str | None]
    language: NotRequired[str | None]
    weight: NotRequired[int | None]


class TaskBulkChange(TypedDict):
    """One change to several tasks: all or none."""

    ids: list[str]
    change: TaskChange


class TaskChange(TypedDict):
    """What to change; fields left away stay, null clears."""

    description: NotRequired[str | None]
    status: NotRequired[str | None]
    priority: NotRequired[Literal["none", "urgent", "high", "medium", "low"] | None]
    assigneeId: NotRequired[str | None]
    dueDate: NotRequired[str | None]
    labels: NotRequired[list[str] | None]
    parentId: NotRequired[str | None]
    title: NotRequired[str | None]
    archived: NotRequired[bool | None]


class TaskCreate(TypedDict):
    """A new task."""

    description: NotRequired[str | None]
    status: NotRequired[str | None]
    priority: NotRequired[Literal["none", "urgent", "high", "medium", "low"] | None]
    assigneeId: NotRequired[str | None]
    dueDate: NotRequired[str | None]
    labels: NotRequired[list[str] | None]
    parentId: NotRequired[str | None]
    title: str


class TaskMove(TypedDict):
    """Where to put a task; neither anchor: at the end."""

    beforeId: NotRequired[str | None]
    afterId: NotRequired[str | None]
    status: NotRequired[str | None]


class TaskOut(TypedDict):
    """A task."""

    id: str
    projectId: str
    key: str
    number: int
    title: str
    description: str
    status: str
    priority: Literal["none", "urgent", "high", "medium", "low"]
    assigneeId: str | None
    dueDate: str | None
    labels: list[str]
    parentId: str | None
    createdBy: str | None
    createdAt: str
    updatedAt: str
    completedAt: str | None
    archivedAt: str | None
    etag: str


class TemplateCreate(TypedDict):
    """A new template."""

    category: NotRequired[str]
    defaultLocale: NotRequired[str]
    channels: Channels
    key: str


class TemplateOut(TypedDict):
    """A template's draft, and which version is published."""

    category: NotRequired[str]
    defaultLocale: NotRequired[str]
    channels: Channels
    key: str
    publishedVersion: int | None
    system: NotRequired[bool]
    updatedAt: NotRequired[str | None]


class TemplatePreview(TypedDict):
    """How to preview a template."""

    locale: NotRequired[str]
    data: NotRequired[Json]
    timeZone: NotRequired[str]
    published: NotRequired[bool]


class TemplatePut(TypedDict):
    """The whole draft anew; `key` may be repeated and must then be the path's."""

    category: NotRequired[str]
    defaultLocale: NotRequired[str]
    channels: Channels
    key: NotRequired[str | None]


class TemplateVersionOut(TypedDict):
    """A published version."""

    version: int
    publishedAt: str
    template: TemplateCreate


class TopEntry(TypedDict):
    """One route, user or rule."""

    key: str
    name: str | None
    allowed: int
    denied: int
    shadowDenied: int
    peakPercent: int


class TopOut(TypedDict):
    """The most denied first."""

    data: list[TopEntry]


class Totals(TypedDict):
    """Sums over the range in one currency, refunds subtracted."""

    currency: str
    here: int
    there: int


class TotpBegun(TypedDict):
    """A second factor to be confirmed."""

    secret: str
    uri: str


class TotpCodeIn(TypedDict):
    """A code of the second factor."""

    code: str


class Trace(TypedDict):
    """Every decision whether a fault happens."""

    data: list[Draw]


class TraceEntry(TypedDict):
    """One thing that happened to a delivery, and why."""

    at: str
    recipient: str
    channel: Literal["inApp", "email", "push", "webhook"]
    outcome: Literal["queued", "sent", "delivered", "deferred", "digested", "suppressed", "failed", "clicked"]
    reason: str
    detail: NotRequired[Json | None]


TransitionOut = TypedDict(
    "TransitionOut",
    {"from": "PaymentsStatus | None", "to": "PaymentsStatus", "detail": "str", "cause": "str", "at": "str"},
)
"""A change of status."""


class TrialStart(TypedDict):
    """Which plan to try."""

    plan: str


class UnreadCount(TypedDict):
    """How many entries are unread."""

    count: int
    unreadCount: int


class UsageOut(TypedDict):
    """What an organization uses."""

    data: list[DayOfUsage]
    quotas: list[QuotaOut]


class UserOut(TypedDict):
    """A person."""

    id: str
    email: str
    name: str
    locale: str
    emailVerified: bool
    totpEnabled: bool


class Utm(TypedDict):
    """Campaign parameters, added to the target's query unless it has them."""

    source: NotRequired[str | None]
    medium: NotRequired[str | None]
    campaign: NotRequired[str | None]
    term: NotRequired[str | None]
    content: NotRequired[str | None]


class ValidationError(TypedDict):
    """."""

    loc: list[str | int]
    msg: str
    type: str
    input: NotRequired[Any]
    ctx: NotRequired[Json]


class VapidKey(TypedDict):
    """What a browser needs to subscribe."""

    publicKey: str


class Warnings(TypedDict):
    """Who is near a limit."""

    data: list[NearLimit]


class WebhookDeliveryOut(TypedDict):
    """One event on its way to one endpoint."""

    id: str
    messageId: str
    eventType: str
    status: str
    attempts: int
    nextAttemptAt: str | None
    createdAt: str
    body: Json
    log: list[Json]


class SeptetKernelHttpPagingPageDomainOut1(TypedDict):
    """."""

    data: list[TenancyDomainOut]
    nextCursor: str | None


class SeptetKernelHttpPagingPageDomainOut2(TypedDict):
    """."""

    data: list[LinksDomainOut]
    nextCursor: str | None


class ChatAttachment(TypedDict):
    """A link to a file that is kept elsewhere."""

    url: str
    name: NotRequired[str | None]
    contentType: NotRequired[str | None]
    size: NotRequired[int | None]
    width: NotRequired[int | None]
    height: NotRequired[int | None]


ChatStatus: TypeAlias = "Literal['online', 'away', 'offline']"


class LinksDomainOut(TypedDict):
    """A domain and how to prove that it is yours."""

    id: str
    host: str
    status: Literal["pending", "verified"]
    txtName: str
    txtValue: str
    verifiedAt: str | None
    createdAt: str


class NotificationsAttachment(TypedDict):
    """A file that travels with the mail."""

    filename: str
    contentType: NotRequired[str]
    content: str


PaymentsStatus: TypeAlias = "Literal['PENDING', 'SUCCESS', 'FAILED', 'REFUNDED']"


class TenancyDomainOut(TypedDict):
    """A mail domain of the organization."""

    domain: str
    record: str
    verifiedAt: str | None
    createdAt: str


class TenancyStatus(TypedDict):
    """A column of the project's board."""

    key: str
    name: str
    category: Literal["backlog", "unstarted", "started", "completed", "canceled"]
