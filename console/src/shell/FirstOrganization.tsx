import { Anchor, Button, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { asProblem } from "~/api/problem";
import { chooseOrganization } from "~/api/session";
import { ProblemAlert } from "~/kit/Problems";
import { ME } from "~/kit/identity";
import { Door } from "./Door";
import { useLogOut } from "./UserMenu";

/** Everything belongs to an organization, so the first thing to make is one. */
export function FirstOrganization() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const logOut = useLogOut();
  const form = useForm({ initialValues: { name: "" } });
  const creating = useMutation({
    mutationFn: (body: { name: string }) => api.post("/organizations", { body }),
    onSuccess: (made) => {
      chooseOrganization(made.id);
      return queries.invalidateQueries({ queryKey: ME });
    },
    onError: (error) => form.setErrors(asProblem(error).byField),
  });
  return (
    <Door title={t("Name your organization")} hint={t("Your team, its keys and its data live in it. You can be in several.")}>
      <form onSubmit={form.onSubmit((values) => creating.mutate(values))}>
        <Stack gap="sm">
          {creating.error && <ProblemAlert error={creating.error} />}
          <TextInput size="sm" label={t("Name")} placeholder="Acme" required autoFocus {...form.getInputProps("name")} />
          <Button type="submit" size="sm" loading={creating.isPending}>{t("Create")}</Button>
          <Text size="sm" ta="center"><Anchor component="button" type="button" size="sm" onClick={logOut}>{t("Log out")}</Anchor></Text>
        </Stack>
      </form>
    </Door>
  );
}
