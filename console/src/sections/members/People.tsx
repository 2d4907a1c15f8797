import { ActionIcon, Menu, Select } from "@mantine/core";
import { IconDots, IconUsers } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Answer, type Schema } from "~/api/client";
import { DataTable } from "~/kit/DataTable";
import { Empty } from "~/kit/Empty";
import { FilterBar } from "~/kit/FilterBar";
import { tellProblem } from "~/kit/Problems";
import { Ago, Person, State } from "~/kit/Values";
import { ME, useMay, useMe } from "~/kit/identity";
import { useList } from "~/kit/list";
import { useSearched } from "~/kit/search";
import { useRemoval } from "~/kit/undo";

type Member = Answer<"/members", "get">["data"][number];
const ROLES = ["OWNER", "ADMIN", "MEMBER"];

export function People() {
  const { t } = useTranslation();
  const list = useSearched(useList("/members", { limit: 200 }), {
    text: (member) => `${member.name} ${member.email}`, choices: { role: (member) => member.role },
  });
  return (
    <>
      <FilterBar search={t("Search by name or e-mail")}
        choices={[{ name: "role", label: t("Role"), options: ROLES.map((role) => ({ value: role, label: t(role) })) }]} />
      <DataTable label={t("Members")} list={list} rowKey={(member) => member.userId}
        empty={<Empty icon={IconUsers} title={t("Nobody yet")} />}
        columns={[
          { label: t("Person"), render: (member) => <Person name={member.name} email={member.email} size={28} /> },
          { label: t("Role"), render: (member) => <RoleField member={member} />, width: 150 },
          { label: t("Joined"), render: (member) => <Ago at={member.joinedAt} />, width: 130, wide: true },
          { label: "", render: (member) => <Actions member={member} />, width: 44 },
        ]} />
    </>
  );
}

function RoleField({ member }: { member: Member }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const mayChange = useMay("ADMIN");
  const changing = useMutation({
    mutationFn: (role: string) => api.patch("/members/{user_id}", { path: { user_id: member.userId }, body: { role } as Schema<"RoleChange"> }),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["/members"] }),
  });
  if (!mayChange) return <State of={member.role} />;
  return (
    <Select miw={96} aria-label={t("Role of {{name}}", { name: member.name })} allowDeselect={false} value={changing.isPending ? changing.variables : member.role}
      data={ROLES.map((role) => ({ value: role, label: t(role) }))} onChange={(role) => role && role !== member.role && changing.mutate(role)} />
  );
}

function Actions({ member }: { member: Member }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const me = useMe().data?.user.id;
  const mayRemove = useMay("ADMIN");
  const remove = useRemoval();
  const own = member.userId === me;
  if (!own && !mayRemove) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t("More for {{name}}", { name: member.name })}><IconDots size={16} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item color="red"
          onClick={() => remove({
            queryKey: ["/members"],
            gone: (row: Member) => row.userId === member.userId,
            told: own ? t("You are leaving.") : t("{{name}} was removed.", { name: member.name }),
            commit: () => api.delete("/members/{user_id}", { path: { user_id: member.userId } })
              .then(() => (own ? queries.invalidateQueries({ queryKey: ME }) : undefined)),
          })}>
          {own ? t("Leave") : t("Remove")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
