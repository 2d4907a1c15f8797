import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { ProblemAlert } from "~/kit/Problems";
import { Facts, Identifier } from "~/kit/Values";
import type { Domain } from "./link";

/** The DNS record that proves a domain, and whether it is there. */
export function DomainProof({ domain, onClose }: { domain?: Domain; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened={!!domain} onClose={onClose} title={domain?.host} size="lg" closeButtonProps={{ "aria-label": t("Close") }}>
      {domain && (domain.status === "verified" ? <Proven domain={domain} /> : <Pending key={domain.id} domain={domain} />)}
    </Modal>
  );
}

function Pending({ domain }: { domain: Domain }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const checking = useMutation({
    mutationFn: () => api.post("/links/domains/{domain_id}/verify", { path: { domain_id: domain.id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["/links/domains"] }),
  });
  return (
    <Stack>
      <Text size="sm">{t("Set this record where the domain's DNS is kept. It may take minutes until others see it.")}</Text>
      <Facts of={[
        [t("Type"), <Text component="code" className="mono">TXT</Text>],
        [t("Name"), <Identifier value={domain.txtName} label={t("Copy the name")} />],
        [t("Value"), <Identifier value={domain.txtValue} label={t("Copy the value")} />],
      ]} />
      {checking.error && <ProblemAlert error={checking.error} />}
      <Group justify="flex-end"><Button loading={checking.isPending} onClick={() => checking.mutate()}>{t("Check now")}</Button></Group>
    </Stack>
  );
}

function Proven({ domain }: { domain: Domain }) {
  const { t } = useTranslation();
  return (
    <Alert color="teal" variant="light" icon={<IconCheck size={18} />} title={t("The domain is yours")}>
      <Text size="sm">{t("Lead its web server to Septet, and choose it for new links: they begin with {{address}}.", { address: `https://${domain.host}/` })}</Text>
    </Alert>
  );
}
