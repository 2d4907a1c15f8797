import { Anchor, Button, Divider, PasswordInput, PinInput, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconFingerprint } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api/client";
import { logInWithPasskey, passkeysWork } from "~/api/passkeys";
import { asProblem } from "~/api/problem";
import { signedIn } from "~/api/session";
import { ProblemAlert } from "~/kit/Problems";
import { ME } from "~/kit/identity";
import { Door } from "./Door";

type Way = "login" | "signup" | "forgot";

/** Log in (password, second factor, passkey), sign up, or ask for a new password. */
export function SignIn() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [way, setWay] = useState<Way>("login");
  const [sent, setSent] = useState(false);
  const [needsCode, setNeedsCode] = useState(false);
  const [recovering, recover] = useState(false);
  const form = useForm({ initialValues: { email: "", password: "", name: "", totpCode: "" } });
  const entered = () => {
    signedIn(true);
    void queries.invalidateQueries({ queryKey: ME });
  };
  const passkey = useMutation({ mutationFn: logInWithPasskey, onSuccess: entered });
  const sending = useMutation({
    mutationFn: ({ email, password, name, totpCode }: typeof form.values): Promise<unknown> => {
      if (way === "forgot") return api.post("/auth/password/forgot", { body: { email } });
      if (way === "signup") return api.post("/auth/signup", { body: { email, password, name, locale: document.documentElement.lang } });
      return api.post("/auth/login", { body: { email, password, ...(totpCode ? { totpCode } : {}) } });
    },
    onSuccess: () => (way === "forgot" ? setSent(true) : entered()),
    onError: (error) => {
      const problem = asProblem(error);
      if (problem.code.startsWith("totp")) setNeedsCode(true);
      form.setErrors(problem.byField);
    },
  });
  function turn(to: Way) {
    sending.reset();
    setSent(false);
    setWay(to);
  }
  function turnCode() {
    form.setFieldValue("totpCode", "");
    recover(!recovering);
  }
  const [title, button] = { login: ["Log in", "Log in"], signup: ["Create your account", "Sign up"], forgot: ["Forgot your password?", "Send the mail"] }[way] as [string, string];
  const quiet = needsCode && sending.error && asProblem(sending.error).code === "totp_required";
  return (
    <Door title={t(title)} hint={way === "forgot" ? t("We send you a link that lets you choose a new one.") : undefined}>
      <form onSubmit={form.onSubmit((values) => sending.mutate(values))}>
        <Stack gap="sm">
          {sending.error && !quiet && <ProblemAlert error={sending.error} />}
          {sent && <Text size="sm" role="status">{t("If there is an account with this address, a mail is on its way.")}</Text>}
          {way === "signup" && <TextInput size="sm" label={t("Your name")} autoComplete="name" required {...form.getInputProps("name")} />}
          <TextInput size="sm" label={t("E-mail")} type="email" autoComplete="username webauthn" required autoFocus {...form.getInputProps("email")} />
          {way !== "forgot" && (
            <PasswordInput size="sm" label={t("Password")} required autoComplete={way === "signup" ? "new-password" : "current-password"}
              description={way === "signup" ? t("At least 8 characters; a few words are better.") : undefined} {...form.getInputProps("password")} />
          )}
          {needsCode && way === "login" && (
            <div>
              <Text size="sm" mb={4}>{recovering ? t("Recovery code") : t("Code of your second factor")}</Text>
              {recovering
                ? <TextInput size="sm" autoFocus autoComplete="off" aria-label={t("Recovery code")} placeholder="abcde-fghij" {...form.getInputProps("totpCode")} />
                : <PinInput length={6} type="number" oneTimeCode autoFocus aria-label={t("Code of your second factor")} {...form.getInputProps("totpCode")} />}
              <Anchor component="button" type="button" size="sm" mt={4} onClick={turnCode}>{recovering ? t("Use the app's code") : t("Use a recovery code")}</Anchor>
            </div>
          )}
          <Button type="submit" size="sm" fullWidth loading={sending.isPending}>{t(button)}</Button>
          {way === "login" && passkeysWork() && (
            <>
              <Divider label={t("or")} />
              {passkey.error && <ProblemAlert error={passkey.error} />}
              <Button variant="default" size="sm" leftSection={<IconFingerprint size={16} />} loading={passkey.isPending} onClick={() => passkey.mutate()}>
                {t("Log in with a passkey")}
              </Button>
            </>
          )}
          <Text size="sm" ta="center" mt="xs">
            {way === "login" ? (
              <>
                <Anchor component="button" type="button" size="sm" onClick={() => turn("signup")}>{t("Create an account")}</Anchor>
                {" · "}
                <Anchor component="button" type="button" size="sm" onClick={() => turn("forgot")}>{t("Forgot your password?")}</Anchor>
              </>
            ) : (
              <Anchor component="button" type="button" size="sm" onClick={() => turn("login")}>{t("Log in instead")}</Anchor>
            )}
          </Text>
        </Stack>
      </form>
    </Door>
  );
}
