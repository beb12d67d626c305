import { CHAMPION, predictionsOf, queuesOf } from "@streamgauge/core";
import type { ConsumeMessage } from "amqplib";
import { serveTask } from "../system/serve-task.js";
import { oncePerTurn, openLink, sealed, send } from "./bare-link.js";
import { prefetchOf, type CeilingTask } from "./ceiling-task.js";
import { loadPreparedFrames } from "./prepared-frames.js";

// Answers features with prepared predictions, and acknowledges them when the answer is confirmed. Runs until it is ended.
serveTask<CeilingTask, never>(async ({ url, frames }, ready) => {
  const { features, predictions, gathers } = loadPreparedFrames(frames);
  const answers = predictions.map((message) => sealed(message, "streamgauge-model"));
  const { exchange, routingKey } = predictionsOf(CHAMPION);
  // Two connections, as the services have.
  const publishing = await (await openLink(url)).createConfirmChannel();
  const consuming = await (await openLink(url)).createChannel();
  await consuming.prefetch(prefetchOf(features), false);

  let answered = 0;
  let waiting: ConsumeMessage[] = [];
  const confirmedUpTo = inOrder();
  let toAcknowledge: ConsumeMessage | undefined;
  const acknowledge = oncePerTurn(() => {
    if (toAcknowledge !== undefined) consuming.ack(toAcknowledge, true);
    toAcknowledge = undefined;
  });
  const answer = (index: number, last: ConsumeMessage) => {
    const message = answers[index % answers.length];
    const confirmed = confirmedUpTo(last, (upTo) => {
      toAcknowledge = upTo;
      acknowledge();
    });
    if (message !== undefined) send(publishing, exchange, routingKey, message, confirmed);
  };
  const answerTogether = oncePerTurn(() => {
    const last = waiting.at(-1);
    if (last !== undefined) answer(waiting.length - 1, last);
    waiting = [];
  });
  await consuming.consume(queuesOf(CHAMPION).features, (message) => {
    if (message === null) return;
    if (gathers) {
      waiting.push(message);
      answerTogether();
    } else answer(answered++, message);
  });
  await ready();
  return new Promise<never>(() => undefined);
});

/** Confirms may come in any order; a message is passed on when it and all before it are confirmed. */
function inOrder() {
  const open: { readonly message: ConsumeMessage; isConfirmed: boolean }[] = [];
  return (message: ConsumeMessage, passOn: (upTo: ConsumeMessage) => void): (() => void) => {
    const entry = { message, isConfirmed: false };
    open.push(entry);
    return () => {
      entry.isConfirmed = true;
      let upTo: ConsumeMessage | undefined;
      while (open[0]?.isConfirmed === true) upTo = open.shift()?.message;
      if (upTo !== undefined) passOn(upTo);
    };
  };
}
