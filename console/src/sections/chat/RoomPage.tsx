import { ActionIcon, Box, Button, Group, Text, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconSearch } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { ProblemAlert } from "~/kit/Problems";
import { useMe, usePeople } from "~/kit/identity";
import { Link } from "~/link";
import { Composer } from "./Composer";
import { Messages } from "./Messages";
import { SearchMessages } from "./SearchMessages";
import { Thread } from "./Thread";
import type { Live, Snapshot } from "./live";
import { useRoomName } from "./rooms";
import type { Message, Room } from "./wire";

interface RoomPageProps {
  roomId: string;
  /** Undefined where the caller is no member. */
  room?: Room;
  chat: Live;
  state: Snapshot;
}

export function RoomPage({ roomId, room, chat, state }: RoomPageProps) {
  const { t } = useTranslation();
  const nameOf = useRoomName();
  const [error, setError] = useState<unknown>(null);
  const [thread, openThread] = useState<Message | null>(null);
  const [searching, search] = useState(false);
  // Where unread messages began when the room was opened; it must not move while one reads.
  const firstUnread = useRef(room?.unreadCount ? room.readSeq + 1 : Infinity);
  const load = () => {
    setError(null);
    chat.load(roomId).catch(setError);
  };
  useEffect(() => {
    if (!state.messages[roomId]) load();
  }, [roomId]);
  useEffect(() => {
    if (state.connection === "online") chat.follow(roomId);
  }, [roomId, state.connection]);
  if (error) return <Box p="md"><ProblemAlert error={error} retry={load} /></Box>;
  return (
    <>
      <Group px="md" py={8} justify="space-between" wrap="nowrap" style={{ borderBottom: "1px solid var(--line)" }}>
        <Group gap="xs" wrap="nowrap" miw={0}>
          <ActionIcon component={Link} to="/chat" variant="subtle" color="gray" hiddenFrom="sm" aria-label={t("All rooms")}><IconArrowLeft size={16} /></ActionIcon>
          <Text component="h2" fw={600} fz={14} m={0} className="truncate">{room ? nameOf(room) : t("Room")}</Text>
          <Text size="sm" c="dimmed" className="truncate">{room?.topic}</Text>
        </Group>
        <Tooltip label={t("Search messages")}><ActionIcon variant="subtle" color="gray" aria-label={t("Search messages")} onClick={() => search(true)}><IconSearch size={16} /></ActionIcon></Tooltip>
      </Group>
      <Messages roomId={roomId} chat={chat} state={state} firstUnread={firstUnread.current} openThread={openThread} />
      <Typing typing={state.typing[roomId]} />
      {room ? <Composer roomId={roomId} name={nameOf(room)} chat={chat} /> : <Join roomId={roomId} />}
      <Thread root={thread} chat={chat} state={state} onClose={() => openThread(null)} />
      <SearchMessages roomId={roomId} opened={searching} onClose={() => search(false)} />
    </>
  );
}

function Typing({ typing = {} }: { typing?: Record<string, number> }) {
  const { t } = useTranslation();
  const people = usePeople();
  const me = useMe().data?.user.id;
  const who = Object.entries(typing).filter(([id, until]) => id !== me && until > Date.now()).map(([id]) => people.get(id)?.name ?? "?");
  return <Text size="xs" c="dimmed" px="md" mih={18} role="status">{who.length === 1 ? t("{{name}} types …", { name: who[0] }) : who.length ? t("{{count}} people type", { count: who.length }) : ""}</Text>;
}

function Join({ roomId }: { roomId: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const joining = useMutation({
    mutationFn: () => api.post("/rooms/{room_id}/join", { path: { room_id: roomId } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["/rooms"] }),
  });
  return <Group p="md">{joining.error && <ProblemAlert error={joining.error} />}<Button loading={joining.isPending} onClick={() => joining.mutate()}>{t("Join")}</Button></Group>;
}
