/** The places of the console: what navigation, the command palette, shortcuts and routes are made from. */
import {
  IconBell, IconBolt, IconBuilding, IconCreditCard, IconEyeOff, IconFlag, IconHome, IconKey, IconLayoutKanban, IconLink,
  IconListSearch, IconMailOff, IconMessages, IconPalette, IconReceipt, IconUsers, IconHistory, IconUserCircle,
  IconWorldWww, type Icon,
} from "@tabler/icons-react";

export interface Section {
  path: string;
  title: string;
  group: "" | "Work" | "Services" | "Organization";
  icon: Icon;
  /** Pressed after `g`. */
  key: string;
}

export const SECTIONS: Section[] = [
  { path: "/", title: "Home", group: "", icon: IconHome, key: "h" },
  { path: "/chat", title: "Chat", group: "Work", icon: IconMessages, key: "c" },
  { path: "/projects", title: "Projects", group: "Work", icon: IconLayoutKanban, key: "j" },
  { path: "/links", title: "Links", group: "Services", icon: IconLink, key: "l" },
  { path: "/logs", title: "Logs", group: "Services", icon: IconListSearch, key: "o" },
  { path: "/limits", title: "Limits", group: "Services", icon: IconBolt, key: "i" },
  { path: "/notifications", title: "Notifications", group: "Services", icon: IconBell, key: "n" },
  { path: "/payments", title: "Payments", group: "Services", icon: IconCreditCard, key: "p" },
  { path: "/members", title: "Members", group: "Organization", icon: IconUsers, key: "m" },
  { path: "/api-keys", title: "API keys", group: "Organization", icon: IconKey, key: "k" },
  { path: "/billing", title: "Billing", group: "Organization", icon: IconReceipt, key: "b" },
  { path: "/flags", title: "Feature flags", group: "Organization", icon: IconFlag, key: "f" },
  { path: "/audit", title: "Audit log", group: "Organization", icon: IconHistory, key: "a" },
  { path: "/organization", title: "Settings", group: "Organization", icon: IconBuilding, key: "s" },
];

/** Tabs that are looked for by their own name; the palette leads to them. */
export const TABS: { path: string; tab: string; title: string; icon: Icon }[] = [
  { path: "/links", tab: "domains", title: "Domains", icon: IconWorldWww },
  { path: "/logs", tab: "masks", title: "Masking", icon: IconEyeOff },
  { path: "/logs", tab: "dead-letters", title: "Dead letters", icon: IconMailOff },
  { path: "/notifications", tab: "branding", title: "Branding", icon: IconPalette },
];

export const ACCOUNT: Section = { path: "/account", title: "Your account", group: "", icon: IconUserCircle, key: "u" };
