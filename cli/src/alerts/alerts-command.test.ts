import { mkdirSync } from "node:fs";
import { freshFolder } from "@streamgauge/testing/vitest";
import { readSilences } from "@streamgauge/metrics";
import { Command } from "commander";
import { afterEach, expect, test, vi } from "vitest";
import { addAlertsCommand } from "./alerts-command.js";

const folder = freshFolder();

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

test.each([
  [["--lane", "challenger"], "challenger", "in lane challenger"],
  [[], null, "in all lanes"],
])("alerts silence error-worse --for 2h %j", async (words, lane, where) => {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  vi.stubEnv("LOGS_DIR", folder.path);
  // As the log of metrics advises, of a file that is damaged.
  mkdirSync(folder.at(".state"));
  folder.write(".state/silences.json", "{");
  const program = new Command().enablePositionalOptions();
  addAlertsCommand(program);
  await program.parseAsync(["node", "streamgauge", "alerts", "silence", "error-worse", "--for", "2h", ...words]);
  expect(readSilences(folder.path, Date.now())).toMatchObject([{ rule: "error-worse", lane }]);
  expect(write.mock.lastCall?.[0]).toContain(where);
});
