import { existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { freshFolder } from "@streamgauge/testing/vitest";
import { OtherProcess } from "../testing/other-process.js";
import { LogInUseError, WriterLock } from "./writer-lock.js";

const folder = freshFolder();

function path(): string {
  return folder.at(".state/metrics.champion.lock");
}

/** Another process that holds the lock. */
async function otherHolder(): Promise<OtherProcess> {
  const holder = new OtherProcess(`
    const fd = require("node:fs").openSync(${JSON.stringify(path())}, "a+");
    console.log(extensions.tryLock(fd));
    process.stdin.resume();
  `);
  expect(await holder.line()).toBe("true");
  return holder;
}

test("a second writer is refused, in this process too, until the first releases the lock", () => {
  const first = new WriterLock(path());
  expect(() => new WriterLock(path())).toThrow(LogInUseError);
  expect(() => new WriterLock(path())).toThrow(/Another metrics process writes to the log .*start this one with another LOGS_DIR/);
  first.close();
  first.close();
  new WriterLock(path()).close();
});

test("the lock of another process holds while it runs and while it is suspended, and ends when it is killed", async () => {
  new WriterLock(path()).close();
  const holder = await otherHolder();
  expect(() => new WriterLock(path())).toThrow(LogInUseError);
  holder.child.kill("SIGSTOP");
  expect(() => new WriterLock(path())).toThrow(LogInUseError);
  await holder.kill();
  new WriterLock(path()).close();
});

test("a lock whose file was deleted can be renewed", () => {
  const lock = new WriterLock(path());
  lock.renew();
  rmSync(dirname(path()), { recursive: true });
  lock.renew();
  expect(existsSync(path())).toBe(true);
  expect(() => new WriterLock(path())).toThrow(LogInUseError);
  lock.close();
});

test("a lock whose file was deleted cannot be renewed while another process holds it", async () => {
  const lock = new WriterLock(path());
  rmSync(path());
  const holder = await otherHolder();
  expect(() => lock.renew()).toThrow(LogInUseError);
  expect(() => lock.renew()).toThrow(LogInUseError);
  await holder.kill();
  lock.renew();
  lock.close();
});
