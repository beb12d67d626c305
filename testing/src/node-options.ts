import { readFileSync } from "node:fs";
import { builtFile } from "./built-file.js";

/** The options of Node in a script: what stands between `node` and the first word that is no option. */
export function nodeOptionsIn(script: string): string[] {
  const [, ...words] = script.trim().split(/\s+/);
  const program = words.findIndex((word) => !word.startsWith("-"));
  return words.slice(0, Math.max(0, program));
}

/** The options with which `npm start -w <service>` starts a service. */
export function nodeOptionsOf(service: string): string[] {
  const { scripts }: { scripts?: { start?: string } } = JSON.parse(readFileSync(builtFile(`${service}/package.json`), "utf8"));
  return nodeOptionsIn(scripts?.start ?? "");
}
