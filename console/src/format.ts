/** Dates, numbers and money as the chosen language writes them. */
import i18next from "i18next";

const language = () => i18next.language || "en";

export function dateTime(iso: string): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "medium" }).format(new Date(iso));
}

export function date(iso: string): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium" }).format(new Date(iso));
}

export function time(iso: string): string {
  return new Intl.DateTimeFormat(language(), { timeStyle: "medium" }).format(new Date(iso));
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60],
];

export function ago(iso: string, now = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(language(), { numeric: "auto", style: "short" });
  const unit = UNITS.find(([, length]) => Math.abs(seconds) >= length);
  return unit ? format.format(Math.trunc(seconds / unit[1]), unit[0]) : format.format(0, "minute");
}

export function number(value: number): string {
  return new Intl.NumberFormat(language()).format(value);
}

export function compact(value: number): string {
  return new Intl.NumberFormat(language(), { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

const SIZES = [["gigabyte", 1e9], ["megabyte", 1e6], ["kilobyte", 1e3]] as const;

export function bytes(value: number): string {
  const [unit, size] = SIZES.find(([, least]) => value >= least) ?? ["byte", 1];
  return new Intl.NumberFormat(language(), { style: "unit", unit, maximumFractionDigits: 1 }).format(value / size);
}

export function percent(part: number, whole: number): string {
  return new Intl.NumberFormat(language(), { style: "percent", maximumFractionDigits: 1 }).format(whole ? part / whole : 0);
}

/** From minor units; how many digits a currency has is the browser's knowledge (JPY has none). */
export function money(minor: number, currency: string): string {
  const format = new Intl.NumberFormat(language(), { style: "currency", currency: currency.toUpperCase() });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** To minor units; NaN for what is no number. */
export function minorUnits(major: string, currency: string): number {
  const format = new Intl.NumberFormat("en", { style: "currency", currency: currency.toUpperCase() });
  return Math.round(Number(major.replace(",", ".")) * 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
