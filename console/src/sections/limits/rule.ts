/** A rule of the limiter, as the form edits it and the API takes it. */
export interface Rule {
  id: string;
  name: string;
  scope: "tenant" | "route" | "user";
  route?: string | null;
  method?: string | null;
  algorithm: "token_bucket" | "gcra" | "sliding_window" | "fixed_window" | "concurrency";
  limit: number;
  windowMs: number;
  burst?: number | null;
  onFailure: "open" | "closed" | "local";
  shadow: boolean;
  enabled: boolean;
  priority: number;
}

export const ALGORITHMS = ["token_bucket", "gcra", "sliding_window", "fixed_window", "concurrency"];
export const SCOPES = ["tenant", "route", "user"];

export const NEW_RULE: Omit<Rule, "id"> = {
  name: "", scope: "user", route: "", method: "", algorithm: "token_bucket", limit: 100, windowMs: 60_000, burst: null,
  onFailure: "open", shadow: false, enabled: true, priority: 100,
};

/** Without what was left empty, and without what only the server says. */
export function ruleBody(rule: Partial<Rule>): Record<string, unknown> {
  const known = Object.keys(NEW_RULE) as (keyof typeof NEW_RULE)[];
  return Object.fromEntries(known.map((name) => [name, rule[name]]).filter(([, value]) => value !== "" && value !== null && value !== undefined));
}

/** "100 per 60 s". */
export function rate({ limit, windowMs, algorithm }: Rule): string {
  if (algorithm === "concurrency") return `${limit} ×`;
  const seconds = windowMs / 1000;
  return `${limit} / ${seconds % 3600 === 0 ? `${seconds / 3600} h` : seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`}`;
}
