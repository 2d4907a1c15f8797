import { Avatar, Badge, Group, Text, Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ago, dateTime } from "~/format";
import { Copy } from "./Curl";

/** A time as people say it; the exact one on hover. */
export function Ago({ at }: { at?: string | null }) {
  useTranslation(); // a change of language shows at once
  if (!at) return <Text component="span" c="dimmed">–</Text>;
  return (
    <Tooltip label={dateTime(at)}>
      <time dateTime={at} style={{ whiteSpace: "nowrap" }}>{ago(at)}</time>
    </Tooltip>
  );
}

export function Person({ name, email, size = 22 }: { name: string; email?: string; size?: number }) {
  return (
    <Group gap={8} wrap="nowrap" miw={0}>
      <Avatar name={name} color="initials" size={size} aria-hidden />
      <div style={{ minWidth: 0 }}>
        <Text size="sm" className="truncate">{name}</Text>
        {email && <Text size="xs" c="dimmed" className="truncate">{email}</Text>}
      </div>
    </Group>
  );
}

const COLORS: Record<string, string> = {
  SUCCESS: "teal", succeeded: "teal", delivered: "teal", sent: "teal", paid: "teal", ok: "teal", calm: "teal", read: "teal", active: "teal", accepted: "teal",
  human: "teal", published: "teal", allowed: "teal", enabled: "teal", done: "teal",
  PENDING: "yellow", pending: "yellow", queued: "yellow", deferred: "yellow", digested: "yellow", scheduled: "yellow", processing: "yellow",
  draft: "yellow", open: "yellow", shadow: "yellow", preview: "yellow", trialing: "yellow", warn: "yellow", past_due: "orange",
  FAILED: "red", failed: "red", error: "red", fatal: "red", denied: "red", disabled: "red", restricted: "red", firing: "red",
  REFUNDED: "grape", refunded: "grape", suppressed: "gray", expired: "gray", revoked: "gray", bot: "gray", duplicate: "gray", canceled: "gray",
  OWNER: "indigo", ADMIN: "blue", MEMBER: "gray", info: "blue", debug: "gray", trace: "gray",
};

/** A state in its colour and, since colour is not for everybody, always in words. */
export function State({ of, label }: { of: string; label?: string }) {
  const { t } = useTranslation();
  return <Badge color={COLORS[of] ?? "gray"} style={{ flexShrink: 0 }}>{t(label ?? of)}</Badge>;
}

export function Identifier({ value, label }: { value: string; label?: string }) {
  return (
    <Group gap={2} wrap="nowrap" miw={0}>
      <Text component="code" className="mono truncate">{value}</Text>
      <Copy value={value} label={label} />
    </Group>
  );
}

/** A name and its value, one line each. */
export function Facts({ of }: { of: [string, React.ReactNode][] }) {
  return (
    <dl style={{ display: "grid", gridTemplateColumns: "minmax(90px, max-content) 1fr", gap: "6px 16px", margin: 0 }}>
      {of.map(([name, value]) => (
        <div key={name} style={{ display: "contents" }}>
          <Text component="dt" size="xs" c="dimmed" pt={1}>{name}</Text>
          <Text component="dd" size="sm" m={0} miw={0} style={{ overflowWrap: "anywhere" }}>{value ?? "–"}</Text>
        </div>
      ))}
    </dl>
  );
}
