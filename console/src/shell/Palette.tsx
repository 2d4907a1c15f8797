import { useMantineColorScheme } from "@mantine/core";
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import { IconBuilding, IconKeyboard, IconLanguage, IconLogout, IconMoon, IconPlus, IconSearch, type Icon } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { chooseOrganization } from "~/api/session";
import { choose } from "~/i18n";
import { useMe } from "~/kit/identity";
import { useGo } from "~/link";
import { ACCOUNT, SECTIONS, TABS } from "~/sections";
import { showShortcuts } from "./Shortcuts";
import { useLogOut } from "./UserMenu";

const CREATE: [string, string][] = [
  ["New link", "/links"], ["New project", "/projects"], ["New room", "/chat"], ["New rule", "/limits"], ["New payment", "/payments"],
  ["Invite somebody", "/members"], ["New API key", "/api-keys"],
];

/** ⌘K or Ctrl-K: go anywhere, create anything, switch organization, language or appearance. */
export function Palette() {
  const { t, i18n } = useTranslation();
  const go = useGo();
  const me = useMe().data;
  const logOut = useLogOut();
  const { toggleColorScheme } = useMantineColorScheme();
  const act = (id: string, label: string, Picture: Icon, onClick: () => void): SpotlightActionData => ({
    id, label, onClick, leftSection: <Picture size={16} stroke={1.7} />,
  });
  const groups: SpotlightActionGroupData[] = [
    {
      group: t("Go to"),
      actions: [
        ...[...SECTIONS, ACCOUNT].map(({ path, title, icon }) => act(path, t(title), icon, () => go(path))),
        ...TABS.map(({ path, tab, title, icon }) => act(tab, t(title), icon, () => go(path, { tab }))),
      ],
    },
    { group: t("Create"), actions: CREATE.map(([label, path]) => act(label, t(label), IconPlus, () => go(path, { new: "1" }))) },
    {
      group: t("Organizations"),
      actions: (me?.memberships ?? []).map(({ organizationId, name }) =>
        act(organizationId, name, IconBuilding, () => (chooseOrganization(organizationId), go("/")))),
    },
    {
      group: t("More"),
      actions: [
        act("scheme", t("Switch between light and dark"), IconMoon, () => toggleColorScheme()),
        act("language", i18n.language === "en" ? "Polski" : "English", IconLanguage, () => void choose(i18n.language === "en" ? "pl" : "en")),
        act("shortcuts", t("Keyboard shortcuts"), IconKeyboard, showShortcuts),
        act("logout", t("Log out"), IconLogout, logOut),
      ],
    },
  ];
  return (
    <Spotlight actions={groups} nothingFound={t("Nothing found")} highlightQuery scrollable maxHeight={420} transitionProps={{ duration: 0 }}
      searchProps={{ leftSection: <IconSearch size={16} />, placeholder: t("Search or do …"), "aria-label": t("Search or do …") }} />
  );
}
