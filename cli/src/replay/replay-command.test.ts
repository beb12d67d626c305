import { Command } from "commander";
import { expect, onTestFinished, test, vi } from "vitest";
import { addReplayCommand } from "./replay-command.js";

test("without a broker it says where dead letters are", async () => {
  vi.stubEnv("AMQP_URL", "");
  onTestFinished(() => void vi.unstubAllEnvs());
  const program = new Command();
  addReplayCommand(program);
  await expect(program.parseAsync(["node", "streamgauge", "replay", "list"])).rejects.toThrow(
    /AMQP_URL is not set: .* dead letters are in the memory of the running process: its live page lists them by reason\./,
  );
});
