import { Checkbox, Group, NumberInput, Select, SimpleGrid, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { FormDialog } from "~/kit/FormDialog";
import { ALGORITHMS, NEW_RULE, ruleBody, SCOPES, type Rule } from "./rule";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** A new rule, or a change of one. */
export function RuleForm({ rule, opened, onClose }: { rule?: Rule; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { ...NEW_RULE, ...rule, windowSeconds: (rule?.windowMs ?? NEW_RULE.windowMs) / 1000 } });
  const choices = (of: string[]) => of.map((value) => ({ value, label: t(value) }));
  const waits = form.values.algorithm !== "concurrency";
  return (
    <FormDialog opened={opened} onClose={onClose} title={rule ? rule.name : t("New rule")} size="lg" form={form} button={t("Save")}
      changes={[["/limits/rules"]]}
      submit={({ windowSeconds, ...values }) => {
        const windowMs = rule?.calendar ? null : Math.round(Number(windowSeconds) * 1000);
        const body = ruleBody({ ...values, windowMs });
        return rule ? api.put("/limits/rules/{rule_id}", { path: { rule_id: rule.id }, body }) : api.post("/limits/rules", { body });
      }}>
      <TextInput label={t("Name")} required data-autofocus {...form.getInputProps("name")} />
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
        <Select label={t("Counts per")} data={choices(SCOPES)} allowDeselect={false} {...form.getInputProps("scope")} />
        <TextInput label={t("Route")} placeholder="/orders/*" required={form.values.scope === "route"} {...form.getInputProps("route")} />
        <Select label={t("Method")} data={METHODS} clearable placeholder={t("any")} {...form.getInputProps("method")} value={form.values.method || null} />
        <Select label={t("Algorithm")} data={choices(ALGORITHMS)} allowDeselect={false} {...form.getInputProps("algorithm")} />
        <NumberInput label={waits ? t("Requests") : t("At once")} min={1} required {...form.getInputProps("limit")} />
        {waits && !rule?.calendar && <NumberInput label={t("In seconds")} min={0.001} required {...form.getInputProps("windowSeconds")} />}
        {(form.values.algorithm === "token_bucket" || form.values.algorithm === "gcra") && (
          <NumberInput label={t("Burst")} min={1} placeholder={String(form.values.limit)} {...form.getInputProps("burst")} value={form.values.burst ?? ""} />
        )}
        <Select label={t("If the counter fails")} data={choices(["open", "closed", "local"])} allowDeselect={false} {...form.getInputProps("onFailure")} />
        <NumberInput label={t("Priority")} {...form.getInputProps("priority")} />
      </SimpleGrid>
      <Group>
        <Checkbox label={t("On")} {...form.getInputProps("enabled", { type: "checkbox" })} />
        <Checkbox label={t("Shadow: count, but let everybody through")} {...form.getInputProps("shadow", { type: "checkbox" })} />
      </Group>
    </FormDialog>
  );
}
