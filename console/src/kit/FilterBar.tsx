import { Box, Button, CloseButton, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFilters } from "./filters";

export interface Choice {
  name: string;
  label: string;
  options: { value: string; label: string }[];
}

/** A search field and choices, kept in the URL. `/` focuses the search. */
export function FilterBar({ search, choices = [], children }: { search?: string; choices?: Choice[]; children?: ReactNode }) {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const used = choices.some(({ name }) => filters[name]) || filters.q;
  return (
    <Group gap="xs" role="search">
      {search && <SearchField label={search} />}
      {choices.map(({ name, label, options }) => (
        <Select key={name} aria-label={label} placeholder={label} data={options} clearable w={150}
          value={filters[name] ?? null} onChange={(value) => change({ [name]: value ?? undefined })} />
      ))}
      {used && (
        <Button variant="subtle" color="gray"
          onClick={() => change({ q: undefined, ...Object.fromEntries(choices.map(({ name }) => [name, undefined])) })}>
          {t("Clear")}
        </Button>
      )}
      {children}
    </Group>
  );
}

function SearchField({ label }: { label: string }) {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const [text, setText] = useState(filters.q ?? "");
  const settle = useDebouncedCallback((q: string) => change({ q: q || undefined }), 250);
  useEffect(() => setText(filters.q ?? ""), [filters.q]);
  const write = (value: string) => {
    setText(value);
    settle(value);
  };
  return (
    <Box style={{ flex: "1 1 200px" }} maw={340}>
      <TextInput data-search aria-label={label} placeholder={label} value={text} leftSection={<IconSearch size={14} />}
        onChange={(event) => write(event.currentTarget.value)}
        rightSection={text ? <CloseButton size="xs" aria-label={t("Clear")} onClick={() => write("")} /> : null} />
    </Box>
  );
}
