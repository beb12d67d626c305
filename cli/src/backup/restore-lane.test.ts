import { mkdirSync, readdirSync } from "node:fs";
import { CHAMPION, createLogger, MemoryBroker, MemoryBus, OtherPartitionsError, topologyOf } from "@streamgauge/core";
import { SETTINGS, start } from "@streamgauge/metrics";
import { startServiceOn } from "@streamgauge/testing";
import { freshFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { backupLane } from "./backup-lane.js";
import { restoreLane } from "./restore-lane.js";

const folder = freshFolder();
const log = createLogger("test", "silent");

test("a lane of two partitions is not restored beside another lane of one", { timeout: 30_000 }, async () => {
  const broker = new MemoryBroker(topologyOf([CHAMPION], 2));
  for (const partition of [1, 2]) {
    const service = { SETTINGS, start: ((scope, config, link) => start(scope, config, { ...link, partition })) satisfies typeof start };
    const metrics = await startServiceOn(new MemoryBus(broker, "metrics", log), service, { LOGS_DIR: folder.at("two"), PARTITIONS: "2" });
    await metrics.close();
  }
  await backupLane(folder.at("two"), CHAMPION, folder.at("backup"), new Date(0));
  mkdirSync(folder.at("logs"));
  folder.write("logs/metric_log.challenger.csv", "id,y_true,y_pred,absolute_error\n");
  const restoring = restoreLane(folder.at("backup"), folder.at("logs"));
  await expect(restoring).rejects.toThrow(OtherPartitionsError);
  await expect(restoring).rejects.toThrow(`${folder.at("logs")} is laid out for one partition of metrics, and PARTITIONS is 2:`);
  expect(readdirSync(folder.at("logs")).filter((name) => name.endsWith(".csv"))).toEqual(["metric_log.challenger.csv"]);
});
