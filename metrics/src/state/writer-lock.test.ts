import { existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { LanePartition } from "@streamgauge/core";
import { lanePaths } from "@streamgauge/core/metric-log";
import { expect, test } from "vitest";
import type { NodeProcess } from "@streamgauge/testing";
import { freshFolder } from "@streamgauge/testing/vitest";
import { otherProcess } from "../testing/other-process.js";
import { LogInUseError, WriterLock } from "./writer-lock.js";

const folder = freshFolder();

const paths = () => lanePaths(folder.path, new LanePartition("champion"));

/** Another process that holds the lock. */
async function otherHolder(): Promise<NodeProcess> {
  const holder = otherProcess(`
    const fd = require("node:fs").openSync(${JSON.stringify(paths().lock)}, "a+");
    console.log(extensions.tryLock(fd));
    process.stdin.resume();
  `);
  await holder.says(/^true$/);
  return holder;
}

test("a second writer is refused, in this process too, until the first releases the lock", () => {
  const first = new WriterLock(paths());
  expect(() => new WriterLock(paths())).toThrow(LogInUseError);
  expect(() => new WriterLock(paths())).toThrow(
    `Another metrics process writes to the log ${folder.at("metric_log.csv")}. Each log has one writer: stop the other process, or start this one with another LOGS_DIR.`,
  );
  first.close();
  first.close();
  new WriterLock(paths()).close();
});

test("the lock of another process holds while it runs and while it is suspended, and ends when it is killed", async () => {
  new WriterLock(paths()).close();
  const holder = await otherHolder();
  expect(() => new WriterLock(paths())).toThrow(LogInUseError);
  holder.child.kill("SIGSTOP");
  expect(() => new WriterLock(paths())).toThrow(LogInUseError);
  await holder.kill();
  new WriterLock(paths()).close();
});

test("a lock whose file was deleted can be renewed", () => {
  const lock = new WriterLock(paths());
  lock.renew();
  rmSync(dirname(paths().lock), { recursive: true });
  lock.renew();
  expect(existsSync(paths().lock)).toBe(true);
  expect(() => new WriterLock(paths())).toThrow(LogInUseError);
  lock.close();
});

test("a lock whose file was deleted cannot be renewed while another process holds it", async () => {
  const lock = new WriterLock(paths());
  rmSync(paths().lock);
  const holder = await otherHolder();
  expect(() => lock.renew()).toThrow(LogInUseError);
  expect(() => lock.renew()).toThrow(LogInUseError);
  await holder.kill();
  lock.renew();
  lock.close();
});
