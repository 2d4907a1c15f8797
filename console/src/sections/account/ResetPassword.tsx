import { Button, PasswordInput, Stack } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { asProblem } from "~/api/problem";
import { ProblemAlert } from "~/kit/Problems";
import { useFilters } from "~/kit/filters";
import { useGo } from "~/link";
import { Door } from "~/shell/Door";

/** Where the mail about a forgotten password leads. */
export function ResetPassword() {
  const { t } = useTranslation();
  const go = useGo();
  const [{ token = "" }] = useFilters();
  const form = useForm({ initialValues: { password: "" } });
  const resetting = useMutation({
    mutationFn: ({ password }: typeof form.values) => api.post("/auth/password/reset", { body: { token, password } }),
    onSuccess: () => {
      notifications.show({ message: t("Your password is changed; log in with it.") });
      go("/");
    },
    onError: (error) => form.setErrors(asProblem(error).byField),
  });
  return (
    <Door title={t("Choose a new password")}>
      <form onSubmit={form.onSubmit((values) => resetting.mutate(values))}>
        <Stack gap="sm">
          {resetting.error && <ProblemAlert error={resetting.error} />}
          <PasswordInput size="sm" label={t("New password")} autoComplete="new-password" required {...form.getInputProps("password")} />
          <Button type="submit" size="sm" loading={resetting.isPending} disabled={!token}>{t("Change")}</Button>
        </Stack>
      </form>
    </Door>
  );
}
