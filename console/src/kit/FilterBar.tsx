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

interface FilterBarProps {
  search?: string;
  /** Where the words stand in the URL. */
  name?: string;
  choices?: Choice[];
  children?: ReactNode;
}

/** A search field and choices, kept in the URL. `/` focuses the search. */
export function FilterBar({ search, name: words = "q", choices = [], children }: FilterBarProps) {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const names = [words, ...choices.map(({ name }) => name)];
  const used = names.some((name) => filters[name]);
  return (
    <Group gap="xs" role="search">
      {search && <SearchField label={search} name={words} />}
      {choices.map(({ name, label, options }) => (
        <Select key={name} aria-label={label} placeholder={label} data={options} clearable w={150}
          value={filters[name] ?? null} onChange={(value) => change({ [name]: value ?? undefined })} />
      ))}
      {used && (
        <Button variant="subtle" color="gray" onClick={() => change(Object.fromEntries(names.map((name) => [name, undefined])))}>
          {t("Clear")}
        </Button>
      )}
      {children}
    </Group>
  );
}

export function SearchField({ label, name = "q" }: { label: string; name?: string }) {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const sought = filters[name] ?? "";
  const [text, setText] = useState(sought);
  const settle = useDebouncedCallback((words: string) => change({ [name]: words || undefined }), 250);
  useEffect(() => setText(sought), [sought]);
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
