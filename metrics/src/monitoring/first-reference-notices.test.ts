import {
  CHAMPION,
  LanePartition,
  MemoryBroker,
  MemoryBus,
  METRICS_EXCHANGE,
  readFirstReference,
  REFERENCE_REQUEST_TYPE,
  referenceOf,
  topologyOf,
  WINDOW_REQUESTS_EXCHANGE,
  writeReferenceProposal,
  type FirstReference,
} from "@streamgauge/core";
import { captureLog } from "@streamgauge/testing";
import { freshFolder } from "@streamgauge/testing/vitest";
import { expect, test, vi } from "vitest";
import { TestLane } from "../testing/test-lane.js";
import { FirstReferenceNotices } from "./first-reference-notices.js";

const folder = freshFolder();
const reference = (...values: readonly number[]) =>
  ({ ...referenceOf(values.length, new Map([["x", Float64Array.from(values)]])), from: "first_rows" }) as const;

/** A partition that hears what a model proposes, and the model, which hears what is announced and asked. */
async function stage(partition: LanePartition) {
  const broker = new MemoryBroker(topologyOf([CHAMPION]));
  const { log, lines } = captureLog("metrics", "info");
  const [bus, model] = [new MemoryBus(broker, "metrics", log), new MemoryBus(broker, "model", log)];
  const [announced, asked]: [FirstReference[], string[]] = [[], []];
  await model.subscribe(METRICS_EXCHANGE, "test", (delivery) => {
    const notice = readFirstReference(delivery);
    if (notice !== undefined) announced.push(notice);
  });
  await model.subscribe(WINDOW_REQUESTS_EXCHANGE, "test", ({ type }) => void asked.push(type ?? ""));
  const lane = await TestLane.open(folder);
  const notices = new FirstReferenceNotices(bus, log, partition, () => lane.join);
  const following = await notices.follow();
  const propose = (version: string, ...values: readonly number[]) =>
    model.broadcast(
      METRICS_EXCHANGE,
      writeReferenceProposal({ lane: CHAMPION, model: version, ...(values.length === 0 ? {} : { reference: reference(...values) }) }),
    );
  return { lane, notices, following, propose, announced, asked, lines };
}

test("the first proposal is announced when it is committed, and again in answer to each other one and to each question", async () => {
  const { lane, notices, propose, announced, asked, lines } = await stage(new LanePartition(CHAMPION));
  const { firstReferences } = lane.join.state.monitor;
  await vi.waitFor(() => expect(asked).toEqual([REFERENCE_REQUEST_TYPE]));
  propose("m@1");
  propose("m@1", 1, 2);
  propose("m@1", 3, 4);
  await vi.waitFor(() => expect(firstReferences.isWaiting).toBe(true));
  expect(announced).toEqual([]);
  lane.commit();
  notices.onCommit();
  const said = { lane: CHAMPION, model: "m@1", reference: reference(1, 2) };
  await vi.waitFor(() => expect(announced).toEqual([said]));
  expect(lines.join("\n")).toContain("Model m@1 has no reference of its own: its first 2 rows are its reference from now on.");
  propose("m@1");
  propose("m@1", 5, 6);
  await vi.waitFor(() => expect(announced).toEqual([said, said, said]));
  await lane.join.close();
});

test("another partition than the first decides nothing", async () => {
  const { lane, following, asked } = await stage(new LanePartition(CHAMPION, 2, 2));
  expect([following, asked]).toEqual([undefined, []]);
  await lane.join.close();
});
