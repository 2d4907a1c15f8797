import { AppShell, Burger, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useLocation } from "@tanstack/react-router";
import { useEffect, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Bell } from "./Bell";
import { Navigation } from "./Navigation";
import { Palette } from "./Palette";
import { Shortcuts } from "./Shortcuts";

/** Navigation at the side (behind a button on a phone), the page beside it. */
export function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  useEffect(close, [pathname, close]);
  return (
    <AppShell layout="alt" header={{ height: { base: 48, sm: 0 } }} navbar={{ width: 224, breakpoint: "sm", collapsed: { mobile: !opened } }}>
      <a className="skip" href="#content">{t("Skip to content")}</a>
      <AppShell.Header hiddenFrom="sm" bg="var(--surface)">
        <Group h="100%" px="sm" justify="space-between">
          <Group gap="xs">
            <Burger opened={opened} onClick={toggle} size="sm" aria-label={t("Navigation")} />
            <Text fw={600}>Septet</Text>
          </Group>
          <Bell />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar bg="var(--sunken)" style={{ borderColor: "var(--line)" }}>
        <Navigation onClose={close} />
      </AppShell.Navbar>
      <AppShell.Main id="content" h="100dvh" style={{ overflowY: "auto" }}>{children}</AppShell.Main>
      <Palette />
      <Shortcuts />
    </AppShell>
  );
}
