import Type, { type Static } from "typebox";

/** Names that are counted at once. One that makes up more than a fiftieth of all unseen texts is always among them. */
const KEPT_NAMES = 50;
/** Names that are shown: the commonest. */
export const SHOWN_NAMES = 10;
/** Characters of a name that are kept. */
export const NAME_CHARACTERS = 64;

export const UnseenNameSchema = Type.Object({
  name: Type.String({ description: "A text that the reference does not have, at most its first 64 characters." }),
  count: Type.Integer({ minimum: 0, description: "Rows with it." }),
  over: Type.Integer({ minimum: 0, description: "By how many rows the count may be too high: 0 unless there were very many such texts." }),
});

/** A text that the reference does not have, and in how many rows it was. */
export type UnseenName = Static<typeof UnseenNameSchema>;

/** The commonest of any number of texts, in bounded memory: the space-saving algorithm (Metwally, Agrawal and El Abbadi 2005). */
export class UnseenNames {
  readonly #names = new Map<string, { count: number; over: number }>();

  /** Adds what `save` returned. */
  merge(saved: readonly UnseenName[]): void {
    for (const { name, count, over } of saved) this.#add(name, count, over);
  }

  add(name: string): void {
    this.#add(name, 1, 0);
  }

  #add(name: string, count: number, over: number): void {
    const known = this.#names.get(name);
    if (known !== undefined) {
      known.count += count;
      known.over += over;
    } else {
      const least = this.#names.size < KEPT_NAMES ? 0 : this.#takeLeast();
      this.#names.set(name, { count: least + count, over: least + over });
    }
  }

  /** Takes out the name with the least count, of equal ones the oldest. @returns its count. */
  #takeLeast(): number {
    let [least, fewest] = ["", Infinity];
    for (const [name, { count }] of this.#names) if (count < fewest) [least, fewest] = [name, count];
    this.#names.delete(least);
    return fewest;
  }

  /** Takes out a row. */
  remove(name: string): void {
    const known = this.#names.get(name);
    if (known === undefined) return;
    known.count -= 1;
    if (known.count <= known.over) this.#names.delete(name);
  }

  /** In the order in which they came. */
  save(): UnseenName[] {
    return Array.from(this.#names, ([name, { count, over }]) => ({ name, count, over }));
  }
}

/** The commonest, at most ten; of equally common ones the first by code point. */
export function commonestNames(names: readonly UnseenName[]): UnseenName[] {
  return names.toSorted((one, other) => other.count - one.count || (one.name < other.name ? -1 : 1)).slice(0, SHOWN_NAMES);
}
