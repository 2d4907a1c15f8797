/** Texts. English is the key; other languages are dictionaries, one file a section, fetched when chosen. */
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { patiently } from "~/kit/patience";
import { english } from "./en";

export const languages = { en: "English", pl: "Polski" } as const;
export type Language = keyof typeof languages;
const KEY = "septet.language";

export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: english } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
  });
  await choose(initial());
}

export async function choose(language: Language): Promise<void> {
  if (language === "pl" && !i18next.hasResourceBundle("pl", "translation")) {
    i18next.addResourceBundle("pl", "translation", (await patiently(() => import("./pl"))).polish);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  localStorage.setItem(KEY, language);
}

function initial(): Language {
  const wanted = localStorage.getItem(KEY) ?? navigator.language.slice(0, 2);
  return wanted in languages ? (wanted as Language) : "en";
}
