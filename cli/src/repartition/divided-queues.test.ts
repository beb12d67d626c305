import { connectBus, createLogger, labelsOf, predictionsOf, topologyOf, type Bus, type Message } from "@streamgauge/core";
import { Inbox, startPrivateBroker, until, type PrivateBroker } from "@streamgauge/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { bringBrokerTo } from "./divided-queues.js";

let broker: PrivateBroker;
const opened: Bus[] = [];
const log = createLogger("test", "silent");
const LANES = ["champion"];
/** Nothing is on its way for long here. */
const BRIEF = { ms: 1_500 };

beforeAll(async () => {
  broker = await startPrivateBroker();
}, 60_000);

afterEach(async () => {
  for (const bus of opened.splice(0)) await bus.close();
});

afterAll(() => broker.stop());

async function connect(lanes: readonly string[], partitions: number): Promise<Bus> {
  const bus = await connectBus({ url: broker.url, topology: topologyOf(lanes, partitions), name: "test", log });
  opened.push(bus);
  return bus;
}

function message(text: string): Message {
  return { body: Buffer.from(text), contentType: "text/plain", type: "y_pred", headers: { origin: 7 } };
}

test("a publisher with another number that still runs loses nothing, and messages that wait are moved", { timeout: 60_000 }, async () => {
  const old = await connect(LANES, 4);
  const sent: string[] = [];
  const send = async (text: string) => {
    sent.push(text);
    await old.publish(predictionsOf("champion", 1 + (sent.length % 4), 4), message(text));
  };
  for (let i = 0; i < 40; i += 1) await send(`before-${i}`);
  await old.publish(labelsOf(3, 4), message("label"));
  let isBrought = false;
  const publishing = (async () => {
    for (let i = 0; !isBrought; i += 1) await send(`during-${i}`);
  })();
  const bus = await bringBrokerTo(connect, LANES, 2, BRIEF);
  isBrought = true;
  await publishing;
  await send("after");
  expect(sent.length).toBeGreaterThan(42);
  const inbox = new Inbox();
  await bus.consume("metrics.champion.y_pred", inbox.handler, { prefetch: 100 });
  // What is sent while the addresses change comes twice, and the join knows its ids.
  await until(
    "all have come",
    () => sent.filter((text) => !inbox.texts.includes(text)),
    (missing) => missing.length === 0,
  );
  expect(new Set(inbox.texts)).toEqual(new Set(sent));
  expect(await bus.depth("metrics.champion.y_true")).toBe(1);
  for (const queue of ["metrics.champion.1of4.y_true", "metrics.champion.4of4.y_pred"]) expect(await bus.exists(queue)).toBe(false);
  await connect(LANES, 2);
});

test("a number that was left leads straight to its partitions when it is back", { timeout: 60_000 }, async () => {
  for (const partitions of [4, 1, 4]) await (await bringBrokerTo(connect, LANES, partitions, BRIEF)).close();
  const bus = await connect(LANES, 4);
  const before = await bus.depth("metrics.champion.y_true");
  await bus.publish(labelsOf(2, 4), message("label"));
  expect(await bus.depth("metrics.champion.2of4.y_true")).toBe(1);
  expect(await bus.depth("metrics.champion.y_true")).toBe(before);
});

test("a message that arrives when its queue has been found empty is moved too", { timeout: 60_000 }, async () => {
  const before = await bringBrokerTo(connect, LANES, 4, BRIEF);
  const lateFor = ["metrics.champion.2of4.y_pred", "metrics.champion.1of4.y_true"];
  let late = [...lateFor];
  /** A bus on which messages that were routed before the cut arrive after the first look. */
  const slow = async (lanes: readonly string[], partitions: number): Promise<Bus> => {
    const bus = await connect(lanes, partitions);
    const depthOf = bus.depth.bind(bus);
    const depth = async (queue: string) => {
      const found = await depthOf(queue);
      if (late.includes(queue)) {
        late = late.filter((each) => each !== queue);
        await bus.publish({ exchange: "", routingKey: queue }, message(`late for ${queue}`));
      }
      return found;
    };
    return Object.assign(bus, { depth });
  };
  const said: string[] = [];
  const bus = await bringBrokerTo(slow, LANES, 2, { ...BRIEF, say: (text) => said.push(text) });
  expect(late).toEqual([]);
  expect(said).toEqual(["The queues of other partitions are cut off. Messages on their way to them are waited for: 1.5 s."]);
  for (const queue of lateFor) expect(await before.exists(queue)).toBe(false);
  const inbox = new Inbox();
  await bus.consume("metrics.champion.y_pred", inbox.handler, { prefetch: 100 });
  await bus.consume("metrics.champion.y_true", inbox.handler, { prefetch: 100 });
  await until(
    "both have come",
    () => lateFor.filter((queue) => !inbox.texts.includes(`late for ${queue}`)),
    (missing) => missing.length === 0,
  );
});
