import { DONE, resendable, type Bus } from "@streamgauge/core";

/** The queue of all ids takes no more. */
export class NoRoomError extends Error {
  override readonly name = "NoRoomError";
  readonly queue: string;

  constructor(from: string, queue: string) {
    super(
      `Messages of the queue ${from} are to be moved to the queue ${queue}, which is full. They stay where they are: start metrics, which empties ` +
        `${queue}, and run this again.`,
    );
    this.queue = queue;
  }
}

/** A full queue refuses, and a sender waits: for so long. */
const PATIENCE_MS = 10_000;

/** Moves what waits in a queue to the end of another one; each message is acknowledged when its copy is confirmed. @returns how many. @throws NoRoomError */
export async function moveMessages(bus: Pick<Bus, "drain" | "publish">, from: string, to: string): Promise<number> {
  return bus.drain(from, Infinity, async (delivery) => {
    await inTime(bus.publish({ exchange: "", routingKey: to }, resendable(delivery)), () => new NoRoomError(from, to));
    return DONE;
  });
}

async function inTime(sent: Promise<void>, error: () => Error): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(error()), PATIENCE_MS);
  });
  try {
    await Promise.race([sent, tooLate]);
  } finally {
    clearTimeout(late);
  }
}
