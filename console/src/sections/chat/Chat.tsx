import { Alert, Box, Button, Group, Text } from "@mantine/core";
import { IconMessages, IconWifiOff } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useDocumentTitle } from "@mantine/hooks";
import { Curl } from "~/kit/Curl";
import { Empty } from "~/kit/Empty";
import { ProblemAlert } from "~/kit/Problems";
import { useCreating } from "~/kit/creating";
import { useMembership } from "~/kit/identity";
import { useParam } from "~/link";
import { NewRoom } from "./NewRoom";
import { RoomList } from "./RoomList";
import { RoomPage } from "./RoomPage";
import { useLive } from "./live";
import { useRooms } from "./rooms";
import classes from "./Chat.module.css";

export function Chat() {
  const { t } = useTranslation();
  useDocumentTitle(`${t("Chat")} · Septet`);
  const organizationId = useMembership()?.organizationId ?? "";
  const [chat, state] = useLive(organizationId);
  const rooms = useRooms(state.roomsVersion);
  const [creating, open, close] = useCreating();
  const roomId = useParam("roomId");
  const room = rooms.data?.find(({ id }) => id === roomId);
  return (
    // A phone shows the rooms or what is beside them; where there are no rooms to show, the latter.
    <Box className={classes.chat} data-room={roomId || rooms.error || rooms.data?.length === 0 ? true : undefined}>
      <RoomList rooms={rooms.data} failed={!!rooms.error} presence={state.presence} opened={roomId} create={open} />
      <Box className={classes.main}>
        {state.connection !== "online" && (
          <Alert color="yellow" radius={0} py={6} icon={<IconWifiOff size={16} />} role="status" data-connection={state.connection}>
            <Text size="sm">{state.connection === "offline" ? t("You are offline. What you write is sent when you are back.") : t("Connecting … what you write is sent as soon as it stands.")}</Text>
          </Alert>
        )}
        {rooms.error ? <Box p="md"><ProblemAlert error={rooms.error} retry={() => void rooms.refetch()} /></Box> : null}
        {roomId && rooms.data && <RoomPage key={roomId} roomId={roomId} room={room} chat={chat} state={state} />}
        {!roomId && rooms.data && (
          <Empty icon={IconMessages} title={rooms.data.length ? t("Choose a room") : t("No rooms yet")} hint={t("A room is where your team talks; everybody in the organization can find the public ones.")}>
            <Group><Button onClick={open}>{t("New room")}</Button></Group>
            {!rooms.data.length && <Curl path="/rooms" scope="chat:write" body={{ name: "general", visibility: "public" }} />}
          </Empty>
        )}
      </Box>
      <NewRoom opened={creating} onClose={close} />
    </Box>
  );
}
