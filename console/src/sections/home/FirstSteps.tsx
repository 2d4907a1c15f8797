import { Button, Group, Progress, Text } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconCircle, IconCircleCheckFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { send } from "~/api/client";
import { Panel } from "~/kit/Page";
import { useMembership } from "~/kit/identity";
import { Link } from "~/link";

/** Each step is done when its list has something in it. */
const STEPS: { label: string; to: string; search: Record<string, string>; path: string; least: number }[] = [
  { label: "Invite somebody", to: "/members", search: { new: "1" }, path: "/members", least: 2 },
  { label: "Make an API key", to: "/api-keys", search: { new: "1" }, path: "/api-keys", least: 1 },
  { label: "Shorten a link", to: "/links", search: { new: "1" }, path: "/links", least: 1 },
  { label: "Start a project", to: "/projects", search: { new: "1" }, path: "/projects", least: 1 },
  { label: "Open a chat room", to: "/chat", search: { new: "1" }, path: "/rooms", least: 1 },
];

/** What to do first, until it is done or put away. */
export function FirstSteps() {
  const { t } = useTranslation();
  const organization = useMembership()?.organizationId;
  const [away, putAway] = useLocalStorage({ key: `septet.first-steps.${organization}`, defaultValue: false, getInitialValueInEffect: false });
  const found = useQuery({
    queryKey: ["first steps", organization],
    queryFn: () => Promise.all(STEPS.map(({ path, least }) =>
      send("get", path, { query: { limit: 2 } }).then((answer) => (answer as { data: unknown[] }).data.length >= least, () => false))),
    enabled: !away,
    staleTime: 0, // whoever comes back has perhaps just done one
  });
  const done = found.data?.filter(Boolean).length ?? 0;
  if (away || !found.data || done === STEPS.length) return null;
  return (
    <Panel title={t("First steps")} actions={<Button variant="subtle" color="gray" onClick={() => putAway(true)}>{t("Put away")}</Button>}>
      <Progress value={(done / STEPS.length) * 100} size="sm" mb="sm" aria-label={t("{{done}} of {{all}} done", { done, all: STEPS.length })} />
      <Group gap="lg">
        {STEPS.map(({ label, to, search }, index) => (
          <Group gap={6} key={label}>
            {found.data[index] ? <IconCircleCheckFilled size={16} color="var(--mantine-color-teal-6)" /> : <IconCircle size={16} color="var(--mantine-color-dimmed)" />}
            {found.data[index] ? <Text size="sm" c="dimmed" td="line-through">{t(label)}</Text> : <Link to={to} search={search}><Text size="sm">{t(label)}</Text></Link>}
          </Group>
        ))}
      </Group>
    </Panel>
  );
}
