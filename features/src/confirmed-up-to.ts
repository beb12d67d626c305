/** Tracks the mark up to which everything is confirmed; confirms may arrive in any order. */
export class ConfirmedUpTo<T> {
  /** By number, in order; those before the first open one are gone. */
  readonly #open = new Map<number, { readonly mark: T; waiting: number }>();
  #first = 0;
  #next = 0;
  #mark: T | undefined;

  /** Registers a mark that needs `parts` confirms; call the returned function once per confirm. Marks must ascend. */
  expect(mark: T, parts: number): () => void {
    const entry = { mark, waiting: parts };
    this.#open.set(this.#next, entry);
    this.#next += 1;
    return () => {
      entry.waiting -= 1;
      this.#advance();
    };
  }

  #advance(): void {
    for (let entry = this.#open.get(this.#first); entry?.waiting === 0; entry = this.#open.get(this.#first)) {
      this.#mark = entry.mark;
      this.#open.delete(this.#first);
      this.#first += 1;
    }
  }

  /** The last mark up to and including which everything is confirmed. */
  get mark(): T | undefined {
    return this.#mark;
  }
}
