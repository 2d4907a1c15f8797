/** Passkeys (WebAuthn): the browser's part of registration and login. */
import {
  browserSupportsWebAuthn, startAuthentication, startRegistration,
  type PublicKeyCredentialCreationOptionsJSON, type PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/browser";
import { api } from "./client";

/** Browsers offer passkeys only on HTTPS and on localhost, and never for a host that is an address of numbers. */
export function passkeysWork(): boolean {
  return browserSupportsWebAuthn() && !/^[\d.]+$|:/.test(location.hostname);
}

export async function logInWithPasskey(): Promise<unknown> {
  const options = await api.post("/auth/passkeys/login/options", {});
  const credential = await startAuthentication({ optionsJSON: options.publicKey as unknown as PublicKeyCredentialRequestOptionsJSON });
  return api.post("/auth/passkeys/login", { body: { challengeId: options.challengeId, credential: { ...credential } } });
}

export async function addPasskey(name: string): Promise<unknown> {
  const options = await api.post("/auth/passkeys/options", {});
  const credential = await startRegistration({ optionsJSON: options.publicKey as unknown as PublicKeyCredentialCreationOptionsJSON });
  return api.post("/auth/passkeys", { body: { challengeId: options.challengeId, name, credential: { ...credential } } });
}
