import { durationField, FEATURES, hoursField, LANES, NAME, numberField, SEVERITY, wordField, type Field } from "./rule-fields.js";
import { durationText } from "./duration.js";
import type { Rule, RuleKind } from "./rule.js";

/** The values of a table of fields. */
type Values<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Fields of every rule. */
const COMMON = {
  name: NAME,
  severity: SEVERITY,
  lanes: LANES,
  for: durationField("5m", 0, 0),
  keep_firing_for: durationField("5m", 0, 5 * MINUTE),
} as const;

const WINDOW = durationField("1h", MINUTE, HOUR);
const LEAST_ROWS = numberField(1, Number.MAX_VALUE, "30", 30);
const ERROR_FIELDS = { above: numberField(0, Number.MAX_VALUE, "50"), window: WINDOW, least_rows: LEAST_ROWS };

/** How a kind of rule is read: its own fields, and the rule that they make. */
interface KindReader {
  readonly fields: Readonly<Record<string, Field<unknown>>>;
  /** @param given - the rule in the file. @param problem - called with each mistake. @returns undefined if there is one. */
  read(given: Readonly<Record<string, unknown>>, problem: (field: string, message: string) => void): Rule | undefined;
}

function kindReader<F extends Readonly<Record<string, Field<unknown>>>>(
  fields: F,
  ruleOf: (values: Values<F>, common: CommonValues) => Rule,
  check: (values: Values<F>, problem: (field: string, message: string) => void) => void = () => undefined,
): KindReader {
  return {
    fields: { ...COMMON, ...fields },
    read(given, problem) {
      let mistakes = 0;
      const report = (field: string, message: string) => {
        mistakes += 1;
        problem(field, message);
      };
      const common = valuesOf(COMMON, given, report);
      const own = valuesOf(fields, given, report);
      if (own !== undefined) check(own, report);
      return mistakes > 0 || common === undefined || own === undefined ? undefined : ruleOf(own, commonOf(common));
    },
  };
}

type CommonValues = ReturnType<typeof commonOf>;

function commonOf({ name, severity, lanes, for: forMs, keep_firing_for: keepFiringForMs }: Values<typeof COMMON>) {
  return { name, severity, lanes: lanes ?? undefined, forMs, keepFiringForMs };
}

/** Reads all fields, and reports every mistake. @returns undefined if there is one. */
function valuesOf<F extends Readonly<Record<string, Field<unknown>>>>(
  fields: F,
  given: Readonly<Record<string, unknown>>,
  report: (field: string, message: string) => void,
): Values<F> | undefined {
  const values: Record<string, unknown> = {};
  let complete = true;
  for (const [name, field] of Object.entries(fields)) {
    try {
      values[name] = valueOf(field, given[name]);
    } catch (error) {
      complete = false;
      report(name, `${error instanceof Error ? error.message : String(error)}; write for instance ${name}: ${field.example}`);
    }
  }
  return complete ? (values as Values<F>) : undefined;
}

function valueOf(field: Field<unknown>, given: unknown): unknown {
  if (given !== undefined) return field.read(given);
  if (field.fallback === undefined) throw new Error("is missing");
  return field.fallback;
}

const errorKind = (kind: "mae" | "rmse" | "bias" | "p95") =>
  kindReader(ERROR_FIELDS, ({ above, window, least_rows }, common) => ({
    ...common,
    kind,
    above,
    windowMs: window,
    leastRows: least_rows,
  }));

const silenceKind = (kind: "no_rows" | "no_labels") =>
  kindReader({ above: durationField("1h", SECOND) }, ({ above }, common) => ({ ...common, kind, aboveMs: above }));

/** All kinds of rules. A new one is an entry here, its type in rule.ts and its figure in observe.ts. */
export const RULE_KINDS: Readonly<Record<RuleKind, KindReader>> = {
  error_alarm: kindReader({ direction: wordField(["worse", "better"], "worse") }, ({ direction }, common) => ({
    ...common,
    kind: "error_alarm",
    direction,
  })),
  mae: errorKind("mae"),
  rmse: errorKind("rmse"),
  bias: errorKind("bias"),
  p95: errorKind("p95"),
  coverage: kindReader(
    { below: numberField(0, 1, "0.9"), window: WINDOW, after: durationField("1h", 0, 0), least_rows: LEAST_ROWS },
    ({ below, window, after, least_rows }, common) => ({
      ...common,
      kind: "coverage",
      below,
      windowMs: window,
      afterMs: after,
      leastRows: least_rows,
    }),
  ),
  // Of 100 rows with a target of 0.9 fewer than 80 are held less than once in a thousand times by chance alone.
  interval_coverage: kindReader(
    { below: numberField(0, 1, "0.8"), window: WINDOW, least_rows: numberField(1, Number.MAX_VALUE, "100", 100) },
    ({ below, window, least_rows }, common) => ({ ...common, kind: "interval_coverage", below, windowMs: window, leastRows: least_rows }),
  ),
  label_lag: kindReader(
    { above: durationField("1h", SECOND), window: durationField("1d", MINUTE, DAY), least_rows: LEAST_ROWS },
    ({ above, window, least_rows }, common) => ({
      ...common,
      kind: "label_lag",
      aboveMs: above,
      windowMs: window,
      leastRows: least_rows,
    }),
    ({ above, window }, problem) => {
      if (window > above) return;
      const [asked, seen] = [durationText(above), durationText(window)];
      problem("window", `is ${seen}, and rows that are ${seen} old have no labels that came later: write more than the ${asked} of above`);
    },
  ),
  drift: kindReader(
    { features: FEATURES, window: hoursField("1d", 7 * DAY, DAY), least_rows: numberField(1, Number.MAX_VALUE, "200", 200) },
    ({ features, window, least_rows }, common) => ({
      ...common,
      kind: "drift",
      features: features ?? undefined,
      windowMs: window,
      leastRows: least_rows,
    }),
  ),
  no_rows: silenceKind("no_rows"),
  no_labels: silenceKind("no_labels"),
  dead_letters: kindReader(
    { above: numberField(0, Number.MAX_VALUE, "0", 0), window: durationField("10m", MINUTE, 10 * MINUTE) },
    ({ above, window }, common) => ({ ...common, kind: "dead_letters", above, windowMs: window }),
  ),
};
