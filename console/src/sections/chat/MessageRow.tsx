import { ActionIcon, Avatar, Box, Button, Group, Menu, Text, Textarea, Tooltip } from "@mantine/core";
import { IconDots, IconMessageReply, IconMoodSmile } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, send } from "~/api/client";
import { time } from "~/format";
import { Markdown } from "~/kit/Markdown";
import { tellProblem } from "~/kit/Problems";
import { useMe, usePeople } from "~/kit/identity";
import type { Live } from "./live";
import type { Message } from "./wire";
import classes from "./Chat.module.css";

const EMOJI = ["👍", "❤️", "😂", "🎉", "👀", "✅"];

interface MessageRowProps {
  message: Message;
  follows: boolean;
  chat: Live;
  openThread?: (message: Message) => void;
}

export function MessageRow({ message, follows, chat, openThread }: MessageRowProps) {
  const { t } = useTranslation();
  const people = usePeople();
  const [editing, edit] = useState(false);
  const name = people.get(message.authorId)?.name ?? t("Somebody");
  if (message.kind === "system") return <Text size="xs" c="dimmed" pl={44} py={2}>{name}: {message.body || t("changed the room")}</Text>;
  return (
    <Box className={classes.message} data-seq={message.seq} mt={follows ? 0 : 8}>
      <Box w={28} style={{ flexShrink: 0 }}>{!follows && <Avatar name={name} color="initials" size={28} aria-hidden />}</Box>
      <Box style={{ flex: 1 }} miw={0} fz={13}>
        {!follows && <Group gap="xs"><Text size="sm" fw={600}>{name}</Text><Text size="xs" c="dimmed">{time(message.sentAt)}</Text></Group>}
        {message.withheld ? <Text size="sm" c="dimmed" fs="italic">{t("further back than your plan shows")}</Text>
          : message.deletedAt ? <Text size="sm" c="dimmed" fs="italic">{t("deleted")}</Text>
          : editing ? <Edit message={message} chat={chat} done={() => edit(false)} />
          : <Markdown text={message.body} />}
        {message.editedAt && !message.deletedAt && <Text size="xs" c="dimmed" span>{t("edited")}</Text>}
        <Reactions message={message} />
        {message.threadId && openThread && <Button size="compact-xs" variant="subtle" onClick={() => openThread(message)}>{t("Thread")}</Button>}
      </Box>
      {!message.deletedAt && !message.withheld && <Tools message={message} edit={() => edit(true)} openThread={openThread} />}
    </Box>
  );
}

function useReact(message: Message) {
  return useMutation({
    mutationFn: ({ emoji, off }: { emoji: string; off: boolean }) => send(off ? "delete" : "put", "/messages/{id}/reactions/{emoji}", { path: { id: message.id, emoji } }),
    onError: tellProblem,
  });
}

function Reactions({ message }: { message: Message }) {
  const me = useMe().data?.user.id ?? "";
  const people = usePeople();
  const react = useReact(message);
  const given = Object.entries(message.reactions ?? {}).filter(([, who]) => who.length);
  if (!given.length) return null;
  return (
    <Group gap={4} mt={2}>
      {given.map(([emoji, who]) => (
        <Tooltip key={emoji} label={who.map((id) => people.get(id)?.name ?? "?").join(", ")}>
          <Button size="compact-xs" variant={who.includes(me) ? "light" : "default"} aria-pressed={who.includes(me)} onClick={() => react.mutate({ emoji, off: who.includes(me) })}>{emoji} {who.length}</Button>
        </Tooltip>
      ))}
    </Group>
  );
}

function Tools({ message, edit, openThread }: { message: Message; edit: () => void; openThread?: (message: Message) => void }) {
  const { t } = useTranslation();
  const me = useMe().data?.user.id;
  const react = useReact(message);
  const removing = useMutation({ mutationFn: () => api.delete("/messages/{message_id}", { path: { message_id: message.id } }), onError: tellProblem });
  return (
    <Box className={classes.tools}>
      <Menu position="top-end">
        <Menu.Target><ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("React")}><IconMoodSmile size={15} /></ActionIcon></Menu.Target>
        <Menu.Dropdown>
          <Group gap={2} wrap="nowrap">{EMOJI.map((emoji) => <Menu.Item key={emoji} w="auto" px={6} onClick={() => react.mutate({ emoji, off: false })}>{emoji}</Menu.Item>)}</Group>
        </Menu.Dropdown>
      </Menu>
      {openThread && <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("Reply in a thread")} onClick={() => openThread(message)}><IconMessageReply size={15} /></ActionIcon>}
      {message.authorId === me && (
        <Menu position="top-end">
          <Menu.Target><ActionIcon variant="subtle" color="gray" size="sm" aria-label={t("More")}><IconDots size={15} /></ActionIcon></Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={edit}>{t("Edit")}</Menu.Item>
            <Menu.Item color="red" onClick={() => removing.mutate()}>{t("Delete")}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </Box>
  );
}

function Edit({ message, chat, done }: { message: Message; chat: Live; done: () => void }) {
  const { t } = useTranslation();
  const [text, write] = useState(message.body);
  const saving = useMutation({
    mutationFn: () => api.patch("/messages/{message_id}", { path: { message_id: message.id }, body: { body: text } }) as Promise<Message>,
    onSuccess: (changed) => {
      chat.changed(changed);
      done();
    },
    onError: tellProblem,
  });
  return (
    <Box>
      <Textarea aria-label={t("Message")} autosize autoFocus value={text} onChange={(event) => write(event.currentTarget.value)} onKeyDown={(event) => event.key === "Escape" && done()} />
      <Group gap="xs" mt={4}><Button size="compact-xs" loading={saving.isPending} onClick={() => saving.mutate()}>{t("Save")}</Button><Button size="compact-xs" variant="default" onClick={done}>{t("Cancel")}</Button></Group>
    </Box>
  );
}
