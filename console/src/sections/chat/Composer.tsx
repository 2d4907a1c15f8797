import { ActionIcon, Box, Textarea } from "@mantine/core";
import { IconSend2 } from "@tabler/icons-react";
import { useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import type { Live } from "./live";

// What one was writing in which room, kept while this page is open.
const drafts = new Map<string, string>();

interface ComposerProps {
  roomId: string;
  name: string;
  chat: Live;
  replyTo?: string;
}

/** Enter sends, Shift+Enter breaks the line. */
export function Composer({ roomId, name, chat, replyTo }: ComposerProps) {
  const { t } = useTranslation();
  const key = replyTo ?? roomId;
  const [text, setText] = useState(drafts.get(key) ?? "");
  function write(value: string) {
    drafts.set(key, value);
    setText(value);
    if (value) chat.typing(roomId);
  }
  function post() {
    if (!text.trim()) return;
    chat.post(roomId, text.trim(), replyTo);
    write("");
  }
  function pressed(event: KeyboardEvent) {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    post();
  }
  return (
    <Box px="md" pb="md">
      <Textarea aria-label={t("Message")} placeholder={t("Write to {{name}}", { name })} autosize maxRows={8} size="sm" value={text} autoFocus={!replyTo}
        onChange={(event) => write(event.currentTarget.value)} onKeyDown={pressed}
        rightSection={<ActionIcon variant="subtle" onClick={post} disabled={!text.trim()} aria-label={t("Send")}><IconSend2 size={16} /></ActionIcon>} />
    </Box>
  );
}
