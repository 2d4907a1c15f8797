/** Which organization requests are made for, and what to do when the session has ended. No token is kept anywhere. */

const KEY = "septet.organization";
const SIGNED_IN = "septet.signed-in";
let ended: () => void = () => undefined;
const listeners = new Set<() => void>();

export function chosenOrganization(): string | null {
  return localStorage.getItem(KEY);
}

export function chooseOrganization(id: string | null): void {
  if (id) localStorage.setItem(KEY, id);
  else localStorage.removeItem(KEY);
  for (const listener of listeners) listener();
}

/** For `useSyncExternalStore`; other tabs choose for themselves. */
export function onOrganizationChosen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function onSessionEnded(react: () => void): void {
  ended = react;
}

/** Whether this browser was signed in when last seen: spares the sign-in page a request that would be refused. */
export function wasSignedIn(): boolean {
  return localStorage.getItem(SIGNED_IN) !== null;
}

export function signedIn(is: boolean): void {
  if (is) localStorage.setItem(SIGNED_IN, "yes");
  else localStorage.removeItem(SIGNED_IN);
}

export function sessionEnded(): void {
  signedIn(false);
  ended();
}
