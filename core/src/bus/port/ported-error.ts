import { ConfigError } from "../../runtime/config.js";
import { BusClosedError, MessageTooLargeError, NoRouteError, QueueTakenError, UnfinishedError, UnsendableMessageError } from "../bus.js";

/** An error between threads, which exchange the fields of errors and not their classes. */
export interface PortedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Errors that callers tell apart. */
const CLASSES = {
  ConfigError,
  BusClosedError,
  MessageTooLargeError,
  NoRouteError,
  QueueTakenError,
  UnfinishedError,
  UnsendableMessageError,
};

export function portedError(thrown: unknown): PortedError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { name, message, stack } = error;
  const isKnown = Object.hasOwn(CLASSES, name);
  return { name, message, stack, fields: isKnown ? Object.fromEntries(Object.entries(error).filter(([field]) => field !== "cause")) : {} };
}

/** The error as it was, of the same class if callers tell that apart. */
export function errorOfPort({ name, message, stack, fields }: PortedError): Error {
  const error = new Error(message);
  const known = Object.entries(CLASSES).find(([known]) => known === name)?.[1];
  if (known !== undefined) Object.setPrototypeOf(error, known.prototype);
  return Object.assign(error, { ...fields, name, ...(stack === undefined ? {} : { stack }) });
}
