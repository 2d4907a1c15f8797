import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { api } from "~/api/client";
import { chosenOrganization, onOrganizationChosen, wasSignedIn } from "~/api/session";

export const ME = ["/me"] as const;

/** Who is logged in; `data` is null for nobody. */
export function useMe() {
  return useQuery({
    queryKey: ME,
    queryFn: () =>
      wasSignedIn() ? api.get("/me").catch((error) => (error.status === 401 ? null : Promise.reject(error))) : null,
    staleTime: 60_000,
  });
}

/** The caller's membership of the organization that requests are made for; undefined for none. */
export function useMembership() {
  const me = useMe().data;
  const chosen = useSyncExternalStore(onOrganizationChosen, chosenOrganization);
  return me?.memberships.find((membership) => membership.organizationId === chosen);
}

const RANKS = ["MEMBER", "ADMIN", "OWNER"];

/** Whether the caller has at least this role. The API decides; this only spares people buttons that would refuse. */
export function useMay(role: "MEMBER" | "ADMIN" | "OWNER"): boolean {
  const membership = useMembership();
  return !!membership && RANKS.indexOf(membership.role) >= RANKS.indexOf(role);
}

/** Names by user id, for all that shows who did something. */
export function usePeople(): Map<string, { name: string; email: string }> {
  const found = useQuery({
    queryKey: ["/members", "names"],
    queryFn: () => api.get("/members", { query: { limit: 200 } }),
    staleTime: 60_000,
  });
  return new Map((found.data?.data ?? []).map((member) => [member.userId, { name: member.name, email: member.email }]));
}
