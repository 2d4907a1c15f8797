import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Schema } from "~/api/client";
import { asProblem } from "~/api/problem";
import { chooseOrganization, signedIn } from "~/api/session";
import { ProblemAlert } from "~/kit/Problems";
import { useFilters } from "~/kit/filters";
import { ME, useMe } from "~/kit/identity";
import { useGo } from "~/link";
import { Door } from "~/shell/Door";

/** Where an invitation's link leads. Who has an account accepts; who has none makes one on the way. */
export function Invitation() {
  const { t } = useTranslation();
  const [{ token }] = useFilters();
  const go = useGo();
  const queries = useQueryClient();
  const me = useMe().data;
  const form = useForm({ initialValues: { name: "", password: "" } });
  const accepting = useMutation({
    mutationFn: (body: Partial<typeof form.values>) => api.post("/invitations/accept", { body: { token, ...body } as Schema<"InvitationAccept"> }),
    onSuccess: async (made) => {
      chooseOrganization(made.organizationId);
      signedIn(true);
      await queries.invalidateQueries({ queryKey: ME });
      go("/");
    },
    onError: (error) => form.setErrors(asProblem(error).byField),
  });
  return (
    <Door title={t("You are invited")} hint={me ? t("You accept as {{email}}.", { email: me.user.email }) : t("Choose a name and a password to join.")}>
      <form onSubmit={form.onSubmit((values) => accepting.mutate(me ? {} : values))}>
        <Stack gap="sm">
          {accepting.error && <ProblemAlert error={accepting.error} />}
          {!me && (
            <>
              <TextInput size="sm" label={t("Your name")} autoComplete="name" required {...form.getInputProps("name")} />
              <PasswordInput size="sm" label={t("Password")} autoComplete="new-password" required {...form.getInputProps("password")} />
            </>
          )}
          <Button type="submit" size="sm" loading={accepting.isPending} disabled={!token}>{t("Accept")}</Button>
        </Stack>
      </form>
    </Door>
  );
}
