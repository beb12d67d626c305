/** Finds out up to where everything is confirmed, though confirms come in any order. */
export class ConfirmedUpTo<T> {
  /** By number, in order; those before the first open one are gone. */
  readonly #open = new Map<number, { readonly mark: T; waiting: number }>();
  #first = 0;
  #next = 0;
  #mark: T | undefined;

  /** Notes something that wants `parts` confirms; call what it returns once for each. Marks are passed in order. */
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

  /** The last mark before which, and including which, everything is confirmed. */
  get mark(): T | undefined {
    return this.#mark;
  }
}
