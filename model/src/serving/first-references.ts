import {
  failpoint,
  METRICS_EXCHANGE,
  readFirstReference,
  RowCoder,
  writeReferenceNotice,
  writeReferenceProposal,
  type Bus,
  type Delivery,
  type Reference,
  type Subscription,
} from "@streamgauge/core";
import { FirstRows } from "./first-rows.js";
import type { PredictedRows } from "./predict-rows.js";

/** How soon an unanswered question is asked again, in ms. */
const ASK_EVERY_MS = 1_000;
/** Model versions that are remembered: a server may name any number. */
const MOST_VERSIONS = 20;

interface Version {
  readonly features: readonly string[];
  rows: FirstRows | undefined;
  proposal: Reference | undefined;
  accepted: Reference | undefined;
  coder: RowCoder | undefined;
  askedAt: number;
}

export interface FirstReferencesOptions {
  readonly bus: Bus;
  readonly lane: string;
  /** Rows of a reference. */
  readonly rows: number;
  /** The features to monitor; none: all. */
  readonly monitored: readonly string[];
}

/**
 * The references of model versions that have none of their own. It proposes that of the first rows that this process scored, and codes rows only by the
 * one that metrics has accepted: so all processes of a lane code by the same one. Rows until then have no codes.
 */
export class FirstReferences {
  readonly #options: FirstReferencesOptions;
  /** By label, in the order of their last use. */
  readonly #versions = new Map<string, Version>();

  constructor(options: FirstReferencesOptions) {
    this.#options = options;
  }

  /** Follows what metrics accepts. */
  follow(): Promise<Subscription> {
    const { bus, lane } = this.#options;
    return bus.subscribe(METRICS_EXCHANGE, `model.${lane}.first-references`, (delivery) => this.#onAnswer(delivery), {
      onGap: () => this.announce(),
    });
  }

  /** Finds the bins of a version's rows; undefined until its reference is accepted. @param features - in the model's order. */
  coderOf(model: string, features: readonly string[]): RowCoder | undefined {
    return this.#of(model, features).coder;
  }

  /** A version is about to score: `announce` asks for its reference before its first rows come. */
  expect(model: string, features: readonly string[]): void {
    this.#of(model, features);
  }

  /** Takes rows whose predictions are sent. */
  note({ of, yPred, codes, label: { model } }: PredictedRows): void {
    const { features } = of.rules;
    if (codes !== undefined || model === "") return;
    const version = this.#of(model, features);
    if (version.accepted !== undefined) return;
    const isNew = this.#collect(version, of.columns, yPred);
    if (isNew || performance.now() >= version.askedAt + ASK_EVERY_MS) this.#send(model, version);
  }

  /** Announces what it codes by, and proposes all that it has: metrics may have lost them. */
  announce(): void {
    for (const [model, version] of this.#versions) {
      this.#announce(version);
      this.#send(model, version);
    }
  }

  /** @returns whether there is a proposal now that was not there before. */
  #collect(version: Version, columns: PredictedRows["of"]["columns"], yPred: Float64Array): boolean {
    if (version.proposal !== undefined) return false;
    version.rows ??= new FirstRows(version.features, this.#options.rows);
    version.rows.add(columns, yPred);
    version.proposal = version.rows.reference;
    if (version.proposal === undefined) return false;
    version.rows = undefined;
    failpoint("model-before-proposal");
    return true;
  }

  #send(model: string, version: Version): void {
    const { bus, lane } = this.#options;
    version.askedAt = performance.now();
    const reference = version.accepted ?? version.proposal;
    bus.broadcast(METRICS_EXCHANGE, writeReferenceProposal({ lane, model, ...(reference === undefined ? {} : { reference }) }));
  }

  #onAnswer(delivery: Delivery): void {
    const answer = readFirstReference(delivery);
    const version = answer?.lane === this.#options.lane ? this.#versions.get(answer.model) : undefined;
    if (answer === undefined || version === undefined || JSON.stringify(version.accepted) === JSON.stringify(answer.reference)) return;
    this.#accept(version, answer.reference);
    this.#announce(version);
  }

  #accept(version: Version, reference: Reference): void {
    version.rows = undefined;
    version.proposal = undefined;
    version.accepted = reference;
    version.coder = new RowCoder(reference, version.features, this.#options.monitored);
  }

  #announce({ coder }: Version): void {
    const { bus, lane } = this.#options;
    if (coder !== undefined) bus.broadcast(METRICS_EXCHANGE, writeReferenceNotice({ lane, reference: coder.reference }));
  }

  #of(model: string, features: readonly string[]): Version {
    const known = this.#versions.get(model);
    const version = known !== undefined && isSame(known.features, features) ? known : this.#begin(features, known?.accepted);
    this.#versions.delete(model);
    this.#versions.set(model, version);
    for (const oldest of this.#versions.keys()) {
      if (this.#versions.size <= MOST_VERSIONS) break;
      this.#versions.delete(oldest);
    }
    return version;
  }

  /** A server may change the order of its inputs, and keep its name. */
  #begin(features: readonly string[], accepted: Reference | undefined): Version {
    const version: Version = { features, rows: undefined, proposal: undefined, accepted: undefined, coder: undefined, askedAt: -Infinity };
    if (accepted !== undefined) this.#accept(version, accepted);
    return version;
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some === others || (some.length === others.length && some.every((one, i) => one === others[i]));
}
