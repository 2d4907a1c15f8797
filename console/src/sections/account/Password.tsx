import { Button, Group, PasswordInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { asProblem } from "~/api/problem";
import { ProblemAlert } from "~/kit/Problems";
import { useMe } from "~/kit/identity";

export function Password() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const email = useMe().data?.user.email;
  const form = useForm({ initialValues: { currentPassword: "", newPassword: "" } });
  const changing = useMutation({
    mutationFn: (body: typeof form.values) => api.post("/auth/password/change", { body }),
    onSuccess: () => {
      form.reset();
      notifications.show({ message: t("Your password is changed; other sessions have ended.") });
      return queries.invalidateQueries({ queryKey: ["/auth/sessions"] });
    },
    onError: (error) => form.setErrors(asProblem(error).byField),
  });
  return (
    <form onSubmit={form.onSubmit((values) => changing.mutate(values))}>
      {changing.error && <ProblemAlert error={changing.error} />}
      {/* Password managers want to know whose password this is. */}
      <input type="text" autoComplete="username" value={email ?? ""} readOnly hidden />
      <Group align="flex-start">
        <PasswordInput label={t("Current password")} autoComplete="current-password" required w={220} {...form.getInputProps("currentPassword")} />
        <PasswordInput label={t("New password")} autoComplete="new-password" required w={220} {...form.getInputProps("newPassword")} />
        <Button type="submit" mt={22} loading={changing.isPending}>{t("Change")}</Button>
      </Group>
    </form>
  );
}
