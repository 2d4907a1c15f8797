import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconMailForward } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { Curl } from "~/kit/Curl";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { tellProblem } from "~/kit/Problems";
import { Ago, State } from "~/kit/Values";
import { useFilters } from "~/kit/filters";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { useRemoval } from "~/kit/undo";

interface Invitation {
  id: string;
  email: string;
  role: string;
  status: string;
  expiresAt: string;
}

const STATUSES = ["pending", "accepted", "revoked", "expired"];

export function Invitations() {
  const { t } = useTranslation();
  const [filters] = useFilters();
  const asked = useList("/invitations", { status: filters.status, limit: 200 });
  const list = useSearched({ ...asked, narrowed: !!filters.status }, { text: (invitation) => invitation.email });
  return (
    <>
      <FilterBar search={t("Search by e-mail")} choices={[{ name: "status", label: t("State"), options: STATUSES.map((value) => ({ value, label: t(value) })) }]} />
      <DataTable label={t("Invitations")} list={list} rowKey={(invitation) => invitation.id}
        empty={
          <Empty icon={IconMailForward} title={t("Nobody is invited")} hint={t("An invitation is a mail with a link that is good for seven days.")}>
            <Curl path="/invitations" scope="tenancy:write" body={{ email: "grace@example.com", role: "MEMBER" }} />
          </Empty>
        }
        columns={[
          { label: t("E-mail"), render: (invitation) => <Text size="sm" className="truncate">{invitation.email}</Text> },
          { label: t("Role"), render: (invitation) => <State of={invitation.role} />, width: 110, wide: true },
          { label: t("State"), render: (invitation) => <State of={invitation.status} />, width: 110 },
          { label: t("Good until"), render: (invitation) => <Ago at={invitation.expiresAt} />, width: 120, wide: true },
          { label: "", render: (invitation) => <Actions invitation={invitation} />, width: 190, align: "right" },
        ]} />
    </>
  );
}

function Actions({ invitation }: { invitation: Invitation }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const remove = useRemoval();
  const path = { invitation_id: invitation.id };
  const resending = useMutation({
    mutationFn: () => api.post("/invitations/{invitation_id}/resend", { path }),
    onSuccess: () => {
      notifications.show({ message: t("Sent again to {{email}}.", { email: invitation.email }) });
      return queries.invalidateQueries({ queryKey: ["/invitations"] });
    },
    onError: tellProblem,
  });
  if (invitation.status !== "pending") return null;
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      <Button variant="subtle" loading={resending.isPending} onClick={() => resending.mutate()}>{t("Send again")}</Button>
      <Button variant="subtle" color="red"
        onClick={() => remove({
          queryKey: ["/invitations"],
          gone: (row: Invitation) => row.id === invitation.id,
          told: t("The invitation of {{email}} was revoked.", { email: invitation.email }),
          commit: () => api.delete("/invitations/{invitation_id}", { path }),
        })}>
        {t("Revoke")}
      </Button>
    </Group>
  );
}
