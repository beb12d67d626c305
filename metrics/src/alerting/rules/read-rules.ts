import { CHAMPION, ConfigError, errorText, quote } from "@streamgauge/core";
import { parseDocument } from "yaml";
import { DEFAULT_RULES } from "./default-rules.js";
import type { Rule, RuleKind } from "./rule.js";
import { RULE_KINDS } from "./rule-kinds.js";

/** More rules than this are a mistake, and their states would not be small. */
const MAX_RULES = 100;
const KINDS = Object.keys(RULE_KINDS).sort();

/** The rules of a lane: those of the text, or the default ones. The rule about dead letters is for the champion's lane, which they have in common. */
export function rulesOfLane(rules: readonly Rule[], lane: string): readonly Rule[] {
  return rules.filter(({ kind, lanes }) => (lanes === undefined ? kind !== "dead_letters" || lane === CHAMPION : lanes.includes(lane)));
}

export function defaultRules(): readonly Rule[] {
  return rulesIn(DEFAULT_RULES, "the default rules");
}

/**
 * The rules in a file.
 *
 * @param text - YAML 1.2, and so JSON too. @param path - for messages.
 * @throws ConfigError that names every mistake at once: file, rule, field and what to do.
 */
export function parseRules(text: string, path: string): readonly Rule[] {
  const document = parseDocument(text, { prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) throw new ConfigError([`${path} is neither YAML nor JSON: ${firstLine(error.message)}`]);
  return rulesIn(
    valueIn(() => document.toJS({ maxAliasCount: 100 }), path),
    path,
  );
}

function valueIn(read: () => unknown, path: string): unknown {
  try {
    return read();
  } catch (error) {
    throw new ConfigError([`${path} cannot be used: ${firstLine(errorText(error))}`]);
  }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

function rulesIn(value: unknown, path: string): readonly Rule[] {
  const problems: string[] = [];
  if (!isObject(value) || !Array.isArray(value["rules"]))
    throw new ConfigError([`${path} must have a list named rules: see docs/alerts.md.`]);
  const given: readonly unknown[] = value["rules"];
  const strangers = Object.keys(value).filter((key) => key !== "rules");
  if (strangers.length > 0) problems.push(`${path} has ${strangers.map(quote).join(", ")}, which is not known: it has rules alone.`);
  if (given.length > MAX_RULES) problems.push(`${path} has ${given.length} rules: write at most ${MAX_RULES}.`);
  const rules = given.slice(0, MAX_RULES).flatMap((each, index) => readRule(each, index, path, problems) ?? []);
  const seen = new Set<string>();
  for (const { name } of rules) {
    if (seen.has(name)) problems.push(`${path}, rule ${quote(name)}: there are two of that name; name each rule once.`);
    seen.add(name);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return rules;
}

function readRule(given: unknown, index: number, path: string, problems: string[]): Rule | undefined {
  if (!isObject(given)) {
    problems.push(`${path}, rule ${index + 1}: must be an object with name and kind (it is ${quote(given)}).`);
    return undefined;
  }
  const where = `${path}, rule ${typeof given["name"] === "string" ? quote(given["name"]) : index + 1}`;
  const kind = KINDS.find((each): each is RuleKind => each === given["kind"]);
  if (kind === undefined) {
    problems.push(`${where}, field kind: must be one of ${KINDS.join(", ")} (it is ${quote(given["kind"])}).`);
    return undefined;
  }
  const reader = RULE_KINDS[kind];
  const known = ["kind", ...Object.keys(reader.fields)];
  for (const field of Object.keys(given).filter((name) => !known.includes(name)))
    problems.push(`${where}, field ${field}: is not known for the kind ${kind}; it has ${known.join(", ")}.`);
  return reader.read(given, (field, message) => problems.push(`${where}, field ${field}: ${message}.`));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
