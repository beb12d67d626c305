import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { basename, join } from "node:path";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import { SEED } from "./dice.js";
import type { CaseFigures } from "./figures.js";
import { ROOT } from "./service-process.js";

const PAGE = join(ROOT, "docs/guarantees.md");
const BETWEEN = /(<!-- figures -->\n)[\s\S]*(<!-- \/figures -->)/;

/** Prints what the cases of a run add up to; a run of the whole suite that passed is written to docs/guarantees.md. */
export default class FiguresReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], _errors: unknown, reason: string): void {
    const cases = modules.map((module) => ({ file: basename(module.moduleId), cases: [...module.children.allTests()] }));
    const table = tableOf(cases);
    process.stdout.write(`\n${table}\n`);
    const all = readdirSync(join(ROOT, "testing/src/faults")).filter((file) => file.endsWith(".faults.test.ts"));
    const whole =
      reason === "passed" &&
      all.length === cases.length &&
      cases.every((one) => one.cases.every((test) => test.result().state === "passed"));
    if (!whole) return;
    const text = readFileSync(PAGE, "utf8");
    writeFileSync(
      PAGE,
      text.replace(BETWEEN, (_, begin: string, end: string) => `${begin}\n${table}\n\n${end}`),
    );
    process.stdout.write(`Written to ${PAGE}.\n`);
  }
}

interface FileCases {
  readonly file: string;
  readonly cases: readonly TestCase[];
}

function tableOf(files: readonly FileCases[]): string {
  const rows = files.map(({ file, cases }) => [file.replace(".faults.test.ts", ""), String(cases.length), ...sumOf(cases)]);
  const total = ["**all**", String(files.reduce((sum, { cases }) => sum + cases.length, 0)), ...sumOf(files.flatMap(({ cases }) => cases))];
  const head = ["file", "cases", "rounds", "kills", "rows", "lost", "doubled", "unexpected", "wrong", "slowest return, s"];
  const lines = [head, head.map((_, i) => (i === 0 ? "---" : "--:")), ...rows, total].map((cells) => `| ${cells.join(" | ")} |`);
  const versions = new Set(files.flatMap(({ cases }) => cases.flatMap((one) => one.meta().faults?.rabbitmq ?? [])));
  return `${machine([...versions])}\n\n${lines.join("\n")}`;
}

const SUMS = ["rounds", "kills", "rows", "lost", "doubled", "unexpected", "wrong"] as const;

function sumOf(cases: readonly TestCase[]): string[] {
  const figures = cases.map((one) => one.meta().faults).filter((one): one is CaseFigures => one !== undefined);
  const sums = SUMS.map((name) => figures.reduce((sum, one) => sum + one[name], 0).toLocaleString("en"));
  return [...sums, (Math.max(0, ...figures.map(({ slowestReturnMs }) => slowestReturnMs)) / 1000).toFixed(1)];
}

function machine(brokers: readonly string[]): string {
  const [cpu] = cpus();
  return `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores of ${cpu?.model.trim() ?? "an unknown processor"}, Linux ${release()}, Node ${process.version}, RabbitMQ ${brokers.join(", ")}, seed ${SEED}.`;
}
