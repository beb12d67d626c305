import type { Alert } from "@streamgauge/core";

/** What a receiver gets in one message. */
export type Notification =
  | { readonly kind: "alert"; readonly id: string; readonly alert: Alert }
  | {
      readonly kind: "summary";
      readonly id: string;
      /** Oldest first. */
      readonly alerts: readonly Alert[];
      /** Older alerts that were left out because too many waited; they are in the file of alerts. */
      readonly skipped: number;
    };

/** Someone who is sent alerts. */
export interface Receiver {
  /** Known by this between two starts; has no secret in it. */
  readonly id: string;
  /** For logs and metrics: what it is and its host. */
  readonly name: string;
  /** Whether people read it: ALERTS_PER_HOUR limits what it gets. */
  readonly isLimited: boolean;
  /** Where what is missing here can be read; undefined for all but the file. */
  readonly path?: string;
  /** How often it gets the alerts that fire again, in ms; undefined: never. */
  readonly resendMs?: number;
  /** Resolves when the receiver has it. @param signal - gives up. @throws DeliveryError, or what the disk throws. */
  deliver(notification: Notification, signal: AbortSignal): Promise<void>;
  /** Sends again what fires. */
  resend?(firing: readonly Alert[], signal: AbortSignal): Promise<void>;
}

/** A receiver did not take a notification. The message has no secret in it. */
export class DeliveryError extends Error {
  override readonly name = "DeliveryError";
  /** Whether it refused this very message: others may get through. */
  readonly refusesMessage: boolean;
  /** How long it asked not to be sent anything, in ms; 0 if it did not. */
  readonly retryAfterMs: number;

  constructor(message: string, { refusesMessage = false, retryAfterMs = 0 } = {}) {
    super(message);
    this.refusesMessage = refusesMessage;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The alerts of a notification. */
export function alertsOf(notification: Notification): readonly Alert[] {
  return notification.kind === "alert" ? [notification.alert] : notification.alerts;
}
