import { Button, Group, Modal, SegmentedControl, Stack, Tabs, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { asProblem } from "~/api/problem";
import { More } from "~/kit/DataTable";
import { Loading } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Person } from "~/kit/Values";
import { useMe, usePeople } from "~/kit/identity";
import { useList } from "~/kit/list";
import { useGo } from "~/link";

/** Make a room, find a public one, or write to one person. */
export function NewRoom({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened={opened} onClose={onClose} title={t("New room or message")} closeButtonProps={{ "aria-label": t("Close") }}>
      <Tabs defaultValue="room" keepMounted={false}>
        <Tabs.List><Tabs.Tab value="room">{t("New room")}</Tabs.Tab><Tabs.Tab value="find">{t("Find a room")}</Tabs.Tab><Tabs.Tab value="person">{t("To a person")}</Tabs.Tab></Tabs.List>
        <Tabs.Panel value="room" pt="md"><Create /></Tabs.Panel>
        <Tabs.Panel value="find" pt="md"><Find /></Tabs.Panel>
        <Tabs.Panel value="person" pt="md"><ToPerson /></Tabs.Panel>
      </Tabs>
    </Modal>
  );
}

function useEnter(ask: (id: never) => Promise<{ id: string }>) {
  const go = useGo();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (what: unknown) => ask(what as never),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: ["/rooms"] });
      go(`/chat/${id}`);
    },
  });
}

function Create() {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { name: "", visibility: "public", topic: "" } });
  const entering = useEnter((body) => api.post("/rooms", { body }) as Promise<{ id: string }>);
  return (
    <form onSubmit={form.onSubmit((values) => entering.mutate(values, { onError: (error) => form.setErrors(asProblem(error).byField) }))}>
      <Stack gap="sm">
        {entering.error && <ProblemAlert error={entering.error} />}
        <TextInput label={t("Name")} placeholder="general" required data-autofocus {...form.getInputProps("name")} />
        <TextInput label={t("Topic")} {...form.getInputProps("topic")} />
        <SegmentedControl aria-label={t("Who may find it")} data={[{ value: "public", label: t("Public") }, { value: "private", label: t("Private") }]} {...form.getInputProps("visibility")} />
        <Group justify="flex-end"><Button type="submit" loading={entering.isPending}>{t("Create")}</Button></Group>
      </Stack>
    </form>
  );
}

function Find() {
  const { t } = useTranslation();
  const [text, write] = useState("");
  const [q] = useDebouncedValue(text.trim(), 250);
  const list = useList("/rooms/public", { q });
  const entering = useEnter((id) => api.post("/rooms/{room_id}/join", { path: { room_id: id } }).then(() => ({ id })));
  return (
    <Stack gap="xs">
      <TextInput aria-label={t("Search rooms")} placeholder={t("Search rooms")} leftSection={<IconSearch size={14} />} value={text} onChange={(event) => write(event.currentTarget.value)} />
      {entering.error && <ProblemAlert error={entering.error} />}
      {list.error ? <ProblemAlert error={list.error} retry={list.reload} /> : null}
      {list.loading && <Loading rows={3} />}
      {list.rows.map((room) => (
        <Group key={room.id} justify="space-between"><Text size="sm"># {room.name}</Text><Button variant="default" onClick={() => entering.mutate(room.id)}>{t("Join")}</Button></Group>
      ))}
      <More list={list} />
      {!list.loading && !list.error && !list.rows.length && <Text size="sm" c="dimmed">{q ? t("Nothing fits this search") : t("There are no public rooms.")}</Text>}
    </Stack>
  );
}

function ToPerson() {
  const { t } = useTranslation();
  const people = usePeople();
  const me = useMe().data?.user.id;
  const [text, write] = useState("");
  const fits = ({ name, email }: { name: string; email: string }) => `${name} ${email}`.toLowerCase().includes(text.trim().toLowerCase());
  const entering = useEnter((userId) => api.post("/direct-messages", { body: { userId } }) as Promise<{ id: string }>);
  return (
    <Stack gap={4}>
      <TextInput aria-label={t("Search by name or e-mail")} placeholder={t("Search by name or e-mail")} leftSection={<IconSearch size={14} />} mb="xs" value={text} onChange={(event) => write(event.currentTarget.value)} />
      {entering.error && <ProblemAlert error={entering.error} />}
      {[...people].filter(([id, person]) => id !== me && fits(person)).map(([id, { name, email }]) => (
        <UnstyledButton key={id} p={4} onClick={() => entering.mutate(id)}><Person name={name} email={email} size={28} /></UnstyledButton>
      ))}
    </Stack>
  );
}
