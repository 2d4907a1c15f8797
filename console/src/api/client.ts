/**
 * The API as functions, typed by the OpenAPI document: `api.get("/members", { query: { limit: 50 } })`.
 *
 * The session is an HttpOnly cookie, so no token is ever seen here. Each request names the chosen organization; each
 * POST carries an idempotency key, so that a retry after a lost connection does nothing twice.
 */
import type { components, paths } from "./schema";
import { Problem, problemOf } from "./problem";
import { chosenOrganization, sessionEnded } from "./session";

type Method = "get" | "post" | "put" | "patch" | "delete";
type Operation<P, M> = P extends keyof paths ? (M extends keyof paths[P] ? paths[P][M] : never) : never;
type Json<R> = R extends { content: { "application/json": infer T } } ? T : undefined;
type Success<O> = O extends { responses: infer R } ? Json<R[keyof R & (200 | 201 | 202 | 204)]> : never;
type Body<O> = O extends { requestBody?: { content: { "application/json": infer T } } } ? T : never;
// Names are checked, values are not: filters come from the URL as text, and the API says what it does not understand.
type Asked<O> = O extends { parameters: { query?: infer Q } } ? { [Name in keyof NonNullable<Q>]?: Query[string] } : Query;

/** The API's paths that know a method: a path that the API no longer has does not compile. */
export type PathWith<M extends Method> = { [P in keyof paths]: paths[P][M] extends object ? P : never }[keyof paths];
/** What the API calls a thing: `Schema<"LinkOut">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];
export type Answer<P, M extends Method> = Success<Operation<P, M>>;
export type Filter<P, M extends Method = "get"> = Asked<Operation<P, M>>;
export type Query = Record<string, string | number | boolean | string[] | null | undefined>;

export interface Options<B = unknown, Q = Query> {
  /** Values of the path's `{placeholders}`. */
  path?: Record<string, string>;
  query?: Q;
  body?: B;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

function caller<M extends Method>(method: M) {
  return <P extends PathWith<M>>(path: P, options: Options<Body<Operation<P, M>>, Filter<P, M>> = {}): Promise<Answer<P, M>> =>
    send(method, path, options as Options) as Promise<Answer<P, M>>;
}

export const api = {
  get: caller("get"),
  post: caller("post"),
  put: caller("put"),
  patch: caller("patch"),
  delete: caller("delete"),
};

/** Raises Problem for every answer that is no success. */
export async function send(method: string, path: string, options: Options = {}): Promise<unknown> {
  const response = await answer(method, path, options);
  if (response.status === 204 || response.headers.get("content-length") === "0") return undefined;
  return response.headers.get("content-type")?.includes("json") ? response.json() : response.text();
}

/** The response itself, for downloads and streams. */
export async function answer(method: string, path: string, options: Options = {}): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  const organization = chosenOrganization();
  if (organization) headers["Septet-Organization"] = organization;
  if (options.body !== undefined) headers["Content-Type"] ??= "application/json";
  if (method === "post") headers["Idempotency-Key"] ??= newId();
  const body = typeof options.body === "string" ? options.body : JSON.stringify(options.body);
  const response = await fetch(url(path, options), {
    method: method.toUpperCase(),
    headers,
    body: options.body === undefined ? undefined : body,
    signal: options.signal,
    credentials: "same-origin",
  }).catch((error: unknown) => {
    if (options.signal?.aborted) throw error;
    throw new Problem(0, "unreachable", "Septet does not answer", "Check that it runs, then try again.");
  });
  if (response.ok) return response;
  const problem = await problemOf(response);
  // A wrong code or password is 401 too, and ends nothing.
  if (problem.code === "unauthenticated") sessionEnded();
  throw problem;
}

export function url(path: string, { path: values = {}, query = {} }: Pick<Options, "path" | "query">): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") parameters.append(name, String(one));
    }
  }
  const text = parameters.toString();
  return text ? `${filled}?${text}` : filled;
}

/** A random id. `crypto.randomUUID` is missing on plain HTTP, where a console may well be tried out. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
