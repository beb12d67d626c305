import { after, type LiveEvent, type LiveState } from "./live-state.js";

/** When to connect again if the gateway refused, in ms. A browser does so by itself if it lost the gateway. */
const AGAIN_MS = 2_000;
/** After this time without an event a connection is dead, in ms: the gateway sends a beat every 15 s. */
const SILENT_MS = 40_000;
const EVENTS = ["windows", "summary", "headline", "rows", "health", "dead_letters", "comparison"] as const;

/** Follows the events of a gateway while the page is seen. */
export class Connection {
  readonly #update: (change: (state: LiveState) => LiveState) => void;
  #path: string | undefined;
  #source: EventSource | undefined;
  /** When to connect again. */
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
    this.#openAgainIn(SILENT_MS);
    source.addEventListener("open", () => this.#say("live"));
    source.addEventListener("error", () => {
      this.#say("reconnecting");
      if (source.readyState !== EventSource.CLOSED || source !== this.#source) return;
      this.#close();
      this.#openAgainIn(AGAIN_MS);
      void logInIfAsked();
    });
    source.addEventListener("beat", () => this.#hear(source));
    for (const event of EVENTS) {
      source.addEventListener(event, ({ data }: MessageEvent<string>) => {
        this.#hear(source);
        const live: LiveEvent = { event, data: JSON.parse(data) };
        if (source === this.#source) this.#update((state) => after(state, live));
      });
    }
  }

  /** A link that is cut silently is no error to a browser. */
  #hear(source: EventSource): void {
    if (source === this.#source) this.#openAgainIn(SILENT_MS);
  }

  #openAgainIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#say("reconnecting");
      this.#close();
      this.#open();
    }, ms);
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
