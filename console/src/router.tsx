import { createRootRoute, createRoute, createRouter, lazyRouteComponent, type AnyRoute } from "@tanstack/react-router";
import { patiently } from "./kit/patience";
import { Broken, Missing } from "./shell/Broken";
import { Root } from "./shell/Root";

type Search = Record<string, string | undefined>;
type Module = Record<string, unknown>;

/** Every value in the URL is text; sections read what they know and leave the rest. */
function validateSearch(search: Record<string, unknown>): Search {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== "" && value != null).map(([k, v]) => [k, String(v)]));
}

const root = createRootRoute({ component: Root, validateSearch, notFoundComponent: Missing, errorComponent: Broken });

function page(path: string, load: () => Promise<Module>, name: string): AnyRoute {
  return createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent((() => patiently(load)) as never, name as never) });
}

const routes = [
  page("/", () => import("./sections/home/Home"), "Home"),
  page("/members", () => import("./sections/members/Members"), "Members"),
  page("/api-keys", () => import("./sections/keys/ApiKeys"), "ApiKeys"),
  page("/organization", () => import("./sections/organization/Organization"), "Organization"),
  page("/audit", () => import("./sections/audit/Audit"), "Audit"),
  page("/account", () => import("./sections/account/Account"), "Account"),
  page("/invitation", () => import("./sections/account/Invitation"), "Invitation"),
  page("/reset-password", () => import("./sections/account/ResetPassword"), "ResetPassword"),
  page("/links", () => import("./sections/links/Links"), "Links"),
  page("/links/$linkId", () => import("./sections/links/LinkPage"), "LinkPage"),
  page("/logs", () => import("./sections/logs/Logs"), "Logs"),
  page("/limits", () => import("./sections/limits/Limits"), "Limits"),
  page("/notifications", () => import("./sections/notifications/Notifications"), "Notifications"),
  page("/notifications/templates/$key", () => import("./sections/notifications/TemplatePage"), "TemplatePage"),
  page("/payments", () => import("./sections/payments/Payments"), "Payments"),
  page("/payments/$paymentId", () => import("./sections/payments/PaymentPage"), "PaymentPage"),
  page("/chat", () => import("./sections/chat/Chat"), "Chat"),
  page("/chat/$roomId", () => import("./sections/chat/Chat"), "Chat"),
  page("/projects", () => import("./sections/projects/Projects"), "Projects"),
  page("/projects/$projectId", () => import("./sections/projects/ProjectPage"), "ProjectPage"),
  page("/tasks/$taskId", () => import("./sections/projects/TaskPage"), "TaskPage"),
  page("/billing", () => import("./sections/billing/Billing"), "Billing"),
  page("/flags", () => import("./sections/flags/Flags"), "Flags"),
];

export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: "/console",
  defaultPreload: "intent",
  scrollRestoration: true,
  // Plain `?name=value`, as people write it, rather than JSON.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(Object.entries(search).filter(([, v]) => v !== undefined && v !== "") as [string, string][]).toString();
    return text && `?${text}`;
  },
});
