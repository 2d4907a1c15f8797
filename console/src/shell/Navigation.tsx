import { Box, Burger, Group, Kbd, ScrollArea, Text, UnstyledButton } from "@mantine/core";
import { spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "~/link";
import { SECTIONS } from "~/sections";
import { Bell } from "./Bell";
import { OrganizationSwitcher } from "./OrganizationSwitcher";
import { UserMenu } from "./UserMenu";
import classes from "./Navigation.module.css";

export function Navigation({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Group p="xs" pb={4} gap={4} wrap="nowrap">
        <Box style={{ flex: 1 }} miw={0}><OrganizationSwitcher /></Box>
        <Box visibleFrom="sm"><Bell /></Box>
        <Burger hiddenFrom="sm" opened onClick={onClose} size="sm" aria-label={t("Close")} />
      </Group>
      <Box px="xs" pb="xs">
        <UnstyledButton className={classes.search} onClick={spotlight.open}>
          <IconSearch size={14} />
          <Text size="sm" style={{ flex: 1 }}>{t("Search or do …")}</Text>
          <Kbd size="xs">{/Mac/.test(navigator.userAgent) ? "⌘" : "Ctrl"} K</Kbd>
        </UnstyledButton>
      </Box>
      <ScrollArea style={{ flex: 1 }} px="xs" component="nav" aria-label={t("Sections")}>
        {SECTIONS.map(({ path, title, group, icon: Picture }, index) => (
          <Fragment key={path}>
            {group && group !== SECTIONS[index - 1]?.group && <Text className={classes.group}>{t(group)}</Text>}
            <Link to={path} className={classes.link} {...{ activeOptions: { exact: path === "/", includeSearch: false } }}>
              <Picture size={16} stroke={1.7} aria-hidden />
              {t(title)}
            </Link>
          </Fragment>
        ))}
      </ScrollArea>
      <Box p="xs" style={{ borderTop: "1px solid var(--line)" }}><UserMenu /></Box>
    </>
  );
}
