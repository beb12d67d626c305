import { Compile } from "typebox/compile";
import type { Delivery, Message } from "../bus/bus.js";
import { bodyOf } from "../frames/body-of.js";
import { parseJsonBody } from "../frames/codecs/json-body.js";
import { requireKind } from "../frames/contract.js";
import { FrameRefusedError } from "../frames/frame.js";
import { jsonMessage } from "../frames/json-message.js";
import { shapeRefusal } from "../frames/rows-of.js";
import { JSON_TYPE, mediaTypeOf } from "../media-type.js";
import { quote } from "../refusal.js";
import { alertSchema, type Alert } from "./alert.js";

/** The `type` property of alert messages. */
export const ALERT_TYPE = "alert";

const alerts = Compile(alertSchema);
const EXPECTED = 'an alert, {"fingerprint":"…","episode":"…","state":"firing"|"resolved","rule":"…",…} as docs/asyncapi.json describes it';

/** How alerts are written and read: the one place that both ends of the queue agree on. */
export const alertContract = {
  type: ALERT_TYPE,
  write(alert: Alert): Message {
    return jsonMessage(ALERT_TYPE, JSON.stringify(alert));
  },
  /** The alert in a message. @throws FrameRefusedError if there is none. */
  read(delivery: Delivery): Alert {
    requireKind(delivery, ALERT_TYPE);
    if (delivery.contentType !== undefined && mediaTypeOf(delivery.contentType) !== JSON_TYPE)
      throw new FrameRefusedError({ reason: `the property content_type is ${quote(delivery.contentType)}; send ${JSON_TYPE}` });
    const body = parseJsonBody(bodyOf(delivery));
    if (!alerts.Check(body)) throw shapeRefusal(alerts.Errors(body), EXPECTED);
    return body;
  },
};
