import { MOST_PARTITIONS } from "../partitions/partition-of-ids.js";
import { wholeNumber, type Setting } from "./config.js";

/** The number of partitions of each lane. */
export function partitions(description: string): Setting<number> {
  return wholeNumber(description, 1, 1, MOST_PARTITIONS);
}

/** Some of the partitions, as `1,3`, from 1; none if it is not set. */
export function chosenPartitions(description: string): Setting<readonly number[]> {
  return {
    description,
    default: "",
    parse(given) {
      if (given === "") return [];
      const chosen = given.split(",").map((part) => (/^\s*\d{1,3}\s*$/.test(part) ? Number(part) : 0));
      if (chosen.some((index) => index < 1 || index > MOST_PARTITIONS))
        throw new Error(`must be numbers from 1 to PARTITIONS, separated by commas, as 1,3`);
      if (new Set(chosen).size < chosen.length) throw new Error("must name each partition once");
      return chosen;
    },
  };
}
