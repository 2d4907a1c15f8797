/** A refusal by the API (RFC 9457), or a connection that failed (`status` 0, code `unreachable`). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly errors: { field: string; message: string }[] = [],
    readonly members: Record<string, unknown> = {},
  ) {
    super(detail || title);
  }

  /** By field, for forms. A problem that names no field belongs to the form as a whole. */
  get byField(): Record<string, string> {
    return Object.fromEntries(this.errors.map(({ field, message }) => [field, message]));
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const body = await response.json().catch(() => ({}) as Record<string, unknown>);
  return new Problem(
    response.status,
    String(body.code ?? response.status),
    String(body.title ?? response.statusText),
    String(body.detail ?? ""),
    Array.isArray(body.errors) ? body.errors : [],
    body,
  );
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, "unexpected", "Something went wrong in this page", error instanceof Error ? error.message : "");
}
