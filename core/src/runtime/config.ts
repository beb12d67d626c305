import { addressesOf } from "../bus/broker-addresses.js";
import { errorText } from "../error-text.js";
import { isTimeZone } from "../event-time/time-zone.js";

/** Everything that is wrong with the configuration, in one message. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `The configuration has ${problems.length === 1 ? "a mistake" : `${problems.length} mistakes`}:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

/** One environment variable: what it is for, its default, and how its text becomes a value. */
export interface Setting<T> {
  readonly description: string;
  /** As text, the way a user would write it; an empty one means "not set". */
  readonly default: string;
  /** Whether its value must not be shown. */
  readonly isSecret?: boolean;
  /** @throws Error whose message completes "NAME …": "must be …". */
  parse(text: string): T;
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The values of a table of settings. */
export type Config<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/**
 * Reads all settings of a table, or of two, from the environment. An empty variable counts as not set.
 *
 * @throws ConfigError that names every mistake at once.
 */
export function readConfig<S extends Settings>(settings: S, env: NodeJS.ProcessEnv): Config<S>;
export function readConfig<S extends Settings, T extends Settings>(settings: S, env: NodeJS.ProcessEnv, more: T): Config<S> & Config<T>;
export function readConfig(settings: Settings, env: NodeJS.ProcessEnv, more: Settings = {}): Record<string, unknown> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries({ ...settings, ...more })) {
    const text = env[name]?.trim();
    const given = text === undefined || text === "" ? setting.default : text;
    try {
      values[name] = setting.parse(given);
    } catch (error) {
      const shown = setting.isSecret === true ? "its value is not shown" : `it is ${JSON.stringify(withoutPassword(given))}`;
      problems.push(`${name} ${errorText(error)} (${shown}).`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return values;
}

/** What is between the first colon and an @, as in a URL, is not for a log. */
function withoutPassword(given: string): string {
  return given.replace(/:[^\s]*@/, ":…@");
}

/** Any text; the empty one if it is not set. */
export function text(description: string, fallback = ""): Setting<string> {
  return { description, default: fallback, parse: (given) => given };
}

/** A whole number within bounds. */
export function wholeNumber(description: string, fallback: number, least: number, most: number): Setting<number> {
  return numeric(description, fallback, least, most, Number.isSafeInteger, "a whole number");
}

/** A number, perhaps with a fraction, within bounds. */
export function realNumber(description: string, fallback: number, least: number, most: number): Setting<number> {
  return numeric(description, fallback, least, most, Number.isFinite, "a number");
}

function numeric(
  description: string,
  fallback: number,
  least: number,
  most: number,
  fits: (value: number) => boolean,
  kind: string,
): Setting<number> {
  return {
    description,
    default: String(fallback),
    parse(given) {
      const value = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(given) ? Number(given) : Number.NaN;
      if (!fits(value) || value < least || value > most) throw new Error(`must be ${kind} from ${least} to ${most}`);
      return value;
    },
  };
}

/** One of some words. */
export function oneOf<const T extends string>(description: string, fallback: T, choices: readonly T[]): Setting<T> {
  return {
    description,
    default: fallback,
    parse(given) {
      const choice = choices.find((word) => word === given);
      if (choice === undefined) throw new Error(`must be one of ${choices.join(", ")}`);
      return choice;
    },
  };
}

/** Names separated by commas, or as a JSON array if a name has a comma in it; none if it is not set. */
export function nameList(description: string): Setting<readonly string[]> {
  return { description, default: "", parse: (given) => listOf(given, "names", '["a, b","c"]') };
}

/** URLs of these protocols, separated by commas or as a JSON array; none if it is not set. */
export function urlList(description: string, protocols: readonly string[], example: string): Setting<readonly string[]> {
  return {
    description,
    default: "",
    parse(given) {
      const urls = listOf(given, "URLs", JSON.stringify([example]));
      for (const [index, each] of urls.entries()) {
        if (!URL.canParse(each) || !protocols.includes(new URL(each).protocol))
          throw new Error(`must be URLs like ${example}, separated by commas; number ${index + 1} is not one`);
      }
      return urls;
    },
  };
}

/** The same for URLs that are secret as a whole, such as those with a token in their path. */
export function secretUrls(description: string, protocols: readonly string[], example: string): Setting<readonly string[]> {
  return { ...urlList(description, protocols, example), isSecret: true };
}

/** A secret of so many characters or more; empty if it is not set. */
export function secret(description: string, least: number): Setting<string> {
  return {
    description,
    default: "",
    isSecret: true,
    parse(given) {
      if (given !== "" && given.length < least) throw new Error(`must have ${least} characters or more`);
      return given;
    },
  };
}

function listOf(given: string, what: string, example: string): readonly string[] {
  if (given === "") return [];
  const list = given.startsWith("[") ? jsonList(given) : given.split(",").map((name) => name.trim());
  const names = list.filter((name) => typeof name === "string" && name !== "");
  if (names.length < list.length || new Set(names).size < names.length)
    throw new Error(`must be different ${what} separated by commas, or a JSON array such as ${example}`);
  return names.map(String);
}

function jsonList(text: string): readonly unknown[] {
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) ? list : [undefined];
  } catch {
    return [undefined];
  }
}

/** 0 or 1. */
export function flag(description: string): Setting<boolean> {
  return {
    description,
    default: "0",
    parse(given) {
      if (given !== "0" && given !== "1") throw new Error("must be 0 or 1");
      return given === "1";
    },
  };
}

/** A URL of one of these protocols, or nothing. */
export function url(description: string, protocols: readonly string[], example: string): Setting<string> {
  return {
    description,
    default: "",
    parse(given) {
      if (given === "") return given;
      if (!URL.canParse(given) || !protocols.includes(new URL(given).protocol)) throw new Error(`must be a URL like ${example}`);
      return given;
    },
  };
}

/** The URL of a broker with one of these protocols, with the address of each of its nodes. */
export function brokerUrl(description: string, protocols: readonly string[], example: string): Setting<string> {
  const single = url(description, protocols, example);
  return {
    ...single,
    parse(given) {
      // Any other scheme is the mistake to report, whatever its addresses are.
      if (!protocols.some((protocol) => given.startsWith(`${protocol}//`))) return single.parse(given);
      for (const each of addressesOf(given)) single.parse(each);
      return given;
    },
  };
}

/** A time zone of the IANA database. */
export function timeZone(description: string, fallback: string): Setting<string> {
  return {
    description,
    default: fallback,
    parse(given) {
      if (!isTimeZone(given)) throw new Error("must be a time zone of the IANA database, such as UTC or Europe/Berlin");
      return given;
    },
  };
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Longer than anyone waits: ten years. */
const MAX_MS = 10 * 365 * DAY_MS;

/** A time span in ms. @param fallback - ms. @param least - ms. */
export function milliseconds(description: string, fallback: number, least = 0): Setting<number> {
  return wholeNumber(description, fallback, least, MAX_MS);
}
