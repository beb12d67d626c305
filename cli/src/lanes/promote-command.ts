import { readConfig } from "@streamgauge/core";
import { DEFAULT_DATASET } from "@streamgauge/features";
import { ModelError, promote, promotionRecord, PromotionError } from "@streamgauge/model";
import type { Command } from "commander";
import { laneArgument } from "./lane-argument.js";
import { SETTINGS } from "../settings.js";

/** `streamgauge promote`: another lane's model becomes the champion's. */
export function addPromoteCommand(program: Command): void {
  program
    .command("promote")
    .description("make the model of a lane the champion's, without losing a row; needs LANES and LOGS_DIR as the services have them")
    .argument("<lane>", "the lane, such as challenger", laneArgument)
    .action(async (lane: string) => {
      const settings = readConfig(SETTINGS, process.env);
      const config = settings.DATASET_PATH === "" ? { ...settings, DATASET_PATH: DEFAULT_DATASET } : settings;
      try {
        const { model, before, scores } = await promote(config, lane);
        process.stdout.write(
          `Model ${model} of lane ${lane} is the champion now${before === undefined ? "" : `, in place of ${before}`}.\n`,
        );
        if (!scores) process.stdout.write("No process of the champion has said yet that it scores with it; it does so when it runs.\n");
        process.stdout.write(
          `It stays so after a restart, until the champion's own model is replaced: ${promotionRecord(config.LOGS_DIR)}\n`,
        );
      } catch (error) {
        if (!(error instanceof PromotionError || error instanceof ModelError)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      }
    });
}
