import { Group, Kbd, Modal, SimpleGrid, Text } from "@mantine/core";
import { useDisclosure, useWindowEvent } from "@mantine/hooks";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useGo } from "~/link";
import { ACCOUNT, SECTIONS } from "~/sections";

const SHOW = "septet:shortcuts";
const GO_WITHIN_MS = 1200;

export function showShortcuts(): void {
  dispatchEvent(new Event(SHOW));
}

/** `g` then a letter goes to a section, `/` searches, `c` creates, `?` shows this list. Never while somebody types or a dialog is open. */
export function Shortcuts() {
  const { t } = useTranslation();
  const go = useGo();
  const [opened, { open, close }] = useDisclosure();
  const pressedG = useRef(0);
  useWindowEvent(SHOW as "focus", open);
  useWindowEvent("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "?") return open();
    const section = [...SECTIONS, ACCOUNT].find(({ key }) => key === event.key);
    if (event.timeStamp - pressedG.current < GO_WITHIN_MS && section) {
      pressedG.current = 0;
      event.preventDefault();
      return go(section.path);
    }
    if (event.key === "g") pressedG.current = event.timeStamp;
    if (event.key === "/") press(event, "[data-search]");
    if (event.key === "c") press(event, "[data-create]");
  });
  return (
    <Modal opened={opened} onClose={close} title={t("Keyboard shortcuts")} size="lg" closeButtonProps={{ "aria-label": t("Close") }}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="xs">
        <Shortcut keys={["Ctrl", "K"]} meaning={t("Search or do …")} />
        <Shortcut keys={["/"]} meaning={t("Search this list")} />
        <Shortcut keys={["C"]} meaning={t("Create something here")} />
        <Shortcut keys={["?"]} meaning={t("Keyboard shortcuts")} />
        {[...SECTIONS, ACCOUNT].map(({ key, title }) => <Shortcut key={key} keys={["G", key.toUpperCase()]} meaning={t(title)} />)}
      </SimpleGrid>
    </Modal>
  );
}

function Shortcut({ keys, meaning }: { keys: string[]; meaning: string }) {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm">{meaning}</Text>
      <Group gap={4} wrap="nowrap">{keys.map((key) => <Kbd key={key} size="xs">{key}</Kbd>)}</Group>
    </Group>
  );
}

function press(event: KeyboardEvent, selector: string): void {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) return;
  event.preventDefault();
  found.focus();
  if (selector === "[data-create]") found.click();
}

function typing(target: EventTarget | null): boolean {
  if (document.querySelector("[role=dialog]")) return true;
  return target instanceof HTMLElement && (target.isContentEditable || /INPUT|TEXTAREA|SELECT/.test(target.tagName));
}
