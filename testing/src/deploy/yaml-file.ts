import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { builtFile } from "../built-file.js";

/** What a YAML file of the project holds, with its anchors resolved. */
export function yamlFile<Content>(path: string): Content {
  return parse(readFileSync(builtFile(path), "utf8"), { merge: true });
}
