import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CHAMPION,
  connectBus,
  createLogger,
  FEATURES,
  Ids,
  predictionContract,
  queuesOf,
  topologyOf,
  type Bus,
  type Delivery,
  type FrameFormat,
  type Message,
  type PredictionFrame,
} from "@streamgauge/core";
import * as features from "@streamgauge/features";
import * as model from "@streamgauge/model";
import { Inbox, startServiceOn } from "@streamgauge/testing";
import type { BenchCase } from "../case/bench-cases.js";
import type { Material } from "../case/material.js";
import type { PreparedFrames } from "./prepared-frames.js";

/** So many rows, in at least so many messages, go round and round. */
const ROUND = { rows: 4_096, messages: 8 };
/** The model answers frames of fewer rows together, and has at most so many messages in flight. */
const GATHERED = { below: 64, most: 1_000 };

/** Lets the services' own code encode a case's first rows, in memory. */
export async function prepareFrames({ frameRows, frameFormat }: BenchCase, material: Material): Promise<PreparedFrames> {
  const count = Math.max(ROUND.messages, Math.ceil(ROUND.rows / frameRows));
  const { features, labels } = await sentBySource(frameRows, frameFormat, count, material);
  const gathers = frameRows < GATHERED.below;
  const answers = await answersTo(gathers ? features.slice(0, GATHERED.most) : features, material);
  const predictions = gathers ? gatheredAnswers(answers, frameFormat, frameRows) : answers;
  return {
    frameRows,
    features: features.map(preparedMessage),
    labels: labels.map(preparedMessage),
    predictions: predictions.map(preparedMessage),
    gathers,
  };
}

async function sentBySource(frameRows: number, frameFormat: FrameFormat, count: number, material: Material) {
  const bus = await memoryBus();
  const queues = queuesOf(CHAMPION);
  const [rows, labels] = [await collect(bus, queues.features), await collect(bus, queues.labels)];
  const settings = {
    DATASET_PATH: material.datasetPath,
    ROWS_PER_SECOND: "0",
    ROW_LIMIT: String(frameRows * count),
    FRAME_ROWS: String(frameRows),
    FRAME_DELAY_MS: "0",
    FRAME_FORMAT: frameFormat,
  };
  const { running: source } = await startServiceOn(bus, features, settings);
  await source?.finished;
  const sent = { features: await rows.first(count), labels: await labels.first(count) };
  await bus.close();
  return sent;
}

/** The model's answer to each of these messages, in their order. */
async function answersTo(frames: readonly Delivery[], material: Material): Promise<Delivery[]> {
  const bus = await memoryBus();
  const answers = await collect(bus, queuesOf(CHAMPION).predictions);
  const logsDir = mkdtempSync(join(tmpdir(), "streamgauge-frames-"));
  const scoring = await startServiceOn(bus, model, {
    MODEL_PATH: material.modelPath,
    DATASET_PATH: material.datasetPath,
    LOGS_DIR: logsDir,
  });
  for (const [i, frame] of frames.entries()) {
    await bus.publish(FEATURES, preparedMessage(frame));
    // One at a time, so that each is answered alone.
    await answers.first(i + 1);
  }
  await scoring.close();
  rmSync(logsDir, { recursive: true, force: true });
  await bus.close();
  return answers.deliveries;
}

/** The message that answers the first n messages of features together, for each n. */
function gatheredAnswers(answers: readonly Delivery[], format: FrameFormat, frameRows: number): Message[] {
  const frames = answers.map((answer) => predictionContract.read(answer).frame);
  const ids = Ids.joined(frames.map((frame) => frame.ids));
  const values = Float64Array.from(frames.flatMap(({ y_pred }) => [...y_pred]));
  const [first] = frames;
  if (first === undefined) return [];
  return frames.map((_, i) => {
    const rows = (i + 1) * frameRows;
    const gathered: PredictionFrame = {
      ...first,
      ids: ids.take(Array.from({ length: rows }, (_, row) => row)),
      y_pred: values.subarray(0, rows),
    };
    return predictionContract.write(gathered, format, Date.now());
  });
}

const silent = createLogger("bench", "silent");

function memoryBus(): Promise<Bus> {
  return connectBus({ url: "memory:bench", topology: topologyOf([CHAMPION]), name: "bench", log: silent });
}

/** Everything that comes into a queue. */
async function collect(bus: Bus, queue: string): Promise<Inbox> {
  const inbox = new Inbox();
  await bus.consume(queue, inbox.handler, { prefetch: GATHERED.most });
  return inbox;
}

function preparedMessage({ body, contentType = "", type = "", timestamp = 0, headers }: Delivery | Message): Message {
  return { body, contentType, type, timestamp, headers: headersOf(headers) };
}

function headersOf(headers: Readonly<Record<string, unknown>>): Message["headers"] {
  const kept = Object.entries(headers).filter((entry): entry is [string, string | number | boolean] =>
    ["string", "number", "boolean"].includes(typeof entry[1]),
  );
  return Object.fromEntries(kept);
}
