import { after, type LiveEvent, type LiveState } from "./live-state.js";

/** When to connect again if the gateway refused, in ms. A browser does so by itself if it lost the gateway. */
const AGAIN_MS = 2_000;
const EVENTS = ["windows", "summary", "headline", "rows", "health", "dead_letters", "comparison"] as const;

/** Follows the events of a gateway while the page is seen. */
export class Connection {
  readonly #update: (change: (state: LiveState) => LiveState) => void;
  #path: string | undefined;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param update - called with what makes a new state of the last one. */
  constructor(update: (change: (state: LiveState) => LiveState) => void) {
    this.#update = update;
    document.addEventListener("visibilitychange", () => {
      // Browsers open six connections to one gateway: a page that nobody sees must not hold one.
      if (document.hidden) this.#close();
      else if (this.#source === undefined) this.#open();
    });
  }

  /** Follows the events at this address from now on. @param path - undefined: none. */
  follow(path: string | undefined): void {
    this.#path = path;
    this.#close();
    if (!document.hidden) this.#open();
  }

  #open(): void {
    if (this.#path === undefined) return this.#say("idle");
    const source = new EventSource(this.#path);
    this.#source = source;
    source.addEventListener("open", () => this.#say("live"));
    source.addEventListener("error", () => {
      this.#say("reconnecting");
      if (source.readyState !== EventSource.CLOSED || source !== this.#source) return;
      this.#close();
      this.#timer = setTimeout(() => this.#open(), AGAIN_MS);
      void logInIfAsked();
    });
    for (const event of EVENTS) {
      source.addEventListener(event, ({ data }: MessageEvent<string>) => {
        const live: LiveEvent = { event, data: JSON.parse(data) };
        if (source === this.#source) this.#update((state) => after(state, live));
      });
    }
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  #say(connection: LiveState["connection"]): void {
    this.#update((state) => ({ ...state, connection }));
  }
}

/** A browser does not say why events were refused. */
async function logInIfAsked(): Promise<void> {
  const status = await fetch("/statistics").then(
    (answer) => answer.status,
    () => undefined,
  );
  if (status === 401) location.assign(`/login?${new URLSearchParams({ to: location.pathname + location.search })}`);
}
