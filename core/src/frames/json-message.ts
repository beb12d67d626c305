import type { Message } from "../bus/bus.js";
import { JSON_TYPE } from "../media-type.js";
import { CONTRACT_VERSION, FRAME_HEADER } from "./frame.js";

/** A message of JSON that this version of the contract writes. @param type - its `type` property. @param json - its body. @param timestamp - ms since 1970. */
export function jsonMessage(type: string, json: string, timestamp = Date.now()): Message {
  return { body: Buffer.from(json), contentType: JSON_TYPE, type, timestamp, headers: { [FRAME_HEADER.version]: CONTRACT_VERSION } };
}
