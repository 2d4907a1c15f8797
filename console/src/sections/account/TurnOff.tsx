import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { asProblem } from "~/api/problem";
import { ProblemAlert } from "~/kit/Problems";

/** Whoever turns the second factor off shows that they have it. */
export function TurnOff({ done }: { done: () => Promise<void> }) {
  const { t } = useTranslation();
  const form = useForm({ initialValues: { code: "" } });
  const turning = useMutation({
    mutationFn: (body: typeof form.values) => api.delete("/auth/totp", { body }),
    onSuccess: done,
    onError: (error) => form.setErrors(asProblem(error).byField),
  });
  return (
    <form onSubmit={form.onSubmit((values) => turning.mutate(values))}>
      <Stack gap="xs">
        {turning.error && <ProblemAlert error={turning.error} />}
        <Group align="flex-end">
          <TextInput label={t("Code of the app, or a recovery code")} required autoFocus autoComplete="one-time-code" w={260} {...form.getInputProps("code")} />
          <Button type="submit" color="red" variant="light" loading={turning.isPending}>{t("Turn it off")}</Button>
        </Group>
      </Stack>
    </form>
  );
}
