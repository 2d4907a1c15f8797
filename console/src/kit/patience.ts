const PAUSES_MS = [250, 500, 1000, 2000, 4000];

/** What may fail while the server is starting anew: tried again for eight seconds, then its last error is thrown. */
export async function patiently<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (const pause of PAUSES_MS) {
    try {
      return await attempt();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return attempt();
}
