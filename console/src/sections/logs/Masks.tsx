import { Button, Stack, Text } from "@mantine/core";
import { IconEyeOff, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { Curl } from "~/kit/Curl";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Ago } from "~/kit/Values";
import { useCreating } from "~/kit/creating";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { RemoveButton } from "~/kit/undo";
import { NewMask } from "./NewMask";

type Mask = Schema<"MaskOut">;

/** What is hidden in every line before it is stored. */
export function Masks() {
  const { t } = useTranslation();
  const [creating, open, close] = useCreating();
  const list = useSearched(useList("/logs/masks", { limit: 200 }), { name: "mask", text: ({ name, pattern }) => `${name} ${pattern}` });
  return (
    <Stack>
      <FilterBar name="mask" search={t("Search by name or pattern")}>
        <Button ml="auto" leftSection={<IconPlus size={14} />} onClick={open} data-create>{t("New rule")}</Button>
      </FilterBar>
      <DataTable label={t("Masking rules")} list={list} rowKey={(mask) => mask.id}
        empty={
          <Empty icon={IconEyeOff} title={t("Nothing is masked")} hint={t("A rule hides card numbers, addresses or what you name in every line before it is stored.")}>
            <Button onClick={open}>{t("New rule")}</Button>
            <Curl path="/logs/masks" scope="logs:write" body={{ name: "Card numbers", kind: "card" }} />
          </Empty>
        }
        columns={[
          { label: t("Name"), render: (mask) => <Text size="sm" fw={500}>{mask.name}</Text> },
          { label: t("Pattern"), render: (mask) => <Text className="mono truncate" maw={420} title={mask.pattern}>{mask.pattern}</Text>, wide: true },
          { label: t("Instead"), render: (mask) => <Text className="mono">{mask.replacement || "–"}</Text> },
          { label: t("Created"), render: (mask) => <Ago at={mask.createdAt} />, width: 120, wide: true },
          { label: "", render: (mask) => <Delete mask={mask} />, width: 80, align: "right" },
        ]} />
      <NewMask opened={creating} onClose={close} />
    </Stack>
  );
}

function Delete({ mask }: { mask: Mask }) {
  const { t } = useTranslation();
  return (
    <RemoveButton queryKey={["/logs/masks"]} gone={(row: Mask) => row.id === mask.id} told={t("The rule {{name}} was deleted.", { name: mask.name })}
      commit={() => api.delete("/logs/masks/{mask_id}", { path: { mask_id: mask.id } })}>
      {t("Delete")}
    </RemoveButton>
  );
}
