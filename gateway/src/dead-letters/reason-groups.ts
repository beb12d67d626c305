import { describeRefusal, type Refusal } from "@streamgauge/core";
import { merged, partToFind, patternOf, patternText, type ReasonPattern } from "./reason-pattern.js";

/** Kinds of reasons that are kept apart: those that came last. */
const MOST_GROUPS = 40;
/** What is shown of a reason, in characters; `streamgauge replay show` has all of it. */
const MOST_CHARACTERS = 300;
/** What is read of a reason: a header holds no more. */
const READ_CHARACTERS = 2_000;

/** Refusals of one kind: by the same service, in the same words, whichever values and rows they name. */
export interface ReasonGroup {
  /** The service that refused. */
  readonly stage: string;
  /** What all of them say; `…` stands for what differs. */
  readonly reason: string;
  /** The field of the rows. */
  readonly field?: string;
  /** Whether single rows were refused, or whole messages. */
  readonly of: "rows" | "messages";
  readonly count: number;
  /** The time of the first and the last, ms since 1970. */
  readonly first: number;
  readonly last: number;
  /** One of them: its row, and its values if these differ; empty if there is nothing more to say. */
  readonly example: string;
  /** A part of the reason with which `streamgauge replay` finds them; empty if there is none. */
  readonly find: string;
}

interface Kept {
  readonly stage: string;
  readonly field: string | undefined;
  readonly of: ReasonGroup["of"];
  readonly example: Refusal;
  pattern: ReasonPattern;
  count: number;
  first: number;
  last: number;
}

/** Groups refusals by kind, in bounded memory: kinds that have not come for longest become `other`. */
export class ReasonGroups {
  /** The one that came last is at the end. */
  readonly #groups = new Map<string, Kept>();
  #other = 0;

  /** @param at - when they were refused, ms since 1970. */
  add(stage: string, refusals: readonly Refusal[], at: number): void {
    for (const refusal of refusals) this.#add(stage.slice(0, MOST_CHARACTERS), refusal, at);
  }

  /** Refusals whose message waits no more. @param at - as it was added. @returns whether any of them was counted. */
  remove(stage: string, refusals: readonly Refusal[], at: number): boolean {
    const counted = refusals.filter((refusal) => this.#remove(stage.slice(0, MOST_CHARACTERS), refusal, at));
    return counted.length > 0;
  }

  #remove(stage: string, refusal: Refusal, at: number): boolean {
    const { key } = kindOf(stage, refusal);
    const group = this.#groups.get(key);
    // An earlier one came before its kind was counted here.
    if (group === undefined || at < group.first) return false;
    group.count -= 1;
    if (group.count === 0) this.#groups.delete(key);
    return true;
  }

  #add(stage: string, refusal: Refusal, at: number): void {
    const { key, of, pattern } = kindOf(stage, refusal);
    const known = this.#groups.get(key);
    this.#groups.delete(key);
    const group = known ?? { stage, field: refusal.field, of, example: refusal, pattern, count: 0, first: at, last: at };
    group.pattern = merged(group.pattern, pattern);
    group.count += 1;
    group.first = Math.min(group.first, at);
    group.last = Math.max(group.last, at);
    this.#groups.set(key, group);
    if (this.#groups.size > MOST_GROUPS) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const [oldest] = this.#groups;
    if (oldest === undefined) return;
    this.#groups.delete(oldest[0]);
    this.#other += oldest[1].count;
  }

  /** The kinds, the latest first. */
  list(): ReasonGroup[] {
    return [...this.#groups.values()].reverse().map(shown);
  }

  /** Refusals of kinds that are not listed. */
  get other(): number {
    return this.#other;
  }

  clear(): void {
    this.#groups.clear();
    this.#other = 0;
  }
}

function kindOf(stage: string, { row, field, reason }: Refusal): Pick<Kept, "of" | "pattern"> & { readonly key: string } {
  const pattern = patternOf(reason.slice(0, READ_CHARACTERS));
  const of = row === undefined ? "messages" : "rows";
  return { key: JSON.stringify([stage, of, field, pattern.texts]), of, pattern };
}

function shown({ stage, field, of, count, first, last, example, pattern }: Kept): ReasonGroup {
  return {
    stage,
    reason: cut(patternText(pattern)),
    ...(field === undefined ? {} : { field: cut(field) }),
    of,
    count,
    first,
    last,
    example: cut(exampleOf(example, pattern)),
    find: partToFind(pattern, field),
  };
}

/** Where it was; and its own values, if others have others. */
function exampleOf({ row, id, field, reason }: Refusal, { values }: ReasonPattern): string {
  const where = { ...(row === undefined ? {} : { row }), ...(id === undefined ? {} : { id }) };
  if (values.includes(undefined)) return describeRefusal({ ...where, ...(field === undefined ? {} : { field }), reason });
  return row === undefined ? "" : describeRefusal({ ...where, reason: "" }).replace(/: $/, "");
}

function cut(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}
