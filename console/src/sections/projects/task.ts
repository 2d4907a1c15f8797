/** What the console reads of projects and tasks. */
import type { Schema } from "~/api/client";

export type Project = Schema<"ProjectOut">;
export type Status = Project["statuses"][number];
export type Task = Schema<"TaskOut">;

export const PRIORITIES = ["none", "low", "medium", "high", "urgent"];
