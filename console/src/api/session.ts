/** Which organization requests are made for, and what to do when the session has ended. No token is kept anywhere. */

const KEY = "septet.organization";
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

export function sessionEnded(): void {
  ended();
}
