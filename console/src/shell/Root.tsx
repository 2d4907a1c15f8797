import { Center, Loader } from "@mantine/core";
import { Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useSyncExternalStore } from "react";
import { chooseOrganization, chosenOrganization, onOrganizationChosen } from "~/api/session";
import { ProblemAlert } from "~/kit/Problems";
import { useMe } from "~/kit/identity";
import { FirstOrganization } from "./FirstOrganization";
import { Frame } from "./Frame";
import { SignIn } from "./SignIn";

// Pages that a mail leads to; they must open for people without an account too.
const PUBLIC = ["/invitation", "/reset-password"];

/** Who is nobody signs in, who has no organization makes one, everybody else sees the page. */
export function Root() {
  const me = useMe();
  const { pathname } = useLocation();
  const chosen = useSyncExternalStore(onOrganizationChosen, chosenOrganization);
  const memberships = me.data?.memberships ?? [];
  const belongs = memberships.some((membership) => membership.organizationId === chosen);
  const first = memberships[0]?.organizationId;
  useEffect(() => {
    if (first && !belongs) chooseOrganization(first);
  }, [first, belongs]);

  if (PUBLIC.some((path) => pathname.endsWith(path))) return <Outlet />;
  if (me.isPending) return <Waiting />;
  if (me.error) return <Center p="xl"><ProblemAlert error={me.error} retry={() => void me.refetch()} /></Center>;
  if (!me.data) return <SignIn />;
  if (!first) return <FirstOrganization />;
  if (!belongs) return <Waiting />;
  return (
    // Another organization is another world: nothing of the first may stay on the page.
    <Frame key={chosen}>
      <Outlet />
    </Frame>
  );
}

function Waiting() {
  return <Center h="100vh"><Loader size="sm" aria-label="…" /></Center>;
}
