/** The addresses of a broker's nodes, tried in turn from a random one on, so that the links of many processes are spread over the nodes. */
export class AddressRing {
  readonly #urls: readonly [string, ...string[]];
  #at: number;
  /** How many were tried in vain since a link stood. */
  #failures = 0;

  /** @param random - a number from 0 up to 1. */
  constructor(urls: readonly [string, ...string[]], random: number) {
    this.#urls = urls;
    this.#at = Math.floor(random * urls.length);
  }

  get size(): number {
    return this.#urls.length;
  }

  /** The URL to try, with one address. */
  get url(): string {
    return this.#urls[this.#at] ?? this.#urls[0];
  }

  /** Whether each was tried in vain since a link stood. */
  get hasFailed(): boolean {
    return this.#failures >= this.#urls.length;
  }

  /** A try was in vain: the next address comes. Returns whether each was tried as often now, so that a wait is due. */
  failed(): boolean {
    this.#failures += 1;
    this.next();
    return this.#failures % this.#urls.length === 0;
  }

  /** A link stands at the present address. */
  stands(): void {
    this.#failures = 0;
  }

  /** The next address comes: the node at the present one is lost. */
  next(): void {
    this.#at = (this.#at + 1) % this.#urls.length;
  }
}
