// `npm test`: checks the code, sets up RabbitMQ, PostgreSQL, Prometheus and Chromium if they are missing, runs every test, and ends with one line
// that says how many passed and failed. Arguments go to Vitest: `npm test -- metrics` runs one folder.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";
import { setUpPrograms } from "./setup-programs.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

await prepare();
setUpPrograms();
for (const [check, advice] of [
  ["check:format", "Not formatted as agreed: run `npm run format`."],
  ["check:lint", "The linter has complaints: see above."],
]) {
  if (run("npm", ["run", "--silent", check]) !== 0) end(`${advice}\n0 passed, 1 failed`, 1);
}
const folder = mkdtempSync(join(tmpdir(), "streamgauge-test-"));
const report = join(folder, "report.json");
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const status = run(process.execPath, [
  vitest,
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);
const { passed, failed, skipped } = existsSync(report)
  ? count(JSON.parse(readFileSync(report, "utf8")))
  : { passed: 0, failed: 0, skipped: 0 };
rmSync(folder, { recursive: true, force: true });
if (skipped > 0) process.stdout.write(`${skipped} skipped\n`);
// Vitest also fails for what happens outside of tests: an unhandled rejection, a broker that does not start.
if (status !== 0 && failed === 0) end(`The run failed outside of its tests: see above.\n${passed} passed, 1 failed`, 1);
end(`${passed} passed, ${failed} failed`, status);

/** A file that could not be loaded has no tests to count, and counts as one that failed. */
function count({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults }) {
  const unloaded = testResults.filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0).length;
  return { passed: numPassedTests, failed: numFailedTests + unloaded, skipped: numPendingTests + numTodoTests };
}

function run(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: "inherit" }).status ?? 1;
}

function end(message, code) {
  process.stdout.write(`${message}\n`);
  process.exit(code);
}
