import { Box, Button, Center, Loader } from "@mantine/core";
import { Fragment, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { MessageRow } from "./MessageRow";
import { PendingRow } from "./PendingRow";
import { Withheld } from "./Withheld";
import type { Live, Snapshot } from "./live";
import type { Message } from "./wire";
import classes from "./Chat.module.css";

interface MessagesProps {
  roomId: string;
  chat: Live;
  state: Snapshot;
  firstUnread: number;
  openThread: (message: Message) => void;
}

const NEAR_PX = 80;

/** A room's messages, oldest above. Scrolling up fetches more; at the bottom new ones are followed and read. */
export function Messages({ roomId, chat, state, firstUnread, openThread }: MessagesProps) {
  const { t } = useTranslation();
  const area = useRef<HTMLDivElement>(null);
  const [atBottom, setAtBottom] = useState(true);
  const loading = useRef(false);
  const messages = state.messages[roomId];
  const pending = state.pending.filter((one) => one.roomId === roomId && !one.replyTo);
  const last = messages?.at(-1)?.seq ?? 0;
  const hidden = !!messages?.length && firstUnread < (messages[0]?.seq ?? 0);

  useLayoutEffect(() => {
    if (atBottom) area.current?.scrollTo({ top: area.current.scrollHeight });
  }, [messages, pending.length, atBottom]);
  useEffect(() => {
    if (last && atBottom && document.visibilityState === "visible") chat.read(roomId, last);
  }, [last, atBottom, roomId, state.connection]);

  async function scrolled() {
    const element = area.current!;
    setAtBottom(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX);
    if (element.scrollTop > NEAR_PX || loading.current || state.complete[roomId]) return;
    loading.current = true;
    const fromBottom = element.scrollHeight - element.scrollTop;
    await chat.load(roomId).catch(() => undefined);
    requestAnimationFrame(() => {
      element.scrollTop = element.scrollHeight - fromBottom;
      loading.current = false;
    });
  }
  // Numbers have no gaps, so the newest withheld message tells how many there are.
  const withheld = messages?.findLast((message) => message.withheld)?.seq ?? 0;
  const shown = messages?.filter((message) => !message.withheld) ?? [];
  if (!messages) return <Center style={{ flex: 1 }}><Loader size="sm" /></Center>;
  return (
    <Box className={classes.messages} ref={area} onScroll={() => void scrolled()} role="log" aria-label={t("Messages")} tabIndex={0}>
      {hidden && <Center><Button variant="light" onClick={() => area.current?.scrollTo({ top: 0 })}>{t("Jump to unread")}</Button></Center>}
      {withheld > 0 && <Withheld count={withheld} />}
      {shown.map((message, index) => (
        <Fragment key={message.seq}>
          {message.seq === firstUnread && <Box className={classes.unread}>{t("New")}</Box>}
          <MessageRow message={message} follows={follows(shown[index - 1], message)} chat={chat} openThread={openThread} />
        </Fragment>
      ))}
      {pending.map((one) => <PendingRow key={one.clientMessageId} pending={one} retry={() => chat.retry(one)} />)}
      {!atBottom && <Center style={{ position: "sticky", bottom: 0 }}><Button size="compact-xs" onClick={() => setAtBottom(true)}>{t("To the newest")}</Button></Center>}
    </Box>
  );
}

/** Whether the same person goes on within five minutes, so that the name need not be said again. */
function follows(before: Message | undefined, message: Message): boolean {
  return before?.authorId === message.authorId && before.kind === message.kind && Date.parse(message.sentAt) - Date.parse(before.sentAt) < 300_000;
}
