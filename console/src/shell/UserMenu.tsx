import { Menu, UnstyledButton, VisuallyHidden, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconKeyboard, IconLanguage, IconLogout, IconMoon, IconSun, IconUserCircle } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { signedIn } from "~/api/session";
import { choose, languages, type Language } from "~/i18n";
import { tellProblem } from "~/kit/Problems";
import { Person } from "~/kit/Values";
import { ME, useMe } from "~/kit/identity";
import { useGo } from "~/link";
import { showShortcuts } from "./Shortcuts";

export function UserMenu() {
  const { t, i18n } = useTranslation();
  const go = useGo();
  const me = useMe().data;
  const logOut = useLogOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const other = (i18n.language === "en" ? "pl" : "en") as Language;
  return (
    <Menu width={220} position="top-start">
      <Menu.Target>
        <UnstyledButton p={4} w="100%"><VisuallyHidden>{t("Your account")}: </VisuallyHidden><Person name={me?.user.name ?? ""} email={me?.user.email} /></UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconUserCircle size={14} />} onClick={() => go("/account")}>{t("Your account")}</Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={14} />} onClick={showShortcuts}>{t("Keyboard shortcuts")}</Menu.Item>
        <Menu.Item leftSection={<IconLanguage size={14} />} lang={other} onClick={() => void choose(other)}>{languages[other]}</Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("Appearance")}</Menu.Label>
        {SCHEMES.map(([scheme, label, Picture]) => (
          <Menu.Item key={scheme} leftSection={<Picture size={14} />} role="menuitemradio" aria-checked={scheme === colorScheme}
            fw={scheme === colorScheme ? 600 : undefined} onClick={() => setColorScheme(scheme)}>
            {t(label)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={14} />} onClick={logOut}>{t("Log out")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const SCHEMES = [["light", "Light", IconSun], ["dark", "Dark", IconMoon], ["auto", "As the system", IconDeviceDesktop]] as const;

export function useLogOut(): () => void {
  const queries = useQueryClient();
  return () => {
    api.post("/auth/logout").then(() => {
      signedIn(false);
      // Not `clear()`: pages that watch who is logged in would go on watching what was cleared.
      queries.setQueryData(ME, null);
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== ME[0] });
    }, tellProblem);
  };
}
