import { shell } from "./shell";
import { services } from "./services";
import { organization } from "./organization";
import { work } from "./work";

/** Polish, one file a part of the console; `scripts/texts.mjs` finds what is missing. */
export const polish: Record<string, string> = { ...shell, ...organization, ...work, ...services };
