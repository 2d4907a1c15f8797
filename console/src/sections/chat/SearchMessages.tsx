import { Box, Modal, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { dateTime } from "~/format";
import { Loading } from "~/kit/Page";
import { ProblemAlert } from "~/kit/Problems";
import { usePeople } from "~/kit/identity";
import type { Message } from "./wire";

type Hit = { message: Message; highlight?: string } | (Message & { message?: undefined });

export function SearchMessages({ roomId, opened, onClose }: { roomId: string; opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const people = usePeople();
  const [text, write] = useState("");
  const [q] = useDebouncedValue(text.trim(), 250);
  const found = useQuery({
    queryKey: ["/messages/search", roomId, q],
    queryFn: () => api.get("/messages/search", { query: { q, roomId } }).then((answer) => answer.data as Hit[]),
    enabled: q.length > 1,
  });
  return (
    <Modal opened={opened} onClose={onClose} title={t("Search messages")} closeButtonProps={{ "aria-label": t("Close") }}>
      <TextInput aria-label={t("Search messages")} data-autofocus leftSection={<IconSearch size={14} />} value={text} onChange={(event) => write(event.currentTarget.value)} />
      {found.error && <ProblemAlert error={found.error} retry={() => void found.refetch()} />}
      {found.isLoading && <Box mt="md"><Loading rows={3} /></Box>}
      {found.data?.length === 0 && <Text size="sm" c="dimmed" mt="md">{t("Nothing found")}</Text>}
      {found.data?.map((hit) => {
        const message = hit.message ?? (hit as Message);
        return (
          <Box key={message.id} mt="sm">
            <Text size="xs" c="dimmed">{people.get(message.authorId)?.name} · {dateTime(message.sentAt)}</Text>
            <Text size="sm"><Highlighted text={(hit as { highlight?: string }).highlight || message.body} /></Text>
          </Box>
        );
      })}
    </Modal>
  );
}

/** What matched stands between U+E000 and U+E001. */
function Highlighted({ text }: { text: string }) {
  return text.split("\ue000").map((part, index) => {
    const [matched, rest] = index ? part.split("\ue001") : ["", part];
    return <span key={index}>{matched && <mark>{matched}</mark>}{rest}</span>;
  });
}
