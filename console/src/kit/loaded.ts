const PAUSES_MS = [250, 500, 1000, 2000, 4000];

/** A script that is fetched when it is first needed; asked for again while the server is starting anew. */
export async function loaded<Module>(load: () => Promise<Module>): Promise<Module> {
  for (const pause of PAUSES_MS) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  return load();
}
