// Every text that the console shows must have a Polish translation; prints those that have none and fails.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const files = (folder) => readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? files(join(folder, entry.name)) : [join(folder, entry.name)]);
const sources = files("src").filter((name) => /\.tsx?$/.test(name));
const dictionary = sources.filter((name) => name.includes("i18n/pl")).map((name) => readFileSync(name, "utf8")).join("\n");
const translated = new Set([...dictionary.matchAll(/^\s*("(?:[^"\\]|\\.)*"):/gm)].map((match) => JSON.parse(match[1])));

const used = new Set();
for (const name of sources.filter((name) => !name.includes("i18n/"))) {
  for (const match of readFileSync(name, "utf8").matchAll(/\bt\(\s*("(?:[^"\\]|\\.)*")/g)) used.add(JSON.parse(match[1]));
}
const missing = [...used].filter((text) => !translated.has(text) && !translated.has(`${text}_other`));
if (missing.length) {
  console.error(`Without a Polish translation:\n${missing.map((text) => JSON.stringify(text)).join("\n")}`);
  process.exit(1);
}
