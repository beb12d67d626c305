import { once } from "node:events";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { EventLog } from "./event-log.js";
import { Viewer } from "./viewer.js";

/** Reads what is written for a client. */
function reader() {
  const to = new PassThrough();
  const seen = { text: "" };
  const read = () => to.setEncoding("utf8").on("data", (text: string) => (seen.text += text));
  const until = async (part: string) => {
    while (!seen.text.includes(part)) await once(to, "data");
  };
  return { to, seen, read, until };
}

test("a viewer that takes nothing holds no more than one event, and then gets what is true now", async () => {
  const log = new EventLog();
  const { to, seen, read, until } = reader();
  const viewer = new Viewer(log, undefined, to, () => undefined);
  const large = "x".repeat(50_000);
  for (let i = 0; i < 1_000; i += 1) {
    log.put("rows", `"${large}${i}"`);
    viewer.pump();
    viewer.beat();
  }
  expect(to.writableLength).toBeLessThan(2 * large.length);
  read();
  await until(`${large}999"`);
  // Twenty are kept; those before were left out.
  expect(seen.text.match(/^event: rows$/gm)?.length).toBeLessThan(25);
  viewer.end();
  await once(to, "end");
});

test("a viewer that comes back gets what it missed, at once", async () => {
  const log = new EventLog();
  log.put("rows", "1");
  const [, id = ""] = /^id: (\S+)$/m.exec(log.after(undefined).bytes.toString()) ?? [];
  log.put("rows", "2");
  const { to, seen, read, until } = reader();
  read();
  new Viewer(log, id, to, () => undefined);
  await until("data: 2\n");
  expect(seen.text).not.toContain("data: 1\n");
});

test("a beat is an event of its own, without an id", async () => {
  const log = new EventLog();
  const { to, seen, read, until } = reader();
  read();
  new Viewer(log, undefined, to, () => undefined).beat();
  await until("beat");
  expect(seen.text).toBe("retry: 1000\n\nevent: beat\ndata: {}\n\n");
});

test("who goes is said once, and gets nothing more", async () => {
  const gone: Viewer[] = [];
  const { to } = reader();
  const log = new EventLog();
  const viewer = new Viewer(log, undefined, to, (each) => gone.push(each));
  to.destroy();
  log.put("rows", "1");
  viewer.pump();
  viewer.beat();
  await once(to, "close");
  viewer.pump();
  viewer.end();
  expect(gone).toEqual([viewer]);
});
