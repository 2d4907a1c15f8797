import { Box, Divider, Drawer } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { Loading } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { Composer } from "./Composer";
import { MessageRow } from "./MessageRow";
import { PendingRow } from "./PendingRow";
import type { Live, Snapshot } from "./live";
import type { Message } from "./wire";

interface ThreadProps {
  root: Message | null;
  chat: Live;
  state: Snapshot;
  onClose: () => void;
}

/** A message and its answers. */
export function Thread({ root, ...props }: ThreadProps) {
  const { t } = useTranslation();
  return (
    <Drawer opened={root !== null} onClose={props.onClose} position="right" title={t("Thread")} closeButtonProps={{ "aria-label": t("Close") }}>
      {root && <Contents key={root.id} root={root} {...props} />}
    </Drawer>
  );
}

function Contents({ root, chat, state }: ThreadProps & { root: Message }) {
  const { t } = useTranslation();
  const first = root.threadId ?? root.id;
  // A new answer shows at once: the room's newest message is part of what was asked.
  const newest = state.messages[root.roomId]?.at(-1)?.seq;
  const found = useQuery({
    queryKey: ["/messages/thread", first, newest],
    queryFn: () => api.get("/messages/{message_id}/thread", { path: { message_id: first } }).then((answer) => answer.data as Message[]),
    placeholderData: (before) => before,
  });
  const pending = state.pending.filter((one) => one.replyTo === first);
  const answers = (found.data ?? []).filter((message) => message.id !== first);
  const start = found.data?.find((message) => message.id === first) ?? root;
  return (
    <Box>
      {found.error && <ProblemAlert error={found.error} retry={() => void found.refetch()} />}
      <MessageRow message={start} follows={false} chat={chat} />
      <Divider my="xs" label={t("{{count}} replies", { count: answers.length })} />
      {found.isPending && <Loading rows={2} />}
      {answers.map((message) => <MessageRow key={message.id} message={message} follows={false} chat={chat} />)}
      {pending.map((one) => <PendingRow key={one.clientMessageId} pending={one} retry={() => chat.retry(one)} />)}
      <Box mt="md" mx={-16}><Composer roomId={root.roomId} name={t("the thread")} chat={chat} replyTo={first} /></Box>
    </Box>
  );
}
