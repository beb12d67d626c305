import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { expect, onTestFinished, test, vi } from "vitest";
import { UnsendableMessageError, type Message } from "../bus.js";
import { PublishSocket } from "./publish-socket.js";
import { RabbitPublisher } from "./publisher.js";

const TO = { exchange: "rows", routingKey: "all" };
const MESSAGE: Message = { body: Buffer.from("x"), contentType: "text/plain", type: "t", headers: {} };

/** A publisher whose broker answers by events of its channel, and what became of the messages m-1, m-2… */
class Sending {
  readonly channel = new EventEmitter();
  readonly publisher = new RabbitPublisher(
    this.channel,
    new PublishSocket({ socket: new PassThrough(), frameMax: 4_096, channel: 1 }, "test"),
  );
  readonly outcomes: string[] = [];

  constructor(messages: number) {
    for (let i = 1; i <= messages; i += 1) {
      this.outcomes.push("");
      this.publisher.publish(TO, MESSAGE, `m-${i}`).then(
        () => this.#settled(i, "confirmed"),
        (error: unknown) => this.#settled(i, String(error)),
      );
    }
  }

  #settled(message: number, how: string): void {
    this.outcomes[message - 1] += how;
  }

  /** Lets the broker answer. */
  async answers(event: string, argument: unknown): Promise<readonly string[]> {
    this.channel.emit(event, argument);
    await new Promise(setImmediate);
    return this.outcomes;
  }
}

const FULL = "PublishRefusedError: A queue behind rows/all takes no more just now: its reader is slower than the sender, or stopped.";
const UNROUTABLE = "PublishRefusedError: No queue takes messages for rows/all.";

test("a confirm is of one message, or of all up to it that are open", async () => {
  const sending = new Sending(5);
  expect(await sending.answers("ack", { deliveryTag: 2, multiple: false })).toEqual(["", "confirmed", "", "", ""]);
  expect(await sending.answers("ack", { deliveryTag: 3, multiple: true })).toEqual(["confirmed", "confirmed", "confirmed", "", ""]);
  expect(await sending.answers("nack", { deliveryTag: 5, multiple: true })).toEqual(["confirmed", "confirmed", "confirmed", FULL, FULL]);
  expect(sending.publisher.oldest).toBeUndefined();
});

test("how long an address has had nothing but refusals", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  onTestFinished(() => void vi.useRealTimers());
  const sending = new Sending(3);
  expect(sending.publisher.refusedForMs).toBe(0);
  await sending.answers("nack", { deliveryTag: 1, multiple: false });
  vi.advanceTimersByTime(2_000);
  await sending.answers("nack", { deliveryTag: 2, multiple: false });
  expect(sending.publisher.refusedForMs).toBe(2_000);
  await sending.answers("ack", { deliveryTag: 3, multiple: false });
  expect(sending.publisher.refusedForMs).toBe(0);
});

test("a message that came back is refused, and its confirm says nothing more", async () => {
  const sending = new Sending(2);
  expect(await sending.answers("return", { properties: { messageId: "m-2" } })).toEqual(["", UNROUTABLE]);
  expect(await sending.answers("ack", { deliveryTag: 2, multiple: true })).toEqual(["confirmed", UNROUTABLE]);
});

test("a message that cannot be carried has no number of the broker's", async () => {
  const sending = new Sending(1);
  const refused = sending.publisher.publish(TO, { ...MESSAGE, type: "t".repeat(256) }, "bad");
  await expect(refused).rejects.toThrow(UnsendableMessageError);
  const later = sending.publisher.publish(TO, MESSAGE, "m-2");
  await sending.answers("ack", { deliveryTag: 2, multiple: true });
  await later;
  expect(sending.outcomes).toEqual(["confirmed"]);
});

test("the end of the link is the end of what is open, and of what comes later", async () => {
  const sending = new Sending(1);
  sending.publisher.end(new Error("cut"));
  await expect(sending.publisher.publish(TO, MESSAGE, "m-2")).rejects.toThrow("cut");
  expect(await sending.answers("ack", { deliveryTag: 1, multiple: true })).toEqual(["Error: cut"]);
});

test("if a body above the broker's limit ended it, those above it are refused and the others are sent again", async () => {
  const sending = new Sending(1);
  const large = sending.publisher.publish(TO, { ...MESSAGE, body: Buffer.alloc(2_001) }, "large");
  const refused = expect(large).rejects.toThrow("A message of 2001 bytes is above the limit of 2000 of this RabbitMQ");
  sending.publisher.end(new Error("PRECONDITION_FAILED - message size 2001 is larger than configured max size 2000"));
  await refused;
  expect(sending.outcomes[0]).toMatch(/^Error: PRECONDITION_FAILED/);
});
