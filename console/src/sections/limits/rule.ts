/** A rule of the limiter, as the form edits it and the API takes it. */
import { number } from "~/format";
import type { Schema } from "~/api/client";

export type Rule = Schema<"RuleOut">;
export type RuleBody = Schema<"RuleIn">;

export const ALGORITHMS = ["token_bucket", "gcra", "sliding_window", "fixed_window", "concurrency"];
export const SCOPES = ["tenant", "route", "user"];

export const NEW_RULE = {
  name: "", scope: "user", route: "", method: "", algorithm: "token_bucket", limit: 100, windowMs: 60_000, burst: null,
  onFailure: "open", shadow: false, enabled: true, priority: 100,
} as const satisfies Partial<RuleBody>;

/** Without what was left empty, and without what only the server says. */
export function ruleBody(rule: Partial<Rule>): RuleBody {
  const { id, seeded, createdAt, updatedAt, ...said } = rule;
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== "" && value !== null)) as RuleBody;
}

/** "100 / 1 min"; a rule of the calendar counts whole days or months. */
export function rate({ limit, windowMs, calendar, algorithm }: Rule): string {
  const most = number(limit);
  if (algorithm === "concurrency") return `${most} ×`;
  if (calendar || !windowMs) return `${most} / ${calendar}`;
  const seconds = windowMs / 1000;
  return `${most} / ${seconds % 3600 === 0 ? `${seconds / 3600} h` : seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`}`;
}
