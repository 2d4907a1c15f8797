/** A template as the editor holds it: texts by channel, locale and field. */
export type Text = Record<string, string | null | undefined>;

export interface Template {
  key: string;
  category: string;
  defaultLocale: string;
  channels: Partial<Record<Channel, Record<string, Text>>>;
  publishedVersion?: number | null;
  system?: boolean;
}

export const CHANNELS = ["inApp", "email", "push"] as const;
export type Channel = (typeof CHANNELS)[number];

/** Fields of a channel's text; long ones get a larger field. */
export const FIELDS: Record<Channel, { name: string; label: string; long?: boolean }[]> = {
  inApp: [{ name: "title", label: "Title" }, { name: "body", label: "Text", long: true }, { name: "link", label: "Link" }],
  email: [{ name: "subject", label: "Subject" }, { name: "html", label: "HTML", long: true }, { name: "text", label: "Plain text", long: true }],
  push: [{ name: "title", label: "Title" }, { name: "body", label: "Text", long: true }, { name: "link", label: "Link" }],
};

export const NEW_TEMPLATE: Template = {
  key: "", category: "general", defaultLocale: "en",
  channels: { inApp: { en: { title: "Hello {name}", body: "" } }, email: { en: { subject: "Hello {name}", html: "<p>Hello {name}</p>" } }, push: {} },
};

/** What the API takes: without what only it says, and without texts left empty. */
export function templateBody({ key, category, defaultLocale, channels }: Template): object {
  const said = CHANNELS.map((channel) => [channel, Object.fromEntries(
    Object.entries(channels[channel] ?? {}).map(([locale, text]) => [locale, Object.fromEntries(Object.entries(text).filter(([, value]) => value))])
      .filter(([, text]) => Object.keys(text as object).length),
  )]);
  return { key, category, defaultLocale, channels: Object.fromEntries(said) };
}

export function locales(template: Pick<Template, "channels"> & { defaultLocale?: string }): string[] {
  return [...new Set([template.defaultLocale ?? "en", ...CHANNELS.flatMap((channel) => Object.keys(template.channels[channel] ?? {}))])];
}

/** Names of the variables that the texts use, `{name}` or `{count, plural, …}`. */
export function variables(template: Template): string[] {
  const texts = CHANNELS.flatMap((channel) => Object.values(template.channels[channel] ?? {}).flatMap((text) => Object.values(text)));
  return [...new Set(texts.flatMap((text) => [...(text ?? "").matchAll(/\{\s*([A-Za-z_]\w*)\s*[},]/g)].map((match) => match[1]!)))];
}
