import { CHAMPION, readConfig } from "@streamgauge/core";
import { SIDES } from "@streamgauge/metrics";
import type { Command } from "commander";
import { laneArgument } from "../lanes/lane-argument.js";
import { NoStateError } from "../lane-state.js";
import { verifyPartitions, type LaneVerification, type VerifiedSums } from "./verify-partitions.js";
import { SETTINGS } from "../settings.js";

/** `streamgauge verify`: checks that every row adds up. */
export function addVerifyCommand(program: Command): void {
  program
    .command("verify")
    .description(
      "check that every row adds up, from the log and its state in LOGS_DIR, whether metrics runs or not; exits 1 if a row does not add up",
    )
    .option("--lane <lane>", "the lane whose log is checked", laneArgument, CHAMPION)
    .option("--json", "print one JSON object")
    .action(async ({ lane, json }: { lane: string; json?: boolean }) => {
      const { LOGS_DIR } = readConfig(SETTINGS, process.env);
      try {
        const verification = await verifyPartitions(LOGS_DIR, lane);
        process.stdout.write(json === true ? `${JSON.stringify(asJson(verification))}\n` : asText(verification));
        if (verification.problems.length > 0) process.exitCode = 1;
      } catch (error) {
        if (!(error instanceof NoStateError)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      }
    });
}

function asJson({ state, problems, unchecked, uncheckedWindows, partitions }: LaneVerification) {
  const sides = SIDES.map((side) => [side, { ...state.balance[side], pending: state.pending[side] }]);
  const corrections = { ...state.correctionBalance, waiting: state.waitingCorrections };
  const divided = partitions === 1 ? {} : { partitions };
  const notChecked = [...unchecked, ...uncheckedWindows];
  const missing = notChecked.length === 0 ? {} : { unchecked: notChecked };
  return { ok: problems.length === 0, ...divided, lines: state.log.lines, ...Object.fromEntries(sides), corrections, problems, ...missing };
}

export function asText({ state, problems, unchecked, uncheckedWindows, partitions }: LaneVerification): string {
  const names = ["received", "logged", "pending", "unmatched", "deadLettered", "duplicates", "conflicts"] as const;
  const value = (side: (typeof SIDES)[number], name: (typeof names)[number]) =>
    name === "pending" ? state.pending[side] : state.balance[side][name];
  const title = (name: string) => name.replace("deadLettered", "dead-lettered");
  const table = [
    ["", "labels", "predictions"],
    ...names.map((name) => [title(name), String(value("y_true", name)), String(value("y_pred", name))]),
  ];
  const lines = table.map(
    ([name = "", labels = "", predictions = ""]) => `${name.padEnd(14)}${labels.padStart(12)}${predictions.padStart(13)}`,
  );
  const verdict =
    problems.length === 0
      ? `Every row ${unchecked.length === 0 ? "" : "that is left "}adds up; ${partitions === 1 ? "the log has" : `the logs of ${partitions} partitions have`} ${state.log.lines} lines.`
      : problems.map((problem) => `PROBLEM: ${problem}`).join("\n");
  const notes = [...unchecked, ...uncheckedWindows].map((sentence) => `NOT CHECKED: ${sentence}\n`).join("");
  return `${[...lines, ...correctionLines(state), ...refusedLines(state)].join("\n")}\n\n${notes}${verdict}\n`;
}

/** Where rows are that have a label here and no prediction. A row that the model refused never reaches metrics: its label does. */
export function refusedLines({ balance, pending }: Pick<VerifiedSums, "balance" | "pending">): string[] {
  const labels = pending.y_true + balance.y_true.unmatched;
  if (labels === 0) return [];
  const whose =
    labels === 1
      ? "1 label has no prediction: its row is under way, was never sent, or"
      : `${labels} labels have no prediction: their rows are under way, were never sent, or`;
  return [
    "",
    `${whose} ${labels === 1 ? "was" : "were"} refused by the model. streamgauge replay list --stage model lists what it refused.`,
  ];
}

/** What became of corrections, if there were any. */
function correctionLines({ correctionBalance, waitingCorrections }: VerifiedSums): string[] {
  const { received, applied, duplicates, conflicts, unmatched, deadLettered } = correctionBalance;
  if (received === 0) return [];
  const parts = [`${applied} applied`, `${waitingCorrections} waiting`, `${duplicates} duplicates`, `${conflicts} conflicts`];
  return ["", `corrections: ${received} received = ${[...parts, `${unmatched} unmatched`, `${deadLettered} dead-lettered`].join(" + ")}`];
}
