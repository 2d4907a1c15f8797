import { ActionIcon, Badge, Box, Group, Indicator, Text, Tooltip } from "@mantine/core";
import { IconHash, IconLock, IconPlus, IconUser } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { SearchField } from "~/kit/FilterBar";
import { Loading } from "~/kit/Page";
import { useFilters } from "~/kit/filters";
import { useMe } from "~/kit/identity";
import { Link } from "~/link";
import { useRoomName } from "./rooms";
import type { Room } from "./wire";
import classes from "./Chat.module.css";

interface RoomListProps {
  rooms?: Room[];
  failed: boolean;
  presence: Record<string, string>;
  opened: string;
  create: () => void;
}

export function RoomList({ rooms, failed, presence, opened, create }: RoomListProps) {
  const { t } = useTranslation();
  const nameOf = useRoomName();
  const [{ q = "" }] = useFilters();
  const found = (rooms ?? []).filter((room) => nameOf(room).toLowerCase().includes(q.toLowerCase()));
  const groups: [string, Room[]][] = [
    [t("Rooms"), found.filter((room) => room.kind === "room")],
    [t("Direct messages"), found.filter((room) => room.kind !== "room")],
  ];
  return (
    <Box className={classes.rooms} component="nav" aria-label={t("Rooms")}>
      <Group justify="space-between" px={8} pb={8}>
        <Text component="h1" fw={600} fz={16} m={0}>{t("Chat")}</Text>
        <Tooltip label={t("New room or message")}><ActionIcon variant="subtle" color="gray" onClick={create} aria-label={t("New room or message")} data-create><IconPlus size={16} /></ActionIcon></Tooltip>
      </Group>
      {!rooms && !failed && <Loading rows={4} />}
      {!!rooms?.length && <Box px={8} pb="xs" role="search"><SearchField label={t("Search rooms")} /></Box>}
      {!!rooms?.length && !found.length && <Text size="sm" c="dimmed" px={8}>{t("Nothing fits this search")}</Text>}
      {groups.map(([title, some]) => some.length > 0 && (
        <Box key={title} mb="sm">
          <Text size="xs" c="dimmed" fw={600} px={8} pb={2}>{title}</Text>
          {some.map((room) => <Entry key={room.id} room={room} presence={presence} opened={room.id === opened} />)}
        </Box>
      ))}
    </Box>
  );
}

function Entry({ room, presence, opened }: { room: Room; presence: Record<string, string>; opened: boolean }) {
  const { t } = useTranslation();
  const name = useRoomName()(room);
  const me = useMe().data?.user.id;
  const other = room.userIds?.find((id) => id !== me);
  const status = presence[other ?? ""];
  const Picture = room.kind === "direct" ? IconUser : room.visibility === "private" ? IconLock : IconHash;
  const unread = opened ? 0 : room.unreadCount;
  return (
    <Link to={`/chat/${room.id}`} className={classes.room} data-opened={opened || undefined} data-unread={unread > 0 || undefined} aria-current={opened ? "page" : undefined}>
      <Indicator size={7} disabled={status !== "online" && status !== "away"} color={status === "away" ? "yellow" : "teal"} title={status && t(status)}><Picture size={15} stroke={1.7} aria-hidden /></Indicator>
      <span className="truncate" style={{ flex: 1 }}>{name}</span>
      {unread > 0 && <Badge variant="filled" color={room.mentionCount ? "red" : "indigo"} circle={unread < 10} aria-label={t("{{count}} unread", { count: unread })}>{unread}</Badge>}
    </Link>
  );
}
