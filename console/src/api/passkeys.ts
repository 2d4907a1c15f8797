/** Passkeys (WebAuthn): the browser's part of registration and login. */
import { browserSupportsWebAuthn, startAuthentication, startRegistration } from "@simplewebauthn/browser";
import { api } from "./client";

/** Browsers offer passkeys only on HTTPS and on localhost. */
export function passkeysWork(): boolean {
  return browserSupportsWebAuthn();
}

export async function logInWithPasskey(): Promise<unknown> {
  const options = await api.post("/auth/passkeys/login/options", {});
  const credential = await startAuthentication({ optionsJSON: options.publicKey ?? options });
  return api.post("/auth/passkeys/login", { body: { credential } });
}

export async function addPasskey(name: string): Promise<unknown> {
  const options = await api.post("/auth/passkeys/options", {});
  const credential = await startRegistration({ optionsJSON: options.publicKey ?? options });
  return api.post("/auth/passkeys", { body: { name, credential } });
}
