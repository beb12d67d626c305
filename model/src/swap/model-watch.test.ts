import { Deferred, Ids } from "@streamgauge/core";
import { captureLog } from "@streamgauge/testing";
import { Registry } from "prom-client";
import { expect, onTestFinished, test, vi } from "vitest";
import { ActiveScorer } from "./active-scorer.js";
import type { Scorer } from "../session/scorer.js";
import { ModelWatch } from "./model-watch.js";
import type { ModelVersion } from "./model-versions.js";
import { RowSample } from "./row-sample.js";

const SOON = { timeout: 10_000 };

/** Models in memory: what each path holds, and what is done with them. */
class Stage {
  readonly sample = new RowSample();
  readonly captured = captureLog();
  readonly registry = new Registry();
  readonly opened: string[] = [];
  readonly closed: string[] = [];
  readonly died = new Map<string, Deferred<string>>();
  /** Until then a path with "slow" in it is opened. */
  readonly slow = new Deferred<void>();
  readonly active: ActiveScorer;
  readonly watch: ModelWatch;
  versions: ModelVersion[];
  /** What a look finds. */
  find = (): readonly ModelVersion[] => this.versions;
  /** What a model answers to each row; 1 if it is not here. */
  readonly answers = new Map<string, number>();

  constructor(first: ModelVersion) {
    this.versions = [first];
    this.active = new ActiveScorer(this.#scorer(first));
    this.watch = new ModelWatch({
      versions: async () => this.find(),
      loaded: first,
      active: this.active,
      sample: this.sample,
      lane: "champion",
      log: this.captured.log,
      registry: this.registry,
      onChange: () => undefined,
      open: async (version) => {
        const label = nameOf(version);
        this.opened.push(label);
        if (version.path.includes("bad")) throw new Error(`Model ${version.path}: this is not an ONNX file.`);
        if (version.path.includes("slow")) await this.slow.promise;
        const died = new Deferred<string>();
        this.died.set(label, died);
        return { scorer: this.#scorer(version), died: died.promise };
      },
    });
    onTestFinished(() => this.watch.close());
  }

  #scorer(version: ModelVersion): Scorer {
    const label = nameOf(version);
    return {
      label,
      features: ["a"],
      kinds: ["number"],
      allowsMissing: false,
      concurrency: 1,
      score: async (rows) => ({ yPred: new Float64Array(rows).fill(this.answers.get(label) ?? 1), model: label, unit: "" }),
      close: async () => void this.closed.push(label),
    };
  }

  async scores(label: string): Promise<void> {
    await vi.waitFor(() => expect(this.active.current.label).toBe(label), SOON);
  }

  async says(pattern: RegExp): Promise<void> {
    await vi.waitFor(() => expect(this.captured.lines.some((line) => pattern.test(line))).toBe(true), SOON);
  }

  async swaps(outcome: string): Promise<number | undefined> {
    const { values } = (await this.registry.getSingleMetric("streamgauge_model_swaps_total")?.get()) ?? { values: [] };
    return values.find(({ labels }) => labels["outcome"] === outcome)?.value;
  }
}

function nameOf({ path, mark }: ModelVersion): string {
  return `${path}@${mark}`;
}

test("another file takes over, and the one before is closed", async () => {
  const stage = new Stage({ path: "m", mark: "1" });
  stage.versions = [{ path: "m", mark: "2" }];
  await stage.scores("m@2");
  expect(stage.closed).toEqual(["m@1"]);
  await stage.says(/Model m@2 takes over lane champion from m@1, \d+ ms after it was found\./);
  expect(await stage.swaps("done")).toBe(1);
  expect(await stage.swaps("refused")).toBe(0);
});

test("one that cannot be used changes nothing, is reported once, and the next best is looked at", async () => {
  const stage = new Stage({ path: "v1", mark: "1" });
  stage.versions = [
    { path: "bad3", mark: "1" },
    { path: "v2", mark: "1" },
    { path: "v1", mark: "1" },
  ];
  await stage.says(/Lane champion stays with model v1@1: Model bad3: this is not an ONNX file\./);
  await stage.scores("v2@1");
  // Written anew, it is reported again.
  stage.versions = [{ path: "bad3", mark: "2" }, ...stage.versions.slice(1)];
  await stage.says(/Lane champion stays with model v2@1: Model bad3/);
  expect(stage.captured.lines.filter((line) => line.includes("stays with"))).toHaveLength(2);
  expect(await stage.swaps("refused")).toBe(2);
});

test("one that is still written is waited for", async () => {
  const stage = new Stage({ path: "m", mark: "1" });
  let looks = 0;
  // Every part is found twice, and so opened, before the next is written.
  stage.find = () => {
    looks += 1;
    return looks > 8 ? [{ path: "m", mark: "whole" }] : [{ path: "m-bad", mark: `part ${Math.ceil(looks / 2)}` }];
  };
  await stage.scores("m@whole");
  expect(stage.opened).toEqual(["m-bad@part 1", "m-bad@part 2", "m-bad@part 3", "m-bad@part 4", "m@whole"]);
  expect(stage.captured.lines.filter((line) => line.includes("stays with"))).toEqual([]);
});

test("one that has no number for rows that were just scored is refused", async () => {
  const stage = new Stage({ path: "m", mark: "1" });
  stage.sample.note(
    { frame: { ids: Ids.of(["x"]), columns: new Map([["a", Float64Array.of(5)]]) }, rowOf: (row) => row },
    Float64Array.of(1),
    0,
  );
  stage.answers.set("m@2", Number.NaN);
  stage.versions = [{ path: "m", mark: "2" }];
  await stage.says(/stays with model m@1: Model m: it answers NaN to a row that was just scored with a number\./);
  expect(stage.closed).toContain("m@2");
  expect(stage.active.current.label).toBe("m@1");
});

test("a reload reports its outcome", async () => {
  const stage = new Stage({ path: "m", mark: "1" });
  expect(await stage.watch.reload()).toMatchObject({ done: true, model: "m@1" });
  stage.versions = [{ path: "bad", mark: "1" }];
  expect(await stage.watch.reload()).toEqual({ done: false, model: "m@1", reason: "Model bad: this is not an ONNX file." });
  stage.versions = [];
  expect(await stage.watch.reload()).toMatchObject({ done: false, model: "m@1" });
});

test("one that dies is opened again, and no calls begin meanwhile", async () => {
  const stage = new Stage({ path: "m", mark: "1" });
  stage.versions = [{ path: "m", mark: "2" }];
  await stage.scores("m@2");
  const dead = stage.active.current;
  stage.versions = [];
  stage.died.get("m@2")?.resolve("SIGKILL");
  await stage.says(/The process of model m@2 ended \(SIGKILL\); rows of lane champion wait until it is open again\./);
  expect(stage.active.concurrency).toBe(0);
  stage.versions = [{ path: "m", mark: "2" }];
  await vi.waitFor(() => expect(stage.active.concurrency).toBe(1), SOON);
  expect(stage.active.current).not.toBe(dead);
});

test("no calls begin on one that dies while the next is being opened", async () => {
  const stage = new Stage({ path: "m", mark: "1" });
  stage.versions = [{ path: "m", mark: "2" }];
  await stage.scores("m@2");
  stage.versions = [{ path: "slow", mark: "1" }];
  await vi.waitFor(() => expect(stage.opened).toContain("slow@1"), SOON);
  stage.died.get("m@2")?.resolve("SIGKILL");
  await vi.waitFor(() => expect(stage.active.concurrency).toBe(0), SOON);
  stage.slow.resolve();
  await stage.scores("slow@1");
  expect(stage.active.concurrency).toBe(1);
});
