import type { Message, Outcome } from "../bus.js";

export const RETRY: Outcome = { kind: "retry", reason: "the disk is full" };

export function message(text: string): Message {
  return { body: Buffer.from(text), contentType: "text/plain", type: "features", headers: {} };
}

/** Sends all texts, at most `senders` of them at a time. */
export async function inTurns(senders: number, texts: readonly string[], send: (text: string) => Promise<void>): Promise<void> {
  const queue = [...texts];
  const work = async () => {
    for (let text = queue.shift(); text !== undefined; text = queue.shift()) await send(text);
  };
  await Promise.all(Array.from({ length: senders }, work));
}
