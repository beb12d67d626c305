import { CHAMPION, quote } from "@streamgauge/core";
import { readTimeBound, reversedRange, WINDOW_SIZE_NAMES, type WindowSize } from "@streamgauge/core/windows";
import { InvalidArgumentError, Option, type Command } from "commander";
import { laneArgument } from "../lanes/lane-argument.js";

/** Which windows a command is about. */
export interface WindowOptions {
  readonly lane: string;
  readonly size: WindowSize;
  /** ms since 1970. */
  readonly from?: number;
  readonly to?: number;
}

/** Adds the options that choose windows. @returns the command. */
export function windowOptions(command: Command): Command {
  return rangeOptions(command).addOption(new Option("--size <size>", "the length of the windows").choices(WINDOW_SIZE_NAMES).default("1h"));
}

/** Adds the options that choose windows of one length, and refuses a range that ends before it begins. @returns the command. */
export function rangeOptions(command: Command): Command {
  return command
    .option("--lane <lane>", "the lane", laneArgument, CHAMPION)
    .option(
      "--from <time>",
      "windows that begin at this time or later: RFC 3339 or as tables print it, as 2026-11-28 or '2026-11-28 14:00' (in UTC without an offset), or ms since 1970",
      timeArgument,
    )
    .option("--to <time>", "windows that begin before this time", timeArgument)
    .hook("preAction", (_, given) => {
      const { from = -Infinity, to = Infinity } = given.opts<Pick<WindowOptions, "from" | "to">>();
      if (from >= to) given.error(`error: ${reversedRange(momentText(from), momentText(to))}`);
    });
}

function momentText(time: number): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}

/** ms since 1970. @throws InvalidArgumentError */
export function timeArgument(text: string): number {
  const time = readTimeBound(text);
  if (time !== undefined) return time;
  throw new InvalidArgumentError(`${quote(text)} is no time: write 2026-11-28T00:00:00Z, '2026-11-28 00:00' in UTC, or ms since 1970.`);
}
