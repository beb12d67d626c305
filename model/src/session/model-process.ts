import { answerTo, describe } from "./answering.js";
import { openModel } from "./open-model.js";
import type { ProcessMessage, ProcessOptions } from "./process-messages.js";
import type { Question } from "./worker-messages.js";

/** What runs in the process of a ProcessModel: opens the model, says what it is, and answers questions until its parent goes. */

// Ctrl-C reaches all processes of a terminal. What is in hand is still to be answered: the parent ends this one.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => undefined);
process.on("disconnect", () => process.exit(0));

function say(message: ProcessMessage): void {
  // Nobody hears it where the parent has gone; then this process ends as well.
  process.send?.(message, undefined, undefined, () => undefined);
}

const { path, options }: ProcessOptions = JSON.parse(process.argv[2] ?? "");
try {
  const model = await openModel(path, options);
  process.on("message", (question: Question) => {
    void answerTo(model, question).then((answer) => say({ answer }));
  });
  say({ opened: describe(model) });
} catch (error) {
  say({ refused: error instanceof Error ? error.message : String(error) });
}
