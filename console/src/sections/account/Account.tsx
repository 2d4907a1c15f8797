import { useTranslation } from "react-i18next";
import { Page, Panel } from "~/kit/Page";
import { Facts } from "~/kit/Values";
import { useMe } from "~/kit/identity";
import { Passkeys } from "./Passkeys";
import { Password } from "./Password";
import { SecondFactor } from "./SecondFactor";
import { Sessions } from "./Sessions";

export function Account() {
  const { t } = useTranslation();
  const user = useMe().data?.user;
  return (
    <Page title={t("Your account")} hint={t("The same in every organization.")}>
      <Panel title={t("You")}><Facts of={[[t("Name"), user?.name], [t("E-mail"), user?.email]]} /></Panel>
      <Sessions />
      <Panel title={t("Password")}><Password /></Panel>
      <Panel title={t("Second factor")}><SecondFactor /></Panel>
      <Panel title={t("Passkeys")}><Passkeys /></Panel>
    </Page>
  );
}
