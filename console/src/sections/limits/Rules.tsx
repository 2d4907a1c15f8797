import { Button, Group, Stack, Switch, Text } from "@mantine/core";
import { IconBolt } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { Curl } from "~/kit/Curl";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { tellProblem } from "~/kit/Problems";
import { State } from "~/kit/Values";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { RemoveButton } from "~/kit/undo";
import { Replay } from "./Replay";
import { RuleForm } from "./RuleForm";
import { NEW_RULE, rate, ruleBody, SCOPES, type Rule } from "./rule";

export function Rules() {
  const { t } = useTranslation();
  const [edited, edit] = useState<Rule | null>(null);
  const [replayed, replay] = useState<Rule | null>(null);
  const list = useSearched(useList("/limits/rules", { limit: 200 }), {
    text: ({ name, route }) => `${name} ${route ?? ""}`, choices: { scope: (rule) => rule.scope },
  });
  return (
    <Stack>
      <FilterBar search={t("Search by name or route")} choices={[{ name: "scope", label: t("Scope"), options: SCOPES.map((value) => ({ value, label: t(value) })) }]} />
      <DataTable label={t("Rules")} list={list} rowKey={(rule) => rule.id} onOpen={edit}
        empty={
          <Empty icon={IconBolt} title={t("No rules")} hint={t("Without a rule everything is allowed. A rule can begin in shadow mode: it counts, but lets everybody through.")}>
            <Curl path="/limits/rules" scope="limits:write" body={ruleBody({ ...NEW_RULE, name: "Per user" })} />
          </Empty>
        }
        columns={[
          { label: t("Name"), render: (rule) => <Text size="sm" fw={500}>{rule.name}</Text> },
          { label: t("Applies to"), render: (rule) => <Text size="sm">{t(rule.scope)} <Text span className="mono" c="dimmed">{[rule.method, rule.route].filter(Boolean).join(" ")}</Text></Text> },
          { label: t("Limit"), render: (rule) => <span className="num" style={{ whiteSpace: "nowrap" }}>{rate(rule)}</span> },
          { label: t("Algorithm"), render: (rule) => t(rule.algorithm), wide: true, width: 130 },
          { label: t("State"), width: 150, render: (rule) => <Toggle rule={rule} /> },
          { label: "", wide: true, width: 150, align: "right", render: (rule) => <Actions rule={rule} replay={() => replay(rule)} /> },
        ]} />
      {edited && <RuleForm opened rule={edited} onClose={() => edit(null)} />}
      <Replay rule={replayed} onClose={() => replay(null)} />
    </Stack>
  );
}

function Toggle({ rule }: { rule: Rule }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const saving = useMutation({
    mutationFn: (enabled: boolean) => api.put("/limits/rules/{rule_id}", { path: { rule_id: rule.id }, body: ruleBody({ ...rule, enabled }) }),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["/limits/rules"] }),
  });
  return (
    <Group gap="xs" wrap="nowrap">
      <Switch aria-label={t("{{name}} is on", { name: rule.name })} checked={saving.isPending ? saving.variables : rule.enabled} onChange={(event) => saving.mutate(event.currentTarget.checked)} />
      {rule.shadow && <State of="shadow" />}
      {rule.seeded && <State of="built in" />}
    </Group>
  );
}

function Actions({ rule, replay }: { rule: Rule; replay: () => void }) {
  const { t } = useTranslation();
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      <Button variant="subtle" onClick={replay}>{t("Replay")}</Button>
      <RemoveButton queryKey={["/limits/rules"]} gone={(row: Rule) => row.id === rule.id} told={t("The rule {{name}} was deleted.", { name: rule.name })}
        commit={() => api.delete("/limits/rules/{rule_id}", { path: { rule_id: rule.id } })}>
        {t("Delete")}
      </RemoveButton>
    </Group>
  );
}
