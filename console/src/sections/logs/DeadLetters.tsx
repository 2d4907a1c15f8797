import { Group, Stack, Text } from "@mantine/core";
import { IconMailOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { bytes, number } from "~/format";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { Ago } from "~/kit/Values";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { Discard, Retry } from "./DeadLetterActs";
import { DeadLetterDetails } from "./DeadLetterDetails";

/** Requests whose lines could not be stored: looked at, queued again or thrown away. */
export function DeadLetters() {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const found = useList("/logs/dead-letters", {}, { every: 10_000 });
  const list = useSearched(found, { name: "letter", text: ({ service, fault, beginning }) => `${service} ${fault} ${beginning}` });
  const close = () => change({ opened: undefined });
  return (
    <Stack>
      <FilterBar name="letter" search={t("Search by service, reason or text")} />
      <DataTable label={t("Dead letters")} list={list} rowKey={(letter) => letter.id} onOpen={(letter) => change({ opened: letter.id })}
        empty={<Empty icon={IconMailOff} title={t("No dead letters")} hint={t("Lines that were accepted but cannot be stored wait here, with the reason.")} />}
        columns={[
          { label: t("Arrived"), render: (letter) => <Ago at={letter.receivedAt} />, width: 120 },
          { label: t("Service"), render: (letter) => <Text size="sm" fw={500} className="truncate">{letter.service}</Text> },
          { label: t("Why"), render: (letter) => <Text size="sm" c="dimmed" className="truncate" maw={420}>{letter.fault}</Text>, wide: true },
          { label: t("Lines"), render: (letter) => number(letter.lines), width: 80, align: "right", wide: true },
          { label: t("Size"), render: (letter) => bytes(letter.bytes), width: 100, align: "right", wide: true },
          { label: "", width: 170, align: "right", render: (letter) => (
            <Group gap={4} justify="flex-end" wrap="nowrap"><Retry letter={letter} /><Discard letter={letter} /></Group>
          ) },
        ]} />
      <DeadLetterDetails letter={found.rows.find(({ id }) => id === filters.opened)} onClose={close} />
    </Stack>
  );
}
