import { once } from "node:events";
import { expect, test } from "vitest";
import { EventLog } from "./event-log.js";
import { Viewer } from "./viewer.js";

test("a viewer that takes nothing holds no more than one event, and then gets what is true now", async () => {
  const log = new EventLog();
  const viewer = new Viewer(log, undefined, () => undefined);
  const large = "x".repeat(50_000);
  log.put("rows", `"${large}"`);
  viewer.stream.read(0);
  for (let i = 0; i < 1_000; i += 1) {
    log.put("rows", `"${large}${i}"`);
    viewer.pump();
  }
  expect(viewer.stream.readableLength).toBeLessThan(2 * large.length);
  let seen = "";
  viewer.stream.setEncoding("utf8").on("data", (text: string) => (seen += text));
  while (!seen.includes(`${large}999"`)) await once(viewer.stream, "data");
  // Twenty are kept; those before were left out.
  expect(seen.match(/^event: rows$/gm)?.length).toBeLessThan(25);
  viewer.end();
  await once(viewer.stream, "end");
});

test("a viewer that comes back gets what it missed", async () => {
  const log = new EventLog();
  log.put("rows", "1");
  const [, id = ""] = /^id: (\S+)$/m.exec(log.after(undefined).bytes.toString()) ?? [];
  log.put("rows", "2");
  const viewer = new Viewer(log, id, () => undefined);
  let seen = "";
  viewer.stream.setEncoding("utf8").on("data", (text: string) => (seen += text));
  while (!seen.includes("data: 2\n")) await once(viewer.stream, "data");
  expect(seen).not.toContain("data: 1\n");
});

test("who goes is said once", async () => {
  const gone: Viewer[] = [];
  const viewer = new Viewer(new EventLog(), undefined, (each) => gone.push(each));
  viewer.stream.destroy();
  await once(viewer.stream, "close");
  viewer.end();
  expect(gone).toEqual([viewer]);
});
