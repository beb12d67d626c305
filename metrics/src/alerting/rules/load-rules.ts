import { readFileSync, statSync } from "node:fs";
import { ConfigError, errorText } from "@streamgauge/core";
import { defaultRules, parseRules } from "./read-rules.js";
import type { Rule } from "./rule.js";

/** A hundred rules are some kB. */
const MAX_BYTES = 1024 * 1024;

/** The rules of a file; the default ones if the path is empty. @throws ConfigError that names every mistake. */
export function loadRules(path: string): readonly Rule[] {
  return path === "" ? defaultRules() : parseRules(textOf(path), path);
}

function textOf(path: string): string {
  try {
    if (statSync(path).size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError([
      `ALERTS_PATH: the file ${path} cannot be read (${errorText(error)}). Name a file of rules as docs/alerts.md has one.`,
    ]);
  }
}
