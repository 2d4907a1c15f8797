import { Avatar, Group, Menu, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCheck, IconPlus, IconSelector } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { chooseOrganization } from "~/api/session";
import { useMe, useMembership } from "~/kit/identity";
import { useGo } from "~/link";
import { NewOrganization } from "./NewOrganization";

export function OrganizationSwitcher() {
  const { t } = useTranslation();
  const go = useGo();
  const me = useMe().data;
  const current = useMembership();
  const [creating, { open, close }] = useDisclosure();
  function choose(id: string) {
    chooseOrganization(id);
    go("/");
  }
  return (
    <>
      <Menu width={250} position="bottom-start">
        <Menu.Target>
          <UnstyledButton p={4} w="100%" aria-label={t("Organization: {{name}}", { name: current?.name })}>
            <Group gap={8} wrap="nowrap">
              <Avatar name={current?.name} size={24} radius="sm" color="indigo" variant="filled" aria-hidden />
              <Text size="sm" fw={600} className="truncate" style={{ flex: 1 }}>{current?.name}</Text>
              <IconSelector size={14} aria-hidden />
            </Group>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t("Organizations")}</Menu.Label>
          {me?.memberships.map(({ organizationId, name, role }) => (
            <Menu.Item key={organizationId} onClick={() => choose(organizationId)}
              rightSection={organizationId === current?.organizationId ? <IconCheck size={14} /> : <Text size="xs" c="dimmed">{t(role)}</Text>}>
              {name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<IconPlus size={14} />} onClick={open}>{t("New organization")}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <NewOrganization opened={creating} onClose={close} />
    </>
  );
}
