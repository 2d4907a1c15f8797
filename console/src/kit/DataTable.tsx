import { Box, Button, Center, Skeleton, Table, Text } from "@mantine/core";
import { IconSearchOff } from "@tabler/icons-react";
import type { CSSProperties, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "./Empty";
import { ProblemAlert } from "./Problems";
import type { List } from "./list";
import classes from "./DataTable.module.css";

export interface Column<Row> {
  label: string;
  render: (row: Row) => ReactNode;
  width?: number | string;
  align?: "right";
  /** Left out where the window is as narrow as a phone. */
  wide?: boolean;
}

interface DataTableProps<Row> {
  label: string;
  list: List<Row>;
  columns: Column<Row>[];
  rowKey: (row: Row) => string;
  /** What stands there while there is nothing at all. */
  empty: ReactNode;
  onOpen?: (row: Row) => void;
  selected?: string;
}

/** A list as a table, with its loading, error and empty states. A click anywhere on a row opens it. */
export function DataTable<Row>({ label, list, columns, rowKey, empty, onOpen, selected }: DataTableProps<Row>) {
  const { t } = useTranslation();
  if (list.error) return <ProblemAlert error={list.error} retry={list.reload} />;
  if (!list.loading && list.rows.length === 0) {
    return (
      <Box className="surface">
        {list.narrowed ? <Empty icon={IconSearchOff} title={t("Nothing fits this search")} /> : empty}
        <More list={list} />
      </Box>
    );
  }
  return (
    <Box className={`surface ${classes.scroll}`} tabIndex={0} role="region" aria-label={label}>
      <Table aria-label={label} aria-busy={list.loading}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.label} style={style(column)} className={column.wide ? classes.wide : undefined}>
                {column.label || <span aria-hidden>&nbsp;</span>}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.loading ? <Waiting columns={columns.length} /> : null}
          {list.rows.map((row) => (
            <Table.Tr key={rowKey(row)} data-selected={selected === rowKey(row) || undefined}
              className={onOpen ? classes.openable : undefined} onClick={onOpen && ((event) => open(event.target, () => onOpen(row)))}>
              {columns.map((column) => (
                <Table.Td key={column.label} style={style(column)} className={column.wide ? classes.wide : undefined}>
                  {column.render(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <More list={list} />
      <Text className="skip" component="span" role="status">{list.loading ? t("Loading") : ""}</Text>
    </Box>
  );
}

/** Older rows, where there are some. */
export function More({ list }: { list: List<unknown> }) {
  const { t } = useTranslation();
  if (!list.hasMore) return null;
  return (
    <Center p="xs">
      {list.failedMore && <Text size="sm" c="red" mr="xs" role="alert">{t("The rest could not be loaded.")}</Text>}
      <Button variant="subtle" loading={list.loadingMore} onClick={list.more}>{list.failedMore ? t("Try again") : t("Load more")}</Button>
    </Center>
  );
}

/** Buttons, links and fields inside a row keep their own meaning. */
function open(target: EventTarget, act: () => void): void {
  if (!(target as Element).closest("button, a, input, label, [role=menu], [role=dialog]")) act();
}

function style({ width, align }: { width?: number | string; align?: "right" }): CSSProperties {
  return { width, textAlign: align, fontVariantNumeric: align ? "tabular-nums" : undefined };
}

function Waiting({ columns }: { columns: number }) {
  return Array.from({ length: 6 }, (_, row) => (
    <Table.Tr key={row}>
      {Array.from({ length: columns }, (_, column) => (
        <Table.Td key={column}>
          <Skeleton height={12} my={4} width={`${70 - ((row + column) % 3) * 18}%`} />
        </Table.Td>
      ))}
    </Table.Tr>
  ));
}
