import { randomBytes } from "node:crypto";

/** What events tell of, in the order in which a new reader gets them. */
export const TOPICS = ["windows", "summary", "headline", "rows", "health", "dead_letters", "comparison"] as const;

export type Topic = (typeof TOPICS)[number];

/** Events that are kept, and their characters, for readers that come back. */
const KEPT = 200;
const KEPT_CHARACTERS = 1_000_000;

interface Entry {
  readonly n: number;
  readonly text: string;
}

/** Events as they are sent, up to the one with that number. */
export interface Events {
  readonly n: number;
  readonly bytes: Buffer;
}

/**
 * The events of one choice of windows, numbered, and written once for all who read them. The latest are kept; a reader that has missed more
 * gets every topic as it is now. So is one that is slow: no event is kept for it.
 */
export class EventLog {
  /** Numbers of another log, or of an earlier process, mean nothing here. */
  readonly #name = randomBytes(6).toString("base64url");
  readonly #wholes = new Map<Topic, () => string>();
  #entries: Entry[] = [];
  #characters = 0;
  #last = 0;
  /** What was asked for last. */
  #latest: { readonly from: number | undefined; readonly events: Events } | undefined;

  /** The number of the latest event; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** @param data - JSON of the event. @param whole - returns JSON of all of the topic, for a reader that has nothing yet. */
  put(topic: Topic, data: string, whole: () => string = () => data): void {
    this.#last += 1;
    this.#wholes.set(topic, whole);
    const entry = { n: this.#last, text: this.#written(topic, data) };
    this.#entries.push(entry);
    this.#characters += entry.text.length;
    while (this.#entries.length > KEPT || this.#characters > KEPT_CHARACTERS) this.#characters -= this.#entries.shift()?.text.length ?? 0;
  }

  /** The number in a Last-Event-ID; undefined if it is of another log. */
  numberOf(id: string): number | undefined {
    const [name, number = ""] = id.split(".");
    return name === this.#name && /^\d{1,15}$/.test(number) && Number(number) <= this.#last ? Number(number) : undefined;
  }

  /** What comes after an event: all later ones, or all topics as they are now. @param n - undefined: nothing was read yet. */
  after(n: number | undefined): Events {
    // Those who keep up all ask for the same.
    if (this.#latest?.events.n !== this.#last || this.#latest.from !== n) this.#latest = { from: n, events: this.#after(n) };
    return this.#latest.events;
  }

  #after(n: number | undefined): Events {
    const [first] = this.#entries;
    const isMissed = n === undefined || first === undefined || n + 1 < first.n;
    const texts = isMissed ? this.#whole() : this.#entries.slice(n + 1 - first.n).map(({ text }) => text);
    return { n: this.#last, bytes: Buffer.from(texts.join("")) };
  }

  #whole(): string[] {
    return TOPICS.flatMap((topic) => {
      const whole = this.#wholes.get(topic);
      return whole === undefined ? [] : [this.#written(topic, whole())];
    });
  }

  #written(topic: Topic, data: string): string {
    return `id: ${this.#name}.${this.#last}\nevent: ${topic}\ndata: ${data}\n\n`;
  }
}
