import { SimpleGrid, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Page } from "~/kit/Page";
import { useMe, useMembership } from "~/kit/identity";
import { FirstSteps } from "./FirstSteps";
import { Health } from "./Health";
import { LatestActivity } from "./LatestActivity";
import { Today } from "./Today";

export function Home() {
  const { t } = useTranslation();
  const me = useMe().data;
  const organization = useMembership();
  return (
    <Page title={t("Hello, {{name}}", { name: me?.user.name.split(" ")[0] })} hint={t("This is {{organization}} today.", { organization: organization?.name })}>
      <FirstSteps />
      <Today />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Stack><LatestActivity /></Stack>
        <Stack><Health /></Stack>
      </SimpleGrid>
    </Page>
  );
}
