import { Button, Menu, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDisclosure } from "@mantine/hooks";
import { IconBellPlus, IconBookmark, IconPlus, IconRefresh } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { FormDialog } from "~/kit/FormDialog";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";
import { queryText, savedQuery } from "./query";

export function SavedSearches() {
  const { t } = useTranslation();
  const [filters, change] = useFilters();
  const [saving, { open, close }] = useDisclosure();
  const list = useList("/logs/searches", { limit: 200 });
  const form = useForm({ initialValues: { name: "" } });
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target><Button variant="default" leftSection={<IconBookmark size={14} />}>{t("Saved")}</Button></Menu.Target>
        <Menu.Dropdown>
          {list.error ? <Menu.Item color="red" leftSection={<IconRefresh size={14} />} closeMenuOnClick={false} onClick={list.reload}>{t("Not available: try again")}</Menu.Item> : null}
          {list.rows.map((saved) => <Menu.Item key={saved.id} onClick={() => change({ q: queryText(saved.query) })}>{saved.name}</Menu.Item>)}
          {list.rows.length > 0 && <Menu.Divider />}
          <Menu.Item leftSection={<IconPlus size={14} />} onClick={open} disabled={!filters.q}>{t("Save this search")}</Menu.Item>
          <Menu.Item leftSection={<IconBellPlus size={14} />} onClick={() => change({ tab: "alerts", new: "1" })}>{t("Alert on this search")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <FormDialog opened={saving} onClose={close} title={t("Save this search")} form={form} button={t("Save")} changes={[["/logs/searches"]]}
        submit={({ name }) => api.post("/logs/searches", { body: { name, query: savedQuery(filters.q ?? "") } as Schema<"SearchCreate"> })}>
        <TextInput label={t("Name")} required data-autofocus {...form.getInputProps("name")} />
      </FormDialog>
    </>
  );
}
