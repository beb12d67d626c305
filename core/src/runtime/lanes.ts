import { CHAMPION, isPartitionName } from "../lane-partition.js";
import type { Setting } from "./config.js";

/** A lane, and the model that scores it. */
export interface LaneSetting {
  readonly name: string;
  /** A path, or the URL of a model server; empty: what MODEL_PATH or MODEL_URL says. */
  readonly model: string;
}

/** It becomes a part of queues, files and pictures. */
const LANE_NAME = /^[a-z][a-z0-9-]{0,31}$/;
const MOST_LANES = 8;

/** The name of one lane. */
export function laneName(description: string): Setting<string> {
  return { description, default: CHAMPION, parse: (given) => requireName(given) };
}

/** Lanes and their models, as `champion=a.onnx,challenger=b.onnx`; none if it is not set. */
export function lanes(description: string): Setting<readonly LaneSetting[]> {
  return {
    description,
    default: "",
    parse(given) {
      if (given === "") return [];
      const parsed = given.split(",").map((part): LaneSetting => {
        const at = part.indexOf("=");
        const name = requireName((at < 0 ? part : part.slice(0, at)).trim());
        const model = at < 0 ? "" : part.slice(at + 1).trim();
        if (model === "" && name !== CHAMPION) throw new Error(`must name the model of the lane ${name}, as ${name}=path.onnx`);
        return { name, model };
      });
      const names = parsed.map(({ name }) => name);
      if (new Set(names).size < names.length) throw new Error("must name each lane once");
      if (!names.includes(CHAMPION)) throw new Error(`must name the lane ${CHAMPION}, as ${CHAMPION}=path.onnx`);
      if (names.length > MOST_LANES) throw new Error(`must name at most ${MOST_LANES} lanes`);
      return parsed;
    },
  };
}

function requireName(name: string): string {
  if (isPartitionName(name)) throw new Error(`must not name a lane ${name}: partitions are named so`);
  if (!LANE_NAME.test(name))
    throw new Error("must name lanes with a small letter and up to 31 more, digits or hyphens, such as challenger");
  return name;
}

interface LaneSettings {
  readonly LANE: string;
  readonly LANES: readonly LaneSetting[];
}

/** The lanes that a process has to do with, the champion first. */
export function lanesOf({ LANE, LANES }: LaneSettings): readonly string[] {
  return [...new Set([CHAMPION, ...LANES.map(({ name }) => name), LANE])];
}

/** The path or URL of a lane's model; empty if LANES does not say. */
export function modelOfLane({ LANES }: Pick<LaneSettings, "LANES">, lane: string): string {
  return LANES.find(({ name }) => name === lane)?.model ?? "";
}
