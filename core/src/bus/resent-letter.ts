import type { Delivery, Message } from "./bus.js";
import { DEAD_HEADER } from "./dead-header.js";
import { resendable } from "./dead-letter.js";
import { originOfLetter } from "./letter-origin.js";
import { isReasonsMessage } from "./refused-rows.js";

/**
 * Says that a dead letter, or a message of reasons that followed it, was sent back and waits no more: to be broadcast. It has what the letter says of its
 * refusal, without the body of the letter.
 */
export function resentNotice(letter: Delivery): Message {
  const { headers, ...message } = resendable(letter);
  const { reason, stage, time } = originOfLetter(letter);
  const refusals = headers[DEAD_HEADER.refusals];
  return {
    ...message,
    body: isReasonsMessage(letter) ? letter.body : Buffer.alloc(0),
    headers: {
      [DEAD_HEADER.reason]: reason,
      [DEAD_HEADER.stage]: stage,
      [DEAD_HEADER.time]: time,
      ...(refusals === undefined ? {} : { [DEAD_HEADER.refusals]: refusals }),
    },
  };
}
